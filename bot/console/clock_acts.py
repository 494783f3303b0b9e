"""The desk's acts for the promise clock: pause, resume; and what a member has been told."""

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.guard import Entry, Visit, Who, back
from bot.domain.cases import PauseReason
from bot.domain.ports import Unit
from bot.domain.ports_duty import Notice
from bot.domain.staff import Power
from bot.services import pause_clock
from bot.services.case_gate import on_duty, sees

_SHOWN = 100


async def pause(visit: Visit) -> Response:
    """Stop the clock, with a reason."""
    reason = next((one for one in PauseReason if one.value == visit.field("reason")), None)
    said, seen = visit.field("text"), seen_version(visit)
    return await act(visit, "pause", "paused", lambda unit, case, now, desk: pause_clock.pause(
        unit, visit.actor, case, reason, said, now, desk, seen=seen))  # fmt: skip


async def resume(visit: Visit) -> Response:
    """Let it run again."""
    return await act(visit, "resume", "resumed", lambda unit, case, now, desk: pause_clock.resume(
        unit, visit.actor, case, visit.field("text"), now, desk, seen=seen_version(visit)))  # fmt: skip


async def notices(visit: Visit) -> Response:
    """What the member has been told, unread first; with a way to the cases that she may still open."""
    actor = visit.actor

    def read(unit: Unit) -> tuple[list[Notice], set[str]]:
        member = on_duty(unit, actor)
        found = list(unit.duty.notices(member.id, _SHOWN))
        cards = (unit.cases.card(case_id) for case_id in {one.case_id for one in found if one.case_id})
        return found, {card.id for card in cards if card is not None and sees(unit, member, card)}

    found, may_open = await visit.deps.store.read(read)
    return visit.show("notices.html", notices=found, may_open=may_open)


async def read_notices(visit: Visit) -> Response:
    """All that came until now are read."""
    now, actor = visit.deps.clock.now(), visit.actor
    await visit.deps.store.write(lambda unit: unit.duty.mark_read(on_duty(unit, actor).id, now, now))
    return back("/notices", "notices_read")


_MOVE = frozenset({Power.MOVE})
ENTRIES: tuple[Entry, ...] = (
    Entry("POST", "/cases/{case_id}/pause", _MOVE, pause),
    Entry("POST", "/cases/{case_id}/resume", _MOVE, resume),
    Entry("GET", "/notices", Who.SIGNED_IN, notices),
    Entry("POST", "/notices/read", Who.SIGNED_IN, read_notices),
)
