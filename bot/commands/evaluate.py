"""`evaluate`: how often the answer is right, how often the bot rightly keeps silent; fits its sureness."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.commands.common import KNOWLEDGE_FOLDER, fail, padded
from bot.commands.progress import progress
from knowledge.calibration import FILE, SEMANTIC_FILE, Calibration
from knowledge.evaluate import (
    QUESTIONS,
    Asked,
    Outcome,
    Summary,
    by_category,
    by_scope,
    by_source,
    measure,
    read_questions,
    summarise,
    within,
)
from knowledge.faults import KnowledgeFaults
from knowledge.fitting import Fitter
from knowledge.index import FaqIndex
from knowledge.loader import DEFAULT_REGION, Knowledge, load_knowledge
from knowledge.noise import Noise, Spoiler, noised
from knowledge.reliability import Reliability
from knowledge.semantic import Encoder, Remembering, installed

NAME = "evaluate"
HELP = "用标注好的问题衡量回答得准不准"
_CACHE = KNOWLEDGE_FOLDER.parent / "var" / "cache"
_HEADINGS = ("题数", "首位对", "前三有", "MRR", "直接答", "答对", "给选项", "选项里有", "界外", "界外被答")
_NOISE_HEADINGS = ("首位对", "差", "前三有", "差", "直接答", "答对", "界外被答")


@dataclass(frozen=True, slots=True)
class _Bench:
    knowledge: Knowledge
    encoder: Encoder | None

    def index(self) -> FaqIndex:
        index = FaqIndex.build(self.knowledge, cache=_CACHE, encoder=self.encoder)
        index.warm_up(progress("句子的意思"))
        return index


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of `python -m bot evaluate`."""
    parser.add_argument("file", type=Path, nargs="?", default=QUESTIONS,
                        help="标注好的问题，.jsonl 或 tests/questions 那样的文件夹（默认后者）")  # fmt: skip
    parser.add_argument("--predictions", type=Path, metavar="OUT.jsonl", help="把每题的结果写到这里")
    parser.add_argument("--categories", default="", metavar="a,b", help="只量这些类别，如 maternity,dignity")
    parser.add_argument("--noise", action="store_true", help="再把每题按十种方式弄乱，看各掉多少")
    parser.add_argument("--lexical", action="store_true", help="装了 semantic 也只按字面找")
    parser.add_argument("--fit", action="store_true",
                        help="先重新拟合各部分的轻重和“有多大把握”，写进 calibration*.json")  # fmt: skip
    parser.add_argument("--with", type=Path, dest="given", metavar="FILE.jsonl",
                        help="拟合时也用这些题（只留下数字），并说明交叉验证的结果")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measures, prints tables, writes predictions; exit code 1 when something cannot be read."""
    reading = args.file
    try:
        knowledge = load_knowledge(KNOWLEDGE_FOLDER, DEFAULT_REGION)
        asked = read_questions(args.file)
        reading = args.given
        given = read_questions(args.given) if args.given else []
    except KnowledgeFaults as faults:
        return fail(str(faults))
    except (OSError, ValueError, KeyError) as error:
        return fail(f"读不了 {reading}：{error}。每行应是一个 JSON 对象，至少有 id、text、topics、scope。")
    if not asked:
        return fail(f"{args.file} 里没有问题。")
    categories = frozenset(filter(None, args.categories.split(",")))
    unknown = categories - {topic.category for topic in knowledge.topics.values()}
    if unknown:
        return fail(f"没有这些类别：{'、'.join(sorted(unknown))}")
    encoder = None if args.lexical else installed()
    if args.fit:
        _fit(knowledge, None, within(given, knowledge))
        if encoder:
            _fit(knowledge, encoder, within(given, knowledge))
    bench = _Bench(knowledge, Remembering(encoder, _CACHE) if encoder else None)
    index = bench.index()
    questions = within(asked, knowledge, categories or None)
    outcomes = measure(index, questions, progress("评测"))
    if args.predictions:
        args.predictions.write_text("".join(f"{one.as_json()}\n" for one in outcomes), encoding="utf-8")
    _print_report(outcomes, knowledge)
    if args.noise:
        _print_noise(index, questions, outcomes)
    return 0


def _fit(knowledge: Knowledge, encoder: Encoder | None, given: Sequence[Asked]) -> None:
    """Writes one calibration file, and the frequencies; with given questions says how honest it is."""
    own = within(read_questions(QUESTIONS), knowledge)
    fitter = Fitter(knowledge, own, encoder, _CACHE, progress("拟合"))
    answer_at = Calibration.load(SEMANTIC_FILE if encoder else FILE).answer_at
    if given:
        print(f"\n=== {'按意思' if encoder else '按字面'}，五折交叉验证：每题用没见过它的数字来判 ===")
        crossed = fitter.crossed(given)
        answer_at = fitter.threshold(crossed)
        print(f"把握从 {answer_at:.2f} 起直接答。")
        _print_report([one.answered_from(answer_at) for one in crossed], knowledge)
    found = fitter.fitted(given)
    replace(found.calibration, answer_at=answer_at).save(SEMANTIC_FILE if encoder else FILE)
    found.frequency.save()


def _print_report(outcomes: Sequence[Outcome], knowledge: Knowledge) -> None:
    total = len(knowledge.topics)
    print(f"已写 {len(knowledge.entries)}/{total} 个主题；没写的主题上的问题算“界外”（uncovered）。")
    _print_table({"全部": outcomes})
    _print_table(by_source(outcomes))
    _print_table(by_category(outcomes, knowledge))
    _print_reliability(outcomes)


def _print_table(groups: Mapping[str, Sequence[Outcome]]) -> None:
    print("\n" + "".join([padded("", 16), *(padded(heading, 10) for heading in _HEADINGS)]))
    for name, outcomes in groups.items():
        print("".join([padded(name, 16), *(padded(cell, 10) for cell in _cells(summarise(outcomes)))]))


def _print_reliability(outcomes: Sequence[Outcome]) -> None:
    for name, group in {"all": outcomes, **by_scope(outcomes)}.items():
        found = Reliability.of(group)
        if not found.bins:
            continue
        print(f"\n把握可信吗（{name}）：平均误差 {found.error:.3f}")
        print("".join(padded(heading, 12) for heading in ("把握", "题数", "平均把握", "首位对")))
        for one in found.bins:
            cells = (f"{one.start:.1f}–{one.start + 0.1:.1f}", str(one.count), _written(one.stated),
                     _written(one.right))  # fmt: skip
            print("".join(padded(cell, 12) for cell in cells))


def _print_noise(index: FaqIndex, asked: Sequence[Asked], clean: Sequence[Outcome]) -> None:
    """What each noise costs, against the clean text; outside questions are spoilt as well."""
    spoiler, base = Spoiler.load(), summarise(clean)
    spoilt: dict[str, Summary] = {}
    for kind in Noise:
        spoilt[kind] = summarise(measure(index, noised(asked, kind, spoiler), progress(kind)))
    print("\n" + "".join([padded("", 16), *(padded(heading, 10) for heading in _NOISE_HEADINGS)]))
    for name, one in {"clean": base, **spoilt}.items():
        cells = (
            _written(one.top1), _lost(one.top1, base.top1), _written(one.top3), _lost(one.top3, base.top3),
            _written(one.answered), _written(one.right_among_answered), _written(one.outside_answered),
        )  # fmt: skip
        print("".join([padded(name, 16), *(padded(cell, 10) for cell in cells)]))


def _lost(share: float | None, base: float | None) -> str:
    return "–" if share is None or base is None else f"{share - base:+.3f}"


def _cells(summary: Summary) -> list[str]:
    shares = [
        summary.top1, summary.top3, summary.mrr, summary.answered, summary.right_among_answered,
        summary.offered, summary.offered_holds_it,
    ]  # fmt: skip
    written = [_written(share) for share in shares]
    return [str(summary.questions), *written, str(summary.outside), _written(summary.outside_answered)]


def _written(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
