"""`ask`: one question, answered in the terminal, without config, database or account."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import Any

from bot.commands.common import KNOWLEDGE_FOLDER, fail
from bot.domain.civil_time import civil_day
from bot.domain.clock import RealClock
from bot.domain.urgency import Danger, find_danger
from knowledge.amounts import LocalLine, fill, local_lines
from knowledge.faults import KnowledgeFaults
from knowledge.index import FaqIndex, Found, Unsure
from knowledge.loader import DEFAULT_REGION, Knowledge, load_knowledge
from knowledge.models import Entry
from knowledge.semantic import installed
from knowledge.wording import load_wording
from knowledge.wording_talk import Talk

NAME = "ask"
HELP = "在终端里问一句"
_CACHE = KNOWLEDGE_FOLDER.parent / "var" / "cache"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `python -m bot ask`."""
    parser.add_argument("question", metavar="问题", help="用自己的话说，例如：怀孕被开除")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Prints one answer, choices, or that there is none; exit code 0 in each of these cases."""
    try:
        knowledge = load_knowledge(KNOWLEDGE_FOLDER, DEFAULT_REGION)
        talk = load_wording(KNOWLEDGE_FOLDER).talk
    except KnowledgeFaults as faults:
        return fail(str(faults))
    answer = _answer(args.question, knowledge, talk)
    print(json.dumps(answer, ensure_ascii=False, indent=2) if args.json else _in_words(answer))
    return 0


def _answer(question: str, knowledge: Knowledge, talk: Talk) -> dict[str, Any]:
    """The same order as in the chat: danger, then the search."""
    answer: dict[str, Any] = {"danger": _danger(find_danger(question, knowledge.danger), knowledge, talk)}
    index = FaqIndex.build(knowledge, cache=_CACHE, encoder=installed())
    if index.recall():  # computing what is missing takes minutes: the bot does that, or `evaluate`
        index.prepare(question)
    match index.search(question):
        case Found(entry_id, probability):
            today = civil_day(RealClock().now())
            answer |= {"kind": "found", "probability": round(probability, 3)}
            return answer | _entry(knowledge.entries[entry_id], knowledge, today)
        case Unsure(entry_ids):
            choices = [{"topic": topic, "title": knowledge.entries[topic].title} for topic in entry_ids]
            return answer | {"kind": "unsure", "say": talk.ask.did_you_mean, "choices": choices}
    return answer | {"kind": "not_found", "say": talk.ask.not_found, "hotline": knowledge.region.hotline}


def _danger(danger: Danger | None, knowledge: Knowledge, talk: Talk) -> dict[str, Any] | None:
    if danger is None:
        return None
    say = talk.danger.first[danger.kind].replace("{hotline}", knowledge.region.hotline)
    return {"kind": danger.kind.value, "topic": danger.topic, "say": say}


def _entry(entry: Entry, knowledge: Knowledge, today: date) -> dict[str, Any]:
    region = knowledge.region

    def filled(text: str | None) -> str | None:
        return fill(text, region, today, region.hotline) if text else None

    return {
        "topic": entry.id,
        "title": entry.title,
        "short": filled(entry.short),
        "details": filled(entry.details),
        "steps": [filled(step) for step in entry.steps],
        "evidence": [filled(item) for item in entry.evidence],
        "say": filled(entry.say),
        "deadlines": _deadlines(entry, knowledge),
        "local": [_local(line) for line in local_lines(entry, region, today)],
        "citations": [citation.in_words() for citation in entry.citations],
        "handover": filled(entry.handover),
        "next": [{"topic": other.id, "title": other.title} for other in knowledge.related(entry)],
        "checked_on": entry.checked_on.isoformat(),
        "review": entry.review.status.value,
    }


def _deadlines(entry: Entry, knowledge: Knowledge) -> list[str]:
    labels = [knowledge.deadlines[name] for name in entry.deadlines]
    return [f"{one.label}：{one.in_words}（{one.law}）" for one in labels]


def _local(line: LocalLine) -> dict[str, Any]:
    if not line.stated:
        return {"label": line.label, "stated": False, "ask_at": line.ask_at}
    value = f"{line.value}{line.unit}"
    return {"label": line.label, "stated": True, "value": value, "verified_on": str(line.verified_on)}


def _in_words(answer: dict[str, Any]) -> str:
    """The same as plain text for people."""
    parts = [answer["danger"]["say"]] if answer["danger"] else []
    match answer["kind"]:
        case "found":
            parts += [f"【{answer['title']}】把握 {answer['probability']:.0%}", answer["short"]]
            parts += _listed("现在怎么做", answer["steps"], numbered=True)
            parts += _listed("留好这些", answer["evidence"])
            parts += _listed("期限", answer["deadlines"])
            parts += _listed("当地规定", [_local_in_words(line) for line in answer["local"]])
            parts += _listed("可以这样说", [answer["say"]] if answer["say"] else [])
            parts += _listed("依据", answer["citations"])
            parts += _listed("接着看", [other["title"] for other in answer["next"]])
            parts.append(f"核对日期 {answer['checked_on']}，{answer['review']}")
        case "unsure":
            parts += _listed(answer["say"], [choice["title"] for choice in answer["choices"]], numbered=True)
        case _:
            parts.append(answer["say"])
    return "\n\n".join(parts)


def _listed(heading: str, items: list[str], *, numbered: bool = False) -> list[str]:
    marks = (f"{number}. " if numbered else "· " for number in range(1, len(items) + 1))
    lines = [mark + item for mark, item in zip(marks, items, strict=True)]
    return ["\n".join([heading, *lines])] if items else []


def _local_in_words(line: dict[str, Any]) -> str:
    if not line["stated"]:
        return f"{line['label']}：当地数字还没有核实，请问 {line['ask_at']}"
    return f"{line['label']}：{line['value']}（{line['verified_on']} 核对）"
