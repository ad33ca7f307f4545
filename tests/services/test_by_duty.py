"""Readiness by duty: what a person can do now, and the shortest way to the rest, decided by the one evaluator."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from staffing.core.errors import NotAllowed, NotFound
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.services.ahead import by_duty
from staffing.services.ahead.by_duty import Duties, Duty
from staffing.services.district_rules import changes
from staffing.services.district_rules.changes import RecordWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store.engine import tenant_transaction
from tests.factories import make_document, make_evidence, make_organisation, make_person, make_position, make_site, make_tenant
from tests.services.district_rules import admin
from tests.services.own_rules import BY_TERMS, TODAY, make_own_rules

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def hr(database: str, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_own_rules()


async def make_positions(**more: object) -> tuple[UUID, UUID]:
    """A school with a helper and an online reader, a hub with a mentor; gives the two sites."""
    organisation = await make_organisation("alder", name="Alder Unified")
    school = await make_site("alder", organisation=organisation, name="Marigold Elementary")
    hub = await make_site("alder", organisation=organisation, name="River Hub", kind="hub", setting="off_campus")
    for title, site, terms in (("Helper", school, "campus"), ("Online reader", school, "remote"), ("Mentor", hub, "away")):
        values = {"terms": {**BY_TERMS[terms], **more}, "places": 2}
        await make_position("alder", site=site, organisation=organisation, title=title, **values)
    return school, hub


def duty(found: Duties, title: str) -> Duty:
    return next(d for p in found.places for d in (*p.now, *p.later) if d.title == title)


def told(found: Duties) -> dict[str, tuple[list[str], list[str]]]:
    return {p.name: ([d.title for d in p.now], [d.title for d in p.later]) for p in found.places}


async def test_each_position_is_open_or_has_a_shortest_way_grouped_by_site(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")

    found = await by_duty.of_person(hr, person)

    assert told(found) == {"Marigold Elementary": ([], ["Online reader", "Helper"]), "River Hub": ([], ["Mentor"])}
    reader, helper, mentor = (duty(found, title).ways[0] for title in ("Online reader", "Helper", "Mentor"))
    assert (reader.days, reader.unknown_days, reader.cents, reader.unknown_costs) == (3, 0, 0, 0)
    assert (helper.days, helper.unknown_days, helper.cents, helper.unknown_costs) == (12, 0, 4000, 0)
    assert (mentor.days, mentor.unknown_days, mentor.cents, mentor.unknown_costs) == (3, 1, 0, 1)
    assert [d.title for _, d in found.others] == ["Online reader", "Helper", "Mentor"]


async def test_each_step_names_who_acts_what_it_costs_how_long_and_under_which_rule(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")

    first, second = duty(await by_duty.of_person(hr, person), "Helper").ways[0].steps

    assert (first.rule, first.who, str(first.what)) == ("alder.first_aid", "person", "Take the course and send us the card.")
    assert (first.cost, first.cents, first.days) == ("$40", 4000, 12)
    assert (first.layer, first.citation, first.version) == ("District policy", "Alder policy 5.2", date(2020, 7, 1))
    assert (second.rule, second.cents, second.days) == ("alder.talk", 0, 3)


async def test_what_comes_in_opens_positions_and_shortens_the_way_to_others(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=TODAY)

    found = await by_duty.of_person(hr, person)

    assert told(found) == {"Marigold Elementary": (["Online reader"], ["Helper"]), "River Hub": ([], ["Mentor"])}
    assert (found.now, found.later) == (1, 2)
    assert duty(found, "Online reader").ways == ()
    assert duty(found, "Online reader").valid_through == date(2027, 11, 24)
    assert [s.rule for s in duty(found, "Helper").ways[0].steps] == ["alder.first_aid"]
    later = await by_duty.of_person(hr, person, date(2027, 11, 25))
    assert later.now == 0, "the talk is good for a year and not a day longer"


async def test_every_answer_is_the_one_evaluators(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=TODAY)
    found = await by_duty.of_person(hr, person)
    every = [d for p in found.places for d in (*p.now, *p.later)]
    assert len(every) == 3
    for one in every:
        async with tenant_transaction("alder"):
            decision = await readiness.decision_of(person, position_id=one.position)
        assert decision.outcome.clears is one.clears
        lacking = {f.rule for f in decision.findings if not f.effect.clears}
        assert {s.rule for way in one.ways for s in way.steps} == lacking


async def test_a_paper_that_waits_to_be_looked_at_is_our_step(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")
    await make_document("alder", person=person, kind="education")
    step = next(s for s in duty(await by_duty.of_person(hr, person), "Helper").ways[0].steps if s.rule == "alder.first_aid")
    assert (step.paper, step.who, step.days) == (True, "district", 2)


async def test_where_the_law_lets_work_begin_once_checks_are_asked_for_that_is_the_shorter_way(hr: Actor) -> None:
    seen = {"supervision": "line_of_sight", "supervised_by": "certificated"}
    school, _hub = await make_positions(engagement="employee", contact="routine", gives_care=True, **seen)
    person = await make_person("alder", facts={"resident_since": "2001-06-01"})

    found = duty(await by_duty.of_person(hr, person, site=school), "Online reader")

    assert not found.clears
    sooner = next(way for way in found.ways if way.for_now)
    asked = {step.rule for step in sooner.steps if step.asked}
    assert "pa.emp.psp" in asked
    assert all(step.days == 0 for step in sooner.steps if step.asked)
    whole = next(way for way in found.ways if not way.for_now)
    assert not any(step.asked for step in whole.steps)
    only_now = [step for step in sooner.steps if step.rule not in {s.rule for s in whole.steps}]
    assert [(s.title, s.citation) for s in only_now] == [("Signed affirmation", "23 Pa.C.S. §6344(m), Act 12 of 2022")]
    # what the way says is what the evaluator says once it has been done
    for kind in ("state_criminal_history", "fbi_fingerprint", "child_abuse_history"):
        values = {"state": "initiated", "result": None, "issued_on": None, "requested_on": TODAY}
        await make_evidence("alder", person=person, kind=kind, purpose="employment", jurisdiction="us-pa", **values)
    await make_evidence("alder", person=person, kind="affirmation", result=None, issued_on=TODAY)
    then = duty(await by_duty.of_person(hr, person, site=school), "Online reader")
    left = {s.rule for way in then.ways for s in way.steps}
    assert left == {s.rule for s in sooner.steps if not s.asked} - {only_now[0].rule}


async def test_a_volunteer_is_never_told_to_begin_before_the_checks_are_in(hr: Actor) -> None:
    routine = {"contact": "routine", "gives_care": True, "supervision": "line_of_sight"}
    await make_positions(**routine)
    person = await make_person("alder", facts={"resident_since": "2001-06-01"})
    found = await by_duty.of_person(hr, person)
    assert found.later == 3
    assert not any(way.for_now for p in found.places for d in p.later for way in d.ways)


async def test_what_time_alone_brings_is_given_with_its_day(hr: Actor) -> None:
    await make_positions(trips=True)
    birthday = TODAY + timedelta(days=40)
    person = await make_person("alder", born_on=birthday.replace(year=birthday.year - 18))
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=TODAY)

    way = duty(await by_duty.of_person(hr, person), "Online reader").ways[0]

    assert [(s.rule, s.opens_on, s.days) for s in way.steps] == [("alder.adult", birthday, 40)]
    assert way.sure


async def test_a_waiver_for_one_site_opens_work_there_alone(hr: Actor) -> None:
    _school, hub = await make_positions()
    other = await make_site("alder", name="Hill Hub", setting="off_campus")
    await make_position("alder", site=other, title="Hill mentor", terms=BY_TERMS["away"])
    person = await make_person("alder")
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=TODAY)
    waiver = NewWaiver(sections=("Alder policy 5.3",), granted_by="Board of Alder Unified", starts_on=TODAY, site=hub)
    await changes.apply(admin(), RecordWaiver(waiver=waiver), "Granted at the November meeting")

    found = await by_duty.of_person(hr, person)

    assert duty(found, "Mentor").clears
    assert not duty(found, "Hill mentor").clears


async def test_one_site_can_be_looked_at_alone(hr: Actor) -> None:
    _school, hub = await make_positions()
    person = await make_person("alder")
    found = await by_duty.of_person(hr, person, site=hub)
    assert told(found) == {"River Hub": ([], ["Mentor"])}
    assert [name for _, name in found.sites] == ["Marigold Elementary", "River Hub"]
    with pytest.raises(NotFound):
        await by_duty.of_person(hr, person, site=uuid4())


async def test_staff_see_closed_positions_and_a_volunteer_only_open_ones(hr: Actor) -> None:
    school, _hub = await make_positions()
    await make_position("alder", site=school, title="Closed", terms=BY_TERMS["remote"], open=False)
    person = await make_person("alder")
    volunteer = Actor(tenant="alder", name="Rosa", role="volunteer", person=person)
    assert not duty(await by_duty.of_person(hr, person), "Closed").open
    mine = await by_duty.mine(volunteer)
    assert {d.title for p in mine.places for d in p.later} == {"Helper", "Online reader", "Mentor"}
    assert "Closed" not in {d.title for _, d in mine.others}


async def test_nobody_sees_another_districts_person_and_a_volunteer_only_their_own(hr: Actor) -> None:
    await make_positions()
    person = await make_person("alder")
    await make_tenant("birch", jurisdiction="us-pa")
    with pytest.raises(NotFound):
        await by_duty.of_person(Actor(tenant="birch", name="Bo", role="hr"), person)
    volunteer = Actor(tenant="alder", name="Rosa", role="volunteer", person=person)
    with pytest.raises(NotAllowed):
        await by_duty.of_person(volunteer, await make_person("alder"))
    with pytest.raises(NotFound):
        await by_duty.mine(hr)
