"""The inbox: what channels gave us, sealed, handled once and in order."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain import signals
from bot.domain.errors import NotAllowed, NotFound, SealBroken
from bot.domain.incoming import Address
from bot.domain.ports_talk import Received
from storage.context import UnitContext
from storage.database import Row, instant, micros
from storage.identities import Identities

_log = logging.getLogger(__name__)


def place_of(key: bytes, column: str) -> str:
    """Where a sealed value of the inbox belongs; the row goes by the hash of its key."""
    return f"inbox:{key.hex()}:{column}"


class InboxTable:
    """Fulfils ports.Inbox."""

    def __init__(self, context: UnitContext, identities: Identities) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context
        self._identities = identities

    def receive(self, key: str, sender: Address, raw: bytes, now: datetime) -> Received | None:
        hashed = self._seal.system.hash("identity-hmac", "inbox", key)
        person_id = self._identities.find(sender)
        if person_id is None:
            if self._db.one("select 1 from inbox where key = :key", key=hashed) is not None:
                return None  # she was erased; her old update makes nobody anew
            person_id = self._identities.get_or_add(sender, now)
        name = key.encode("utf-8", "surrogatepass")
        row = self._db.one(
            "insert into inbox (key, person_id, channel, state, raw, at)"
            " values (:key, :person, :channel, 'pending', :raw, :at)"
            " on conflict (key) do nothing returning seq",
            key=hashed, person=person_id, channel=sender.channel, at=micros(now),
            raw=self._seal.seal(
                "person", person_id, place_of(hashed, "raw"), len(name).to_bytes(4, "big") + name + raw
            ),
        )  # fmt: skip
        if row is None:
            return None
        self._context.announced.add(signals.INBOX)
        return Received(row["seq"], key, person_id, sender.channel, raw, now, 0)

    def pending(self, limit: int, person_id: str | None = None, after: int = 0) -> Sequence[Received]:
        hers = "" if person_id is None else "person_id = :person and "
        rows = self._db.all(
            f"select seq, key, person_id, channel, raw, at, attempts from inbox where {hers}"  # noqa: S608
            " state = 'pending' and seq > :after order by seq limit :limit",
            person=person_id, after=after, limit=limit,
        )  # fmt: skip
        found = []
        for row in rows:
            try:
                found.append(self._received(row))
            except SealBroken:  # one damaged row must not stop everybody; `verify` names it too
                _log.error("inbox row %d does not open", row["seq"])
        return found

    def _received(self, row: Row) -> Received:
        data = self._seal.open("person", row["person_id"], place_of(row["key"], "raw"), row["raw"])
        end = 4 + int.from_bytes(data[:4], "big")
        return Received(
            row["seq"], data[4:end].decode("utf-8", "surrogatepass"), row["person_id"], row["channel"],
            data[end:], instant(row["at"]), row["attempts"],
        )  # fmt: skip

    def done(self, seq: int, shown: str, files: Sequence[str] = ()) -> None:
        row = self._db.one("select key, person_id, state from inbox where seq = :seq", seq=seq)
        if row is None:
            raise NotFound(f"inbox row {seq}")
        if row["state"] == "gone":
            return  # she had it erased in the same breath
        if row["state"] == "done":  # two handlers took it: the second one's unit must leave no trace
            raise NotAllowed(f"inbox row {seq} was handled before")
        person_id = row["person_id"]
        self._context.answered.add(person_id)
        self._context.announced.add(signals.talk_of(person_id))
        self._db.run(
            "update inbox set state = 'done', shown = :shown, files = :files where seq = :seq", seq=seq,
            shown=self._seal.seal_text("person", person_id, place_of(row["key"], "shown"), shown),
            files=json.dumps(list(files)) if files else None,
        )  # fmt: skip

    def failed(self, seq: int) -> int:
        row = self._db.one(
            "update inbox set attempts = attempts + 1 where seq = :seq returning attempts", seq=seq
        )
        if row is None:
            raise NotFound(f"inbox row {seq}")
        attempts: int = row["attempts"]
        return attempts

    def set_aside(self, seq: int, why: str) -> None:
        self._db.run(
            "update inbox set state = 'aside', why = :why where seq = :seq and state = 'pending'",
            seq=seq, why=why,
        )  # fmt: skip

    def counts(self) -> Mapping[str, int]:
        pending = self._db.one(
            "select count(*) as number, min(at) as oldest from inbox where state = 'pending'"
        )
        aside = self._db.one("select count(*) as number from inbox where state = 'aside'")
        assert pending is not None
        assert aside is not None
        waited = 0 if pending["oldest"] is None else self._context.now_micros() - pending["oldest"]
        return {
            "pending": pending["number"],
            "set_aside": aside["number"],
            "oldest_s": max(0, waited // 1_000_000),
        }
