"""After closing: has it come, was she helped well, shall it be taken up again."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.conversation.actions import Do, Tap, act, see_case
from bot.conversation.effects import ConfirmResult, RateCase
from bot.conversation.menu import stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, HerCase, Rows, Turn, say
from bot.conversation.typed import plain
from bot.domain.cases import CaseCard, CaseEvent, Confirmed, EventKind
from bot.domain.civil_time import civil_day, day_in_words
from bot.domain.closing import REOPEN_WITHIN, Question, asked_after, closings, question_of
from bot.domain.errors import Refused
from bot.domain.money import sum_in_fen, yuan
from bot.domain.reply import Button
from knowledge.wording import Wording

_ANSWERS = {"yes": Confirmed.YES, "partly": Confirmed.PARTLY, "no": Confirmed.NO}
_STARS = {"great": 5, "good": 4, "fair": 3, "poor": 2, "bad": 1}
_LOW = 2
_SHORT = 12  # characters: a sum, not a question in which a number occurs
_AROUND = re.compile(
    r"^(?:公司|单位|老板|他们|已经|目前|现在|[才就只共]|一共|总共|只有|收到|到账|到手|给了|发了|到|了)+|(?:了|吧|。|！)+$"
)
_NEARLY = re.compile(r"大概|大约|差不多|左右|上下|来块|[约多吧]")
# Without having been asked she may mean any number: only with such a word it is what has come.
_COMES = re.compile(r"到了|到账|收到|到手|给了|发了|[才只就]到")
_YUAN = 100  # fen
_SAYS_WITHIN = timedelta(days=60)  # after closing
_MOST_ASKED = 3
_LAST_WORD_COUNTS = (EventKind.CONFIRMED, EventKind.RATED)
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


def buttons_of_question(wording: Wording, card: CaseCard, closing: int) -> Rows:
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


def question_rows(context: Context, case: HerCase) -> tuple[str, Rows]:
    """For 看进度: the question with its buttons until she has answered, then 改一下.

    Nothing where the case is open, was taken back, or its content is kept no longer.
    """
    card, closing = case.card, closings(case.events)
    if not closing or not asked_after(card) or _is_old(context, card):
        return "", ()
    if card.confirmed is None:
        asks = question_of(card) is not Question.NONE or card.satisfaction is None
        if not asks:
            return "", ()
        return question_in_words(context.wording, card), buttons_of_question(context.wording, card, closing)
    change = Button(context.wording.closing.her.buttons.change, act(Do.AFTER, "ask", card.id, closing))
    return "", ((change,),)  # the timeline says what she answered


def timeline_rows(context: Context, case: HerCase) -> Rows:
    """The buttons of `question_rows` alone."""
    return question_rows(context, case)[1]


def next_step(context: Context, case: HerCase) -> str:
    """What comes next where not all of it has come; "" where nothing is left to do."""
    if asked_after(case.card) and case.card.confirmed in (Confirmed.PARTLY, Confirmed.NO):
        return _goes_on(context, case.card)
    return ""


def shown(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Her timeline with her last word only, where she said several times in a row how it went."""
    kept: list[CaseEvent] = []
    for event in events:
        if event.kind in _LAST_WORD_COUNTS and kept and kept[-1].kind is event.kind:
            kept.pop()
        kept.append(event)
    return kept


def timeline_words(context: Context, case: HerCase, event: CaseEvent) -> str | None:
    """What she said of the result, in her timeline; None for every other event."""
    facts, her = event.facts or {}, context.wording.closing.her
    if event.kind is not EventKind.CONFIRMED:
        return None
    money = _sum_of(case, event) > 0
    said = her.said_money if money else her.said_solved
    fen = int(facts.get("confirmed_fen", "0"))
    if money and facts.get("answer") == Confirmed.PARTLY.value and fen:
        return context.put(her.said_sum, sum=yuan(fen))
    return said.get(facts.get("answer", ""))


def won(context: Context, event: CaseEvent) -> str:
    """“，追回 8,400 元（工资）” of a closing, else ""."""
    facts = event.facts or {}
    fen = int(facts.get("recovered_fen", "0"))
    kind = context.wording.labels.recovered.get(facts.get("recovered_kind", ""))
    return context.put(context.wording.closing.her.won, sum=yuan(fen), kind=kind) if fen and kind else ""


def _sum_of(case: HerCase, event: CaseEvent) -> int:
    """What was won at the closing that this answer is about."""
    before = [one for one in case.events if one.kind is EventKind.CLOSED and one.at <= event.at]
    return int((before[-1].facts or {}).get("recovered_fen", "0")) if before else case.card.recovered_fen


def _goes_on(context: Context, card: CaseCard) -> str:
    """Staff were told; when she is asked again."""
    her = context.wording.closing.her
    if card.follow_up_at is None:
        return her.goes_on
    day = day_in_words(civil_day(max(card.follow_up_at, context.now)), context.today)
    return context.put(her.goes_on_by, day=day)


def _is_old(context: Context, card: CaseCard) -> bool:
    return card.closed_at is None or context.now - card.closed_at > REOPEN_WITHIN


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
        case "sum" if 0 < tap.number(3) * _YUAN <= card.recovered_fen:
            return _amount(context, case, closing, tap.number(3) * _YUAN)
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
    fen = _read_sum(text)
    if fen is not None:
        return _amount(context, case, closing, fen)
    near = _read_sum(_NEARLY.sub("", text))
    if near and near % _YUAN == 0 and near <= card.recovered_fen:
        return _about(context, card, closing, near)
    if len(text) > _SHORT or not _SUMLIKE.search(text):
        return None
    return say(context, her.amount_wrong, (_skip(context, card, closing),), private=True)


def typed(context: Context, text: str) -> Turn | None:
    """“到了5000”, “还没到账” at home, after a closing; None where she speaks of something else.

    Taken at once only where it can be about one case alone and that is the one staff wrote of last;
    otherwise the question is put again, with its case.
    """
    answer = _typed_answer(context, text)
    fen = _read_sum(text) if answer is None and _COMES.search(text) else None
    near = (
        _read_sum(_NEARLY.sub("", text)) if answer is None and fen is None and _COMES.search(text) else None
    )
    if answer is None and fen is None and not near:
        return None
    cases = _waiting(context, money=answer is None)
    if not cases:
        return None
    newest = next(iter(context.look.staff_words()), None)
    if len(cases) > 1 or newest is None or newest.card.id != cases[0].card.id:
        turn = _ask(context, cases[0], closings(cases[0].events), named=True)
        for case in cases[1:_MOST_ASKED]:
            turn = _ask(context, case, closings(case.events), named=True).after(turn)
        return turn
    case, closing = cases[0], closings(cases[0].events)
    if answer is not None:
        return _answered(context, case, closing, answer)
    if fen is not None:
        return _amount(context, case, closing, fen)
    return _about(context, case.card, closing, near) if near and near % _YUAN == 0 else None


def _typed_answer(context: Context, text: str) -> Confirmed | None:
    said = plain(text)
    for answer, ways in context.wording.closing.her.typed.items():
        if said in ways:
            return Confirmed(answer)
    return None


def _waiting(context: Context, *, money: bool) -> list[HerCase]:
    """Her cases closed lately of which it is not known that all has come, newest closing first."""
    lately = [
        card
        for card in context.look.cases()
        if asked_after(card)
        and card.closed_at is not None
        and context.now - card.closed_at <= _SAYS_WITHIN
        and card.confirmed is not Confirmed.YES
        and question_of(card) in ((Question.MONEY,) if money else (Question.MONEY, Question.SOLVED))
    ]
    lately.sort(key=lambda card: card.closed_at or card.changed_at, reverse=True)
    return [case for case in (context.look.case(card.id) for card in lately) if case is not None]


def _read_sum(text: str) -> int | None:
    """A sum in fen with the few words that stand around it; None where it is none."""
    bare = _AROUND.sub("", text)
    if not bare:
        return None
    try:
        return sum_in_fen(bare)
    except Refused:
        return None


def _amount(context: Context, case: HerCase, closing: int, fen: int) -> Turn:
    her, card = context.wording.closing.her, case.card
    if fen >= card.recovered_fen:
        return _answered(context, case, closing, Confirmed.YES)
    if not fen:
        return _answered(context, case, closing, Confirmed.NO)
    noted = context.put(her.amount_noted, sum=yuan(fen), rest=yuan(card.recovered_fen - fen))
    turn = _ask_rating(context, case, closing, f"{noted}\n\n{_goes_on(context, card)}")
    return turn.doing(ConfirmResult(card.id, closing, Confirmed.PARTLY, fen))


def _about(context: Context, card: CaseCard, closing: int, fen: int) -> Turn:
    """五千多: a sum is kept only as she confirms it."""
    her = context.wording.closing.her
    label = context.put(her.buttons.about, sum=yuan(fen))
    sure = Button(label, act(Do.AFTER, "sum", card.id, closing, fen // _YUAN))
    session = replace(context.session.at_home(), place=Place.AMOUNT, case_id=card.id)
    return say(context, her.about, (sure,), (_skip(context, card, closing),), session=session, private=True,
               sum=yuan(fen))  # fmt: skip


def skipped(context: Context) -> Turn:
    """She does not say how much."""
    case = context.look.case(context.session.case_id or "")
    if case is None or not asked_after(case.card):
        return stale(context.with_session(context.session.at_home()))
    return _ask_rating(context, case, closings(case.events), _partly(context, case.card))


def _partly(context: Context, card: CaseCard) -> str:
    return f"{context.wording.closing.her.partly_noted}\n\n{_goes_on(context, card)}"


def _ask(context: Context, case: HerCase, closing: int, *, named: bool = False) -> Turn:
    """The question; `named` with its number where it is not clear which case is meant."""
    card, home = case.card, context.session.at_home()
    rows = buttons_of_question(context.wording, card, closing)
    text = question_in_words(context.wording, card)
    if named:
        text = f"{context.put(context.wording.closing.her.about_case, number=card.number)}\n{text}"
    return say(context, text, *rows, session=home, private=True)


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
            turn = _ask_rating(context, case, closing, _partly(context, card))
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
