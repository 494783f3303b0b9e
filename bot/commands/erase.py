"""`erase`: forgets a case, or everything of a person, for good."""

import argparse
import asyncio
import sys

from bot.commands.common import add_config, fail, read_settings
from bot.config import Settings
from bot.domain.clock import RealClock
from bot.domain.errors import NotFound, SafeHouseError
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.receipt_codes import read_code
from bot.domain.signals import Signals


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--case", metavar="案件编号", help="只清除这个案件的内容")
    which.add_argument("--code", metavar="回执码", help="清除持有这个回执码的人的全部数据")
    parser.add_argument("--yes", action="store_true", help="不再询问")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(arguments)
    if settings is None:
        return 1
    if not arguments.yes:
        print("清除之后谁也恢复不了。确认请输入 清除：", end="", flush=True)
        if sys.stdin.readline().strip() != "清除":
            return fail("没有清除。")
    try:
        return asyncio.run(_erase(settings, arguments))
    except NotFound:
        return fail("没有找到，请核对编号。什么也没有清除。")
    except SafeHouseError as error:
        return fail(str(error))


async def _erase(settings: Settings, arguments: argparse.Namespace) -> int:
    from storage.operations import erase_person, remove_erased_files
    from storage.sqlite import open_store

    clock = RealClock()
    async with open_store(
        settings.storage.url, settings.storage.key_file, clock, Signals(), exclusive=False
    ) as store:
        if arguments.case:

            def erase_case(unit: Unit) -> None:
                cards = unit.cases.cards(CaseFilter(number=arguments.case))
                if not cards:
                    raise NotFound("case")
                unit.audit.append("system", "erase_case", cards[0].id, clock.now())
                unit.cases.erase(cards[0].id)

            await store.write(erase_case)
            files = await remove_erased_files(store)
            print(f"已清除案件 {arguments.case} 的内容和 {files} 个附件；编号、类别和时间留作统计。")
            return 0
        people = await store.read(lambda unit: _holders(unit, arguments.code))
        for person_id in people:
            report = await erase_person(store, person_id, clock.now(), "system")
            print(
                f"已清除一个人的数据：案件 {len(report.case_ids)} 个，附件 {report.files} 个。"
                f"聊天软件里还有 {len(report.remote_ids)} 条消息，我们删不到，请告诉本人自己删。"
            )
    return 0


def _holders(unit: Unit, typed: str) -> tuple[str, ...]:
    code = read_code(typed)
    case_id = unit.cases.find_by_code(code.digits) if code and code.sound else None
    if case_id is None:
        raise NotFound("code")
    return tuple(unit.cases.people_of(case_id))
