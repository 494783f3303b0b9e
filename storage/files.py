"""Rows about sealed files. Each file has its own key; the same key seals what the row says about it."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.errors import NotFound
from bot.domain.ports_cases import StoredFile
from storage.context import UnitContext
from storage.database import Row, micros

_DAY = timedelta(days=1)
_SHANGHAI = timedelta(hours=8)  # no daylight saving since 1991


class FilesTable:
    """Fulfils ports.Files."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    def keep(self, file: StoredFile, person_id: str | None, sealed_key: bytes, now: datetime) -> None:
        self._seal.adopt(file.id, sealed_key, now, owner=person_id)
        case_id = None
        if file.clean_of is not None:
            original = self._db.one("select case_id from files where id = :id", id=file.clean_of)
            if original is None:
                raise NotFound(f"file {file.clean_of}")
            case_id = original["case_id"]
        about = {"name": file.name, "mime": file.mime, "sha256": file.sha256}
        self._db.run(
            "insert into files (id, person_id, case_id, clean_of, kind, size, about, at)"
            " values (:id, :person, :case, :clean_of, :kind, :size, :about, :at)",
            id=file.id, person=person_id, case=case_id, clean_of=file.clean_of, kind=file.kind,
            size=file.size, at=micros(now),
            about=self._seal.seal_json("file", file.id, _place(file.id), about),
        )  # fmt: skip

    def get(self, file_id: str) -> tuple[StoredFile, bytes] | None:
        row = self._db.one("select * from files where id = :id and about is not null", id=file_id)
        wrapped = None if row is None else self._seal.wrapped("file", file_id)
        if row is None or wrapped is None:
            return None
        return self.stored(row), wrapped

    def stored(self, row: Row) -> StoredFile:
        """A row as what the core knows of it."""
        file_id: str = row["id"]
        about = json.loads(self._seal.open_text("file", file_id, _place(file_id), row["about"]))
        return StoredFile(
            file_id, row["kind"], row["size"], about["sha256"], about["name"], about["mime"], row["clean_of"]
        )

    def clean_copy(self, file_id: str) -> str | None:
        row = self._db.one("select id from files where clean_of = :id order by at desc limit 1", id=file_id)
        return None if row is None else row["id"]

    def owner(self, file_id: str) -> str | None:
        row = self._db.one("select person_id from files where id = :id", id=file_id)
        return None if row is None else row["person_id"]

    def kept_today(self, person_id: str, now: datetime) -> int:
        """Originals she sent on this civil day of Asia/Shanghai."""
        local = now + _SHANGHAI
        start = local.replace(hour=0, minute=0, second=0, microsecond=0) - _SHANGHAI
        row = self._db.one(
            "select count(*) as number from files where person_id = :person and at >= :start and at < :end"
            " and clean_of is null",
            person=person_id, start=micros(start), end=micros(start + _DAY),
        )  # fmt: skip
        assert row is not None
        number: int = row["number"]
        return number

    def orphans(self, before: datetime) -> Sequence[str]:
        """Includes what was erased: those bytes are noise by now, and only take space."""
        rows = self._db.all(
            "select id from files where case_id is null and at < :before order by at", before=micros(before)
        )
        return [row["id"] for row in rows]

    def drop(self, file_id: str) -> None:
        self._seal.destroy("file", file_id, self._context.now())
        self._context.erased = True
        self._db.run("delete from files where id = :id", id=file_id)

    def erase_unbound(self, person_id: str) -> None:
        """Make what she sent unreadable, except where a case has it."""
        self._erase(
            self._db.all(
                "select id from files where person_id = :person and case_id is null", person=person_id
            )
        )

    def erase_of_case(self, case_id: str) -> None:
        self._erase(self._db.all("select id from files where case_id = :case", case=case_id))

    def erase_one(self, file_id: str) -> None:
        self._erase(self._db.all("select id from files where id = :id", id=file_id))

    def _erase(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._seal.destroy("file", row["id"], self._context.now())
            self._context.erased = True
            self._db.run(
                "update files set person_id = null, case_id = null, about = null, at = 0 where id = :id",
                id=row["id"],
            )


def _place(file_id: str) -> str:
    return f"files:{file_id}:about"
