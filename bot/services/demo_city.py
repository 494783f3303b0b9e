"""Plays the demo city: every act goes through the real services, with a clock that runs through a year.

Nothing of it is sent: what would go out is put down as delivered. The store is marked for good.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.conversation.consent import ConsentKind, ConsentText, needed
from bot.conversation.effects import AddToCase, ConfirmResult, OpenCase, RateCase
from bot.conversation.session import CaseDraft
from bot.domain.cases import (
    BY_STAFF,
    CaseCard,
    CaseSource,
    CaseStatus,
    Confirmed,
    EventKind,
    Outcome,
    PauseReason,
)
from bot.domain.civil_time import at_clock, civil_day
from bot.domain.employer_names import key_of
from bot.domain.errors import SafeHouseError
from bot.domain.incoming import Address
from bot.domain.ports import Store, Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_employers import Employer, EmployerSize, LetterState
from bot.domain.ports_talk import Person
from bot.domain.ports_team import ContactWith
from bot.domain.promises import is_workday
from bot.domain.receipt_codes import make_code
from bot.domain.staff import SYSTEM, Power, Role, StaffMember
from bot.services import (
    accounts,
    case_work,
    chase_partners,
    close_case,
    confirm_result,
    demo_partners,
    drafts,
    employers,
    follow_up,
    guard_deadlines,
    patterns,
    pause_clock,
    take_down_case,
    team_work,
    watch_promises,
    worker_cases,
)
from bot.services.case_work import Desk
from bot.services.demo_mark import mark_demo
from bot.services.demo_plan import Act, Life, Plan, Step
from bot.services.take_down_case import Reading, Told
from bot.services.worker_cases import WorkersDesk
from knowledge.demo import DemoCity
from knowledge.loader import Knowledge

_AT_ONCE = 40  # steps in one unit
_SWEEPS = ((9, 5), (11, 50), (17, 20))  # clock times at which the sweeps of the workers are played
_LOOKS_AHEAD = timedelta(days=8)
_FIRST_WORD = timedelta(days=3)  # a shorter promise is a first answer; the plan has those
_CAREFUL = 0.9
_LETTER_WAITS = timedelta(days=9)
_NOTICES_READ = timedelta(days=2)
_CHANNELS = {CaseSource.WEBCHAT: "webchat", CaseSource.TELEGRAM: "telegram", CaseSource.WECHAT: "wechat"}

_Moment = tuple[datetime, Step | None, Life | None]  # without a step: the workers' sweeps


class NotEmpty(SafeHouseError):
    """The store has people, cases or accounts in it: a demo never mixes with them."""


class DemoClock:
    """A clock that is set by hand; fulfils Clock."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


@dataclass(slots=True)
class Player:
    """Plays a plan into a store. `clock` is the store's own clock."""

    store: Store
    clock: DemoClock
    desk: Desk
    workers_desk: WorkersDesk
    knowledge: Knowledge
    city: DemoCity
    plan: Plan
    chance: random.Random
    staff: list[StaffMember] = field(default_factory=list)
    cases: dict[int, str] = field(default_factory=dict)  # life → case
    drafts: dict[int, str] = field(default_factory=dict)

    async def play(self, until: datetime, show: Callable[[int, int], None]) -> None:
        """All that happens up to `until`, with the sweeps of the workers in between."""
        begins = min(step.at for life in self.plan.lives for step in life.steps)
        self.clock.at = begins - timedelta(days=1)
        await self.store.write(self._found_house)
        happens = self.plan.in_order(until)
        moments: list[_Moment] = [
            *((step.at, step, life) for step, life in happens),
            *((at, None, None) for at in _sweeps(begins, until)),
        ]
        moments.sort(key=lambda one: one[0])
        for first in range(0, len(moments), _AT_ONCE):
            part = moments[first : first + _AT_ONCE]
            await self.store.write(self._playing(part))
            show(first + len(part), len(moments))
        self.clock.at = until

    def _playing(self, part: list[_Moment]) -> Callable[[Unit], None]:
        return lambda unit: self._play(unit, part)

    def _play(self, unit: Unit, part: list[_Moment]) -> None:
        for at, step, life in part:
            self.clock.at = at
            if step is None or life is None:
                self._sweep(unit, at)
            else:
                self._act(unit, step, life)
        _deliver(unit, part[-1][0])

    def _found_house(self, unit: Unit) -> None:
        """Staff and the employers whose size is known; the mark that cannot be taken off."""
        now = self.clock.at
        if unit.staff.all() or unit.cases.totals(now - timedelta(days=9999), now).get("opened"):
            raise NotEmpty("demo")
        mark_demo(unit, now)
        unit.audit.append(SYSTEM.id, "demo_city", "house", now)
        for one in self.city.staff:
            member, _ = accounts.invite(unit, SYSTEM, one.name, frozenset({Role(one.role)}), now)
            self.staff.append(member)
        for place, firm in enumerate(self.city.employers):
            size = EmployerSize(firm.size)
            employer = Employer(f"demo{place:02d}", firm.name, size, None, True, now)
            unit.employers.add(employer, key_of(firm.name), SYSTEM.id)

    def _sweep(self, unit: Unit, now: datetime) -> None:
        if is_workday(civil_day(now)):
            self._keep_promises(unit, now)
            self._decide_letters(unit, now)
            for member in self.staff:
                unit.duty.mark_read(member.id, now - _NOTICES_READ, now)
        watch_promises.sweep(unit, now, self.desk)
        guard_deadlines.sweep(unit, now, self.desk)
        chase_partners.sweep(unit, now, self.desk)
        follow_up.sweep(unit, now, self.desk)

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────

    def _act(self, unit: Unit, step: Step, life: Life) -> None:
        match step.act:
            case Act.OPEN:
                self._open(unit, life)
            case Act.CLAIM:
                self._claim(unit, life)
            case Act.HER_WORDS:
                self._her_words(unit, life)
            case Act.WITHDRAW:
                self._withdraw(unit, life)
            case Act.CONFIRM:
                self._confirm(unit, life, Confirmed(step.value))
            case Act.RATE:
                self._rate(unit, life, int(step.value))
            case _:
                self._staff_act(unit, step, life)

    def _staff_act(self, unit: Unit, step: Step, life: Life) -> None:
        card = self._card(unit, life)
        if not card.is_open:
            return
        actor, now = self._handler(unit, card), self.clock.at
        match step.act:
            case Act.DRAFT:
                text = self.city.replies[life.kind.value]
                draft = drafts.write_draft(unit, actor, card.id, text, now, self.desk)
                self.drafts[life.key] = draft.id
                if drafts.waits_for_review(draft):
                    lawyer = self._one(Role.LAWYER)
                    drafts.ask_review(unit, actor, card.id, draft.id, lawyer.id, now, self.desk)
            case Act.APPROVE:
                self._approve(unit, card, life)
            case Act.UPDATE:
                self._update(unit, card)
            case Act.PAUSE:
                self._pause(unit, card, PauseReason.EMPLOYER)
            case Act.SEND if life.key in self.drafts:
                drafts.send_draft(unit, actor, card.id, self.drafts.pop(life.key), now, self.desk)
            case Act.NOTE:
                case_work.add_note(unit, actor, card.id, self.chance.choice(self.city.notes), now, self.desk)
            case Act.CALL:
                minutes, words = self.chance.randint(3, 25), self.chance.choice(self.city.notes)
                whom = ContactWith.HER if life.source in BY_STAFF else ContactWith.EMPLOYER
                team_work.log_contact(
                    unit, actor, card.id, EventKind.CALL, whom, now, minutes, words, now, self.desk
                )
            case Act.MOVE if card.status.value != step.value:
                card = case_work.move(unit, actor, card.id, CaseStatus(step.value), now, self.desk)
                if life.source not in BY_STAFF and actor.may(Power.HAND_OVER):
                    demo_partners.hand_on(
                        unit,
                        actor,
                        card,
                        self._person(unit, life),
                        now,
                        self.desk,
                        self.knowledge,
                        self.chance,
                    )
            case Act.CLOSE:
                self._close(unit, card, life)

    def _update(self, unit: Unit, card: CaseCard) -> None:
        """A short word to her that gives no advice; where nobody can be written to, the clock is paused."""
        actor, now = self._handler(unit, card), self.clock.at
        if not unit.cases.people_of(card.id):
            self._pause(unit, card, PauseReason.PROCEDURE)
            return
        draft = drafts.write_draft(
            unit, actor, card.id, self.chance.choice(self.city.updates), now, self.desk
        )
        drafts.send_draft(unit, actor, card.id, draft.id, now, self.desk)

    def _pause(self, unit: Unit, card: CaseCard, reason: PauseReason) -> None:
        """A promise that is over already cannot be paused away: then the ladder of silence goes on."""
        if card.paused_at is None and card.promised_at > self.clock.at:
            pause_clock.pause(
                unit, self._handler(unit, card), card.id, reason, self.city.notes[0], self.clock.at, self.desk
            )

    def _keep_promises(self, unit: Unit, now: datetime) -> None:
        """What officers do of themselves: a word before it is due. Now and then one forgets."""
        wanted = CaseFilter(open_only=True, due_before=now + _LOOKS_AHEAD, limit=500)
        for card in unit.cases.cards(wanted):
            length = card.promised_at - (card.began_at or card.opened_at)
            first = length < _FIRST_WORD
            if card.paused_at or not card.assignee or (first and now - card.opened_at < _FIRST_WORD):
                continue
            # Whoever gets a case that was left lying answers at once.
            careful = card.urgent or self.chance.random() < _CAREFUL
            if careful and (first or (card.promised_at - now) / length < 0.6):
                self._update(unit, card)

    def _decide_letters(self, unit: Unit, now: datetime) -> None:
        """Leaders decide on what is proposed within a week or two."""
        for letter in unit.employers.letters():
            if letter.state is not LetterState.PROPOSED or now - letter.proposed_at < _LETTER_WAITS:
                continue
            leader = self._one(Role.LEADER)
            if self.chance.random() < 0.6:
                patterns.accept(unit, leader, letter.id, now)
            else:
                patterns.dismiss(unit, leader, letter.id, self.city.dismissed_letter, now)

    def _open(self, unit: Unit, life: Life) -> None:
        if life.source in BY_STAFF:
            self._take_down(unit, life)
            return
        person, now = self._person(unit, life), self.clock.at
        consents = tuple((one.kind.value, one.version, now) for one in self._consents(person.channel))
        level = life.level
        draft = CaseDraft(
            started_at=now, touched_at=now, answers=life.answers, level=level, topic=life.topic,
            urgent=life.urgent, consents=consents,
        )  # fmt: skip
        case = OpenCase(
            case_id=f"{self.chance.getrandbits(80):020x}",
            number=unit.cases.next_number(now),
            code=make_code(self.chance),
            kind=life.kind,
            promised_at=self.desk.promises.first_answer_by(now, life.kind, life.urgent),
            draft=draft,
        )
        worker_cases.open_case(unit, person, case, now, self.workers_desk)
        self.cases[life.key] = case.case_id

    def _take_down(self, unit: Unit, life: Life) -> None:
        now = self.clock.at
        told = Told(life.source, life.answers, kind=life.kind, urgent=life.urgent, agreed=True)
        card = take_down_case.take_down(
            unit, self._one(Role.OFFICER), f"demo-{life.key}", told, Reading(life.topic, None), now,
            self.desk, self.knowledge, self.chance,
        )  # fmt: skip
        if card.employer_id is None:
            employers.link(unit, card, life.answers.employer, now, self.desk.wording)
        self.cases[life.key] = card.id

    def _claim(self, unit: Unit, life: Life) -> None:
        card = self._card(unit, life)
        if card.is_open and card.assignee is None:
            case_work.claim(unit, self._one(Role.OFFICER), card.id, self.clock.at, self.desk)

    def _approve(self, unit: Unit, card: CaseCard, life: Life) -> None:
        """Whoever was asked looks at it."""
        lawyers = (one for one in self.staff if Role.LAWYER in one.roles)
        asked = [one for one in lawyers if unit.team.review_asked(card.id, one.id)]
        if asked and life.key in self.drafts:
            drafts.approve(unit, asked[0], card.id, self.drafts[life.key], self.clock.at, self.desk)

    def _close(self, unit: Unit, card: CaseCard, life: Life) -> None:
        if life.outcome is None:
            return
        actor = self._handler(unit, card)
        if not actor.may(Power.CLOSE):
            actor = self._one(Role.LEADER)
        close_case.close(
            unit, actor, card.id, life.outcome, self.clock.at, self.desk, life.fen, life.people,
            self.city.closings[life.outcome.value],
            recovered_kind=life.won if life.fen else None, evidence=life.evidence,
            how="" if close_case.was_mediated(unit, card) else self.city.notes[0],
        )  # fmt: skip

    # ── her side ────────────────────────────────────────────────────────────────────────────────────

    def _her_words(self, unit: Unit, life: Life) -> None:
        card = self._card(unit, life)
        if card.is_open:
            effect = AddToCase(card.id, self.chance.choice(self.city.added))
            worker_cases.add_to_case(unit, self._person(unit, life), effect, self.clock.at, self.workers_desk)

    def _withdraw(self, unit: Unit, life: Life) -> None:
        card = self._card(unit, life)
        if not card.is_open:
            return
        if life.source in BY_STAFF:  # she said so on the telephone
            actor = self._handler(unit, card)
            actor = actor if actor.may(Power.CLOSE) else self._one(Role.LEADER)
            close_case.close(unit, actor, card.id, Outcome.WITHDRAWN, self.clock.at, self.desk, 0, 0)
            return
        person = self._person(unit, life)
        worker_cases.withdraw_case(unit, person, card.id, self.clock.at, self.workers_desk)

    def _confirm(self, unit: Unit, life: Life, answer: Confirmed) -> None:
        card, now = self._card(unit, life), self.clock.at
        if card.closed_at is None:
            return
        partly = life.fen // 2 if answer is Confirmed.PARTLY and life.fen else None
        effect = ConfirmResult(card.id, close_case.closing_number(unit, card), answer, partly)
        confirm_result.confirm(unit, self._person(unit, life), effect, now, self.desk.wording)

    def _rate(self, unit: Unit, life: Life, stars: int) -> None:
        card, now = self._card(unit, life), self.clock.at
        if card.closed_at is not None:
            effect = RateCase(card.id, close_case.closing_number(unit, card), stars)
            confirm_result.rate(unit, self._person(unit, life), effect, now, self.desk.wording)

    # ── who and what ────────────────────────────────────────────────────────────────────────────────

    def _person(self, unit: Unit, life: Life) -> Person:
        address = Address(_CHANNELS[life.source], f"demo-{life.key}")
        return unit.people.get_or_add(address, self.clock.at)

    def _consents(self, channel: str) -> list[ConsentText]:
        words = self.desk.wording.talk.open_case
        texts = {
            ConsentKind.PROCESSING: words.processing,
            ConsentKind.HANDING_OVER: words.handing_over,
            ConsentKind.CARRIED: words.carried,
        }
        return [ConsentText(kind, texts[kind]) for kind in sorted(needed(channel))]

    def _card(self, unit: Unit, life: Life) -> CaseCard:
        card = unit.cases.card(self.cases[life.key])
        assert card is not None
        return card

    def _handler(self, unit: Unit, card: CaseCard) -> StaffMember:
        """Who has it now: silence may have given it to somebody else. A leader where nobody has."""
        member = unit.staff.get(card.assignee) if card.assignee else None
        return member or self._one(Role.LEADER)

    def _one(self, role: Role) -> StaffMember:
        return self.chance.choice([one for one in self.staff if role in one.roles])


def _sweeps(begins: datetime, until: datetime) -> Iterator[datetime]:
    day = civil_day(begins)
    while day <= civil_day(until):
        for hour, minute in _SWEEPS:
            at = at_clock(day, hour, minute)
            if begins < at < until:
                yield at
        day += timedelta(days=1)


def _deliver(unit: Unit, now: datetime) -> None:
    """Nothing of a demo leaves the house."""
    later = now + timedelta(days=3)
    for channel in _CHANNELS.values():
        while rows := unit.outbox.claim(channel, later, 500):
            for row in rows:
                unit.outbox.sent(row.seq, f"demo-{row.seq}", now)


def login_links(unit: Unit, now: datetime) -> list[tuple[str, str, str]]:
    """(name, role, token of a one-time link) of every account of the demo."""
    made = []
    for member in unit.staff.all():
        roles = "、".join(sorted(role.value for role in member.roles))
        made.append((member.name, roles, accounts.reset(unit, SYSTEM, member.id, now)))
    return made
