"""What the core needs kept of cases and their files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.cases import (
    Answers,
    CaseCard,
    CaseEvent,
    CaseKind,
    CaseStatus,
    Draft,
    EventKind,
    OpenedCase,
)


@dataclass(frozen=True, slots=True)
class Sight:
    """What a member of staff may see in lists (made by `case_gate.sight`)."""

    staff_id: str
    everything: bool = False
    unclaimed: bool = False
    assigned: bool = False
    reviews: bool = False  # cases in which she is asked for a second look
    employer_id: str | None = None  # where she works: cases about it are hidden


class CaseOrder(StrEnum):
    """In which order a list comes."""

    WORK = "work"  # open before ended, urgent first, then the nearest promise; ended ones newest first
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cards a list shows; None means any."""

    assignee: str | None = None
    unclaimed: bool = False
    open_only: bool = False
    due_before: datetime | None = None
    number: str | None = None
    ids: tuple[str, ...] | None = None
    follow_up_before: datetime | None = None  # the clock has something to do after closing by then
    limit: int = 200
    offset: int = 0
    seen_by: Sight | None = None  # only what this member may open
    asked_only: bool = False  # with `seen_by`: only those in which she is asked for a second look
    number_part: str | None = None
    statuses: tuple[CaseStatus, ...] = ()
    kind: CaseKind | None = None
    district: str | None = None
    source: str | None = None
    urgent: bool = False
    employer_id: str | None = None
    opened_from: datetime | None = None
    opened_until: datetime | None = None  # not including
    without_doubles: bool = False  # leaves out what was merged into another case
    order: CaseOrder = CaseOrder.WORK


class Cases(Protocol):
    """Case cards hold no words of hers; everything else is sealed with the case's own key."""

    def add(
        self, card: CaseCard, answers: Answers, person_id: str | None, code: str, phrase: str | None
    ) -> None:
        """Keep a new case with its own key. Of code and phrase only keyed hashes are looked up.

        `person_id` None: taken down by staff; whoever brings the code holds it from then on.
        """
        ...

    def next_number(self, now: datetime) -> str: ...
    def card(self, case_id: str) -> CaseCard | None: ...
    def cards(self, wanted: CaseFilter) -> Sequence[CaseCard]: ...
    def count(self, wanted: CaseFilter, at_most: int) -> int:
        """How many cards fit, whatever the page; counting stops at `at_most`."""
        ...

    def districts(self) -> Sequence[str]:
        """Districts that cards name, for filters."""
        ...

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

    def texts(self, case_ids: Sequence[str], audit_seq: int) -> Mapping[str, str]:
        """What a search looks through in some cases: her answers without contact, and all words since.

        Only with an audit line of this very unit that names "*"; "" for an erased case.
        """
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
