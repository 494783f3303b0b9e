"""A local number is stated only while it is verified and in date."""

from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from knowledge.amounts import fill, local_lines
from knowledge.loader import load_knowledge
from knowledge.models import Amount

TODAY = date(2026, 11, 22)


def test_a_verified_amount_is_stated_with_its_dates(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    (line,) = local_lines(knowledge.entries["dismissal"], knowledge.region, TODAY)
    assert (line.label, line.stated, line.value, line.unit) == ("银川最低工资", True, "2100", "元")
    assert line.verified_on == date(2026, 1, 5)


def test_an_amount_past_its_date_names_who_knows_and_nothing_else(folder: Path) -> None:
    knowledge = load_knowledge(folder)
    (line,) = local_lines(knowledge.entries["dismissal"], knowledge.region, date(2027, 1, 1))
    assert (line.stated, line.ask_at, line.value, line.source) == (False, "12333", "", None)


def test_an_unverified_amount_is_never_stated(folder: Path) -> None:
    knowledge = load_knowledge(folder, "ningxia")
    text = fill("每月{local.wage}起，{ningxia.extra_days}", knowledge.region, TODAY, "12351")
    assert "2000" not in text
    assert "12333" in text
    assert "60天" in text


def test_placeholders_are_filled_and_strange_braces_left_alone(folder: Path) -> None:
    region = load_knowledge(folder).region
    assert fill("打{hotline}，{local.wage}", region, TODAY, "0951-1") == "打0951-1，2100元"
    assert fill("{nothing} {gansu.wage}", region, TODAY, "1") == "{nothing} {gansu.wage}"


@given(
    today=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    start=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    end=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    verified=st.none() | st.just(date(2026, 1, 1)),
    value=st.none() | st.just(5),
)
def test_no_amount_is_stated_without_value_verification_and_date(
    today: date, start: date | None, end: date | None, verified: date | None, value: int | None
) -> None:
    amount = Amount(
        label="数", value=value, effective_from=start, effective_to=end, verified_on=verified, ask_at="12333"
    )
    known = value is not None and verified is not None
    in_force = (start is None or start <= today) and (end is None or today <= end)
    assert amount.may_be_stated(today) == (known and in_force)
