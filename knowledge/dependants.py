"""What depends on a law: when it changes, everything listed here is read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from knowledge.article_numbers import number_of
from knowledge.base import Citation
from knowledge.models import Knowledge, Law
from knowledge.teaching import Question

_LONGEST_TITLE = 40
_SIMILAR = 45.0  # percent of rapidfuzz: 社保法 finds 社会保险法 (75) and nothing far from it
_CITED = re.compile(r"《([^》]+)》([^《]*)")
_ARTICLE = re.compile(
    r"((?:附录|附件)?第[零〇一二三四五六七八九十百千0-9]+[条点](?:之[一二三四五六七八九十])?)(第[^条点、，；（]+款)?"
)


@dataclass(frozen=True, slots=True)
class Dependant:
    """One thing that rests on a law; `kind` is entry, question, story, lesson, tip or deadline.

    `citation` holds all matching places of the law in words, in the order in which they are cited.
    """

    kind: str
    id: str
    title: str
    citation: str


def law_named(knowledge: Knowledge, name: str) -> Law | None:
    """The law of laws.yaml with this name, full name or alias; 《》 and spaces do not matter."""
    return _laws_by_name(knowledge).get(_bare(name))


def similar_laws(knowledge: Knowledge, name: str, most: int = 5) -> list[str]:
    """Names of laws that look like `name`, best first."""
    from rapidfuzz import fuzz, process

    names = _laws_by_name(knowledge)
    found = process.extract(
        _bare(name), list(names), scorer=fuzz.ratio, limit=2 * most, score_cutoff=_SIMILAR
    )
    return list(dict.fromkeys(names[spelled].name for spelled, _, _ in found))[:most]


def dependants(knowledge: Knowledge, law: str, article: str | None = None) -> list[Dependant]:
    """Everything that cites `law` (its name or an alias), by kind; nothing for a law that is not known.

    `article` (第八十二条, 第82条, 附录第三条, 第二点) narrows to one place. An entry also depends on the law
    of its deadlines, whose rule it shows.
    """
    laws = _laws_by_name(knowledge)
    wanted = laws.get(_bare(law))
    if wanted is None:
        return []

    def fits(citation: Citation) -> bool:
        return laws.get(_bare(citation.law)) == wanted and (
            article is None or _same(citation.article, article)
        )

    found: list[Dependant] = []
    for kind, name, title, citations in _all_citations(knowledge):
        said = dict.fromkeys(in_words for citation, in_words in citations if fits(citation))
        if said:
            found.append(Dependant(kind, name, _short(title), _joined(list(said))))
    return found


def cited_in(text: str) -> list[Citation]:
    """The citations of a text such as 《劳动争议调解仲裁法》第四十八条、第五十条."""
    found: list[Citation] = []
    for law, places in _CITED.findall(text):
        articles = _ARTICLE.findall(places)
        found += [Citation(law=law, article=number, paragraph=part or None) for number, part in articles]
        if not articles:
            found.append(Citation(law=law))
    return found


Cited = Iterable[tuple[Citation, str]]  # a citation and how it is shown


def _all_citations(knowledge: Knowledge) -> Iterator[tuple[str, str, str, Cited]]:
    rules = {
        name: [(citation, citation.in_words()) for citation in cited_in(rule.law)]
        for name, rule in knowledge.deadlines.items()
    }
    for entry in knowledge.entries.values():
        counted = [
            (citation, f"{said}（期限：{knowledge.deadlines[name].label}）")
            for name in entry.deadlines
            for citation, said in rules.get(name, ())
        ]
        yield "entry", entry.id, entry.title, [*_plain(entry.citations), *counted]
    for question in all_questions(knowledge):
        yield "question", question.id, question.text, _plain(question.citations)
    for story in knowledge.stories.values():
        yield "story", story.id, story.title, _plain(story.citations)
    for lesson in knowledge.lessons.values():
        yield "lesson", lesson.id, lesson.title, _plain(lesson.citations)
    for tip in knowledge.tips:
        yield "tip", tip.id, tip.text, _plain([tip.citation])
    for name, rule in knowledge.deadlines.items():
        yield "deadline", name, rule.label, rules[name]


def all_questions(knowledge: Knowledge) -> list[Question]:
    """Every contest question once, of campaigns and of the bank, in the order of their files."""
    groups = [one.questions for one in knowledge.campaigns.values()]
    groups += [one.questions for one in knowledge.banks.values()]
    return list({question.id: question for group in groups for question in group}.values())


def _plain(citations: Iterable[Citation]) -> list[tuple[Citation, str]]:
    return [(citation, citation.in_words()) for citation in citations]


def _laws_by_name(knowledge: Knowledge) -> Mapping[str, Law]:
    names = {alias: law for law in knowledge.laws.values() for alias in law.aliases}
    names |= {law.full_name: law for law in knowledge.laws.values()} | dict(knowledge.laws)
    return {_bare(name): law for name, law in names.items()}


def _bare(name: str) -> str:
    return re.sub(r"[《》〈〉\s]", "", name)


def _same(cited: str | None, wanted: str) -> bool:
    """第82条 is 第八十二条; 附录第三条 is not 第三条, 第二点 not 第二条, 第二十条之一 not 第二十条."""
    return cited is not None and _place(cited) == _place(wanted)


def _place(article: str) -> tuple[bool, int, bool, str]:
    article = _bare(article)
    return article.startswith("附"), number_of(article), "点" in article, article.partition("之")[2]


def _joined(said: list[str]) -> str:
    """《社会保险法》第三十八条、第三十九条: the law's name once."""
    first, *others = said
    name = first[: first.index("》") + 1]
    return "、".join([first, *(other.removeprefix(name) for other in others)])


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
