"""Cases that belong together: group cases, doubles, and who speaks for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class SpokenFor(StrEnum):
    """How far she herself has come in a case that somebody else opened for her."""

    STATED = "stated"  # only the other one says that she agreed
    CONFIRMED = "confirmed"  # she said so herself; both go on hearing
    TAKEN_OVER = "taken_over"  # from now on only she hears


class Alike(StrEnum):
    """Why two cases may be one."""

    PERSON = "person"  # somebody holds both
    CONTACT = "contact"  # the same telephone number
    EMPLOYER = "employer"  # same employer and kind or topic


@dataclass(frozen=True, slots=True)
class Merge:
    """A double and the older case it was joined with. `before` and `after` are closed facts of the older."""

    case_id: str
    into_id: str
    at: datetime
    by: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForOther:
    """A case that somebody else opened. `person_id` None: staff took it down from that person."""

    case_id: str
    person_id: str | None
    state: SpokenFor
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class OralConsent:
    """What she agreed to by word of mouth; `by` heard it."""

    kind: str
    version: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """A draft to one child of a group case that still waits."""

    draft_id: str
    case_id: str


class CaseLinks(Protocol):
    """Cases that belong together: group cases, doubles, and who speaks for whom."""

    def alike(self, case_id: str, since: datetime) -> Sequence[tuple[str, Alike]]:
        """Cases opened since then that may be the same, the strongest reason of each, newest first."""
        ...

    def keep_contact(self, case_id: str, contact: str) -> None:
        """Keep a keyed hash of a way to reach her."""
        ...

    def merge(self, merge: Merge) -> None:
        """Keep it; who holds the double holds the older case too from now on, behind its own holders."""
        ...

    def unmerge(self, case_id: str) -> None:
        """Forget it; who held the older case only through the double holds it no more."""
        ...

    def merge_of(self, case_id: str) -> Merge | None: ...
    def merged_into(self, case_id: str) -> Sequence[Merge]:
        """The doubles of this case, the first joined first."""
        ...

    def hearers(self, case_id: str) -> Sequence[str]:
        """Where a message goes: the place she wrote from last, and that of each double; nobody twice."""
        ...

    def follow(self, case_id: str, person_id: str, now: datetime) -> None:
        """Somebody took up this double by its own code: she holds the older case too."""
        ...

    def proved(self, case_id: str, person_id: str) -> None:
        """Somebody brought this case's own code: it stays hers when a double is taken apart again."""
        ...

    def held_through(self, case_id: str, person_id: str) -> str | None:
        """The double through which alone this person holds the case."""
        ...

    def start_group(self, case_id: str, by: str, at: datetime) -> None: ...
    def is_group(self, case_id: str) -> bool: ...
    def groups(self, case_ids: Sequence[str]) -> frozenset[str]:
        """Which of them are parents of group cases."""
        ...

    def children(self, case_id: str) -> Sequence[str]:
        """Ids of the cases in a group, oldest first."""
        ...

    def keep_group_draft(self, parent_id: str, draft: GroupDraft, at: datetime) -> None: ...
    def group_drafts(self, parent_id: str) -> Sequence[GroupDraft]:
        """Those not yet sent, thrown away or rewritten."""
        ...

    def keep_for_other(self, of: ForOther) -> None:
        """Keep or change it."""
        ...

    def for_other(self, case_id: str) -> ForOther | None: ...
    def taken_from(self, person_id: str) -> bool:
        """Whether somebody for whom this person opened a case has taken it over alone."""
        ...

    def let_go(self, case_id: str, person_id: str) -> None:
        """This person holds the case no more; what still waits to go to her about it is not sent."""
        ...

    def add_oral_consent(self, case_id: str, consent: OralConsent) -> None: ...
    def oral_consents(self, case_id: str) -> Sequence[OralConsent]: ...
    def receipt_code(self, case_id: str, audit_seq: int) -> str:
        """The code of a case, for its slip. Only with an audit line of this very unit that names the case."""
        ...
