"""The legal dates of each case."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.domain import signals
from bot.domain.case_deadlines import CaseDeadline, DaySure, DeadlineState, DropReason
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none

_COLUMNS = (
    "id, case_id, rule, event_on, last_on, sure, set_by, set_at, state, reason, ended_at, interruptions,"
    " warned, told, look_on"
)
_NAMES = [name.strip() for name in _COLUMNS.split(",")]
_NEVER_CHANGED = {"id", "case_id", "rule"}
_VALUES = ", ".join(f":{name}" for name in _NAMES)
_CHANGED = ", ".join(f"{name} = :{name}" for name in _NAMES if name not in _NEVER_CHANGED)
_AT_ONCE = 500  # ids in one statement


class DeadlinesTable:
    """Fulfils ports.DeadlineBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._context = context.db, context

    def keep(self, deadline: CaseDeadline) -> None:
        self._db.run(
            f"insert into deadlines ({_COLUMNS}) values ({_VALUES})"  # noqa: S608 – names of columns
            f" on conflict (id) do update set {_CHANGED} where deadlines.case_id = :case_id",
            **_values(deadline),
        )
        self._context.announced.update((signals.CASES, signals.case_of(deadline.case_id)))

    def of_case(self, case_id: str) -> Sequence[CaseDeadline]:
        rows = self._db.all(
            f"select {_COLUMNS} from deadlines where case_id = :case"  # noqa: S608 – names of columns
            " order by case state when 'running' then 0 when 'lapsed' then 1 else 2 end,"
            " coalesce(last_on, ''), id",
            case=case_id,
        )
        return [_deadline(row) for row in rows]

    def get(self, case_id: str, deadline_id: str) -> CaseDeadline | None:
        row = self._db.one(
            f"select {_COLUMNS} from deadlines where id = :id and case_id = :case",  # noqa: S608 – names of columns
            id=deadline_id, case=case_id,
        )  # fmt: skip
        return None if row is None else _deadline(row)

    def due(self, today: date, limit: int) -> Sequence[CaseDeadline]:
        columns = ", ".join(f"d.{name}" for name in _NAMES)
        rows = self._db.all(
            f"select {columns} from deadlines d join cases c on c.id = d.case_id"  # noqa: S608 – names of columns
            " where d.look_on is not null and d.look_on <= :today"
            " and c.status not in ('withdrawn', 'archived')"
            " order by d.look_on, d.id limit :limit",
            today=today.isoformat(), limit=limit,
        )  # fmt: skip
        return [_deadline(row) for row in rows]

    def nearest(self, case_ids: Sequence[str], until: date) -> Mapping[str, CaseDeadline]:
        found: dict[str, CaseDeadline] = {}
        for at in range(0, len(case_ids), _AT_ONCE):
            part = case_ids[at : at + _AT_ONCE]
            names = {f"id{place}": case_id for place, case_id in enumerate(part)}
            wanted = ", ".join(f":{name}" for name in names)
            rows = self._db.all(
                f"select {_COLUMNS} from deadlines where case_id in ({wanted}) and state = 'running'"  # noqa: S608
                " and last_on is not null and last_on <= :until order by last_on desc, id desc",
                until=until.isoformat(), **names,
            )  # fmt: skip
            found |= {row["case_id"]: _deadline(row) for row in rows}  # the nearest comes last
        return found


def _values(deadline: CaseDeadline) -> dict[str, object]:
    return {
        "id": deadline.id, "case_id": deadline.case_id, "rule": deadline.rule,
        "event_on": _written(deadline.event_on), "last_on": _written(deadline.last_on),
        "sure": deadline.sure, "set_by": deadline.set_by, "set_at": micros(deadline.set_at),
        "state": deadline.state, "reason": deadline.reason, "ended_at": micros_or_none(deadline.ended_at),
        "interruptions": " ".join(day.isoformat() for day in deadline.interruptions),
        "warned": deadline.warned, "told": deadline.told, "look_on": _written(deadline.look_on),
    }  # fmt: skip


def _deadline(row: Row) -> CaseDeadline:
    return CaseDeadline(
        id=row["id"], case_id=row["case_id"], rule=row["rule"], event_on=_read(row["event_on"]),
        last_on=_read(row["last_on"]), sure=DaySure(row["sure"]), set_by=row["set_by"],
        set_at=instant(row["set_at"]), state=DeadlineState(row["state"]),
        reason=None if row["reason"] is None else DropReason(row["reason"]),
        ended_at=instant_or_none(row["ended_at"]),
        interruptions=tuple(date.fromisoformat(day) for day in row["interruptions"].split()),
        warned=row["warned"], told=row["told"],
    )  # fmt: skip


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _read(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)
