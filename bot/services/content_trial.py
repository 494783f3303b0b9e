"""What she would read: the layers of an answer, and why a question is answered as it is."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.conversation.answer_card import Layer, answer_card
from bot.conversation.ask_question import LONG, MOST_CARDS, answer_question
from bot.conversation.danger import safety_first
from bot.conversation.session import Session
from bot.conversation.turn import Context, HerCase, Organisation, StaffWord
from bot.conversation.typed import CommandBook, readable
from bot.domain.cases import CaseCard
from bot.domain.civil_time import civil_day
from bot.domain.errors import NotFound
from bot.domain.handovers import Content, HandOver, JointSession
from bot.domain.ports_contest import ContestStore
from bot.domain.promises import Promises
from bot.domain.reply import Reply
from bot.domain.urgency import Danger, find_danger
from bot.services.content_library import Library
from knowledge.amounts import fill
from knowledge.index import Explanation, Found, Unsure
from knowledge.index import NotFound as NothingFound
from knowledge.models import Entry
from knowledge.wording import Wording

LONGEST_TRIAL = 2000
_RANKED = 5


class _Nobody:
    """Fulfils conversation.turn.Look for a reader who has no case and plays no contest."""

    channel, player = "webchat", ""

    @property
    def contest(self) -> ContestStore:
        raise NotFound("contest")

    def cases(self) -> Sequence[CaseCard]:
        return ()

    def staff_words(self) -> Sequence[StaffWord]:
        return ()

    def taken_over(self) -> bool:
        return False

    def next_number(self) -> str:
        return ""

    def gets_tips(self) -> bool:
        return False

    def case(self, case_id: str) -> HerCase | None:
        return None

    def hand_over(self, hand_over_id: str) -> HandOver | None:
        return None

    def hand_overs(self, case_id: str) -> Sequence[HandOver]:
        return ()

    def hand_over_content(self, hand_over_id: str) -> Content:
        return Content()

    def joint(self, session_id: str) -> JointSession | None:
        return None


@dataclass(frozen=True, slots=True)
class Trial:
    """One question asked by a curator. `parts` are the topics of a long text that is answered in parts."""

    danger: Danger | None
    decision: Found | Unsure | NothingFound
    parts: tuple[str, ...]
    why: Explanation
    shown: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class HerEyes:
    """Reads as somebody who writes for the first time, on the web, at `now`."""

    library: Library
    wording: Wording
    organisation: Organisation
    promises: Promises
    now: datetime

    def _context(self) -> Context:
        return Context(
            session=Session(),
            now=self.now,
            knowledge=self.library.knowledge,
            index=self.library.index,
            wording=self.wording,
            look=_Nobody(),
            random=random.SystemRandom(),
            organisation=self.organisation,
            promises=self.promises,
            commands=CommandBook.of(self.wording.talk.commands),
            contest_on=False,
        )

    def layers(self, entry: Entry) -> list[tuple[Layer, str]]:
        """Every layer of an answer as plain text, in the order of the buttons."""
        context = self._context()
        return [(layer, answer_card(context, entry, layer, 1).text) for layer in Layer]

    def filled(self, text: str) -> str:
        """A text with the hotline and local numbers put in, as far as they may be stated today."""
        return fill(text, self.library.knowledge.region, civil_day(self.now), self.organisation.hotline)

    def tries(self, asked: str) -> Trial:
        """The same way as in the talk: danger first, then the search. Keeps nothing, logs nothing."""
        context, index = self._context(), self.library.index
        text = readable(asked)
        index.prepare(text)
        danger = find_danger(text, context.knowledge.danger)
        turn = safety_first(context, danger) if danger else answer_question(context, text)
        parts = tuple(index.several(text)[:MOST_CARDS]) if len(text) >= LONG else ()
        return Trial(
            danger,
            index.search(text),
            parts if len(parts) > 1 else (),
            index.explain(text, _RANKED),
            turn.replies,
        )
