"""What staff keep for their work on cases: asked reviews, conflicts, tasks, looks, saved views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class ContactWith(StrEnum):
    """With whom a member of staff telephoned, or whom she visited."""

    HER = "her"  # 她本人
    EMPLOYER = "employer"  # 用人单位
    AGENCY = "agency"  # 有关部门
    WITNESS = "witness"  # 证人、同事
    FAMILY = "family"  # 家人或代办人
    OTHER = "other"  # 其他


@dataclass(frozen=True, slots=True)
class ReviewAsk:
    """Somebody is asked for a second look. `draft_id` None: to write a draft; `staff_id` None: any may."""

    case_id: str
    draft_id: str | None
    staff_id: str | None
    asked_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do in a case: a step of the playbook, or own words. `due` is a civil day."""

    id: str
    case_id: str
    made_by: str
    at: datetime
    step: str | None = None
    words: str = ""
    assignee: str | None = None  # None: whoever handles the case
    due: date | None = None
    done_by: str | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedView:
    """Filters of the case list under a name; `filters` are fields of the list's address."""

    id: str
    staff_id: str
    shared: bool
    name: str
    filters: Mapping[str, str]


class TeamBook(Protocol):
    """What staff keep for their work on cases: asked reviews, conflicts, tasks, looks, saved views."""

    def ask(self, ask: ReviewAsk) -> None:
        """Keep that somebody is asked; asking the same again changes nothing."""
        ...

    def asks(self, case_id: str) -> Sequence[ReviewAsk]: ...
    def review_asked(self, case_id: str, staff_id: str) -> bool:
        """Whether this member, or anybody who may approve, is asked in this case now."""
        ...

    def waiting_reviews(self) -> Sequence[str]:
        """Open cases in which a draft waits for a second look, or somebody is asked to write one."""
        ...

    def drop_asks(self, case_id: str, draft_id: str | None) -> None:
        """What was asked about this draft (None: for a draft) is over."""
        ...

    def drop_asks_of(self, case_id: str, staff_id: str) -> None: ...
    def carry_asks(self, case_id: str, draft_id: str | None, to: str, staff_id: str) -> None:
        """What this member was asked about one draft stands for another one from now on."""
        ...

    def keep_conflict(self, case_id: str, staff_id: str, employer_id: str | None, now: datetime) -> None: ...
    def drop_conflict(self, case_id: str, staff_id: str) -> None: ...
    def conflicts(self, case_id: str) -> Sequence[str]:
        """Ids of the members who declared one in this very case."""
        ...

    def has_conflict(self, case_id: str, employer_id: str | None, staff_id: str) -> bool:
        """In this case, or in another one about the same employer."""
        ...

    def keep_task(self, task: Task) -> None:
        """Keep a new task, or what changed of an old one."""
        ...

    def task(self, task_id: str) -> Task | None: ...
    def tasks_of(self, case_id: str) -> Sequence[Task]:
        """Open ones first, by due day; then what is done, newest first."""
        ...

    def drop_task(self, task_id: str) -> None: ...
    def open_tasks(self, staff_id: str, limit: int) -> Sequence[Task]:
        """Open tasks of this member, and those without anybody in the open cases she handles."""
        ...

    def saw(self, staff_id: str, case_id: str, seq: int) -> None:
        """The member has looked at the case up to this event."""
        ...

    def with_news(self, staff_id: str, case_ids: Sequence[str]) -> frozenset[str]:
        """Those in which she wrote or sent something that neither this member nor whoever handles the case
        has looked at since, or acted after."""
        ...

    def keep_view(self, view: SavedView, now: datetime) -> None: ...
    def views(self, staff_id: str) -> Sequence[SavedView]:
        """The member's own and the shared ones, oldest first."""
        ...

    def drop_view(self, view_id: str) -> None: ...
