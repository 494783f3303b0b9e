"""What the staff of the demo city do: take calls down, answer, hand on, close, and keep their promises."""

from datetime import datetime, timedelta

from bot.domain.case_deadlines import DeadlineState
from bot.domain.cases import BY_STAFF, CaseCard, CaseStatus, EventKind, PauseReason
from bot.domain.civil_time import civil_day
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_employers import LetterState
from bot.domain.ports_team import ContactWith
from bot.domain.staff import Power, Role, StaffMember
from bot.services import (
    case_work,
    close_case,
    demo_partners,
    drafts,
    employers,
    guard_deadlines,
    patterns,
    pause_clock,
    take_down_case,
    team_work,
)
from bot.services.demo_plan import HOME, WON, Act, Life, Step
from bot.services.demo_stage import Stage
from bot.services.take_down_case import Reading, Told

_LOOKS_AHEAD = timedelta(days=8)
_FIRST_WORD = timedelta(days=3)  # a shorter promise is a first answer; the plan has those
_CAREFUL = 0.9
_BEFORE_REMINDER = timedelta(hours=20)  # a night, and a morning in which one forgets
_LETTER_WAITS = timedelta(days=24)
_DATE_KEPT = 12  # days before a legal date at which officers have seen to it
_TO_LAWYERS = frozenset({CaseStatus.LEGAL_AID, CaseStatus.ARBITRATION, CaseStatus.LAWSUIT})
_AGENCY = frozenset({CaseStatus.REFERRED, CaseStatus.LEGAL_AID})
_DRAFTS_LEFT = 4  # drafts that wait for a lawyer when the demo begins
_OPEN = CaseFilter(open_only=True, limit=2000)


def staff_act(stage: Stage, unit: Unit, step: Step, life: Life) -> None:
    """Do what falls to staff."""
    match step.act:
        case Act.OPEN:
            _take_down(stage, unit, life)
        case Act.CLAIM:
            _claim(stage, unit, life)
        case _:
            _work_on(stage, unit, step, life)


def _work_on(stage: Stage, unit: Unit, step: Step, life: Life) -> None:
    card = stage.card(unit, life)
    if not card.is_open:
        return
    actor, now = stage.handler(unit, card), stage.clock.at
    match step.act:
        case Act.DRAFT:
            text = stage.city.story(life.topic).reply
            draft = drafts.write_draft(unit, actor, card.id, text, now, stage.desk)
            stage.drafts[life.key] = draft.id
            if drafts.waits_for_review(draft):
                lawyer = stage.one(Role.LAWYER)
                drafts.ask_review(unit, actor, card.id, draft.id, lawyer.id, now, stage.desk)
        case Act.APPROVE:
            _approve(stage, unit, card, life)
        case Act.UPDATE:
            _update(stage, unit, card, life)
        case Act.PAUSE:
            _pause(stage, unit, card, life)
        case Act.SEND if life.key in stage.drafts:
            drafts.send_draft(unit, actor, card.id, stage.drafts.pop(life.key), now, stage.desk)
        case Act.NOTE:
            if words := stage.next_of("note", life, stage.voice(life).notes):
                case_work.add_note(unit, actor, card.id, words, now, stage.desk)
        case Act.CALL:
            _call(stage, unit, actor, card, life)
        case Act.MOVE if card.status.value != step.value:
            _move(stage, unit, actor, card, life, CaseStatus(step.value))
        case Act.CLOSE:
            _close(stage, unit, card, life)


def _call(stage: Stage, unit: Unit, actor: StaffMember, card: CaseCard, life: Life) -> None:
    """The employer is telephoned; she where she cannot be written to; at home nobody is."""
    words = stage.next_of("note", life, stage.voice(life).notes)
    by_staff = life.source in BY_STAFF
    if words is None or (_at_home(stage, life) and not by_staff):
        return
    whom = ContactWith.HER if by_staff else ContactWith.EMPLOYER
    minutes, now = stage.chance.randint(3, 25), stage.clock.at
    team_work.log_contact(unit, actor, card.id, EventKind.CALL, whom, now, minutes, words, now, stage.desk)


def _move(
    stage: Stage, unit: Unit, actor: StaffMember, card: CaseCard, life: Life, status: CaseStatus
) -> None:
    """Into the next state; on to an agency, and to a lawyer, where that is the road."""
    now = stage.clock.at
    card = case_work.move(unit, actor, card.id, status, now, stage.desk)
    if life.source not in BY_STAFF and actor.may(Power.HAND_OVER):
        her, refer = stage.person(unit, life), stage.voice(life).refer
        demo_partners.hand_on(
            unit, actor, card, her, now, stage.desk, stage.knowledge, stage.chance, refer
        )  # fmt: skip
    if status in _TO_LAWYERS and actor.may(Power.HAND_OVER) and stage.chance.random() < 0.7:
        lawyer = stage.least_busy(unit, Role.LAWYER)
        case_work.assign(unit, stage.one(Role.LEADER), card.id, lawyer.id, now, stage.desk)


def _update(stage: Stage, unit: Unit, card: CaseCard, life: Life) -> None:
    """The next word to her on how it stands; when all is said, the clock waits for the others."""
    words = stage.next_of("follow", life, stage.voice(life).follow) if unit.cases.people_of(card.id) else None
    if words is None:
        _pause(stage, unit, card, life)
        return
    actor, now = stage.handler(unit, card), stage.clock.at
    draft = drafts.write_draft(unit, actor, card.id, words, now, stage.desk)
    if drafts.waits_for_review(draft):
        reader = next(one for one in stage.staff if Role.LAWYER in one.roles and one.id != actor.id)
        drafts.ask_review(unit, actor, card.id, draft.id, reader.id, now, stage.desk)
        draft = drafts.approve(unit, reader, card.id, draft.id, now, stage.desk)
    drafts.send_draft(unit, actor, card.id, draft.id, now, stage.desk)


def _pause(stage: Stage, unit: Unit, card: CaseCard, life: Life) -> None:
    """A promise that is over already cannot be paused away: then the ladder of silence goes on."""
    if card.paused_at is not None or card.promised_at <= stage.clock.at:
        return
    reason = PauseReason.EMPLOYER
    if card.status in _AGENCY or _at_home(stage, life):
        reason = PauseReason.PARTNER
    elif card.status in _TO_LAWYERS:
        reason = PauseReason.PROCEDURE
    pause_clock.pause(unit, stage.handler(unit, card), card.id, reason, "", stage.clock.at, stage.desk)


def _at_home(stage: Stage, life: Life) -> bool:
    return stage.city.story(life.topic).own == HOME


def keep_promises(stage: Stage, unit: Unit, now: datetime) -> None:
    """What officers do of themselves: a word before it is due. Now and then one forgets."""
    wanted = CaseFilter(open_only=True, due_before=now + _LOOKS_AHEAD, limit=500)
    for card in unit.cases.cards(wanted):
        if card.paused_at or not card.assignee or card.id not in stage.lives:
            continue
        life = stage.lives[card.id]
        if card.urgent:
            if now - card.opened_at > timedelta(hours=6):
                _look_after(stage, unit, card, life)
            continue
        began = card.began_at or card.opened_at
        first = card.promised_at - began < _FIRST_WORD
        if first and now - card.opened_at < _FIRST_WORD:
            continue
        # Whoever gets a case that was left lying answers at once.
        if stage.chance.random() > _CAREFUL:
            continue
        if first or stage.desk.promises.step_at(began, card.promised_at, 50) - now < _BEFORE_REMINDER:
            _update(stage, unit, card, life)


def _look_after(stage: Stage, unit: Unit, card: CaseCard, life: Life) -> None:
    """What is urgent: one word more to her, then others have to act; the clock says so."""
    if unit.cases.people_of(card.id):
        _update(stage, unit, card, life)
    fresh = unit.cases.card(card.id)
    if fresh is not None:
        _pause(stage, unit, fresh, life)


def keep_dates(stage: Stage, unit: Unit, now: datetime) -> None:
    """Officers see to a legal date before it is near."""
    cards = {card.id: card for card in unit.cases.cards(_OPEN) if card.assignee}
    for case_id, deadline in guard_deadlines.nearest(unit, list(cards), now).items():
        left = deadline.days_left(civil_day(now))
        running = deadline.state is DeadlineState.RUNNING and left is not None and left <= _DATE_KEPT
        if running and stage.chance.random() < 0.5:
            actor = stage.handler(unit, cards[case_id])
            guard_deadlines.done(unit, actor, case_id, deadline.id, now, stage.desk)


def leave_drafts(stage: Stage, unit: Unit, now: datetime) -> None:
    """At the end some drafts wait for a second pair of eyes."""
    lawyers = [one for one in stage.staff if Role.LAWYER in one.roles]
    left = 0
    for card in unit.cases.cards(_OPEN):
        life, actor = stage.lives.get(card.id), stage.handler(unit, card)
        wanted = life is not None and life.kind in WON and unit.cases.people_of(card.id)
        if not wanted or card.assignee is None or Role.OFFICER not in actor.roles or left >= _DRAFTS_LEFT:
            continue
        draft = drafts.write_draft(unit, actor, card.id, stage.city.opinion, now, stage.desk, advice=True)
        reader = lawyers[left % len(lawyers)]
        drafts.ask_review(unit, actor, card.id, draft.id, reader.id, now, stage.desk)
        left += 1


def decide_letters(stage: Stage, unit: Unit, now: datetime) -> None:
    """Leaders decide on what is proposed within a month."""
    for letter in unit.employers.letters():
        if letter.state is not LetterState.PROPOSED or now - letter.proposed_at < _LETTER_WAITS:
            continue
        leader = stage.one(Role.LEADER)
        if stage.chance.random() < 0.6:
            patterns.accept(unit, leader, letter.id, now)
        else:
            patterns.dismiss(unit, leader, letter.id, stage.city.dismissed_letter, now)


def _take_down(stage: Stage, unit: Unit, life: Life) -> None:
    now = stage.clock.at
    told = Told(life.source, life.answers, kind=life.kind, urgent=life.urgent, agreed=True)
    card = take_down_case.take_down(
        unit, stage.least_busy(unit), f"demo-{life.key}", told, Reading(life.topic, None), now,
        stage.desk, stage.knowledge, stage.chance,
    )  # fmt: skip
    if card.employer_id is None:
        employers.link(unit, card, life.answers.employer, now, stage.desk.wording)
    stage.opened(life, card.id)


def _claim(stage: Stage, unit: Unit, life: Life) -> None:
    card = stage.card(unit, life)
    if card.is_open and card.assignee is None:
        case_work.claim(unit, stage.least_busy(unit), card.id, stage.clock.at, stage.desk)


def _approve(stage: Stage, unit: Unit, card: CaseCard, life: Life) -> None:
    """Whoever was asked looks at it."""
    lawyers = (one for one in stage.staff if Role.LAWYER in one.roles)
    asked = [one for one in lawyers if unit.team.review_asked(card.id, one.id)]
    if asked and life.key in stage.drafts:
        drafts.approve(unit, asked[0], card.id, stage.drafts[life.key], stage.clock.at, stage.desk)


def _close(stage: Stage, unit: Unit, card: CaseCard, life: Life) -> None:
    if life.outcome is None:
        return
    actor = stage.handler(unit, card)
    if not actor.may(Power.CLOSE):
        actor = stage.one(Role.LEADER)
    close_case.close(
        unit, actor, card.id, life.outcome, stage.clock.at, stage.desk, life.fen, life.people,
        stage.voice(life).closing or stage.city.closings[life.outcome.value],
        recovered_kind=life.won if life.fen else None, evidence=life.evidence,
        how="" if close_case.was_mediated(unit, card) else stage.city.how_settled,
    )  # fmt: skip
