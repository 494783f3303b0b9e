"""Employers across cases: one sealed name each, with the other ways people write it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from bot.domain.cases import CaseKind, CaseStatus
from bot.domain.errors import NotFound
from bot.domain.ports_employers import (
    CaseAt,
    Employer,
    EmployerSize,
    Letter,
    LetterState,
    Pair,
    WrittenName,
)
from storage.context import UnitContext
from storage.database import Database, Row, instant, instant_or_none, micros, micros_or_none

_SPLIT = "\n"  # between the key and the name as written; a name is one line


class EmployersTable:
    """Fulfils ports.EmployerRegister."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    # ── employers ───────────────────────────────────────────────────────────────────────────────────

    def find(self, key: str) -> str | None:
        row = self._db.one(
            "select employer_id from employer_names where key_hash = :hash", hash=self._hash(key)
        )
        return None if row is None else row["employer_id"]

    def add(self, employer: Employer, key: str, by: str) -> None:
        self._insert(employer)
        self.add_name(employer.id, key, employer.name, by, employer.added_at)

    def _insert(self, employer: Employer) -> None:
        self._db.run(
            "insert into employers (id, name, size, district, confirmed, added_at)"
            " values (:id, :name, :size, :district, :confirmed, :at)",
            id=employer.id, name=self._sealed_name(employer), size=employer.size,
            district=employer.district, confirmed=int(employer.confirmed), at=micros(employer.added_at),
        )  # fmt: skip

    def get(self, employer_id: str) -> Employer | None:
        row = self._db.one("select * from employers where id = :id", id=employer_id)
        return None if row is None else self.employer(row)

    def all(self) -> Sequence[Employer]:
        return [self.employer(row) for row in self._db.all("select * from employers order by added_at, id")]

    def save(self, employer: Employer) -> None:
        touched = self._db.run(
            "update employers set name = :name, size = :size, district = :district, confirmed = :confirmed"
            " where id = :id",
            id=employer.id, name=self._sealed_name(employer), size=employer.size,
            district=employer.district, confirmed=int(employer.confirmed),
        )  # fmt: skip
        if not touched:
            raise NotFound(f"employer {employer.id}")

    def employer(self, row: Row) -> Employer:
        name = self._seal.open_fact(f"employers:{row['id']}:name", row["name"])
        return Employer(
            row["id"], name, EmployerSize(row["size"]), row["district"], bool(row["confirmed"]),
            instant(row["added_at"]),
        )  # fmt: skip

    def _sealed_name(self, employer: Employer) -> bytes:
        return self._seal.seal_fact(f"employers:{employer.id}:name", employer.name)

    # ── names ───────────────────────────────────────────────────────────────────────────────────────

    def names(self, employer_id: str) -> Sequence[WrittenName]:
        rows = self._db.all(
            "select n.*, (select count(*) from employer_cases c where c.mark = n.mark) as cases"
            " from employer_names n where employer_id = :id order by added_at, mark",
            id=employer_id,
        )
        return [
            WrittenName(row["mark"], row["employer_id"], self._opened(row)[1], row["added_by"], row["cases"])
            for row in rows
        ]

    def keys(self) -> Sequence[tuple[str, str]]:
        rows = self._db.all("select * from employer_names order by employer_id, mark")
        return [(row["employer_id"], self._opened(row)[0]) for row in rows]

    def mark_of(self, key: str) -> str | None:
        row = self._db.one("select mark from employer_names where key_hash = :hash", hash=self._hash(key))
        return None if row is None else row["mark"]

    def add_name(self, employer_id: str, key: str, written: str, by: str, now: datetime) -> str:
        mark = secrets.token_hex(6)
        text = f"{key}{_SPLIT}{' '.join(written.split())}"
        self._db.run(
            "insert into employer_names (mark, employer_id, key_hash, written, added_by, added_at)"
            " values (:mark, :employer, :hash, :written, :by, :at)",
            mark=mark, employer=employer_id, hash=self._hash(key), by=by, at=micros(now),
            written=self._seal.seal_fact(f"employer_names:{mark}:written", text),
        )  # fmt: skip
        return mark

    def _opened(self, row: Row) -> tuple[str, str]:
        text = self._seal.open_fact(f"employer_names:{row['mark']}:written", row["written"])
        key, _, written = text.partition(_SPLIT)
        return key, written

    def _hash(self, key: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "employer", key)

    # ── cases, joining and parting ──────────────────────────────────────────────────────────────────

    def attach(self, case_id: str, employer_id: str, mark: str) -> None:
        self._db.run(
            "insert into employer_cases (case_id, mark) values (:case, :mark)"
            " on conflict (case_id) do update set mark = :mark",
            case=case_id, mark=mark,
        )  # fmt: skip
        self._db.run("update cases set employer_id = :id where id = :case", id=employer_id, case=case_id)

    def join(self, employer_id: str, into: str) -> int:
        moved = self._move_cases("employer_id = :old", into, old=employer_id)
        for table in ("employer_names", "employer_letters", "staff", "conflicts"):
            self._db.run(
                f"update {table} set employer_id = :new where employer_id = :old",  # noqa: S608 – our names
                new=into,
                old=employer_id,
            )
        self._db.run("delete from employer_pairs where newer = :id or older = :id", id=employer_id)
        self._db.run("delete from employers where id = :id", id=employer_id)
        return moved

    def part(self, mark: str, employer: Employer) -> int:
        self._insert(employer)
        self._db.run("update employer_names set employer_id = :id where mark = :m", id=employer.id, m=mark)
        mine = "id in (select case_id from employer_cases where mark = :mark)"
        return self._move_cases(mine, employer.id, mark=mark)

    def _move_cases(self, which: str, to: str, **values: str) -> int:
        return self._db.run(
            f"update cases set employer_id = :to where {which}",  # noqa: S608 – conditions of this file
            to=to,
            **values,
        )

    def keep_pair(self, pair: Pair, now: datetime) -> None:
        self._db.run(
            "insert into employer_pairs (newer, older, score, at) values (:newer, :older, :score, :at)"
            " on conflict (newer, older) do nothing",
            newer=pair.newer, older=pair.older, score=pair.score, at=micros(now),
        )  # fmt: skip

    def keep_apart(self, one: str, other: str, by: str, now: datetime) -> None:
        touched = self._db.run(
            "update employer_pairs set decided_by = :by, at = :at"
            " where (newer = :one and older = :other) or (newer = :other and older = :one)",
            one=one, other=other, by=by, at=micros(now),
        )  # fmt: skip
        if not touched:
            self._db.run(
                "insert into employer_pairs (newer, older, score, decided_by, at)"
                " values (:one, :other, 0, :by, :at)",
                one=one, other=other, by=by, at=micros(now),
            )  # fmt: skip

    def pairs(self, employer_id: str | None = None) -> Sequence[Pair]:
        rows = self._db.all(
            "select * from employer_pairs where decided_by is null"
            " and (cast(:id as text) is null or newer = :id or older = :id)"
            " order by score desc, newer, older",
            id=employer_id,
        )
        return [Pair(row["newer"], row["older"], row["score"]) for row in rows]

    # ── across cases ────────────────────────────────────────────────────────────────────────────────

    def cases(self, employer_id: str, since: datetime) -> Sequence[CaseAt]:
        rows = self._db.all(
            "select c.id, c.number, c.kind, c.topic, c.status, c.opened_at, c.parent_id, h.person_id"
            " from cases c left join holders h on h.case_id = c.id"
            " where c.employer_id = :employer and c.opened_at >= :since and c.merged_into is null"
            " and not exists (select 1 from case_groups g where g.case_id = c.id)"
            " order by c.opened_at, c.id, h.place",
            employer=employer_id, since=micros(since),
        )  # fmt: skip
        found: dict[str, CaseAt] = {}
        for row in rows:
            known = found.get(row["id"])
            held = () if row["person_id"] is None else (row["person_id"],)
            found[row["id"]] = CaseAt(
                row["id"], row["number"], CaseKind(row["kind"]), row["topic"], CaseStatus(row["status"]),
                instant(row["opened_at"]), row["parent_id"], (*(known.holders if known else ()), *held),
            )  # fmt: skip
        return list(found.values())

    def counts(self, since: datetime) -> dict[str, int]:
        rows = self._db.all(
            "select employer_id, count(*) as cases from cases where employer_id is not null"
            " and opened_at >= :since and merged_into is null"
            " and not exists (select 1 from case_groups g where g.case_id = cases.id) group by employer_id",
            since=micros(since),
        )
        return {row["employer_id"]: row["cases"] for row in rows}

    def busy(self, since: datetime, least: int) -> Sequence[str]:
        return sorted(one for one, cases in self.counts(since).items() if cases >= least)

    # ── letters ─────────────────────────────────────────────────────────────────────────────────────

    def add_letter(self, letter: Letter) -> None:
        self._db.run(
            "insert into employer_letters (id, employer_id, practice, state, proposed_at)"
            " values (:id, :employer, :practice, :state, :at)",
            id=letter.id, employer=letter.employer_id, practice=letter.practice, state=letter.state,
            at=micros(letter.proposed_at),
        )  # fmt: skip

    def letter(self, letter_id: str) -> Letter | None:
        row = self._db.one("select * from employer_letters where id = :id", id=letter_id)
        return None if row is None else self.letter_of(row)

    def letters(self, employer_id: str | None = None) -> Sequence[Letter]:
        rows = self._db.all(
            "select * from employer_letters where (cast(:id as text) is null or employer_id = :id)"
            " order by proposed_at desc, id",
            id=employer_id,
        )
        return [self.letter_of(row) for row in rows]

    def save_letter(self, letter: Letter) -> None:
        reason = letter.reason
        touched = self._db.run(
            "update employer_letters set state = :state, decided_by = :by, decided_at = :at, reason = :reason"
            " where id = :id",
            id=letter.id, state=letter.state, by=letter.decided_by, at=micros_or_none(letter.decided_at),
            reason=self._seal.seal_fact(_reason_place(letter.id), reason) if reason else None,
        )  # fmt: skip
        if not touched:
            raise NotFound(f"letter {letter.id}")

    def letter_of(self, row: Row) -> Letter:
        sealed = row["reason"]
        return Letter(
            row["id"], row["employer_id"], row["practice"], LetterState(row["state"]),
            instant(row["proposed_at"]), row["decided_by"], instant_or_none(row["decided_at"]),
            "" if sealed is None else self._seal.open_fact(_reason_place(row["id"]), sealed),
        )  # fmt: skip


def forget_case(db: Database, case_id: str) -> None:
    """Of an erased case not even the employer stays; a name that only this case brought goes with it."""
    row = db.one(
        "select m.mark, n.employer_id, n.added_by from employer_cases m join employer_names n"
        " on n.mark = m.mark where m.case_id = :case",
        case=case_id,
    )
    db.run("update cases set employer_id = null where id = :case", case=case_id)
    if row is None:
        return
    db.run("delete from employer_cases where case_id = :case", case=case_id)
    if row["added_by"] != "system":
        return
    db.run(
        "delete from employer_names where mark = :mark and not exists"
        " (select 1 from employer_cases c where c.mark = :mark)"
        " and exists (select 1 from employers e where e.id = employer_id and e.confirmed = 0)",
        mark=row["mark"],
    )
    gone = (
        "id = :id and not exists (select 1 from employer_names n where n.employer_id = employers.id)"
        " and not exists (select 1 from staff s where s.employer_id = employers.id)"
    )
    if db.one(f"select 1 from employers where {gone}", id=row["employer_id"]) is None:  # noqa: S608 – ours
        return
    db.run("delete from employer_pairs where newer = :id or older = :id", id=row["employer_id"])
    db.run("delete from employer_letters where employer_id = :id", id=row["employer_id"])
    db.run("delete from employers where id = :id", id=row["employer_id"])


def _reason_place(letter_id: str) -> str:
    return f"employer_letters:{letter_id}:reason"
