"""`evaluate`: how often the answer is right, how often the bot rightly keeps silent; fits its sureness."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.commands.common import KNOWLEDGE_FOLDER, fail
from bot.commands.progress import progress
from knowledge.calibration import Calibration
from knowledge.evaluate import (
    QUESTIONS,
    Outcome,
    Summary,
    by_category,
    by_source,
    fit_calibration,
    measure,
    read_questions,
    summarise,
    within,
)
from knowledge.faults import KnowledgeFaults
from knowledge.index import FaqIndex
from knowledge.loader import DEFAULT_REGION, Knowledge, load_knowledge

NAME = "evaluate"
HELP = "用标注好的问题衡量回答得准不准"
_HEADINGS = ("题数", "首位对", "前三有", "MRR", "直接答", "答对", "给选项", "选项里有", "界外", "界外被答")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `python -m bot evaluate`."""
    parser.add_argument("file", type=Path, nargs="?", default=QUESTIONS,
                        help="标注好的问题，.jsonl 或 tests/questions 那样的文件夹（默认后者）")  # fmt: skip
    parser.add_argument("--predictions", type=Path, metavar="OUT.jsonl", help="把每题的结果写到这里")
    parser.add_argument("--categories", default="", metavar="a,b", help="只量这些类别，如 maternity,dignity")
    parser.add_argument("--fit", action="store_true", help="先重新拟合“有多大把握”，写进 calibration.json")


def run(args: argparse.Namespace) -> int:
    """Measures, prints a table, writes predictions; exit code 1 when something cannot be read."""
    try:
        knowledge = load_knowledge(KNOWLEDGE_FOLDER, DEFAULT_REGION)
        asked = read_questions(args.file)
        if args.fit:
            own = within(read_questions(QUESTIONS), knowledge)
            fit_calibration(knowledge, own, progress("拟合")).save()
    except KnowledgeFaults as faults:
        return fail(str(faults))
    except (OSError, ValueError, KeyError) as error:
        return fail(f"读不了 {args.file}：{error}。每行应是一个 JSON 对象，至少有 id、text、topics、scope。")
    if not asked:
        return fail(f"{args.file} 里没有问题。")
    categories = frozenset(filter(None, args.categories.split(",")))
    unknown = categories - {topic.category for topic in knowledge.topics.values()}
    if unknown:
        return fail(f"没有这些类别：{'、'.join(sorted(unknown))}")
    index = FaqIndex.build(knowledge, Calibration.load())
    outcomes = measure(index, within(asked, knowledge, categories or None), progress("评测"))
    if args.predictions:
        args.predictions.write_text("".join(f"{one.as_json()}\n" for one in outcomes), encoding="utf-8")
    _print_report(outcomes, knowledge)
    return 0


def _print_report(outcomes: Sequence[Outcome], knowledge: Knowledge) -> None:
    total = len(knowledge.topics)
    print(f"已写 {len(knowledge.entries)}/{total} 个主题；没写的主题上的问题算“界外”（uncovered）。")
    _print_table({"全部": outcomes})
    _print_table(by_source(outcomes))
    _print_table(by_category(outcomes, knowledge))


def _print_table(groups: Mapping[str, Sequence[Outcome]]) -> None:
    print("\n" + "".join([_padded("", 16), *(_padded(heading, 10) for heading in _HEADINGS)]))
    for name, outcomes in groups.items():
        print("".join([_padded(name, 16), *(_padded(cell, 10) for cell in _cells(summarise(outcomes)))]))


def _cells(summary: Summary) -> list[str]:
    shares = [
        summary.top1, summary.top3, summary.mrr, summary.answered, summary.right_among_answered,
        summary.offered, summary.offered_holds_it,
    ]  # fmt: skip
    written = [_written(share) for share in shares]
    return [str(summary.questions), *written, str(summary.outside), _written(summary.outside_answered)]


def _written(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _padded(text: str, width: int) -> str:
    """Chinese characters take two columns on a terminal."""
    taken = sum(2 if ord(char) > 0x2E7F else 1 for char in text)
    return text + " " * max(1, width - taken)
