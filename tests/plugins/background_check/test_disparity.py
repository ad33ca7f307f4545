"""Outcomes by group: nothing hidden can be worked out, ratios are made where they may be, and one table is shown to everybody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.background_check.rules import disparity as rules
from plugins.background_check.rules import groups, periods
from plugins.background_check.rules.disparity import fisher, lines
from plugins.background_check.rules.groups import LANGUAGE, NOT_TOLD, RACE
from plugins.background_check.rules.suppression import Derived, shown, shown_row
from plugins.background_check.services import disparity
from plugins.background_check.tables.consents import Consent
from plugins.background_check.tables.keeping import CountsShown, SelfDescription
from plugins.background_check.tables.orders import CheckOrder
from staffing.core.errors import Conflict, Invalid, NotAllowed
from staffing.hookspecs import Viewer
from staffing.store.engine import tenant_transaction
from tests.factories import json_text
from tests.plugins.background_check.checks import journal_of, make_account, make_package

TODAY = date(2026, 11, 24)
HR = Viewer(tenant="alder", name="Hana Invented", role="hr", account=uuid4(), tag="hr/- Hana Invented")
UNION = Viewer(tenant="alder", name="Una Invented", role="union", account=uuid4(), tag="union/- Una")


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


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


# --- counting ---


async def make_people(
    package: UUID, account: UUID, many: int, *, group: str = "", on: date = date(2026, 8, 12), **order: Any
) -> None:
    """So many people with one order each, placed on a day, who said that they are of a group."""
    people = [uuid4() for _ in range(many)]
    values = {"status": "complete", "outcome": "eligible", "ordered_by": "hr/- Hana", "requested_on": on} | order
    async with tenant_transaction("alder"):
        await CheckOrder.insert(
            *(
                CheckOrder(
                    person=one,
                    account=account,
                    package=package,
                    ordered_at=datetime(on.year, on.month, on.day, 18, tzinfo=UTC),
                    **values,
                )
                for one in people
            )
        )
        if group:
            await SelfDescription.insert(*(SelfDescription(person=one, groups=json_text([group])) for one in people))


@pytest.fixture
async def package(tenant: str) -> tuple[UUID, UUID]:
    account = await make_account()
    return await make_package(account), account


OPEN = {"status": "in_progress", "outcome": None}
AT_THE_START = {"status": "to_authorise", "outcome": None, "requested_on": None}
TURNED_DOWN = {"outcome": "not_eligible"}


async def of(code: str = "2026-08-m", by: str = "race", purpose: str = "volunteer") -> disparity.Page:
    return await disparity.page(HR, purpose=purpose, code=code, by=by)


async def table_of(code: str = "2026-08-m", by: str = "race") -> dict[str, tuple[int | None, ...]]:
    found = await of(code, by)
    assert found.table is not None
    return {line.group: line.counts for line in found.table.lines}


async def test_people_are_counted_by_how_far_their_check_came(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 20, group="race:white", **TURNED_DOWN)
    await make_people(*package, 15, group="race:white", **OPEN)
    await make_people(*package, 12, group="race:white", **AT_THE_START)
    await make_people(*package, 40, group="race:asian")
    await make_people(*package, 20, group="race:asian", **TURNED_DOWN)
    await make_people(*package, 60)
    await make_people(*package, 50, group="race:white", on=date(2026, 9, 1))
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    found = await table_of()
    assert found["race:white"] == (147, 135, 120, 100)
    assert found["race:asian"] == (60, 60, 60, 40)
    assert found[NOT_TOLD] == (60, 60, 60, 60)
    assert found["race:black"] == (0, 0, 0, 0)
    page = await of()
    assert page.table is not None
    assert page.table.totals == (267, 255, 240, 200)
    assert page.counted_by == "Hana Invented"
    assert await table_of(by="language") == {**dict.fromkeys(LANGUAGE.groups, (0, 0, 0, 0)), NOT_TOLD: (267, 255, 240, 200)}
    ((action, facts),) = await journal_of("counts/volunteer/2026-08-m")
    assert (action, facts["again"]) == ("counts:made", False)


async def test_somebody_with_two_checks_is_as_far_as_the_one_that_is_behind_and_an_order_given_again_counts_once(
    package: tuple[UUID, UUID],
) -> None:
    other = await make_package(package[1], code="fbi")
    await make_people(*package, 60)
    async with tenant_transaction("alder"):
        people = [row["person"] for row in await CheckOrder.select(CheckOrder.person)]
        at = datetime(2026, 8, 20, tzinfo=UTC)
        common = {"account": package[1], "ordered_by": "hr", "ordered_at": at}
        await CheckOrder.insert(
            *(
                CheckOrder(person=one, package=other, **common, status="in_progress", requested_on=at.date())
                for one in people[:20]
            ),
            *(
                CheckOrder(person=one, package=package[0], **common, status="complete", outcome="eligible")
                for one in people[20:40]
            ),
        )
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await of()).table.totals == (60, 60, 40, 40)  # type: ignore[union-attr]


async def test_a_check_that_ended_before_it_was_authorised_came_no_further_and_one_that_was_signed_did(
    package: tuple[UUID, UUID],
) -> None:
    await make_people(*package, 40, status="canceled", outcome=None, requested_on=None)
    await make_people(*package, 30)
    async with tenant_transaction("alder"):
        rows = await CheckOrder.select(CheckOrder.id, CheckOrder.person).where(CheckOrder.status == "canceled").limit(20)
        await Consent.insert(
            *(
                Consent(
                    order=row["id"],
                    person=row["person"],
                    kind="authorisation",
                    text_id="t",
                    text_version="1",
                    language="en",
                    sha256=b"",
                )
                for row in rows
            )
        )
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await of()).table.totals == (70, 50, 30, 30)  # type: ignore[union-attr]


async def test_volunteers_and_employees_are_counted_apart(package: tuple[UUID, UUID]) -> None:
    employment = await make_package(package[1], code="staff", purpose="employment")
    await make_people(*package, 40)
    await make_people(employment, package[1], 30)
    for purpose, many in (("volunteer", 40), ("employment", 30)):
        await disparity.count(HR, purpose=purpose, code="2026-08-m")
        page = await of(purpose=purpose)
        assert page.table is not None
        assert page.table.totals[0] == many


async def test_only_what_is_shown_is_kept(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 30, group="race:black")
    await make_people(*package, 7, group="race:asian")
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    async with tenant_transaction("alder"):
        (row,) = await CountsShown.select().output(load_json=True)
    by = row["body"]["by"]["race"]
    assert by["race:asian"] == [None] * 4
    assert by["race:black"] == [None] * 4
    assert by["race:white"] == [100] * 4


async def test_the_same_time_again_shows_the_same_table_until_at_least_ten_have_moved_in_every_number(
    package: tuple[UUID, UUID],
) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 40, group="race:white", **OPEN)
    await make_people(*package, 60, group="race:black")
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    before = await table_of()
    assert before["race:white"] == (140, 140, 100, 100)

    async def decide(many: int) -> None:
        async with tenant_transaction("alder"):
            rows = await CheckOrder.select(CheckOrder.id).where(CheckOrder.status == "in_progress").limit(many)
            await CheckOrder.update({CheckOrder.status: "complete", CheckOrder.outcome: "eligible"}).where(
                CheckOrder.id.is_in([row["id"] for row in rows])
            )

    await decide(3)
    with pytest.raises(Conflict, match="only a few people have moved"):
        await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert await table_of() == before
    await decide(20)
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:white"] == (140, 140, 123, 123)


async def test_a_longer_time_hides_what_a_shorter_one_inside_it_would_give_away(package: tuple[UUID, UUID]) -> None:
    for group in ("race:white", "race:black", "race:hispanic"):
        await make_people(*package, 60, group=group)
    await make_people(*package, 4, group="race:black", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:white", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:hispanic", on=date(2026, 9, 10))
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:black"] == (60,) * 4
    await disparity.count(HR, purpose="volunteer", code="2026-07-q")
    quarter = await table_of("2026-07-q")
    assert quarter["race:black"] == (None,) * 4  # 64 less 60 would be the four of September
    assert sum(row[0] is None for row in quarter.values()) >= 2


async def test_a_shorter_time_hides_what_a_longer_one_around_it_would_give_away(package: tuple[UUID, UUID]) -> None:
    for group in ("race:white", "race:black", "race:hispanic"):
        await make_people(*package, 60, group=group)
    await make_people(*package, 4, group="race:black", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:white", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:hispanic", on=date(2026, 9, 10))
    await disparity.count(HR, purpose="volunteer", code="2026-07-q")
    assert (await table_of("2026-07-q"))["race:black"] == (64,) * 4
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:black"] == (None,) * 4


async def test_three_months_and_their_quarter_give_nothing_away_together(package: tuple[UUID, UUID]) -> None:
    days = (date(2026, 7, 7), date(2026, 8, 12), date(2026, 9, 10))
    for day in days:
        for group in ("race:white", "race:black", "race:hispanic"):
            await make_people(*package, 20, group=group, on=day)
    await make_people(*package, 20, group="race:asian", on=days[0])
    await make_people(*package, 20, group="race:asian", on=days[1])
    await make_people(*package, 5, group="race:asian", on=days[2])
    codes = ("2026-07-m", "2026-08-m", "2026-09-m", "2026-07-q")
    for code in codes:
        await disparity.count(HR, purpose="volunteer", code=code)
    july, august, september, quarter = [(await table_of(code))["race:asian"][0] for code in codes]
    assert september is None
    assert None in (july, august, quarter)


@pytest.mark.parametrize(
    ("purpose", "code", "error", "says"),
    [
        ("volunteer", "2026-11-m", Invalid, "November 2026 is not over"),
        ("volunteer", "2026-07-y", Invalid, "is not over"),
        ("volunteer", "2026-05-m", Conflict, "Nobody was asked for a check"),
        ("volunteer", "2026-08-q", Invalid, "from the list"),
        ("students", "2026-08-m", Invalid, "volunteers or employees"),
    ],
)
async def test_what_cannot_be_counted_is_told_in_a_sentence(
    package: tuple[UUID, UUID], purpose: str, code: str, error: type[Exception], says: str
) -> None:
    await make_people(*package, 40)
    with pytest.raises(error, match=says):
        await disparity.count(HR, purpose=purpose, code=code)


async def test_only_hr_and_administrators_count_and_look(tenant: str) -> None:
    with pytest.raises(NotAllowed):
        await disparity.count(UNION, purpose="volunteer", code="2026-08-m")
    with pytest.raises(NotAllowed):
        await disparity.page(UNION, purpose="volunteer", code="", by="race")


async def test_looking_makes_no_counts(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 40)
    page = await of("")
    assert page.table is None
    assert "2026-08-m" in [one.code for one in page.offered]
    async with tenant_transaction("alder"):
        assert await CountsShown.count() == 0
