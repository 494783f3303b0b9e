"""`check`: config, content, key and database; every fault on its own line, exit code 1, else a summary."""

import argparse
import asyncio
import sys
from pathlib import Path

from bot.commands.common import KNOWLEDGE_FOLDER, add_config
from bot.config import Settings, load_settings
from bot.domain.errors import ConfigFaults, SafeHouseError
from knowledge.faults import KnowledgeFaults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--knowledge", type=Path, default=KNOWLEDGE_FOLDER, help="内容文件夹")


def run(arguments: argparse.Namespace) -> int:
    """All faults of all parts at once: nobody wants to find them one by one."""
    faults: list[str] = []
    summary: list[str] = []
    settings = _check_config(arguments.config, faults, summary)
    region = settings.organisation.region if settings else "ningxia/yinchuan"
    _check_knowledge(arguments.knowledge, region, faults, summary)
    if settings is not None:
        asyncio.run(_check_store(settings, faults, summary))
    for line in faults:
        print(line, file=sys.stderr)
    if faults:
        print(f"共 {len(faults)} 处要改。", file=sys.stderr)
        return 1
    print("\n".join(summary))
    return 0


def _check_config(path: Path, faults: list[str], summary: list[str]) -> Settings | None:
    try:
        settings = load_settings(path)
    except ConfigFaults as found:
        faults += found.faults
        return None
    on = [name for name, wanted in (("网页", settings.channels.webchat.enabled),) if wanted]
    on += ["Telegram"] if settings.telegram_on() else []
    summary.append(f"设置：{path.name} 没有问题。渠道：{'、'.join(on) or '无'}。")
    return settings


def _check_knowledge(folder: Path, region: str, faults: list[str], summary: list[str]) -> None:
    from knowledge.loader import load_knowledge
    from knowledge.wording import load_wording

    try:
        known = load_knowledge(folder, region)
    except KnowledgeFaults as found:
        faults += [str(fault) for fault in found.faults]
    else:
        asked = sum(len(entry.ask) for entry in known.entries.values())
        waiting = sum(entry.review.status == "待律师审核" for entry in known.entries.values())
        summary.append(
            f"内容：{len(known.entries)} 个主题，{asked} 种问法，{waiting} 个待律师审核；"
            f"竞答 {len(known.campaigns)} 场，"
            f"{sum(len(one.questions) for one in known.campaigns.values())} 道题；地区 {known.region.name}。"
        )
    try:
        load_wording(folder)
    except KnowledgeFaults as found:
        faults += [str(fault) for fault in found.faults]


async def _check_store(settings: Settings, faults: list[str], summary: list[str]) -> None:
    """Look at a store that is there; a first start makes key and database, a check makes nothing."""
    from bot.domain.clock import RealClock
    from bot.domain.signals import Signals
    from storage.sqlite import database_path, open_store

    path = database_path(settings.storage.url)
    if not path.exists():
        summary.append("数据库：还没有，第一次启动时建立。")
        return
    try:
        async with open_store(
            settings.storage.url, settings.storage.key_file, RealClock(), Signals(), exclusive=False
        ) as store:
            staff = await store.read(lambda unit: len(unit.staff.all()))
            queues = await store.read(lambda unit: {**unit.outbox.counts(), **unit.inbox.counts()})
    except SafeHouseError as error:
        faults.append(f"{path.name}: storage: {error}")
        return
    summary.append(
        f"数据库：打得开，密钥对得上。账号 {staff} 个；待处理 {queues.get('pending', 0)}，"
        f"待发 {queues.get('queued', 0)}，发不出 {queues.get('dead', 0)}。"
    )
