"""What a turn may look at: her own cases and her own tries, inside the unit of work."""

from collections.abc import Sequence
from datetime import datetime

from bot.conversation.turn import HerCase, StaffWord
from bot.domain.cases import CaseCard, CaseEvent, EventKind
from bot.domain.errors import NotFound
from bot.domain.handovers import Content, HandOver, JointSession
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_contest import ContestStore
from bot.domain.ports_links import SpokenFor
from bot.domain.ports_talk import Person
from bot.services import guard_deadlines

WORKER = "worker"
_ANSWERS = (EventKind.HER_WORDS, EventKind.HER_FILE)
_REACHES_HER = (
    EventKind.REPLY, EventKind.ASK_MORE, EventKind.CLAIMED, EventKind.ASSIGNED, EventKind.STATUS,
    EventKind.CLOSED, EventKind.REOPENED, EventKind.PAUSED, EventKind.RESUMED, EventKind.HANDOVER,
    EventKind.PARTNER, EventKind.SESSION,
)  # fmt: skip


class HerThings:
    """Fulfils conversation.turn.Look."""

    def __init__(self, unit: Unit, person: Person, address: Address, now: datetime) -> None:
        self._unit, self._person, self._address, self._now = unit, person, address, now
        self._player: str | None = None

    @property
    def channel(self) -> str:
        return self._person.channel

    @property
    def contest(self) -> ContestStore:
        return self._unit.contest

    @property
    def player(self) -> str:
        if self._player is None:
            self._player = self._unit.contest.player(self._address)
        return self._player

    def cases(self) -> Sequence[CaseCard]:
        ids = self._unit.cases.ids_of(self._person.id)
        if not ids:
            return ()
        cards = {card.id: card for card in self._unit.cases.cards(CaseFilter(ids=tuple(ids)))}
        # A double is shown as the case that it was joined with, which she holds too.
        return [cards[case_id] for case_id in ids if case_id in cards and not cards[case_id].merged_into]

    def staff_words(self) -> Sequence[StaffWord]:
        kinds = (*_REACHES_HER, *_ANSWERS)
        told = [_last_word(card, self._unit.cases.outline(card.id, kinds)) for card in self.cases()]
        return sorted((word for word in told if word), key=lambda word: word.at, reverse=True)

    def taken_over(self) -> bool:
        return self._unit.links.taken_from(self._person.id)

    def next_number(self) -> str:
        return self._unit.cases.next_number(self._now)

    def gets_tips(self) -> bool:
        return self._unit.subscriptions.active(self._person.id)

    def case(self, case_id: str) -> HerCase | None:
        cases, links = self._unit.cases, self._unit.links
        asked = cases.card(case_id)
        case_id = asked.merged_into or case_id if asked else case_id
        through = links.held_through(case_id, self._person.id)
        try:
            answers, events, code = cases.her_view(case_id, self._person.id)
            if through is not None:  # her code is that of her own entry, also when both are taken apart again
                code = cases.her_view(through, self._person.id)[2]
        except NotFound:
            return None
        card = cases.card(case_id)
        if card is None:
            return None
        of = links.for_other(case_id)
        by_other = of is not None and of.state is SpokenFor.STATED and of.person_id != self._person.id
        return HerCase(card, answers, events, code, by_other, guard_deadlines.of_case(self._unit, card.id))

    def hand_over(self, hand_over_id: str) -> HandOver | None:
        found = self._unit.partners.get(hand_over_id)
        return found if found is not None and self._is_hers(found.case_id) else None

    def hand_overs(self, case_id: str) -> Sequence[HandOver]:
        return self._unit.partners.of_case(case_id) if self._is_hers(case_id) else ()

    def hand_over_content(self, hand_over_id: str) -> Content:
        try:
            return self._unit.partners.her_content(hand_over_id, self._person.id)
        except NotFound:
            return Content()

    def joint(self, session_id: str) -> JointSession | None:
        found = self._unit.partners.joint(session_id)
        return found if found is not None and self._is_hers(found.case_id) else None

    def _is_hers(self, case_id: str) -> bool:
        """Hers to give away: whoever opened it for somebody else decides nothing about that."""
        other = self._unit.links.for_other(case_id)
        if other is not None and other.person_id == self._person.id:
            return False
        return self._person.id in self._unit.cases.people_of(case_id)


def _last_word(card: CaseCard, events: Sequence[CaseEvent]) -> StaffWord | None:
    """Her own words and files answer what was asked before them."""
    at: datetime | None = None
    question_at: datetime | None = None
    for event in events:
        if event.by == WORKER:
            question_at = None if event.kind in _ANSWERS else question_at
            continue
        if event.kind in _REACHES_HER:
            at = event.at
        if event.kind is EventKind.ASK_MORE:
            question_at = event.at
    return StaffWord(card, at, question_at if card.is_open else None) if at else None
