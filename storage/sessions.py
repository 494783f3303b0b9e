"""Sessions: where a person is in a conversation, as JSON that the core writes and reads."""

from datetime import datetime

from storage.context import UnitContext
from storage.database import micros


class SessionsTable:
    """Fulfils ports.Sessions."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal

    def get(self, person_id: str) -> str | None:
        row = self._db.one("select body from sessions where person_id = :person", person=person_id)
        if row is None:
            return None
        return self._seal.open_text("person", person_id, f"sessions:{person_id}:body", row["body"])

    def save(self, person_id: str, session: str, now: datetime) -> None:
        body = self._seal.seal_text("person", person_id, f"sessions:{person_id}:body", session)
        self._db.run(
            "insert into sessions (person_id, body, at) values (:person, :body, :at)"
            " on conflict (person_id) do update set body = :body, at = :at",
            person=person_id, body=body, at=micros(now),
        )  # fmt: skip
