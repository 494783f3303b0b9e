"""Random walks over asking, choosing, agreeing, taking back, links and time: nothing leaves unasked."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from bot.conversation.effects import AnswerHandOver, ChooseField, RevokeHandOver
from bot.conversation.hand_over_card import version_of
from bot.domain.errors import NotFound, Refused
from bot.domain.handovers import RUNNING, Content, Field, HandOver, HandOverState
from bot.domain.incoming import Address
from bot.services import chase_partners, hand_over, her_consent, partner_guest
from bot.services.hand_over import Proposal
from knowledge.wording import Wording
from tests.conversation.steps import at_review
from tests.partner_desk import INSPECTION, PartnerDesk
from tests.talk import House, Talk

WALKS, STEPS = 12, 80


@dataclass
class Model:
    """What she has agreed to, kept apart from the program's own books."""

    given: dict[str, frozenset[Field]] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)  # hand-over, token, code
    pages: list[tuple[str, str, str]] = field(default_factory=list)  # hand-over, token, secret


@dataclass
class Walk:
    """One walk in one unit after another; every look of the agency is held against the model."""

    house: House
    desk: PartnerDesk
    case_id: str
    person: object
    wording: Wording
    chance: random.Random
    model: Model = field(default_factory=Model)
    looked: int = 0

    def step(self, unit, now, desk) -> None:
        with suppress(Refused, NotFound):  # a refusal changes nothing: that is what the looks find out
            getattr(self, self.chance.choice(STEPS_OF_ALL))(unit, now, desk)

    def _one(self, unit) -> HandOver | None:
        known = unit.partners.of_case(self.case_id)
        running = [one for one in known if one.state in RUNNING]
        among = running if running and self.chance.random() < 0.9 else known
        return self.chance.choice(among) if among else None

    def propose(self, unit, now, desk) -> None:
        fields = frozenset(self.chance.sample(list(Field), self.chance.randint(1, len(Field))))
        wanted = Proposal(INSPECTION, INSPECTION_PURPOSE, fields, self.chance.randint(1, 5))
        made = hand_over.propose(unit, self.desk.staff["officer"], self.case_id, wanted, now, desk)
        self.model.until[made.id] = made.until

    def choose(self, unit, now, desk) -> None:
        if one := self._one(unit):
            effect = ChooseField(one.id, self.chance.choice(list(Field)), self.chance.random() < 0.5)
            her_consent.carry_out(unit, self.person, effect, now, desk)

    def agree(self, unit, now, desk) -> None:
        if one := self._one(unit):
            stale = self.chance.random() < 0.3
            version = "0" * 16 if stale else version_of(self.wording.partners, one)
            asked = one.state is HandOverState.PROPOSED and now < one.until and bool(one.given)
            her_consent.carry_out(unit, self.person, AnswerHandOver(one.id, True, version), now, desk)
            if asked and not stale:
                self.model.given[one.id] = frozenset(one.given)

    def refuse(self, unit, now, desk) -> None:
        if one := self._one(unit):
            her_consent.carry_out(unit, self.person, AnswerHandOver(one.id, False, ""), now, desk)

    def revoke(self, unit, now, desk) -> None:
        if one := self._one(unit):
            her_consent.carry_out(unit, self.person, RevokeHandOver(one.id), now, desk)
            self.model.given.pop(one.id, None)

    def cancel(self, unit, now, desk) -> None:
        if one := self._one(unit):
            hand_over.cancel(unit, self.desk.staff["officer"], self.case_id, one.id, now, desk)
            self.model.given.pop(one.id, None)

    def link(self, unit, now, desk) -> None:
        if one := self._one(unit):
            made = hand_over.make_link(unit, self.desk.staff["officer"], self.case_id, one.id, now, desk)
            self.model.links.append((one.id, made.token, made.code))

    def enter(self, unit, now, desk) -> None:
        if self.model.links:
            one, token, code = self.model.links.pop(-self.chance.randint(1, min(2, len(self.model.links))))
            secret = partner_guest.enter(unit, token, code, now, desk)
            if secret:
                self.model.pages.append((one, token, secret))
                code = unit.partners.session(secret, one).next_code
                self.model.links.append((one, token, code))

    def look(self, unit, now) -> None:
        for one, token, secret in self.model.pages:
            page = partner_guest.look(unit, token, secret, now)
            if page is None:
                continue
            self.looked += 1
            assert page.hand_over.id == one
            assert now < self.model.until[one]
            assert set(page.content.fields) == self.model.given[one]
            kept: Content = page.content
            assert set(kept.words) <= self.model.given[one]
            kinds = [kind for kind, _, _ in unit.people.consents(self.person.id)]
            assert kinds.count(f"hand_over:{one}") == 1
            assert f"revoked:{one}" not in kinds

    def wait(self, unit, now, desk) -> None:
        self.house.clock.passes(hours=self.chance.choice((1, 3, 12)))

    def sweep(self, unit, now, desk) -> None:
        chase_partners.sweep(unit, now, desk)


INSPECTION_PURPOSE = hand_over.Purpose.INSPECTION
STEPS_OF_ALL = (
    "propose", "propose", "choose", "choose", "agree", "agree", "agree", "refuse", "revoke", "cancel",
    "link", "link", "enter", "enter", "enter", "wait", "sweep",
)  # fmt: skip


@pytest.fixture
async def case(talk: Talk, house: House) -> tuple[PartnerDesk, str, Address]:
    desk = await PartnerDesk(house).opens()
    await at_review(talk)
    await talk.taps("提交")
    [card] = await house.cases()
    await desk.claims(card.id)
    return desk, card.id, talk.address


async def test_the_agency_never_sees_a_field_that_she_has_not_given_it_now(
    house: House, case, wording: Wording
) -> None:
    desk, case_id, address = case
    person = await house.read(lambda unit: unit.people.find(address))
    looked = 0
    for seed in range(WALKS):
        walk = Walk(house, desk, case_id, person, wording, random.Random(seed))

        def steps(unit, now, its, walk=walk) -> None:
            for one in unit.partners.of_case(case_id):  # what the walk before left running
                if one.state in RUNNING:
                    hand_over.cancel(unit, desk.staff["officer"], case_id, one.id, now, its)
            for _ in range(STEPS):
                walk.step(unit, house.clock.now(), its)
                walk.look(unit, house.clock.now())

        await desk.does(steps)
        looked += walk.looked
    assert looked > 100, looked
