"""Cases of a period as a file: one line a case, no words, no names; many lines take a second person.

The lines are read in pages and written as they come, so that their number has no limit.
"""

import csv
import io
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.civil_time import civil_day, local, plain_day
from bot.domain.errors import Refused
from bot.domain.periods import Period
from bot.domain.ports import Store, Unit
from bot.domain.ports_figures import CaseLine, ExportRequest, Layout
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require
from bot.services.case_messages import fill
from bot.services.figure_definitions import SMALL_CELL
from bot.services.notify_staff import notify
from bot.services.two_people import LIVES, Cleared
from knowledge.wording import Wording

MOST_ALONE = 50  # lines within a day that one person may take out
_PAGE = 1000
_BOM = "\ufeff"  # spreadsheet programs take the file for UTF-8 only with it
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Value = str | int | float


def ask(
    unit: Unit, actor: StaffMember, period: Period, layout: Layout, now: datetime
) -> Cleared | ExportRequest:
    """Ask for the cases opened in a period: few may be taken out at once, more wait for a second person.

    Few are those that make no more than MOST_ALONE lines together with what the member took out alone
    within the last day.
    """
    member = on_duty(unit, actor)
    require(member, Power.EXPORT)
    cases = sum(unit.figures.group_sizes(period.since, period.until).values())
    if not cases:
        raise Refused("export_empty")
    export_id = secrets.token_hex(8)
    taken = unit.figures.taken_alone(member.id, now - timedelta(days=1))
    alone = taken + cases <= MOST_ALONE
    request = ExportRequest(
        export_id, period.first, period.last, layout, cases, member.id, now, used_at=now if alone else None
    )
    facts = {"cases": str(cases), "layout": layout.value, "period": period.key}
    unit.audit.append(member.id, "export" if alone else "ask_export", f"export:{export_id}", now, facts)
    unit.figures.add_export(request)
    return Cleared(request, member, None) if alone else request


def tell_others(unit: Unit, request: ExportRequest, now: datetime, wording: Wording) -> None:
    """Whoever may agree to a request learns that it waits: without them nothing comes of it."""
    others = [one.id for one in unit.staff.all() if one.id != request.asked_by and one.may(Power.EXPORT)]
    _notify(unit, others, wording.figures.notices.asked, request, request.asked_by, now, wording)


def tell_asker(unit: Unit, export_id: str, now: datetime, wording: Wording) -> None:
    """Whoever asked learns what the second person said, and how long the file waits."""
    request = unit.figures.export(export_id)
    if request is None or request.agreed is None:
        return
    words = wording.figures.notices
    text = words.agreed if request.agreed else words.declined
    _notify(unit, [request.asked_by], text, request, request.decided_by or "", now, wording)


def _notify(
    unit: Unit, told: list[str], text: str, request: ExportRequest, by: str, now: datetime, wording: Wording
) -> None:
    member, until = unit.staff.get(by), local(now + LIVES)
    said = fill(
        text, name=member.name if member else wording.figures.gone, count=str(request.cases),
        period=Period(request.first, request.last).in_words,
        until=f"{plain_day(until.date())} {until:%H:%M}",
    )  # fmt: skip
    notify(unit, told, said, now, case_id=None)


@dataclass(frozen=True, slots=True)
class Writer:
    """Turns lines into the values of a file."""

    cleared: Cleared
    groups: Mapping[tuple[str, str], int]
    now: datetime
    wording: Wording

    @property
    def period(self) -> Period:
        return Period(self.cleared.request.first, self.cleared.request.last)

    @property
    def mark(self) -> str:
        """Stands in every line: who took it out, who agreed, and when."""
        words, cleared = self.wording.figures.export, self.cleared
        second = words.alone if cleared.second is None else cleared.second.name
        return _filled(
            words.mark, id=cleared.request.id, by=cleared.by.name, second=second,
            at=f"{local(self.now):%Y-%m-%d %H:%M}",
        )  # fmt: skip

    @property
    def head(self) -> list[str]:
        return list(self.wording.figures.export.columns.values())

    def row(self, line: CaseLine) -> list[Value]:
        """One case, its values in the order of the columns."""
        labels, case = self.wording.labels, line.case
        kind, district = self._shown(line)
        values: dict[str, Value] = {
            "number": case.number,
            "kind": kind,
            "status": labels.status[line.status],
            "source": labels.channel.get(case.source, case.source),
            "district": district,
            "opened": _day(line.opened_at),
            "accepted": _day(line.accepted_at),
            "closed": _day(line.closed_at),
            "outcome": "" if line.outcome is None else labels.outcome[line.outcome],
            "people": line.people,
            "recovered": line.recovered_fen / 100,
            "confirmed": line.confirmed_fen / 100,
            "mark": self.mark,
        }
        return [values[name] for name in self.wording.figures.export.columns]

    def _shown(self, line: CaseLine) -> tuple[str, str]:
        """Kind and district, each kept back where too few cases share it."""
        words, case = self.wording.figures, line.case
        kept_back = words.export.kept_back.format(least=SMALL_CELL)
        of_kind = sum(count for (kind, _), count in self.groups.items() if kind == case.kind)
        if of_kind < SMALL_CELL:
            return kept_back, kept_back
        together = self.groups.get((case.kind.value, case.district or ""), 0)
        district = case.district or words.unset
        return self.wording.labels.kind[case.kind], district if together >= SMALL_CELL else kept_back


async def writer(store: Store, cleared: Cleared, now: datetime, wording: Wording) -> Writer:
    """What a file of this export is written with."""
    period = Period(cleared.request.first, cleared.request.last)
    groups = await store.read(lambda unit: unit.figures.group_sizes(period.since, period.until))
    return Writer(cleared, groups, now, wording)


async def rows(store: Store, writer: Writer, page_size: int = _PAGE) -> AsyncIterator[list[list[Value]]]:
    """All lines in pages, by number."""
    since, until, after = writer.period.since, writer.period.until, ""
    while True:
        page = await store.read(lambda unit, after=after: unit.figures.lines(since, until, after, page_size))  # type: ignore[misc]
        if page:
            yield [writer.row(line) for line in page]
        if len(page) < page_size:
            return
        after = page[-1].case.number


async def as_csv(store: Store, writer: Writer) -> AsyncIterator[bytes]:
    """The file in pieces; no cell of it is taken for a formula."""
    yield (_BOM + _csv([writer.head])).encode()
    async for page in rows(store, writer):
        yield _csv(page).encode()


def _csv(lines: list[list[Value]] | list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([safe(value) for value in line] for line in lines)
    return out.getvalue()


def safe(value: Value) -> Value:
    """A text that a spreadsheet program would calculate gets an apostrophe in front."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(_FORMULA):
        return "'" + value
    return value


def file_name(request: ExportRequest) -> str:
    """Says when and what, in plain ASCII."""
    return f"cases-{request.first.isoformat()}-{request.last.isoformat()}-{request.id[:6]}.{request.layout}"


def _day(at: datetime | None) -> str:
    return "" if at is None else civil_day(at).isoformat()


def _filled(frame: str, **values: str) -> str:
    """One pass over the frame: what stands in a name is never taken for a placeholder."""
    return frame.format_map(values)
