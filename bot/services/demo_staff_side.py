"""What the staff of the demo city do: take calls down, answer, hand on, close, and keep their promises."""

from datetime import datetime, timedelta

from bot.domain.cases import BY_STAFF, CaseCard, CaseStatus, EventKind, PauseReason
from bot.domain.ports import Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_employers import LetterState
from bot.domain.ports_team import ContactWith
from bot.domain.staff import Power, Role
from bot.services import (
    case_work,
    close_case,
    demo_partners,
    drafts,
    employers,
    patterns,
    pause_clock,
    take_down_case,
    team_work,
)
from bot.services.demo_plan import Act, Life, Step
from bot.services.demo_stage import Stage
from bot.services.take_down_case import Reading, Told

_LOOKS_AHEAD = timedelta(days=8)
_FIRST_WORD = timedelta(days=3)  # a shorter promise is a first answer; the plan has those
_CAREFUL = 0.9
_LETTER_WAITS = timedelta(days=9)


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
            text = stage.city.replies[life.kind.value]
            draft = drafts.write_draft(unit, actor, card.id, text, now, stage.desk)
            stage.drafts[life.key] = draft.id
            if drafts.waits_for_review(draft):
                lawyer = stage.one(Role.LAWYER)
                drafts.ask_review(unit, actor, card.id, draft.id, lawyer.id, now, stage.desk)
        case Act.APPROVE:
            _approve(stage, unit, card, life)
        case Act.UPDATE:
            _update(stage, unit, card)
        case Act.PAUSE:
            _pause(stage, unit, card, PauseReason.EMPLOYER)
        case Act.SEND if life.key in stage.drafts:
            drafts.send_draft(unit, actor, card.id, stage.drafts.pop(life.key), now, stage.desk)
        case Act.NOTE:
            case_work.add_note(unit, actor, card.id, stage.chance.choice(stage.city.notes), now, stage.desk)
        case Act.CALL:
            minutes, words = stage.chance.randint(3, 25), stage.chance.choice(stage.city.notes)
            whom = ContactWith.HER if life.source in BY_STAFF else ContactWith.EMPLOYER
            team_work.log_contact(
                unit, actor, card.id, EventKind.CALL, whom, now, minutes, words, now, stage.desk
            )
        case Act.MOVE if card.status.value != step.value:
            card = case_work.move(unit, actor, card.id, CaseStatus(step.value), now, stage.desk)
            if life.source not in BY_STAFF and actor.may(Power.HAND_OVER):
                demo_partners.hand_on(
                    unit,
                    actor,
                    card,
                    stage.person(unit, life),
                    now,
                    stage.desk,
                    stage.knowledge,
                    stage.chance,
                )
        case Act.CLOSE:
            _close(stage, unit, card, life)


def _update(stage: Stage, unit: Unit, card: CaseCard) -> None:
    """A short word to her that gives no advice; where nobody can be written to, the clock is paused."""
    actor, now = stage.handler(unit, card), stage.clock.at
    if not unit.cases.people_of(card.id):
        _pause(stage, unit, card, PauseReason.PROCEDURE)
        return
    draft = drafts.write_draft(unit, actor, card.id, stage.chance.choice(stage.city.updates), now, stage.desk)
    drafts.send_draft(unit, actor, card.id, draft.id, now, stage.desk)


def _pause(stage: Stage, unit: Unit, card: CaseCard, reason: PauseReason) -> None:
    """A promise that is over already cannot be paused away: then the ladder of silence goes on."""
    if card.paused_at is None and card.promised_at > stage.clock.at:
        pause_clock.pause(
            unit, stage.handler(unit, card), card.id, reason, stage.city.notes[0], stage.clock.at, stage.desk
        )


def keep_promises(stage: Stage, unit: Unit, now: datetime) -> None:
    """What officers do of themselves: a word before it is due. Now and then one forgets."""
    wanted = CaseFilter(open_only=True, due_before=now + _LOOKS_AHEAD, limit=500)
    for card in unit.cases.cards(wanted):
        length = card.promised_at - (card.began_at or card.opened_at)
        first = length < _FIRST_WORD
        if card.paused_at or not card.assignee or (first and now - card.opened_at < _FIRST_WORD):
            continue
        # Whoever gets a case that was left lying answers at once.
        careful = card.urgent or stage.chance.random() < _CAREFUL
        if careful and (first or (card.promised_at - now) / length < 0.6):
            _update(stage, unit, card)


def decide_letters(stage: Stage, unit: Unit, now: datetime) -> None:
    """Leaders decide on what is proposed within a week or two."""
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
        unit, stage.one(Role.OFFICER), f"demo-{life.key}", told, Reading(life.topic, None), now,
        stage.desk, stage.knowledge, stage.chance,
    )  # fmt: skip
    if card.employer_id is None:
        employers.link(unit, card, life.answers.employer, now, stage.desk.wording)
    stage.cases[life.key] = card.id


def _claim(stage: Stage, unit: Unit, life: Life) -> None:
    card = stage.card(unit, life)
    if card.is_open and card.assignee is None:
        case_work.claim(unit, stage.one(Role.OFFICER), card.id, stage.clock.at, stage.desk)


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
        stage.city.closings[life.outcome.value],
        recovered_kind=life.won if life.fen else None, evidence=life.evidence,
        how="" if close_case.was_mediated(unit, card) else stage.city.notes[0],
    )  # fmt: skip
