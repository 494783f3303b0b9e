"""Which story and which lesson tell of a topic, and the buttons that lead to what teaches."""

from bot.conversation.actions import Do, act
from bot.conversation.turn import Context, Rows
from bot.domain.reply import Button
from knowledge.models import Knowledge
from knowledge.teaching import Lesson, Story


def stories(knowledge: Knowledge) -> list[Story]:
    """All stories in the order of the topics, so that what is alike stands together."""
    places = {topic: place for place, topic in enumerate(knowledge.topics)}
    return sorted(knowledge.stories.values(), key=lambda one: (places.get(one.topic, 0), one.id))


def lessons(knowledge: Knowledge) -> list[Lesson]:
    """All lessons in the order of their first topics."""
    places = {topic: place for place, topic in enumerate(knowledge.topics)}
    return sorted(knowledge.lessons.values(), key=lambda one: (places.get(one.topics[0], 0), one.id))


def story_of(knowledge: Knowledge, topic: str) -> Story | None:
    """The story that tells of a topic."""
    return next((story for story in stories(knowledge) if story.topic == topic), None)


def lesson_of(knowledge: Knowledge, topic: str) -> Lesson | None:
    """The lesson that holds a topic; best the one that is about it first of all."""
    held = [lesson for lesson in lessons(knowledge) if topic in lesson.topics]
    return min(held, key=lambda one: one.topics.index(topic), default=None)


def learning_row(context: Context, topic: str) -> Rows:
    """Under an answer: a story and a lesson about it, as far as they are written."""
    labels = context.talk.learn.buttons
    story, lesson = story_of(context.knowledge, topic), lesson_of(context.knowledge, topic)
    row = (
        *((Button(labels.a_story, act(Do.LEARN, "story", story.id)),) if story else ()),
        *((Button(labels.a_lesson, act(Do.LEARN, "card", lesson.id)),) if lesson else ()),
    )
    return (row,) if row else ()


def home_button(context: Context, card: int | None = None) -> Button:
    """To 学一学, in place of a card or as a new one."""
    return Button(context.labels.learn, act(Do.LEARN, "learn", *(() if card is None else (card,))))
