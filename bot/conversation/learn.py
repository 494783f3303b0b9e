"""学一学: stories, lessons, tips and the handbook. Where she is lies in the buttons, not in her session.

Every step changes one card in place; whatever she types meanwhile is a question, as anywhere else.
"""

from dataclasses import replace

from bot.conversation import learn_cards as cards
from bot.conversation.actions import Do, Tap, act
from bot.conversation.answer_card import CARDS, next_card
from bot.conversation.effects import Subscribe, Unsubscribe
from bot.conversation.learn_links import home_button
from bot.conversation.menu import small_rows, stale
from bot.conversation.session import Place
from bot.conversation.turn import Context, Turn, say
from bot.domain.reply import Button, Reply
from bot.domain.weekly_tips import place_of_day
from knowledge.teaching import Lesson


def tapped(context: Context, tap: Tap) -> Turn:
    """Every button of 学一学, and the words that open it."""
    match tap.verb:
        case "learn":
            context, card = _on_card(context, tap.number(1))
            return Turn((cards.home_card(context, card),), context.session)
        case "stories":
            return _list(context, tap, len(context.knowledge.stories), context.talk.learn.stories_none)
        case "lessons":
            return _list(context, tap, len(context.knowledge.lessons), context.talk.learn.lessons_none)
        case "story" | "end":
            return _story(context, tap)
        case "card" | "ask" | "pick" | "done":
            lesson = context.knowledge.lessons.get(tap.arg(1))
            return stale(context) if lesson is None else _lesson(context, tap, lesson)
        case "tips" | "weekly" | "stop":
            return _tip(context, tap)
        case "handbook":
            return _handbook(context)
        case _:
            return stale(context)


def stop(context: Context) -> Turn:
    """No more weekly tips, by word or under a tip that came; whatever she was doing goes on."""
    words, labels = context.talk.learn, context.talk.learn.buttons
    text = words.weekly_off if context.look.gets_tips() else words.weekly_never
    row = (Button(labels.weekly, act(Do.LEARN, "weekly")), home_button(context))
    at_home = context.session.place is Place.HOME  # elsewhere the buttons of her flow must stay the newest
    return say(context, text, *((row,) if at_home else ()), session=context.session).doing(Unsubscribe())


def _on_card(context: Context, number: int) -> tuple[Context, int]:
    """The card whose button was tapped; a new one, and out of every flow, where it came from elsewhere."""
    if number >= 0:
        return context, number % CARDS
    return next_card(context.with_session(context.session.at_home()))


def _about(context: Context, topic: str, reply: Reply) -> Turn:
    """What is shown tells of a topic: a short question that follows is about it."""
    return Turn((reply,), replace(context.session, topic=topic, topic_at=context.now))


def _list(context: Context, tap: Tap, count: int, none_yet: str) -> Turn:
    if not count:
        return say(context, none_yet, *small_rows(context), session=context.session.at_home())
    page = max(tap.number(1), 0)
    if page >= cards.pages(count):
        return stale(context)
    context, card = _on_card(context, tap.number(2))
    shown = cards.story_list if tap.verb == "stories" else cards.lesson_list
    return Turn((shown(context, page, card),), context.session)


def _story(context: Context, tap: Tap) -> Turn:
    story = context.knowledge.stories.get(tap.arg(1))
    if story is None:
        return stale(context)
    context, card = _on_card(context, tap.number(2))
    shown = cards.story_begin if tap.verb == "story" else cards.story_end
    return _about(context, story.topic, shown(context, story, card))


def _lesson(context: Context, tap: Tap, lesson: Lesson) -> Turn:
    """A card of the lesson, one of its questions, what her choice was worth, or its end."""
    at, topic = max(tap.number(2), 0), lesson.topics[0]
    match tap.verb:
        case "card" if at < len(lesson.cards):
            context, card = _on_card(context, tap.number(3))
            return _about(context, topic, cards.lesson_card(context, lesson, at, card))
        case "ask" if at < len(lesson.checks):
            context, card = _on_card(context, tap.number(3))
            return _about(context, topic, cards.check_card(context, lesson, at, card))
        case "pick" if at < len(lesson.checks) and 0 <= tap.number(3) < len(lesson.checks[at].options):
            context, card = _on_card(context, tap.number(4))
            return _about(context, topic, cards.checked_card(context, lesson, at, tap.number(3), card))
        case "done":
            context, card = _on_card(context, tap.number(2))
            return _about(context, topic, cards.lesson_done(context, lesson, card))
        case _:
            return stale(context)


def _tip(context: Context, tap: Tap) -> Turn:
    """A tip; her wish for one a week, or its end, on the same card."""
    if tap.verb == "stop" and tap.number(2) < 0:
        return stop(context)
    tips = context.knowledge.tips
    if not tips:
        session = context.session.at_home()
        turn = say(context, context.talk.learn.tips_none, *small_rows(context), session=session)
        return turn.doing(Unsubscribe()) if tap.verb == "stop" else turn
    today = tips[place_of_day(context.today, len(tips))].id
    wanted = tap.arg(1) if tap.arg(1) not in ("", cards.TODAY) else today
    place = next((at for at, tip in enumerate(tips) if tip.id == wanted), None)
    if place is None:
        return stale(context)
    context, card = _on_card(context, tap.number(2))
    words, topic = context.talk.learn, tips[place].topic
    match tap.verb:
        case "weekly":
            lasting = context.look.channel != cards.WEB
            note = words.weekly_set if lasting else words.weekly_set_here
            reply = cards.tip_card(context, place, card, note, weekly=True)
            return _about(context, topic, reply).doing(Subscribe(lasting))
        case "stop":
            reply = cards.tip_card(context, place, card, words.weekly_off, weekly=False)
            return _about(context, topic, reply).doing(Unsubscribe())
        case _:
            return _about(context, topic, cards.tip_card(context, place, card))


def _handbook(context: Context) -> Turn:
    words = context.talk.learn
    link = cards.handbook_link(context, words.buttons.open_handbook)
    row = (home_button(context), Button(context.labels.menu, act(Do.MENU)))
    text = words.handbook if link else words.handbook_elsewhere
    return say(context, text, *(((link,),) if link else ()), row, session=context.session.at_home())
