"""What has outlived its time, found and forgotten."""

from collections.abc import Sequence
from datetime import datetime

from storage.context import UnitContext
from storage.database import micros
from storage.people import PeopleTable
from storage.subscriptions import SubscriptionsTable

_BATCH = 5000  # rows of one kind in one unit: the writer has other things to do


class RetentionTable:
    """Fulfils ports.Retention."""

    def __init__(self, context: UnitContext, people: PeopleTable, subscriptions: SubscriptionsTable) -> None:
        self._db, self._context = context.db, context
        self._people, self._subscriptions = people, subscriptions

    def silent_people(self, before: datetime, limit: int) -> Sequence[str]:
        rows = self._db.all(
            "select p.id from people p"
            " where not exists (select 1 from inbox i where i.person_id = p.id and i.at >= :before)"
            " and not exists (select 1 from outbox o where o.person_id = p.id"
            "   and (o.at >= :before and o.lane < 3 or o.state in ('queued', 'sending')))"
            " and not exists (select 1 from sessions s where s.person_id = p.id and s.at >= :before)"
            " and p.first_seen < :before"
            " and (not exists (select 1 from holders h where h.person_id = p.id)"
            "   and not exists (select 1 from subscriptions s where s.person_id = p.id"
            "     and s.active = 1 and s.lasting = 1 and p.blocked = 0)"
            "   or exists (select 1 from inbox i where i.person_id = p.id)"
            "   or exists (select 1 from outbox o where o.person_id = p.id and o.lane < 3)"
            "   or exists (select 1 from sessions s where s.person_id = p.id)) limit :limit",
            before=micros(before), limit=limit,
        )  # fmt: skip
        return [row["id"] for row in rows]

    def forget_person(self, person_id: str) -> None:
        holds = self._db.one("select 1 from holders where person_id = :person limit 1", person=person_id)
        wants_tips = self._subscriptions.lasting(person_id)
        self._people.forget_talk(person_id, with_tips=not wants_tips)
        if holds is None and not wants_tips and self._people.get(person_id) is not None:
            self._people.remove(person_id)

    def drop_sessions(self, before: datetime) -> int:
        self._context.erased = True
        return self._db.run("delete from sessions where at < :before", before=micros(before))

    def closed_cases(
        self, before: datetime, limit: int, opened_after: datetime | None = None
    ) -> Sequence[str]:
        rows = self._db.all(
            "select id from cases where status in ('closed', 'follow_up', 'archived', 'withdrawn')"
            " and answers is not null"
            " and changed_at < :before and opened_at > :after order by changed_at limit :limit",
            before=micros(before), limit=limit, after=0 if opened_after is None else micros(opened_after),
        )  # fmt: skip
        return [row["id"] for row in rows]

    def drop_traces(self, before: datetime) -> int:
        statements = (
            "delete from inbox where seq in"
            " (select seq from inbox where state = 'gone' and at < :before limit :batch)",
            "delete from outbox where seq in (select seq from outbox where person_id is null"
            " and case_id is null and state in ('sent', 'dead') and at < :before limit :batch)",
            "delete from outbox where seq in (select seq from outbox where lane = 3"
            " and person_id is not null and state in ('sent', 'dead') and at < :before limit :batch)",
            "delete from staff_sessions where seen_at < :before",
            "delete from staff_links where until < :before",
            "delete from limits where until < :before",
            "delete from erased where at < :before",
            "delete from feedback where at < :before",
        )
        values = {"before": micros(before), "batch": _BATCH}
        return sum(self._db.run(statement, **_used(statement, values)) for statement in statements)


def _used(statement: str, values: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in values.items() if f":{name}" in statement}
