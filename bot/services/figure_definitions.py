"""Which figures there are, by what they are broken down, and who may see the small ones.

What each means in words stands beside it, in wording/figures.yaml.
"""

from enum import StrEnum

from bot.domain.ports_figures import Closing, CountedCase
from bot.domain.staff import Power, StaffMember

SMALL_CELL = 5  # a published number below it could point at a person


class Figure(StrEnum):
    """A figure of a period. The counted ones lead to the numbers of the cases behind them."""

    OPENED = "opened"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    MEDIATED = "mediated"
    MEDIATION_RATE = "mediation_rate"
    PEOPLE = "people"
    RECOVERED = "recovered"
    CONFIRMED = "confirmed"
    KEPT = "kept"
    MEDIAN = "median"
    P90 = "p90"
    SATISFACTION = "satisfaction"
    ASKED_BACK = "asked_back"
    WITHDRAWN = "withdrawn"


class By(StrEnum):
    """What a figure is broken down by."""

    KIND = "kind"
    DISTRICT = "district"
    SOURCE = "source"
    MONTH = "month"
    OUTCOME = "outcome"
    OFFICER = "officer"
    SIZE = "size"


# Columns of a breakdown; an outcome is known of closed cases only.
COLUMNS: tuple[Figure, ...] = (
    Figure.OPENED, Figure.ACCEPTED, Figure.CLOSED, Figure.MEDIATED, Figure.PEOPLE, Figure.RECOVERED,
    Figure.CONFIRMED,
)  # fmt: skip
OF_OUTCOMES: tuple[Figure, ...] = (Figure.CLOSED, Figure.PEOPLE, Figure.RECOVERED, Figure.CONFIRMED)


def columns_of(by: By) -> tuple[Figure, ...]:
    """The columns of a breakdown."""
    return OF_OUTCOMES if by is By.OUTCOME else COLUMNS


def belongs(closing: Closing, figure: Figure) -> bool:
    """Whether a closing is one of the cases behind a figure of closed cases."""
    match figure:
        case Figure.MEDIATED:
            return closing.outcome == "mediated"
        case Figure.MEDIATION_RATE:
            return closing.after_mediation
        case Figure.PEOPLE:
            return closing.people > 0
        case Figure.RECOVERED:
            return closing.recovered_fen > 0
        case Figure.CONFIRMED:
            return closing.confirmed_fen > 0
        case Figure.SATISFACTION:
            return closing.stars is not None
        case Figure.ASKED_BACK:
            return closing.asked_back
        case _:
            return figure is Figure.CLOSED


def in_team(member: StaffMember) -> bool:
    """Whether the member works on cases; everybody else sees small figures only as "<5"."""
    return member.may(Power.LIST_CASES)


def place_of(case: CountedCase) -> str:
    """The district as a breakdown groups it; "" where none is known."""
    return case.district or ""
