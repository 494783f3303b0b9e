"""A case: its states, who may move it where, and the words people read about it live elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseStatus(StrEnum):
    NEW = "new"  # 待受理
    ACCEPTED = "accepted"  # 已受理
    ADVISING = "advising"  # 咨询答复
    MEDIATING = "mediating"  # 调解
    LETTER = "letter"  # 提示函·意见书·建议书
    LEGAL_AID = "legal_aid"  # 法律援助
    ARBITRATION = "arbitration"  # 仲裁
    LAWSUIT = "lawsuit"  # 诉讼
    REFERRED = "referred"  # 已转办
    CLOSED = "closed"  # 办结
    WITHDRAWN = "withdrawn"  # 撤回


_WORK = {
    CaseStatus.ADVISING,
    CaseStatus.MEDIATING,
    CaseStatus.LETTER,
    CaseStatus.LEGAL_AID,
    CaseStatus.ARBITRATION,
    CaseStatus.LAWSUIT,
    CaseStatus.REFERRED,
}
MOVES: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.NEW: frozenset({CaseStatus.ACCEPTED, CaseStatus.CLOSED, CaseStatus.WITHDRAWN}),
    CaseStatus.ACCEPTED: frozenset(_WORK | {CaseStatus.CLOSED, CaseStatus.WITHDRAWN}),
    **{
        status: frozenset((_WORK - {status}) | {CaseStatus.CLOSED, CaseStatus.WITHDRAWN})
        for status in sorted(_WORK)
    },
    CaseStatus.CLOSED: frozenset({CaseStatus.ACCEPTED}),  # reopened
    CaseStatus.WITHDRAWN: frozenset({CaseStatus.ACCEPTED}),  # she changed her mind
}
OPEN_STATUSES = frozenset(CaseStatus) - {CaseStatus.CLOSED, CaseStatus.WITHDRAWN}


def may_move(status: CaseStatus, to: CaseStatus) -> bool:
    """Whether a case may go from one state to the other."""
    return to in MOVES[status]


class CaseKind(StrEnum):
    MATERNITY = "maternity"  # 三期与生育
    WAGES = "wages"  # 工资
    DISMISSAL = "dismissal"  # 解除
    CONTRACT = "contract"  # 合同
    INSURANCE = "insurance"  # 社保
    INJURY = "injury"  # 工伤
    HARASSMENT = "harassment"  # 性骚扰与暴力
    DISCRIMINATION = "discrimination"  # 歧视
    OTHER = "other"  # 其他


class Outcome(StrEnum):
    MEDIATED = "mediated"  # 调解成功
    TO_ARBITRATION = "to_arbitration"  # 调解不成，引导仲裁
    AWARD = "award"  # 裁决
    JUDGMENT = "judgment"  # 判决
    ADVISED = "advised"  # 答复
    WITHDRAWN = "withdrawn"  # 撤回
    OUT_OF_SCOPE = "out_of_scope"  # 不属范围


class NameLevel(StrEnum):
    """How much of herself she shows."""

    ANONYMOUS = "anonymous"  # 匿名
    UNION_ONLY = "union_only"  # 只给工会
    NAMED = "named"  # 实名


class EventKind(StrEnum):
    """What a case event is; `visible` ones make her timeline."""

    OPENED = "opened"
    STATUS = "status"
    CLAIMED = "claimed"
    ASSIGNED = "assigned"
    HER_WORDS = "her_words"
    HER_FILE = "her_file"
    REPLY = "reply"
    ASK_MORE = "ask_more"
    NOTE = "note"
    DRAFT = "draft"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    CONTINUED = "continued"  # taken up by receipt code from another place
    REOPENED = "reopened"


HER_TIMELINE = frozenset(EventKind) - {EventKind.NOTE, EventKind.DRAFT}


@dataclass(frozen=True, slots=True)
class Answers:
    """Her answers and what else she stated: None where she skipped, "unknown" where she does not know."""

    happened: str = ""  # her own words, may be long
    since: str | None = None  # when it happened
    district: str | None = None
    employer: str | None = None
    evidence: str | None = None  # oral or written, what she has
    wish: str | None = None  # what she hopes for
    name: str | None = None  # only NAMED / UNION_ONLY
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class CaseCard:
    """What lists, the bell and figures may know: no words of hers, no names. Times are aware UTC."""

    id: str
    number: str  # "A27-0031": public within staff, carries no meaning
    kind: CaseKind
    status: CaseStatus
    urgent: bool
    district: str | None
    level: NameLevel
    topic: str | None
    source: str  # channel name
    opened_at: datetime
    changed_at: datetime
    promised_at: datetime  # next answer is promised by then
    assignee: str | None  # staff id
    outcome: Outcome | None = None
    recovered_fen: int = 0
    people_helped: int = 0
    closed_at: datetime | None = None
    version: int = 1  # grows at every change: the basis of collision notice


@dataclass(frozen=True, slots=True)
class CaseFile:
    id: str
    case_id: str
    kind: str
    size: int
    sha256: str
    at: datetime
    name: str
    clean: bool  # location and author are gone from the staff copy


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One thing that happened in a case. `body` is unsealed text, empty where none; `seq` is the order."""

    seq: int
    case_id: str
    kind: EventKind
    at: datetime
    by: str  # "worker", "system" or a staff id
    body: str = ""
    facts: dict[str, str] | None = None  # small closed facts (status from/to, file id), no free text


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply that staff prepare; it reaches her only when it is sent."""

    id: str
    case_id: str
    author: str
    body: str
    at: datetime
    kind: EventKind = EventKind.REPLY  # or ASK_MORE


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case after the gate: card and her words. Only `open_case` makes one."""

    card: CaseCard
    answers: Answers
    events: tuple[CaseEvent, ...]
    files: tuple[CaseFile, ...]
    drafts: tuple[Draft, ...] = ()
