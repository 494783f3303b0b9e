"""Search over today's answers and over many more, beside rapidfuzz on the same phrasings."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter
from types import MappingProxyType

import yaml
from rapidfuzz import fuzz, process

from bench.measure import ROOT, Goal, Row, percentile, rounds_of
from knowledge.index import FaqIndex
from knowledge.loader import DEFAULT_FOLDER, DEFAULT_REGION, Knowledge, load_knowledge
from knowledge.models import Entry

QUERIES = 300
EACH = 10  # phrasings of an invented entry
GOALS = {3_000: Goal(1, 0.5, "ms"), 10_000: Goal(2, 1, "ms")}


def rows(rounds: int) -> list[Row]:
    """3,000 and 10,000 phrasings, and today's."""
    knowledge = load_knowledge(DEFAULT_FOLDER, DEFAULT_REGION)
    today = len(_phrasings(knowledge))
    return [_measure(sized(knowledge, size), size, size == today, rounds) for size in sorted({today, *GOALS})]


def sized(knowledge: Knowledge, phrasings: int) -> Knowledge:
    """The same knowledge with so many phrasings: fewer real entries, or invented ones besides."""
    today = len(_phrasings(knowledge))
    return _cut(knowledge, phrasings) if phrasings < today else _grown(knowledge, phrasings - today)


def _cut(knowledge: Knowledge, phrasings: int) -> Knowledge:
    entries = list(knowledge.entries.values())
    random.Random(1).shuffle(entries)
    kept: dict[str, Entry] = {}
    for entry in entries:
        if phrasings <= 0:
            break
        kept[entry.id] = entry.model_copy(update={"ask": entry.ask[:phrasings]})
        phrasings -= len(entry.ask)
    return replace(knowledge, entries=MappingProxyType(kept))


def _grown(knowledge: Knowledge, missing: int) -> Knowledge:
    """Each invented phrasing is half of one real one and half of another."""
    source = random.Random(1)
    real = _phrasings(knowledge)
    model = next(iter(knowledge.entries.values()))
    topic = knowledge.topics[model.id]
    entries, topics = dict(knowledge.entries), dict(knowledge.topics)
    while missing > 0:
        name = f"invented-{len(entries)}"
        ask = tuple(_invent(real, source) for _ in range(min(EACH, missing)))
        entries[name] = model.model_copy(update={"id": name, "ask": ask, "title": ask[0][:20], "next": ()})
        topics[name] = replace(topic, id=name)
        missing -= len(ask)
    return replace(knowledge, entries=MappingProxyType(entries), topics=MappingProxyType(topics))


def _invent(real: Sequence[str], source: random.Random) -> str:
    first, second = source.sample(real, 2)
    return first[: (len(first) + 1) // 2] + second[len(second) // 2 :]


def _phrasings(knowledge: Knowledge) -> list[str]:
    return [phrase for entry in knowledge.entries.values() for phrase in entry.ask]


def questions() -> list[str]:
    """Questions that are kept out of the index, ours and not ours, always in the same mixed order."""
    texts = [
        line["text"]
        for file in sorted((ROOT / "tests" / "questions").glob("*.yaml"))
        for line in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]
    random.Random(2).shuffle(texts)
    return texts[:QUERIES]


def _measure(knowledge: Knowledge, size: int, today: bool, rounds: int) -> Row:
    began = perf_counter()
    index = FaqIndex.build(knowledge)
    built_s = perf_counter() - began
    phrasings, asked = _phrasings(knowledge), questions()
    name = f"search, {size:,} phrasings" + (f" (today's {len(knowledge.entries)} topics)" if today else "")

    def extract(text: str) -> object:
        return process.extract(text, phrasings, scorer=fuzz.ratio, limit=3)

    _times(index.search, asked[:50]), _times(extract, asked[:50])
    ours: list[tuple[float, float]] = []
    other: list[tuple[float, float]] = []
    for _ in rounds_of(name, rounds):
        ours.append(_times(index.search, asked))
        other.append(_times(extract, asked))
    (p50, p99), (other_p50, other_p99) = (
        (median(pair[0] for pair in side), median(pair[1] for pair in side)) for side in (ours, other)
    )
    return Row(
        f"{name}, p99",
        f"p50 {p50:.2f} / p99 {p99:.2f} ms (built in {built_s:.1f} s)",
        f"rapidfuzz extract {other_p50:.2f} / {other_p99:.2f} ms",
        p50 / other_p50,
        p99,
        GOALS.get(size),
    )


def _times(search: Callable[[str], object], asked: Sequence[str]) -> tuple[float, float]:
    """p50 and p99 in ms."""
    times = []
    for text in asked:
        began = perf_counter()
        search(text)
        times.append((perf_counter() - began) * 1e3)
    return percentile(times, 0.5), percentile(times, 0.99)
