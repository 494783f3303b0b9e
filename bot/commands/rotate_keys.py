"""`rotate-keys`: a new master key, while the server runs."""

import argparse

from bot.commands.common import add_config, fail, read_settings
from bot.domain.errors import SafeHouseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--drop-old", action="store_true", help="不再换新，只删掉文件里的旧密钥（更换后至少过 48 小时再做）"
    )


def run(arguments: argparse.Namespace) -> int:
    from storage.operations import drop_old_keys, rotate_keys

    settings = read_settings(arguments)
    if settings is None:
        return 1
    place = settings.storage
    try:
        if arguments.drop_old:
            gone = drop_old_keys(place.url, place.key_file)
            print(f"已删掉旧密钥 {len(gone)} 把。用它们包过的旧备份从此打不开。")
            return 0
        report = rotate_keys(place.url, place.key_file)
    except (SafeHouseError, OSError) as error:
        return fail(str(error))
    print(f"已换成新的主密钥（编号 {report.new}），重新包好 {report.rewrapped} 把数据密钥。")
    print(f"请马上把 {place.key_file} 另外备份一份，旧的备份先留 48 小时。")
    return 0
