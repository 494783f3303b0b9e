"""She asks in her own words and gets one answer, a choice, several answers, or a person."""

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation import asking_for, siblings
from bot.conversation.actions import Do, Tap, act
from bot.conversation.answer_card import Layer, answer_card, next_card
from bot.conversation.answer_staff import add_last_row, with_asked
from bot.conversation.effects import NoteHelped, NoteUnanswered
from bot.conversation.menu import home, small_rows, stale, topic_button
from bot.conversation.session import Place
from bot.conversation.turn import Context, Rows, Turn, say
from bot.domain.masking import mask_identity
from bot.domain.reply import Button
from knowledge.calibration import ANSWER_AT
from knowledge.index import Found, Unsure

LONG = 60  # from so many signs a text may hold several issues
MOST_CARDS = 3
MISSES_BEFORE_A_PERSON = 2
_NOTED = 500  # signs of a question that curators see


def answer_question(context: Context, text: str, files: tuple[str, ...] = ()) -> Turn:
    """Her words, searched as one and, where they are long, as several issues."""
    topic = context.session.live_topic(context.now)
    context = with_asked(context, text, files)
    sure = context.index.several(text) if len(text) >= LONG else []
    sure = [one for one in sure if one in context.knowledge.entries][:MOST_CARDS]
    found = context.index.search(text, topic)
    if len(sure) > 1 or (sure and not isinstance(found, Found)):
        return _several_answers(context, sure, found.entry_ids if isinstance(found, Unsure) else ())
    match found:
        case Found(entry_id=entry_id) if entry_id in context.knowledge.entries:
            return show_topic(context, entry_id, talking=entry_id == topic)
        case Unsure(entry_ids=entry_ids, probability=chance) if entry_ids:
            likely = chance >= ANSWER_AT and entry_ids[0] in context.knowledge.entries
            return _likely(context, entry_ids) if likely else _did_you_mean(context, entry_ids)
        case _:
            return _missed(context, "not_found")


def show_topic(
    context: Context,
    topic: str,
    *,
    talking: bool = False,
    brief: bool = False,
    doubt: str = "",
    others: Rows = (),
) -> Turn:
    """The short answer on a topic, as a new card; `brief` where it is one among several.

    `doubt` is said under it, with the `others` that it may be instead.
    """
    entry = context.knowledge.entries.get(topic)
    if entry is None:
        return stale(context)
    context, number = next_card(context)
    session = replace(context.session.at_home(), topic=topic, topic_at=context.now, misses=0)
    note = "\n\n".join(line for line in (asking_for.note(context), doubt) if line)
    extra = (*others, *add_last_row(context))
    card = answer_card(
        context, entry, Layer.SHORT, number, talking=talking, brief=brief, note=note, extra=extra
    )
    return Turn((card,), session)


def show_layer(context: Context, tap: Tap) -> Turn:
    """Another layer of an answer, in place of the one on the screen."""
    layer = next((layer for layer in Layer if layer.value == tap.verb), None)
    entry = context.knowledge.entries.get(tap.arg(1))
    if layer is None or entry is None:
        return stale(context)
    card = answer_card(context, entry, layer, tap.number(2))
    return Turn((card,), replace(context.session, topic=entry.id, topic_at=context.now))


def _several_answers(context: Context, topics: list[str], offered: Sequence[str]) -> Turn:
    """A card for each issue that a sentence of hers is surely about, then what the whole may mean besides."""
    words = context.talk.ask
    turn = Turn((), context.session)
    if len(topics) > 1:
        titles = "\n".join(
            context.put(words.several_title, number=number, title=context.knowledge.entries[topic].title)
            for number, topic in enumerate(topics, 1)
        )
        turn = say(context, words.several, count=len(topics), titles=titles)
    for topic in topics:
        shown = show_topic(context.with_session(turn.session), topic, brief=len(topics) > 1)
        turn = shown.after(turn)
    others = [topic for topic in offered if topic in context.knowledge.entries and topic not in topics]
    if not others:
        return turn
    rows = [(topic_button(context, topic),) for topic in others]
    return say(context, words.several_more, *rows, session=turn.session).after(turn)


def _likely(context: Context, topics: tuple[str, ...]) -> Turn:
    """More likely this than not, but not sure enough to leave it at that: others stand under it."""
    first, *rest = [topic for topic in topics if topic in context.knowledge.entries][:3]
    others = tuple((topic_button(context, topic),) for topic in rest)
    none = (Button(context.labels.none_of_these, act(Do.NONE_OF_THESE)),)
    return show_topic(context, first, doubt=context.talk.ask.likely, others=(*others, none))


def _did_you_mean(context: Context, topics: tuple[str, ...]) -> Turn:
    known = [topic for topic in topics if topic in context.knowledge.entries][:3]
    if not known:
        return _missed(context, "not_found")
    if question := siblings.ask_between(context, known, add_last_row(context)):
        return question
    rows = [(topic_button(context, topic),) for topic in known]
    none = (Button(context.labels.none_of_these, act(Do.NONE_OF_THESE)),)
    return say(context, context.talk.ask.did_you_mean, *rows, none, *add_last_row(context))


def _missed(context: Context, reason: str) -> Turn:
    """Nothing fits: say so; at the second time in a row lead to a person."""
    words = context.talk.ask
    misses = context.session.misses + 1
    text = words.not_found_again if misses >= MISSES_BEFORE_A_PERSON else words.not_found
    if reason == "unsure" and misses < MISSES_BEFORE_A_PERSON:
        text = words.none_of_these
    session = replace(context.session, misses=misses)
    rows = (*small_rows(context), *add_last_row(context))
    return say(context, text, *rows, session=session).doing(_noted(context, reason))


def none_of_these(context: Context) -> Turn:
    """都不是 under a choice: a miss as well."""
    return _missed(context, "unsure")


def leave_topic(context: Context) -> Turn:
    """✕: the next question stands for itself."""
    session = replace(context.session, topic=None, topic_at=None)
    return home(context.with_session(session), context.talk.ask.topic_left)


def _noted(context: Context, reason: str, topic: str | None = None) -> NoteUnanswered:
    return NoteUnanswered(mask_identity(context.session.asked[:_NOTED]), reason, topic)


def was_it_helpful(context: Context, tap: Tap) -> Turn:
    """有用吗 and its three answers; none of them is a dead end."""
    entry = context.knowledge.entries.get(tap.arg(1))
    if entry is None:
        return stale(context)
    words, labels = context.talk.ask, context.labels
    topic, number = entry.id, tap.number(2)
    person = (Button(labels.open_case, act(Do.OPEN_CASE, "start", topic)), Button(labels.menu, act(Do.MENU)))
    match tap.verb:
        case "ask":
            answers = (("yes", labels.helped_yes), ("unclear", labels.unclear), ("other", labels.not_mine))
            rows = tuple((Button(label, act(Do.HELPED, verb, topic, number)),) for verb, label in answers)
            return say(context, words.helped_ask, *rows)
        case "yes":
            return say(context, words.helped_yes, person).doing(NoteHelped(topic))
        case "unclear":
            more = answer_card(context, entry, Layer.MORE, number)
            turn = say(context, words.unclear, person)
            turn = replace(turn, replies=(*turn.replies, replace(more, card=None)))
            return turn.doing(_noted(context, "not_clear", topic))
        case "other":
            noted = _noted(context, "not_mine", topic)
            if question := siblings.not_mine(context, topic, (person,)):
                return question.doing(noted)
            others = [one.entry_id for one in context.index.rank(context.session.asked or entry.title, 4)]
            rows = tuple(
                (topic_button(context, other),)
                for other in others
                if other != topic and other in context.knowledge.entries
            )[:3]
            text = words.not_mine_others if rows else words.not_mine
            return say(context, text, *rows, person).doing(noted)
        case _:
            return stale(context)


def wordless(context: Context, files: tuple[str, ...], *, has_voice: bool, only_signs: bool) -> Turn:
    """A message without words: files wait for a case, emoji get a friendly question."""
    words = context.talk.ask
    if not files:
        return say(context, words.only_signs if only_signs else words.empty, *small_rows(context))
    kept = (*context.session.asked_files, *files)[-10:]
    session = replace(context.session, place=Place.HOME, asked_files=kept, asked_at=context.now)
    context = context.with_session(session)
    text = words.voice_without_case if has_voice else words.file_without_case
    return say(context, text, *small_rows(context), *add_last_row(context), session=session)
