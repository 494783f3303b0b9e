"""The report of a period: main figures and breakdowns with their definitions, small cells kept back."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.civil_time import civil_day, local, plain_day
from bot.domain.periods import Period
from bot.domain.ports import Unit
from bot.domain.promises import Promises
from bot.services.figure_definitions import SMALL_CELL, By
from bot.services.figure_tables import Headline, Table, Viewer, headlines, tables
from bot.services.figures import period_figures
from bot.services.first_answers import first_answers
from knowledge.wording import Wording

# Whoever reads a report is outside the team; how much each member of staff did is nobody's business there.
REPORTED = (By.MONTH, By.KIND, By.DISTRICT, By.SOURCE, By.OUTCOME, By.SIZE)
_OUTSIDE = Viewer(exact=False, staff={})


@dataclass(frozen=True, slots=True)
class Report:
    """What the page, the document and the command line show alike."""

    period: Period
    title: str
    by: str
    made: str
    notes: tuple[str, ...]
    headlines: tuple[Headline, ...]
    tables: tuple[Table, ...]


def make_report(
    unit: Unit, period: Period, now: datetime, promises: Promises, house: str, wording: Wording
) -> Report:
    """The report as of `now`; `house` is the name of the union body that makes it."""
    figures = period_figures(unit, period.since, period.until)
    prompt = first_answers(unit, period.since, period.until, now, promises)
    words, today = wording.figures.report, civil_day(now)
    made = words.made.format(day=plain_day(today), time=f"{local(now):%H:%M}")
    unfinished = (words.open_end,) if period.last >= today else ()
    return Report(
        period=period,
        title=words.title.format(period=period.in_words),
        by=house,
        made=made,
        notes=(*unfinished, words.small.format(least=SMALL_CELL)),
        headlines=headlines(figures, prompt, _OUTSIDE, wording),
        tables=tables(figures, _OUTSIDE, wording, REPORTED),
    )
