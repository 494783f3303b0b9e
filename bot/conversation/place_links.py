"""Which offices help with a topic, and the buttons that lead to 去哪里办."""

from collections.abc import Collection

from bot.conversation.actions import Do, act
from bot.conversation.turn import Context, Rows
from bot.domain.reply import Button
from knowledge.models import Entry, Knowledge, Office, OfficeKind

ALL = "all"  # stands in a button for no topic
_BY_DEADLINE = {
    "arbitration": OfficeKind.ARBITRATION,
    "arbitration_after_leaving": OfficeKind.ARBITRATION,
    "lawsuit": OfficeKind.COURT,
    "labor_inspection": OfficeKind.LABOR_INSPECTION,
    "injury_employer": OfficeKind.INJURY,
    "injury_worker": OfficeKind.INJURY,
    "protection_order": OfficeKind.COURT,
    "legal_aid_decision": OfficeKind.LEGAL_AID,
    "civil": OfficeKind.COURT,
}
_BY_CATEGORY = {
    "injury": (OfficeKind.INJURY, OfficeKind.SOCIAL_INSURANCE),
    "insurance": (OfficeKind.SOCIAL_INSURANCE, OfficeKind.MEDICAL_INSURANCE),
    "dignity": (OfficeKind.WOMENS_FEDERATION,),
}
_ABOUT_PLACES = frozenset(("remedy", "injury", "insurance", "union"))  # categories that lead to an office


def kinds_for(entry: Entry) -> tuple[OfficeKind, ...]:
    """The kinds of offices that a topic's file speaks of: said in `places`, else by its deadlines.

    The union helps with everything; a topic about ways to go that names no deadline has no list of its own.
    """
    if entry.places:
        return entry.places
    by_deadline = [_BY_DEADLINE[name] for name in entry.deadlines if name in _BY_DEADLINE]
    kinds = {*by_deadline, *_BY_CATEGORY.get(entry.category, ())}
    return (OfficeKind.UNION, *(kind for kind in OfficeKind if kind in kinds)) if kinds else ()


def offices(knowledge: Knowledge, kinds: Collection[OfficeKind] = tuple(OfficeKind)) -> list[Office]:
    """The region's offices of these kinds, kind by kind; a kind's own in the order of their file."""
    order = list(OfficeKind)
    found = [office for office in knowledge.region.directory if office.kind in kinds]
    return sorted(found, key=lambda office: order.index(office.kind))


def places_button(context: Context, topic: str = ALL) -> Button:
    """To the offices of a topic, or to all."""
    return Button(context.talk.places.open, act(Do.PLACES, "for", topic))


def places_row(context: Context, entry: Entry, *, short: bool) -> Rows:
    """Under an answer: the way to its offices; under the short one only where its file names them."""
    by_itself = entry.category in _ABOUT_PLACES or any(name in _BY_DEADLINE for name in entry.deadlines)
    leads = entry.places or (by_itself and not short)
    return ((places_button(context, entry.id),),) if leads and context.knowledge.region.directory else ()
