"""How long a person has to answer: boundary days as data, what no clock may ever do, and what a district may say of a rule."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules import timers
from plugins.background_check.rules.federal_holidays import federal_holidays, in_years
from plugins.background_check.rules.timers import CHANNELS, Extension, Sending, Timer
from plugins.background_check.services import fair_timers
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, calendar
from tests.factories import make_tenant
from tests.plugins.background_check.checks import journal_of
from tests.plugins.background_check.steps import TODAY, at, viewer

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "timers.yaml").read_text())
WORK = calendar.DayKind.WORK


def clock_of(case: dict[str, Any]) -> timers.Clock | None:
    choices = dict.fromkeys(case.get("switched_on", ()), True) | dict.fromkeys(case.get("switched_off", ()), False)
    first = min(case["sent"].values())
    here = timers.counting(timers.offered(case["here"], first), choices)
    sent = [Sending(channel=way, sent_on=day, arrived_on=case.get("arrived", {}).get(way)) for way, day in case["sent"].items()]
    return timers.started(here, sent, frozenset(case.get("closed", ())))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_last_day_is_the_one_counted_by_hand(case: dict[str, Any]) -> None:
    clock = clock_of(case)
    if "deadline" not in case:
        assert clock is None
        return
    assert clock is not None
    assert (clock.timer.id, clock.received_on, clock.deadline) == (case["rule"], case["received"], case["deadline"])


# --- federal holidays, worked out here from 5 USC 6103 without the library ---


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _by_statute(year: int) -> set[date]:
    may = date(year, 5, 31)
    days = {
        _nth(year, 1, 0, 3),
        _nth(year, 2, 0, 3),
        may - timedelta(days=may.weekday()),
        _nth(year, 9, 0, 1),
        _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    }
    fixed = [(year, 1, 1), (year, 6, 19), (year, 7, 4), (year, 11, 11), (year, 12, 25), (year + 1, 1, 1)]
    for day in (date(*parts) for parts in fixed):
        days |= {day, day - timedelta(days=day.weekday() == 5), day + timedelta(days=day.weekday() == 6)}
    return {day for day in days if day.year == year and day.weekday() < 5}


@pytest.mark.parametrize("year", range(2022, 2061))
def test_the_federal_holidays_of_each_year_are_those_of_the_statute(year: int) -> None:
    assert {day for day in federal_holidays(year) if day.weekday() < 5} == _by_statute(year)


# --- what no clock may ever do ---

days = st.dates(date(2026, 1, 6), date(2036, 12, 1))
waits = st.tuples(st.integers(0, 40), st.integers(0, 90))
closings = st.frozensets(st.dates(date(2026, 1, 1), date(2037, 12, 31)), max_size=12)
ways = st.lists(st.sampled_from([way for way in CHANNELS if way != "hand"]), min_size=1, max_size=3, unique=True)
places = st.sampled_from(["us-ca", "us-il", "us-md", "us-ny", "us-oh", "us-pa"])


@given(here=places, on=days, by=ways, closed=closings, everything=st.booleans())
def test_no_last_day_is_earlier_than_the_default_s_or_on_a_day_on_which_nobody_works(here, on, by, closed, everything) -> None:
    offered = timers.offered(here, on)
    choices = {timer.id: everything for timer in offered}
    sent = [Sending(channel=way, sent_on=on) for way in by]
    clock = timers.started(timers.counting(offered, choices), sent, closed)
    default = timers.started([timer for timer in offered if timer.id == timers.DEFAULT], sent, closed)
    assert clock is not None and default is not None
    assert clock.deadline >= default.deadline
    assert calendar.counts(clock.deadline, WORK, closed | in_years([clock.deadline.year]))
    assert clock.received_on >= on
    every = closed | in_years({on.year, on.year + 1})
    between = [on + timedelta(days=n) for n in range(1, (clock.deadline - on).days + 1)]
    assert sum(calendar.counts(day, WORK, every) for day in between) >= 5


@given(on=days, by=ways, closed=closings, late=st.integers(0, 40))
def test_a_later_arrival_never_makes_the_last_day_earlier(on, by, closed, late) -> None:
    here = timers.counting(timers.offered("us-ca", on), {})
    told = timers.started(here, [Sending(channel=way, sent_on=on) for way in by], closed)
    arrived = on + timedelta(days=late)
    later = timers.started(here, [Sending(channel=way, sent_on=on, arrived_on=arrived) for way in by], closed)
    assert told is not None and later is not None
    assert later.deadline >= told.deadline


@given(start=days, length=st.integers(1, 30), waited=waits, closed=closings, more=st.booleans())
def test_a_clock_that_stood_still_gives_every_day_that_was_left_and_never_ends_earlier(start, length, waited, closed, more):
    asked, stood = waited
    every = closed | in_years(range(start.year, start.year + 3))
    deadline = timers.on_a_work_day(start + timedelta(days=length), every)
    paused = start + timedelta(days=asked)
    left = timers.days_left(paused, deadline, closed)
    on = paused + timedelta(days=stood)
    added = [Extension(days=5)] if more else []
    again = timers.goes_on(on, left, deadline, added, closed)
    assert again >= deadline
    if left:
        assert timers.days_left(on, again, closed) >= left
    if left or more:
        assert calendar.counts(again, WORK, closed | in_years([again.year]))
    else:
        assert again == deadline


# --- the rows themselves ---


def test_every_row_is_cited_and_says_how_far_it_may_be_trusted() -> None:
    rows = timers.shipped()
    assert len({row.id for row in rows}) == len(rows) == 8
    for row in rows:
        assert row.citation and row.source and row.url.startswith("https://")
        assert row.standing == "always" or row.effective_from is not None
        assert set(row.deemed) <= set(CHANNELS) and set(row.channels_required) <= set(CHANNELS)


def test_what_the_research_only_recalled_is_named_as_unconfirmed() -> None:
    california = next(row for row in timers.shipped() if row.id == "us_ca")
    assert {"deemed mail", "deemed mail_us", "deemed mail_abroad", "extension"} <= set(california.unconfirmed)
    assert all(row.confidence != "high" for row in timers.shipped() if row.unconfirmed)


def test_a_row_that_asks_for_two_ways_refuses_one() -> None:
    rows = [row for row in timers.shipped() if row.id in {"default", "us_ca_la_county"}]
    assert timers.channels_lacking(rows, ["email", "mail_us"]) == []
    assert "by mail within the state" in timers.channels_lacking(rows, ["email"])[0]


# --- what a district says ---


@pytest.fixture
async def tenant(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    at(monkeypatch, TODAY)
    return await make_tenant("alder", jurisdiction="us-pa")


async def _counting(tenant: str) -> list[str]:
    return [timer.id for timer in await fair_timers.counting_here(tenant, TODAY)]


async def test_a_local_rule_counts_once_an_administrator_says_so_with_counsel_s_word(tenant: str) -> None:
    admin = viewer("admin", "Ada Invented")
    assert await _counting(tenant) == ["default"]
    with pytest.raises(Invalid, match="Name the lawyer"):
        await fair_timers.choose(admin, "us_pa_philadelphia", True, signed_off_by=" ")
    await fair_timers.choose(admin, "us_pa_philadelphia", True, signed_off_by="Lee Invented, Esq.", note="We are in the city.")
    assert await _counting(tenant) == ["default", "us_pa_philadelphia"]
    with pytest.raises(Conflict, match="counts here already"):
        await fair_timers.choose(admin, "us_pa_philadelphia", True, signed_off_by="Lee Invented, Esq.")
    await fair_timers.choose(admin, "us_pa_philadelphia", False, signed_off_by="Lee Invented, Esq.")
    assert await _counting(tenant) == ["default"]
    said = await journal_of("timer/us_pa_philadelphia")
    assert [(act, facts["counts"]) for act, facts in said] == [("timer:chosen", True), ("timer:chosen", False)]


async def test_the_default_cannot_be_switched_off_nor_a_rule_of_elsewhere_switched_on(tenant: str) -> None:
    admin = viewer("admin", "Ada Invented")
    with pytest.raises(Conflict, match="always counts"):
        await fair_timers.choose(admin, "default", False, signed_off_by="Lee Invented, Esq.")
    for rule in ("us_ca", "us_ny_nyc", "made_up"):
        with pytest.raises(NotFound):
            await fair_timers.choose(admin, rule, True, signed_off_by="Lee Invented, Esq.")


OWN = {"name": "Agreement T1", "citation": "Section 4", "days": 12, "day_kind": "work", "effective_from": date(2026, 1, 1)}


async def test_a_district_writes_a_rule_of_its_own_and_can_switch_it_off(tenant: str) -> None:
    admin = viewer("admin", "Ada Invented")
    rule = await fair_timers.write_own(admin, OWN, signed_off_by="The board")
    here = await fair_timers.counting_here(tenant, TODAY)
    clock = timers.started(here, [Sending(channel="email", sent_on=TODAY)], ())
    assert clock is not None
    assert (clock.timer.id, clock.timer.standing, clock.deadline) == (rule, "own", date(2026, 12, 11))
    await fair_timers.choose(admin, rule, False, signed_off_by="The board")
    assert await _counting(tenant) == ["default"]


@pytest.mark.parametrize("change", [{"days": 0}, {"days": 91}, {"name": ""}, {"citation": ""}, {"day_kind": "school"}])
async def test_a_rule_of_its_own_that_cannot_be_is_refused(tenant: str, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await fair_timers.write_own(viewer("admin", "Ada Invented"), OWN | change, signed_off_by="The board")


@pytest.mark.parametrize("role", ["hr", "partner", "volunteer"])
async def test_only_an_administrator_says_what_counts(tenant: str, role: Any) -> None:
    for act in (
        fair_timers.choose(viewer(role, "Somebody"), "us_pa_philadelphia", True, signed_off_by="Me"),
        fair_timers.write_own(viewer(role, "Somebody"), OWN, signed_off_by="Me"),
    ):
        with pytest.raises(NotAllowed):
            await act


def test_a_timer_keeps_everything_when_it_is_kept_as_plain_values() -> None:
    import msgspec

    for row in timers.shipped():
        assert msgspec.convert(msgspec.json.decode(msgspec.json.encode(row)), Timer, strict=False) == row
