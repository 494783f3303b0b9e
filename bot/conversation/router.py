"""Which part of the conversation answers: danger first, then words known everywhere, then the flow."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import (
    after_closing,
    answer_staff,
    ask_question,
    asking_for,
    case_questions,
    danger,
    hand_over_card,
    learn,
    menu,
    open_case,
    places,
    privacy,
    receipt,
    siblings,
    take_quiz,
    talk_about_case,
)
from bot.conversation.actions import Do, Tap, act, read_tap
from bot.conversation.session import Place, Session
from bot.conversation.turn import Context, Turn, say
from bot.conversation.typed import chosen_action, has_words, readable
from bot.domain.incoming import FileKind, Incoming
from bot.domain.receipt_codes import read_code
from bot.domain.reply import Button
from bot.domain.urgency import Danger, find_danger
from knowledge.index import Found

AWAY = timedelta(hours=6)  # after so long the next words begin a new talk; a draft waits
_AT_EASE = (Place.HOME, Place.TYPE_BACK, Place.CODE)  # nothing of hers is being written down
_CODE_PLACES = (*_AT_EASE, Place.PHRASE)
# To no question of ours they may well answer what staff asked.
_MAY_ANSWER = ("yes", "no", "skip", "unknown", "done", "cancel")


@dataclass(frozen=True, slots=True)
class Heard:
    """Her words and the files that could be kept."""

    text: str
    files: tuple[str, ...]
    has_voice: bool


def respond(incoming: Incoming, context: Context) -> Turn:
    """The answer to one thing she did. Never empty, never an exception for anything she may send."""
    before = context.session
    draft_kept = timedelta(days=context.organisation.draft_days)
    session = before.aged(context.now, draft_kept)
    away = before.at is not None and context.now - before.at > AWAY
    context = context.with_session(session.at_home() if away else session)
    turn = _answer(incoming, context)
    turn = _refused_files(incoming, context, turn)
    if before.draft and not session.draft:
        turn = turn.after(Turn(say(context, context.talk.home.draft_gone).replies, turn.session))
    if away:
        turn = _offer_draft(context, turn)
    return turn.settled(context.now)


def _answer(incoming: Incoming, context: Context) -> Turn:
    pending = context.session.yes_no
    context = context.with_session(replace(context.session, yes_no=None))
    if incoming.action is not None:
        return tapped(incoming.action, context.with_session(replace(context.session, offered=False)))
    if incoming.start is not None:
        return _started(incoming.start, context)
    context, told = answer_staff.hearing(context)
    heard = Heard(
        readable(incoming.text),
        tuple(file.id for file in incoming.files if not file.refused),
        any(file.kind is FileKind.VOICE for file in incoming.files),
    )
    found = find_danger(heard.text, context.knowledge.danger) if heard.text else None
    if found is not None:
        return _in_danger(context, heard, found)
    if heard.text and not heard.files:
        meant = _meant(context, heard.text, None if told else pending, told)
        if meant is not None:
            return meant
    return _in_flow(context, heard)


def _started(payload: str, context: Context) -> Turn:
    """A deep link, or the bare beginning."""
    if payload in ("case", "kase"):
        return asking_for.start_case(context, None)
    if payload == "quiz":
        return take_quiz.tapped(context, Tap(Do.CONTEST, ("home",)))
    if payload == "learn":
        return learn.tapped(context, Tap(Do.LEARN, ("learn",)))
    if payload in context.knowledge.entries:
        return ask_question.show_topic(context, payload)
    return menu.welcome(context)


def _in_danger(context: Context, heard: Heard, found: Danger) -> Turn:
    """Safety first; her words still reach the draft or the case she is in."""
    match context.session.place:
        case Place.OPENING if context.session.draft:
            safety = danger.safety_first(context, found)
            flow = open_case.heard(context.with_session(safety.session), heard.text, heard.files, urgent=True)
            return flow.after(safety)
        case Place.IN_CASE:
            safety = danger.safety_first(context, found)
            context = context.with_session(safety.session)
            return talk_about_case.heard(context, heard.text, heard.files, urgent=True).after(safety)
        case _:
            context = answer_staff.with_asked(context, heard.text, heard.files)
            return danger.safety_first(context, found, answer_staff.add_last_row(context))


def _meant(context: Context, text: str, pending: tuple[str, str] | None, told: bool) -> Turn | None:
    """Words that are a tap, a command or a code; None where they are simply words.

    `told`: staff wrote since, so that a number or a short word is about that, not about older buttons.
    """
    session = context.session
    command = context.commands.exactly(text)
    if pending is not None and command in ("yes", "no"):
        return tapped(pending[0 if command == "yes" else 1], context)
    choosing = session.place is Place.OPENING and open_case.numbers_choose(context)
    numbers = choosing or (session.place in _AT_EASE and not told)
    action = chosen_action(text, session, numbers=numbers)
    if action is None and session.place in _AT_EASE and not told:
        action = take_quiz.letters_typed(context, text)
    if action is not None:
        return tapped(action, context)
    if command in _MAY_ANSWER and session.place in _AT_EASE and not session.draft:
        answer = answer_staff.offered(context, text)
        if answer is not None:
            return answer
    if command is not None:
        return _commanded(context.with_session(replace(session, offered=False)), command)
    code = read_code(text) if session.place in _CODE_PLACES else None
    return receipt.code_typed(context, code) if code else None


def _commanded(context: Context, command: str) -> Turn | None:
    """A word that is a command as a whole message; None where it is none in this place."""
    place = context.session.place
    match command:
        case "help":
            return _help(context)
        case "menu":
            return menu.home(context)
        case "privacy":
            return privacy.privacy_card(context)
        case "clear":
            return privacy.ask_to_clear(context)
        case "quiet":
            return privacy.be_quiet(context)
        case "stop_tips":
            return learn.stop(context)
        case "back" | "cancel" | "restart":
            return _leave(context, command)
        case "skip" | "unknown" | "done" if place is Place.OPENING and context.session.draft:
            steps = {
                "skip": open_case.skip,
                "unknown": open_case.does_not_know,
                "done": open_case.done_telling,
            }
            return steps[command](context)
        case "skip" | "unknown" if place is Place.AMOUNT:
            return after_closing.skipped(context)
        case "done" if place is Place.IN_CASE:
            return talk_about_case.done_adding(context)
        case "my_cases" if place is Place.IN_CASE:
            return talk_about_case.my_cases(context)
        case _ if place not in _AT_EASE:
            return None
        case "hello":
            return menu.home(context, context.talk.home.hello)
        case "thanks":
            return menu.home(context, context.talk.home.thanks)
        case "open_case":
            return asking_for.start_case(context, None)
        case "my_cases":
            return talk_about_case.my_cases(context)
        case "places":
            return places.typed(context)
        case "contest":
            return take_quiz.tapped(context, Tap(Do.CONTEST, ("home",)))
        case "learn" | "stories" | "lessons" | "tips" | "handbook":
            return learn.tapped(context, Tap(Do.LEARN, (command,)))
        case _:  # 好的, 不知道 … to no question
            return menu.home(context)


def _help(context: Context) -> Turn:
    card = menu.help_card(context)
    if context.session.place is Place.OPENING and context.session.draft:
        return case_questions.ask(context).after(card)
    return card


def _leave(context: Context, command: str) -> Turn:
    """返回, 取消, 重新开始: what they leave depends on where she is."""
    session = context.session
    match session.place, command:
        case Place.OPENING, "back" if session.draft:
            return open_case.go_back(context)
        case Place.OPENING, "cancel" if session.draft:
            return open_case.ask_to_cancel(context)
        case Place.OPENING, "restart" if session.draft:
            return open_case.ask_to_restart(context)
        case Place.HOME, "cancel" if session.draft:
            return open_case.ask_to_cancel(context)
        case Place.HOME, "cancel":
            return menu.home(context, context.talk.home.nothing_to_cancel)
        case _, "restart":
            return menu.restart(context)
        case Place.IN_CASE | Place.SET_PHRASE | Place.WITHDRAWING, "back":
            return talk_about_case.tapped(context, Tap(Do.CASE, ("see", session.case_id or "")))
        case _:
            return menu.home(context)


def _in_flow(context: Context, heard: Heard) -> Turn:
    """The running flow reads her words; at home they are a question."""
    if not heard.text and not heard.files:
        return _empty(context)
    match context.session.place:
        case Place.OPENING if context.session.draft:
            return open_case.heard(context, heard.text, heard.files, urgent=False)
        case Place.IN_CASE:
            return talk_about_case.heard(context, heard.text, heard.files, urgent=False)
        case Place.TYPE_BACK if heard.text and not heard.files:
            back = receipt.typed_back(context, heard.text)
            return back or _question(context, heard)
        case Place.CODE if heard.text and sum(char.isdecimal() for char in heard.text) >= 8:
            return receipt.not_a_code(context)
        case Place.PHRASE if heard.text:
            return receipt.phrase_typed(context, heard.text)
        case Place.SET_PHRASE if heard.text:
            return talk_about_case.phrase_typed(context, heard.text)
        case Place.WITHDRAWING if heard.text:
            return talk_about_case.reason_typed(context, heard.text)
        case Place.AMOUNT if heard.text and not heard.files:
            return after_closing.heard(context, heard.text) or _question(context, heard)
        case _:
            return _question(context, heard)


def _empty(context: Context) -> Turn:
    """Nothing readable came; within a flow the question stands."""
    turn = ask_question.wordless(context, (), has_voice=False, only_signs=False)
    if context.session.place is Place.OPENING and context.session.draft:
        return case_questions.ask(context).after(Turn(turn.replies[:1], turn.session))
    return turn


def _question(context: Context, heard: Heard, *, offer: bool = True) -> Turn:
    """At home: an answer to staff, how much has come, a mistyped command, or a question to us."""
    context = context.with_session(context.session.at_home())
    if offer and (heard.files or has_words(heard.text)):
        answer = answer_staff.offered_unless_clear(context, heard.text, heard.files)
        if answer is None and not heard.files:
            answer = after_closing.typed(context, heard.text)
        if answer is not None:
            return answer
    context = context.with_session(replace(context.session, offered=False))
    if not heard.text:
        return ask_question.wordless(context, heard.files, has_voice=heard.has_voice, only_signs=False)
    if not has_words(heard.text) and not heard.files:
        return ask_question.wordless(context, (), has_voice=False, only_signs=True)
    mistyped = context.commands.nearly(heard.text)
    if mistyped and not isinstance(context.index.search(heard.text), Found):
        meant = _commanded(context, mistyped)
        if meant is not None:
            return meant
    return ask_question.answer_question(context, heard.text, heard.files)


def _not_for_staff(context: Context) -> Turn:
    """不是说这件事: nothing has gone to any case; her words are read as a question to us."""
    session = context.session
    heard = Heard(session.asked, session.asked_files, has_voice=False)
    session = replace(
        session, asked="", asked_files=(), asked_at=None, offered=False, not_for_staff_at=context.now
    )
    context = context.with_session(session)
    return _question(context, heard, offer=False) if heard.text or heard.files else menu.home(context)


def tapped(data: str, context: Context) -> Turn:
    """A tapped button, or one she typed. What cannot be read, or names what is gone, is answered kindly."""
    tap = read_tap(data)
    if tap is None:
        return menu.stale(context)
    match tap.do:
        case Do.MENU:
            return menu.home(context)
        case Do.SITUATION:
            return menu.situation(context, tap.number(0))
        case Do.TOPIC:
            return ask_question.show_topic(context, tap.verb)
        case Do.LAYER:
            return ask_question.show_layer(context, tap)
        case Do.HELPED:
            return ask_question.was_it_helpful(context, tap)
        case Do.NONE_OF_THESE:
            return ask_question.none_of_these(context)
        case Do.LEAVE_TOPIC:
            return ask_question.leave_topic(context)
        case Do.HELP:
            return _help(context)
        case Do.OPEN_CASE if tap.verb == "start":
            return asking_for.start_case(context, tap.arg(1) or None)
        case Do.OPEN_CASE if tap.verb == "another":
            return asking_for.another_case(context, tap)
        case Do.OPEN_CASE:
            return open_case.tapped(context, tap)
        case Do.CASE if tap.verb == "notthis":
            return _not_for_staff(context)
        case Do.CASE:
            return talk_about_case.tapped(context, tap)
        case Do.CONTEST:
            return take_quiz.tapped(context, tap)
        case Do.PRIVACY:
            return privacy.privacy(context, tap)
        case Do.QUIET:
            return privacy.be_quiet(context)
        case Do.RESTART:
            return menu.restart(context)
        case Do.PLACES:
            return places.tapped(context, tap)
        case Do.SIBLINGS:
            return siblings.tapped(context, tap)
        case Do.ASKING_FOR:
            return asking_for.tapped(context, tap)
        case Do.LEARN:
            return learn.tapped(context, tap)
        case Do.HAND_OVER:
            return hand_over_card.tapped(context, tap)
        case Do.AFTER:
            return after_closing.tapped(context, tap)


def _refused_files(incoming: Incoming, context: Context, turn: Turn) -> Turn:
    """What could not be kept is said first, once for each reason."""
    refused = list(dict.fromkeys(file.refused for file in incoming.files if file.refused))
    if not refused:
        return turn
    words = context.talk.ask.file_refused
    text = "\n".join(dict.fromkeys(words.get(reason, words["default"]) for reason in refused))
    nothing_else = not incoming.text.strip() and all(file.refused for file in incoming.files)
    if nothing_else and context.session.place is Place.HOME:
        return say(context, text, *menu.small_rows(context))
    return turn.after(say(context, text))


def _offer_draft(context: Context, turn: Turn) -> Turn:
    """After a while away an unfinished draft offers itself, without a word on what it is about."""
    session: Session = turn.session
    offered = any(
        button.action == act(Do.OPEN_CASE, "resume") for reply in turn.replies for button in reply.buttons()
    )
    if session.draft is None or session.place is Place.OPENING or offered:
        return turn
    row = (
        Button(context.labels.resume, act(Do.OPEN_CASE, "resume")),
        Button(context.labels.drop, act(Do.OPEN_CASE, "drop")),
    )
    offer = say(context, context.talk.home.draft_waiting, row, session=session)
    return offer.after(turn)
