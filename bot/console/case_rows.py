"""Rows of cases as the list and the home page show them, and how many wait behind each tab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.console.list_filters import ListQuery, as_filter, tabs_of
from bot.domain.case_deadlines import CaseDeadline
from bot.domain.cases import CaseCard, CaseStatus
from bot.domain.ports import Unit
from bot.domain.staff import StaffMember
from bot.services.guard_deadlines import nearest

MOST_COUNTED = 100  # more are "99+": a tab only says whether there is something to do
_COUNTED = ("mine", "unclaimed", "due", "review")
_SILENT = frozenset({CaseStatus.ARCHIVED, CaseStatus.WITHDRAWN})  # nobody waits for an answer there


@dataclass(frozen=True, slots=True)
class Rows:
    """Cards with what stands beside them."""

    cards: Sequence[CaseCard] = ()
    news: frozenset[str] = frozenset()  # ids of cases with words that nobody has looked at
    deadlines: Mapping[str, CaseDeadline] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # of staff, by id


def rows_of(unit: Unit, actor: StaffMember, cards: Sequence[CaseCard], now: datetime) -> Rows:
    """A case that has ended has no legal date to run after, and one that is filed away no new message."""
    return Rows(
        cards,
        news=unit.team.with_news(actor.id, [card.id for card in cards if card.status not in _SILENT]),
        deadlines=nearest(unit, [card.id for card in cards if card.is_open], now),
        names={one.id: one.name for one in unit.staff.all()},
    )


def waiting_in(unit: Unit, actor: StaffMember, now: datetime) -> dict[str, int]:
    """How many open cases stand behind the tabs of this member; counting stops at MOST_COUNTED."""
    wanted = {tab: as_filter(ListQuery(tab), actor, now) for tab in tabs_of(actor) if tab in _COUNTED}
    return {tab: unit.cases.count(replace(one, offset=0), MOST_COUNTED) for tab, one in wanted.items()}


def first_in(unit: Unit, actor: StaffMember, tab: str, now: datetime, most: int) -> Rows:
    """The first few of a tab, in the order in which they should be worked on."""
    if tab not in tabs_of(actor):
        return Rows()
    cards = unit.cases.cards(replace(as_filter(ListQuery(tab), actor, now), limit=most))
    return rows_of(unit, actor, cards, now)
