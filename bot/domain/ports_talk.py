"""What the core needs kept of talks: people, inbox, sessions, outbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.incoming import Address
from bot.domain.reply import Lane, Reply

STAFF_GROUP = "staff-group"  # the one recipient of the outbox that is no person
UNSURE = "unsure"  # reason of a retry: the message may have arrived, only the answer was lost


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote to us. `quiet`: she asked not to be written to first (别回)."""

    id: str
    channel: str
    quiet: bool
    blocked: bool  # the channel says she cannot be reached (bot blocked)
    first_seen: datetime


class People(Protocol):
    def get_or_add(self, address: Address, now: datetime) -> Person: ...
    def get(self, person_id: str) -> Person | None: ...
    def find(self, address: Address) -> Person | None: ...
    def address(self, person_id: str) -> Address: ...
    def set_quiet(self, person_id: str, quiet: bool) -> None: ...
    def set_blocked(self, person_id: str, blocked: bool) -> None: ...
    def move(self, person_id: str, address: Address) -> None:
        """The channel gave her another id (a migrated chat)."""
        ...

    def add_consent(
        self, person_id: str, kind: str, text_version: str, at: datetime, case_id: str | None
    ) -> None: ...
    def consents(self, person_id: str) -> Sequence[tuple[str, str, datetime]]:
        """(kind, text version, time), oldest first."""
        ...

    def forget_talk(self, person_id: str) -> Sequence[str]:
        """Delete her transcript (handled inbox rows, delivered outbox rows), session and subscription;
        returns the remote ids of what the channel may still delete. Queued replies of open cases stay."""
        ...

    def erase(self, person_id: str) -> None:
        """Delete everything of hers and destroy her key."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """One row of the inbox. `raw` is what the channel gave us, byte for byte."""

    seq: int
    key: str
    person_id: str
    channel: str
    raw: bytes
    at: datetime
    attempts: int


class Inbox(Protocol):
    def receive(self, key: str, sender: Address, raw: bytes, now: datetime) -> Received | None:
        """Keep an update for handling; None if that key was kept before (twice is the same as once)."""
        ...

    def pending(self, limit: int, person_id: str | None = None, after: int = 0) -> Sequence[Received]:
        """Rows not handled yet, oldest first (of one person, or of all), behind the row `after`."""
        ...

    def done(self, seq: int, shown: str, files: Sequence[str] = ()) -> None:
        """The row is handled; `shown` is how her transcript shows what she did."""
        ...

    def failed(self, seq: int) -> int:
        """One more failed attempt; returns how many there were."""
        ...

    def set_aside(self, seq: int, why: str) -> None:
        """Handled no more by itself; people look at it. `why` is a word, no content."""
        ...

    def counts(self) -> Mapping[str, int]:
        """pending, set_aside, and age in seconds of the oldest pending row under `oldest_s`."""
        ...


class Sessions(Protocol):
    def get(self, person_id: str) -> str | None:
        """Her session as JSON text."""
        ...

    def save(self, person_id: str, session: str, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to deliver. `to` is None for the staff group. `number` is its delivery number.

    `repeated`: it may have gone out before a crash; it is marked 可能重复. `replaces`: remote id of the
    card it takes the place of. `delete`: remote ids to delete instead of sending anything.
    """

    seq: int
    number: str
    channel: str
    person_id: str | None
    to: Address | None
    lane: Lane
    reply: Reply
    attempts: int
    repeated: bool
    replaces: str | None
    case_id: str | None
    delete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One line of a transcript. Exactly one of `hers` and `reply` is set."""

    order: tuple[int, int, int]
    at: datetime
    hers: str | None
    reply: Reply | None
    files: tuple[str, ...] = ()
    delivered: bool = True


class Outbox(Protocol):
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
        """Queue messages, in order. `person_id` None means the staff group (then `channel` is needed)."""
        ...

    def rewrite(self, channel: str, reply: Reply, *, lane: Lane, now: datetime) -> bool:
        """The staff group's row of this card that waits gets these words and keeps its place, or a place in
        `lane` where that one is better. False where none waits, or it may have gone out before."""
        ...

    def waiting(self, channel: str) -> int:
        """How many replies and notices wait for the staff group."""
        ...

    def add_deletion(self, person_id: str, remote_ids: Sequence[str], now: datetime) -> None: ...

    def claim(self, channel: str, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Take rows to send, marked as being sent: best lane first, in order within a chat, never two
        rows of one chat at once, none of a chat that must rest or of a quiet person's notices."""
        ...

    def sent(self, seq: int, remote_id: str, now: datetime) -> None: ...
    def retry(self, seq: int, not_before: datetime, why: str) -> None:
        """Not sent; again later, as `repeated` where it is UNSURE. Earlier rows of that chat stay first."""
        ...

    def rest_chat(self, channel: str, person_id: str | None, until: datetime) -> None:
        """Nothing to this chat before then (retry_after)."""
        ...

    def dead(self, seq: int, why: str) -> None: ...
    def requeue_unsure(self, channel: str) -> int:
        """At start: rows that were being sent when we stopped are queued again as `repeated`."""
        ...

    def next_due(self, channel: str) -> datetime | None:
        """When the next queued row may go."""
        ...

    def talk(self, person_id: str, after: tuple[int, int, int], limit: int) -> Sequence[TalkLine]:
        """Her transcript behind a place, oldest first; with `after` (0,0,0) its last `limit` lines."""
        ...

    def undelivered(self, case_id: str) -> int: ...
    def states(self, seqs: Sequence[int]) -> Mapping[int, str]:
        """queued, sending, sent or dead, for rows that are still kept."""
        ...

    def dead_letters(self, limit: int) -> Sequence[Outgoing]: ...
    def counts(self) -> Mapping[str, int]:
        """queued, sending, dead, and `oldest_s`."""
        ...
