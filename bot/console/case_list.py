"""The list of cases, and the search in those that this member may open."""

import unicodedata
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.responses import Response

from bot.console.guard import Visit
from bot.console.waking import looks
from bot.domain.cases import OPEN_STATUSES, CaseCard
from bot.domain.errors import NotFound
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.signals import CASES
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import may_see, on_duty

TABS = ("mine", "unclaimed", "due", "all")
_SHOWN = 200
_READ = 5000
_DUE_WITHIN = timedelta(hours=24)
_SCANNED_AT_ONCE = 40  # unsealing happens on the writer's thread: short units let the talk go on between
_LONGEST_SEARCH = 100


async def show_list(visit: Visit) -> Response:
    """A tab of the list, or what a search found."""
    wanted = visit.request.query_params.get("q", "").strip()[:_LONGEST_SEARCH]
    if wanted:
        found = await search(visit, wanted)
        return await _page(visit, found, tab="", wanted=wanted)
    default = "mine" if visit.actor.may(Power.OPEN_ASSIGNED) else "all"
    tab = visit.request.query_params.get("tab", default)
    tab = tab if tab in TABS else default
    now, actor = visit.deps.clock.now(), visit.actor

    def read(unit: Unit) -> list[CaseCard]:
        unit.audit.append(actor.id, "list_cases", "cases", now, {"tab": tab})
        return _cards(unit, actor, tab, now)

    return await _page(visit, await visit.deps.store.write(read), tab=tab, wanted="")


async def stream(visit: Visit) -> Response:
    """Says that some case changed; the page then asks for the list again."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        async for member, called in looks(visit, CASES):
            if member is None:
                yield {"event": "gone", "data": ""}
            elif called:
                yield {"event": "cases", "data": ""}

    return EventSourceResponse(events(), ping=15, headers={"x-accel-buffering": "no"})


async def search(visit: Visit, wanted: str) -> list[CaseCard]:
    """By number at once; otherwise every case this member may open is unsealed and looked through.

    The audit keeps that she searched and how much she found, never the words.
    """
    actor, now = visit.actor, visit.deps.clock.now()
    plain = _plain(wanted)

    def by_number(unit: Unit) -> tuple[list[CaseCard], list[CaseCard]]:
        cards = _cards(unit, actor, "all", now, at_most=_READ)
        hits = [card for card in cards if plain in _plain(card.number)]
        unit.audit.append(actor.id, "search", "cases", now, {"by": "number", "found": str(len(hits))})
        return hits, cards

    hits, cards = await visit.deps.store.write(by_number)
    if hits:
        return hits
    found: list[CaseCard] = []
    for at in range(0, len(cards), _SCANNED_AT_ONCE):
        part = cards[at : at + _SCANNED_AT_ONCE]
        found += await visit.deps.store.write(lambda unit, part=part: _scan(unit, actor, part, plain, now))  # type: ignore[misc]
    return found


def _scan(unit: Unit, actor: StaffMember, cards: list[CaseCard], plain: str, now: datetime) -> list[CaseCard]:
    """Look into some cases; what this member may no longer open by now is left out."""
    member = on_duty(unit, actor)
    fresh = [
        card for card in map(unit.cases.card, (one.id for one in cards)) if card and may_see(member, card)
    ]
    seq = unit.audit.append(member.id, "search", "*", now, {"by": "words", "opened": str(len(fresh))})
    found = [card for card in fresh if plain in _words_of(unit, card.id, seq)]
    if found:
        unit.audit.append(member.id, "search_found", "cases", now, {"found": str(len(found))})
    return found


def _words_of(unit: Unit, case_id: str, audit_seq: int) -> str:
    """What a search looks through; of an erased case only the card is left."""
    try:
        opened = unit.cases.reveal(case_id, audit_seq)
    except NotFound:
        return ""
    answers = opened.answers
    hers = (
        answers.happened,
        answers.employer,
        answers.evidence,
        answers.wish,
        answers.name,
        answers.district,
    )
    return _plain("\n".join([*(part for part in hers if part), *(event.body for event in opened.events)]))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _cards(unit: Unit, actor: StaffMember, tab: str, now: datetime, at_most: int = _SHOWN) -> list[CaseCard]:
    """Cards of a tab, only of cases that she may open: a list must not tell more than a page."""
    match tab:
        case "mine":
            wanted = [CaseFilter(assignee=actor.id, open_only=True, limit=_READ)]
        case "unclaimed":
            wanted = [CaseFilter(unclaimed=True, open_only=True, limit=_READ)]
        case "due":
            wanted = [CaseFilter(open_only=True, due_before=now + _DUE_WITHIN, limit=_READ)]
        case _ if actor.may(Power.OPEN_ALL):
            wanted = [CaseFilter(limit=_READ)]
        case _:
            wanted = [CaseFilter(assignee=actor.id, limit=_READ), CaseFilter(unclaimed=True, limit=_READ)]
    cards = [card for one in wanted for card in unit.cases.cards(one) if may_see(actor, card)]
    return sorted(cards, key=_order)[:at_most]


def _order(card: CaseCard) -> tuple[bool, bool, float]:
    """Open before ended, urgent before the rest, the nearest promise first; ended ones newest first."""
    is_open = card.status in OPEN_STATUSES
    return (
        not is_open,
        is_open and not card.urgent,
        card.promised_at.timestamp() if is_open else -card.changed_at.timestamp(),
    )


async def _page(visit: Visit, cards: list[CaseCard], *, tab: str, wanted: str) -> Response:
    names = await visit.deps.store.read(lambda unit: {one.id: one.name for one in unit.staff.all()})
    return visit.show("case_list.html", cards=cards, tab=tab, wanted=wanted, names=names, shown=_SHOWN)
