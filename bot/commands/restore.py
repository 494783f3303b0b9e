"""`restore DIR`: builds the store from a backup in an empty place, with the key file."""

import argparse
from pathlib import Path

from bot.commands.common import add_config, fail, read_settings
from bot.domain.clock import RealClock
from bot.domain.errors import SafeHouseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("folder", type=Path, metavar="文件夹")
    parser.add_argument("--content", metavar="时间戳", help="恢复哪一份内容，默认最新的一份")


def run(arguments: argparse.Namespace) -> int:
    from storage.backup import restore

    settings = read_settings(arguments)
    if settings is None:
        return 1
    place = settings.storage
    try:
        found = restore(arguments.folder, place.url, place.key_file, RealClock(), arguments.content)
    except (SafeHouseError, OSError) as error:
        return fail(str(error))
    print(f"已恢复：内容 {found.content}，密钥表 {found.keys}。")
    print(f"人 {found.people}，案件 {found.cases}，附件 {found.files}。")
    print(f"备份之后要求清除的，已重新抹去 {found.erased_again} 项。")
    if found.missing_files:
        print(f"备份里缺 {len(found.missing_files)} 个附件：{'、'.join(found.missing_files[:10])}")
    print("接下来运行 python -m bot verify 核对一遍，再启动。")
    return 0
