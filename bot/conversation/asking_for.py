"""She asks for somebody else, or an employer asks: the same answer with a line more, and consent first."""

from bot.conversation import open_case
from bot.conversation.actions import Do, Tap, act
from bot.conversation.menu import stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, Turn, say
from bot.domain.reply import Button
from knowledge.asking_for import AskedFor, asked_for


def note(context: Context) -> str:
    """The line under the first answer to her last words; "" where she asks for herself."""
    session = context.session
    if session.asked_at is None or (session.topic_at is not None and session.asked_at <= session.topic_at):
        return ""  # what she asked was answered before: she is reading on
    who = asked_for(session.asked, context.knowledge.asking_for)
    return context.put(context.talk.asking_for.notes[who]) if who else ""


def start_case(context: Context, topic: str | None) -> Turn:
    """The door to a person; for somebody else it opens once that person agrees."""
    session = context.session
    for_other = asked_for(session.asked, context.knowledge.asking_for) is AskedFor.RELATIVE
    if not for_other or session.draft is not None or session.place is Place.OPENING:
        return open_case.start(context, topic)
    agreed = act(Do.ASKING_FOR, "agreed", *([topic] if topic else []))
    rows = (
        (Button(context.talk.asking_for.she_agrees, agreed),),
        (Button(context.labels.menu, act(Do.MENU)),),
    )
    return say(context, context.talk.asking_for.consent_first, *rows, session=session.at_home())


def tapped(context: Context, tap: Tap) -> Turn:
    """本人同意了: the case is opened as any other."""
    return open_case.start(context, tap.arg(1) or None) if tap.verb == "agreed" else stale(context)
