"""Which legal dates answers bring up, and when somebody is warned of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.case_deadlines import (
    ANEW,
    HER_STEPS,
    LAPSED_STEP,
    NOT_YET,
    OTHERS,
    STEPS,
    CaseDeadline,
    DaySure,
    DeadlineState,
    last_day,
    plan,
)
from bot.domain.cases import Answers, CaseKind
from bot.domain.deadlines import RULES
from knowledge.loader import DEFAULT_FOLDER, load_knowledge
from knowledge.wording import load_wording

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def planned(kind: CaseKind, since: str | None, happened: str = "", topic: str | None = None) -> dict:
    found = plan(kind, topic, Answers(happened=happened, since=since), TODAY)
    return {one.rule: (one.last_on.isoformat() if one.last_on else None, one.sure) for one in found}


def kept(rule: str = "lawsuit", event_on: date | None = TODAY) -> CaseDeadline:
    last_on = last_day(rule, event_on) if event_on else None
    return CaseDeadline("d", "c", rule, event_on, last_on, DaySure.FIXED, "s", NOW)


def test_each_kind_brings_up_the_dates_of_its_laws() -> None:
    assert planned(CaseKind.DISMISSAL, "昨天") == {"arbitration": ("2027-11-21", DaySure.SAID)}
    assert planned(CaseKind.CONTRACT, "9月底") == {
        "arbitration": ("2027-09-20", DaySure.ROUGH), "labor_inspection": ("2028-09-20", DaySure.ROUGH),
    }  # fmt: skip
    assert planned(CaseKind.INJURY, "2026.11.1") == {
        "injury_worker": ("2027-11-01", DaySure.SAID), "injury_employer": ("2026-12-01", DaySure.SAID),
    }  # fmt: skip
    assert planned(CaseKind.HARASSMENT, "上周三") == {
        "public_security": ("2027-05-11", DaySure.SAID), "civil": ("2029-11-11", DaySure.SAID),
    }  # fmt: skip
    assert planned(CaseKind.OTHER, "昨天", topic="mental-health-crisis") == {}


WAGES_RULE = "arbitration_after_leaving"


@pytest.mark.parametrize(
    ("since", "happened"),
    [
        (None, "上个月28号离职，9月工资没发"),
        ("上个月28号离职", "9月工资没发"),
        ("9月", "9月工资没发上个月28号离职了"),
        ("9月", "离职是上个月28号。9月的工资到现在没发"),
    ],
)
def test_unpaid_wages_are_counted_from_the_day_she_left_not_from_the_month_unpaid(
    since: str | None, happened: str
) -> None:
    assert planned(CaseKind.WAGES, since, happened)[WAGES_RULE] == ("2027-10-28", DaySure.SAID)


@pytest.mark.parametrize(
    "happened", ["还在上班，三个月没发工资", "没离职，就是不发工资", "我还在干，9月底的工钱没给"]
)
def test_while_she_works_there_no_year_runs_for_unpaid_wages(happened: str) -> None:
    found = planned(CaseKind.WAGES, "9月底", happened)
    assert found[WAGES_RULE] == (None, DaySure.EMPLOYED)
    assert found["labor_inspection"] == ("2028-09-20", DaySure.ROUGH)
    assert "arbitration" not in found
    assert planned(CaseKind.OTHER, "9月底", happened)[WAGES_RULE] == (None, DaySure.EMPLOYED), (
        "not sorted yet"
    )


@pytest.mark.parametrize(
    "happened",
    ["欠我两个月工资", "离职了还欠我两个月工资", "老板说要辞退我，欠我两个月工资", "怕被辞退，9月工资没发"],
)
def test_where_it_is_not_known_when_she_left_the_day_is_asked_for(happened: str) -> None:
    assert planned(CaseKind.WAGES, "昨天", happened)[WAGES_RULE] == (None, DaySure.UNKNOWN)


def test_nobody_is_asked_for_the_day_of_what_has_no_limit() -> None:
    from dataclasses import replace

    one = replace(kept(WAGES_RULE, None), sure=DaySure.EMPLOYED)
    assert one.look_on is None and one.step(TODAY) is None


@pytest.mark.parametrize(
    ("since", "happened"),
    [
        ("unknown", "上周五又摸了我"),
        ("今年三月起", "主管老摸我，上周五又摸了我"),
        ("从八月开始，上周五又摸了我", "主管总摸我"),
    ],
)
def test_the_police_are_counted_from_the_last_time_it_happened(since: str, happened: str) -> None:
    assert planned(CaseKind.HARASSMENT, since, happened)["public_security"] == ("2027-05-13", DaySure.SAID)


@pytest.mark.parametrize("since", [None, "unknown", "很久了", "去年"])
def test_without_a_firm_day_one_date_is_asked_for_and_none_is_told(since: str | None) -> None:
    assert planned(CaseKind.CONTRACT, since) == {"arbitration": (None, DaySure.UNKNOWN)}
    assert planned(CaseKind.WAGES, since) == {WAGES_RULE: (None, DaySure.UNKNOWN)}
    assert planned(CaseKind.HARASSMENT, since) == {"public_security": (None, DaySure.UNKNOWN)}


def test_her_story_stands_in_where_she_gave_no_day() -> None:
    assert planned(CaseKind.DISMISSAL, None, "11月3号通知我不用来了") == {
        "arbitration": ("2027-11-03", DaySure.ROUGH)
    }


def test_what_would_have_lapsed_by_her_words_is_asked_for_and_not_called_lapsed() -> None:
    [first, second] = plan(CaseKind.CONTRACT, None, Answers(since="2025年10月"), TODAY)
    assert (first.rule, first.event_on, first.last_on) == ("arbitration", date(2025, 10, 1), None)
    assert (second.rule, second.last_on) == ("labor_inspection", date(2027, 10, 1))
    assert "injury_employer" not in planned(CaseKind.INJURY, "2026年9月1日"), "the employer's month is over"


def test_every_rule_is_somebodys_and_has_its_words() -> None:
    words, labels = load_wording(DEFAULT_FOLDER).deadlines, load_knowledge().deadlines
    assert set(words.event) == set(words.after) == set(RULES) == set(labels)
    assert set(RULES) > OTHERS and set(RULES) > ANEW and not OTHERS & ANEW


def test_an_award_received_leaves_fifteen_days_that_no_interruption_lengthens() -> None:
    assert last_day("lawsuit", TODAY, [TODAY + timedelta(days=3)]) == date(2026, 12, 7)
    assert last_day("arbitration", date(2025, 6, 30), [date(2026, 5, 20)]) == date(2027, 5, 20)
    assert last_day("arbitration", date(2025, 6, 30), [date(2026, 7, 1)]) == date(2026, 6, 30)


def test_a_mediation_agreement_can_be_confirmed_for_thirty_days() -> None:
    assert last_day("judicial_confirmation", date(2026, 11, 2)) == date(2026, 12, 2)
    assert last_day("appeal", TODAY) == date(2026, 12, 7)
    assert last_day("enforcement", TODAY) == date(2028, 11, 22)


@given(event=st.dates(date(2000, 1, 1), date(2060, 1, 1)), rule=st.sampled_from(sorted(RULES)))
def test_counting_down_every_step_comes_once_and_the_lapse_comes_last(event: date, rule: str) -> None:
    one, day, seen, told = kept(rule, event), event, [], []
    assert one.last_on is not None
    for day in sorted({one.last_on - timedelta(days=back) for back in range(-2, 40)}):
        step, hers = one.step(day), one.her_step(day)
        assert (step is None and hers is None) or (one.look_on is not None and one.look_on <= day)
        if hers is not None:
            told.append(hers)
            one = one_with(one, told=hers)
        if step is not None:
            seen.append(step)
            ended = DeadlineState.LAPSED if step == LAPSED_STEP else one.state
            one = one_with(one, warned=step, state=ended)
    assert seen == ([*STEPS, LAPSED_STEP] if one.is_hers else [3, 1, LAPSED_STEP])
    assert told == (list(HER_STEPS) if one.is_hers else [])
    assert one.look_on is None


@given(event=st.dates(date(2020, 1, 1), date(2030, 1, 1)), late=st.integers(0, 30))
def test_after_a_long_stop_only_the_step_that_is_due_now_comes(event: date, late: int) -> None:
    one = kept("arbitration", event)
    assert one.last_on is not None
    day = one.last_on - timedelta(days=late)
    step = one.step(day)
    assert step is not None and step >= late
    assert not any(late <= nearer < step for nearer in STEPS)
    assert one_with(one, warned=step).step(day) is None


def test_a_new_day_checked_by_staff_starts_the_steps_again() -> None:
    one = one_with(kept("arbitration", date(2025, 11, 25)), warned=7, told=14, state=DeadlineState.LAPSED)
    again = one.counted_from(date(2026, 1, 5))
    assert (again.last_on, again.sure, again.state) == (
        date(2027, 1, 5), DaySure.FIXED, DeadlineState.RUNNING,
    )  # fmt: skip
    assert (again.warned, again.told) == (NOT_YET, NOT_YET)


def test_a_date_without_its_day_is_looked_at_on_the_morrow_and_once() -> None:
    one = kept("arbitration", None)
    assert one.look_on == date(2026, 11, 23)
    assert one_with(one, warned=0).look_on is None
    assert one.step(TODAY) is None and one.her_step(TODAY) is None


def one_with(one: CaseDeadline, **changes: object) -> CaseDeadline:
    from dataclasses import replace

    return replace(one, **changes)  # type: ignore[arg-type]
