"""Figures as people read them: texts with units, small cells kept back from whoever is not of the team.

The page, the report and the command line all show these; none of them sees a raw number of a masked cell.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter

from bot.domain.money import yuan
from bot.domain.periods import of_month
from bot.services.case_messages import fill
from bot.services.figure_definitions import SMALL_CELL, By, Figure, columns_of
from bot.services.figures import Line, PeriodFigures, Sums
from bot.services.first_answers import Promptness
from bot.services.small_cells import Mask, is_small, masks, stricter
from knowledge.wording import Wording


@dataclass(frozen=True, slots=True)
class Cell:
    """One number as it is shown. `number` is None where it is kept back; `leads`: cases may be looked up."""

    text: str
    number: int | None = None
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the period with its definition."""

    figure: Figure
    name: str
    cell: Cell
    unit: str
    means: str


@dataclass(frozen=True, slots=True)
class Row:
    value: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A breakdown; `total` is its last row."""

    by: By
    title: str
    means: str
    figures: tuple[Figure, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads: `exact` for the team; names of staff by id, where they may be shown."""

    exact: bool
    staff: Mapping[str, str]


def headlines(
    figures: PeriodFigures, prompt: Promptness, viewer: Viewer, wording: Wording
) -> tuple[Headline, ...]:
    """The figures of the whole period."""
    shown = _Headlines(figures, prompt, viewer, wording)
    words = wording.figures
    cells = {figure: shown.cell(figure) for figure in Figure}
    units = {
        figure: "" if cell.text == words.kept_back else words.units.get(figure, "")
        for figure, cell in cells.items()
    }
    return tuple(
        Headline(figure, words.names[figure], cells[figure], units[figure], words.means[figure])
        for figure in Figure
    )


def tables(
    figures: PeriodFigures, viewer: Viewer, wording: Wording, wanted: Sequence[By]
) -> tuple[Table, ...]:
    """The breakdowns that are wanted, without those that say nothing."""
    made = (_table(figures, by, viewer, wording) for by in wanted)
    return tuple(table for table in made if table.rows and not (table.by is By.MONTH and len(table.rows) < 2))


def chart_of(
    lines: Sequence[Line], by: By, viewer: Viewer, wording: Wording
) -> tuple[list[str], list[int | None]]:
    """Names and numbers of a chart, masked like the table beside it."""
    figure = Figure.CLOSED if by is By.OUTCOME else Figure.ACCEPTED
    shown = lines if viewer.exact or by is not By.OUTCOME else _few_together(lines)
    cells = _column(figure, [line.sums for line in shown], viewer, wording)
    numbers = [cell.number for cell in cells]
    if by is By.MONTH:
        names = _month_names([line.value for line in shown])
    else:
        names = [_name(by, line, viewer, wording) for line in shown]
    return [_marked(name, cell, wording) for name, cell in zip(names, cells, strict=True)], numbers


def _marked(name: str, cell: Cell, wording: Wording) -> str:
    """A number that is kept back has no bar: its name says so, or it would be taken for a zero."""
    if cell.number is not None:
        return name
    return fill(wording.figures.not_drawn, name=name, shown=cell.text)


def _month_names(keys: Sequence[str]) -> list[str]:
    """The year only where it begins: twelve labels must fit beside each other."""
    return [key if place == 0 or key.endswith("-01") else str(int(key[5:])) for place, key in enumerate(keys)]


@dataclass(frozen=True, slots=True)
class _Headlines:
    figures: PeriodFigures
    prompt: Promptness
    viewer: Viewer
    wording: Wording

    def cell(self, figure: Figure) -> Cell:
        sums, words, exact = self.figures.sums, self.wording.figures, self.viewer.exact
        match figure:
            case Figure.MEDIATION_RATE:
                part, whole = sums.mediated, sums.after_mediation
                if exact and whole:
                    text = words.rate.format(percent=_percent(part, whole), part=part, whole=whole)
                else:
                    text = words.rate_percent.format(percent=_percent(part, whole)) if whole else ""
                basis = part if is_small(part) else whole  # four of nine cannot be told as 44.4 % either
                return self._of(text, basis if whole else 0, leads=True)
            case Figure.KEPT:
                kept = self.prompt.kept
                percent = kept.percent
                text = words.kept if exact else words.kept_percent
                said = "" if percent is None else text.format(
                    percent=percent, in_time=kept.in_time, late=kept.late)  # fmt: skip
                return self._of(said, kept.in_time + kept.late)
            case Figure.MEDIAN:
                return self._of(self._hours(self.prompt.median), self.prompt.answered)
            case Figure.P90:
                return self._of(self._hours(self.prompt.p90), self.prompt.answered)
            case Figure.SATISFACTION:
                mean = self.figures.satisfaction
                text = words.stars if exact else words.stars_mean
                said = "" if mean is None else text.format(mean=f"{mean:.1f}", rated=sums.rated)
                return self._of(said, sums.rated, leads=True)
            case Figure.WITHDRAWN:
                return self._counted(self.figures.withdrawn, self.figures.withdrawn)
            case Figure.ASKED_BACK:
                return self._counted(sums.asked_back, sums.asked_back)
            case _:
                number, behind, money = _VALUES[figure]
                return self._counted(number(sums), behind(sums), money=money)

    def _of(self, text: str, basis: int, *, leads: bool = False) -> Cell:
        """A figure that is no count: nothing where nobody stands behind it, kept back where few do."""
        words = self.wording.figures
        if not basis:
            return Cell(words.nothing)
        if is_small(basis) and not self.viewer.exact:
            return Cell(words.kept_back)
        return Cell(text, leads=leads)

    def _counted(self, value: int, basis: int, *, money: bool = False) -> Cell:
        if self.viewer.exact or not is_small(basis):
            return _exact(value, money)
        return _masked(Mask.KEPT_BACK if money or not is_small(value) else Mask.SMALL, self.wording)

    def _hours(self, span: timedelta | None) -> str:
        if span is None:
            return ""
        minutes = round(span.total_seconds() / 60)
        return self.wording.figures.hours.format(hours=minutes // 60, minutes=minutes % 60)


_FEW = "few"
_Number = Callable[[Sums], int]
_COUNTED = {
    Figure.OPENED: attrgetter("opened"),
    Figure.ACCEPTED: attrgetter("accepted"),
    Figure.CLOSED: attrgetter("closed"),
    Figure.MEDIATED: attrgetter("mediated"),
}
# What a column shows, how many cases stand behind it, and whether it is money.
_VALUES: dict[Figure, tuple[_Number, _Number, bool]] = {
    **{figure: (number, number, False) for figure, number in _COUNTED.items()},
    Figure.PEOPLE: (attrgetter("people"), attrgetter("helped"), False),
    Figure.RECOVERED: (attrgetter("recovered_fen"), attrgetter("paid"), True),
    Figure.CONFIRMED: (attrgetter("confirmed_fen"), attrgetter("proved"), True),
}


def _table(figures: PeriodFigures, by: By, viewer: Viewer, wording: Wording) -> Table:
    words, columns = wording.figures, columns_of(by)
    lines = figures.lines[by] if viewer.exact or by is not By.OUTCOME else _few_together(figures.lines[by])
    sums = [line.sums for line in lines]
    total = _summed(sums)
    shown = [_column(figure, sums, viewer, wording) for figure in columns]
    return Table(
        by=by,
        title=words.by[by],
        means=words.by_means[by],
        figures=columns,
        columns=tuple(words.names[figure] for figure in columns),
        rows=tuple(
            Row(line.value, _name(by, line, viewer, wording), tuple(column[at] for column in shown))
            for at, line in enumerate(lines)
        ),
        total=Row(
            "", words.report.total, tuple(_total(figure, total, viewer, wording) for figure in columns)
        ),
    )


def _few_together(lines: Sequence[Line]) -> list[Line]:
    """Rare outcomes as one line: how many were closed and mediated is told elsewhere already."""
    few = [line for line in lines if is_small(line.sums.closed)]
    rest = [line for line in lines if line not in few]
    return [*rest, Line(_FEW, _summed([line.sums for line in few]))] if few else rest


def _summed(parts: Sequence[Sums]) -> Sums:
    total = Sums()
    for part in parts:
        total += part
    return total


def _column(figure: Figure, lines: Sequence[Sums], viewer: Viewer, wording: Wording) -> list[Cell]:
    value, basis, money = _VALUES[figure]
    if viewer.exact:
        return [_exact(value(sums), money) for sums in lines]
    made = masks([basis(sums) for sums in lines])
    if figure is Figure.PEOPLE:  # about one a case: the number of people would tell that of the cases
        made = stricter(made, masks([sums.closed for sums in lines]))
    if basis is not value and any(mask is not Mask.EXACT for mask in made):
        made = [mask if mask is Mask.EXACT else Mask.KEPT_BACK for mask in made]
    return [
        _exact(value(sums), money) if mask is Mask.EXACT else _masked(mask, wording)
        for sums, mask in zip(lines, made, strict=True)
    ]


def _total(figure: Figure, total: Sums, viewer: Viewer, wording: Wording) -> Cell:
    value, basis, money = _VALUES[figure]
    if viewer.exact or not is_small(basis(total)):
        return _exact(value(total), money)
    return _masked(Mask.KEPT_BACK if basis is not value else Mask.SMALL, wording)


def _exact(value: int, money: bool) -> Cell:
    return Cell(yuan(value) if money else f"{value:,}", value, leads=value > 0)


def _masked(mask: Mask, wording: Wording) -> Cell:
    words = wording.figures
    return Cell(words.small.format(least=SMALL_CELL) if mask is Mask.SMALL else words.kept_back)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}".removesuffix(".0") if whole else ""


def _name(by: By, line: Line, viewer: Viewer, wording: Wording) -> str:
    """A line as people call it."""
    words, labels, value = wording.figures, wording.labels, line.value
    if not value:
        return words.unset
    match by:
        case By.KIND:
            return labels.kind[value]
        case By.SOURCE:
            return labels.channel.get(value, value)
        case By.OUTCOME:
            return words.few if value == _FEW else labels.outcome[value]
        case By.MONTH:
            year, month = value.split("-")
            return of_month(int(year), int(month)).in_words
        case By.SIZE:
            return words.sizes.get(value, value)
        case By.OFFICER:
            return viewer.staff.get(value, words.gone)
        case By.DISTRICT:
            return value
