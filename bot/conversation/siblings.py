"""Topics that people confuse: how they differ, and the one question that tells which is hers."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.actions import Do, Tap, act
from bot.conversation.menu import stale, topic_button
from bot.conversation.turn import Context, Rows, Turn
from bot.domain.reply import Button, Reply
from knowledge.amounts import fill
from knowledge.teaching import Siblings

_FEWEST = 2  # options that lead somewhere; with one there is nothing to ask


@dataclass(frozen=True, slots=True)
class Group:
    """A group with its name, which stands in buttons."""

    name: str
    siblings: Siblings


def tapped(context: Context, tap: Tap) -> Turn:
    """不是这种情况？: the question of a group."""
    found = context.knowledge.siblings.get(tap.verb)
    group = Group(tap.verb, found) if found else None
    if group is None or len(_options(context, group)) < _FEWEST:
        return stale(context)
    context = context.with_session(context.session.at_home())
    return _question(context, group, context.talk.siblings.ask)


def ask_between(context: Context, offered: Sequence[str], last: Rows = ()) -> Turn | None:
    """In place of a choice: the question of a group that holds the likeliest topic and another one offered.

    What is offered first stands first among the options; what is offered besides can be chosen too.
    """

    def held(group: Group) -> int:
        return sum(one in group.siblings.topics for one in offered)

    likeliest = max(groups_of(context, offered[0]), key=held, default=None) if offered else None
    if likeliest is None or held(likeliest) < _FEWEST:
        return None
    others = [topic for topic in offered if topic not in likeliest.siblings.topics]
    rows = tuple((topic_button(context, topic),) for topic in others)
    last = (*rows, *_none(context), *last)
    return _question(context, likeliest, context.talk.siblings.ask, last, offered)


def not_mine(context: Context, topic: str, last: Rows) -> Turn | None:
    """After 不是我的情况: the question of the group of `topic`, if it has one."""
    group = next(iter(groups_of(context, topic)), None)
    return _question(context, group, context.talk.siblings.not_mine, last) if group else None


def groups_of(context: Context, topic: str) -> list[Group]:
    """The groups that hold a topic and have something to ask."""
    groups = (Group(name, one) for name, one in context.knowledge.siblings.items() if topic in one.topics)
    return [group for group in groups if len(_options(context, group)) >= _FEWEST]


def differences(context: Context, topic: str) -> str:
    """How a topic differs from those it is confused with; "" where it stands alone."""
    return "\n\n".join(group.siblings.difference for group in groups_of(context, topic))


def question_rows(context: Context, topic: str) -> Rows:
    """不是这种情况？; where a topic is in several groups the first asks."""
    groups = groups_of(context, topic)[:1]
    return tuple((Button(context.talk.siblings.not_this, act(Do.SIBLINGS, group.name)),) for group in groups)


def _question(
    context: Context, group: Group, text: str, last: Rows | None = None, offered: Sequence[str] = ()
) -> Turn:
    asked = fill(
        context.put(text, question=group.siblings.question),
        context.knowledge.region, context.today, context.organisation.hotline,
    )  # fmt: skip
    rows = (*_options(context, group, offered), *(_none(context) if last is None else last))
    return Turn((Reply(asked, rows),), context.session)


def _options(context: Context, group: Group, offered: Sequence[str] = ()) -> Rows:
    """Answers that lead to topics already written; those `offered` first, as they were."""
    written = [option for option in group.siblings.options if option.topic in context.knowledge.entries]
    order = {topic: place for place, topic in enumerate(offered)}
    written.sort(key=lambda option: order.get(option.topic, len(order)))
    return tuple((Button(option.label, act(Do.TOPIC, option.topic)),) for option in written)


def _none(context: Context) -> Rows:
    return ((Button(context.labels.none_of_these, act(Do.NONE_OF_THESE)),),)
