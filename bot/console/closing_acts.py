"""The desk's acts for closing, call-back and archive."""

from datetime import datetime

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.guard import Entry, Visit
from bot.domain.cases import Outcome
from bot.domain.errors import Refused
from bot.domain.money import sum_in_fen
from bot.domain.ports import Unit
from bot.domain.staff import Power
from bot.services import close_case
from bot.services.case_work import Desk


async def close(visit: Visit) -> Response:
    """Close the case with its outcome."""
    outcome = next((one for one in Outcome if one.value == visit.field("outcome")), None)

    def work(unit: Unit, case: str, now: datetime, desk: Desk) -> object:
        if outcome is None:
            raise Refused("outcome")
        return close_case.close(
            unit, visit.actor, case, outcome, now, desk,
            sum_in_fen(visit.field("amount")), people_in(visit.field("people")), visit.field("text"),
            seen=seen_version(visit),
        )  # fmt: skip

    return await act(visit, "close", "closed", work)


def people_in(written: str) -> int:
    """How many people it helped, as written; empty is one."""
    plain = written.strip().removesuffix("人").strip()
    if not plain:
        return 1
    if not (plain.isdecimal() and len(plain) <= 9):
        raise Refused("people")
    return int(plain)


ENTRIES: tuple[Entry, ...] = (Entry("POST", "/cases/{case_id}/close", frozenset({Power.CLOSE}), close),)
