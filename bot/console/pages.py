"""Jinja2 with autoescape, and the few filters that the desk's pages use."""

import math
from datetime import date, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from bot.console.deps import ConsoleDeps
from bot.domain.cases import OPEN_STATUSES, CaseCard
from bot.domain.civil_time import civil_day, local, moment_in_words, plain_day
from bot.domain.money import yuan
from bot.domain.staff import Power, StaffMember

_FOLDER = Path(__file__).parent
# Page, and the powers of which one opens it; the words are in base.html.
NAVIGATION: tuple[tuple[str, frozenset[Power]], ...] = (
    ("cases", frozenset({Power.LIST_CASES})),
    ("cases/new", frozenset({Power.INTAKE})),
    ("figures", frozenset({Power.SEE_FIGURES})),
    ("duty", frozenset({Power.LIST_CASES})),
    ("employers", frozenset({Power.SEE_EMPLOYERS})),
    ("content", frozenset({Power.SEE_CONTENT})),
    ("contest", frozenset({Power.SEE_CONTEST})),
    ("staff", frozenset({Power.MANAGE_STAFF})),
    ("operations", frozenset({Power.SEE_OPERATIONS})),
    ("audit", frozenset({Power.SEE_AUDIT})),
)


@cache
def environment() -> Environment:
    """Everything that is put into a page is escaped; a name that is not given is a fault, not silence."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"yuan": yuan, "plain_day": plain_day, "clock": _clock_time, "size": _size}
    return made


def render(
    deps: ConsoleDeps, template: str, *, member: StaffMember | None, status: int = 200, **values: Any
) -> Response:
    """A page. `now` and the labels are always at hand."""
    now = deps.clock.now()
    shown = (
        environment()
        .get_template(template)
        .render(
            house=deps.organisation,
            bot_name=deps.bot_name,
            demo=deps.wording.employers.demo if deps.demo else "",
            labels=deps.wording.labels,
            member=member,
            pages=[name for name, powers in NAVIGATION if member and any(member.may(one) for one in powers)],
            now=now,
            when=lambda at: moment_in_words(at, now),
            due=lambda card: due(card, now),
            Power=Power,
            **values,
        )
    )
    return HTMLResponse(shown, status_code=status)


def error_page(
    deps: ConsoleDeps,
    status: HTTPStatus,
    member: StaffMember | None = None,
    *,
    said: str = "",
    typed: str = "",
    stopped: bool = False,
) -> Response:
    """One page for everything that did not work. `typed` gives back what the request itself brought.

    `stopped`: the account was switched off, which is why nobody is signed in any more.
    """
    values = {"code": int(status), "said": said, "typed": typed, "stopped": stopped}
    return render(deps, "error.html", member=member, status=status, **values)


def due(card: CaseCard, now: datetime) -> tuple[str, int]:
    """The promise clock: over, paused, late, soon (in two hours), today or later; and the minutes to it."""
    if card.status not in OPEN_STATUSES:
        return "over", 0
    if card.paused_at is not None:
        return "paused", 0
    minutes = math.floor((card.promised_at - now).total_seconds() / 60)
    if minutes < 0:
        return "late", -minutes
    if minutes < 120:
        return "soon", minutes
    return ("today" if civil_day(card.promised_at) == civil_day(now) else "later"), minutes


def _clock_time(at: datetime | date) -> str:
    """“11月22日 09:30” in Asia/Shanghai, for tables: written as everywhere else, without the year."""
    day = civil_day(at) if isinstance(at, datetime) else at
    written = f"{day.month}月{day.day}日"
    return f"{written} {local(at):%H:%M}" if isinstance(at, datetime) else written


def _size(count: int) -> str:
    if count < 1024 * 1024:
        return f"{math.ceil(count / 1024)} KB"
    return f"{count / 1024 / 1024:.1f} MB"
