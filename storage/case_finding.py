"""Which cards a list shows, as SQL. Everything that comes from outside is a parameter."""

from bot.domain.cases import OPEN_STATUSES
from bot.domain.ports_cases import CaseFilter, CaseOrder, Sight
from storage.database import micros

_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
_IS_OPEN = f"status in ({_OPEN})"
_ORDERS = {
    CaseOrder.WORK: (
        f"case when {_IS_OPEN} then 0 else 1 end, case when {_IS_OPEN} then 1 - urgent else 0 end,"
        f" case when {_IS_OPEN} then promised_at else -changed_at end, number"
    ),
    CaseOrder.NEWEST: "opened_at desc, number desc",
}
_ASKED = (
    f"{_IS_OPEN} and exists (select 1 from review_asks r"  # noqa: S608 – no input in it
    " where r.case_id = cases.id and r.staff_id in ('', :member))"
)

_UNCLAIMED = f"assignee is null and merged_into is null and {_IS_OPEN}"
_DOUBLE_OF_HERS = (
    "assignee is null and exists (select 1 from cases o where o.id = cases.merged_into and"
    " o.assignee = :member)"
)


def found_by(wanted: CaseFilter) -> tuple[str, str, dict[str, object]]:
    """The condition, the order and the values of a filter."""
    values: dict[str, object] = {}
    conditions = ["1 = 1", *_plain(wanted, values), *_spans(wanted, values)]
    if wanted.ids is not None:
        conditions.append(_among("id", "id", wanted.ids, values))
    if wanted.statuses:
        conditions.append(_among("status", "status", [one.value for one in wanted.statuses], values))
    if wanted.seen_by is not None:
        conditions += _seen_by(wanted.seen_by, values)
        if wanted.asked_only:
            conditions.append(_ASKED)
    return " and ".join(conditions), _ORDERS[wanted.order], values


def _plain(wanted: CaseFilter, values: dict[str, object]) -> list[str]:
    """What must be equal, and what is said by a tick alone."""
    equal = {
        "assignee": wanted.assignee, "number": wanted.number, "district": wanted.district,
        "source": wanted.source, "employer_id": wanted.employer_id,
        "kind": None if wanted.kind is None else wanted.kind.value,
    }  # fmt: skip
    values |= {name: value for name, value in equal.items() if value is not None}
    ticked = {
        "assignee is null": wanted.unclaimed, _IS_OPEN: wanted.open_only, "urgent = 1": wanted.urgent,
        "merged_into is null": wanted.without_doubles or wanted.open_only,
    }  # fmt: skip
    return [
        *(f"{name} = :{name}" for name, value in equal.items() if value is not None),
        *(condition for condition, on in ticked.items() if on),
    ]


def _spans(wanted: CaseFilter, values: dict[str, object]) -> list[str]:
    """Before, after, and a part of the number."""
    conditions = []
    if wanted.due_before is not None:
        conditions.append("promised_at < :due_before")
        values["due_before"] = micros(wanted.due_before)
    if wanted.follow_up_before is not None:
        conditions.append("follow_up_at <= :follow_up_before")
        values["follow_up_before"] = micros(wanted.follow_up_before)
    if wanted.opened_from is not None:
        conditions.append("opened_at >= :opened_from")
        values["opened_from"] = micros(wanted.opened_from)
    if wanted.opened_until is not None:
        conditions.append("opened_at < :opened_until")
        values["opened_until"] = micros(wanted.opened_until)
    if wanted.number_part is not None:
        part = wanted.number_part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        conditions.append("lower(number) like :number_part escape '!'")
        values["number_part"] = f"%{part.lower()}%"
    return conditions


def _seen_by(sight: Sight, values: dict[str, object]) -> list[str]:
    """Like `case_gate.sees`: by role or as asked reviewer, and without a conflict of interest."""
    values["member"] = sight.staff_id
    ways = []
    if sight.everything:
        ways.append("1 = 1")
    else:
        ways += [_UNCLAIMED] if sight.unclaimed else []
        ways += ["assignee = :member", _DOUBLE_OF_HERS] if sight.assigned else []
        ways += [_ASKED] if sight.reviews else []
    conditions = [
        f"({' or '.join(ways) or '1 = 0'})",
        "not exists (select 1 from conflicts k where k.staff_id = :member"
        " and (k.case_id = cases.id or k.employer_id = cases.employer_id))",
    ]
    if sight.employer_id is not None:
        conditions.append("(employer_id is null or employer_id <> :member_employer)")
        values["member_employer"] = sight.employer_id
    return conditions


def _among(column: str, prefix: str, wanted: tuple[str, ...] | list[str], values: dict[str, object]) -> str:
    names = [f"{prefix}{place}" for place in range(len(wanted))]
    values.update(zip(names, wanted, strict=True))
    return f"{column} in (" + ", ".join(f":{name}" for name in names) + ")" if names else "1 = 0"
