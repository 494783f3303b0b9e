"""A message that tells of danger is answered with safety first, in every flow."""

from dataclasses import replace

from bot.conversation.actions import Do, act
from bot.conversation.turn import Context, Rows, Turn, say
from bot.domain.reply import Button
from bot.domain.urgency import Danger


def safety_first(context: Context, danger: Danger, extra: Rows = ()) -> Turn:
    """Telephone numbers and the next safe step; law only where she asks for it."""
    labels = context.labels
    sign = context.knowledge.danger.kinds[danger.kind]
    calm: tuple[Button, ...] = ()
    if sign.topic in context.knowledge.entries:
        calm = (Button(labels.safe_now, act(Do.TOPIC, sign.topic)),)
    person = (Button(labels.open_case, act(Do.OPEN_CASE, "start", sign.topic)),)
    clear = (Button(labels.clear, act(Do.PRIVACY, "clear")),)
    session = replace(context.session, danger_at=context.now, misses=0)
    text = context.talk.danger.first[danger.kind]
    if extra:  # she has a case: her words have not reached it yet, and go there at one tap
        text += f"\n{context.talk.my_case.danger_words}"
    turn = say(context, text, calm, person, clear, *extra, session=session)
    return replace(turn, urgent=True)
