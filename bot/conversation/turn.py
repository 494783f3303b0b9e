"""One turn of a talk: what it may look at, and what comes of it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from bot.conversation.effects import Effect
from bot.conversation.session import Session
from bot.conversation.typed import CommandBook
from bot.domain.case_deadlines import CaseDeadline
from bot.domain.cases import Answers, CaseCard, CaseEvent
from bot.domain.civil_time import civil_day
from bot.domain.handovers import Content, HandOver, JointSession
from bot.domain.ports_contest import ContestStore
from bot.domain.promises import Promises
from bot.domain.reply import Button, Reply
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from knowledge.wording import Wording
from knowledge.wording_talk import Buttons, Talk


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who runs the bot, as people read it, and how many days it keeps what they write."""

    name: str
    bot_name: str
    hotline: str
    draft_days: int = 7
    talk_days: int = 30
    case_days: int = 180

    def put(self, text: str, /, **facts: str | int) -> str:
        """A text of the wording with its facts put in; names of the house are always known."""
        return text.format(
            bot=self.bot_name,
            union=self.name,
            hotline=self.hotline,
            draft_days=self.draft_days,
            talk_days=self.talk_days,
            case_days=self.case_days,
            **facts,
        )


@dataclass(frozen=True, slots=True)
class HerCase:
    """What its holder may read of her own case."""

    card: CaseCard
    answers: Answers
    events: Sequence[CaseEvent]
    code: str
    by_other: bool = False  # somebody else opened it, and whether this is she herself is not said yet
    deadlines: Sequence[CaseDeadline] = ()  # legal dates, running ones first


@dataclass(frozen=True, slots=True)
class StaffWord:
    """The latest that staff told her in a case of hers; `question_at`: asked, and not answered by her yet."""

    card: CaseCard
    at: datetime
    question_at: datetime | None = None


class Look(Protocol):
    """A view of her own things inside the unit of work. Nobody else's can be asked for; it only reads."""

    @property
    def channel(self) -> str: ...
    @property
    def player(self) -> str:
        """Her keyed name in the contest."""
        ...

    @property
    def contest(self) -> ContestStore:
        """Read here only; changes are effects."""
        ...

    def cases(self) -> Sequence[CaseCard]:
        """Cases she holds, newest first."""
        ...

    def staff_words(self) -> Sequence[StaffWord]:
        """What staff told her last in each of her cases, newest first; cases without any are left out."""
        ...

    def taken_over(self) -> bool:
        """Whether somebody for whom she opened a case has taken it over alone."""
        ...

    def next_number(self) -> str:
        """The number that a case opened in this unit will get."""
        ...

    def gets_tips(self) -> bool:
        """Whether she wants the weekly tip."""
        ...

    def case(self, case_id: str) -> HerCase | None:
        """Her case; None where it is not hers, or not at all."""
        ...

    def hand_over(self, hand_over_id: str) -> HandOver | None:
        """A hand-over of a case of hers to a partner agency, else None."""
        ...

    def hand_overs(self, case_id: str) -> Sequence[HandOver]:
        """Those of a case of hers, oldest first."""
        ...

    def hand_over_content(self, hand_over_id: str) -> Content:
        """What goes, or would go; empty where it is not hers."""
        ...

    def joint(self, session_id: str) -> JointSession | None:
        """A joint session about a case of hers, else None."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """All that a turn may know. `random` makes codes and draws: a SystemRandom outside tests."""

    session: Session
    now: datetime
    knowledge: Knowledge
    index: FaqIndex
    wording: Wording
    look: Look
    random: random.Random
    organisation: Organisation
    promises: Promises
    commands: CommandBook
    contest_on: bool = True
    public_url: str = ""

    @property
    def today(self) -> date:
        """The civil day in Asia/Shanghai."""
        return civil_day(self.now)

    @property
    def talk(self) -> Talk:
        """What the conversation says."""
        return self.wording.talk

    @property
    def labels(self) -> Buttons:
        """Words on buttons."""
        return self.wording.talk.buttons

    def put(self, text: str, /, **facts: str | int) -> str:
        """A text of the wording with its facts put in; see Organisation.put."""
        return self.organisation.put(text, **facts)

    def with_session(self, session: Session) -> "Context":
        return replace(self, session=session)


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is answered, what is remembered, what is to be done. `shown` hides her words in the transcript."""

    replies: tuple[Reply, ...]
    session: Session
    actions: tuple[Effect, ...] = ()
    shown: str | None = None
    urgent: bool = False

    def doing(self, *actions: Effect) -> "Turn":
        """The same turn with more to be done."""
        return replace(self, actions=(*self.actions, *actions))

    def after(self, earlier: "Turn") -> "Turn":
        """Both turns as one: the earlier replies first, the later session stays."""
        return replace(
            self,
            replies=(*earlier.replies, *self.replies),
            actions=(*earlier.actions, *self.actions),
            urgent=self.urgent or earlier.urgent,
        )

    def settled(self, now: datetime) -> "Turn":
        """The session remembers what is on her screen; without new buttons the earlier ones still count."""
        shown = tuple(
            (button.label, button.action)
            for reply in self.replies
            for button in reply.buttons()
            if button.action
        )
        return replace(self, session=replace(self.session, at=now, choices=shown or self.session.choices))


def say(
    context: Context,
    text: str,
    /,
    *rows: Sequence[Button],
    session: Session | None = None,
    card: str | None = None,
    bold: bool = False,
    private: bool = False,
    menu: bool = False,
    **facts: str | int,
) -> Turn:
    """A turn of one message; without a session of its own the talk stays where it was."""
    kept = tuple(tuple(row) for row in rows if row)
    reply = Reply(context.put(text, **facts), kept, card=card, bold=bold, private=private, menu=menu)
    return Turn((reply,), session if session is not None else replace(context.session, yes_no=None))
