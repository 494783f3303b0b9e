"""What a turn may look at: her own cases and her own tries, inside the unit of work."""

from collections.abc import Sequence
from datetime import datetime

from bot.conversation.turn import HerCase
from bot.domain.cases import CaseCard
from bot.domain.errors import NotFound
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_contest import ContestStore
from bot.domain.ports_talk import Person


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
        return [cards[case_id] for case_id in ids if case_id in cards]

    def next_number(self) -> str:
        return self._unit.cases.next_number(self._now)

    def gets_tips(self) -> bool:
        return self._unit.subscriptions.active(self._person.id)

    def case(self, case_id: str) -> HerCase | None:
        try:
            answers, events, code = self._unit.cases.her_view(case_id, self._person.id)
        except NotFound:
            return None
        card = self._unit.cases.card(case_id)
        return HerCase(card, answers, events, code) if card else None
