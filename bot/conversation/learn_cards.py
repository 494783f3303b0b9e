"""How what teaches looks: lists, stories, lessons with their questions, tips. All of it on one card."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from bot.conversation.actions import Do, act
from bot.conversation.answer_card import filled
from bot.conversation.learn_links import home_button, lessons, stories, story_of
from bot.conversation.menu import topic_button
from bot.conversation.turn import Context, Organisation, Rows
from bot.domain.civil_time import plain_day
from bot.domain.reply import Button, Reply
from knowledge.amounts import fill
from knowledge.base import Citation, Review, ReviewStatus
from knowledge.models import Knowledge
from knowledge.teaching import Lesson, LessonCheck, Story, Tip
from knowledge.wording import Wording

Learned = TypeVar("Learned", Story, Lesson)

A_PAGE = 6
TODAY = "today"
WEB = "webchat"
_LETTERS = "ABCD"
_LABEL = 12  # longer options stand in the text, under letters
_ONE_ROW = 12  # so many signs of options fit side by side on a phone


def pages(count: int) -> int:
    """How many pages a list of so many lines has."""
    return -(-count // A_PAGE)


def _to(label: str, verb: str, *args: str | int) -> Button:
    return Button(label, act(Do.LEARN, verb, *args))


def _card(text: str, rows: Rows, card: int) -> Reply:
    return Reply(text, tuple(row for row in rows if row), card=f"learn:{card}", bold=True)


def _menu(context: Context) -> Button:
    return Button(context.labels.menu, act(Do.MENU))


def _person(context: Context, topic: str) -> Button:
    return Button(context.labels.open_case, act(Do.OPEN_CASE, "start", topic))


def _topics(context: Context, topics: Sequence[str]) -> Rows:
    """A button for each topic that has an answer."""
    return tuple((topic_button(context, topic),) for topic in topics if topic in context.knowledge.entries)


# ── 学一学 and its lists ─────────────────────────────────────────────────────────────────────────────


def home_card(context: Context, card: int) -> Reply:
    """What there is to learn, as far as it is written."""
    words, labels, knowledge = context.talk.learn, context.talk.learn.buttons, context.knowledge
    offers = (
        (words.home_stories, _to(labels.stories, "stories", 0, card) if knowledge.stories else None),
        (words.home_lessons, _to(labels.lessons, "lessons", 0, card) if knowledge.lessons else None),
        (words.home_tips, _to(labels.tips, "tips", TODAY, card) if knowledge.tips else None),
        (words.home_handbook, handbook_link(context, labels.handbook)),
    )
    shown = [(line, button) for line, button in offers if button]
    buttons = [button for _, button in shown]
    rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
    text = context.put(words.home, lines="\n".join(line for line, _ in shown))
    return _card(text, (*rows, (_menu(context),)), card)


def handbook_link(context: Context, label: str) -> Button | None:
    """The handbook is a page of ours: next door from the web chat, elsewhere under our public address."""
    if context.look.channel == WEB:
        return Button(label, url="/handbook")
    there = context.public_url.startswith("https://")  # without one, nobody outside could open it
    return Button(label, url=f"{context.public_url}/handbook") if there else None


def story_list(context: Context, page: int, card: int) -> Reply:
    """One page of stories by their titles."""
    found = [(story.title, ("story", story.id, card)) for story in stories(context.knowledge)]
    return _list(context, context.talk.learn.stories, "stories", found, page, card)


def lesson_list(context: Context, page: int, card: int) -> Reply:
    """One page of lessons by their titles."""
    found = [(lesson.title, ("card", lesson.id, 0, card)) for lesson in lessons(context.knowledge)]
    return _list(context, context.talk.learn.lessons, "lessons", found, page, card)


def _list(
    context: Context,
    words: str,
    verb: str,
    found: Sequence[tuple[str, tuple[str | int, ...]]],
    page: int,
    card: int,
) -> Reply:
    labels, of = context.talk.learn.buttons, pages(len(found))
    shown = found[page * A_PAGE : (page + 1) * A_PAGE]
    rows = tuple((Button(title, act(Do.LEARN, *action)),) for title, action in shown)
    turn = (
        *((_to(labels.last_page, verb, page - 1, card),) if page > 0 else ()),
        *((_to(labels.next_page, verb, page + 1, card),) if page + 1 < of else ()),
    )
    text = context.put(words, page=page + 1, pages=of)
    return _card(text, (*rows, turn, (home_button(context, card), _menu(context))), card)


# ── 以案释法 ─────────────────────────────────────────────────────────────────────────────────────────


def story_begin(context: Context, story: Story, card: int) -> Reply:
    """What happened and what it is about; how it went on is one tap away."""
    words, labels = context.talk.learn, context.talk.learn.buttons
    text = context.put(
        words.story,
        label=words.story_label,
        title=story.title,
        happened=filled(context, story.happened),
        at_issue=filled(context, story.at_issue),
    )
    onward = (_to(labels.what_came, "end", story.id, card),)
    way_out = (_to(labels.stories, "stories", page_of(context, story), card), _person(context, story.topic))
    return _card(text, (onward, *_topics(context, (story.topic,)), way_out), card)


def story_end(context: Context, story: Story, card: int) -> Reply:
    """How it ended, why, and what she can do."""
    words, labels = context.talk.learn, context.talk.learn.buttons
    steps = (
        context.put(words.step, number=number, text=filled(context, step))
        for number, step in enumerate(story.what_to_do, 1)
    )
    text = context.put(
        words.story_end,
        label=words.story_label,
        title=story.title,
        outcome=filled(context, story.outcome),
        grounds=filled(context, story.grounds),
        citations=_citations(context, story.citations),
        what_to_do="\n".join(steps),
        review=_review(context, story.review),
    )
    again = _to(labels.from_start, "story", story.id, card)
    following = _after(stories(context.knowledge), story)
    onward = (again, *((_to(labels.next_story, "story", following.id, card),) if following else ()))
    way_out = (_to(labels.stories, "stories", page_of(context, story), card), _person(context, story.topic))
    return _card(text, (*_topics(context, (story.topic,)), onward, way_out), card)


def page_of(context: Context, story: Story) -> int:
    """The page of the list on which a story stands."""
    return stories(context.knowledge).index(story) // A_PAGE


def _citations(context: Context, citations: Sequence[Citation]) -> str:
    line = context.talk.learn.citation
    return "\n".join(context.put(line, citation=citation.in_words()) for citation in citations)


def _review(context: Context, review: Review) -> str:
    words = context.talk.ask
    if review.status is ReviewStatus.REVIEWED and review.on:
        return context.put(words.reviewed, day=plain_day(review.on))
    return words.unreviewed


# ── 云课堂 ───────────────────────────────────────────────────────────────────────────────────────────


def lesson_card(context: Context, lesson: Lesson, at: int, card: int) -> Reply:
    """Card `at` (from 0) of a lesson."""
    words, labels, shown = context.talk.learn, context.talk.learn.buttons, lesson.cards[at]
    text = context.put(
        words.lesson_card,
        title=lesson.title,
        number=at + 1,
        of=len(lesson.cards),
        card=shown.title,
        text=filled(context, shown.text),
    )
    back = (_to(labels.last_card, "card", lesson.id, at - 1, card),) if at > 0 else ()
    last = at + 1 == len(lesson.cards)
    on = (
        _to(labels.to_checks, "ask", lesson.id, 0, card)
        if last
        else _to(labels.next_card, "card", lesson.id, at + 1, card)
    )
    return _card(text, ((*back, on), _lesson_way_out(context, lesson, card)), card)


def check_card(context: Context, lesson: Lesson, number: int, card: int) -> Reply:
    """Question `number` (from 0); the options are the buttons, long ones under letters."""
    check = lesson.checks[number]
    text = _check_text(context, context.talk.learn.check, lesson, number)
    if _in_letters(check):
        options = (
            context.put(context.talk.contest.option, letter=letter, text=filled(context, option))
            for letter, option in zip(_LETTERS, check.options, strict=False)
        )
        text += "\n\n" + "\n".join(options)
    labels = _LETTERS if _in_letters(check) else check.options
    buttons = [
        _to(labels[at], "pick", lesson.id, number, at, card)
        for at in range(min(len(check.options), len(labels)))
    ]
    side_by_side = _in_letters(check) or sum(map(len, check.options)) <= _ONE_ROW
    rows = (tuple(buttons),) if side_by_side else tuple((button,) for button in buttons)
    again = (_to(context.talk.learn.buttons.read_again, "card", lesson.id, 0, card),)
    return _card(text, (*rows, again), card)


def checked_card(context: Context, lesson: Lesson, number: int, choice: int, card: int) -> Reply:
    """Right or not, in kind words, and why; then on."""
    words, labels, check = context.talk.learn, context.talk.learn.buttons, lesson.checks[number]
    right = choice == check.answer
    text = _check_text(
        context,
        words.check_done,
        lesson,
        number,
        verdict=words.right
        if right
        else context.put(words.wrong, answer=filled(context, check.options[check.answer])),
        explanation=filled(context, check.explanation),
    )
    last = number + 1 == len(lesson.checks)
    on = (
        _to(labels.done, "done", lesson.id, card)
        if last
        else _to(labels.next_check, "ask", lesson.id, number + 1, card)
    )
    again = _to(labels.read_again, "card", lesson.id, 0, card)
    return _card(text, ((again, on), _lesson_way_out(context, lesson, card)), card)


def _check_text(context: Context, words: str, lesson: Lesson, number: int, **facts: str) -> str:
    text = filled(context, lesson.checks[number].text)
    of = len(lesson.checks)
    return context.put(words, title=lesson.title, number=number + 1, of=of, text=text, **facts)


def _in_letters(check: LessonCheck) -> bool:
    return any(len(option) > _LABEL for option in check.options)


def lesson_done(context: Context, lesson: Lesson, card: int) -> Reply:
    """The end: the answers behind it, its law, another lesson, a person."""
    words, labels = context.talk.learn, context.talk.learn.buttons
    text = context.put(
        words.lesson_done,
        title=lesson.title,
        citations=_citations(context, lesson.citations),
        review=_review(context, lesson.review),
    )
    told = (story_of(context.knowledge, topic) for topic in lesson.topics)
    story = next((one for one in told if one), None)
    following = _after(lessons(context.knowledge), lesson)
    more = (
        *((_to(labels.next_lesson, "card", following.id, 0, card),) if following else ()),
        *((_to(labels.a_story, "story", story.id, card),) if story else ()),
    )
    rows = (*_topics(context, lesson.topics), more, _lesson_way_out(context, lesson, card))
    return _card(text, rows, card)


def _lesson_way_out(context: Context, lesson: Lesson, card: int) -> tuple[Button, ...]:
    page = lessons(context.knowledge).index(lesson) // A_PAGE
    label = context.talk.learn.buttons.lessons
    return (_to(label, "lessons", page, card), _person(context, lesson.topics[0]))


def _after(everything: Sequence[Learned], this: Learned) -> Learned | None:
    """The next one, the first again after the last; None where there is no other."""
    following = everything[(everything.index(this) + 1) % len(everything)]
    return following if following is not this else None


# ── 小工说法 ─────────────────────────────────────────────────────────────────────────────────────────


def tip_card(context: Context, place: int, card: int, note: str = "", *, weekly: bool | None = None) -> Reply:
    """The tip at `place`; `weekly`: whether she gets one a week (as it is kept, where nothing is said)."""
    words, labels, tips = context.talk.learn, context.talk.learn.buttons, context.knowledge.tips
    tip = tips[place]
    is_on = context.look.gets_tips() if weekly is None else weekly
    text = context.put(words.tip, text=filled(context, tip.text), law=tip.citation.in_words())
    if note or is_on:
        text += "\n\n" + (note or words.weekly_is_on)
    other = (_to(labels.next_tip, "tips", tips[(place + 1) % len(tips)].id, card),) if len(tips) > 1 else ()
    wish = _to(labels.stop, "stop", tip.id, card) if is_on else _to(labels.weekly, "weekly", tip.id, card)
    way_out = (home_button(context, card), _person(context, tip.topic))
    return _card(text, (*_topics(context, (tip.topic,)), (*other, wish), way_out), card)


def weekly_tip(
    knowledge: Knowledge, wording: Wording, organisation: Organisation, tip: Tip, today: date
) -> Reply:
    """The tip that comes by itself: neutral from its first sign on, without a sound, with its own stop."""
    words, labels = wording.talk.learn, wording.talk.buttons
    said = fill(tip.text, knowledge.region, today, organisation.hotline)
    text = organisation.put(words.weekly, text=said, law=tip.citation.in_words())
    entry = knowledge.entries.get(tip.topic)
    topic = (Button(entry.title, act(Do.TOPIC, entry.id)),) if entry else ()
    last = (_to(words.buttons.stop, "stop"), Button(labels.learn, act(Do.LEARN, "learn")))
    return Reply(text, (*((topic,) if topic else ()), last), quiet=True)
