"""我的事: what became of a case she handed in, and everything she can still do with it."""

from dataclasses import replace

from bot.conversation import answer_staff, case_timeline
from bot.conversation.actions import Do, Tap, act
from bot.conversation.effects import AddToCase, ReopenCase, SetPhrase, WithdrawCase
from bot.conversation.menu import stale
from bot.conversation.session import Place, Session
from bot.conversation.turn import Context, HerCase, Turn, say
from bot.domain.civil_time import civil_day, day_in_words, moment_in_words
from bot.domain.closing import REOPEN_WITHIN
from bot.domain.receipt_codes import in_groups
from bot.domain.reply import Button
from bot.domain.urgency import find_danger

SHORTEST_PHRASE = 4
LONGEST_PHRASE = 100
_MOST_LISTED = 20


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of 我的事. A case that is not hers looks like a button that has expired."""
    match tap.verb:
        case "list":
            return my_cases(context)
        case "enter":
            return ask_for_code(context)
        case "done":
            return done_adding(context)
        case "which":
            return answer_staff.which(context)
    case = context.look.case(tap.arg(1))
    if case is None:
        return stale(context)
    match tap.verb:
        case "see":
            return case_timeline.see(context, case)
        case "say":
            return invite(context, case)
        case "addlast":
            return _add_last(context, case, tap.number(2))
        case "addclosed":
            return _add_closed(context, case)
        case "reopen" | "reopenadd":
            return _reopen(context, case, with_words=tap.verb == "reopenadd")
        case "code":
            return _show_code(context, case)
        case "phrase":
            return _ask_for_phrase(context, case)
        case "withdraw":
            return _ask_to_withdraw(context, case)
        case "withdrawn":
            return withdraw(context, case)
        case _:
            return stale(context)


def my_cases(context: Context) -> Turn:
    """One case is shown at once; several are listed; none leads to the door and to the code."""
    cards = context.look.cases()
    labels, words = context.labels, context.talk.my_case
    code = Button(labels.enter_code, act(Do.CASE, "enter"))
    menu = Button(labels.menu, act(Do.MENU))
    if not cards:
        person = Button(labels.open_case, act(Do.OPEN_CASE, "start"))
        why = f"{context.wording.intake.taken_over}\n\n" if context.look.taken_over() else ""
        return say(context, why + words.none, (person, code), (menu,))
    if len(cards) == 1:
        only = context.look.case(cards[0].id)
        return case_timeline.see(context, only) if only else stale(context)
    status = context.wording.labels.status
    shown = cards[:_MOST_LISTED]
    lines = [
        context.put(
            words.list_line,
            number=card.number,
            day=day_in_words(civil_day(card.opened_at), context.today),
            status=status[card.status.value],
        )
        for card in shown
    ]
    made = [Button(card.number, act(Do.CASE, "see", card.id)) for card in shown]
    rows = [tuple(made[at : at + 2]) for at in range(0, len(made), 2)]
    text = "\n".join((words.list, *lines))
    return say(context, text, *rows, (code, menu), session=context.session.at_home(), private=True)


def ask_for_code(context: Context) -> Turn:
    """A case handed in elsewhere."""
    session = replace(context.session.at_home(), place=Place.CODE)
    return say(context, context.talk.code.ask, (Button(context.labels.menu, act(Do.MENU)),), session=session)


def invite(context: Context, case: HerCase) -> Turn:
    """From now on her words go to the case; where it is closed, once she has said how."""
    session = replace(context.session.at_home(), place=Place.IN_CASE, case_id=case.card.id)
    if case.card.closed_at:
        if context.now - case.card.closed_at > REOPEN_WITHIN:
            return _too_late(context, case)
        back = Button(context.labels.back, act(Do.CASE, "see", case.card.id))
        return say(context, context.talk.my_case.say_closed, (back,), session=session, private=True,
                   number=case.card.number)  # fmt: skip
    row = (Button(context.labels.done_adding, act(Do.CASE, "done")),)
    return say(context, context.talk.my_case.say, row, session=session, private=True, number=case.card.number)


def heard(context: Context, text: str, files: tuple[str, ...], *, urgent: bool) -> Turn:
    """Words and files while she is in the case; the receipt is committed together with them."""
    case = context.look.case(context.session.case_id or "")
    if case is None:
        return stale(context.with_session(context.session.at_home()))
    if case.card.closed_at:
        return _is_closed(_with_words(context, text, files), case)
    return _add(context, case, text, files, urgent=urgent)


def _add(context: Context, case: HerCase, text: str, files: tuple[str, ...], *, urgent: bool = False) -> Turn:
    words, labels = context.talk.my_case, context.labels
    at = moment_in_words(context.now, context.now)
    row = (
        Button(labels.done_adding, act(Do.CASE, "done")),
        Button(labels.see_case, act(Do.CASE, "see", case.card.id)),
    )
    turn = say(context, words.received_files if files else words.received, row, private=True,
               at=at, number=case.card.number, count=len(files))  # fmt: skip
    return turn.doing(AddToCase(case.card.id, text, files, urgent))


def _with_words(context: Context, text: str, files: tuple[str, ...]) -> Context:
    return context.with_session(replace(context.session, asked=text, asked_files=files, asked_at=context.now))


def _add_last(context: Context, case: HerCase, mark: int) -> Turn:
    """What she has just said or sent outside the case goes there at one tap, once."""
    session = context.session
    if not (session.asked or session.asked_files):
        return invite(context, case)
    if not answer_staff.fits(context, mark):
        return answer_staff.show_again(context, case.card)
    if case.card.closed_at:
        return _is_closed(context, case)
    emptied = replace(_emptied(session), place=Place.IN_CASE, case_id=case.card.id)
    return _add_waiting(context.with_session(emptied), case, session)


def _add_waiting(context: Context, case: HerCase, said: Session) -> Turn:
    """Urgent only where these very words tell of danger, not whatever was said before them."""
    urgent = find_danger(said.asked, context.knowledge.danger) is not None
    return _add(context, case, said.asked, said.asked_files, urgent=urgent)


def _add_closed(context: Context, case: HerCase) -> Turn:
    """Staff read it; the case stays closed."""
    session = context.session
    if not case.card.closed_at or not (session.asked or session.asked_files):
        return invite(context, case)
    if context.now - case.card.closed_at > REOPEN_WITHIN:
        return _too_late(context, case)
    turn = _add_waiting(context.with_session(_emptied(session).at_home()), case, session)
    row = (
        Button(context.labels.reopen, act(Do.CASE, "reopen", case.card.id)),
        Button(context.labels.see_case, act(Do.CASE, "see", case.card.id)),
    )
    at = moment_in_words(context.now, context.now)
    told = say(context, context.talk.my_case.received_closed, row, private=True, at=at,
               number=case.card.number)  # fmt: skip
    return replace(turn, replies=told.replies)


def done_adding(context: Context) -> Turn:
    """补充完了: her next words are a question again."""
    labels = context.labels
    row = (Button(labels.my_cases, act(Do.CASE, "list")), Button(labels.menu, act(Do.MENU)))
    return say(context, context.talk.my_case.done_adding, row, session=context.session.at_home())


def _is_closed(context: Context, case: HerCase) -> Turn:
    """A message after closing is not kept silently: reopen, or something new."""
    status = context.wording.labels.status[case.card.status.value]
    row = (
        Button(context.labels.reopen, act(Do.CASE, "reopenadd", case.card.id)),
        Button(context.labels.new_case, act(Do.OPEN_CASE, "another")),
    )
    only = (Button(context.labels.add_closed, act(Do.CASE, "addclosed", case.card.id)),)
    menu = (Button(context.labels.menu, act(Do.MENU)),)
    session = context.session.at_home()
    return say(context, context.talk.my_case.closed, row, only, menu, session=session, private=True,
               number=case.card.number, status=status)  # fmt: skip


def _reopen(context: Context, case: HerCase, *, with_words: bool) -> Turn:
    if not case.card.closed_at:
        return case_timeline.see(context, case)
    if context.now - case.card.closed_at > REOPEN_WITHIN:
        return _too_late(context, case)
    promised = context.promises.first_answer_by(context.now, case.card.kind, case.card.urgent)
    session = replace(context.session.at_home(), place=Place.IN_CASE, case_id=case.card.id)
    row = (Button(context.labels.done_adding, act(Do.CASE, "done")),)
    turn = say(context, context.talk.my_case.reopened, row, session=session, private=True,
               number=case.card.number, promise=moment_in_words(promised, context.now))  # fmt: skip
    turn = turn.doing(ReopenCase(case.card.id, promised))
    if with_words and (session.asked or session.asked_files):
        added = _add_waiting(context.with_session(_emptied(session)), case, session)
        return added.after(turn)
    return turn


def _too_late(context: Context, case: HerCase) -> Turn:
    """What is kept of it ends these days: nobody could go on with it."""
    row = (Button(context.labels.new_case, act(Do.OPEN_CASE, "another")),
           Button(context.labels.menu, act(Do.MENU)))  # fmt: skip
    text = context.wording.closing.her.too_late
    return say(context, text, row, session=context.session.at_home(), private=True, number=case.card.number)


def _emptied(session: Session) -> Session:
    return replace(session, asked="", asked_files=(), asked_at=None, offered=False)


def _show_code(context: Context, case: HerCase) -> Turn:
    row = (
        Button(context.labels.set_phrase, act(Do.CASE, "phrase", case.card.id)),
        Button(context.labels.see_case, act(Do.CASE, "see", case.card.id)),
    )
    return say(context, context.talk.my_case.code, row, private=True,
               number=case.card.number, code=in_groups(case.code))  # fmt: skip


def _ask_for_phrase(context: Context, case: HerCase) -> Turn:
    session = replace(context.session.at_home(), place=Place.SET_PHRASE, case_id=case.card.id)
    back = Button(context.labels.back, act(Do.CASE, "see", case.card.id))
    return say(context, context.talk.my_case.phrase_ask, (back,), session=session, fewest=SHORTEST_PHRASE)


def phrase_typed(context: Context, text: str) -> Turn:
    """Her own phrase; it is not shown again, not even in her transcript."""
    words = context.talk.my_case
    case = context.look.case(context.session.case_id or "")
    if case is None:
        return stale(context.with_session(context.session.at_home()))
    back = Button(context.labels.back, act(Do.CASE, "see", case.card.id))
    if not SHORTEST_PHRASE <= len(text) <= LONGEST_PHRASE:
        too = words.phrase_short if len(text) < SHORTEST_PHRASE else words.phrase_long
        turn = say(context, too, (back,), fewest=SHORTEST_PHRASE)
    else:
        row = (Button(context.labels.see_case, act(Do.CASE, "see", case.card.id)),
               Button(context.labels.menu, act(Do.MENU)))  # fmt: skip
        turn = say(context, words.phrase_set, row, session=context.session.at_home())
        turn = turn.doing(SetPhrase(case.card.id, text))
    return replace(turn, shown=context.talk.shown.hidden_phrase)


def _ask_to_withdraw(context: Context, case: HerCase) -> Turn:
    if case.card.closed_at:
        return _not_running(context, case)
    yes, no = act(Do.CASE, "withdrawn", case.card.id), act(Do.CASE, "see", case.card.id)
    row = (Button(context.labels.withdraw_yes, yes), Button(context.labels.keep_case, no))
    session = replace(context.session, place=Place.WITHDRAWING, case_id=case.card.id, yes_no=(yes, no))
    text = f"{context.talk.my_case.withdraw_ask}\n{context.talk.my_case.withdraw_why}"
    return say(context, text, row, session=session, private=True, number=case.card.number)


def reason_typed(context: Context, text: str) -> Turn:
    """Why she withdraws goes to the case; the withdrawing itself still takes her tap."""
    case = context.look.case(context.session.case_id or "")
    if case is None or case.card.closed_at:
        return stale(context.with_session(context.session.at_home()))
    return _ask_to_withdraw(context, case).doing(AddToCase(case.card.id, text))


def withdraw(context: Context, case: HerCase) -> Turn:
    """Forwarding stops with this commit."""
    if case.card.closed_at:
        return _not_running(context, case)
    row = (Button(context.labels.reopen, act(Do.CASE, "reopen", case.card.id)),
           Button(context.labels.menu, act(Do.MENU)))  # fmt: skip
    turn = say(context, context.talk.my_case.withdrawn, row, session=context.session.at_home(), private=True,
               number=case.card.number)  # fmt: skip
    return turn.doing(WithdrawCase(case.card.id))


def _not_running(context: Context, case: HerCase) -> Turn:
    row = (Button(context.labels.see_case, act(Do.CASE, "see", case.card.id)),
           Button(context.labels.menu, act(Do.MENU)))  # fmt: skip
    return say(context, context.talk.my_case.already_withdrawn, row, private=True, number=case.card.number)
