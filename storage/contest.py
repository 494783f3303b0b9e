"""The contest: tries, answers, standings. Keyed by a hash that leads to no person's rows."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.incoming import Address
from bot.domain.ports_contest import Attempt, Standing
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros


def score_of(right: int, questions: int) -> int:
    """Share of right answers, 0–100, halves rounded up."""
    return 0 if questions == 0 else (200 * right + questions) // (2 * questions)


class ContestTable:
    """Fulfils ports.ContestStore."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    def player(self, address: Address) -> str:
        return self._seal.system.hash("contest-hmac", "player", address.channel, address.id).hex()

    # ── tries ───────────────────────────────────────────────────────────────────────────────────────

    def current(self, player: str, campaign: str) -> Attempt | None:
        row = self._db.one(
            "select * from contest_attempts where campaign = :campaign and player = :player"
            " and finished_at is null order by started_at desc limit 1",
            campaign=campaign, player=player,
        )  # fmt: skip
        return None if row is None else _attempt(row)

    def get(self, attempt_id: str) -> Attempt | None:
        row = self._db.one("select * from contest_attempts where id = :id", id=attempt_id)
        return None if row is None else _attempt(row)

    def tries_on(self, player: str, campaign: str, day: date) -> int:
        row = self._db.one(
            "select count(*) as number from contest_attempts"
            " where campaign = :campaign and player = :player and day = :day",
            campaign=campaign, player=player, day=day.isoformat(),
        )  # fmt: skip
        assert row is not None
        number: int = row["number"]
        return number

    def start(self, attempt: Attempt) -> None:
        self._db.run(
            "insert into contest_attempts (id, campaign, player, day, questions, orders, answered,"
            " right_answers, started_at, shown_at, finished_at, district)"
            " values (:id, :campaign, :player, :day, :questions, :orders, :answered, :right, :started,"
            " :shown, :finished, :district)",
            id=attempt.id, campaign=attempt.campaign, player=attempt.player, day=attempt.day.isoformat(),
            questions=json.dumps(attempt.questions), orders=json.dumps(attempt.orders),
            answered=attempt.answered, right=attempt.right, started=micros(attempt.started_at),
            shown=micros(attempt.shown_at), district=attempt.district,
            finished=None if attempt.finished_at is None else micros(attempt.finished_at),
        )  # fmt: skip
        self._db.run(
            "insert into contest_players (campaign, player) values (:campaign, :player)"
            " on conflict (campaign, player) do nothing",
            campaign=attempt.campaign, player=attempt.player,
        )  # fmt: skip

    def keep_answer(
        self, attempt_id: str, number: int, choice: tuple[int, ...], right: bool, at: datetime, ms: int
    ) -> bool:
        kept = self._db.run(
            "insert into contest_answers (attempt_id, number, choice, correct, at, ms)"
            " values (:attempt, :number, :choice, :correct, :at, :ms)"
            " on conflict (attempt_id, number) do nothing",
            attempt=attempt_id, number=number, choice=json.dumps(choice), correct=int(right),
            at=micros(at), ms=ms,
        )  # fmt: skip
        if not kept:
            return False
        touched = self._db.run(
            "update contest_attempts set answered = answered + 1, right_answers = right_answers + :right"
            " where id = :attempt and finished_at is null",
            right=int(right), attempt=attempt_id,
        )  # fmt: skip
        if not touched:
            raise NotAllowed(f"attempt {attempt_id} is finished")
        return True

    def answers(self, attempt_id: str) -> Sequence[tuple[int, tuple[int, ...], bool]]:
        rows = self._db.all(
            "select number, choice, correct from contest_answers where attempt_id = :attempt order by number",
            attempt=attempt_id,
        )
        return [(row["number"], tuple(json.loads(row["choice"])), bool(row["correct"])) for row in rows]

    def show(self, attempt_id: str, at: datetime) -> None:
        self._db.run(
            "update contest_attempts set shown_at = :at where id = :id", at=micros(at), id=attempt_id
        )

    def finish(self, attempt_id: str, at: datetime) -> None:
        """Twice is the same as once. Standings change here and nowhere else."""
        row = self._db.one(
            "update contest_attempts set finished_at = :at where id = :id and finished_at is null"
            " returning *",
            at=micros(at), id=attempt_id,
        )  # fmt: skip
        if row is None:
            if self.get(attempt_id) is None:
                raise NotFound(f"attempt {attempt_id}")
            return
        attempt = _attempt(row)
        score = score_of(attempt.right, len(attempt.questions))
        best, district = self._player(attempt.player, attempt.campaign)
        if best is not None and best >= score:
            return
        self._db.run(
            "update contest_players set best = :score where campaign = :campaign and player = :player",
            score=score, campaign=attempt.campaign, player=attempt.player,
        )  # fmt: skip
        if best is not None:
            self._count_score(attempt.campaign, best, -1)
        self._count_score(attempt.campaign, score, 1)
        if district is not None:
            self._count_district(attempt.campaign, district, int(best is None), score - (best or 0))

    # ── places ──────────────────────────────────────────────────────────────────────────────────────

    def _player(self, player: str, campaign: str) -> tuple[int | None, str | None]:
        row = self._db.one(
            "select best, district from contest_players where campaign = :campaign and player = :player",
            campaign=campaign, player=player,
        )  # fmt: skip
        return (None, None) if row is None else (row["best"], row["district"])

    def _count_score(self, campaign: str, score: int, people: int) -> None:
        self._db.run(
            "insert into contest_scores (campaign, score, people) values (:campaign, :score, :people)"
            " on conflict (campaign, score) do update set people = contest_scores.people + :people",
            campaign=campaign, score=score, people=people,
        )  # fmt: skip

    def _count_district(self, campaign: str, district: str, people: int, points: int) -> None:
        self._db.run(
            "insert into contest_districts (campaign, district, people, best_sum)"
            " values (:campaign, :district, :people, :points) on conflict (campaign, district) do update set"
            " people = contest_districts.people + :people, best_sum = contest_districts.best_sum + :points",
            campaign=campaign, district=district, people=people, points=points,
        )  # fmt: skip

    def best(self, player: str, campaign: str) -> int | None:
        return self._player(player, campaign)[0]

    def district(self, player: str, campaign: str) -> str | None:
        return self._player(player, campaign)[1]

    def set_district(self, player: str, campaign: str, district: str | None) -> None:
        best, before = self._player(player, campaign)
        if before == district:
            return
        self._db.run(
            "insert into contest_players (campaign, player, district) values (:campaign, :player, :district)"
            " on conflict (campaign, player) do update set district = :district",
            campaign=campaign, player=player, district=district,
        )  # fmt: skip
        if best is None:
            return
        if before is not None:
            self._count_district(campaign, before, -1, -best)
        if district is not None:
            self._count_district(campaign, district, 1, best)

    def standings(self, campaign: str) -> Sequence[Standing]:
        """Best mean first; people who finished no try are not counted."""
        rows = self._db.all(
            "select district, people, best_sum from contest_districts"
            " where campaign = :campaign and people > 0",
            campaign=campaign,
        )
        found = [Standing(row["district"], row["people"], row["best_sum"] / row["people"]) for row in rows]
        return sorted(found, key=lambda standing: (-standing.mean_best, -standing.people, standing.district))

    def own_place(self, player: str, campaign: str) -> tuple[int, int] | None:
        """Equal scores share a place. At most 101 rows are summed, however many play."""
        best = self.best(player, campaign)
        if best is None:
            return None
        row = self._db.one(
            "select coalesce(sum(case when score > :best then people else 0 end), 0) as ahead,"
            " coalesce(sum(people), 0) as players from contest_scores where campaign = :campaign",
            best=best, campaign=campaign,
        )  # fmt: skip
        assert row is not None
        return row["ahead"] + 1, row["players"]

    def totals(self, campaign: str) -> Mapping[str, int]:
        players = self._db.one(
            "select count(*) as players from contest_players where campaign = :campaign", campaign=campaign
        )
        tries = self._db.one(
            "select count(*) as attempts, count(finished_at) as finished,"
            " coalesce(sum(answered), 0) as answers from contest_attempts where campaign = :campaign",
            campaign=campaign,
        )
        assert players is not None
        assert tries is not None
        return {
            "players": players["players"], "attempts": tries["attempts"],
            "finished": tries["finished"], "answers": tries["answers"],
        }  # fmt: skip

    def forget(self, player: str) -> None:
        """Take a player out of every campaign; the standings follow."""
        rows = self._db.all(
            "select campaign, best, district from contest_players where player = :player", player=player
        )
        for row in rows:
            if row["best"] is not None:
                self._count_score(row["campaign"], row["best"], -1)
                if row["district"] is not None:
                    self._count_district(row["campaign"], row["district"], -1, -row["best"])
            values = {"campaign": row["campaign"], "player": player}
            self._db.run(
                "delete from contest_answers where attempt_id in (select id from contest_attempts"
                " where campaign = :campaign and player = :player)",
                **values,
            )
            self._db.run(
                "delete from contest_attempts where campaign = :campaign and player = :player", **values
            )
            self._db.run(
                "delete from contest_players where campaign = :campaign and player = :player", **values
            )


def _attempt(row: Row) -> Attempt:
    return Attempt(
        id=row["id"], campaign=row["campaign"], player=row["player"], day=date.fromisoformat(row["day"]),
        questions=tuple(json.loads(row["questions"])),
        orders=tuple(tuple(order) for order in json.loads(row["orders"])),
        answered=row["answered"], right=row["right_answers"], started_at=instant(row["started_at"]),
        shown_at=instant(row["shown_at"]), finished_at=instant_or_none(row["finished_at"]),
        district=row["district"],
    )  # fmt: skip
