"""The search: finds what she means, says when it is not sure, and is not thrown by how she types."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.calibration import NUMBERS, Calibration
from knowledge.index import FaqIndex, Found, NotFound, Unsure
from knowledge.learned import cache_file
from knowledge.loader import load_knowledge
from knowledge.models import Knowledge

ALWAYS = Calibration(100.0, (0.0,) * len(NUMBERS))
NEVER = Calibration.never_sure()


def test_a_phrasing_that_was_taught_is_found(real: Knowledge, real_index: FaqIndex) -> None:
    texts = [(entry.id, text) for entry in real.entries.values() for text in entry.ask[::4]]
    wrong = [text for topic, text in texts if real_index.rank(text, 1)[0].entry_id != topic]
    assert len(wrong) <= 0.02 * len(texts), wrong


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("怀孕被厂里辞退了怎么办", "pregnancy-dismissal"),
        ("哺乳期每天喂奶时间有多长", "nursing-break"),
        ("主管老摸我腿，我该怎么办", "harassment-what-to-do"),
        ("老板欠我四个月工资一直不给", "wage-arrears"),
    ],
)
def test_everyday_questions_get_one_answer(real_index: FaqIndex, text: str, topic: str) -> None:
    found = real_index.search(text)
    assert isinstance(found, Found), found
    assert found.entry_id == topic
    assert 0.6 <= found.probability <= 1


@pytest.mark.parametrize(
    "text",
    [
        "怀孕能吃虾吗", "红烧肉怎么做", "公积金贷款额度", "离婚房子怎么分", "今天天气怎么样", "hello",
        "工资卡密码忘了怎么办", "产后怎么瘦肚子", "13800138000", "😀😀", "", "   ", "。。。", "\u200b",
    ],
)  # fmt: skip
def test_what_is_not_ours_is_not_answered(real_index: FaqIndex, text: str) -> None:
    assert not isinstance(real_index.search(text), Found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("懷孕了公司把我辭退了怎麼辦", "怀孕了公司把我辞退了怎么办"),
        ("怀孕了公司把我ct了怎么办", "怀孕了公司把我辞退了怎么办"),
        ("怀孕了公司把我citui了怎么办", "怀孕了公司把我辞退了怎么办"),
        ("wo huaiyun le laoban yao citui wo", "我怀孕了老板要辞退我"),
        ("老板 fire 我，salary 也不给", "老板辞退我，工资也不给"),
        ("坏云了公司把我词退了怎么办", "怀孕了公司把我辞退了怎么办"),
        ("喂你好，请问一下，怀孕了公司把我辞退了怎么办，谢谢", "怀孕了公司把我辞退了怎么办"),
        ("怀\u200b孕了公司把我辞 退了怎么办！！！", "怀孕了公司把我辞退了怎么办"),
        ("ＨＲ说产假只有９８天", "hr说产假只有98天"),
    ],
)
def test_how_she_types_does_not_change_the_answer(real_index: FaqIndex, written: str, meant: str) -> None:
    assert real_index.rank(written, 1)[0].entry_id == real_index.rank(meant, 1)[0].entry_id


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("怀孕七个月老板让我走", "pregnancy-dismissal"),
        ("怀孕7个月公司不要我了", "pregnancy-dismissal"),
        ("怀孕八个月厂里让我走人", "pregnancy-dismissal"),
        ("怀孕三个月，老板说不用来了", "pregnancy-dismissal"),
        ("怀孕七个月上班想歇一会儿不让歇", "pregnancy-rest-seven-months"),
    ],
)
def test_a_number_of_months_decides_nothing(real_index: FaqIndex, text: str, topic: str) -> None:
    found = real_index.search(text)
    assert isinstance(found, Found), found
    assert found.entry_id == topic


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("产假多少天", "maternity-leave-length"), ("产假几天", "maternity-leave-length"),
        ("产假是多少天呀", "maternity-leave-length"), ("怀孕被辞退", "pregnancy-dismissal"),
        ("怀孕被开除怎么办", "pregnancy-dismissal"), ("被辞退怎么赔", "dismissal-illegal"),
        ("没签合同", "contract-unsigned-double-wage"), ("拖欠工资", "wage-arrears"),
        ("家暴怎么办", "domestic-violence"), ("什么时候退休", "retirement-age-women"),
        ("单位不交社保", "insurance-not-paid"), ("失业金咋领", "insurance-unemployment"),
        ("怎样申请仲裁", "remedy-arbitration-how"), ("想要加班费", "wage-overtime"),
        ("工伤赔多少钱", "injury-benefits"), ("陪产假有几天", "leave-paternity"),
        ("被上司性骚扰", "harassment-what-to-do"), ("女的几岁退", "retirement-age-women"),
    ],
)  # fmt: skip
def test_a_short_clear_question_is_answered(real_index: FaqIndex, text: str, topic: str) -> None:
    found = real_index.search(text)
    assert isinstance(found, Found), found
    assert found.entry_id == topic


def test_every_title_and_phrasing_is_answered_by_its_own_topic(real: Knowledge, real_index: FaqIndex) -> None:
    texts = [(entry.id, text) for entry in real.entries.values() for text in (entry.title, *entry.ask[::6])]
    missed = [text for topic, text in texts if not _says(real_index.search(text), topic)]
    assert len(missed) <= 0.03 * len(texts), missed


def _says(answer: object, topic: str) -> bool:
    return isinstance(answer, Found) and answer.entry_id == topic


@pytest.mark.parametrize(
    "text",
    ["那能赔多少", "那要赔多少钱呢", "那要准备什么", "需要什么证据", "老板不同意怎么办", "多久", "然后呢"],
)
def test_a_follow_up_without_a_matter_of_its_own_keeps_the_topic(real_index: FaqIndex, text: str) -> None:
    for topic in ("pregnancy-dismissal", "wage-arrears", "maternity-leave-length"):
        assert _says(real_index.search(text, topic), topic)


@pytest.mark.parametrize(
    ("topic", "text", "meant"),
    [
        ("pregnancy-dismissal", "那试用期呢", "probation-pregnancy-dismissal"),
        ("pregnancy-dismissal", "那合同到期呢", "contract-expiry-during-pregnancy"),
        ("pregnancy-dismissal", "如果我辞职呢", "pregnancy-resignation"),
        ("maternity-leave-length", "那流产呢", "maternity-leave-miscarriage"),
        ("maternity-leave-length", "那双胞胎呢", "maternity-leave-dystocia-multiples"),
        ("injury-application", "那没交保险呢", "injury-uninsured"),
    ],
)
def test_a_follow_up_is_read_with_what_was_talked_about(
    real_index: FaqIndex, topic: str, text: str, meant: str
) -> None:
    answer = real_index.search(text, topic)
    first = answer.entry_id if isinstance(answer, Found) else getattr(answer, "entry_ids", ("",))[0]
    assert first == meant


@pytest.mark.parametrize(
    "text", ["怀孕能吃虾吗", "今天天气真好", "那怀孕能吃虾吗", "那红烧肉怎么做", "1", "？", "😀"]
)
def test_what_is_no_follow_up_is_not_answered_from_the_topic(real_index: FaqIndex, text: str) -> None:
    assert not isinstance(real_index.search(text, "pregnancy-dismissal"), Found)


def test_a_whole_question_is_answered_for_itself_whatever_was_talked_about(real_index: FaqIndex) -> None:
    assert _says(real_index.search("拖欠工资怎么要", "pregnancy-dismissal"), "wage-arrears")
    assert _says(real_index.search("那公司一直不给我交社保呢", "pregnancy-dismissal"), "insurance-not-paid")


def test_a_topic_nobody_knows_is_ignored(real_index: FaqIndex) -> None:
    assert real_index.search("拖欠工资怎么要", "no-such-topic") == real_index.search("拖欠工资怎么要")


def test_a_long_story_with_several_issues_names_each(real_index: FaqIndex) -> None:
    story = "我在饭店干了两年，老板拖欠我三个月工资不给。现在我怀孕五个月了，他说不要我了让我走人。"
    assert {"wage-arrears", "pregnancy-dismissal"} <= set(real_index.several(story))


def test_one_issue_gives_no_list_of_others(real_index: FaqIndex) -> None:
    assert len(real_index.several("怀孕了被公司辞退了怎么办")) <= 1


def test_a_text_of_a_hundred_thousand_characters_is_bounded_work(real_index: FaqIndex) -> None:
    text = "老板拖欠工资，" * 14_000
    ranked = real_index.rank(text, 3)
    assert ranked[0].entry_id == "wage-arrears"
    assert len(real_index.several(text)) <= 3


def test_sureness_decides_between_answer_choice_and_silence(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    text = "老板一直拖着工资"
    assert FaqIndex.build(knowledge, ALWAYS).search(text) == Found(
        "arrears", 1 / (1 + 2.718281828459045**-30)
    )
    unsure = FaqIndex.build(knowledge, Calibration(-0.5, (0.0,) * len(NUMBERS))).search(text)
    assert isinstance(unsure, Unsure)
    assert unsure.entry_ids[0] == "arrears"
    assert len(unsure.entry_ids) == 3
    assert FaqIndex.build(knowledge, NEVER).search(text) == NotFound()


def test_unwritten_topics_and_outside_fields_are_never_shown(real: Knowledge, real_index: FaqIndex) -> None:
    for text in ("怀孕能吃虾吗", "高温津贴", "你好"):
        assert {ranked.entry_id for ranked in real_index.rank(text, 500)} == set(real.entries)


def test_a_curator_sees_why(real_index: FaqIndex) -> None:
    why = real_index.explain("坏云了公司把我词退了")
    assert why.ranked[0].entry_id == "pregnancy-dismissal"
    assert why.reread == "怀孕了公司把我辞退了"
    assert set(why.evidence) == set(NUMBERS)
    assert why.nearest_phrasing
    assert why.rival.startswith(("outside:", "unwritten:"))


def test_what_is_kept_answers_as_what_was_learned_and_is_replaced_with_the_content(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    knowledge = load_knowledge(folder)
    learned = FaqIndex.build(knowledge, ALWAYS, cache)
    first = cache_file(cache, knowledge.version)
    assert list(cache.iterdir()) == [first]
    kept = FaqIndex.build(knowledge, ALWAYS, cache)
    for text in ("老板拖欠工资", "试用期几个月", "让我走人", "怀孕能吃虾吗"):
        assert learned.rank(text) == kept.rank(text)
        assert learned.explain(text) == kept.explain(text)
    FaqIndex.build(replace(knowledge, version="other"), ALWAYS, cache)
    assert list(cache.iterdir()) == [cache_file(cache, "other")]


@pytest.mark.parametrize("damage", [b"", b"broken", None])
def test_a_broken_cache_file_is_learned_anew(folder: Path, tmp_path: Path, damage: bytes | None) -> None:
    knowledge = load_knowledge(folder)
    file = cache_file(tmp_path, knowledge.version)
    right = FaqIndex.build(knowledge, ALWAYS, tmp_path).rank("老板拖欠工资")
    file.write_bytes(file.read_bytes()[:-5000] if damage is None else damage)
    assert FaqIndex.build(knowledge, ALWAYS, tmp_path).rank("老板拖欠工资") == right
    assert FaqIndex.build(knowledge, ALWAYS, tmp_path).rank("老板拖欠工资") == right


def test_a_disk_that_takes_nothing_only_costs_time(folder: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("in the way")
    ranked = FaqIndex.build(load_knowledge(folder), ALWAYS, nowhere / "cache").rank("老板拖欠工资", 1)
    assert ranked[0].entry_id == "arrears"


def test_many_threads_read_the_same(real_index: FaqIndex) -> None:
    texts = ["坏云了被词退", "产假多少天", "怀孕能吃虾吗", "老板拖欠工资"] * 5
    alone = [real_index.rank(text) for text in texts]
    together: list[object] = [None] * 8

    def read(number: int) -> None:
        together[number] = [real_index.rank(text) for text in texts]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == alone for one in together)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300))
def test_no_text_breaks_the_search(real_index: FaqIndex, text: str) -> None:
    ranked = real_index.rank(text, 5)
    assert len(ranked) == 5
    assert real_index.search(text, "pregnancy-dismissal") is not None
    assert len(real_index.several(text)) <= 3
