"""The outbox: messages to deliver, sealed, one at a time and in order in each chat."""

import base64
import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.domain import signals
from bot.domain.errors import NotFound, SealBroken
from bot.domain.ports_talk import STAFF_GROUP, UNSURE, Outgoing, TalkLine
from bot.domain.reply import Lane, Reply
from storage.chats import LANE_NUMBERS, LANES, Chats
from storage.context import UnitContext
from storage.database import Row, instant, micros
from storage.identities import Identities
from storage.packing import pack_reply, unpack_reply
from storage.sealing import KeyKind
from storage.transcript import talk

_log = logging.getLogger(__name__)
_QUIET_LANES = 1  # a quiet person gets nothing beyond the reply lane


def _delivery_number() -> str:
    return base64.b32encode(os.urandom(8)).decode("ascii")[:13]


class OutboxTable:
    """Fulfils ports.Outbox."""

    def __init__(self, context: UnitContext, chats: Chats, identities: Identities) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context
        self._chats, self._identities = chats, identities

    # ── adding ──────────────────────────────────────────────────────────────────────────────────────

    def add(
        self,
        person_id: str | None,
        replies: Iterable[Reply],
        *,
        lane: Lane,
        now: datetime,
        case_id: str | None = None,
        channel: str | None = None,
        not_before: datetime | None = None,
    ) -> Sequence[int]:
        rows = [(pack_reply(reply), reply.card) for reply in replies]
        return self._queue(
            person_id, rows, lane=lane, now=now, case_id=case_id, channel=channel, not_before=not_before
        )

    def rewrite(self, channel: str, reply: Reply, *, lane: Lane, now: datetime) -> bool:
        row = self._db.one(
            "select seq, number, person_id, case_id, not_before from outbox"
            " where channel = :channel and chat = :chat and card = :card and state = 'queued'"
            " and repeated = 0 and deletion = 0 order by seq desc limit 1",
            channel=channel, chat=STAFF_GROUP, card=self._card_hash(STAFF_GROUP, reply.card),
        )  # fmt: skip
        if row is None:
            return False
        place, body = f"outbox:{row['number']}:body", pack_reply(reply)
        kind, key_id = _key_of(row["person_id"], row["case_id"])
        number = LANE_NUMBERS[lane]
        self._db.run(
            "update outbox set body = :body, lane = case when lane > :lane then :lane else lane end"
            " where seq = :seq",
            seq=row["seq"], lane=number,
            body=self._seal.seal_fact(place, body) if kind == "system"
            else self._seal.seal_text(kind, key_id, place, body),
        )  # fmt: skip
        self._chats.hurry(channel, STAFF_GROUP, number, max(micros(now), row["not_before"]))
        self._context.announced.add(signals.outbox_of(channel))
        return True

    def waiting(self, channel: str) -> int:
        row = self._db.one(
            "select count(*) as number from outbox where channel = :channel and chat = :chat"
            " and state = 'queued' and lane in (1, 2)",
            channel=channel, chat=STAFF_GROUP,
        )  # fmt: skip
        assert row is not None
        number: int = row["number"]
        return number

    def add_deletion(self, person_id: str, remote_ids: Sequence[str], now: datetime) -> None:
        if remote_ids:
            body = json.dumps(list(remote_ids))
            self._queue(person_id, [(body, None)], lane=Lane.REPLY, now=now, deletion=True)

    def _queue(
        self,
        person_id: str | None,
        rows: Sequence[tuple[str, str | None]],
        *,
        lane: Lane,
        now: datetime,
        case_id: str | None = None,
        channel: str | None = None,
        not_before: datetime | None = None,
        deletion: bool = False,
    ) -> Sequence[int]:
        if not rows:
            return ()
        blocked, quiet, after_seq, answers = False, False, 0, True
        if person_id is None:
            if channel is None:
                raise ValueError("a message to the staff group needs its channel")
        else:
            person = self._db.one(
                "select channel, quiet, blocked,"
                " (select max(seq) from inbox where person_id = :id) as after_seq,"
                " exists (select 1 from inbox where person_id = :id and state = 'pending') as waiting"
                " from people where id = :id",
                id=person_id,
            )
            if person is None:
                raise NotFound(f"person {person_id}")
            channel = person["channel"]
            assert channel is not None
            quiet, blocked, after_seq = (
                bool(person["quiet"]),
                bool(person["blocked"]),
                person["after_seq"] or 0,
            )
            answers = deletion or bool(person["waiting"]) or person_id in self._context.answered
        chat, number = person_id or STAFF_GROUP, LANE_NUMBERS[lane]
        at = micros(now)
        due = at if not_before is None else max(at, micros(not_before))
        added = [
            self._insert(
                channel=channel, chat=chat, person=person_id, case=case_id, lane=number,
                deletion=int(deletion), answers=int(answers), text=body, card=card, after=after_seq,
                at=at, not_before=due,
                state="dead" if blocked else "queued", why="blocked" if blocked else None,
            )
            for body, card in rows
        ]  # fmt: skip
        held = quiet and not (answers and number <= _QUIET_LANES)
        if not (blocked or held):
            self._chats.hurry(channel, chat, number, due)
            self._context.announced.add(signals.outbox_of(channel))
        if person_id is not None:
            self._context.announced.add(signals.talk_of(person_id))
        return added

    def _insert(self, *, text: str, card: str | None, **values: object) -> int:
        number = _delivery_number()
        kind, key_id = _key_of(values["person"], values["case"])
        place = f"outbox:{number}:body"
        body = (
            self._seal.seal_fact(place, text)
            if kind == "system"
            else self._seal.seal_text(kind, key_id, place, text)
        )
        row = self._db.one(
            "insert into outbox (number, channel, chat, person_id, case_id, lane, answers, deletion, state,"
            " body, card, after_seq, at, not_before, why) values (:number, :channel, :chat, :person, :case,"
            " :lane, :answers, :deletion, :state, :body, :card, :after, :at, :not_before, :why)"
            " returning seq",
            number=number, body=body, card=self._card_hash(values["chat"], card), **values,
        )  # fmt: skip
        assert row is not None
        seq: int = row["seq"]
        return seq

    def _card_hash(self, chat: object, card: str | None) -> bytes | None:
        if card is None:
            return None
        return self._seal.system.hash("identity-hmac", "card", str(chat), card)

    # ── sending ─────────────────────────────────────────────────────────────────────────────────────

    def claim(self, channel: str, now: datetime, limit: int) -> Sequence[Outgoing]:
        at, taken = micros(now), list[Outgoing]()
        while chats := self._chats.due(channel, at, limit - len(taken)):
            found = [out for chat in chats if (out := self._claim_of(channel, chat, at)) is not None]
            taken += found
            if len(found) == len(chats):  # else the timetable was early somewhere: look once more
                break
        return taken

    def _claim_of(self, channel: str, chat: str, at: int) -> Outgoing | None:
        row = self._chats.start_head(channel, chat, at)
        if row is None:
            self._chats.refresh(channel, chat, at)
            return None
        try:
            return self._outgoing(row)
        except SealBroken:
            _log.error("outbox row %d does not open", row["seq"])
            self.dead(row["seq"], "seal_broken")
            return None

    def _outgoing(self, row: Row) -> Outgoing:
        text = self.opened(row, "body")
        person_id: str | None = row["person_id"]
        deletion = bool(row["deletion"])
        return Outgoing(
            seq=row["seq"], number=row["number"], channel=row["channel"], person_id=person_id,
            to=None if person_id is None else self._identities.address(person_id),
            lane=LANES[row["lane"]], reply=Reply("") if deletion else unpack_reply(text),
            attempts=row["attempts"], repeated=bool(row["repeated"]),
            replaces=None if row["card"] is None else self._last_remote(row["card"]), case_id=row["case_id"],
            delete=tuple(json.loads(text)) if deletion else (),
        )  # fmt: skip

    def opened(self, row: Row, column: str) -> str:
        """A sealed column of a row; SealBroken if it is not what was put there."""
        kind, key_id = _key_of(row["person_id"], row["case_id"])
        place = f"outbox:{row['number']}:{column}"
        if kind == "system":
            return self._seal.open_fact(place, row[column])
        return self._seal.open_text(kind, key_id, place, row[column])

    def _last_remote(self, card: bytes) -> str | None:
        row = self._db.one(
            "select number, person_id, case_id, remote from outbox"
            " where card = :card and state = 'sent' and remote is not null order by seq desc limit 1",
            card=card,
        )
        return None if row is None else self.opened(row, "remote")

    def sent(self, seq: int, remote_id: str, now: datetime) -> None:
        row = self._db.one(
            "select seq, number, channel, chat, person_id, case_id, deletion from outbox"
            " where seq = :seq and state = 'sending'",
            seq=seq,
        )
        if row is None:
            return  # erased meanwhile, or told twice
        if row["deletion"]:
            self._db.run("delete from outbox where seq = :seq", seq=seq)
        else:
            self._db.run(
                "update outbox set state = 'sent', sent_at = :now, remote = :remote where seq = :seq",
                seq=seq, now=micros(now), remote=self._sealed_remote(row, remote_id),
            )  # fmt: skip
            if row["person_id"] is None:  # the group has no transcript
                self._db.run("update outbox set body = null where seq = :seq", seq=seq)
        self._ended(row, micros(now))

    def _sealed_remote(self, row: Row, remote_id: str) -> bytes | None:
        if not remote_id:
            return None
        kind, key_id = _key_of(row["person_id"], row["case_id"])
        place = f"outbox:{row['number']}:remote"
        if kind == "system":
            return self._seal.seal_fact(place, remote_id)
        return self._seal.seal_text(kind, key_id, place, remote_id)

    def _ended(self, row: Row, at: int) -> None:
        self._chats.refresh(row["channel"], row["chat"], at, ended=row["seq"])
        if row["person_id"] is not None:
            self._context.announced.add(signals.talk_of(row["person_id"]))

    def retry(self, seq: int, not_before: datetime, why: str) -> None:
        row = self._db.one(
            "update outbox set state = 'queued', attempts = attempts + 1, not_before = :not_before,"
            " why = :why, repeated = case when :unsure = 1 then 1 else repeated end"
            " where seq = :seq and state = 'sending' returning seq, channel, chat, person_id",
            seq=seq, not_before=micros(not_before), why=why, unsure=int(why == UNSURE),
        )  # fmt: skip
        if row is not None:
            self._ended(row, self._context.now_micros())
            self._context.announced.add(signals.outbox_of(row["channel"]))

    def rest_chat(self, channel: str, person_id: str | None, until: datetime) -> None:
        self._chats.rest(channel, person_id or STAFF_GROUP, micros(until))

    def dead(self, seq: int, why: str) -> None:
        row = self._db.one(
            "update outbox set state = 'dead', why = :why where seq = :seq and state in ('sending', 'queued')"
            " returning seq, channel, chat, person_id",
            seq=seq, why=why,
        )  # fmt: skip
        if row is not None:
            self._ended(row, self._context.now_micros())

    def requeue_unsure(self, channel: str) -> int:
        number = self._db.run(
            "update outbox set state = 'queued', repeated = 1 where channel = :channel and state = 'sending'",
            channel=channel,
        )
        self._chats.free_all(channel)
        return number

    def next_due(self, channel: str) -> datetime | None:
        due = self._chats.next_due(channel)
        return None if due is None else instant(due)

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────

    def talk(self, person_id: str, after: tuple[int, int, int], limit: int) -> Sequence[TalkLine]:
        return talk(self._context, person_id, after, limit)

    def undelivered(self, case_id: str) -> int:
        row = self._db.one(
            "select count(*) as number from outbox where case_id = :case and person_id is not null"
            " and state <> 'sent'",
            case=case_id,
        )
        assert row is not None
        number: int = row["number"]
        return number

    def states(self, seqs: Sequence[int]) -> Mapping[int, str]:
        found = {}
        for seq in seqs:
            row = self._db.one("select state from outbox where seq = :seq", seq=seq)
            if row is not None:
                found[seq] = row["state"]
        return found

    def dead_letters(self, limit: int) -> Sequence[Outgoing]:
        found = []
        for row in self._db.all(
            "select * from outbox where state = 'dead' order by seq desc limit :limit", limit=limit
        ):
            try:
                found.append(self._outgoing(row))
            except SealBroken:
                _log.error("outbox row %d does not open", row["seq"])
        return found

    def counts(self) -> Mapping[str, int]:
        numbers = {
            "queued": self._count("select count(*) as number from outbox where state = 'queued'"),
            "sending": self._count("select count(*) as number from outbox where state = 'sending'"),
            "dead": self._count("select count(*) as number from outbox where state = 'dead'"),
        }
        now = self._context.now_micros()
        row = self._db.one(
            "select min(due_at) as oldest from chats where sending = 0 and due_at <= :now", now=now
        )
        oldest = None if row is None else row["oldest"]
        return {**numbers, "oldest_s": 0 if oldest is None else max(0, (now - oldest) // 1_000_000)}

    def _count(self, sql: str) -> int:
        row = self._db.one(sql)
        assert row is not None
        number: int = row["number"]
        return number


def _key_of(person_id: object, case_id: object) -> tuple[KeyKind, str]:
    """Whose key seals a message: hers, else (in the staff group) the case's, else the house's."""
    if person_id is not None:
        return "person", str(person_id)
    if case_id is not None:
        return "case", str(case_id)
    return "system", ""
