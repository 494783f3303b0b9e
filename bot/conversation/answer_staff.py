"""Her words outside a case, where staff wrote to her: they reach the case that she means, and no other.

Passing on cannot be undone (staff are told, the promise moves), so she confirms by one tap where it goes;
the words stand on the card, and a button passes on only the words that it stood under.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

from bot.conversation.actions import Do, act
from bot.conversation.menu import home
from bot.conversation.session import Place
from bot.conversation.turn import Context, Rows, StaffWord, Turn, say
from bot.domain.cases import CaseCard
from bot.domain.civil_time import civil_day, day_in_words
from bot.domain.reply import Button
from knowledge.calibration import ANSWER_AT
from knowledge.index import Found, Unsure

_ANSWERED_WITHIN = timedelta(days=7)  # an older question of staff is no longer what she speaks of
_CLOSED_LATELY = timedelta(days=14)  # what she says then may well be about that case
_ASKED_LATELY = timedelta(minutes=30)  # what she asked is still before her eyes
_MOST_CASES = 8
_MOST_FILES = 10
_SHOWN = 300  # characters of her words on a card
_MARKS = 100_000
_ASKS = re.compile(
    r"[?？吗嘛呢么啥咋哪谁]|多少|多久|多长|几天|几岁|如何|为何|能不能|可不可以|有没有|是不是|会不会|要不要|该不该"
)
# What is going on there has nothing to do with a message of staff that came meanwhile.
_LEFT_FOR_STAFF = (Place.SET_PHRASE, Place.WITHDRAWING, Place.TYPE_BACK)


def hearing(context: Context) -> tuple[Context, bool]:
    """The context in which her words are read, and whether staff wrote since her last turn.

    Words typed under a message of staff do not go to another case that she was adding to, nor do they
    answer an older question of ours.
    """
    session = context.session
    told = context.look.staff_words() if session.at is not None else ()
    newest = next(iter(told), None)
    if session.at is None or newest is None or newest.at <= session.at:
        return context, False
    elsewhere = session.place is Place.IN_CASE and newest.card.id != session.case_id
    if elsewhere or session.place in _LEFT_FOR_STAFF:
        context = context.with_session(session.at_home())
    return context, True


def questions(context: Context) -> list[StaffWord]:
    """What staff asked lately and she has not answered, newest first."""
    declined = context.session.not_for_staff_at
    quiet = declined is not None and context.now - declined <= _ASKED_LATELY
    return [
        word
        for word in context.look.staff_words()
        if word.question_at is not None
        and context.now - word.question_at <= _ANSWERED_WITHIN
        and not (quiet and declined is not None and word.question_at <= declined)
    ]


def offered(context: Context, text: str, files: tuple[str, ...] = ()) -> Turn | None:
    """Her words on a card: is this the answer? None where staff asked nothing."""
    waiting = questions(context)
    if not waiting:
        return None
    context = with_asked(context, text, files)
    return _offer(context, [word.card for word in waiting])


def offered_unless_clear(context: Context, text: str, files: tuple[str, ...]) -> Turn | None:
    """The same, but None too where she clearly asks us something."""
    waiting = questions(context)
    if not waiting or (text and _is_clear_question(context, text, waiting)):
        return None
    return offered(context, text, files)


def _is_clear_question(context: Context, text: str, waiting: Sequence[StaffWord]) -> bool:
    """Whether our own answers are meant, as surely as one would be given.

    A statement is none, however well a topic fits it: “没有签合同” answers “签合同了吗？”. What we talked
    about before staff asked does not make it clearer.
    """
    if not _ASKS.search(text):
        return False
    session = context.session
    asked_at = max(word.question_at or word.at for word in waiting)
    since = session.topic_at is not None and session.topic_at > asked_at
    match context.index.search(text, session.live_topic(context.now) if since else None):
        case Found():
            return True
        case Unsure(probability=chance):
            return chance >= ANSWER_AT
        case _:
            return False


def which(context: Context) -> Turn:
    """Several cases may be meant: she chooses."""
    if not (context.session.asked or context.session.asked_files):
        return home(context)
    return _offer(context, _candidates(context), one_is_sure=False)


def with_asked(context: Context, text: str, files: tuple[str, ...]) -> Context:
    """The context that remembers what she said last, for a case that may follow.

    What already waits on her screen to be passed on is kept before it.
    """
    session = context.session
    if session.offered:
        text = "\n".join(part for part in (session.asked, text) if part)
        files = (*session.asked_files, *files)[-_MOST_FILES:]
    session = replace(session.at_home(), asked=text, asked_files=files, asked_at=context.now, offered=False)
    return context.with_session(session)


def add_last_row(context: Context) -> Rows:
    """Where she has a case, open or closed lately, and has said something: a button that adds it there.

    Of several the one in which staff wrote to her last comes first, by its number.
    """
    if not (context.session.asked or context.session.asked_files):
        return ()
    labels, cards = context.labels, _candidates(context)
    if len(cards) <= 1:
        return tuple((Button(labels.add_last, _add(context, card)),) for card in cards)
    likely = likely_case(context)
    if likely is None:
        return ((Button(labels.add_last, act(Do.CASE, "which")),),)
    first = Button(context.put(labels.add_to, number=likely.number), _add(context, likely))
    return ((first, Button(labels.add_elsewhere, act(Do.CASE, "which"))),)


def likely_case(context: Context) -> CaseCard | None:
    """The case in which staff wrote to her last, while that is fresh."""
    word = next(iter(context.look.staff_words()), None)
    if word is None or context.now - word.at > _ANSWERED_WITHIN:
        return None
    return word.card if word.card in _candidates(context) else None


def just_said(context: Context) -> str:
    """What she has said a moment ago, as a card shows it; "" where nothing waits."""
    session = context.session
    if session.asked_at is None or context.now - session.asked_at > _ASKED_LATELY:
        return ""
    return _in_words(context)


def fits(context: Context, mark: int) -> bool:
    """Whether a button that carries words stood under those that wait now."""
    return mark in (-1, _mark(context))


def show_again(context: Context, card: CaseCard) -> Turn:
    """The button stood under other words: these are the ones that would go."""
    return _offer(context, [card])


def _offer(context: Context, cards: list[CaseCard], *, one_is_sure: bool = True) -> Turn:
    words, labels = context.talk.my_case, context.labels
    no = act(Do.CASE, "notthis")
    cards = cards[:_MOST_CASES]
    session = replace(context.session.at_home(), offered=True)
    if len(cards) == 1 and one_is_sure:
        yes = _add(context, cards[0])
        session = replace(session, yes_no=(yes, no))
        label = context.put(labels.answer_yes, number=cards[0].number)
        text, rows = words.answer_ask, [(Button(label, yes),)]
    else:
        text, rows = (
            words.answer_which,
            [(Button(_named(context, card), _add(context, card)),) for card in cards],
        )
    number = cards[0].number if cards else ""
    return say(context, text, *rows, (Button(labels.not_this, no),), session=session, private=True,
               words=_in_words(context), number=number)  # fmt: skip


def _named(context: Context, card: CaseCard) -> str:
    day = day_in_words(civil_day(card.opened_at), context.today)
    return context.put(context.talk.my_case.answer_case, number=card.number, day=day)


def _in_words(context: Context) -> str:
    session = context.session
    text = session.asked if len(session.asked) <= _SHOWN else session.asked[:_SHOWN] + "……"
    if session.asked_files:
        text += context.put(context.talk.open_case.files_line, count=len(session.asked_files))
    return text


def _candidates(context: Context) -> list[CaseCard]:
    """Open ones and those closed lately; that of the latest message of staff first."""
    told = {word.card.id: word.at for word in context.look.staff_words()}
    cards = [
        card
        for card in context.look.cases()
        if not card.closed_at or context.now - card.closed_at < _CLOSED_LATELY
    ]
    return sorted(cards, key=lambda card: told.get(card.id, card.opened_at), reverse=True)


def _add(context: Context, card: CaseCard) -> str:
    return act(Do.CASE, "addlast", card.id, _mark(context))


def _mark(context: Context) -> int:
    """Tells apart what she said at different times; no secret, and never kept."""
    session = context.session
    return crc32("\n".join((session.asked, *session.asked_files)).encode("utf-8", "replace")) % _MARKS
