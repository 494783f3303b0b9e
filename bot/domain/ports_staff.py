"""What the core needs kept of staff: accounts, audit, limits, and what curators look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.staff import Role, StaffMember


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

    def is_shut(self, token: str) -> bool:
        """Whether the session ended because the account was switched off."""
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

    def take_back(self, what: str, now: datetime, *, window_s: int) -> None:
        """The newest one does not count after all."""
        ...

    def free_in(self, what: str, now: datetime, *, window_s: int, at_most: int) -> int:
        """Seconds until one more is counted; 0 where it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question the bot could not answer, or an answer that did not help: masked, for curators."""

    seq: int
    at: datetime
    masked: str
    reason: str  # not_found | unsure | not_clear | not_mine
    topic: str | None
    done_at: datetime | None = None  # a curator has dealt with it
    done_by: str | None = None


@dataclass(frozen=True, slots=True)
class NoteCount:
    """How many notes of one reason on one topic wait for a curator, and how many there are in all."""

    reason: str
    topic: str | None
    waiting: int
    total: int


class Feedback(Protocol):
    def add(self, masked: str, reason: str, topic: str | None, now: datetime) -> None: ...
    def helped(self, topic: str, now: datetime) -> None: ...
    def latest(self, limit: int) -> Sequence[Unanswered]: ...
    def page(
        self, *, done: bool, limit: int, before: int | None = None, reason: str = "", topic: str = ""
    ) -> Sequence[Unanswered]:
        """Notes that wait, or that are done, newest first; `before` is the number of the last one seen."""
        ...

    def since(self, at: datetime, limit: int) -> Sequence[Unanswered]:
        """Notes from then on, waiting and done, newest first."""
        ...

    def counts(self) -> Sequence[NoteCount]: ...
    def helped_counts(self) -> Mapping[str, int]:
        """People whom a topic helped, since the beginning."""
        ...

    def mark_done(self, numbers: Sequence[int], by: str, now: datetime) -> Sequence[int]:
        """Those of `numbers` that waited until now: whoever comes second changes nothing."""
        ...
