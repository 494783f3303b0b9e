"""Figures of a period: every one is a query over events, and leads to the cases behind it.

Days, months and quarters are civil ones of Asia/Shanghai. Nothing here holds words or names of anybody.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from operator import attrgetter

from bot.domain.cases import CaseKind, CaseSource, Outcome
from bot.domain.civil_time import local
from bot.domain.ports import Unit
from bot.domain.ports_employers import EmployerSize
from bot.domain.ports_figures import Closing, CountedCase
from bot.services.figure_definitions import By, Figure, belongs, place_of


@dataclass(frozen=True, slots=True)
class Sums:
    """What is added up over cases. `paid` and `proved` count the cases behind the two sums."""

    opened: int = 0
    accepted: int = 0
    closed: int = 0
    mediated: int = 0
    after_mediation: int = 0
    people: int = 0
    helped: int = 0  # cases behind the number of people
    recovered_fen: int = 0
    paid: int = 0
    confirmed_fen: int = 0
    proved: int = 0
    asked_back: int = 0
    rated: int = 0
    stars: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in _SUMMED))


_SUMMED = tuple(one.name for one in fields(Sums))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown; `value` is "" where nothing is known."""

    value: str
    sums: Sums


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """All figures of a period but those of promises. Sums of money are in fen."""

    since: datetime
    until: datetime
    sums: Sums
    withdrawn: int
    lines: Mapping[By, tuple[Line, ...]]

    @property
    def opened(self) -> int:
        return self.sums.opened

    @property
    def accepted(self) -> int:
        return self.sums.accepted

    @property
    def closed(self) -> int:
        return self.sums.closed

    @property
    def mediated(self) -> int:
        return self.sums.mediated

    @property
    def people(self) -> int:
        return self.sums.people

    @property
    def recovered_fen(self) -> int:
        return self.sums.recovered_fen

    @property
    def confirmed_fen(self) -> int:
        return self.sums.confirmed_fen

    @property
    def satisfaction(self) -> float | None:
        """Mean of the stars, 1 to 5."""
        return self.sums.stars / self.sums.rated if self.sums.rated else None


def period_figures(unit: Unit, since: datetime, until: datetime) -> PeriodFigures:
    """The figures from `since` (inclusive) to `until` (exclusive), both aware instants."""
    opened, accepted = unit.figures.opened(since, until), unit.figures.accepted(since, until)
    closings = [(one.case, _of_closing(one), one.outcome) for one in unit.figures.closings(since, until)]
    sizes = unit.figures.employer_sizes()
    return PeriodFigures(
        since=since,
        until=until,
        sums=_total([Sums(opened=len(opened), accepted=len(accepted)), *(sums for _, sums, _ in closings)]),
        withdrawn=len(unit.figures.withdrawn(since, until)),
        lines={by: _broken_down(opened, accepted, closings, by, sizes) for by in By},
    )


def charted(unit: Unit, since: datetime, until: datetime, by: By) -> tuple[Line, ...]:
    """One breakdown with the one column that a chart shows: closed cases by outcome, else accepted ones."""
    accepted, closings = [], list[Counted]()
    if by is By.OUTCOME:
        closings = [(one.case, Sums(closed=1), one.outcome) for one in unit.figures.closings(since, until)]
    else:
        accepted = [*unit.figures.accepted(since, until)]
    return _broken_down([], accepted, closings, by, unit.figures.employer_sizes())


def behind(
    unit: Unit, since: datetime, until: datetime, figure: Figure, by: By | None = None, value: str = ""
) -> list[CountedCase]:
    """The cases behind a counted figure, or behind one line of its breakdown, in the order of time."""
    match figure:
        case Figure.OPENED | Figure.KEPT | Figure.MEDIAN | Figure.P90:
            found = [(case, None) for case in unit.figures.opened(since, until)]
        case Figure.ACCEPTED:
            found = [(case, None) for case in unit.figures.accepted(since, until)]
        case Figure.WITHDRAWN:
            found = [(case, None) for case in unit.figures.withdrawn(since, until)]
        case _:
            closings = unit.figures.closings(since, until)
            return [
                one.case for one in closings
                if belongs(one, figure) and (by is None or _key(unit, by)(one.case, one.outcome) == value)
            ]  # fmt: skip
    key = None if by is None else _key(unit, by)
    return [case for case, outcome in found if key is None or key(case, outcome) == value]


Counted = tuple[CountedCase, Sums, Outcome]
Key = Callable[[CountedCase, Outcome | None], str | None]


def _of_closing(closing: Closing) -> Sums:
    return Sums(
        closed=1,
        mediated=int(belongs(closing, Figure.MEDIATED)),
        after_mediation=int(closing.after_mediation),
        people=closing.people,
        helped=int(closing.people > 0),
        recovered_fen=closing.recovered_fen,
        paid=int(closing.recovered_fen > 0),
        confirmed_fen=closing.confirmed_fen,
        proved=int(closing.confirmed_fen > 0),
        asked_back=int(closing.asked_back),
        rated=int(closing.stars is not None),
        stars=closing.stars or 0,
    )


def _total(parts: Sequence[Sums]) -> Sums:
    """Sum over many, column by column."""
    return Sums(*(sum(map(attrgetter(name), parts)) for name in _SUMMED))


def _broken_down(
    opened: Sequence[CountedCase],
    accepted: Sequence[CountedCase],
    closings: Sequence[Counted],
    by: By,
    sizes: Mapping[str, str],
) -> tuple[Line, ...]:
    place = partial(_value, by, sizes)
    came = Counter(value for case in opened if (value := place(case, None)) is not None)
    taken = Counter(value for case in accepted if (value := place(case, None)) is not None)
    ended: dict[str, list[Sums]] = defaultdict(list)
    for case, sums, outcome in closings:
        ended[place(case, outcome) or ""].append(sums)
    lines = [
        Line(value, _total([Sums(opened=came[value], accepted=taken[value]), *ended.get(value, ())]))
        for value in {*came, *taken, *ended}
    ]
    return tuple(sorted(lines, key=partial(_order, by)))


def _key(unit: Unit, by: By) -> Key:
    return partial(_value, by, unit.figures.employer_sizes() if by is By.SIZE else {})


def _value(by: By, sizes: Mapping[str, str], case: CountedCase, outcome: Outcome | None) -> str | None:
    """On which line of a breakdown a case stands; None where it stands on none."""
    match by:
        case By.KIND:
            return case.kind.value
        case By.DISTRICT:
            return place_of(case)
        case By.SOURCE:
            return case.source
        case By.MONTH:
            day = local(case.at)
            return f"{day.year}-{day.month:02d}"
        case By.OUTCOME:
            return None if outcome is None else outcome.value
        case By.OFFICER:
            return case.assignee or ""
        case By.SIZE:
            return sizes.get(case.employer_id or "", "")


_FIXED_ORDER = {
    By.KIND: [one.value for one in CaseKind],
    By.SOURCE: [one.value for one in CaseSource],
    By.OUTCOME: [one.value for one in Outcome],
    By.SIZE: [one.value for one in EmployerSize],
}


def _order(by: By, line: Line) -> tuple[bool, int, str]:
    """Closed sets in their own order, months in that of time, the rest by size; the unknown last."""
    fixed = _FIXED_ORDER.get(by)
    if fixed is not None:
        rank = fixed.index(line.value) if line.value in fixed else len(fixed)
    else:
        rank = 0 if by is By.MONTH else -line.sums.opened - line.sums.accepted - line.sums.closed
    return line.value == "", rank, line.value
