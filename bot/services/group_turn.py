"""One thing that a member of staff did in the group, and how the house answers there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cases import CaseCard
from bot.domain.incoming import GroupIncoming
from bot.domain.ports import Unit
from bot.domain.reply import Button, Reply
from bot.domain.staff import StaffMember
from bot.services import group_queue
from bot.services.case_gate import on_duty, see_card
from bot.services.case_messages import fill
from bot.services.case_work import Desk
from knowledge.wording_group import GroupWords

AWAITED_FOR = timedelta(minutes=30)
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class GroupTurn:
    """The unit, who acts and where; everything that the acts in the group need."""

    unit: Unit
    staff: StaffMember
    incoming: GroupIncoming
    now: datetime
    desk: Desk
    channel: str

    @property
    def words(self) -> GroupWords:
        return self.desk.wording.group

    @property
    def place(self) -> str:
        return place_of(self.incoming)

    def card(self, case_id: str) -> CaseCard:
        """The card, for staff who may see it; NotFound for the others."""
        return see_card(self.unit, on_duty(self.unit, self.staff), case_id)

    def say(
        self, frame: str, card: CaseCard, *, on: str | None = None, rows: Rows = (), **holes: str
    ) -> None:
        """Into the case's topic. `on`: the card whose place it takes."""
        text = fill(frame, **{"number": card.number, "name": self.staff.name} | holes)
        reply = Reply(text, rows, card=on, quiet=not rows)
        group_queue.put(self.unit, self.channel, reply, self.now, card.id)

    def note(self, frame: str, card: CaseCard, **holes: str) -> None:
        """A line that only says what was done: joined with others where much waits for the group."""
        text = fill(frame, **{"number": card.number, "name": self.staff.name} | holes)
        reply = Reply(text, quiet=True)
        group_queue.put_line(
            self.unit, self.channel, self.desk.wording, reply, self.now, card.id, card.number
        )

    # ── words that are waited for ──

    def await_words(self, card: CaseCard, what: str) -> None:
        """This member's next words in this place are for `what`: "draft", or "return:<draft>"."""
        until = (self.now + AWAITED_FOR).isoformat()
        self.unit.facts.put(self._awaited, f"{card.id}|{self.place}|{until}|{what}")

    def awaited(self) -> tuple[str, str] | None:
        """The case and what its words are for, where they are waited for in this place."""
        kept = self.unit.facts.get(self._awaited)
        if not kept:
            return None
        case_id, place, until, what = kept.split("|")
        if place != self.place or datetime.fromisoformat(until) < self.now:
            return None
        return case_id, what

    def no_longer_await(self) -> None:
        self.unit.facts.put(self._awaited, "")

    @property
    def _awaited(self) -> str:
        return f"group-awaited:{self.staff.id}"


Act = Callable[[GroupTurn, CaseCard, str], None]


def place_of(incoming: GroupIncoming) -> str:
    """Remote id of the place in the group: "chat:thread", thread 0 for the main page."""
    return f"{incoming.chat}:{incoming.thread or 0}"
