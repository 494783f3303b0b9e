"""Figures over events, and requests that take a second person."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.domain.cases import CaseKind, Outcome
from bot.domain.ports_figures import (
    CaseLine,
    Closing,
    CountedCase,
    ExportRequest,
    FirstAnswer,
    Layout,
    Workload,
)
from storage import case_figures
from storage.case_figures import CASE, COUNTS
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none

_SHOWN_EMPLOYER_SIZES = "select id, size from employers where size is not null and size <> 'unknown'"


class FiguresTable:
    """Fulfils ports.FigureSource."""

    def __init__(self, context: UnitContext) -> None:
        self._db = context.db

    # ── figures ─────────────────────────────────────────────────────────────────────────────────────

    def opened(self, since: datetime, until: datetime) -> Sequence[CountedCase]:
        rows = self._db.all(
            f"select {CASE}, c.opened_at as at from cases c"  # noqa: S608 – constants
            f" where c.opened_at >= :since and c.opened_at < :until and {COUNTS} order by c.opened_at",
            since=micros(since), until=micros(until),
        )  # fmt: skip
        return [_case(row) for row in rows]

    def accepted(self, since: datetime, until: datetime) -> Sequence[CountedCase]:
        rows = self._db.all(case_figures.ACCEPTED, since=micros(since), until=micros(until))
        return [_case(row) for row in rows]

    def closings(self, since: datetime, until: datetime) -> Sequence[Closing]:
        rows = self._db.all(case_figures.CLOSINGS, since=micros(since), until=micros(until))
        return [_closing(row) for row in rows]

    def withdrawn(self, since: datetime, until: datetime) -> Sequence[CountedCase]:
        rows = self._db.all(case_figures.WITHDRAWN, since=micros(since), until=micros(until))
        return [_case(row) for row in rows]

    def first_answers(self, since: datetime, until: datetime) -> Sequence[FirstAnswer]:
        rows = self._db.all(case_figures.FIRST_ANSWERS, since=micros(since), until=micros(until))
        return [
            FirstAnswer(
                _case(row), instant(row["promised"]), instant_or_none(row["answered"]), bool(row["ended"])
            )
            for row in rows
        ]

    def workload(self, now: datetime, tomorrow: datetime) -> Workload:
        row = self._db.one(case_figures.WORKLOAD, now=micros(now), tomorrow=micros(tomorrow))
        assert row is not None
        return Workload(row["unclaimed"], row["due_today"], row["overdue"], row["urgent"])

    def employer_sizes(self) -> Mapping[str, str]:
        return {row["id"]: row["size"] for row in self._db.all(_SHOWN_EMPLOYER_SIZES)}

    # ── one line a case ─────────────────────────────────────────────────────────────────────────────

    def group_sizes(self, since: datetime, until: datetime) -> Mapping[tuple[str, str], int]:
        rows = self._db.all(
            "select c.kind, coalesce(c.district, '') as district, count(*) as cases from cases c"  # noqa: S608
            f" where c.opened_at >= :since and c.opened_at < :until and {COUNTS} group by 1, 2",
            since=micros(since), until=micros(until),
        )  # fmt: skip
        return {(row["kind"], row["district"]): row["cases"] for row in rows}

    def lines(self, since: datetime, until: datetime, after: str, limit: int) -> Sequence[CaseLine]:
        rows = self._db.all(
            case_figures.LINES, since=micros(since), until=micros(until), after=after, limit=limit
        )
        return [_line(row) for row in rows]

    # ── requests ────────────────────────────────────────────────────────────────────────────────────

    def add_export(self, request: ExportRequest) -> None:
        self._db.run(
            "insert into exports (id, first_day, last_day, layout, cases, asked_by, asked_at, decided_by,"
            " decided_at, agreed, used_at) values (:id, :first_day, :last_day, :layout, :cases, :asked_by,"
            " :asked_at, :decided_by, :decided_at, :agreed, :used_at)",
            id=request.id, first_day=request.first.isoformat(), last_day=request.last.isoformat(),
            layout=request.layout, cases=request.cases, asked_by=request.asked_by,
            asked_at=micros(request.asked_at), decided_by=request.decided_by,
            decided_at=micros_or_none(request.decided_at),
            agreed=None if request.agreed is None else int(request.agreed),
            used_at=micros_or_none(request.used_at),
        )  # fmt: skip

    def export(self, export_id: str) -> ExportRequest | None:
        row = self._db.one("select * from exports where id = :id", id=export_id)
        return None if row is None else _request(row)

    def exports(self, limit: int) -> Sequence[ExportRequest]:
        rows = self._db.all("select * from exports order by asked_at desc, id limit :limit", limit=limit)
        return [_request(row) for row in rows]

    def taken_alone(self, asked_by: str, since: datetime) -> int:
        row = self._db.one(
            "select coalesce(sum(cases), 0) as taken from exports"
            " where asked_by = :by and asked_at >= :since and used_at is not null and decided_by is null",
            by=asked_by, since=micros(since),
        )  # fmt: skip
        assert row is not None
        return int(row["taken"])

    def decide_export(self, export_id: str, by: str, agreed: bool, now: datetime) -> bool:
        touched = self._db.run(
            "update exports set decided_by = :by, decided_at = :at, agreed = :agreed"
            " where id = :id and agreed is null and used_at is null and asked_by <> :by",
            id=export_id, by=by, at=micros(now), agreed=int(agreed),
        )  # fmt: skip
        return touched == 1

    def use_export(self, export_id: str, now: datetime) -> bool:
        touched = self._db.run(
            "update exports set used_at = :at where id = :id and agreed = 1 and used_at is null",
            id=export_id, at=micros(now),
        )  # fmt: skip
        return touched == 1


def _case(row: Row) -> CountedCase:
    return CountedCase(
        row["id"], row["number"], CaseKind(row["kind"]), row["district"], row["source"], row["assignee"],
        row["employer_id"], bool(row["urgent"]), instant(row["at"]),
    )  # fmt: skip


def _closing(row: Row) -> Closing:
    return Closing(
        case=_case(row), outcome=Outcome(row["outcome"]), after_mediation=bool(row["after_mediation"]),
        people=row["people"], recovered_fen=row["recovered_fen"], confirmed_fen=row["confirmed_fen"],
        asked_back=bool(row["asked_back"]), stars=row["stars"],
    )  # fmt: skip


def _line(row: Row) -> CaseLine:
    return CaseLine(
        case=_case(row), status=row["status"], opened_at=instant(row["opened_at"]),
        accepted_at=instant_or_none(row["accepted_at"]), closed_at=instant_or_none(row["closed_at"]),
        outcome=row["outcome"], people=row["people"], recovered_fen=row["recovered_fen"],
        confirmed_fen=row["confirmed_fen"],
    )  # fmt: skip


def _request(row: Row) -> ExportRequest:
    return ExportRequest(
        id=row["id"], first=date.fromisoformat(row["first_day"]), last=date.fromisoformat(row["last_day"]),
        layout=Layout(row["layout"]), cases=row["cases"], asked_by=row["asked_by"],
        asked_at=instant(row["asked_at"]), decided_by=row["decided_by"],
        decided_at=instant_or_none(row["decided_at"]),
        agreed=None if row["agreed"] is None else bool(row["agreed"]),
        used_at=instant_or_none(row["used_at"]),
    )  # fmt: skip
