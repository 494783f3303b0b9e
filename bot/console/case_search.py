"""Search in the cases that a member may open: by number at once, by words newest first and in parts."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.console.guard import Visit
from bot.console.list_filters import ListQuery, as_filter
from bot.domain.cases import CaseCard
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter, CaseOrder
from bot.services.case_gate import on_duty, sees

MOST_HITS = 200
_SCANNED = 2000  # cases that one request looks through
_AT_ONCE = 40  # unsealing happens on the writer's thread: short units let the talk go on between
_RECENT = timedelta(days=366)
_NUMBER = re.compile(r"a?(\d\d)\W+(\d{1,6})|a(\d\d)(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `goes_on` is where the next part begins, None at the end; `older` asks whether
    to look further back than a year."""

    cards: tuple[CaseCard, ...]
    looked_at: int = 0
    goes_on: int | None = None
    older: bool = False


async def search(visit: Visit, query: ListQuery) -> Found:
    """The audit keeps that she searched and how much was opened and found, never the words."""
    actor, now = visit.actor, visit.deps.clock.now()
    wanted = replace(as_filter(query, actor, now), order=CaseOrder.NEWEST, offset=0)
    asked = words_of(query.q)
    hits = () if query.start else await _by_number(visit, wanted, query.q, now)
    if hits or not asked:
        return Found(hits)
    recent = wanted if query.older else replace(wanted, opened_from=now - _RECENT)
    return await _by_words(visit, recent, asked, query, now)


async def _by_number(visit: Visit, wanted: CaseFilter, said: str, now: datetime) -> tuple[CaseCard, ...]:
    """The very number, however it was written, then those that hold these signs."""
    number, part = number_of(said), plain_text(said)

    def read(unit: Unit) -> tuple[CaseCard, ...]:
        meant = unit.cases.cards(replace(wanted, number=number, limit=1)) if number else ()
        known = {card.id for card in meant}
        alike = unit.cases.cards(replace(wanted, number_part=part, limit=MOST_HITS))
        cards = [*meant, *(card for card in alike if card.id not in known)]
        unit.audit.append(visit.actor.id, "search", "cases", now, {"by": "number", "found": str(len(cards))})
        return tuple(cards)

    return await visit.deps.store.write(read)


async def _by_words(
    visit: Visit, wanted: CaseFilter, asked: tuple[str, ...], query: ListQuery, now: datetime
) -> Found:
    store = visit.deps.store
    at, end = query.start, query.start + _SCANNED
    cards = await store.read(lambda unit: unit.cases.cards(replace(wanted, limit=_SCANNED + 1, offset=at)))
    part, more = cards[:_SCANNED], len(cards) > _SCANNED
    found: list[CaseCard] = []
    looked = 0
    while looked < len(part) and len(found) < MOST_HITS:
        batch = part[looked : looked + _AT_ONCE]
        found += await store.write(lambda unit, batch=batch: _scan(unit, visit, batch, asked, now))  # type: ignore[misc]
        looked += len(batch)
    stopped = more or looked < len(part)
    return Found(
        tuple(found),
        looked_at=at + looked,
        goes_on=(end if looked == len(part) else at + looked) if stopped else None,
        older=not stopped and not query.older,
    )


def _scan(
    unit: Unit, visit: Visit, cards: Sequence[CaseCard], asked: tuple[str, ...], now: datetime
) -> list[CaseCard]:
    """Look into some cases for all the words; what this member may no longer open by now is left out."""
    member, kinds = on_duty(unit, visit.actor), visit.deps.wording.labels.kind
    known = unit.cases.cards(CaseFilter(ids=tuple(card.id for card in cards), limit=len(cards)))
    fresh = {card.id: card for card in known if sees(unit, member, card)}
    seq = unit.audit.append(member.id, "search", "*", now, {"by": "words", "opened": str(len(fresh))})
    texts: Mapping[str, str] = unit.cases.texts(tuple(fresh), seq)
    plain = {case_id: plain_text(text) + kinds[fresh[case_id].kind] for case_id, text in texts.items()}
    found = [
        fresh[card.id] for card in cards if card.id in fresh and all(word in plain[card.id] for word in asked)
    ]
    if found:
        unit.audit.append(member.id, "search_found", "cases", now, {"found": str(len(found))})
    return found


def words_of(said: str) -> tuple[str, ...]:
    """What was asked for, word by word: a case must hold all of them, wherever they stand."""
    return tuple(dict.fromkeys(plain_text(word) for word in said.split()))


def number_of(said: str) -> str | None:
    """The number of a case that somebody means: "a26-273", "A26 0273" and "a260273" are A26-0273."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", said).casefold().strip())
    if found is None:
        return None
    year, running = found[1] or found[3], found[2] or found[4]
    return f"A{year}-{int(running):04d}"


def plain_text(text: str) -> str:
    """In one width and case and without spaces: how words are compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
