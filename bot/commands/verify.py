"""`verify`: integrity, audit chain, sealed values, scores and files; findings on their own lines."""

import argparse
import asyncio

from bot.commands.common import add_config, fail, read_settings
from bot.config import Settings
from bot.domain.clock import RealClock
from bot.domain.errors import SafeHouseError
from bot.domain.signals import Signals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--samples", type=int, metavar="N", help="每种密文只抽查 N 条，默认全部")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(arguments)
    if settings is None:
        return 1
    try:
        return asyncio.run(_verify(settings, arguments.samples))
    except SafeHouseError as error:
        return fail(str(error))


async def _verify(settings: Settings, samples: int | None) -> int:
    from storage.sqlite import database_path, open_store
    from storage.verify import verify

    if not database_path(settings.storage.url).exists():
        return fail("还没有数据库，没有可以核对的。")
    async with open_store(
        settings.storage.url, settings.storage.key_file, RealClock(), Signals(), exclusive=False
    ) as store:
        findings = await verify(store, samples)
    for finding in findings:
        print(finding.sentence())
    if findings:
        return fail(f"发现 {len(findings)} 处问题。先停用、保留现场，再从备份恢复；见 docs/operations.md。")
    print("核对完毕：数据库完整，审计链连贯，密文都打得开，附件齐全。")
    return 0
