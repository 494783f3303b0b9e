"""`staff`: accounts from the machine itself; every change is in the audit chain."""

import argparse
import asyncio

from bot.commands.common import KNOWLEDGE_FOLDER, add_config, fail, read_settings
from bot.config import Settings
from bot.domain.clock import RealClock
from bot.domain.errors import NotFound, Refused, SafeHouseError
from bot.domain.ports import Unit
from bot.domain.signals import Signals
from bot.domain.staff import SYSTEM, Role, StaffMember


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    acts = parser.add_subparsers(dest="act", metavar="动作", required=True)
    add = acts.add_parser("add", help="新账号，打印一次性的设置链接")
    add.add_argument("name", metavar="姓名")
    add.add_argument(
        "--role",
        nargs="+",
        action="extend",
        required=True,
        choices=[role.value for role in Role],
        metavar="角色",
        help="、".join(role.value for role in Role),
    )
    acts.add_parser("list", help="列出账号")
    for act, words in (("disable", "停用，立刻退出"), ("reset", "密码和动态口令作废，打印新的设置链接")):
        acts.add_parser(act, help=words).add_argument("name", metavar="姓名")


def run(arguments: argparse.Namespace) -> int:
    settings = read_settings(arguments)
    if settings is None:
        return 1
    try:
        return asyncio.run(_act(arguments, settings))
    except Refused as refused:
        return fail(_in_words(refused))
    except NotFound:
        return fail(f"没有叫“{arguments.name}”的账号。用 python -m bot staff list 看看有哪些。")
    except SafeHouseError as error:
        return fail(str(error))


async def _act(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.services import accounts
    from storage.sqlite import open_store

    clock = RealClock()
    async with open_store(
        settings.storage.url, settings.storage.key_file, clock, Signals(), exclusive=False
    ) as store:
        now = clock.now()
        base = settings.web.public_url.rstrip("/")
        match arguments.act:
            case "add":
                roles = frozenset(Role(role) for role in arguments.role)
                member, token = await store.write(
                    lambda unit: accounts.invite(unit, SYSTEM, arguments.name, roles, now)
                )
                print(f"已添加 {member.name}。请本人在 48 小时内打开这个链接设置密码：")
                print(f"{base}/console/setup/{token}")
            case "list":
                for one in await store.read(lambda unit: unit.staff.all()):
                    roles_text = ",".join(sorted(role.value for role in one.roles))
                    state = "在用" if one.active else "已停用"
                    second = "已设动态口令" if one.has_totp else "未完成设置"
                    print(f"{one.name}\t{roles_text}\t{state}\t{second}")
            case "disable":

                def disable(unit: Unit) -> None:
                    accounts.disable(unit, SYSTEM, _named(unit, arguments.name).id, now)

                await store.write(disable)
                print(f"已停用 {arguments.name}。")
            case "reset":

                def reset(unit: Unit) -> str:
                    return accounts.reset(unit, SYSTEM, _named(unit, arguments.name).id, now)

                print("旧密码和动态口令已作废。请本人在 48 小时内打开：")
                print(f"{base}/console/setup/{await store.write(reset)}")
    return 0


def _named(unit: Unit, name: str) -> StaffMember:
    member = unit.staff.by_name(name)
    if member is None:
        raise NotFound("staff")
    return member


def _in_words(refused: Refused) -> str:
    from bot.services.case_messages import refusal
    from knowledge.wording import load_wording

    return refusal(load_wording(KNOWLEDGE_FOLDER), refused)
