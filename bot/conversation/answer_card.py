"""One answer as a card: short first, every further layer in its place."""

from dataclasses import replace
from enum import StrEnum

from bot.conversation.actions import Do, act
from bot.conversation.entry_words import amount_lines, deadline_lines, review_note
from bot.conversation.learn_links import learning_row
from bot.conversation.menu import topic_button
from bot.conversation.place_links import places_row
from bot.conversation.siblings import differences, question_rows
from bot.conversation.turn import Context, Rows
from bot.domain.civil_time import plain_day
from bot.domain.reply import Button, Reply
from knowledge.amounts import fill
from knowledge.models import Entry

CARDS = 10_000  # card numbers begin anew after so many


class Layer(StrEnum):
    """What part of an answer is shown."""

    SHORT = "short"
    LAW = "law"
    STEPS = "steps"
    EVIDENCE = "evidence"
    MORE = "more"


def answer_card(
    context: Context,
    entry: Entry,
    layer: Layer,
    number: int,
    *,
    talking: bool = False,
    brief: bool = False,
    note: str = "",
    extra: Rows = (),
) -> Reply:
    """The reply that shows a layer; all layers of card `number` take each other's place.

    `brief`: the answer alone, for one among several. `note` is one line more, about who asks.
    """
    if brief:
        entry = entry.model_copy(update={"say": None})
    text = filled(context, _joined(_LAYERS[layer](context, entry), note))
    rows = _rows(context, entry, layer, number)
    if talking:
        text += "\n" + context.put(context.talk.ask.talking_about, title=entry.title)
        rows = (*rows, (Button(context.labels.leave_topic, act(Do.LEAVE_TOPIC)),))
    return Reply(text, (*rows, *extra), card=f"answer:{number}", bold=True)


def filled(context: Context, text: str) -> str:
    """The text with the hotline and local amounts put in, as far as they may be stated today."""
    return fill(text, context.knowledge.region, context.today, context.organisation.hotline)


def _rows(context: Context, entry: Entry, layer: Layer, number: int) -> Rows:
    labels = context.labels

    def to(label: str, other: Layer) -> Button:
        return Button(label, act(Do.LAYER, other.value, entry.id, number))

    first = (to(labels.law, Layer.LAW), to(labels.steps, Layer.STEPS))
    second = (to(labels.evidence, Layer.EVIDENCE), to(labels.more, Layer.MORE))
    person = Button(labels.open_case, act(Do.OPEN_CASE, "start", entry.id))
    helped = Button(labels.helped, act(Do.HELPED, "ask", entry.id, number))
    rows: Rows = (first, second, (person, helped))
    if layer is not Layer.SHORT:
        rows = (*rows, (to(labels.short, Layer.SHORT),))
    if layer in (Layer.SHORT, Layer.STEPS):
        rows = (*rows, *places_row(context, entry, short=layer is Layer.SHORT))
    if layer is Layer.MORE:
        rows = (*rows, *question_rows(context, entry.id))
        rows = (*rows, *learning_row(context, entry.id))
        rows = (*((topic_button(context, other.id),) for other in context.knowledge.related(entry)), *rows)
    return rows


def _short(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    lines = [context.put(words.card, title=entry.title, short=entry.short)]
    if entry.say:
        lines.append(context.put(words.say_it, say=entry.say))
    return "\n\n".join([*lines, review_note(entry, words, context.organisation, context.today)])


def _law(context: Context, entry: Entry) -> str:
    cited = "\n".join(f"·{citation.in_words()}" for citation in entry.citations)
    text = context.put(
        context.talk.ask.law,
        title=entry.title,
        citations=cited,
        checked_on=plain_day(entry.checked_on),
        review=entry.review.status.value,
    )
    return _joined(text, _deadlines(context, entry), _local(context, entry))


def _steps(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(entry.steps, 1))
    text = context.put(words.steps, title=entry.title, steps=steps)
    handover = context.put(words.handover, when=entry.handover) if entry.handover else ""
    return _joined(text, _deadlines(context, entry), handover)


def _evidence(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    items = "\n".join(f"·{item}" for item in entry.evidence) or words.no_evidence
    return context.put(words.evidence, title=entry.title, items=items)


def _more(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    text = context.put(words.more, title=entry.title, details=entry.details)
    audience = context.put(words.audience, who=entry.audience) if entry.audience else ""
    related = words.related if context.knowledge.related(entry) else ""
    return _joined(text, differences(context, entry.id), audience, _local(context, entry), related)


_LAYERS = {
    Layer.SHORT: _short,
    Layer.LAW: _law,
    Layer.STEPS: _steps,
    Layer.EVIDENCE: _evidence,
    Layer.MORE: _more,
}


def _joined(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _deadlines(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    lines = deadline_lines(entry, context.knowledge.deadlines, words, context.organisation)
    return "\n".join([words.deadlines, *lines]) if lines else ""


def _local(context: Context, entry: Entry) -> str:
    words = context.talk.ask
    lines = amount_lines(entry, context.knowledge.region, words, context.organisation, context.today)
    return "\n".join([words.local, *lines]) if lines else ""


def next_card(context: Context) -> tuple[Context, int]:
    """A fresh card number, remembered in the session."""
    number = (context.session.cards + 1) % CARDS
    return context.with_session(replace(context.session, cards=number)), number
