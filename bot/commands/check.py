"""`check`: config, content, key and database; every fault on its own line, exit code 1, else a summary.

Notes (long sentences, words of the trade, overdue reviews …) are told behind the summary and change no exit
code. `--law` and `--counts` list instead of checking, `--figures` proves every figure instead.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import KNOWLEDGE_FOLDER, add_config
from bot.config import Settings, load_settings
from bot.domain.errors import ConfigFaults, SafeHouseError
from knowledge.faults import KnowledgeFaults

if TYPE_CHECKING:
    from knowledge.loader import Written
    from knowledge.models import Region

_FEW = 5  # notes of a kind that are shown without --notes
_NOTES = {
    "overdue": "该复核的内容",
    "dead_end": "通向还没写的主题",
    "alike": "两个主题里意思一样的问法",
    "stray": "更像别的主题的问法",
    "sentence": "长句",
    "jargon": "没有解释的行话",
    "settings": "设置",
}


@dataclass(slots=True)
class _Report:
    """What was found so far: faults, notes by kind, and lines for the summary."""

    faults: list[str] = field(default_factory=list)
    notes: dict[str, list[str]] = field(default_factory=dict)
    summary: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--knowledge", type=Path, default=KNOWLEDGE_FOLDER, help="内容文件夹")
    parser.add_argument("--phrasings", action="store_true", help="再逐条看问法会不会跑到别的主题去（几秒钟）")
    parser.add_argument("--notes", action="store_true", help="提醒全部列出来，不只列前几条")
    parser.add_argument("--law", metavar="法律", help="列出引用这部法律的所有内容，例如 社会保险法")
    parser.add_argument("--article", metavar="条", help="和 --law 一起用，只看这一条，例如 第八十二条")
    parser.add_argument("--counts", action="store_true", help="各类内容有多少，列成表")
    parser.add_argument("--figures", action="store_true", help="逐个核对数字（天数、金额、倍数）写在哪一条")


def run(arguments: argparse.Namespace) -> int:
    """All faults of all parts at once: nobody wants to find them one by one."""
    report = _Report()
    settings = _check_config(arguments.config, report)
    region = settings.organisation.region if settings else "ningxia/yinchuan"
    if arguments.law or arguments.counts:
        return _list(arguments, region)
    if arguments.figures:
        from bot.commands.check_figures import print_proof

        return print_proof(arguments.knowledge, region)
    written = _check_knowledge(arguments.knowledge, region, report, phrasings=arguments.phrasings)
    if settings is not None and written is not None:
        _check_name(settings, written.knowledge.region, arguments.config.name, report)
    if settings is not None:
        asyncio.run(_check_store(settings, report))
    for line in report.faults:
        print(line, file=sys.stderr)
    if report.faults:
        print(f"共 {len(report.faults)} 处要改。", file=sys.stderr)
        return 1
    print("\n".join(report.summary))
    _print_notes(report.notes, None if arguments.notes else _FEW)
    return 0


def _list(arguments: argparse.Namespace, region: str) -> int:
    from bot.commands.check_lists import list_dependants, print_counts
    from knowledge.loader import load_knowledge

    try:
        knowledge = load_knowledge(arguments.knowledge, region)
    except KnowledgeFaults as found:
        print(found, file=sys.stderr)
        return 1
    if arguments.law:
        return list_dependants(knowledge, arguments.law, arguments.article)
    return print_counts(knowledge)


def _print_notes(notes: dict[str, list[str]], most: int | None) -> None:
    for kind, lines in notes.items():
        print(f"\n提醒（{_NOTES[kind]}）{len(lines)} 条，不影响启动：")
        print("\n".join(lines[:most]))
        if most is not None and len(lines) > most:
            print(f"……还有 {len(lines) - most} 条，加 --notes 全部列出。")


def _check_config(path: Path, report: _Report) -> Settings | None:
    try:
        settings = load_settings(path)
    except ConfigFaults as found:
        report.faults += found.faults
        return None
    on = [name for name, wanted in (("网页", settings.channels.webchat.enabled),) if wanted]
    on += ["Telegram"] if settings.telegram_on() else []
    report.summary.append(f"设置：{path.name} 没有问题。渠道：{'、'.join(on) or '无'}。")
    return settings


def _check_knowledge(folder: Path, region: str, report: _Report, *, phrasings: bool) -> Written | None:
    """What keeps the house shut, then what only a check looks for, then the other regions."""
    from bot.domain.civil_time import civil_day
    from bot.domain.clock import RealClock
    from knowledge.checks_all import look_over
    from knowledge.loader import read_all
    from knowledge.wording import load_wording

    written = None
    try:
        written = read_all(folder, region)
        regions = [written.knowledge.region, *_other_regions(folder, region, report)]
        findings = look_over(written, regions, civil_day(RealClock().now()), phrasings=phrasings)
        report.faults += [str(fault) for fault in findings.faults]
        report.notes |= {
            kind.value: [str(fault) for fault in found] for kind, found in findings.notes.items()
        }
        report.summary.append(_summary(written))
    except KnowledgeFaults as found:
        report.faults += [str(fault) for fault in found.faults]
    try:
        load_wording(folder)
    except KnowledgeFaults as found:
        report.faults += [str(fault) for fault in found.faults]
    return written


def _summary(written: Written) -> str:
    known = written.knowledge
    asked = sum(len(entry.ask) for entry in known.entries.values())
    waiting = sum(entry.review.status == "待律师审核" for entry in known.entries.values())
    return (
        f"内容：{len(known.entries)} 个主题，{asked} 种问法，{waiting} 个待律师审核；"
        f"故事 {len(known.stories)} 个，云课堂 {len(known.lessons)} 课，小工说法 {len(known.tips)} 条；"
        f"竞答 {len(known.campaigns)} 场，"
        f"{sum(len(one.questions) for one in known.campaigns.values())} 道题；地区 {known.region.name}。"
    )


def _other_regions(folder: Path, region: str, report: _Report) -> list[Region]:
    """The regions that this house does not serve are kept sound as well: somebody else's house does."""
    from knowledge.loader import load_knowledge
    from knowledge.region_reader import regions_in

    others: list[Region] = []
    for other in regions_in(folder):
        if other == region:
            continue
        try:
            others.append(load_knowledge(folder, other).region)
        except KnowledgeFaults as found:
            report.faults += [f"{fault}（地区 {other}）" for fault in found.faults]
    if others:
        report.summary.append(f"别的地区：{'、'.join(one.name for one in others)}，也没有问题。")
    return others


def _check_name(settings: Settings, region: Region, file: str, report: _Report) -> None:
    """Another city's folder with this city's name is what is forgotten first."""
    name = settings.organisation.name
    if region.union and name != region.union:
        wrong = f"写的是“{name}”，{region.name}的名录里是“{region.union}”"
        report.notes["settings"] = [f"{file}:1: organisation.name: {wrong} → 核对是不是忘了改"]


async def _check_store(settings: Settings, report: _Report) -> None:
    """Look at a store that is there; a first start makes key and database, a check makes nothing."""
    from bot.domain.clock import RealClock
    from bot.domain.signals import Signals
    from storage.sqlite import database_path, open_store

    path = database_path(settings.storage.url)
    if not path.exists():
        report.summary.append("数据库：还没有，第一次启动时建立。")
        return
    try:
        async with open_store(
            settings.storage.url, settings.storage.key_file, RealClock(), Signals(), exclusive=False
        ) as store:
            staff = await store.read(lambda unit: len(unit.staff.all()))
            queues = await store.read(lambda unit: {**unit.outbox.counts(), **unit.inbox.counts()})
    except SafeHouseError as error:
        report.faults.append(f"{path.name}: storage: {error}")
        return
    report.summary.append(
        f"数据库：打得开，密钥对得上。账号 {staff} 个；待处理 {queues.get('pending', 0)}，"
        f"待发 {queues.get('queued', 0)}，发不出 {queues.get('dead', 0)}。"
    )
