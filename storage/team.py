"""What staff keep for their work on cases: asked reviews, conflicts, tasks, looks, saved views."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.cases import OPEN_STATUSES, EventKind
from bot.domain.ports_team import ReviewAsk, SavedView, Task
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none
from storage.sealing import packed

_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
# A receipt taken up elsewhere, an urge or her stars are no words that somebody waits to see read.
_HER_MESSAGES = ", ".join(
    f"'{kind}'" for kind in (EventKind.OPENED, EventKind.HER_WORDS, EventKind.HER_FILE, EventKind.REOPENED)
)


class TeamTable:
    """Fulfils ports.TeamBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    # ── reviews that were asked for ─────────────────────────────────────────────────────────────────

    def ask(self, ask: ReviewAsk) -> None:
        self._db.run(
            "insert into review_asks (case_id, draft_id, staff_id, asked_by, at)"
            " values (:case, :draft, :staff, :asked_by, :at)"
            " on conflict (case_id, draft_id, staff_id) do nothing",
            case=ask.case_id, draft=ask.draft_id or "", staff=ask.staff_id or "", asked_by=ask.asked_by,
            at=micros(ask.at),
        )  # fmt: skip

    def asks(self, case_id: str) -> Sequence[ReviewAsk]:
        rows = self._db.all("select * from review_asks where case_id = :case order by at", case=case_id)
        return [
            ReviewAsk(
                case_id, row["draft_id"] or None, row["staff_id"] or None, row["asked_by"], instant(row["at"])
            )
            for row in rows
        ]

    def review_asked(self, case_id: str, staff_id: str) -> bool:
        row = self._db.one(
            "select 1 from review_asks where case_id = :case and staff_id in ('', :staff)",
            case=case_id, staff=staff_id,
        )  # fmt: skip
        return row is not None

    def waiting_reviews(self) -> Sequence[str]:
        rows = self._db.all(
            "select c.id from cases c where c.merged_into is null"  # noqa: S608 – values of an enumeration
            f" and c.status in ({_OPEN}) and (exists (select 1 from drafts d where d.case_id = c.id"
            " and d.review in ('needed', 'asked')) or exists (select 1 from review_asks a"
            " where a.case_id = c.id and a.draft_id = '')) order by c.number"
        )
        return [row["id"] for row in rows]

    def drop_asks(self, case_id: str, draft_id: str | None) -> None:
        self._db.run(
            "delete from review_asks where case_id = :case and draft_id = :draft",
            case=case_id, draft=draft_id or "",
        )  # fmt: skip

    def drop_asks_of(self, case_id: str, staff_id: str) -> None:
        self._db.run(
            "delete from review_asks where case_id = :case and staff_id = :staff",
            case=case_id, staff=staff_id,
        )  # fmt: skip

    def carry_asks(self, case_id: str, draft_id: str | None, to: str, staff_id: str) -> None:
        gone = self._db.all(
            "delete from review_asks where case_id = :case and draft_id = :draft"
            " and staff_id in ('', :staff) returning asked_by, at",
            case=case_id, draft=draft_id or "", staff=staff_id,
        )  # fmt: skip
        if gone:
            self.ask(ReviewAsk(case_id, to, staff_id, gone[0]["asked_by"], instant(gone[0]["at"])))

    # ── conflicts of interest ───────────────────────────────────────────────────────────────────────

    def keep_conflict(self, case_id: str, staff_id: str, employer_id: str | None, now: datetime) -> None:
        self._db.run(
            "insert into conflicts (case_id, staff_id, employer_id, at)"
            " values (:case, :staff, :employer, :at)"
            " on conflict (case_id, staff_id) do update set employer_id = excluded.employer_id",
            case=case_id, staff=staff_id, employer=employer_id, at=micros(now),
        )  # fmt: skip

    def drop_conflict(self, case_id: str, staff_id: str) -> None:
        self._db.run(
            "delete from conflicts where case_id = :case and staff_id = :staff", case=case_id, staff=staff_id
        )

    def conflicts(self, case_id: str) -> Sequence[str]:
        rows = self._db.all("select staff_id from conflicts where case_id = :case order by at", case=case_id)
        return [row["staff_id"] for row in rows]

    def has_conflict(self, case_id: str, employer_id: str | None, staff_id: str) -> bool:
        row = self._db.one(
            "select 1 from conflicts where staff_id = :staff"
            " and (case_id = :case or employer_id = :employer)",
            case=case_id, staff=staff_id, employer=employer_id,
        )  # fmt: skip
        return row is not None

    # ── tasks ───────────────────────────────────────────────────────────────────────────────────────

    def keep_task(self, task: Task) -> None:
        words = (
            self._seal.seal_text("case", task.case_id, _task_place(task.id), task.words)
            if task.words
            else None
        )
        self._db.run(
            "insert into tasks (id, case_id, step, words, made_by, at, assignee, due, done_by, done_at)"
            " values (:id, :case, :step, :words, :made_by, :at, :assignee, :due, :done_by, :done_at)"
            " on conflict (id) do update set words = excluded.words, assignee = excluded.assignee,"
            " due = excluded.due, done_by = excluded.done_by, done_at = excluded.done_at",
            id=task.id, case=task.case_id, step=task.step, words=words, made_by=task.made_by,
            at=micros(task.at), assignee=task.assignee, due=task.due.isoformat() if task.due else None,
            done_by=task.done_by, done_at=micros_or_none(task.done_at),
        )  # fmt: skip

    def task(self, task_id: str) -> Task | None:
        row = self._db.one("select * from tasks where id = :id", id=task_id)
        return None if row is None else self.opened_task(row)

    def tasks_of(self, case_id: str) -> Sequence[Task]:
        rows = self._db.all(
            "select * from tasks where case_id = :case order by case when done_at is null then 0 else 1 end,"
            " case when done_at is null then coalesce(due, '9') else '' end, done_at desc, at, id",
            case=case_id,
        )
        return [self.opened_task(row) for row in rows]

    def drop_task(self, task_id: str) -> None:
        self._db.run("delete from tasks where id = :id", id=task_id)

    def open_tasks(self, staff_id: str, limit: int) -> Sequence[Task]:
        rows = self._db.all(
            "select t.* from tasks t join cases c on c.id = t.case_id where t.done_at is null"  # noqa: S608
            " and (t.assignee = :staff or (t.assignee is null and c.assignee = :staff))"
            f" and c.status in ({_OPEN}) and c.merged_into is null"
            " order by coalesce(t.due, '9'), t.at, t.id limit :limit",
            staff=staff_id, limit=limit,
        )  # fmt: skip
        return [self.opened_task(row) for row in rows]

    def opened_task(self, row: Row) -> Task:
        """A row with its words unsealed; `verify` opens them by this as well."""
        place = _task_place(row["id"])
        words = row["words"]
        return Task(
            row["id"], row["case_id"], row["made_by"], instant(row["at"]), row["step"],
            "" if words is None else self._seal.open_text("case", row["case_id"], place, words),
            row["assignee"], None if row["due"] is None else date.fromisoformat(row["due"]),
            row["done_by"], instant_or_none(row["done_at"]),
        )  # fmt: skip

    # ── what a member has seen ──────────────────────────────────────────────────────────────────────

    def saw(self, staff_id: str, case_id: str, seq: int) -> None:
        self._db.run(
            "insert into case_looks (staff_id, case_id, seq) values (:staff, :case, :seq)"
            " on conflict (staff_id, case_id) do update set seq = excluded.seq"
            " where case_looks.seq < excluded.seq",
            staff=staff_id, case=case_id, seq=seq,
        )  # fmt: skip

    def with_news(self, staff_id: str, case_ids: Sequence[str]) -> frozenset[str]:
        if not case_ids:
            return frozenset()
        names = [f"id{place}" for place in range(len(case_ids))]
        among = ", ".join(f":{name}" for name in names)
        rows = self._db.all(
            "select e.case_id from events e join cases c on c.id = e.case_id"  # noqa: S608 – names of parameters
            f" where e.case_id in ({among}) and e.by = 'worker' and e.kind in ({_HER_MESSAGES})"
            " group by e.case_id, c.assignee"
            " having max(e.seq) > coalesce((select max(l.seq) from case_looks l where l.case_id = e.case_id"
            " and l.staff_id in (:staff, c.assignee)), 0)"
            " and max(e.seq) > coalesce((select max(s.seq) from events s"
            " where s.case_id = e.case_id and s.by in (:staff, c.assignee)), 0)",
            staff=staff_id, **dict(zip(names, case_ids, strict=True)),
        )  # fmt: skip
        return frozenset(row["case_id"] for row in rows)

    # ── saved views ─────────────────────────────────────────────────────────────────────────────────

    def keep_view(self, view: SavedView, now: datetime) -> None:
        about = packed({"name": view.name, "filters": dict(view.filters)})
        self._db.run(
            "insert into saved_views (id, staff_id, shared, about, at)"
            " values (:id, :staff, :shared, :about, :at)",
            id=view.id, staff=view.staff_id, shared=int(view.shared),
            about=self._seal.seal_fact(f"saved_views:{view.id}:about", about), at=micros(now),
        )  # fmt: skip

    def views(self, staff_id: str) -> Sequence[SavedView]:
        rows = self._db.all(
            "select * from saved_views where staff_id = :staff or shared = 1 order by at, id", staff=staff_id
        )
        return [self.opened_view(row) for row in rows]

    def opened_view(self, row: Row) -> SavedView:
        """A row with its name and filters unsealed; `verify` opens them by this as well."""
        about = json.loads(self._seal.open_fact(f"saved_views:{row['id']}:about", row["about"]))
        return SavedView(row["id"], row["staff_id"], bool(row["shared"]), about["name"], about["filters"])

    def drop_view(self, view_id: str) -> None:
        self._db.run("delete from saved_views where id = :id", id=view_id)

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────

    def erase_case(self, case_id: str) -> None:
        """Nothing of an erased case stays, but who is barred from it."""
        for table in ("review_asks", "tasks", "case_looks"):
            self._db.run(f"delete from {table} where case_id = :case", case=case_id)  # noqa: S608


def _task_place(task_id: str) -> str:
    return f"tasks:{task_id}:words"
