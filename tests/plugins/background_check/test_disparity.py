"""Outcomes by group: nothing hidden can be worked out, and ratios are made where they may be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.background_check.rules import disparity as rules
from plugins.background_check.rules import groups, periods
from plugins.background_check.rules.disparity import fisher, lines
from plugins.background_check.rules.groups import LANGUAGE, NOT_TOLD, RACE
from plugins.background_check.rules.suppression import Derived, shown, shown_row
from staffing.core.errors import Invalid

# --- groups and times ---


@pytest.mark.parametrize(
    ("codes", "race", "language"),
    [
        ((), NOT_TOLD, NOT_TOLD),
        (("race:asian",), "race:asian", NOT_TOLD),
        (("race:asian", "race:white", "language:vi"), "race:several", "language:vi"),
        (("language:vi", "language:en"), NOT_TOLD, "language:several"),
    ],
)
def test_everybody_is_in_one_group_of_each_question(codes: tuple[str, ...], race: str, language: str) -> None:
    assert groups.group_of(RACE, codes) == race
    assert groups.group_of(LANGUAGE, codes) == language


def test_what_is_told_is_of_the_list_once_and_in_order() -> None:
    assert groups.told(["language:es", "race:white", "race:asian", "race:white"]) == ("race:asian", "race:white", "language:es")
    with pytest.raises(Invalid, match="none of the answers"):
        groups.told(["race:purple"])
    with pytest.raises(Invalid, match="There are no counts by income"):
        groups.question("income")
    assert len(RACE.answers) == 7


@pytest.mark.parametrize(
    ("code", "title", "until"),
    [
        ("2026-07-y", "School year 2026–27", date(2027, 6, 30)),
        ("2026-01-h", "January to June 2026", date(2026, 6, 30)),
        ("2026-10-q", "October to December 2026", date(2026, 12, 31)),
        ("2028-02-m", "February 2028", date(2028, 2, 29)),
    ],
)
def test_a_time_has_a_name_and_whole_months(code: str, title: str, until: date) -> None:
    found = periods.period(code)
    assert (found.title, found.until, found.since.day) == (title, until, 1)


@pytest.mark.parametrize("code", ["", "2026-08-q", "2026-01-y", "2026-13-m", "2026-10-h", "2026-10", "2026-1-m"])
def test_a_time_across_others_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        periods.period(code)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 900))
def test_times_lie_inside_each_other_or_apart_and_are_over(on: date, before: int) -> None:
    first = date.fromordinal(on.toordinal() - before)
    found = periods.ended(on, first)
    for one, other in itertools.combinations(found, 2):
        apart = one.until < other.since or other.until < one.since
        assert apart or one.holds(other) or other.holds(one)
    assert all(first <= one.until < on for one in found)
    assert len(set(found)) == len(found)


# --- hiding ---


def feasible(counts: dict[str, list[int]], told: dict[str, tuple[int | None, ...]]) -> dict[tuple[str, int], set[int]]:
    """Every value that each hidden count can have, tried one by one, for somebody who knows each stage's total."""
    names, stages = list(counts), len(next(iter(counts.values())))
    totals = [sum(counts[name][stage] for name in names) for stage in range(stages)]
    values: dict[tuple[str, int], set[int]] = {
        (name, stage): set() for name in names for stage in range(stages) if told[name][stage] is None
    }

    def columns(stage: int, before: dict[str, int]) -> Iterator[dict[str, int]]:
        fixed = {name: count for name in names if (count := told[name][stage]) is not None}
        if any(count > before[name] for name, count in fixed.items()):
            return
        hidden = [name for name in names if name not in fixed]
        rest = totals[stage] - sum(fixed.values())
        for choice in itertools.product(*(range(1, min(before[name], rest) + 1) for name in hidden)):
            if sum(choice) == rest:
                yield {**fixed, **dict(zip(hidden, choice, strict=True))}

    def walk(stage: int, before: dict[str, int], path: list[dict[str, int]]) -> None:
        if stage == stages:
            for place, column in enumerate(path):
                for name in names:
                    if (name, place) in values:
                        values[name, place].add(column[name])
            return
        for column in columns(stage, before):
            walk(stage + 1, column, [*path, column])

    walk(0, dict.fromkeys(names, 10**6), [])
    return values


@st.composite
def small_tables(draw: st.DrawFn) -> dict[str, list[int]]:
    table = {}
    for name in "abcd"[: draw(st.integers(1, 4))]:
        first = draw(st.integers(0, 9))
        second = draw(st.integers(0, first))
        table[name] = [first, second, draw(st.integers(0, second))]
    return table


@settings(deadline=None, max_examples=300)
@given(small_tables())
def test_no_hidden_count_can_be_worked_out_from_what_is_shown_and_the_totals(table: dict[str, list[int]]) -> None:
    told = shown(table, threshold=3, room=1)
    if any(count for row in told.values() for count in row):
        assert all(len(values) > 1 for values in feasible(table, told).values())


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[int]]:
    table = {}
    for number in range(draw(st.integers(1, 9))):
        row = [draw(st.one_of(st.integers(0, 15), st.integers(0, 400)))]
        for _ in range(3):
            row.append(draw(st.one_of(st.just(row[-1]), st.integers(0, row[-1]))))
        table[str(number)] = row
    return table


@settings(deadline=None)
@given(tables())
def test_no_small_count_and_no_small_step_is_shown(table: dict[str, list[int]]) -> None:
    told = shown(table)
    for name, row in told.items():
        seen = [count for count in row if count is not None]
        assert all(count == 0 or count >= 10 for count in seen)
        assert all(abs(one - other) == 0 or abs(one - other) >= 10 for one, other in itertools.combinations(seen, 2))
        assert all(count is None or count == table[name][stage] for stage, count in enumerate(row))
    for stage in range(4):
        hidden = [name for name in told if told[name][stage] is None]
        everything = not any(count for row in told.values() for count in row)
        assert len(hidden) != 1 or everything


def test_a_single_hidden_group_takes_the_next_smallest_with_it() -> None:
    told = shown({"a": [200, 180, 160, 140], "b": [60, 50, 40, 30], "c": [5, 4, 3, 2]})
    assert told == {"a": (200, 180, 160, 140), "b": (None,) * 4, "c": (None,) * 4}


def test_a_zero_is_shown_and_a_large_table_whole() -> None:
    table = {"a": [200, 180, 160, 140], "b": [60, 50, 40, 30], "c": [0, 0, 0, 0]}
    assert shown(table) == {name: tuple(row) for name, row in table.items()}
    assert shown({}) == {}


def test_a_total_hides_its_own_small_steps() -> None:
    assert shown_row([300, 298, 250, 200]) == (300, None, 250, 200)
    assert shown_row([9, 9, 9, 9]) == (None,) * 4


def test_what_a_table_shown_before_would_give_away_is_hidden() -> None:
    table = {"a": [103, 90, 80, 60], "b": [200, 180, 150, 120], "c": [150, 140, 120, 100]}
    before = {"a": [Derived(sign=1, offset=(-100, -70, None, None))]}
    told = shown(table, before)
    assert told["a"][0] is None  # 103 less 100 are three people
    assert told["a"][1] == 90  # twenty people, and no step beside a hidden one
    assert sum(row[0] is None for row in told.values()) >= 2


# --- ratios ---


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 1, 1, 3), 0.4857142857),
        ((8, 2, 1, 5), 0.0349650350),
        ((10, 0, 0, 10), 0.0000108251),
        ((1, 9, 11, 3), 0.0027594562),
        ((0, 0, 0, 0), 1.0),
        ((5, 0, 5, 0), 1.0),
    ],
)
def test_the_exact_test_gives_the_values_of_the_textbooks(table: tuple[int, int, int, int], p: float) -> None:
    assert fisher(*table) == pytest.approx(p, abs=1e-9)


@given(*[st.integers(0, 60)] * 4)
def test_the_exact_test_is_a_probability_and_knows_no_order(a: int, b: int, c: int, d: int) -> None:
    p = fisher(a, b, c, d)
    assert 0 < p <= 1
    assert p == fisher(c, d, a, b) == fisher(b, a, d, c)


def test_the_exact_test_refuses_less_than_nobody() -> None:
    with pytest.raises(ValueError, match="negative"):
        fisher(-1, 2, 3, 4)


def told(table: dict[str, Sequence[int | None]]) -> dict[str, rules.Line]:
    return {line.group: line for line in lines({name: tuple(row) for name, row in table.items()}, {name: name for name in table})}


def test_four_fifths_itself_is_not_under_four_fifths() -> None:
    found = told({"a": [180, 170, 160, 150], "b": [90, 80, 70, 60], "c": [91, 80, 70, 60]})
    assert found["a"].whole and found["a"].whole.best == "a"
    assert found["b"].whole and not found["b"].whole.flagged
    assert found["c"].whole and found["c"].whole.flagged
    assert found["c"].whole.ratio < 0.8
    assert found["c"].whole.p == pytest.approx(fisher(60, 31, 150, 30))


@pytest.mark.parametrize("row", [[29, 29, 29, 29], [40, 20, 10, 4], [100, 90, 80, None], [None, 90, 80, 70]])
def test_small_and_hidden_groups_are_not_compared_over_the_whole_way(row: list[int | None]) -> None:
    assert told({"a": [180, 170, 160, 150], "b": [100, 90, 80, 70], "c": row})["c"].whole is None


def test_a_group_alone_and_those_who_told_nothing_are_compared_with_nobody() -> None:
    found = told({"a": [180, 170, 160, 150], NOT_TOLD: [180, 170, 160, 20], "b": [20, 20, 20, 20]})
    assert all(line.whole is None for line in found.values())


def test_rates_are_made_of_shown_counts_alone() -> None:
    line = told({"a": [100, None, 80, 60], "b": [0, 0, 0, 0]})["a"]
    assert (line.rates, line.rate) == ((None, None, 0.75), 0.6)
    assert told({"a": [100, None, 80, 60], "b": [0, 0, 0, 0]})["b"].rate is None


def test_for_volunteers_it_is_a_programme_signal_and_for_employees_the_guideline_is_cited() -> None:
    assert "1607" not in rules.FLAGS["volunteer"]
    assert rules.FLAGS["volunteer"].startswith("Programme equity signal")
    assert "29 CFR 1607.4(D)" in rules.FLAGS["employment"]
