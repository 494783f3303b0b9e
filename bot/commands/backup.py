"""`backup DIR`: a copy of database, keys and files while the server runs."""

import argparse
from pathlib import Path

from bot.commands.common import add_config, fail, read_settings
from bot.commands.progress import progress
from bot.domain.clock import RealClock
from bot.domain.errors import SafeHouseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("folder", type=Path, metavar="文件夹")


def run(arguments: argparse.Namespace) -> int:
    from storage.backup import backup

    settings = read_settings(arguments)
    if settings is None:
        return 1
    try:
        made = backup(settings.storage.url, arguments.folder, RealClock(), progress("备份附件"))
    except (SafeHouseError, OSError) as error:
        return fail(str(error))
    print(f"已备份：{made.stamp}。附件 {made.files} 个，新复制 {made.copied} 个。")
    print(f"清掉过期的旧备份 {made.removed} 份。")
    print(f"密钥不在备份里，请另外保存：{settings.storage.key_file}")
    return 0
