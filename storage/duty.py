"""Who is on duty, who stands in for whom, what staff must be told, and how far the clock has watched."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.domain.cases import OPEN_STATUSES
from bot.domain.ports_duty import Absence, Notice
from bot.domain.silence import Watch
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none

_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
# Erased cases have no words left to work on; merged ones are worked on elsewhere.
_LIVING = f"c.status in ({_OPEN}) and c.merged_into is null and c.answers is not null"
_RUNNING = f"{_LIVING} and c.paused_at is null"


class DutyTable:
    """Fulfils ports.DutyBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    # ── the roster ──────────────────────────────────────────────────────────────────────────────────

    def on_duty(self, day: date) -> Sequence[str]:
        return tuple(self.roster(day, day).get(day, ()))

    def roster(self, first: date, last: date) -> Mapping[date, Sequence[str]]:
        rows = self._db.all(
            "select day, staff_id from duty_days where day >= :first and day <= :last order by day, place",
            first=first.isoformat(), last=last.isoformat(),
        )  # fmt: skip
        found: dict[date, list[str]] = {}
        for row in rows:
            found.setdefault(date.fromisoformat(row["day"]), []).append(row["staff_id"])
        return found

    def plan(self, day: date, staff_ids: Sequence[str]) -> None:
        self._db.run("delete from duty_days where day = :day", day=day.isoformat())
        for place, staff_id in enumerate(dict.fromkeys(staff_ids)):
            self._db.run(
                "insert into duty_days (day, staff_id, place) values (:day, :staff, :place)",
                day=day.isoformat(), staff=staff_id, place=place,
            )  # fmt: skip

    # ── absences ────────────────────────────────────────────────────────────────────────────────────

    def add_absence(self, absence: Absence) -> None:
        self._db.run(
            "insert into absences (id, staff_id, substitute_id, first_day, last_day)"
            " values (:id, :staff, :substitute, :first, :last)",
            id=absence.id, staff=absence.staff, substitute=absence.substitute,
            first=absence.first.isoformat(), last=absence.last.isoformat(),
        )  # fmt: skip

    def end_absence(self, absence_id: str) -> Absence | None:
        row = self._db.one("delete from absences where id = :id returning *", id=absence_id)
        return None if row is None else _absence(row)

    def absences(self, since: date) -> Sequence[Absence]:
        rows = self._db.all(
            "select * from absences where last_day >= :since order by first_day, last_day, id",
            since=since.isoformat(),
        )
        return [_absence(row) for row in rows]

    def absence_of(self, staff_id: str, day: date) -> Absence | None:
        row = self._db.one(
            "select * from absences where staff_id = :staff and first_day <= :day and last_day >= :day"
            " order by first_day desc, id limit 1",
            staff=staff_id, day=day.isoformat(),
        )  # fmt: skip
        return None if row is None else _absence(row)

    # ── notices ─────────────────────────────────────────────────────────────────────────────────────

    def add_notice(self, notice: Notice) -> None:
        self._db.run(
            "insert into notices (id, staff_id, case_id, text, at, urgent, read_at)"
            " values (:id, :staff, :case, :text, :at, :urgent, :read_at)",
            id=notice.id, staff=notice.staff, case=notice.case_id,
            text=self._seal.seal_fact(_place(notice.id), notice.text), at=micros(notice.at),
            urgent=int(notice.urgent), read_at=micros_or_none(notice.read_at),
        )  # fmt: skip

    def notices(self, staff_id: str, limit: int) -> Sequence[Notice]:
        rows = self._db.all(
            "select * from notices where staff_id = :staff"
            " order by case when read_at is null then 0 else 1 end, at desc, id limit :limit",
            staff=staff_id, limit=limit,
        )  # fmt: skip
        return [self._notice(row) for row in rows]

    def _notice(self, row: Row) -> Notice:
        text = self._seal.open_fact(_place(row["id"]), row["text"])
        return Notice(
            row["id"], row["staff_id"], text, instant(row["at"]), row["case_id"], bool(row["urgent"]),
            instant_or_none(row["read_at"]),
        )  # fmt: skip

    def waiting(self, staff_id: str) -> int:
        row = self._db.one(
            "select count(*) as unread from notices where staff_id = :staff and read_at is null",
            staff=staff_id,
        )
        return 0 if row is None else int(row["unread"])

    def mark_read(self, staff_id: str, until: datetime, now: datetime) -> int:
        return self._db.run(
            "update notices set read_at = :now where staff_id = :staff and read_at is null and at <= :until",
            staff=staff_id, until=micros(until), now=micros(now),
        )  # fmt: skip

    def drop_notices(self, before: datetime) -> int:
        return self._db.run("delete from notices where at < :before", before=micros(before))

    # ── the clock ───────────────────────────────────────────────────────────────────────────────────

    def to_look_at(self, now: datetime, limit: int) -> Sequence[tuple[str, Watch | None]]:
        rows = self._db.all(
            "select c.id, w.case_id as watched, w.began_at, w.promised_at, w.urgent, w.urged, w.look_at,"  # noqa: S608 – constants of this file
            " w.broken_began, w.broken_by, w.reminded"
            f" from cases c left join promise_watch w on w.case_id = c.id where {_RUNNING}"
            " and (w.case_id is null or w.look_at <= :now or w.promised_at <> c.promised_at"
            "  or w.began_at <> coalesce(c.began_at, c.opened_at) or w.urgent <> c.urgent"
            "  or w.urged <> c.urged)"
            " order by c.urgent desc, c.promised_at, c.id limit :limit",
            now=micros(now), limit=limit,
        )  # fmt: skip
        return [(row["id"], None if row["watched"] is None else _watch(row)) for row in rows]

    def keep_watch(self, watch: Watch) -> None:
        self._db.run(
            "insert into promise_watch (case_id, began_at, promised_at, urgent, urged, look_at,"
            " broken_began, broken_by, reminded) values (:case_id, :began_at, :promised_at, :urgent, :urged,"
            " :look_at, :broken_began, :broken_by, :reminded)"
            " on conflict (case_id) do update set began_at = excluded.began_at,"
            " promised_at = excluded.promised_at, urgent = excluded.urgent, urged = excluded.urged,"
            " look_at = excluded.look_at, broken_began = excluded.broken_began,"
            " broken_by = excluded.broken_by, reminded = excluded.reminded",
            case_id=watch.case_id, began_at=micros(watch.began_at), promised_at=micros(watch.promised_at),
            urgent=int(watch.urgent), urged=watch.urged, look_at=micros(watch.look_at),
            broken_began=micros_or_none(watch.broken_began), broken_by=micros_or_none(watch.broken_by),
            reminded=int(watch.reminded),
        )  # fmt: skip

    def mark(self, owner: str, what: str, now: datetime) -> bool:
        touched = self._db.run(
            "insert into clock_marks (owner, what, at) values (:owner, :what, :at)"
            " on conflict (owner, what) do nothing",
            owner=owner, what=what, at=micros(now),
        )  # fmt: skip
        return touched > 0

    def unclaimed(self, opened_before: datetime, limit: int) -> Sequence[str]:
        return self._ids(
            "c.assignee is null and c.status = 'new' and c.opened_at <= :before"
            " and not exists (select 1 from clock_marks m where m.owner = c.id and m.what = 'unclaimed')",
            opened_before, limit,
        )  # fmt: skip

    def old_ones(self, opened_before: datetime, what: str, limit: int) -> Sequence[str]:
        return self._ids(
            "c.opened_at <= :before"
            " and not exists (select 1 from clock_marks m where m.owner = c.id and m.what = :what)",
            opened_before, limit, what=what,
        )  # fmt: skip

    def _ids(self, condition: str, before: datetime, limit: int, **values: str) -> Sequence[str]:
        rows = self._db.all(
            f"select c.id from cases c where {_RUNNING} and {condition}"  # noqa: S608 – constants of this file
            " order by c.urgent desc, c.opened_at, c.id limit :limit",
            before=micros(before), limit=limit, **values,
        )  # fmt: skip
        return [row["id"] for row in rows]

    def paused(self, before: datetime) -> Sequence[str]:
        rows = self._db.all(
            f"select c.id from cases c where {_LIVING} and c.paused_at <= :before order by c.paused_at",  # noqa: S608 – constants of this file
            before=micros(before),
        )
        return [row["id"] for row in rows]

    def open_counts(self) -> Mapping[str, int]:
        rows = self._db.all(
            f"select c.assignee, count(*) as cases from cases c where {_LIVING}"  # noqa: S608 – constants of this file
            " and c.assignee is not null group by c.assignee"
        )
        return {row["assignee"]: row["cases"] for row in rows}

    def stranded(self) -> Mapping[str, int]:
        rows = self._db.all(
            "select c.assignee, count(*) as cases from cases c join staff s on s.id = c.assignee"  # noqa: S608 – constants of this file
            f" where s.active = 0 and {_LIVING} group by c.assignee order by c.assignee"
        )
        return {row["assignee"]: row["cases"] for row in rows}


def _absence(row: Row) -> Absence:
    return Absence(
        row["id"], row["staff_id"], row["substitute_id"],
        date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]),
    )  # fmt: skip


def _watch(row: Row) -> Watch:
    return Watch(
        row["watched"], instant(row["began_at"]), instant(row["promised_at"]), bool(row["urgent"]),
        row["urged"], instant(row["look_at"]), instant_or_none(row["broken_began"]),
        instant_or_none(row["broken_by"]), bool(row["reminded"]),
    )  # fmt: skip


def _place(notice_id: str) -> str:
    return f"notices:{notice_id}:text"
