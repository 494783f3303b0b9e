"""Small tables of the house: limits, feedback for curators, facts of the installation."""

import secrets
import struct
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.ports_staff import NoteCount, Unanswered
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros

_SHANGHAI = timedelta(hours=8)


class LimitsTable:
    """Fulfils ports.Limits: a sliding window, exact. Refused tries do not count."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    def hit(self, what: str, now: datetime, *, window_s: int, at_most: int) -> bool:
        at = micros(now)
        hashed, times, known = self._times(what, at, window_s)
        if len(times) >= at_most:
            return False
        self._keep(hashed, [*times, at], at, window_s)
        if not known:  # each newcomer carries a little out
            self._db.run(
                "delete from limits where what in (select what from limits where until < :now limit 4)",
                now=at,
            )
        return True

    def take_back(self, what: str, now: datetime, *, window_s: int) -> None:
        hashed, times, known = self._times(what, micros(now), window_s)
        if known:
            self._keep(hashed, sorted(times)[:-1], micros(now), window_s)

    def free_in(self, what: str, now: datetime, *, window_s: int, at_most: int) -> int:
        at = micros(now)
        _, times, _ = self._times(what, at, window_s)
        if len(times) < at_most:
            return 0
        return max(1, -((at - sorted(times)[-at_most] - window_s * 1_000_000) // 1_000_000))

    def _times(self, what: str, at: int, window_s: int) -> tuple[bytes, list[int], bool]:
        """Under which hash it is kept, the hits that still count, and whether there is a row."""
        window = window_s * 1_000_000
        hashed = self._seal.system.hash("limits-hmac", "limit", what, str(window_s))
        row = self._db.one("select times from limits where what = :what", what=hashed)
        kept = b"" if row is None else row["times"]
        # A clock that was set back leaves hits in the future behind: they count for one window at most.
        times = [time for (time,) in struct.iter_unpack(">q", kept) if at - window < time <= at + window]
        return hashed, times, row is not None

    def _keep(self, hashed: bytes, times: list[int], at: int, window_s: int) -> None:
        self._db.run(
            "insert into limits (what, times, until) values (:what, :times, :until)"
            " on conflict (what) do update set times = :times, until = :until",
            what=hashed, times=struct.pack(f">{len(times)}q", *times), until=at + window_s * 1_000_000,
        )  # fmt: skip


class FeedbackTable:
    """Fulfils ports.Feedback."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    def add(self, masked: str, reason: str, topic: str | None, now: datetime) -> None:
        mark = secrets.token_hex(6)
        self._db.run(
            "insert into feedback (at, reason, topic, mark, masked)"
            " values (:at, :reason, :topic, :mark, :masked)",
            at=micros(now), reason=reason, topic=topic, mark=mark,
            masked=self._seal.seal_fact(f"feedback:{mark}:masked", masked),
        )  # fmt: skip

    def helped(self, topic: str, now: datetime) -> None:
        self._db.run(
            "insert into helped (topic, day, people) values (:topic, :day, 1)"
            " on conflict (topic, day) do update set people = helped.people + 1",
            topic=topic, day=(now + _SHANGHAI).date().isoformat(),
        )  # fmt: skip

    def latest(self, limit: int) -> Sequence[Unanswered]:
        rows = self._db.all("select * from feedback order by seq desc limit :limit", limit=limit)
        return [self._note(row) for row in rows]

    def page(
        self, *, done: bool, limit: int, before: int | None = None, reason: str = "", topic: str = ""
    ) -> Sequence[Unanswered]:
        wanted: dict[str, str | int] = {"limit": limit}
        conditions = ["done_at is not null" if done else "done_at is null"]
        if before is not None:
            conditions, wanted = [*conditions, "seq < :before"], {**wanted, "before": before}
        for column, value in (("reason", reason), ("topic", topic)):
            if value:
                conditions, wanted = [*conditions, f"{column} = :{column}"], {**wanted, column: value}
        rows = self._db.all(
            f"select * from feedback where {' and '.join(conditions)}"  # noqa: S608 – constants of this file
            " order by seq desc limit :limit",
            **wanted,
        )
        return [self._note(row) for row in rows]

    def since(self, at: datetime, limit: int) -> Sequence[Unanswered]:
        rows = self._db.all(
            "select * from feedback where at >= :at order by seq desc limit :limit",
            at=micros(at),
            limit=limit,
        )
        return [self._note(row) for row in rows]

    def counts(self) -> Sequence[NoteCount]:
        rows = self._db.all(
            "select reason, topic, count(*) as total,"
            " sum(case when done_at is null then 1 else 0 end) as waiting"
            " from feedback group by reason, topic order by waiting desc, total desc, reason, topic"
        )
        return [NoteCount(row["reason"], row["topic"], row["waiting"], row["total"]) for row in rows]

    def helped_counts(self) -> Mapping[str, int]:
        rows = self._db.all("select topic, sum(people) as people from helped group by topic")
        return {row["topic"]: row["people"] for row in rows}

    def mark_done(self, numbers: Sequence[int], by: str, now: datetime) -> Sequence[int]:
        marked = "update feedback set done_at = :at, done_by = :by where seq = :seq and done_at is null"
        at = micros(now)
        return [seq for seq in dict.fromkeys(numbers) if self._db.run(marked, at=at, by=by, seq=seq)]

    def _note(self, row: Row) -> Unanswered:
        return Unanswered(
            row["seq"], instant(row["at"]),
            self._seal.open_fact(f"feedback:{row['mark']}:masked", row["masked"]),
            row["reason"], row["topic"], instant_or_none(row["done_at"]), row["done_by"],
        )  # fmt: skip


class FactsTable:
    """Fulfils ports.Facts. Names are kept as keyed hashes: some hold a code."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    def _name(self, name: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "fact", name)

    def get(self, name: str) -> str | None:
        hashed = self._name(name)
        row = self._db.one("select value from facts where name = :name", name=hashed)
        return None if row is None else self._seal.open_fact(f"facts:{hashed.hex()}:value", row["value"])

    def put(self, name: str, value: str) -> None:
        hashed = self._name(name)
        self._db.run(
            "insert into facts (name, value) values (:name, :value)"
            " on conflict (name) do update set value = :value",
            name=hashed, value=self._seal.seal_fact(f"facts:{hashed.hex()}:value", value),
        )  # fmt: skip
