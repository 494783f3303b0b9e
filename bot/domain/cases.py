"""A case: its states, who may move it where, and the words people read about it live elsewhere."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.staff import Power


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
    FOLLOW_UP = "follow_up"  # 回访
    ARCHIVED = "archived"  # 归档
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
    CaseStatus.CLOSED: frozenset({CaseStatus.ACCEPTED, CaseStatus.FOLLOW_UP, CaseStatus.ARCHIVED}),
    CaseStatus.FOLLOW_UP: frozenset({CaseStatus.ACCEPTED, CaseStatus.ARCHIVED}),
    CaseStatus.ARCHIVED: frozenset({CaseStatus.ACCEPTED}),  # reopened
    CaseStatus.WITHDRAWN: frozenset({CaseStatus.ACCEPTED, CaseStatus.ARCHIVED}),  # she changed her mind
}
ENDED_STATUSES = frozenset(
    {CaseStatus.CLOSED, CaseStatus.FOLLOW_UP, CaseStatus.ARCHIVED, CaseStatus.WITHDRAWN}
)
OPEN_STATUSES = frozenset(CaseStatus) - ENDED_STATUSES


def may_move(status: CaseStatus, to: CaseStatus) -> bool:
    """Whether a case may go from one state to the other."""
    return to in MOVES[status]


def power_to_move(status: CaseStatus, to: CaseStatus) -> Power | None:
    """The power that this move takes at the desk; None where nobody there may make it.

    Only she withdraws; filing away is fetched back by who may assign; closing and archiving have acts of
    their own.
    """
    if not may_move(status, to) or to is CaseStatus.WITHDRAWN:
        return None
    if to in ENDED_STATUSES:
        return Power.CLOSE
    return Power.ASSIGN if status is CaseStatus.ARCHIVED else Power.MOVE


class CaseSource(StrEnum):
    """Where a case came from."""

    WEBCHAT = "webchat"  # 网页
    TELEGRAM = "telegram"  # Telegram
    WECHAT = "wechat"  # 微信
    HOTLINE = "hotline"  # 12351 来电
    VISIT = "visit"  # 来访
    INSPECTION = "inspection"  # 检查发现
    TRANSFERRED = "transferred"  # 转来


BY_STAFF = frozenset({CaseSource.HOTLINE, CaseSource.VISIT, CaseSource.INSPECTION, CaseSource.TRANSFERRED})


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


class PauseReason(StrEnum):
    """Why the promise clock stands still; without one of these it does not."""

    HER_ANSWER = "her_answer"  # 等她补充
    PARTNER = "partner"  # 等合作部门
    EMPLOYER = "employer"  # 等用人单位
    PROCEDURE = "procedure"  # 等开庭、鉴定等程序


class RecoveredKind(StrEnum):
    """What was won back."""

    WAGES = "wages"  # 工资
    ALLOWANCE = "allowance"  # 生育津贴
    SEVERANCE = "severance"  # 经济补偿
    COMPENSATION = "compensation"  # 赔偿金
    INSURANCE = "insurance"  # 社保补缴
    INJURY = "injury"  # 工伤待遇
    OTHER = "other"  # 其他


class RecoveredEvidence(StrEnum):
    """What shows that it was paid."""

    TRANSFER = "transfer"  # 转账记录
    RECEIPT = "receipt"  # 收条
    AGREEMENT = "agreement"  # 调解协议
    RULING = "ruling"  # 裁决或判决
    HER_WORD = "her_word"  # 她的确认


class Confirmed(StrEnum):
    """Her answer after closing: has it come?"""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class ReviewState(StrEnum):
    """How far the second pair of eyes has come with a draft."""

    NONE = "none"  # not asked for, not needed
    NEEDED = "needed"  # legal advice: may not go out before somebody else has approved
    ASKED = "asked"
    APPROVED = "approved"
    RETURNED = "returned"


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
    URGED = "urged"  # 已催办: half the promised time is over, or more (facts: step)
    PAUSED = "paused"
    RESUMED = "resumed"
    DEADLINE = "deadline"  # a legal date was set, kept or is near (facts: rule, day)
    REVIEW = "review"  # second pair of eyes on a draft (facts: draft, state)
    CALL = "call"  # a telephone call was logged
    VISIT = "visit"
    TASK = "task"
    CONFLICT = "conflict"  # somebody declared one; the case is hidden from them
    MERGED = "merged"
    UNMERGED = "unmerged"
    GROUPED = "grouped"  # became part of a group case, or left it
    HANDOVER = "handover"  # facts: agency, state (asked, agreed, refused, revoked, expired)
    PARTNER = "partner"  # facts: agency, state (received, accepted, declined, result)
    SESSION = "session"  # joint session (facts: state)
    CONFIRMED = "confirmed"  # she said whether it has come (facts: answer)
    RATED = "rated"  # facts: stars
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"


HER_TIMELINE = frozenset(EventKind) - {
    EventKind.NOTE, EventKind.DRAFT, EventKind.REVIEW, EventKind.CALL, EventKind.VISIT, EventKind.TASK,
    EventKind.CONFLICT, EventKind.FOLLOWED_UP, EventKind.DEADLINE,
}  # fmt: skip


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
    source: str  # a CaseSource
    opened_at: datetime
    changed_at: datetime
    promised_at: datetime  # next answer is promised by then
    assignee: str | None  # staff id
    outcome: Outcome | None = None
    recovered_fen: int = 0
    people_helped: int = 0
    closed_at: datetime | None = None
    version: int = 1  # grows at every change: the basis of collision notice
    employer_id: str | None = None  # of the register of employers; its name is sealed there
    parent_id: str | None = None  # the group case that this one belongs to
    merged_into: str | None = None  # a double: work goes on in that case
    began_at: datetime | None = None  # when the present promise began to run; None: at opened_at
    urged: int = 0  # how far silence has come under this promise: 0, 50, 100 or 150 per cent
    paused_at: datetime | None = None  # the promise clock stands still since then
    pause_reason: PauseReason | None = None
    recovered_kind: RecoveredKind | None = None
    recovered_evidence: RecoveredEvidence | None = None
    confirmed: Confirmed | None = None
    satisfaction: int | None = None  # 1 to 5
    follow_up_at: datetime | None = None  # when somebody calls her back

    @property
    def is_open(self) -> bool:
        """Whether work goes on here; of a double it goes on in the case that it was joined with."""
        return self.status in OPEN_STATUSES and self.merged_into is None

    def promising(self, by: datetime, now: datetime) -> "CaseCard":
        """The card with a new promise that begins now: silence is counted from here."""
        return replace(self, promised_at=by, began_at=now, urged=0, paused_at=None, pause_reason=None)


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
    review: ReviewState = ReviewState.NONE
    reviewer: str | None = None  # who approved or returned it
    review_note: str = ""  # what the reviewer wrote to the author; sealed


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case after the gate: card and her words. Only `open_case` makes one."""

    card: CaseCard
    answers: Answers
    events: tuple[CaseEvent, ...]
    files: tuple[CaseFile, ...]
    drafts: tuple[Draft, ...] = ()
