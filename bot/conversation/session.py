"""What is remembered of a talk between two messages; kept sealed, as JSON with a version."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.cases import Answers, NameLevel

VERSION = 1
TOPIC_KEPT = timedelta(minutes=30)
WORDS_KEPT = timedelta(hours=24)  # what she asked, so that a case need not be told twice


class Place(StrEnum):
    """Where in the talk she is: it decides who reads her next words."""

    HOME = "home"
    OPENING = "opening"  # answering the questions of a new case
    TYPE_BACK = "type_back"  # asked to type the last digits of her code
    IN_CASE = "in_case"  # her words go to the case
    CODE = "code"  # asked for a receipt code
    PHRASE = "phrase"  # asked for the phrase that belongs to the code
    SET_PHRASE = "set_phrase"
    WITHDRAWING = "withdrawing"  # may say why
    AMOUNT = "amount"  # after closing: asked how much of the money has come


class Step(StrEnum):
    """The steps of opening a case, in order."""

    PROCESSING = "processing"
    HANDING_OVER = "handing_over"
    CARRIED = "carried"  # only where Telegram carries it
    LEVEL = "level"
    HAPPENED = "happened"
    SINCE = "since"
    DISTRICT = "district"
    EMPLOYER = "employer"
    EVIDENCE = "evidence"
    WISH = "wish"
    NAME = "name"
    CONTACT = "contact"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case that is not handed in yet. `consents` are (kind, text version, time)."""

    started_at: datetime
    touched_at: datetime
    step: Step = Step.PROCESSING
    answers: Answers = field(default_factory=Answers)
    level: NameLevel | None = None
    files: tuple[str, ...] = ()
    topic: str | None = None
    urgent: bool = False
    consents: tuple[tuple[str, str, datetime], ...] = ()
    editing: bool = False  # one field is being changed; afterwards the review card comes back
    for_other: bool = False  # somebody else tells it, and says that she agreed

    @property
    def has_content(self) -> bool:
        """Whether there is anything of hers in it that would be lost."""
        return bool(self.files) or self.answers != Answers()


@dataclass(frozen=True, slots=True)
class Session:
    """One person's talk. `choices` are (label, action) of the buttons shown last, in order.

    `yes_no` holds the actions that a typed 是 or 否 stands for. `asked` is what she asked last.
    """

    place: Place = Place.HOME
    at: datetime | None = None
    topic: str | None = None
    topic_at: datetime | None = None
    asked: str = ""
    asked_files: tuple[str, ...] = ()
    asked_at: datetime | None = None
    danger_at: datetime | None = None
    misses: int = 0
    cards: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    yes_no: tuple[str, str] | None = None
    draft: CaseDraft | None = None
    case_id: str | None = None
    code: str | None = None
    for_other: bool = False  # said that the one it is about agreed: the next case is hers
    offered: bool = False  # what she asked stands on her screen, waiting to be passed on to a case
    not_for_staff_at: datetime | None = None  # said that her words are no answer to what staff asked

    def live_topic(self, now: datetime) -> str | None:
        """The topic being talked about, while it is fresh."""
        fresh = self.topic_at is not None and now - self.topic_at <= TOPIC_KEPT
        return self.topic if fresh else None

    def aged(self, now: datetime, draft_kept: timedelta) -> "Session":
        """The same without what is too old to be kept."""
        session = self
        if session.asked_at and now - session.asked_at > WORDS_KEPT:
            session = replace(session, asked="", asked_files=(), asked_at=None)
        if session.danger_at and now - session.danger_at > WORDS_KEPT:
            session = replace(session, danger_at=None)
        if session.draft and now - session.draft.touched_at > draft_kept:
            session = replace(session, draft=None)
        return session

    def at_home(self) -> "Session":
        """Out of every flow; a draft stays."""
        return replace(self, place=Place.HOME, code=None, yes_no=None, for_other=False)


def to_json(session: Session) -> str:
    """The session as text."""
    fields = {name: getattr(session, name) for name in Session.__slots__}
    if session.draft:
        draft = {name: getattr(session.draft, name) for name in CaseDraft.__slots__}
        draft["answers"] = {name: getattr(session.draft.answers, name) for name in Answers.__slots__}
        fields["draft"] = draft
    return json.dumps({"version": VERSION} | fields, default=datetime.isoformat, ensure_ascii=False)


def from_json(text: str | None) -> Session:
    """The session from its text. Text of another version or shape starts anew; a readable draft stays."""
    if text is None:
        return Session()
    try:
        data = json.loads(text)
    except ValueError:
        return Session()
    if not isinstance(data, dict):
        return Session()
    draft = _draft(data.get("draft"))
    if data.pop("version", None) != VERSION:
        return Session(draft=draft)
    try:
        return _session(data, draft)
    except (TypeError, ValueError, KeyError):
        return Session(draft=draft)


def _session(data: dict[str, Any], draft: CaseDraft | None) -> Session:
    return Session(
        **data
        | {
            "place": Place(data["place"]),
            "draft": draft,
            "choices": tuple((label, action) for label, action in data["choices"]),
            "yes_no": tuple(data["yes_no"]) if data["yes_no"] else None,
            "asked_files": tuple(data["asked_files"]),
        }
        | {key: _time(data[key]) for key in ("at", "topic_at", "asked_at", "danger_at")}
        | {"not_for_staff_at": _time(data.get("not_for_staff_at"))}
    )


def _draft(data: Any) -> CaseDraft | None:
    """Whatever of a draft can be read; None where the two times or the step cannot."""
    if not isinstance(data, dict):
        return None
    try:
        given = data.get("answers", {})
        return CaseDraft(
            started_at=datetime.fromisoformat(data["started_at"]),
            touched_at=datetime.fromisoformat(data["touched_at"]),
            step=Step(data["step"]),
            answers=Answers(**{name: given[name] for name in Answers.__slots__ if name in given}),
            level=NameLevel(data["level"]) if data.get("level") else None,
            files=tuple(data.get("files", ())),
            topic=data.get("topic"),
            urgent=bool(data.get("urgent")),
            consents=tuple(
                (kind, version, datetime.fromisoformat(at)) for kind, version, at in data.get("consents", ())
            ),
            editing=bool(data.get("editing")),
            for_other=bool(data.get("for_other")),
        )
    except (TypeError, ValueError, KeyError):
        return None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
