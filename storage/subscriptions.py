"""Who wants the weekly tip, which one came last, and whether this week's turn is over."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.domain.ports_teaching import Subscriber
from storage.context import UnitContext
from storage.database import micros


class SubscriptionsTable:
    """Fulfils ports_teaching.Subscriptions."""

    def __init__(self, context: UnitContext) -> None:
        self._db = context.db

    def active(self, person_id: str) -> bool:
        row = self._db.one(
            "select 1 from subscriptions where person_id = :person and active = 1", person=person_id
        )
        return row is not None

    def lasting(self, person_id: str) -> bool:
        """Whether her wish is a reason to keep her, however long she is silent."""
        row = self._db.one(
            "select 1 from subscriptions s join people p on p.id = s.person_id"
            " where s.person_id = :person and s.active = 1 and s.lasting = 1 and p.blocked = 0",
            person=person_id,
        )
        return row is not None

    def add(self, person_id: str, week: date, now: datetime, *, lasting: bool) -> None:
        self._db.run(
            "insert into subscriptions (person_id, active, lasting, week, place, since)"
            " values (:person, 1, :lasting, :week, 0, :now)"
            " on conflict (person_id) do update set active = 1, lasting = :lasting, since = :now,"
            " week = case when subscriptions.week > :week then subscriptions.week else :week end"
            " where subscriptions.active = 0",
            person=person_id, lasting=int(lasting), week=week.isoformat(), now=micros(now),
        )  # fmt: skip

    def stop(self, person_id: str) -> None:
        self.drop_waiting(person_id)
        self._db.run("update subscriptions set active = 0 where person_id = :person", person=person_id)

    def drop_waiting(self, person_id: str) -> None:
        # The timetable may look at the chat too early now, which costs one look.
        self._db.run(
            "delete from outbox where state = 'queued' and person_id = :person"
            " and seq = (select seq from subscriptions where person_id = :person)",
            person=person_id,
        )

    def due(self, week: date, limit: int) -> Sequence[Subscriber]:
        rows = self._db.all(
            "select s.person_id, s.tip, s.place from subscriptions s join people p on p.id = s.person_id"
            " where s.active = 1 and s.week < :week and p.quiet = 0 and p.blocked = 0"
            " and not exists (select 1 from outbox o where o.seq = s.seq"
            "   and o.state in ('queued', 'sending'))"
            " order by s.week, s.person_id limit :limit",
            week=week.isoformat(), limit=limit,
        )  # fmt: skip
        return [Subscriber(row["person_id"], row["tip"], row["place"]) for row in rows]

    def sent(self, person_id: str, week: date, tip: str, place: int, seq: int) -> None:
        self._db.run(
            "update subscriptions set week = :week, tip = :tip, place = :place, seq = :seq"
            " where person_id = :person",
            person=person_id, week=week.isoformat(), tip=tip, place=place, seq=seq,
        )  # fmt: skip
