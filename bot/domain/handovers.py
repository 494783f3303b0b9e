"""Handing a case over to a partner agency with her consent, field by field, and what the agency says back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.cases import Answers


class Field(StrEnum):
    """What of a case may go to an agency; the order is that of the page which the agency sees."""

    HAPPENED = "happened"
    SINCE = "since"
    DISTRICT = "district"
    EMPLOYER = "employer"
    EVIDENCE = "evidence"
    WISH = "wish"
    DEADLINES = "deadlines"
    FILES = "files"
    NAME = "name"
    CONTACT = "contact"


class Purpose(StrEnum):
    """Why an agency gets a case; nothing may be done with it beyond that."""

    INSPECTION = "inspection"  # 投诉举报，请求查处
    MEDIATION = "mediation"  # 联合调解
    ARBITRATION = "arbitration"  # 申请仲裁
    LEGAL_AID = "legal_aid"  # 申请法律援助
    LAWSUIT = "lawsuit"  # 起诉、支付令、司法确认
    PROTECTION = "protection"  # 人身安全保护
    INJURY = "injury"  # 工伤认定
    BENEFITS = "benefits"  # 社保、医保待遇核查
    SUPERVISION = "supervision"  # 检察监督、公益诉讼
    HELP = "help"  # 困难帮扶、心理支持


# Who looks into an employer can do little while they are not told which one.
ABOUT_THE_EMPLOYER = frozenset(
    {
        Purpose.INSPECTION, Purpose.MEDIATION, Purpose.ARBITRATION, Purpose.LAWSUIT, Purpose.INJURY,
        Purpose.BENEFITS,
    }
)  # fmt: skip


class HandOverState(StrEnum):
    PROPOSED = "proposed"  # she has not answered
    AGREED = "agreed"
    REFUSED = "refused"
    REVOKED = "revoked"  # by her, or because she withdrew the case
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # staff took the proposal back


RUNNING = frozenset({HandOverState.PROPOSED, HandOverState.AGREED})


class PartnerStep(StrEnum):
    """What an agency says: each once, notes as often as needed."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RESULT = "result"
    NOTE = "note"


class DeclineReason(StrEnum):
    NOT_COMPETENT = "not_competent"
    INCOMPLETE = "incomplete"
    TOO_LATE = "too_late"
    ALREADY_RUNNING = "already_running"
    OTHER = "other"


class PartnerResult(StrEnum):
    SETTLED = "settled"
    PARTLY = "partly"
    NOT_SETTLED = "not_settled"
    PASSED_ON = "passed_on"


class OralConsent(StrEnum):
    """How she agreed where she does not write to us herself."""

    BY_PHONE = "by_phone"
    IN_PERSON = "in_person"
    ON_PAPER = "on_paper"


@dataclass(frozen=True, slots=True)
class Agency:
    """A partner as it stands in the directory; `needs` are the fields it usually asks for."""

    id: str
    kind: str
    name: str
    does: str
    needs: tuple[Field, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    hours: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """One case, one agency, one consent. No words of hers. Times are aware UTC.

    `offered` are the fields that staff ask for, `refused` those of them that she does not give. `version`
    is the hash of the card she agreed to; `oral` says how, where staff wrote her consent down.
    """

    id: str
    case_id: str
    agency: str
    agency_name: str
    purpose: Purpose
    state: HandOverState
    proposed_by: str
    proposed_at: datetime
    until: datetime
    offered: tuple[Field, ...]
    refused: frozenset[Field] = frozenset()
    version: str = ""
    oral: OralConsent | None = None
    oral_by: str = ""
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    sent_at: datetime | None = None  # when the link was made
    has_link: bool = False
    look_at: datetime | None = None  # when the clock looks at it next
    chased: int = 0  # 0, 1 (the assignee was reminded), 2 (the leaders too)
    letters: int = 0  # how often staff reminded the agency
    views: int = 0
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None

    @property
    def given(self) -> tuple[Field, ...]:
        """The fields that go, or would go, in the order of the page."""
        return tuple(one for one in Field if one in self.offered and one not in self.refused)

    @property
    def lacks_employer(self) -> bool:
        """Whether the agency would have to act on an employer that it is not told."""
        return self.purpose in ABOUT_THE_EMPLOYER and Field.EMPLOYER not in self.given

    @property
    def mask(self) -> int:
        """The given fields as a number: a button carries it, so that she agrees only to what she saw."""
        return sum(1 << place for place, one in enumerate(Field) if one in self.given)

    def is_open_to_partner(self, now: datetime) -> bool:
        """Whether her consent holds."""
        return self.state is HandOverState.AGREED and now < self.until


@dataclass(frozen=True, slots=True)
class Content:
    """What goes: the words of each field as they were when she was asked, and the files. Sealed.

    Kept as a copy, so that the preview, the agency's page and the package are the same to the letter, and
    nothing that she adds later goes along unasked.
    """

    words: Mapping[Field, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def only(self, given: Iterable[Field]) -> "Content":
        """Without what she does not give."""
        kept = frozenset(given)
        return Content(
            {one: text for one, text in self.words.items() if one in kept},
            self.files if Field.FILES in kept else (),
        )

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that hold anything, in the order of the page."""
        there = set(self.words) | ({Field.FILES} if self.files else set())
        return tuple(one for one in Field if one in there)


def content_of(answers: Answers, district: str | None, deadlines: str, files: tuple[str, ...]) -> Content:
    """Everything of a case that could go; what she skipped or does not know is left out."""
    said = {
        Field.HAPPENED: answers.happened,
        Field.SINCE: answers.since,
        Field.DISTRICT: answers.district or district,
        Field.EMPLOYER: answers.employer,
        Field.EVIDENCE: answers.evidence,
        Field.WISH: answers.wish,
        Field.DEADLINES: deadlines,
        Field.NAME: answers.name,
        Field.CONTACT: answers.contact,
    }
    return Content({one: text for one, text in said.items() if text and text != "unknown"}, files)


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """What an agency said. `what` is a value of DeclineReason or PartnerResult; `words` are sealed."""

    id: str
    hand_over_id: str
    case_id: str
    step: PartnerStep
    at: datetime
    what: str = ""
    words: str = ""


# Only one of these two: the first counts.
_EITHER = frozenset({PartnerStep.ACCEPTED, PartnerStep.DECLINED})


def said_before(step: PartnerStep, said: Iterable[PartnerAnswer]) -> PartnerAnswer | None:
    """The earlier answer that stands in the way of this one; a note never does."""
    if step is PartnerStep.NOTE:
        return None
    excluded = _EITHER if step in _EITHER else frozenset({step})
    return next((one for one in said if one.step in excluded), None)


@dataclass(frozen=True, slots=True)
class GuestSession:
    """One opening of a link in a browser; `next_code` opens it the next time."""

    hand_over_id: str
    started_at: datetime
    next_code: str


class SessionState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class SessionRole(StrEnum):
    """What an agency does in a joint session."""

    HOST = "host"
    MEDIATOR = "mediator"
    MEMBER = "member"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class JointSession:
    """Several agencies at one table. Texts are sealed; `confirm_by` is the last civil day for 司法确认."""

    id: str
    case_id: str
    state: SessionState
    at: datetime
    planned_by: str
    planned_at: datetime
    participants: tuple[tuple[str, SessionRole], ...] = ()  # name of the agency, and its role
    place: str = ""
    agenda: str = ""
    agreement: bool | None = None
    agreed_on: date | None = None
    confirm_by: date | None = None
    she_comes: bool | None = None
    words: str = ""  # what came of it, as staff wrote it down
