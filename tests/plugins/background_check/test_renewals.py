"""Renewals: both sides are told 60, 30 and 7 days before, each once, and the new check is one press away."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules.policy import Policy
from plugins.background_check.services.lapsing import running_out
from plugins.background_check.services.onward import RENEWALS
from plugins.background_check.services.policies import change
from plugins.background_check.services.renewals import LATE_DAYS, check_again, remind, renewals, steps_due
from plugins.background_check.tables.continuing import Reminder
from plugins.background_check.tables.orders import CheckOrder
from staffing.api import Conflict, NotAllowed, calendar, lapses_ahead, system_viewer, tenant_transaction
from staffing.core.findings import State
from staffing.store import jobs
from staffing.store.tables import Evidence, Person, Placement
from tests.factories import json_text, make_evidence, make_person, make_placement, make_position, make_site, make_tenant
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row
from tests.plugins.background_check.onward import TODAY, address_of, decided, hr, letters, placed, somebody
from tests.services.cleared import TERMS, make_alder
from tests.services.district_rules import adopt

VONDA = hr()
#: Rules that the volunteer's own checks keep, all of one day: the oldest counts for the group.
CHECKS = {"pa.vol.psp", "pa.vol.child_abuse"}


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_alder()


def issued(last_good_day: date) -> date:
    """When checks were issued that are good for 60 months through a day."""
    return calendar.add_months(last_good_day, -60)


async def running(days: int, **person: str) -> UUID:
    """Somebody at work whose checks have this many good days left; negative: they ran out."""
    return await placed(issued(TODAY + timedelta(days=days)), **person)


async def on_day(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setenv("STAFFING_TODAY", day.isoformat())


async def told(person: UUID) -> list[tuple[str, str]]:
    async with tenant_transaction("alder"):
        rows = await Reminder.select(Reminder.rule, Reminder.days).where(Reminder.person == person)
    return sorted((row["rule"], row["days"]) for row in rows)


# --- what runs out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "within", "named"), [(60, 60, True), (61, 60, False), (0, 60, True), (7, 6, False)])
async def test_a_lapse_is_told_through_the_last_day_of_the_window(alder: str, days: int, within: int, named: bool) -> None:
    person = await running(days)
    found = [one for one in await lapses_ahead("alder", within) if one.rule in CHECKS]
    assert {one.rule for one in found} == (CHECKS if named else set())
    for one in found:
        assert (one.person, one.plugin, one.lapsed, one.after_break) == (person, "background_check", False, False)
        assert one.last_good_day == TODAY + timedelta(days=days)
        assert one.kind in one.kinds


async def test_what_ran_out_is_told_with_its_last_good_day(alder: str) -> None:
    await running(-3)
    found = {one.rule: one for one in await lapses_ahead("alder", 1)}
    assert (found["pa.vol.psp"].lapsed, found["pa.vol.psp"].last_good_day) == (True, TODAY - timedelta(days=3))


async def test_each_lapse_is_where_the_rule_book_itself_says_expired(alder: str) -> None:
    person = await running(20)
    for lapse in [one for one in await lapses_ahead("alder", 60) if one.rule in CHECKS]:
        assert lapse.last_good_day is not None
        for day, expected in ((lapse.last_good_day, State.EXPIRING), (lapse.last_good_day + timedelta(days=1), State.EXPIRED)):
            from staffing.api import work_of

            work = await work_of(VONDA, person, placement=lapse.placement, on=day)
            assert next(f.state for f in work.decision.findings if f.rule == lapse.rule) is expected


async def test_who_is_not_cleared_for_another_reason_is_still_told_what_runs_out(alder: str) -> None:
    person = await running(20)
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where((Evidence.person == person) & (Evidence.kind == "tb_screening"))
        await Evidence.update({Evidence.withdrawn: True}).where((Evidence.person == person) & (Evidence.kind == "affirmation"))
    await decided(person)
    assert {one.rule for one in await lapses_ahead("alder", 60)} >= CHECKS


async def test_newer_evidence_ends_the_lapse_and_a_check_asked_for_is_told_as_such(alder: str) -> None:
    person = await running(20)
    await make_evidence(
        "alder", person=person, kind="state_criminal_history", state="initiated", result=None, issued_on=None, requested_on=TODAY
    )
    await decided(person)
    found = {one.rule: one for one in await lapses_ahead("alder", 60)}
    assert (found["pa.vol.psp"].asked_again, found["pa.vol.child_abuse"].asked_again) == (True, False)

    for kind in ("state_criminal_history", "child_abuse_history"):
        await make_evidence("alder", person=person, kind=kind, issued_on=TODAY, jurisdiction="us-pa", purpose="volunteer")
    await decided(person)
    assert not CHECKS & {one.rule for one in await lapses_ahead("alder", 60)}


@pytest.mark.parametrize(
    "gone",
    [
        {Placement.state: "ended", Placement.ends_on: date(2026, 11, 20)},
        {Placement.ends_on: date(2026, 12, 1)},
        {"status": "left"},
    ],
    ids=["ended", "ends before", "left"],
)
async def test_nobody_is_reminded_who_has_left_or_whose_work_ends_before(alder: str, gone: dict[object, object]) -> None:
    person = await running(20)
    async with tenant_transaction("alder"):
        if "status" in gone:
            await Person.update({Person.status: "left"}).where(Person.id == person)
        else:
            await Placement.update(gone).where(Placement.person == person)
    await decided(person)
    assert await remind("alder") == 0
    assert await letters(await address_of(person)) == []


async def test_two_places_of_work_are_one_line(alder: str) -> None:
    person = await running(20)
    site = await make_site("alder", name="Larch Elementary")
    await make_placement(
        "alder", person=person, site=site, position=await make_position("alder", site=site, terms=TERMS), terms=TERMS
    )
    await decided(person)
    lines = [one for one in await running_out("alder", 60) if one.rule == "pa.vol.psp"]
    assert [len(one.work) for one in lines] == [2]


# --- both sides are told, once for each step -------------------------------------------------------------------------


async def test_each_step_is_told_once_in_one_message_for_everything_that_runs_out(
    alder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await running(60)
    address = await address_of(person)
    messages = []
    for left in (61, 60, 59, 31, 30, 29, 8, 7, 6, 0):
        await on_day(monkeypatch, TODAY + timedelta(days=60 - left))
        await decided(person)
        await remind("alder")
        await remind("alder")
        messages.append(len(await letters(address)))
    assert messages == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert await told(person) == sorted((rule, days) for rule in CHECKS for days in ("60", "30", "7"))
    subject, body = (await letters(address))[0]
    assert subject == "Part of your clearance runs out soon"
    assert "January 23, 2027" in body
    assert not {"police", "criminal", "abuse"} & set(body.casefold().split()), "what runs out is read after signing in"


async def test_missed_nights_are_made_up_for_by_one_message(alder: str) -> None:
    person = await running(5)
    await remind("alder")
    assert len(await letters(await address_of(person))) == 1
    assert await told(person) == sorted((rule, days) for rule in CHECKS for days in ("60", "30", "7"))


async def test_what_ran_out_while_nobody_was_told_is_told_once_and_not_after_a_month(alder: str) -> None:
    just, long_ago = await running(-2), await running(-LATE_DAYS - 1)
    assert await remind("alder") == 1
    ((subject, body),) = await letters(await address_of(just))
    assert subject == "Part of your clearance has run out"
    assert "November 22, 2026" in body
    assert await letters(await address_of(long_ago)) == []


async def test_a_message_is_in_the_persons_language_with_its_day_as_they_write_it(alder: str) -> None:
    person = await running(30, language="es")
    await remind("alder")
    ((_, body),) = await letters(await address_of(person))
    assert "24 de diciembre de 2026" in body


async def test_two_workers_at_once_tell_once(alder: str) -> None:
    person = await running(30)
    await asyncio.gather(remind("alder"), remind("alder"), remind("alder"))
    assert len(await letters(await address_of(person))) == 1
    assert [action for action, _ in await journal_of(f"person/{person}") if action == "renewal:reminded"] == ["renewal:reminded"]


async def test_somebody_without_an_address_is_on_hrs_list_as_to_be_called(alder: str) -> None:
    person = await running(30, email="", phone="")
    await remind("alder")
    (line,) = [one for one in await renewals(VONDA) if one.what.rule == "pa.vol.psp"]
    assert (line.what.person, line.days_left, line.group) == (person, 30, "soon")
    assert {(step.days, step.channel) for step in line.told} == {("60", ""), ("30", "")}


async def test_a_new_period_is_told_of_anew(alder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    person = await running(30)
    await remind("alder")
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(Evidence.person == person)
    for kind in ("state_criminal_history", "child_abuse_history", "affirmation", "notice_acknowledgement", "tb_screening"):
        await make_evidence(
            "alder",
            person=person,
            kind=kind,
            issued_on=issued(TODAY + timedelta(days=90)),
            jurisdiction="us-pa",
            purpose="volunteer",
        )
    await decided(person)
    await on_day(monkeypatch, TODAY + timedelta(days=30))
    await decided(person)
    await remind("alder")
    assert len(await letters(await address_of(person))) == 2


async def test_the_policys_own_steps_count(alder: str) -> None:
    person = await running(80)
    assert await remind("alder") == 0
    await change(somebody("admin"), Policy(remind_days=(90, 14)), "Sooner is better.", over="standard-1")
    assert await remind("alder") == 1
    assert await told(person) == sorted((rule, "90") for rule in CHECKS)


@given(
    left=st.integers(-40, 100),
    steps=st.sets(st.integers(1, 365), min_size=1, max_size=6),
    known=st.sets(st.integers(1, 365).map(str)),
)
def test_a_step_is_due_from_its_day_on_until_it_was_told(left: int, steps: set[int], known: set[str]) -> None:
    due = steps_due(TODAY + timedelta(days=left), TODAY, steps, known)
    assert due == sorted(due, reverse=True)
    for step in steps:
        assert (step in due) == (-LATE_DAYS <= left <= step and str(step) not in known)


async def test_the_night_queues_a_job_for_each_district(alder: str) -> None:
    await make_tenant("birch", jurisdiction="us-pa")
    person = await running(30)
    async with tenant_transaction("alder"):
        await jobs.enqueue(RENEWALS)
    await jobs.run_waiting(database_address())
    assert len(await letters(await address_of(person))) == 1


def database_address() -> str:
    from staffing.store.engine import DB

    return str(DB.config["dsn"])


# --- the new check ---------------------------------------------------------------------------------------------------


async def test_the_new_check_is_one_press_away_and_names_what_it_renews(alder: str) -> None:
    account = await make_account()
    await make_package(account, title="A cheaper one", purpose="employment")
    package = await make_package(account, title="What they had", code="had", consumer_report=True)
    person = await running(30)
    old = await make_order(account, package, person=person, status="complete", result="clear", outcome="eligible")
    (line,) = [one for one in await renewals(VONDA) if one.what.rule == "pa.vol.psp"]
    assert line.what.suggested is not None and line.what.suggested.title == "What they had"

    order = await check_again(VONDA, person, "pa.vol.psp", package)
    row = await order_row(order)
    assert (row["why"], row["renews"], row["status"]) == ("renewal", old, "to_authorise")
    (line,) = [one for one in await renewals(VONDA) if one.what.rule == "pa.vol.psp"]
    assert line.what.open_order == order
    with pytest.raises(Conflict, match="still on its way"):
        await check_again(VONDA, person, "pa.vol.psp", package)


async def test_nothing_is_ordered_for_what_does_not_run_out(alder: str) -> None:
    package = await make_package(await make_account())
    person = await running(200)
    with pytest.raises(Conflict, match="does not run out any more"):
        await check_again(VONDA, person, "pa.vol.psp", package)
    async with tenant_transaction("alder"):
        assert not await CheckOrder.exists()


async def test_by_policy_the_first_reminder_places_the_new_check_and_it_waits_for_the_person(
    alder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await change(somebody("admin"), Policy(renew_by_itself=True), "Nobody should wait for us.", over="standard-1")
    package = await make_package(
        await make_account(), consumer_report=True, kinds=json_text(["state_criminal_history", "child_abuse_history"])
    )
    person = await running(60)
    await remind("alder")
    await remind("alder")
    async with tenant_transaction("alder"):
        rows = await CheckOrder.select().where(CheckOrder.person == person)
    ((why, status, of, by),) = [(row["why"], row["status"], row["package"], row["ordered_by"]) for row in rows]
    assert (why, status, of, by) == ("renewal", "to_authorise", package, system_viewer("alder").tag)
    ((_, body),) = await letters(await address_of(person))
    assert "A new check has been started" in body
    await on_day(monkeypatch, TODAY + timedelta(days=30))
    await remind("alder")
    async with tenant_transaction("alder"):
        assert await CheckOrder.count().where(CheckOrder.person == person) == 1


async def test_what_cannot_be_placed_by_itself_is_left_to_hr_and_the_reminder_goes_out(alder: str) -> None:
    await change(somebody("admin"), Policy(renew_by_itself=True), "Nobody should wait for us.", over="standard-1")
    await make_package(await make_account(), consumer_report=True, youngest=70)
    person = await running(60)
    assert await remind("alder") == 1
    async with tenant_transaction("alder"):
        assert not await CheckOrder.exists()
    assert len(await letters(await address_of(person))) == 1


# --- a break in service ----------------------------------------------------------------------------------------------

BREAK = """\
pack: us-pa
overlay: alder-breaks
title: Alder Unified, breaks in service
layer: district_policy
checked_on: 2026-11

requirements:
  - id: alder.after_break
    ref: ALDER-21
    title: A check since the last break
    why: Whoever comes back after half a year is checked again.
    clearance: true
    remedy: {who: district, what: Order a check.}
    versions:
      - from: 2020-07-01
        citation: Alder policy 6.1
        confidence: high
        applies_when: {placement.engagement: volunteer}
        accepts: [{kind: state_criminal_history}]
        valid: {months: 60, break: {more_than_days: 180}}
"""


async def test_who_comes_back_after_a_break_is_on_the_list_with_the_reason_and_is_not_reminded(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_tennessee()
    person = await make_person("cedar", facts={"relationship": "community"})
    site = await make_site("cedar")
    terms = child_care(separated_on="2026-01-10", returned_on="2026-11-01")
    await make_placement(
        "cedar",
        person=person,
        site=site,
        position=await make_position("cedar", site=site, terms=terms),
        terms=terms,
        starts_on=date(2025, 9, 1),
    )
    await make_evidence(
        "cedar",
        person=person,
        kind="us-tn:dhs_clearance",
        issued_on=date(2025, 8, 20),
        jurisdiction="us-tn",
        purpose="employment",
    )
    await decided(person, "cedar")
    package = await make_package(
        await make_account(tenant="cedar"), tenant="cedar", kinds=json_text(["us-tn:dhs_clearance"]), consumer_report=True
    )
    vonda = hr("cedar")
    lines = [one for one in await renewals(vonda) if one.group == "break"]
    assert [(one.what.person, one.what.after_break, one.what.lapsed) for one in lines] == [(person, True, True)]
    assert "break in service" in str(lines[0].what.reason)
    assert await remind("cedar") == 0

    order = await check_again(vonda, person, lines[0].what.rule, package)
    assert (await order_row(order, "cedar"))["why"] == "break_in_service"


async def make_tennessee() -> None:
    from staffing.store.tables import PluginSwitch

    await make_tenant("cedar", name="Cedar County Schools", jurisdiction="us-tn", time_zone="America/Chicago")
    async with tenant_transaction("cedar"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))


def child_care(**context: str) -> dict[str, object]:
    """A partner's paid helper in child care, with a break in their service."""
    return {
        "engagement": "employee",
        "employer": "partner",
        "setting": "off_campus",
        "programme": "child_care",
        "contact": "routine",
        "gives_care": True,
        "responsible_for_welfare": True,
        "supervision": "line_of_sight",
        "duties": ["child_care"],
        "context": context,
    }


@pytest.mark.parametrize("role", ["volunteer", "partner", "coordinator", "union", "cabinet"])
async def test_renewals_are_hrs_alone(alder: str, role: str) -> None:
    with pytest.raises(NotAllowed):
        await renewals(somebody(role))


async def test_a_districts_own_rule_on_a_check_is_told_of_too(alder: str) -> None:
    await adopt(BREAK)
    person = await running(30)
    assert {one.rule for one in await running_out("alder", 60, person)} == {*CHECKS, "alder.after_break"}
