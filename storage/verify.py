"""Does the store still hold together? Looks at structure, seals, audit chain, keys, files and scores."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.domain.errors import KeyMissing, SealBroken
from storage.contest import score_of
from storage.database import Row
from storage.inbox import place_of
from storage.sqlite import SqliteStore
from storage.unit_of_work import SqlUnit
from storage.vault import Vault

_WORDS = {
    "structure": "数据库结构损坏",
    "reference": "记录之间的引用断了",
    "audit": "审计链从这一行起对不上",
    "seal": "加密内容打不开（被改动、被调换或密钥不符）",
    "key_gone": "内容还在，密钥没有了",
    "key_stray": "密钥还在，主人没有了",
    "file_missing": "登记了的文件不在磁盘上",
    "file_seal": "磁盘上的文件打不开",
    "file_stray": "磁盘上的文件没有登记",
    "score": "得分与答题记录不符",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `where` holds ids only."""

    kind: str
    where: str

    def sentence(self) -> str:
        """For operators."""
        return f"{_WORDS[self.kind]}：{self.where}"


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A sealed column: how to list its rows and how to open one."""

    name: str
    rows: str
    open: Callable[[SqlUnit, Row], object]


def _of_person(table: str, key: str, column: str) -> Callable[[SqlUnit, Row], object]:
    return lambda unit, row: unit.context.seal.open(
        "person", row["person_id"], f"{table}:{row[key]}:{column}", row[column]
    )


def _of_house(table: str, key: str, column: str) -> Callable[[SqlUnit, Row], object]:
    def opened(unit: SqlUnit, row: Row) -> object:
        name = row[key].hex() if isinstance(row[key], bytes) else row[key]
        return unit.context.seal.open_fact(f"{table}:{name}:{column}", row[column])

    return opened


def _of_case(column: str) -> Callable[[SqlUnit, Row], object]:
    return lambda unit, row: unit.context.seal.open(
        "case", row["id"], f"cases:{row['id']}:{column}", row[column]
    )


def _of_inbox(column: str) -> Callable[[SqlUnit, Row], object]:
    return lambda unit, row: unit.context.seal.open(
        "person", row["person_id"], place_of(row["key"], column), row[column]
    )


SEALED = (
    _Sealed(
        "people.address",
        "select id as person_id, id, address from people",
        _of_person("people", "id", "address"),
    ),
    _Sealed("inbox.raw", "select * from inbox where raw is not null", _of_inbox("raw")),
    _Sealed("inbox.shown", "select * from inbox where shown is not null", _of_inbox("shown")),
    _Sealed("sessions.body", "select * from sessions", _of_person("sessions", "person_id", "body")),
    _Sealed(
        "outbox.body",
        "select * from outbox where body is not null",
        lambda unit, row: unit.outbox.opened(row, "body"),
    ),
    _Sealed(
        "outbox.remote",
        "select * from outbox where remote is not null",
        lambda unit, row: unit.outbox.opened(row, "remote"),
    ),
    _Sealed("cases.answers", "select id, answers from cases where answers is not null", _of_case("answers")),
    _Sealed("cases.code", "select id, code from cases where code is not null", _of_case("code")),
    _Sealed(
        "cases.remote_topic",
        "select id, remote_topic from cases where remote_topic is not null",
        _of_case("remote_topic"),
    ),
    _Sealed(
        "events.body",
        "select * from events where body is not null",
        lambda unit, row: unit.cases.words.event(row, bodies=True),
    ),
    _Sealed("drafts.body", "select * from drafts", lambda unit, row: unit.cases.words.draft(row)),
    _Sealed("hand_overs.about", "select * from hand_overs", lambda unit, row: unit.partners.opened(row)),
    _Sealed(
        "hand_overs.content",
        "select * from hand_overs where content is not null",
        lambda unit, row: unit.partners.opened_content(row),
    ),
    _Sealed(
        "partner_answers.words",
        "select * from partner_answers where words is not null",
        lambda unit, row: unit.partners.opened_answer(row),
    ),
    _Sealed(
        "partner_sessions.next_code",
        "select * from partner_sessions",
        lambda unit, row: unit.partners.opened_session(row),
    ),
    _Sealed(
        "joint_sessions.about",
        "select * from joint_sessions",
        lambda unit, row: unit.partners.opened_joint(row),
    ),
    _Sealed("tasks.words", "select * from tasks", lambda unit, row: unit.team.opened_task(row)),
    _Sealed("saved_views.about", "select * from saved_views", lambda unit, row: unit.team.opened_view(row)),
    _Sealed(
        "files.about",
        "select * from files where about is not null",
        lambda unit, row: unit.files.stored(row),
    ),
    *(
        _Sealed(
            f"staff.{column}",
            f"select * from staff where {column} is not null",  # noqa: S608 – names of columns
            _of_house("staff", "id", column),
        )
        for column in ("telegram", "password", "totp")
    ),
    _Sealed("employers.name", "select * from employers", _of_house("employers", "id", "name")),
    _Sealed(
        "employer_names.written",
        "select * from employer_names",
        _of_house("employer_names", "mark", "written"),
    ),
    _Sealed(
        "employer_letters.reason",
        "select * from employer_letters where reason is not null",
        _of_house("employer_letters", "id", "reason"),
    ),
    _Sealed("notices.text", "select * from notices", _of_house("notices", "id", "text")),
    _Sealed("feedback.masked", "select * from feedback", _of_house("feedback", "mark", "masked")),
    _Sealed("facts.value", "select * from facts", _of_house("facts", "name", "value")),
)

_OWNERS = (("person", "people", "id"), ("case", "cases", "id"), ("file", "files", "id"))
_ALIVE = {"person": "1 = 1", "case": "answers is not null", "file": "about is not null"}


async def verify(store: SqliteStore, samples: int | None = None) -> list[Finding]:
    """What is wrong, gravest first; `samples` bounds how many values of a column are opened (the newest)."""
    found = await store.inspect(lambda connection, unit: list(_look(connection, unit, samples)))
    keys = await store.inspect(lambda _, unit: file_keys(unit))
    return found + await asyncio.to_thread(lambda: list(check_files(store.vault, keys)))


def _look(connection: sqlite3.Connection, unit: SqlUnit, samples: int | None) -> Iterator[Finding]:
    for row in connection.execute("pragma integrity_check"):
        if row[0] != "ok":
            yield Finding("structure", str(row[0]))
    for row in connection.execute("pragma foreign_key_check"):
        yield Finding("reference", f"{row[0]}:{row[1]}")
    broken = unit.audit.first_broken()
    if broken is not None:
        yield Finding("audit", str(broken))
    yield from check_seals(unit, samples)
    yield from _check_owners(unit)
    yield from _check_scores(unit)


def check_seals(unit: SqlUnit, samples: int | None = None) -> Iterator[Finding]:
    """Open sealed values of every column."""
    limit = "" if samples is None else f" order by rowid desc limit {samples:d}"
    for column in SEALED:
        for row in unit.context.db.all(column.rows + limit):
            try:
                column.open(unit, row)
            except (SealBroken, KeyMissing, ValueError) as error:
                yield Finding("seal", f"{column.name} {error}")
    for row in unit.context.db.all("select kind, id from keys"):
        try:
            unit.context.seal.check_key(row["kind"], row["id"])
        except (SealBroken, KeyMissing) as error:
            yield Finding("seal", f"keys.wrapped {error}")


def _check_owners(unit: SqlUnit) -> Iterator[Finding]:
    for kind, table, column in _OWNERS:
        gone = unit.context.db.all(
            f"select {column} as id from {table} t where {_ALIVE[kind]}"  # noqa: S608 – constants of this file
            f" and not exists (select 1 from keys k where k.kind = :kind and k.id = t.{column})",
            kind=kind,
        )
        stray = unit.context.db.all(
            "select id from keys k where kind = :kind"  # noqa: S608 – constants of this file
            f" and not exists (select 1 from {table} t where t.{column} = k.id)",
            kind=kind,
        )
        yield from (Finding("key_gone", f"{kind} {row['id']}") for row in gone)
        yield from (Finding("key_stray", f"{kind} {row['id']}") for row in stray)


def _check_scores(unit: SqlUnit) -> Iterator[Finding]:
    """Scores are the fold of the answers: tries, best scores, histogram, districts."""
    db = unit.context.db
    for row in db.all(
        "select t.id from contest_attempts t left join (select attempt_id, count(*) as answered,"
        " sum(correct) as correct from contest_answers group by attempt_id) a on a.attempt_id = t.id"
        " where t.answered <> coalesce(a.answered, 0) or t.right_answers <> coalesce(a.correct, 0)"
    ):
        yield Finding("score", f"attempt {row['id']}")
    best: dict[tuple[str, str], int] = {}
    for row in db.all(
        "select campaign, player, right_answers, questions from contest_attempts"
        " where finished_at is not null"
    ):
        player = row["campaign"], row["player"]
        score = score_of(row["right_answers"], len(json.loads(row["questions"])))
        best[player] = max(best.get(player, 0), score)
    scores: dict[tuple[str, int], int] = {}
    districts: dict[tuple[str, str], tuple[int, int]] = {}
    for row in db.all("select campaign, player, district, best from contest_players"):
        mine = best.get((row["campaign"], row["player"]))
        if mine != row["best"]:
            yield Finding("score", f"player {row['player']} of {row['campaign']}")
        if mine is not None:
            scores[row["campaign"], mine] = scores.get((row["campaign"], mine), 0) + 1
            if row["district"] is not None:
                people, points = districts.get((row["campaign"], row["district"]), (0, 0))
                districts[row["campaign"], row["district"]] = people + 1, points + mine
    for row in db.all("select campaign, score, people from contest_scores"):
        if scores.pop((row["campaign"], row["score"]), 0) != row["people"]:
            yield Finding("score", f"score {row['score']} of {row['campaign']}")
    for row in db.all("select campaign, district, people, best_sum from contest_districts"):
        counted = districts.pop((row["campaign"], row["district"]), (0, 0))
        if counted != (row["people"], row["best_sum"]):
            yield Finding("score", f"a district of {row['campaign']}")
    yield from (Finding("score", f"score {score} of {campaign}") for campaign, score in scores)
    yield from (Finding("score", f"a district of {campaign}") for campaign, _ in districts)


def file_keys(unit: SqlUnit) -> dict[str, bytes]:
    """The wrapped key of each file that has a row."""
    rows = unit.context.db.all(
        "select f.id, k.wrapped from files f join keys k on k.kind = 'file' and k.id = f.id"
    )
    return {row["id"]: row["wrapped"] for row in rows}


def check_files(vault: Vault, known: dict[str, bytes]) -> Iterator[Finding]:
    """Files on disk against their rows; every one is opened."""
    on_disk = vault.ids()
    for file_id, wrapped in known.items():
        if file_id not in on_disk:
            yield Finding("file_missing", file_id)
            continue
        try:
            vault.check(file_id, wrapped)
        except (SealBroken, KeyMissing):
            yield Finding("file_seal", file_id)
    yield from (Finding("file_stray", file_id) for file_id in sorted(on_disk - set(known)))
