"""She asks for somebody else, or an employer asks: the same answer with a line more, and consent first.

A case that was opened for another is marked so; when she herself brings its code she says what she wants.
"""

import hashlib
from dataclasses import replace

from bot.conversation import case_questions, case_timeline, open_case
from bot.conversation.actions import Do, Tap, act
from bot.conversation.consent import ConsentKind, consent_text, needed
from bot.conversation.effects import RecordConsent, SpeakForHerself
from bot.conversation.menu import stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, HerCase, Turn, say
from bot.domain.reply import Button
from knowledge.asking_for import AskedFor, asked_for

_NOTED = ("since", "district", "employer", "evidence", "wish")
_SHOWN = 200  # signs of each; the whole of it stays in the case
STATED = "stated_for_other"  # kind of the consent that somebody else says was given


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
    if not _for_other(context) or session.draft is not None or session.place is Place.OPENING:
        context = context.with_session(replace(session, for_other=False))
        return open_case.start(context, topic)
    return _consent_first(context, topic)


def another_case(context: Context, tap: Tap) -> Turn:
    """A second case beside a running one: for somebody else the same question comes first."""
    session = context.session
    if _for_other(context) and not session.for_other and session.draft is None:
        return _consent_first(context, session.live_topic(context.now))
    return open_case.tapped(context, tap)


def tapped(context: Context, tap: Tap) -> Turn:
    """本人同意了: the case is opened, marked as told by another. The rest: she herself has come."""
    if tap.verb == "agreed":
        return _agreed(context, tap.arg(1) or None)
    case = context.look.case(tap.arg(1))
    if case is None or tap.verb not in ("herself", "confirm", "alone", "helper"):
        return stale(context)
    if not case.by_other or tap.verb == "helper":
        return case_timeline.see(context, case)
    if tap.verb == "herself":
        return ask_who(context, case)
    return _spoken(context, case, alone=tap.verb == "alone")


def ask_who(context: Context, case: HerCase) -> Turn:
    """Is it you? With the consents that she gives by saying so."""
    words, case_id = context.wording.intake, case.card.id
    texts = [consent_text(context, kind).text for kind in _kinds(context)]
    rows = (
        (Button(words.confirm, act(Do.ASKING_FOR, "confirm", case_id)),),
        (Button(words.alone, act(Do.ASKING_FOR, "alone", case_id)),),
        (Button(words.helper, act(Do.ASKING_FOR, "helper", case_id)),),
    )
    asked = say(context, words.who, *rows, private=True)
    # All of these have their names filled in already.
    text = "\n\n".join(part for part in (noted(context, case), asked.replies[0].text, *texts) if part)
    return replace(asked, replies=(replace(asked.replies[0], text=text),))


def noted(context: Context, case: HerCase) -> str:
    """What was written down of her, in short: she reads it before she says that it is so."""
    words, questions = context.wording.intake, context.talk.open_case.questions
    told = [(context.talk.open_case.happened_field, case.answers.happened)]
    told += [(questions[name].short, getattr(case.answers, name) or "") for name in _NOTED]
    lines = [
        context.put(words.noted_line, field=field, words=case_questions.in_words(context, text, _SHOWN))
        for field, text in told
        if text
    ]
    return context.put(words.noted, words="\n".join(lines)) if lines else ""


def _spoken(context: Context, case: HerCase, *, alone: bool) -> Turn:
    words, labels, case_id = context.wording.intake, context.labels, case.card.id
    phrase = Button(labels.set_phrase, act(Do.CASE, "phrase", case_id))
    row = (Button(labels.see_case, act(Do.CASE, "see", case_id)), Button(labels.menu, act(Do.MENU)))
    said = words.spoken_alone if alone else words.spoken
    turn = say(context, said, *(((phrase,),) if alone else ()), row, private=True)
    consents = tuple((kind.value, consent_text(context, kind).version) for kind in _kinds(context))
    return turn.doing(SpeakForHerself(case_id, alone, consents))


def _kinds(context: Context) -> tuple[ConsentKind, ...]:
    return tuple(kind for kind in ConsentKind if kind in needed(context.look.channel))


def _for_other(context: Context) -> bool:
    return asked_for(context.session.asked, context.knowledge.asking_for) is AskedFor.RELATIVE


def _consent_first(context: Context, topic: str | None) -> Turn:
    agreed = act(Do.ASKING_FOR, "agreed", *([topic] if topic else []))
    rows = (
        (Button(context.talk.asking_for.she_agrees, agreed),),
        (Button(context.labels.menu, act(Do.MENU)),),
    )
    return say(context, context.talk.asking_for.consent_first, *rows, session=context.session.at_home())


def _agreed(context: Context, topic: str | None) -> Turn:
    """What was said is kept with the version of the text that asked for it."""
    text = context.put(context.talk.asking_for.consent_first)
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    context = context.with_session(replace(context.session, for_other=True))
    return open_case.start(context, topic).doing(RecordConsent(STATED, version))
