"""Text before comparison: one form for all ways of typing, meanings, and the reading by sound."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.article_numbers import number_of
from knowledge.models import SynonymGroups
from knowledge.normalise import simplify, squash
from knowledge.sound import Sounds
from knowledge.terms import Vocabulary

GROUPS = SynonymGroups(
    groups={"pregnant": ("怀孕", "有喜"), "dismiss": ("辞退", "开除")},
    abbreviations={"gz": "工资", "sb": "社保"},
    fillers=("请问", "你好"),
)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("ＡＢｃ１２３", "abc123"),
        ("懷孕辭退", "怀孕辞退"),
        ("怀\u200b孕\u00ad了", "怀孕了"),
        ("怀孕\n辞退", "怀孕\n辞退"),
        ("你好 한국어 🤰", "你好 한국어 🤰"),
    ],
)
def test_one_form_for_all_ways_of_typing(typed: str, form: str) -> None:
    assert simplify(typed) == form


def test_squashing_leaves_letters_and_digits() -> None:
    assert squash(simplify("自 杀。🔪1-2-0")) == "自杀120"


@given(st.text(max_size=200))
def test_any_text_has_a_form_and_the_form_is_stable(text: str) -> None:
    once = simplify(text)
    assert simplify(once) == once or not once.isascii()
    assert squash(once).isalnum() or not squash(once)


def test_abbreviations_are_written_out_only_as_whole_words() -> None:
    vocabulary = Vocabulary.of(GROUPS)
    assert vocabulary.clean("老板欠我gz，sb也没交") == "老板欠我工资,社保也没交"
    assert "工资" not in vocabulary.clean("我的gzx")


def test_idle_phrases_go_unless_they_are_all_there_is() -> None:
    vocabulary = Vocabulary.of(GROUPS)
    assert vocabulary.clean("你好请问产假几天").split() == ["产假几天"]
    assert vocabulary.clean("你好") == "你好"


def test_words_of_one_meaning_share_a_term_and_pairs_of_meanings_make_one_more() -> None:
    vocabulary = Vocabulary.of(GROUPS)
    one, other = (set(vocabulary.terms(text).fine) for text in ("怀孕被辞退", "有喜被开除"))
    assert {"§pregnant", "§dismiss", "§dismiss§pregnant"} <= one & other


def test_typing_errors_of_the_same_sound_are_read_as_known_pairs() -> None:
    sounds = Sounds(lambda: ["公司辞退我", "赔偿工资", "请假"] * 6, ["辞退", "赔偿", "怀孕"])
    assert sounds.reread("公思词退我不给陪尝") == "公司辞退我不给赔偿"
    assert sounds.reread("huaiyun被citui") == "怀孕被辞退"
    assert sounds.reread("公司辞退我") == "公司辞退我"
    assert sounds.reread("hello world") == "hello world"
    assert sounds.written_out("gongsi citui le wo ma") == "gongsi citui le wo ma"  # 了 and 吗 are not known
    assert sounds.written_out("gongsi citui wo") == "公司辞退我"
    assert sounds.written_out("公司ci tui我") == "公司辞退我"


@pytest.mark.parametrize(
    ("article", "number"),
    [("第五条", 5), ("第四十二条", 42), ("第一百零三条", 103), ("第二百七十六条之一", 276), ("附录第三条", 3),
     ("第一千二百六十条", 1260), ("第42条", 42), ("第二点", 2), ("第十条", 10), ("条", 0)],
)  # fmt: skip
def test_article_numbers_are_read(article: str, number: int) -> None:
    assert number_of(article) == number


def test_loading_knowledge_does_not_load_the_dictionaries() -> None:
    code = (
        "import sys; from knowledge.loader import load_knowledge; load_knowledge();"
        "print([name for name in ('numpy', 'opencc', 'pypinyin') if name in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "[]\n"
    )
