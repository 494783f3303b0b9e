"""Local and yearly numbers: stated only while verified and in date, otherwise where to ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.models import Amount, Entry, Region

PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)(?:\.([a-z0-9_]+))?\}")


@dataclass(frozen=True, slots=True)
class LocalLine:
    """One local amount as it may be said today.

    When `stated` is False the value, unit and dates are empty and only `ask_at` may be shown.
    """

    name: str
    label: str
    stated: bool
    ask_at: str
    value: str = ""
    unit: str = ""
    effective_from: date | None = None
    verified_on: date | None = None
    source: str | None = None
    note: str | None = None


def local_lines(entry: Entry, region: Region, today: date) -> list[LocalLine]:
    """The local amounts an answer names, in its order; `today` is a civil day (Asia/Shanghai)."""
    amounts = [(name, region.amounts[name]) for name in entry.local if name in region.amounts]
    return [_line(name, amount, today) for name, amount in amounts]


def fill(text: str, region: Region, today: date, hotline: str) -> str:
    """Fills {hotline}, {local.NAME}, {<province>.NAME}; an amount that may not be stated names who knows."""

    def value(found: re.Match[str]) -> str:
        scope, name = found.groups()
        if scope == "hotline" and name is None:
            return hotline
        if scope in ("local", region.province) and name in region.amounts:
            return _in_words(region.amounts[name], today)
        return found.group()

    return PLACEHOLDER.sub(value, text)


def _line(name: str, amount: Amount, today: date) -> LocalLine:
    if not amount.may_be_stated(today):
        return LocalLine(name, amount.label, False, amount.ask_at)
    return LocalLine(
        name, amount.label, True, amount.ask_at, str(amount.value), amount.unit or "",
        amount.effective_from, amount.verified_on, amount.source, amount.note,
    )  # fmt: skip


def _in_words(amount: Amount, today: date) -> str:
    if amount.may_be_stated(today):
        return f"{amount.value}{amount.unit or ''}"
    return f"{amount.label}（以{amount.ask_at}的答复为准）"
