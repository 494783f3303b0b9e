"""The desk's acts for closing, call-back, archive, and what a case has taught."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.guard import Entry, Visit
from bot.domain.cases import Outcome, RecoveredEvidence, RecoveredKind
from bot.domain.closing import MOST_STARS, CallResult
from bot.domain.errors import Refused
from bot.domain.money import sum_in_fen
from bot.domain.ports import Unit
from bot.domain.staff import Power
from bot.services import close_case, follow_up
from bot.services.case_work import Desk
from bot.services.suggest_lesson import suggest_lesson

_Chosen = TypeVar("_Chosen", bound=StrEnum)


async def close(visit: Visit) -> Response:
    """Close the case with its outcome."""

    def work(unit: Unit, case: str, now: datetime, desk: Desk) -> object:
        outcome = _chosen(Outcome, visit.field("outcome"))
        if outcome is None:
            raise Refused("outcome")
        return close_case.close(
            unit, visit.actor, case, outcome, now, desk,
            sum_in_fen(visit.field("amount")), people_in(visit.field("people")), visit.field("text"),
            recovered_kind=_chosen(RecoveredKind, visit.field("recovered_kind")),
            evidence=_chosen(RecoveredEvidence, visit.field("evidence")),
            how=visit.field("how"), seen=seen_version(visit),
        )  # fmt: skip

    return await act(visit, "close", "closed", work)


async def call_back(visit: Visit) -> Response:
    """Note down what came of a call back."""

    def work(unit: Unit, case: str, now: datetime, desk: Desk) -> object:
        result = _chosen(CallResult, visit.field("call_result"))
        if result is None:
            raise Refused("call_result")
        return follow_up.record_call(
            unit, visit.actor, case, result, now, desk,
            fen=sum_in_fen(visit.field("amount")) or None, stars=stars_in(visit.field("stars")),
            words=visit.field("text"), seen=seen_version(visit),
        )  # fmt: skip

    return await act(visit, "call", "call_kept", work, "#result")


async def archive(visit: Visit) -> Response:
    """File the case away."""
    return await act(visit, "archive", "filed", lambda unit, case, now, desk: follow_up.archive(
        unit, visit.actor, case, now, desk, seen=seen_version(visit)))  # fmt: skip


async def lesson(visit: Visit) -> Response:
    """Hand one line to the curators of the FAQ."""
    return await act(visit, "lesson", "lesson_kept", lambda unit, case, now, desk: suggest_lesson(
        unit, visit.actor, case, visit.field("text"), now))  # fmt: skip


def people_in(written: str) -> int:
    """How many people it helped, as written; empty is one."""
    plain = written.strip().removesuffix("人").strip()
    if not plain:
        return 1
    if not (plain.isdecimal() and len(plain) <= 9):
        raise Refused("people")
    return int(plain)


def stars_in(written: str) -> int | None:
    """A rating, None where she gave none."""
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and 1 <= int(written[:3]) <= MOST_STARS):
        raise Refused("stars")
    return int(written)


def _chosen(kind: type[_Chosen], written: str) -> _Chosen | None:
    return next((one for one in kind if one.value == written), None)


ENTRIES: tuple[Entry, ...] = (
    Entry("POST", "/cases/{case_id}/close", frozenset({Power.CLOSE}), close),
    Entry("POST", "/cases/{case_id}/call-back", frozenset({Power.CLOSE}), call_back),
    Entry("POST", "/cases/{case_id}/archive", frozenset({Power.CLOSE}), archive),
    Entry("POST", "/cases/{case_id}/lesson", frozenset({Power.NOTE}), lesson),
)
