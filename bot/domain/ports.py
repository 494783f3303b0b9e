"""What the core needs from outside, as protocols: a store of units of work, and channels.

A unit of work is one function that runs from beginning to end on the writer's thread inside one
transaction (`Store.write`), or on a reader's thread (`Store.read`). It is plain synchronous code: no
network, no await. It may run again after a failure of others in its group, so it has no effect but in
the unit. All instants are aware UTC; all ids are opaque text. Bodies go in and come out in clear; the
store seals them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.domain.cases import (
    Answers,
    CaseCard,
    CaseEvent,
    Draft,
    EventKind,
    OpenedCase,
)
from bot.domain.incoming import Address, FileNote, GroupIncoming, Incoming
from bot.domain.reply import Lane, Reply
from bot.domain.staff import Role, StaffMember

T = TypeVar("T")

STAFF_GROUP = "staff-group"  # the one recipient of the outbox that is no person
UNSURE = "unsure"  # reason of a retry: the message may have arrived, only the answer was lost


# ── people, inbox, sessions ──────────────────────────────────────────────────────────────────────────


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
        """Delete her transcript (handled inbox rows, delivered outbox rows) and session; returns the
        remote ids of what the channel may still delete. Queued replies of open cases stay."""
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


# ── outbox ───────────────────────────────────────────────────────────────────────────────────────────


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


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cards a list shows; None means any."""

    assignee: str | None = None
    unclaimed: bool = False
    open_only: bool = False
    due_before: datetime | None = None
    number: str | None = None
    ids: tuple[str, ...] | None = None
    limit: int = 200
    offset: int = 0


class Cases(Protocol):
    """Case cards hold no words of hers; everything else is sealed with the case's own key."""

    def add(self, card: CaseCard, answers: Answers, person_id: str, code: str, phrase: str | None) -> None:
        """Keep a new case with its own key. Of code and phrase only keyed hashes are looked up."""
        ...

    def next_number(self, now: datetime) -> str: ...
    def card(self, case_id: str) -> CaseCard | None: ...
    def cards(self, wanted: CaseFilter) -> Sequence[CaseCard]: ...
    def save_card(self, card: CaseCard) -> CaseCard:
        """Keep changed fields if nobody changed it meanwhile (version), else NotAllowed("changed")."""
        ...

    def ids_of(self, person_id: str) -> Sequence[str]:
        """Cases she holds, newest first."""
        ...

    def people_of(self, case_id: str) -> Sequence[str]:
        """Who holds the case; the last one is where replies go."""
        ...

    def link(self, case_id: str, person_id: str, now: datetime) -> None: ...
    def find_by_code(self, code: str) -> str | None: ...
    def check_phrase(self, case_id: str, phrase: str) -> bool | None:
        """None where no phrase was set. Constant time."""
        ...

    def set_phrase(self, case_id: str, phrase: str) -> None: ...
    def add_event(
        self,
        case_id: str,
        kind: EventKind,
        *,
        by: str,
        at: datetime,
        body: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> int: ...
    def outline(self, case_id: str, kinds: Iterable[EventKind]) -> Sequence[CaseEvent]:
        """Events without their bodies."""
        ...

    def reveal(self, case_id: str, audit_seq: int) -> OpenedCase:
        """Unseal a case. Only with an audit line of this very unit that names the case (or "*")."""
        ...

    def her_view(self, case_id: str, person_id: str) -> tuple[Answers, Sequence[CaseEvent], str]:
        """What its holder may read of her own case: answers, her timeline with bodies, receipt code.
        NotFound for anybody else."""
        ...

    def save_answers(self, case_id: str, answers: Answers) -> None: ...
    def keep_draft(self, draft: Draft) -> None: ...
    def drop_draft(self, draft_id: str) -> None: ...
    def add_file(self, case_id: str, file_id: str) -> None:
        """Bind a file that is in the vault to the case."""
        ...

    def topic(self, case_id: str) -> str | None:
        """Remote id of its topic in the staff group ("chat:thread")."""
        ...

    def keep_topic(self, case_id: str, remote: str | None) -> None: ...
    def case_of_topic(self, remote: str) -> str | None: ...
    def erase(self, case_id: str) -> None:
        """Destroy the case's key and its sealed rows; the card stays without district and topic."""
        ...

    def totals(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Figures over events: opened, accepted, closed, mediated, people_helped, recovered_fen, urgent."""
        ...

    def opened_per_day(self, since: date, until: date) -> Mapping[date, int]:
        """Civil days of Asia/Shanghai."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A sealed file on disk. `clean_of` names the original whose metadata-free copy this is."""

    id: str
    kind: str
    size: int
    sha256: str
    name: str
    mime: str
    clean_of: str | None = None


class Files(Protocol):
    """Rows about sealed files; their bytes are in the vault."""

    def keep(self, file: StoredFile, person_id: str | None, sealed_key: bytes, now: datetime) -> None: ...
    def get(self, file_id: str) -> tuple[StoredFile, bytes] | None:
        """The file and its sealed key for the vault."""
        ...

    def clean_copy(self, file_id: str) -> str | None: ...
    def owner(self, file_id: str) -> str | None: ...
    def kept_today(self, person_id: str, now: datetime) -> int: ...
    def orphans(self, before: datetime) -> Sequence[str]:
        """Files bound to no case since before then."""
        ...

    def drop(self, file_id: str) -> None: ...


class FileVault(Protocol):
    """Sealed bytes on disk, apart from the database; slow work runs off the loop."""

    async def put(self, file_id: str, data: bytes) -> bytes:
        """Seal and write; returns the sealed key that the row keeps."""
        ...

    async def read(self, file_id: str, sealed_key: bytes) -> bytes: ...
    async def remove(self, file_id: str) -> None: ...


# ── contest ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `questions` are question ids in the order shown; `orders` the shuffled option indexes."""

    id: str
    campaign: str
    player: str
    day: date
    questions: tuple[str, ...]
    orders: tuple[tuple[int, ...], ...]
    answered: int
    right: int
    started_at: datetime
    shown_at: datetime  # when the current question was first shown
    finished_at: datetime | None
    district: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A district's line: distinct people, mean of their best scores (0–100)."""

    district: str
    people: int
    mean_best: float


class ContestStore(Protocol):
    """Contest data. A player is another keyed hash of the address: nothing links it to a person's rows."""

    def player(self, address: Address) -> str: ...
    def current(self, player: str, campaign: str) -> Attempt | None:
        """Her unfinished try."""
        ...

    def get(self, attempt_id: str) -> Attempt | None: ...
    def tries_on(self, player: str, campaign: str, day: date) -> int: ...
    def start(self, attempt: Attempt) -> None: ...
    def keep_answer(
        self, attempt_id: str, number: int, choice: tuple[int, ...], right: bool, at: datetime, ms: int
    ) -> bool:
        """One row per (attempt, number); False if there is one already. Right answers count at once."""
        ...

    def answers(self, attempt_id: str) -> Sequence[tuple[int, tuple[int, ...], bool]]: ...
    def show(self, attempt_id: str, at: datetime) -> None:
        """The next question is on her screen: its time starts now."""
        ...

    def finish(self, attempt_id: str, at: datetime) -> None: ...
    def best(self, player: str, campaign: str) -> int | None:
        """Best score 0–100."""
        ...

    def district(self, player: str, campaign: str) -> str | None: ...
    def set_district(self, player: str, campaign: str, district: str | None) -> None: ...
    def standings(self, campaign: str) -> Sequence[Standing]: ...
    def own_place(self, player: str, campaign: str) -> tuple[int, int] | None:
        """(place, players) by best score."""
        ...

    def totals(self, campaign: str) -> Mapping[str, int]:
        """players, attempts, finished, answers."""
        ...


# ── staff, audit, the rest ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class StaffSecrets:
    password_hash: str | None
    totp_secret: str | None
    last_totp_step: int


class StaffAccounts(Protocol):
    def add(self, member: StaffMember) -> None: ...
    def get(self, staff_id: str) -> StaffMember | None: ...
    def by_name(self, name: str) -> StaffMember | None: ...
    def by_telegram(self, telegram_id: str) -> StaffMember | None: ...
    def all(self) -> Sequence[StaffMember]: ...
    def save(self, member: StaffMember) -> None: ...
    def secrets(self, staff_id: str) -> StaffSecrets: ...
    def save_secrets(self, staff_id: str, secrets: StaffSecrets) -> None: ...
    def add_link(self, token: str, staff_id: str | None, roles: frozenset[Role], until: datetime) -> None:
        """A one-time link to set up an account (`staff_id` None: whoever opens it names herself)."""
        ...

    def link(self, token: str, now: datetime) -> tuple[str | None, frozenset[Role]] | None: ...
    def use_link(self, token: str) -> None: ...
    def start_session(self, token: str, staff_id: str, now: datetime) -> None: ...
    def session(self, token: str, now: datetime, idle_s: int, at_most_s: int) -> StaffMember | None:
        """Who holds the session (and touches it, except in a reading unit); None when it ended."""
        ...

    def end_sessions(self, staff_id: str, token: str | None = None) -> None:
        """End one session, or all of that member."""
        ...


@dataclass(frozen=True, slots=True)
class AuditLine:
    seq: int
    at: datetime
    actor: str
    act: str
    target: str
    facts: Mapping[str, str]


class Audit(Protocol):
    """Append-only HMAC chain; no content, only ids, acts and closed facts."""

    def append(
        self, actor: str, act: str, target: str, now: datetime, facts: Mapping[str, str] | None = None
    ) -> int: ...
    def lines(self, target: str | None = None, limit: int = 200) -> Sequence[AuditLine]:
        """Newest first."""
        ...

    def first_broken(self) -> int | None:
        """Sequence number of the first line that does not fit the chain; None if all fit."""
        ...


class Limits(Protocol):
    def hit(self, what: str, now: datetime, *, window_s: int, at_most: int) -> bool:
        """Count one; False when it is over the limit. `what` is hashed with a key before it is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question the bot could not answer, or an answer that did not help: masked, for curators."""

    seq: int
    at: datetime
    masked: str
    reason: str  # not_found | unsure | not_clear | not_mine
    topic: str | None


class Feedback(Protocol):
    def add(self, masked: str, reason: str, topic: str | None, now: datetime) -> None: ...
    def helped(self, topic: str, now: datetime) -> None: ...
    def latest(self, limit: int) -> Sequence[Unanswered]: ...


class Facts(Protocol):
    """Small facts of the installation (poll offset, schema marks); sealed."""

    def get(self, name: str) -> str | None: ...
    def put(self, name: str, value: str) -> None: ...


class Retention(Protocol):
    """What has outlived its time. How long things are kept is a setting of whoever calls."""

    def silent_people(self, before: datetime, limit: int) -> Sequence[str]:
        """People who have talk or a session left, all of it older. Slow: look for them in a read."""
        ...

    def forget_person(self, person_id: str) -> None:
        """Forget the talk of one of them; who holds no case is forgotten altogether. Contest entries stay."""
        ...

    def drop_sessions(self, before: datetime) -> int:
        """Sessions (with unfinished drafts) nobody touched since then; how many."""
        ...

    def closed_cases(self, before: datetime, limit: int) -> Sequence[str]:
        """Cases closed or withdrawn before then that are not erased yet."""
        ...

    def drop_traces(self, before: datetime) -> int:
        """What is left behind by things forgotten before then: keys of inbox rows, messages to the staff
        group, ended staff sessions, feedback. Keep at least 30 days; how many rows."""
        ...


class Unit(Protocol):
    """One unit of work on the store."""

    @property
    def people(self) -> People: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def files(self) -> Files: ...
    @property
    def contest(self) -> ContestStore: ...
    @property
    def staff(self) -> StaffAccounts: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def feedback(self) -> Feedback: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def retention(self) -> Retention: ...
    def announce(self, name: str) -> None:
        """Notify this signal after the commit."""
        ...


class Store(Protocol):
    """Where everything is kept. Raises StoreFull when the disk takes no more, StoreBusy when locked."""

    async def write(self, work: Callable[[Unit], T]) -> T:
        """Run a unit; returns after it is durable. Cancelling the caller does not cut the unit."""
        ...

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run a unit that only reads, beside the writer."""
        ...

    @property
    def vault(self) -> FileVault: ...


# ── channels ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Delivered:
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class TryLater:
    """Not now. `whole_chat`: the channel asked for rest for this chat (retry_after)."""

    after_s: float
    why: str
    whole_chat: bool = False


@dataclass(frozen=True, slots=True)
class Undeliverable:
    """Never. `gone`: the person cannot be reached at all (bot blocked, account deleted)."""

    why: str
    gone: bool = False


Delivery = Delivered | TryLater | Undeliverable


class Channel(Protocol):
    """What the workers need of a channel."""

    @property
    def name(self) -> str: ...
    def translate(self, received: Received, sender: Address) -> Incoming | GroupIncoming | None:
        """The raw update in our words; None where there is nothing to do about it."""
        ...

    async def fetch(self, note: FileNote) -> bytes:
        """Bytes of an announced file; Refused("file_too_big"…) where it cannot be had."""
        ...

    async def deliver(self, out: Outgoing) -> Delivery: ...
