"""The life situations, the help card, and every way back to them."""

from dataclasses import replace

from bot.conversation.actions import Do, act
from bot.conversation.place_links import places_button
from bot.conversation.session import Place
from bot.conversation.turn import Context, Rows, Turn, say
from bot.domain.reply import Button
from knowledge.wording_talk import Situation

_SHOWN_TOPICS = 8


def menu_rows(context: Context) -> Rows:
    """The menu's buttons: situations two in a row, then what else there is."""
    labels = context.labels
    situations = [
        Button(situation.label, act(Do.SITUATION, at))
        for at, situation in enumerate(context.talk.home.situations)
    ]
    pairs = [tuple(situations[at : at + 2]) for at in range(0, len(situations), 2)]
    contest = (Button(labels.contest, act(Do.CONTEST, "home")),) if context.contest_on else ()
    return (
        *pairs,
        (*contest, Button(labels.learn, act(Do.LEARN, "learn"))),
        (Button(labels.open_case, act(Do.OPEN_CASE, "start")),),
        (Button(labels.my_cases, act(Do.CASE, "list")), Button(labels.privacy, act(Do.PRIVACY, "card"))),
    )


def small_rows(context: Context) -> Rows:
    """Where to go from an answer that leads nowhere else."""
    labels = context.labels
    return ((Button(labels.open_case, act(Do.OPEN_CASE, "start")), Button(labels.menu, act(Do.MENU))),)


def home(context: Context, text: str | None = None) -> Turn:
    """The menu under a text; an unfinished draft is offered without a word on what it is about."""
    draft = context.session.draft
    waiting = (Button(context.labels.resume, act(Do.OPEN_CASE, "resume")),) if draft else ()
    lines = [text or context.talk.home.menu, *([context.talk.home.draft_waiting] if draft else [])]
    return say(
        context, "\n".join(lines), waiting, *menu_rows(context), session=context.session.at_home(), menu=True
    )


def welcome(context: Context) -> Turn:
    """The first words to somebody new."""
    return home(context, context.talk.home.welcome)


def stale(context: Context) -> Turn:
    """A button that means nothing any more, or never did."""
    turn = home(context, context.talk.home.stale)
    return replace(turn, session=replace(context.session, yes_no=None))


def help_card(context: Context) -> Turn:
    """What can be done here; the flow she is in goes on."""
    return say(context, context.talk.home.help, *small_rows(context), menu=True)


def situation(context: Context, number: int) -> Turn:
    """The topics of a life situation, or a person where none is written yet."""
    situations = context.talk.home.situations
    if not 0 <= number < len(situations):
        return stale(context)
    chosen = situations[number]
    topics = written_topics(context, chosen)
    session = context.session.at_home()
    if not topics:
        rows = small_rows(context)
        return say(context, context.talk.home.situation_without_topics, *rows, session=session)
    rows = tuple((topic_button(context, topic),) for topic in topics)
    if chosen.places:
        rows = ((places_button(context),), *rows)
    return say(context, chosen.intro, *rows, *small_rows(context), session=session)


def written_topics(context: Context, chosen: Situation) -> list[str]:
    """The situation's topics that have an answer."""
    return [topic for topic in chosen.topics if topic in context.knowledge.entries][:_SHOWN_TOPICS]


def topic_button(context: Context, topic: str) -> Button:
    """A button that opens a topic by its title."""
    return Button(context.knowledge.entries[topic].title, act(Do.TOPIC, topic))


def restart(context: Context) -> Turn:
    """All that was said is put behind; a draft stays, and is offered."""
    session = replace(
        context.session, place=Place.HOME, topic=None, topic_at=None, misses=0, case_id=None, code=None
    )
    return home(context.with_session(session), context.talk.home.restarted)
