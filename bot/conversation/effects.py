"""What a conversation wants done. It only says so; the services carry it out in the same unit of work."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.conversation.session import CaseDraft
from bot.domain.cases import CaseKind, Confirmed
from bot.domain.handovers import Field
from bot.domain.ports_contest import Attempt


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Hand in the draft under a code made beforehand."""

    case_id: str
    number: str
    code: str
    kind: CaseKind
    promised_at: datetime
    draft: CaseDraft


@dataclass(frozen=True, slots=True)
class AddToCase:
    """Her words and files go to her case; `urgent` where the words tell of danger."""

    case_id: str
    words: str = ""
    files: tuple[str, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawCase:
    case_id: str


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """She takes a closed or withdrawn case up again; an answer is promised anew."""

    case_id: str
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class ContinueCase:
    """She typed a code (and maybe a phrase). What comes of it is told by `receipt.code_was_tried`."""

    code: str
    phrase: str | None


@dataclass(frozen=True, slots=True)
class SetPhrase:
    case_id: str
    phrase: str


@dataclass(frozen=True, slots=True)
class SpeakForHerself:
    """She takes up a case that somebody else opened for her. `alone`: from now on only she hears.

    `consents` are (kind, version of the text she saw).
    """

    case_id: str
    alone: bool
    consents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """She agreed to a text, now."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class StartAttempt:
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class KeepAnswer:
    """One answer of the contest; `choice` are indexes into the question's own options, `ms` server time."""

    attempt_id: str
    number: int
    choice: tuple[int, ...]
    right: bool
    ms: int


@dataclass(frozen=True, slots=True)
class ShowQuestion:
    """The next question comes on her screen: its time starts."""

    attempt_id: str


@dataclass(frozen=True, slots=True)
class FinishAttempt:
    attempt_id: str


@dataclass(frozen=True, slots=True)
class ChooseDistrict:
    campaign: str
    district: str | None


@dataclass(frozen=True, slots=True)
class NoteUnanswered:
    """For the curators: a masked text and why it is noted (not_found, unsure, not_clear, not_mine)."""

    masked: str
    reason: str
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class NoteHelped:
    topic: str


@dataclass(frozen=True, slots=True)
class ForgetTalk:
    """Delete her transcript and her session, and what the channel may still delete."""


@dataclass(frozen=True, slots=True)
class SetQuiet:
    """She wants no message that does not answer her (or wants them again)."""

    quiet: bool


@dataclass(frozen=True, slots=True)
class Subscribe:
    """She wants the weekly tip; `lasting`: where she can be reached however long she is silent."""

    lasting: bool


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """No more weekly tips."""


@dataclass(frozen=True, slots=True)
class ConfirmResult:
    """After closing number `closing` she says whether it has come; `fen`: how much, where she told."""

    case_id: str
    closing: int
    answer: Confirmed
    fen: int | None = None


@dataclass(frozen=True, slots=True)
class RateCase:
    """How well she was helped, 1 to 5."""

    case_id: str
    closing: int
    stars: int


@dataclass(frozen=True, slots=True)
class ChooseField:
    """She gives a field of her case to a partner agency, or keeps it back, before she has agreed."""

    hand_over_id: str
    field: Field
    give: bool


@dataclass(frozen=True, slots=True)
class AnswerHandOver:
    """She agrees that her case goes to a partner agency, or not; `version` is of the card she saw."""

    hand_over_id: str
    agreed: bool
    version: str


@dataclass(frozen=True, slots=True)
class RevokeHandOver:
    """The agency sees nothing any more from this commit on."""

    hand_over_id: str


@dataclass(frozen=True, slots=True)
class AnswerSession:
    """Whether she comes to a joint session."""

    session_id: str
    comes: bool


CaseEffect = OpenCase | AddToCase | WithdrawCase | ReopenCase | SetPhrase | SpeakForHerself
PartnerEffect = ChooseField | AnswerHandOver | RevokeHandOver | AnswerSession
ContestEffect = StartAttempt | KeepAnswer | ShowQuestion | FinishAttempt | ChooseDistrict
Effect = (
    CaseEffect
    | ContestEffect
    | PartnerEffect
    | ContinueCase
    | RecordConsent
    | NoteUnanswered
    | NoteHelped
    | ForgetTalk
    | SetQuiet
    | Subscribe
    | Unsubscribe
    | ConfirmResult
    | RateCase
)


class CodeOutcome(StrEnum):
    """What came of a typed code. Wrong code and wrong phrase look the same."""

    OPENED = "opened"
    NEEDS_PHRASE = "needs_phrase"
    WRONG = "wrong"
    TOO_OFTEN = "too_often"
