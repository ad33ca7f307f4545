"""What a check leaves behind is kept as long as the rules say, and not a day shorter; as long as it is in use it stays."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules import retention
from plugins.background_check.rules.retention import Choice
from plugins.background_check.rules.timers import counting, shipped
from plugins.background_check.services import keeping
from plugins.background_check.tables.continuing import Flag
from plugins.background_check.tables.decided import AdverseAction, CheckDetermination
from plugins.background_check.tables.orders import CheckOrder
from staffing.core.errors import Invalid
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person
from tests.factories import make_person
from tests.plugins.background_check.checks import journal_of, make_account, make_package
from tests.plugins.background_check.kept_files import (
    TODAY,
    WHOLE,
    alone,
    at,
    destroyed,
    left,
    make_file,
    months_ago,
)


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


# --- the rules ---


def test_every_default_says_what_it_rests_on() -> None:
    for item in retention.items():
        assert item.months >= item.least
        assert item.citation or item.basis == "composed"
        assert bool(item.citation) == bool(item.url)
        assert bool(item.least) == bool(item.least_citation)
    assert {item.item: item.months for item in retention.items()} == {
        "adverse_file": 72, "consents": 72, "decisions": 24, "orders": 72, "letters": 24, "flags": 24, "accepted": 72,
        "shares": 12, "self_descriptions": 60, "reminders": 12, "batches": 24, "events": 3,
    }  # fmt: skip


def rule(item: str, jurisdiction: str = "us-pa", timers: Any = (), **chosen: int) -> retention.Rule:
    choices = {name: Choice(months=months, why="Board", made_by="x", made_on=TODAY) for name, months in chosen.items()}
    return next(one for one in retention.rules(jurisdiction, timers, choices) if one.item.item == item)


def test_a_place_that_asks_for_four_years_makes_it_four_where_its_timer_counts() -> None:
    county = counting(shipped(), {"us_ca_la_county": True})
    assert rule("decisions", "us-ca").months == 24
    found = rule("decisions", "us-ca", county)
    assert (found.months, found.least) == (48, 48)
    assert "Los Angeles County" in found.least_because
    assert rule("decisions", "us-ca", county, decisions=30).months == 48
    assert rule("batches", "us-ca", county).least == 0


def test_a_state_s_limit_upwards_counts_for_what_is_of_a_check() -> None:
    assert rule("consents", "us-ma", consents=120).months == 84
    assert rule("batches", "us-ma", batches=120).months == 120
    assert rule("consents", "us-ma").most_because == "CORI: 803 CMR 2.00"


@pytest.mark.parametrize(
    ("item", "jurisdiction", "months", "why", "says"),
    [
        ("decisions", "us-pa", 23, "Board", "cannot be kept for less than 2 years: 29 CFR 1602.40"),
        ("consents", "us-ma", 85, "Board", "cannot be kept for more than 7 years: CORI"),
        ("events", "us-pa", 0, "Board", "between 1 and 240 months"),
        ("events", "us-pa", 241, "Board", "between 1 and 240 months"),
        ("events", "us-pa", 6, "  ", "Say in a sentence why"),
    ],
)
def test_a_choice_that_a_law_does_not_allow_is_refused_with_the_law(
    item: str, jurisdiction: str, months: int, why: str, says: str
) -> None:
    with pytest.raises(Invalid, match=says):
        retention.checked(rule(item, jurisdiction), months, why)


@given(st.integers(0, 300))
def test_what_is_in_force_is_never_under_the_least(months: int) -> None:
    for jurisdiction in ("us-pa", "us-ma"):
        for one in retention.rules(
            jurisdiction, shipped(), {i.item: Choice(months=months, why="", made_by="", made_on=TODAY) for i in retention.items()}
        ):
            assert one.months >= one.least
            assert one.most is None or one.months <= max(one.most, one.least)


@pytest.mark.parametrize(
    ("months", "says"), [(72, "6 years"), (12, "1 year"), (3, "3 months"), (1, "1 month"), (30, "2 years and 6 months")]
)
def test_months_are_spoken_as_people_say_them(months: int, says: str) -> None:
    assert retention.spoken(months) == says


# --- what is due ---


async def test_a_whole_file_goes_the_day_after_its_time_and_not_on_its_last_day(tenant: str) -> None:
    await make_file(months_ago(72))
    await keeping.destroy(tenant)
    assert await left() == {name: count for name, count in WHOLE.items() if name not in {"determination", "assessment"}}
    async with tenant_transaction(tenant):
        await CheckOrder.update({CheckOrder.last_action_on: months_ago(72, 1)}).where(CheckOrder.id.is_not_null())
    # The file tells of the same last action still, so it stays until the day after.
    await keeping.destroy(tenant)
    assert (await left())["consent"] == 1


async def test_a_file_whose_time_is_over_is_destroyed_whole_in_one_certificate(tenant: str) -> None:
    await make_file(months_ago(72, 1))
    await keeping.destroy(tenant)
    assert await left() == {}
    (made,) = await destroyed()
    assert {one["item"]: one["count"] for one in made["body"]["items"]} == {
        "adverse_file": 3, "decisions": 2, "consents": 1, "orders": 2,
    }  # fmt: skip
    assert bytes(made["digest"]) == hashlib.sha256(keeping.canonical(made["body"])).digest()
    ((action, facts),) = await journal_of(f"destruction/{made['id']}")
    assert action == "retention:destroyed"
    assert facts["digest"] == bytes(made["digest"]).hex()


async def test_decisions_go_after_two_years_and_the_rest_is_still_kept_six_years_from_the_same_day(
    tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = months_ago(24, 1)
    file = await make_file(last, adverse=False)
    await keeping.destroy(tenant)
    assert await left() == {"check_order": 1, "consent": 1, "check_look": 1}
    async with tenant_transaction(tenant):
        order = await CheckOrder.select().where(CheckOrder.id == file.order).first()
    assert order is not None
    assert (order["last_action_on"], order["outcome"]) == (last, "not_eligible")
    monkeypatch.setenv("STAFFING_TODAY", retention.last_day(last, 72).isoformat())
    await keeping.destroy(tenant)
    assert (await left())["consent"] == 1
    monkeypatch.setenv("STAFFING_TODAY", (retention.last_day(last, 72) + timedelta(days=1)).isoformat())
    await keeping.destroy(tenant)
    assert await left() == {}


async def test_twice_on_a_day_destroys_nothing_more(tenant: str) -> None:
    await make_file(months_ago(80))
    await keeping.destroy(tenant)
    await keeping.destroy(tenant)
    assert len(await destroyed()) == 1


OPEN: dict[str, dict[str, Any]] = {
    "still on its way": {"status": "in_progress", "outcome": None},
    "not decided": {"status": "complete", "outcome": None},
    "opened again": {"opened_again_at": at(months_ago(80))},
}


@pytest.mark.parametrize("how", OPEN)
async def test_a_check_that_is_open_stays(tenant: str, how: str) -> None:
    file = await make_file(months_ago(90), adverse=False)
    async with tenant_transaction(tenant):
        await CheckOrder.update({getattr(CheckOrder, name): value for name, value in OPEN[how].items()}).where(
            CheckOrder.id == file.order
        )
    before = await left()
    await keeping.destroy(tenant)
    assert await left() == before


@pytest.mark.parametrize("how", ["an open adverse action", "a second reviewer", "an open flag"])
async def test_a_check_about_which_something_is_open_stays(tenant: str, how: str) -> None:
    file = await make_file(months_ago(90))
    async with tenant_transaction(tenant):
        if how == "an open adverse action":
            await AdverseAction.update({AdverseAction.ended_at: None}).where(AdverseAction.order == file.order)
        elif how == "a second reviewer":
            await CheckDetermination.update({CheckDetermination.state: "waits_for_second"}).where(
                CheckDetermination.order == file.order
            )
        else:
            await Flag.insert(Flag(person=file.person, kind="other", received_by="hr", received_at=at(months_ago(1))))
    before = await left()
    await keeping.destroy(tenant)
    assert await left() == before


async def test_a_check_stays_while_somebody_works_on_its_strength_and_goes_once_they_left_or_another_followed(
    tenant: str,
) -> None:
    here = await make_file(months_ago(90), outcome="eligible", adverse=False)
    gone = await make_file(months_ago(90), outcome="eligible", adverse=False)
    twice = await make_person("alder")
    account = await make_account()
    package = await make_package(account)
    await make_file(months_ago(95), outcome="eligible", adverse=False, person=twice, package=package)
    newest = await make_file(months_ago(90), outcome="eligible_with_conditions", adverse=False, person=twice, package=package)
    async with tenant_transaction(tenant):
        await Person.update({Person.status: "left"}).where(Person.id == gone.person)
    await keeping.destroy(tenant)
    async with tenant_transaction(tenant):
        orders = {row["id"] for row in await CheckOrder.select(CheckOrder.id)}
    assert orders == {here.order, newest.order}


async def test_a_clearance_good_until_a_day_is_kept_from_that_day_on(tenant: str) -> None:
    file = await make_file(months_ago(30), outcome="eligible", adverse=False)
    async with tenant_transaction(tenant):
        await Person.update({Person.status: "left"}).where(Person.id == file.person)
        await CheckDetermination.update({CheckDetermination.valid_until: months_ago(10)}).where(
            CheckDetermination.order == file.order
        )
    await keeping.destroy(tenant)
    assert (await left())["determination"] == 1


async def test_what_hangs_on_no_check_goes_by_its_own_time(tenant: str) -> None:
    await alone(await make_person("alder"))
    await keeping.destroy(tenant)
    assert await left() == {"check_event": 2}
    (made,) = await destroyed()
    assert {one["item"] for one in made["body"]["items"]} == {
        "flags", "accepted", "shares", "reminders", "self_descriptions", "batches", "events",
    }  # fmt: skip
