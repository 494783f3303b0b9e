"""Which kind of case a topic makes: the desk sorts and promises by it."""

from bot.conversation.turn import Context
from bot.domain.cases import CaseKind
from knowledge.calibration import ANSWER_AT
from knowledge.index import FaqIndex, Found, Unsure
from knowledge.loader import Knowledge

_BY_CATEGORY = {
    "maternity": CaseKind.MATERNITY,
    "protection": CaseKind.MATERNITY,
    "pay": CaseKind.WAGES,
    "hours-leave": CaseKind.WAGES,
    "leaving": CaseKind.DISMISSAL,
    "contract": CaseKind.CONTRACT,
    "hiring": CaseKind.CONTRACT,
    "insurance": CaseKind.INSURANCE,
    "injury": CaseKind.INJURY,
    "dignity": CaseKind.HARASSMENT,
}
_BY_TOPIC = {
    "promotion-discrimination": CaseKind.DISCRIMINATION,
    "hiring-gender-discrimination": CaseKind.DISCRIMINATION,
    "hiring-marriage-childbirth-questions": CaseKind.DISCRIMINATION,
    "hiring-pregnancy-test": CaseKind.DISCRIMINATION,
    "hiring-no-marriage-childbirth-clause": CaseKind.DISCRIMINATION,
    "privacy-personal-data": CaseKind.OTHER,
    "mental-health-crisis": CaseKind.OTHER,
    "probation-pregnancy-dismissal": CaseKind.MATERNITY,
    "probation-dismissal": CaseKind.DISMISSAL,
}


def kind_of(context: Context, topic: str | None) -> CaseKind:
    """The kind of a topic; OTHER where there is none."""
    return kind_of_topic(context.knowledge, topic)


def kind_of_topic(knowledge: Knowledge, topic: str | None) -> CaseKind:
    """The same, outside a talk."""
    known = knowledge.topics.get(topic or "")
    if known is None:
        return CaseKind.OTHER
    return _BY_TOPIC.get(known.id, _BY_CATEGORY.get(known.category, CaseKind.OTHER))


def topic_of(context: Context, words: str, before: str | None) -> str | None:
    """The topic her own words speak of; where the search is not sure of them, what she asked `before`."""
    return topic_in(context.index, words, before)


def topic_in(index: FaqIndex, words: str, before: str | None) -> str | None:
    """The same, outside a talk."""
    match index.search(words) if words.strip() else None:
        case Found(entry_id=topic):
            return topic
        case Unsure(entry_ids=topics, probability=sure) if topics:
            return topics[0] if before is None or sure >= ANSWER_AT else before
        case _:
            return before
