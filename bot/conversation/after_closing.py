"""After closing: has it come, was she helped well, shall it be taken up again."""

import re
from dataclasses import replace

from bot.conversation.actions import Do, Tap, act, see_case
from bot.conversation.effects import ConfirmResult, RateCase
from bot.conversation.menu import stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, HerCase, Rows, Turn, say
from bot.domain.cases import CaseCard, Confirmed
from bot.domain.closing import Question, asked_after, closings, question_of
from bot.domain.errors import Refused
from bot.domain.money import sum_in_fen, yuan
from bot.domain.reply import Button
from knowledge.wording import Wording

_ANSWERS = {"yes": Confirmed.YES, "partly": Confirmed.PARTLY, "no": Confirmed.NO}
_STARS = {"great": 5, "good": 4, "fair": 3, "poor": 2, "bad": 1}
_LOW = 2
_SHORT = 12  # characters: a sum, not a question in which a number occurs
_AROUND = re.compile(r"^(?:[才就只共]|一共|总共|只有|收到|到账|给了|到|了)+|(?:了|吧|。|！)+$")
_SUMLIKE = re.compile(r"[0-9０-９]|[零〇一二两三四五六七八九十百千万]{2}")


# ── the questions, as every message asks them ────────────────────────────────────────────────────────


def question_in_words(wording: Wording, card: CaseCard) -> str:
    """“8,400 元到账了吗？”, “这件事解决了吗？”, or how well she was helped."""
    her = wording.closing.her
    match question_of(card):
        case Question.MONEY:
            return her.money.replace("{sum}", yuan(card.recovered_fen))
        case Question.SOLVED:
            return her.solved
        case Question.NONE:
            return her.rating


def question_rows(wording: Wording, card: CaseCard, closing: int) -> Rows:
    """The buttons of that question; they name the closing that they ask about."""
    buttons, about = wording.closing.her.buttons, question_of(card)
    if about is Question.NONE:
        return rating_rows(wording, card, closing)
    labels = (
        (buttons.come, buttons.come_partly, buttons.not_come)
        if about is Question.MONEY
        else (buttons.solved, buttons.solved_partly, buttons.not_solved)
    )
    yes, partly, no = (
        Button(label, act(Do.AFTER, verb, card.id, closing))
        for label, verb in zip(labels, _ANSWERS, strict=True)
    )
    return ((yes, partly), (no,))


def rating_rows(wording: Wording, card: CaseCard, closing: int) -> Rows:
    """很满意 … 不满意."""
    labels = wording.closing.her.buttons.stars
    made = [
        Button(labels[str(stars)], act(Do.AFTER, verb, card.id, closing)) for verb, stars in _STARS.items()
    ]
    return tuple(made[:3]), tuple(made[3:])


def timeline_rows(context: Context, case: HerCase) -> Rows:
    """A row for 看进展: how it went can be said or changed whenever she looks, not from the message only."""
    closing = closings(case.events)
    if not closing or not asked_after(case.card):
        return ()
    buttons, answered = context.wording.closing.her.buttons, case.card.confirmed is not None
    label = buttons.tell_again if answered else buttons.tell
    return ((Button(label, act(Do.AFTER, "ask", case.card.id, closing)),),)


# ── her answers ──────────────────────────────────────────────────────────────────────────────────────


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of these questions; those of an earlier closing are answered kindly."""
    case = context.look.case(tap.arg(1))
    if case is None:
        return stale(context)
    her, card, closing = context.wording.closing.her, case.card, closings(case.events)
    home = context.session.at_home()
    if card.is_open:
        return say(context, her.running, _see(context, card), session=home, private=True, number=card.number)
    if not asked_after(card) or not closing:
        return stale(context)
    if tap.number(2) != closing:
        return _ask(context, case, closing).after(say(context, her.older, private=True))
    if tap.verb in _ANSWERS:
        return _answered(context, case, closing, _ANSWERS[tap.verb])
    if tap.verb in _STARS:
        return _rated(context, case, closing, _STARS[tap.verb])
    match tap.verb:
        case "ask":
            return _ask(context, case, closing)
        case "skip":
            return skipped(context.with_session(replace(context.session, case_id=card.id)))
        case "later":
            return _ask_rating(context, case, closing, her.skipped)
        case _:
            return stale(context)


def heard(context: Context, text: str) -> Turn | None:
    """How much has come; None where she speaks of something else."""
    case = context.look.case(context.session.case_id or "")
    if case is None or not asked_after(case.card):
        return None
    her, card, closing = context.wording.closing.her, case.card, closings(case.events)
    try:
        fen = sum_in_fen(_AROUND.sub("", text))
    except Refused:
        if len(text) > _SHORT or not _SUMLIKE.search(text):
            return None
        return say(context, her.amount_wrong, (_skip(context, card, closing),), private=True)
    if fen >= card.recovered_fen:
        return _answered(context, case, closing, Confirmed.YES)
    if not fen:
        return _answered(context, case, closing, Confirmed.NO)
    turn = _ask_rating(context, case, closing, context.put(her.amount_noted, sum=yuan(fen)))
    return turn.doing(ConfirmResult(card.id, closing, Confirmed.PARTLY, fen))


def skipped(context: Context) -> Turn:
    """She does not say how much."""
    case = context.look.case(context.session.case_id or "")
    if case is None or not asked_after(case.card):
        return stale(context.with_session(context.session.at_home()))
    her = context.wording.closing.her
    return _ask_rating(context, case, closings(case.events), her.partly_noted)


def _ask(context: Context, case: HerCase, closing: int) -> Turn:
    card, home = case.card, context.session.at_home()
    rows = question_rows(context.wording, card, closing)
    return say(context, question_in_words(context.wording, card), *rows, session=home, private=True)


def _answered(context: Context, case: HerCase, closing: int, answer: Confirmed) -> Turn:
    her, card = context.wording.closing.her, case.card
    said = ConfirmResult(card.id, closing, answer)
    match answer:
        case Confirmed.YES:
            turn = _ask_rating(context, case, closing, her.thanks)
        case Confirmed.NO:
            turn = _not_come(context, card, closing)
        case Confirmed.PARTLY if card.recovered_fen:
            session = replace(context.session.at_home(), place=Place.AMOUNT, case_id=card.id)
            turn = say(context, her.how_much, (_skip(context, card, closing),), session=session, private=True)
        case Confirmed.PARTLY:
            turn = _ask_rating(context, case, closing, her.partly_noted)
    return turn.doing(said)


def _not_come(context: Context, card: CaseCard, closing: int) -> Turn:
    """Nothing is worth more now than going on: one tap takes the case up again."""
    her = context.wording.closing.her
    row = (
        Button(context.wording.desk.her.buttons.reopen, act(Do.CASE, "reopen", card.id)),
        Button(her.buttons.later, act(Do.AFTER, "later", card.id, closing)),
    )
    text = her.not_come if card.recovered_fen else her.not_solved
    return say(context, text, row, session=context.session.at_home(), private=True)


def _ask_rating(context: Context, case: HerCase, closing: int, before: str) -> Turn:
    """The second question, once: who has rated already is thanked and left alone."""
    her, card, home = context.wording.closing.her, case.card, context.session.at_home()
    if card.satisfaction is not None:
        return say(context, before, _see(context, card), session=home, private=True)
    rows = rating_rows(context.wording, card, closing)
    return say(context, f"{before}\n\n{her.rating}", *rows, session=home, private=True)


def _rated(context: Context, case: HerCase, closing: int, stars: int) -> Turn:
    her, card = context.wording.closing.her, case.card
    text = her.rated_low if stars <= _LOW else her.rated
    turn = say(
        context, f"{text}\n\n{her.kept}", _see(context, card), session=context.session.at_home(), private=True
    )
    return turn.doing(RateCase(card.id, closing, stars))


def _skip(context: Context, card: CaseCard, closing: int) -> Button:
    return Button(context.wording.closing.her.buttons.skip, act(Do.AFTER, "skip", card.id, closing))


def _see(context: Context, card: CaseCard) -> tuple[Button, ...]:
    return (
        Button(context.labels.see_case, see_case(card.id)),
        Button(context.labels.menu, act(Do.MENU)),
    )
