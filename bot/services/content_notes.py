"""The curators' queue: questions without an answer, answers that did not help. All of it is masked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz, process

from bot.domain.ports import Unit
from bot.domain.ports_staff import NoteCount, Unanswered
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import on_duty, require
from bot.services.content_library import Library

WEEK = timedelta(days=7)
MOST_READ = 1000  # notes of a week that are compared with each other
MOST_AT_ONCE = 300  # notes marked by one press of a button
_ALIKE = 75.0  # percent of rapidfuzz over words and meanings: 食堂饭菜难吃 and 食堂的饭太难吃了


@dataclass(frozen=True, slots=True)
class Gist:
    """Notes that ask the same in other words, newest first; `said` is the commonest way to say it."""

    said: str
    notes: tuple[Unanswered, ...]

    @property
    def waiting(self) -> tuple[int, ...]:
        """Numbers of the notes nobody has dealt with."""
        return tuple(note.seq for note in self.notes if note.done_at is None)

    @property
    def other_ways(self) -> tuple[str, ...]:
        """The other ways to say it, each once."""
        return tuple(dict.fromkeys(note.masked for note in self.notes if note.masked != self.said))

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics whose answers did not help, each once."""
        return tuple(dict.fromkeys(note.topic for note in self.notes if note.topic))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why they were noted, the commonest first."""
        return tuple(reason for reason, _ in Counter(note.reason for note in self.notes).most_common())


@dataclass(frozen=True, slots=True)
class Votes:
    """What people said of one topic's answer; `waiting` are the notes on it that nobody has dealt with."""

    helped: int = 0
    not_clear: int = 0
    not_mine: int = 0
    waiting: int = 0

    @property
    def against(self) -> int:
        return self.not_clear + self.not_mine


def votes_by_topic(unit: Unit) -> dict[str, Votes]:
    """Of every topic that anybody said anything about."""
    counted = unit.feedback.counts()
    helped = unit.feedback.helped_counts()
    topics = dict.fromkeys([*helped, *(one.topic for one in counted if one.topic)])
    return {topic: _votes(topic, helped.get(topic, 0), counted) for topic in topics}


def _votes(topic: str, helped: int, counted: Sequence[NoteCount]) -> Votes:
    mine = [one for one in counted if one.topic == topic]
    total = {one.reason: one.total for one in mine}
    return Votes(
        helped, total.get("not_clear", 0), total.get("not_mine", 0), sum(one.waiting for one in mine)
    )


def mark_done(unit: Unit, actor: StaffMember, numbers: Sequence[int], now: datetime) -> Sequence[int]:
    """Take notes off the queue; those that waited until now. One audit line an act, with the numbers."""
    member = on_duty(unit, actor)
    require(member, Power.SEE_CONTENT)
    marked = unit.feedback.mark_done(numbers[:MOST_AT_ONCE], member.id, now)
    if marked:
        facts = {"notes": " ".join(map(str, marked))}
        unit.audit.append(member.id, "notes_done", "unanswered", now, facts)
    return marked


def of_the_week(unit: Unit, now: datetime) -> Sequence[Unanswered]:
    """Notes of the last seven days, newest first."""
    return unit.feedback.since(now - WEEK, MOST_READ)


def by_gist(library: Library, notes: Sequence[Unanswered]) -> list[Gist]:
    """Notes that say the same, the commonest first."""
    vocabulary = library.vocabulary
    groups: list[list[Unanswered]] = []
    firsts: list[list[str]] = []  # words and meanings of each group's first note
    same: dict[str, list[Unanswered]] = {}
    for note in notes:
        written = vocabulary.gist(vocabulary.clean(note.masked)) or note.masked
        if written not in same:
            words = written.split()
            near = process.extractOne(words, firsts, scorer=fuzz.ratio, score_cutoff=_ALIKE)
            if near is None:
                groups.append([])
                firsts.append(words)
            same[written] = groups[near[2] if near else -1]
        same[written].append(note)
    return sorted(map(_gist, groups), key=lambda gist: -len(gist.notes))


def _gist(notes: Sequence[Unanswered]) -> Gist:
    ((said, _),) = Counter(note.masked for note in notes).most_common(1)
    return Gist(said, tuple(notes))
