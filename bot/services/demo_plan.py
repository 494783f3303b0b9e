"""The plan of the demo city: which cases come when, and what happens in each; no store, no clock.

One quarter of it gives exactly the figures that a city published: 50 accepted, 42 mediated, 100 people,
800,000 元. All instants are aware UTC; office hours are those of Asia/Shanghai.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.domain.cases import (
    BY_STAFF,
    Answers,
    CaseKind,
    CaseSource,
    CaseStatus,
    Confirmed,
    NameLevel,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.civil_time import at_clock, civil_day, local, start_of_day
from bot.domain.promises import is_workday
from knowledge.demo import DemoCity, DemoEmployer, DemoStory

T = TypeVar("T")
ACCEPTED, MEDIATED, PEOPLE, RECOVERED_FEN = 50, 42, 100, 80_000_000
FEWEST, ORDINARY = 100, 320
_OTHERS = (Outcome.TO_ARBITRATION,) * 3 + (Outcome.AWARD,) + (Outcome.ADVISED,) * 3
_NEVER_ACCEPTED = 10  # withdrawn at once, or not for the union: they came in the quarter too
_TOGETHER = (20, 12, 8, 6, 5)  # how many more a case of several people helped
_FRESH = (timedelta(minutes=20), timedelta(minutes=45))  # opened so long ago; nobody has them yet
HOME = "home"  # the voice of violence at home: no employer, no mediation
_OUT_OF_SCOPE = "privacy-personal-data"
_HOME_EACH = 40  # so many cases for one of violence at home
_JUST_NOW = timedelta(days=3)
_BUSIER = 1.8  # more of late, so that enough is under way
_EDGE = timedelta(days=10)  # a case of one period is over before the next begins
_YEAR = timedelta(days=365)

KINDS = {
    CaseKind.WAGES: 30, CaseKind.MATERNITY: 24, CaseKind.DISMISSAL: 16, CaseKind.INSURANCE: 9,
    CaseKind.CONTRACT: 8, CaseKind.INJURY: 5, CaseKind.HARASSMENT: 4, CaseKind.DISCRIMINATION: 2,
    CaseKind.OTHER: 2,
}  # fmt: skip
SOURCES = {
    CaseSource.WEBCHAT: 52, CaseSource.TELEGRAM: 12, CaseSource.HOTLINE: 17, CaseSource.VISIT: 12,
    CaseSource.INSPECTION: 3, CaseSource.TRANSFERRED: 4,  # 微信 is passed on at the desk: there is no channel
}  # fmt: skip
OUTCOMES = {
    Outcome.MEDIATED: 58, Outcome.TO_ARBITRATION: 12, Outcome.AWARD: 6, Outcome.JUDGMENT: 3,
    Outcome.ADVISED: 15, Outcome.OUT_OF_SCOPE: 6,
}  # fmt: skip
_LONG_ONES = {Outcome.AWARD: 14, Outcome.JUDGMENT: 10}  # more of them still run at the end
LEVELS = {NameLevel.ANONYMOUS: 55, NameLevel.UNION_ONLY: 30, NameLevel.NAMED: 15}
EVIDENCE = {
    RecoveredEvidence.TRANSFER: 50, RecoveredEvidence.AGREEMENT: 28, RecoveredEvidence.RECEIPT: 14,
    RecoveredEvidence.HER_WORD: 8,
}  # fmt: skip
WON = {
    CaseKind.WAGES: RecoveredKind.WAGES, CaseKind.MATERNITY: RecoveredKind.ALLOWANCE,
    CaseKind.DISMISSAL: RecoveredKind.SEVERANCE, CaseKind.CONTRACT: RecoveredKind.COMPENSATION,
    CaseKind.INSURANCE: RecoveredKind.INSURANCE, CaseKind.INJURY: RecoveredKind.INJURY,
}  # fmt: skip
CONFIRMED = {Confirmed.YES: 62, Confirmed.PARTLY: 8, Confirmed.NO: 4}
_ROADS = {
    Outcome.MEDIATED: (CaseStatus.MEDIATING,),
    Outcome.TO_ARBITRATION: (CaseStatus.MEDIATING, CaseStatus.ARBITRATION),
    Outcome.AWARD: (CaseStatus.LEGAL_AID, CaseStatus.ARBITRATION),
    Outcome.JUDGMENT: (CaseStatus.ARBITRATION, CaseStatus.LAWSUIT),
    Outcome.ADVISED: (CaseStatus.ADVISING,),
    Outcome.OUT_OF_SCOPE: (CaseStatus.REFERRED,),
}


class Act(StrEnum):
    """What can happen in a case of the demo."""

    OPEN = "open"
    CLAIM = "claim"
    DRAFT = "draft"
    APPROVE = "approve"
    SEND = "send"
    CALL = "call"
    HER_WORDS = "her_words"
    UPDATE = "update"  # a short word on how it stands
    PAUSE = "pause"
    NOTE = "note"
    MOVE = "move"
    CLOSE = "close"
    CONFIRM = "confirm"
    RATE = "rate"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    act: Act
    value: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """One case from its opening to its end."""

    key: int
    source: CaseSource
    kind: CaseKind
    topic: str
    answers: Answers
    level: NameLevel
    urgent: bool
    steps: tuple[Step, ...]
    outcome: Outcome | None = None
    people: int = 0
    fen: int = 0
    evidence: RecoveredEvidence | None = None

    @property
    def won(self) -> RecoveredKind:
        return WON.get(self.kind, RecoveredKind.COMPENSATION)


@dataclass(frozen=True, slots=True)
class Plan:
    """All lives, and the quarter with the published figures (civil days, the last one not included)."""

    lives: tuple[Life, ...]
    since: date
    until: date

    def in_order(self, until: datetime) -> list[tuple[Step, Life]]:
        """Everything that happens up to an instant, as it happens."""
        happens = ((step, life) for life in self.lives for step in life.steps if step.at <= until)
        return sorted(happens, key=lambda pair: (pair[0].at, pair[1].key))


def make_plan(city: DemoCity, districts: tuple[str, ...], now: datetime, seed: int, cases: int) -> Plan:
    """A year of `cases` cases up to `now`; the same seed makes the same city."""
    writer = _Writer(city, districts, random.Random(seed), now)
    since, until = last_quarter(civil_day(now))
    begins, ends = start_of_day(since), start_of_day(until)
    spans = [(now - _YEAR, begins), (ends, now)]
    left = max(cases, FEWEST) - ACCEPTED - _NEVER_ACCEPTED - len(_FRESH) - 1
    past, running = ((stop - start).total_seconds() for start, stop in spans)
    before = round(left * past / (past + _BUSIER * running))
    lives = [
        *writer.others(before, *spans[0], finished=True),
        *writer.quarter(begins, ends),
        *writer.others(left - before, *spans[1], finished=False),
        writer.at_home(max(ends, now - _JUST_NOW), now, finished=False),
        *writer.fresh(),
    ]
    return Plan(tuple(lives), since, until)


def last_quarter(today: date) -> tuple[date, date]:
    """The last quarter that is over: its first day, and the day after its last."""
    until = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    before = until - timedelta(days=1)
    return date(before.year, (before.month - 1) // 3 * 3 + 1, 1), until


class _Writer:
    """Invents lives from one source of chance."""

    def __init__(
        self, city: DemoCity, districts: tuple[str, ...], source: random.Random, now: datetime
    ) -> None:
        self._city, self._districts, self._chance, self._now = city, districts, source, now
        self._key = 0
        kinds = [kind for kind in KINDS if kind.value in city.stories]
        # Trouble repeats where it is made: each employer has two kinds that come again and again.
        self._habits = {one.name: source.sample(kinds, 2) for one in city.employers}

    def quarter(self, begins: datetime, ends: datetime) -> Iterator[Life]:
        """The lives of the quarter whose figures are known beforehand."""
        chance = self._chance
        outcomes: list[Outcome | None] = [*(Outcome.MEDIATED for _ in range(MEDIATED)), *_OTHERS]
        outcomes += [None] * (ACCEPTED - len(outcomes))  # she withdrew after it was accepted
        chance.shuffle(outcomes)
        lives = [self._life(begins, ends, outcome, finished=True) for outcome in outcomes]
        yield from self._with_sums(lives)
        for number in range(_NEVER_ACCEPTED):
            yield self._never_accepted(begins, ends, withdrawn=number % 5 < 3)

    def others(self, count: int, begins: datetime, ends: datetime, *, finished: bool) -> Iterator[Life]:
        """Lives of any outcome; where not `finished`, some still run at the end."""
        for number in range(count):
            if number % _HOME_EACH == _HOME_EACH // 2:
                yield self.at_home(begins, ends, finished=finished)
                continue
            likely = OUTCOMES if finished else OUTCOMES | _LONG_ONES
            outcome = None if self._chance.random() < 0.04 else _pick(self._chance, likely)
            life = self._life(begins, ends, outcome, finished=finished)
            if life.outcome is Outcome.MEDIATED:
                people = 1 if self._chance.random() < 0.9 else self._chance.randint(2, 12)
                life = replace(life, people=people)
            if life.outcome in (Outcome.MEDIATED, Outcome.AWARD, Outcome.JUDGMENT) and self._money(life):
                life = self._won(life, round(self._chance.lognormvariate(9.3, 0.8)) // 10 * 1_000 + 1_000)
            yield life

    def at_home(self, begins: datetime, ends: datetime, *, finished: bool) -> Life:
        """Violence at home: she is told where to turn, and helped there."""
        return self._life(begins, ends, Outcome.ADVISED, finished=finished, home=True)

    def fresh(self) -> Iterator[Life]:
        """Lives that have only just begun: they wait in the queue."""
        for ago in _FRESH:
            life = self._told(self._now - ago, Outcome.MEDIATED)
            yield replace(life, source=CaseSource.WEBCHAT, steps=(Step(self._now - ago, Act.OPEN),))

    def _money(self, life: Life) -> bool:
        return life.kind in WON and self._chance.random() < 0.85

    def _won(self, life: Life, fen: int) -> Life:
        ruled = life.outcome in (Outcome.AWARD, Outcome.JUDGMENT)
        evidence = RecoveredEvidence.RULING if ruled else _pick(self._chance, EVIDENCE)
        return replace(life, fen=fen, evidence=evidence)

    def _with_sums(self, lives: list[Life]) -> list[Life]:
        """People and sums so that the quarter gives exactly what was published."""
        mediated = [at for at, life in enumerate(lives) if life.outcome is Outcome.MEDIATED]
        together = sorted(mediated, key=lambda at: lives[at].kind is not CaseKind.WAGES)
        for at, more in zip(together, _TOGETHER, strict=False):
            lives[at] = replace(lives[at], people=lives[at].people + more)
        first = mediated[0]
        missing = PEOPLE - sum(life.people for life in lives)
        lives[first] = replace(lives[first], people=lives[first].people + missing)
        paid = [at for at in mediated if lives[at].kind in WON]
        shares = [self._chance.lognormvariate(0, 0.7) * lives[at].people ** 0.5 for at in paid]
        left = RECOVERED_FEN
        for at, share in list(zip(paid, shares, strict=True))[1:]:
            fen = round(RECOVERED_FEN * share / sum(shares) / 1_000) * 1_000
            left -= fen
            lives[at] = self._won(lives[at], fen)
        lives[paid[0]] = self._won(lives[paid[0]], left)
        return lives

    def _life(
        self,
        begins: datetime,
        ends: datetime,
        outcome: Outcome | None,
        *,
        finished: bool,
        home: bool = False,
    ) -> Life:
        chance = self._chance
        latest = ends - _EDGE if finished else ends
        opened = begins + (latest - begins) * chance.random()
        opened = self._awake(max(opened, begins + timedelta(hours=9)))
        if home:
            opened = self._in_the_morning(opened, begins)
        life = self._told(opened, outcome, home=home)
        closed_now = life.source in BY_STAFF and _office(opened, chance) > self._now
        # A demo is never joined to Telegram: what still runs could never be answered there.
        if closed_now or (not finished and life.source is CaseSource.TELEGRAM):
            life = replace(life, source=CaseSource.WEBCHAT)
        steps = [Step(opened, Act.OPEN)]
        by_staff = life.source in BY_STAFF
        if by_staff:  # who writes it down takes it on, and nobody can be written to
            at = _office(opened, chance)
            steps = [Step(at, Act.OPEN), Step(at, Act.CALL), Step(at + timedelta(minutes=4), Act.PAUSE)]
        else:
            at = _office(opened + timedelta(minutes=chance.randint(3, 45)), chance)
            if chance.random() < 0.06:
                at = _office(at + timedelta(days=1), chance)  # nobody is perfect
            steps.append(Step(at, Act.CLAIM))
            at = _office(at + timedelta(minutes=chance.randint(10, 40)), chance)
            steps += _answered(at)
        last = ends - timedelta(days=1) if finished else ends + timedelta(days=60)
        steps += self._work(at, last, outcome, life)
        people = 0 if outcome in (None, Outcome.OUT_OF_SCOPE) else 1
        return replace(life, steps=_one_after_another(steps), outcome=outcome, people=people)

    def _work(self, begun: datetime, last: datetime, outcome: Outcome | None, life: Life) -> Iterator[Step]:
        """From the first answer to the end, never past `last`; None: she withdraws."""
        chance, by_staff = self._chance, life.source in BY_STAFF
        days = {Outcome.AWARD: 55, Outcome.JUDGMENT: 100}.get(outcome or Outcome.ADVISED, 16)
        end = min(begun + timedelta(days=days * (0.4 + chance.random())), last)
        room = end - begun
        if not by_staff and chance.random() < 0.7:
            yield Step(begun + room * 0.15, Act.HER_WORDS)
            soon = begun + room * 0.15 + timedelta(minutes=chance.randint(20, 150))
            yield Step(_office(soon, chance, last), Act.UPDATE)
        if outcome is None:
            yield Step(begun + room * 0.3, Act.WITHDRAW)
            return
        for place, status in enumerate(self._road(life, outcome)):
            at = _office(begun + room * (0.25 + 0.3 * place), chance, last)
            yield Step(at, Act.MOVE, status.value)
            if chance.random() < 0.5:
                yield Step(at + timedelta(minutes=5), Act.NOTE)
        if chance.random() < 0.4:
            yield Step(_office(begun + room * 0.8, chance, last), Act.CALL)
        closed = _office(end, chance, last)
        yield Step(closed, Act.CLOSE)
        if by_staff:
            return
        if chance.random() < 0.7:
            answered = closed + timedelta(days=chance.random() * 12, hours=2)
            yield Step(answered, Act.CONFIRM, _pick(chance, CONFIRMED).value)
            if chance.random() < 0.8:
                stars = chance.choices((5, 4, 3, 2, 1), (55, 28, 10, 5, 2))[0]
                yield Step(answered + timedelta(minutes=1), Act.RATE, str(stars))

    def _never_accepted(self, begins: datetime, ends: datetime, *, withdrawn: bool) -> Life:
        """It ends within the hour, before anybody has taken it up."""
        day = begins + (ends - begins - _EDGE) * self._chance.random()
        opened = _office(start_of_day(civil_day(day)) + timedelta(hours=9), self._chance)
        outcome = None if withdrawn else Outcome.OUT_OF_SCOPE
        life = replace(self._told(opened, outcome), source=CaseSource.WEBCHAT)
        end = opened + timedelta(minutes=self._chance.randint(4, 12))
        if withdrawn:
            return replace(life, steps=(Step(opened, Act.OPEN), Step(end, Act.WITHDRAW)))
        steps = (Step(opened, Act.OPEN), Step(end, Act.CLOSE))
        return replace(life, steps=steps, outcome=Outcome.OUT_OF_SCOPE)

    def _road(self, life: Life, outcome: Outcome) -> tuple[CaseStatus, ...]:
        """The states on the way; a question is answered here, or where the matter belongs."""
        story = self._city.story(life.topic)
        if outcome is Outcome.ADVISED and (story.own == HOME or self._chance.random() < 0.4):
            return (CaseStatus.REFERRED,)
        return _ROADS[outcome]

    def _tale(
        self, employer: DemoEmployer, outcome: Outcome | None, *, home: bool
    ) -> tuple[CaseKind, DemoStory]:
        """A story that can end so; six in ten are what is usual at this employer."""
        known = [(kind, one) for kind in KINDS for one in self._city.stories.get(kind.value, ())]
        fitting = [(kind, one) for kind, one in known if _fits(kind, one, outcome, home=home)]
        usual = [(kind, one) for kind, one in fitting if kind in self._habits[employer.name]]
        if usual and self._chance.random() < 0.6:
            return self._chance.choice(usual)
        weights = [KINDS[kind] / len(self._city.stories[kind.value]) for kind, _ in fitting]
        return self._chance.choices(fitting, weights)[0]

    def _told(self, opened: datetime, outcome: Outcome | None, *, home: bool = False) -> Life:
        chance, city = self._chance, self._city
        self._key += 1
        employer = chance.choices(city.employers, [one.busy for one in city.employers])[0]
        kind, story = self._tale(employer, outcome, home=home)
        voice = city.voice(kind.value, story.topic)
        level = _pick(chance, LEVELS)
        answers = Answers(
            happened=story.text,
            since=chance.choice(voice.since),
            district=self._district_of(employer),
            employer=chance.choice([employer.name, employer.name, *employer.also]),
            evidence=chance.choice(voice.evidence),
            wish=chance.choice(voice.wish),
        )
        source = CaseSource.WEBCHAT if home else _pick(chance, SOURCES)
        urgent = story.own == HOME or (kind is CaseKind.HARASSMENT and chance.random() < 0.1)
        return Life(self._key, source, kind, story.topic, answers, level, urgent, ())

    def _district_of(self, employer: DemoEmployer) -> str:
        place = [one.name for one in self._city.employers].index(employer.name)
        return self._districts[place % len(self._districts)]

    def _in_the_morning(self, at: datetime, begins: datetime) -> datetime:
        """The last morning of a working day up to then, so that somebody is there at once."""
        day = civil_day(at)
        while day >= civil_day(begins):
            morning = at_clock(day, self._chance.choice((9, 10)), self._chance.randrange(60))
            if is_workday(day) and begins <= morning <= self._now:
                return morning
            day -= timedelta(days=1)
        return at

    def _awake(self, at: datetime) -> datetime:
        """Women write in the evening as well, hardly at night."""
        hour = self._chance.choice((9, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21, 22))
        return min(at_clock(civil_day(at), hour, self._chance.randrange(60)), self._now)


def _fits(kind: CaseKind, story: DemoStory, outcome: Outcome | None, *, home: bool) -> bool:
    """Whether a story may end like that: nobody sues over a question, violence at home is apart."""
    if home or story.own == HOME:
        return home and story.own == HOME
    match outcome:
        case Outcome.OUT_OF_SCOPE:
            return story.topic == _OUT_OF_SCOPE
        case Outcome.TO_ARBITRATION | Outcome.AWARD | Outcome.JUDGMENT:
            return kind in WON
        case Outcome.MEDIATED | None:
            return story.topic != _OUT_OF_SCOPE
        case _:
            return True


def _one_after_another(steps: list[Step]) -> tuple[Step, ...]:
    """Office hours push moments about: what comes later in the list comes later in time."""
    made: list[Step] = []
    for step in steps:
        earliest = made[-1].at + timedelta(minutes=1) if made else step.at
        made.append(replace(step, at=max(step.at, earliest)))
    return tuple(made)


def _answered(at: datetime) -> list[Step]:
    """Draft, second look, sent: within the half hour."""
    half = timedelta(minutes=14)
    return [Step(at, Act.DRAFT), Step(at + half, Act.APPROVE), Step(at + 2 * half, Act.SEND)]


def _office(at: datetime, chance: random.Random, last: datetime | None = None) -> datetime:
    """The same moment, or the next one at which somebody sits at the desk; never after `last`."""
    shown = local(at)
    day, hour = shown.date(), shown.hour
    moved = at
    if not is_workday(day) or hour >= 17:
        day += timedelta(days=1)
        while not is_workday(day):
            day += timedelta(days=1)
        moved = at_clock(day, 9, chance.randint(2, 55))
    elif hour < 9:
        moved = at_clock(day, 9, chance.randint(2, 55))
    elif 12 <= hour < 14:
        moved = at_clock(day, 14, chance.randint(2, 40))
    return min(moved, last) if last is not None else moved


def _pick(chance: random.Random, weighted: Mapping[T, int]) -> T:
    return chance.choices(list(weighted), list(weighted.values()))[0]
