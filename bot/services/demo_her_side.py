"""What the women of the demo city do: open cases, add to them, withdraw, and say what came of it."""

from bot.conversation.consent import ConsentKind, ConsentText, needed
from bot.conversation.effects import AddToCase, ConfirmResult, OpenCase, RateCase
from bot.conversation.session import CaseDraft
from bot.domain.cases import BY_STAFF, Confirmed, Outcome
from bot.domain.ports import Unit
from bot.domain.receipt_codes import make_code
from bot.domain.staff import Power, Role
from bot.services import close_case, confirm_result, worker_cases
from bot.services.demo_plan import Act, Life, Step
from bot.services.demo_stage import Stage


def her_act(stage: Stage, unit: Unit, step: Step, life: Life) -> bool:
    """Do it if it is hers to do; whether it was."""
    match step.act:
        case Act.OPEN if life.source not in BY_STAFF:
            _open(stage, unit, life)
        case Act.HER_WORDS:
            _her_words(stage, unit, life)
        case Act.WITHDRAW:
            _withdraw(stage, unit, life)
        case Act.CONFIRM:
            _confirm(stage, unit, life, Confirmed(step.value))
        case Act.RATE:
            _rate(stage, unit, life, int(step.value))
        case _:
            return False
    return True


def _open(stage: Stage, unit: Unit, life: Life) -> None:
    person, now = stage.person(unit, life), stage.clock.at
    consents = tuple((one.kind.value, one.version, now) for one in _consents(stage, person.channel))
    level = life.level
    draft = CaseDraft(
        started_at=now, touched_at=now, answers=life.answers, level=level, topic=life.topic,
        urgent=life.urgent, consents=consents,
    )  # fmt: skip
    case = OpenCase(
        case_id=f"{stage.chance.getrandbits(80):020x}",
        number=unit.cases.next_number(now),
        code=make_code(stage.chance),
        kind=life.kind,
        promised_at=stage.desk.promises.first_answer_by(now, life.kind, life.urgent),
        draft=draft,
    )
    worker_cases.open_case(unit, person, case, now, stage.workers_desk)
    stage.opened(life, case.case_id)


def _consents(stage: Stage, channel: str) -> list[ConsentText]:
    words = stage.desk.wording.talk.open_case
    texts = {
        ConsentKind.PROCESSING: words.processing,
        ConsentKind.HANDING_OVER: words.handing_over,
        ConsentKind.CARRIED: words.carried,
    }
    return [ConsentText(kind, texts[kind]) for kind in sorted(needed(channel))]


def _her_words(stage: Stage, unit: Unit, life: Life) -> None:
    card = stage.card(unit, life)
    if card.is_open:
        effect = AddToCase(card.id, stage.chance.choice(stage.voice(life).added))
        worker_cases.add_to_case(unit, stage.person(unit, life), effect, stage.clock.at, stage.workers_desk)


def _withdraw(stage: Stage, unit: Unit, life: Life) -> None:
    card = stage.card(unit, life)
    if not card.is_open:
        return
    if life.source in BY_STAFF:  # she said so on the telephone
        actor = stage.handler(unit, card)
        actor = actor if actor.may(Power.CLOSE) else stage.one(Role.LEADER)
        close_case.close(unit, actor, card.id, Outcome.WITHDRAWN, stage.clock.at, stage.desk, 0, 0)
        return
    person = stage.person(unit, life)
    worker_cases.withdraw_case(unit, person, card.id, stage.clock.at, stage.workers_desk)


def _confirm(stage: Stage, unit: Unit, life: Life, answer: Confirmed) -> None:
    card, now = stage.card(unit, life), stage.clock.at
    if card.closed_at is None:
        return
    partly = life.fen // 2 if answer is Confirmed.PARTLY and life.fen else None
    effect = ConfirmResult(card.id, close_case.closing_number(unit, card), answer, partly)
    confirm_result.confirm(unit, stage.person(unit, life), effect, now, stage.desk.wording)


def _rate(stage: Stage, unit: Unit, life: Life, stars: int) -> None:
    card, now = stage.card(unit, life), stage.clock.at
    if card.closed_at is not None:
        effect = RateCase(card.id, close_case.closing_number(unit, card), stars)
        confirm_result.rate(unit, stage.person(unit, life), effect, now, stage.desk.wording)
