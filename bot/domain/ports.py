"""What the core needs from outside, as protocols: a store of units of work, and channels.

A unit of work is one function that runs from beginning to end on the writer's thread inside one
transaction (`Store.write`), or on a reader's thread (`Store.read`). It is plain synchronous code: no
network, no await. It may run again after a failure of others in its group, so it has no effect but in
the unit. All instants are aware UTC; all ids are opaque text. Bodies go in and come out in clear; the
store seals them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.domain.ports_cases import Cases, Files, FileVault
from bot.domain.ports_contest import ContestStore
from bot.domain.ports_deadlines import DeadlineBook
from bot.domain.ports_duty import DutyBook
from bot.domain.ports_employers import EmployerRegister
from bot.domain.ports_figures import FigureSource
from bot.domain.ports_links import CaseLinks
from bot.domain.ports_partners import PartnerBook
from bot.domain.ports_staff import Audit, Feedback, Limits, StaffAccounts
from bot.domain.ports_talk import Inbox, Outbox, People, Sessions
from bot.domain.ports_teaching import Subscriptions
from bot.domain.ports_team import TeamBook

T = TypeVar("T")


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
        """Forget the talk of one of them; who holds no case and wants no lasting weekly tip is forgotten
        altogether. Contest entries stay."""
        ...

    def drop_sessions(self, before: datetime) -> int:
        """Sessions (with unfinished drafts) nobody touched since then; how many."""
        ...

    def closed_cases(
        self, before: datetime, limit: int, opened_after: datetime | None = None
    ) -> Sequence[str]:
        """Cases closed or withdrawn before then that are not erased yet, of those opened after an instant."""
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
    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def duty(self) -> DutyBook: ...
    @property
    def deadlines(self) -> DeadlineBook: ...
    @property
    def links(self) -> CaseLinks: ...
    @property
    def team(self) -> TeamBook: ...
    @property
    def partners(self) -> PartnerBook: ...
    @property
    def employers(self) -> EmployerRegister: ...
    @property
    def figures(self) -> FigureSource: ...
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
