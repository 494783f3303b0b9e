"""The receipt code: typed back once, and typed again elsewhere to go on."""

from dataclasses import replace

from bot.conversation import asking_for, case_timeline
from bot.conversation.actions import Do, act
from bot.conversation.effects import CodeOutcome, ContinueCase
from bot.conversation.menu import stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, HerCase, Turn, say
from bot.conversation.typed import plain
from bot.domain.cases import BY_STAFF, EventKind
from bot.domain.receipt_codes import TypedCode
from bot.domain.reply import Button

LAST = 4


def typed_back(context: Context, text: str) -> Turn | None:
    """The last four digits, asked for once after handing in; None where she says something else."""
    if len(text) > 10 * LAST:
        return None
    digits = "".join(char for char in plain(text) if char.isdecimal())
    case = context.look.case(context.session.case_id or "")
    if (
        case is None
        or not digits
        or digits != plain(text).replace("-", "")
        or not LAST - 1 <= len(digits) <= LAST + 1
    ):
        return None
    words, labels = context.talk.open_case, context.labels
    row = (
        Button(labels.set_phrase, act(Do.CASE, "phrase", case.card.id)),
        Button(labels.see_case, act(Do.CASE, "see", case.card.id)),
    )
    menu = (Button(labels.menu, act(Do.MENU)),)
    session = context.session.at_home()
    if digits == case.code[-LAST:]:
        return say(context, words.type_back_right, row, menu, session=session)
    return say(context, words.type_back_wrong, row, menu, session=session, last=case.code[-LAST:])


def code_typed(context: Context, code: TypedCode) -> Turn:
    """A code, recognised anywhere; nearly one is told so without asking the store."""
    words = context.talk.code
    if not code.sound:
        text = words.unsound if len(code.digits) == 25 else words.shape
        return replace(_again(context, text), shown=context.talk.shown.hidden)
    return _try(context, code.digits, code.phrase or None)


def phrase_typed(context: Context, text: str) -> Turn:
    """The phrase that belongs to the code typed before."""
    if context.session.code is None:
        return stale(context.with_session(context.session.at_home()))
    return _try(context, context.session.code, text)


def not_a_code(context: Context) -> Turn:
    """Asked for a code, she typed digits that are none."""
    return _again(context, context.talk.code.shape)


def _try(context: Context, code: str, phrase: str | None) -> Turn:
    """The store decides; its answer comes back to `code_was_tried` within the same unit of work."""
    session = replace(context.session, code=code)
    return Turn((), session, (ContinueCase(code, phrase),), shown=context.talk.shown.hidden)


def code_was_tried(context: Context, outcome: CodeOutcome, case_id: str | None) -> Turn:
    """What she reads about the code she typed."""
    words = context.talk.code
    home = context.session.at_home()
    match outcome:
        case CodeOutcome.OPENED:
            case = context.look.case(case_id or "")
            if case is None:
                return _again(context, words.wrong)
            context = context.with_session(replace(home, case_id=case.card.id))
            return _opened(context, case)
        case CodeOutcome.NEEDS_PHRASE:
            session = replace(context.session, place=Place.PHRASE)
            row = (Button(context.labels.menu, act(Do.MENU)),)
            return say(context, words.phrase_ask, row, session=session)
        case CodeOutcome.TOO_OFTEN:
            return say(context, words.too_often, (Button(context.labels.menu, act(Do.MENU)),), session=home)
        case CodeOutcome.WRONG:
            return _again(context, words.wrong)


def _opened(context: Context, case: HerCase) -> Turn:
    """Where it stands; of a case that she did not write herself, first what was written down."""
    words, by_staff = context.talk.code, case.card.source in BY_STAFF
    frame = words.continued_noted if by_staff or case.by_other else words.continued
    greeting = say(context, frame, private=True, number=case.card.number)
    if case.by_other:
        return asking_for.ask_who(context, case).after(greeting)
    turn = case_timeline.see(context, case)
    told = asking_for.noted(context, case) if by_staff and _first_time(case) else ""
    if told:
        turn = turn.after(say(context, "{told}", private=True, told=told))
    return turn.after(greeting)


def _first_time(case: HerCase) -> bool:
    """Whether nobody had come to it with its code before, and she has not written to it."""
    hers = [event.kind for event in case.events if event.kind in (EventKind.CONTINUED, EventKind.HER_WORDS)]
    return len(hers) <= 1


def _again(context: Context, text: str) -> Turn:
    session = replace(context.session.at_home(), place=Place.CODE)
    row = (Button(context.labels.my_cases, act(Do.CASE, "list")), Button(context.labels.menu, act(Do.MENU)))
    return say(context, text, row, session=session)
