"""How the benchmarks count: medians, bars, tables."""

import json

from bench.measure import Goal, Row, against, as_data, interleave, percentile, table

FASTER = Goal(10, 25, "×", low=False)
SMALLER = Goal(150, 100, "MB")


def test_a_figure_that_must_be_high_is_judged_by_its_better_bar_first() -> None:
    assert [FASTER.verdict(figure) for figure in (26, 25, 24, 10, 9.9)] == [
        "stretch", "stretch", "must", "must", "MISSED",
    ]  # fmt: skip


def test_a_figure_that_must_be_low_is_judged_the_other_way_round() -> None:
    assert [SMALLER.verdict(figure) for figure in (99, 100, 101, 150, 151)] == [
        "stretch", "stretch", "must", "must", "MISSED",
    ]  # fmt: skip


async def test_the_sides_take_turns_in_going_first_and_medians_shrug_off_one_slow_round() -> None:
    calls: list[str] = []

    async def ours() -> float:
        calls.append("ours")
        return 100.0 if len(calls) < 3 else 4.0

    async def yardstick() -> float:
        calls.append("yardstick")
        return 2.0

    assert await interleave("turns", 5, ours, yardstick) == (4.0, 2.0, 2.0)
    assert calls[:6] == ["ours", "yardstick", "yardstick", "ours", "ours", "yardstick"]


def test_a_percentile_is_a_measured_value() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (50.0, 99.0, 7.0)


def test_the_table_shows_bar_and_verdict_and_json_says_the_same() -> None:
    rows = [against(FASTER, "answers", "300/s", "10/s", 30.0), Row("no goal", "1", "2", 0.5)]
    shown = table(rows)
    assert "| 30×" in shown and "≥ 25×" in shown and "stretch" in shown
    assert len({len(line) for line in shown.splitlines()}) == 1
    data = json.loads(json.dumps(as_data(rows)))
    assert [row["met"] for row in data["rows"]] == ["stretch", None]
