"""The forecast: what really gets worse in a window, which sessions lose their adult by it, and the cheapest ways to keep them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from staffing.core.errors import Invalid, NotAllowed, NotFound
from staffing.services.actors import Actor
from staffing.services.ahead import forecast
from staffing.services.ahead.forecast import Forecast
from staffing.services.ahead.lapses import Lapse
from staffing.services.district_rules import changes
from staffing.services.district_rules.changes import AdoptOverlay
from staffing.store.engine import tenant_transaction
from staffing.store.queries import lapses as queries
from staffing.store.tables import Decision, Journal, Placement
from tests.factories import make_document, make_evidence, make_organisation, make_person, make_position, make_site, make_tenant
from tests.services.district_rules import ORIENTATION, admin
from tests.services.own_rules import BY_TERMS, TODAY, a_year_before, decide, make_own_rules, make_placed, make_taken

pytestmark = pytest.mark.usefixtures("database")


class World(msgspec.Struct, kw_only=True):
    """A school with a helper and an online reader, and a partner."""

    hr: Actor
    partner: UUID
    site: UUID
    helper: UUID
    reader: UUID


@pytest.fixture
async def world(database: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    hr = await make_own_rules()
    partner = await make_organisation("alder", name="Valley Reads", kind="community_based")
    site = await make_site("alder", name="Marigold Elementary")
    helper = await make_position("alder", site=site, title="Helper", terms=BY_TERMS["campus"])
    reader = await make_position("alder", site=site, title="Online reader", terms=BY_TERMS["remote"])
    return World(hr=hr, partner=partner, site=site, helper=helper, reader=reader)


async def reader_until(world: World, day: date, **person: Any) -> tuple[UUID, UUID]:
    """An online reader whose safety talk stops counting on a day."""
    who, placement = await make_placed(world.reader, world.site, person=await make_person("alder", **person))
    await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=a_year_before(day))
    await decide(who)
    return who, placement


async def helper_until(world: World, talk: date, course: date) -> tuple[UUID, UUID]:
    """A helper whose talk and whose first aid course stop counting on these days."""
    who, placement = await make_placed(world.helper, world.site, "campus")
    await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=a_year_before(talk))
    await make_evidence("alder", person=who, kind="education", result=None, issued_on=a_year_before(course))
    await decide(who)
    return who, placement


def days(n: int) -> date:
    return TODAY + timedelta(days=n)


def one(found: Forecast) -> Lapse:
    (lapse,) = found.lapses
    return lapse


@pytest.mark.parametrize("window", forecast.WINDOWS)
async def test_a_window_holds_its_first_and_last_day_and_nothing_beyond(world: World, window: int) -> None:
    await reader_until(world, days(1), given_name="First", family_name="Day")
    await reader_until(world, days(window), given_name="Last", family_name="Day")
    await reader_until(world, days(window + 1), given_name="Day", family_name="After")

    found = await forecast.forecast(world.hr, window)

    assert [(x.name, x.on, x.through) for x in found.lapses] == [
        ("First Day", days(1), TODAY),
        ("Last Day", days(window), days(window - 1)),
    ]
    assert (found.last, found.people) == (days(window), 2)


async def test_what_lapses_says_which_rule_which_evidence_and_what_then(world: World) -> None:
    _, placement = await reader_until(world, days(10))
    lapse = one(await forecast.forecast(world.hr, 30))
    (cause,) = lapse.causes
    assert (lapse.placement, lapse.loses, lapse.word, lapse.already) == (placement, True, "Not ready yet", False)
    assert (cause.step.rule, cause.step.citation, cause.step.days, cause.step.cents) == ("alder.talk", "Alder policy 5.1", 3, 0)
    assert (cause.evidence, cause.issued_on) == ("Orientation", a_year_before(days(10)))


async def test_a_day_on_which_nothing_gets_worse_is_no_lapse(world: World) -> None:
    person, placement = await reader_until(world, days(300))
    planned = ORIENTATION.replace("{placement.engagement: volunteer}", "{placement.engagement: employee}")
    await changes.apply(admin(), AdoptOverlay(text=planned, since=days(10)), "For employees")
    await decide(person)
    async with tenant_transaction("alder"):
        row = await Decision.select(Decision.holds_until).where((Decision.placement == placement) & Decision.current.eq(True))
    assert row[0]["holds_until"] == days(10), "the answer could change on that day"
    assert (await forecast.forecast(world.hr, 30)).lapses == ()


async def test_a_lapse_behind_a_harmless_day_is_found_all_the_same(world: World) -> None:
    person, _ = await reader_until(world, days(20))
    planned = ORIENTATION.replace("{placement.engagement: volunteer}", "{placement.engagement: employee}")
    await changes.apply(admin(), AdoptOverlay(text=planned, since=days(10)), "For employees")
    await decide(person)
    assert one(await forecast.forecast(world.hr, 30)).on == days(20)
    assert (await forecast.forecast(world.hr, 15)).lapses == ()


async def test_work_that_goes_on_under_conditions_is_weaker_and_breaks_no_session(world: World) -> None:
    terms = {**BY_TERMS["remote"], "library": True}
    position = await make_position("alder", site=world.site, title="Librarian", terms=terms)
    person, placement = await make_placed(position, world.site, terms=terms)
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=days(-5))
    await make_evidence("alder", person=person, kind="insurance", result=None, issued_on=a_year_before(days(10)))
    await decide(person)
    await make_taken(position, days(12), (person, placement))

    found = await forecast.forecast(world.hr, 30)

    assert [(x.on, x.loses, x.word, x.causes[0].step.rule) for x in found.lapses] == [
        (days(10), False, "Ready for now", "alder.card")
    ]
    assert (found.people, found.weaker, found.sessions, found.fixes) == (0, 1, 0, ())


async def test_sessions_from_that_day_on_lose_their_adult_and_those_before_do_not(world: World) -> None:
    taker = await reader_until(world, days(10))
    await make_taken(world.reader, days(9), taker)
    on_the_day = await make_taken(world.reader, days(10), taker)
    much_later = await make_taken(world.reader, days(50), taker)

    found = await forecast.forecast(world.hr, 30)

    assert [a.session for a in one(found).sessions] == [on_the_day, much_later]
    assert (found.sessions, found.nobody) == (2, 2)


async def test_a_session_with_enough_other_adults_is_not_counted(world: World) -> None:
    leaving, staying = await reader_until(world, days(10)), await reader_until(world, days(300))
    await make_taken(world.reader, days(12), leaving, staying, adults=1)
    assert (await forecast.forecast(world.hr, 30)).sessions == 0
    await make_taken(world.reader, days(13), leaving, staying, adults=2)
    found = await forecast.forecast(world.hr, 30)
    assert (found.sessions, found.nobody) == (1, 0), "one adult too few, but not nobody"


async def test_a_session_that_two_people_leave_is_counted_once(world: World) -> None:
    first, second = await reader_until(world, days(10)), await reader_until(world, days(11))
    await make_taken(world.reader, days(12), first, second, adults=1)
    found = await forecast.forecast(world.hr, 30)
    assert (found.sessions, found.nobody) == (1, 1)
    assert [(c.people, c.sessions) for c in found.sites] == [(2, 1)]


async def test_sessions_after_the_evidence_is_renewed_are_safe(world: World) -> None:
    taker = await reader_until(world, days(10))
    await make_evidence("alder", person=taker[0], kind="orientation", result=None, issued_on=days(20))
    await decide(taker[0])
    between = await make_taken(world.reader, days(15), taker)
    await make_taken(world.reader, days(20), taker)
    assert [a.session for a in one(await forecast.forecast(world.hr, 30)).sessions] == [between]


async def test_counts_are_by_site_and_by_the_partner_people_come_with(world: World) -> None:
    ours = await reader_until(world, days(10))
    theirs = await reader_until(world, days(12), organisation=world.partner)
    hub = await make_site("alder", name="River Hub")
    there = await make_position("alder", site=hub, terms=BY_TERMS["remote"])
    person, placement = await make_placed(there, hub, person=theirs[0])
    await decide(person)
    await make_taken(world.reader, days(14), ours)
    await make_taken(there, days(14), (person, placement))
    await make_taken(there, days(15), (person, placement))

    found = await forecast.forecast(world.hr, 30)

    assert [(c.name, c.people, c.sessions, c.nobody) for c in found.sites] == [
        ("River Hub", 1, 2, 2),
        ("Marigold Elementary", 2, 1, 1),
    ]
    assert [(c.name, c.people, c.sessions) for c in found.partners] == [("Valley Reads", 1, 2), ("", 1, 1)]
    assert found.people == 2


async def test_one_fix_that_saves_sessions_of_several_placements_counts_once_with_its_sum(world: World) -> None:
    person, first = await reader_until(world, days(10))
    hub = await make_site("alder", name="River Hub")
    other = await make_position("alder", site=hub, terms=BY_TERMS["remote"])
    _, second = await make_placed(other, hub, person=person)
    await decide(person)
    await make_taken(world.reader, days(12), (person, first))
    await make_taken(world.reader, days(19), (person, first))
    await make_taken(other, days(13), (person, second))

    (fix,) = (await forecast.forecast(world.hr, 30)).fixes

    assert (fix.step.rule, fix.sessions, fix.people, fix.first, fix.start_by) == ("alder.talk", 3, 1, days(12), days(9))


async def test_the_cheapest_fixes_come_first_and_one_of_two_needed_saves_nothing_alone(world: World) -> None:
    course = await helper_until(world, days(300), days(20))
    both = await helper_until(world, days(20), days(25))
    talk = await reader_until(world, days(20))
    await make_taken(world.helper, days(26), course)
    await make_taken(world.helper, days(22), both)
    await make_taken(world.helper, days(27), both)
    await make_taken(world.reader, days(26), talk, hour=21)

    found = await forecast.forecast(world.hr, 30)

    told = [(f.person, f.step.rule, f.sessions, f.together) for f in found.fixes]
    assert set(told[:2]) == {(talk[0], "alder.talk", 1, 0), (both[0], "alder.talk", 1, 1)}
    assert set(told[2:]) == {(course[0], "alder.first_aid", 1, 0), (both[0], "alder.first_aid", 0, 1)}
    assert told[2] == (course[0], "alder.first_aid", 1, 0), "of two as quick and as dear, the one that saves more"
    assert found.sessions == 4


async def test_a_fix_does_not_save_the_sessions_it_comes_too_late_for(world: World) -> None:
    taker = await helper_until(world, days(300), days(5))
    await make_taken(world.helper, days(11), taker)
    in_time = days(12)
    await make_taken(world.helper, in_time, taker)
    (fix,) = (await forecast.forecast(world.hr, 30)).fixes
    assert (fix.sessions, fix.late, fix.first, fix.start_by) == (1, 1, in_time, TODAY)


async def test_a_renewal_that_has_been_sent_in_is_the_districts_step(world: World) -> None:
    person, placement = await reader_until(world, days(10))
    await make_document("alder", person=person, kind="orientation")
    await make_taken(world.reader, days(12), (person, placement))
    (fix,) = (await forecast.forecast(world.hr, 30)).fixes
    assert (fix.step.paper, fix.step.who, fix.step.days) == (True, "district", 2)


async def test_who_is_not_cleared_already_and_has_sessions_ahead_is_told_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = await reader_until(world, days(1))
    await make_taken(world.reader, days(5), taker)
    monkeypatch.setenv("STAFFING_TODAY", days(1).isoformat())  # nobody has taken the decision again yet
    before = await forecast.forecast(world.hr, 30)
    await decide(taker[0])
    after = await forecast.forecast(world.hr, 30)
    for found in (before, after):
        assert found.lapses == ()
        assert [(x.placement, x.already, x.on) for x in found.already] == [(taker[1], True, days(1))]
        assert (found.sessions, found.sessions_already, found.fixes[0].sessions) == (1, 1, 1)


async def test_placements_that_end_before_are_left_alone(world: World) -> None:
    _, placement = await reader_until(world, days(10))
    async with tenant_transaction("alder"):
        await Placement.update({Placement.ends_on: days(9)}).where(Placement.id == placement)
    assert (await forecast.forecast(world.hr, 30)).lapses == ()
    async with tenant_transaction("alder"):
        await Placement.update({Placement.ends_on: days(10)}).where(Placement.id == placement)
    assert one(await forecast.forecast(world.hr, 30)).on == days(10)


async def test_a_partner_sees_only_its_own_people_and_never_why(world: World) -> None:
    mine = await reader_until(world, days(10), given_name="Ana", family_name="Ours", organisation=world.partner)
    other = await reader_until(world, days(10), given_name="Not", family_name="Theirs")
    await make_taken(world.reader, days(12), mine)
    await make_taken(world.reader, days(12), other, hour=21)
    partner = Actor(tenant="alder", name="Pat", role="partner", organisation=world.partner)

    found = await forecast.partner(partner, 30)

    assert [(r.name, r.through, r.sessions, r.first, r.move) for r in found.rows] == [
        ("Ana Ours", days(9), 1, days(12), "Their move")
    ]
    assert found.sessions == 1
    assert "Alder policy" not in str(found)
    assert "talk" not in str(found)
    with pytest.raises(NotAllowed):
        await forecast.partner(world.hr, 30)
    with pytest.raises(NotFound):
        await forecast.partner(Actor(tenant="alder", name="Pat", role="partner"), 30)


async def test_a_partner_is_told_what_it_has_to_do_itself_and_nothing_of_others(world: World) -> None:
    terms = {**BY_TERMS["remote"], "library": True}
    position = await make_position("alder", site=world.site, title="Librarian", terms=terms)
    mine = await make_person("alder", organisation=world.partner)
    person, _ = await make_placed(position, world.site, terms, person=mine)
    await make_evidence("alder", person=person, kind="orientation", result=None, issued_on=a_year_before(days(20)))
    await make_evidence("alder", person=person, kind="insurance", result=None, issued_on=a_year_before(days(20)))
    await decide(person)
    partner = Actor(tenant="alder", name="Pat", role="partner", organisation=world.partner)
    (row,) = (await forecast.partner(partner, 30)).rows
    assert (row.move, [str(what) for what in row.todo]) == ("Your move", ["Give the person a card."])


async def test_another_district_and_other_roles_see_nothing_of_it(world: World) -> None:
    await reader_until(world, days(10))
    await make_tenant("birch", jurisdiction="us-pa")
    assert (await forecast.forecast(Actor(tenant="birch", name="Bo", role="hr"), 30)).lapses == ()
    for role in ("partner", "union", "cabinet", "coordinator", "volunteer"):
        with pytest.raises(NotAllowed):
            await forecast.forecast(Actor(tenant="alder", name="Uma", role=role), 30)


@pytest.mark.parametrize("wrong", [0, -1, 367])
async def test_a_window_out_of_bounds_is_refused_with_a_sentence(world: World, wrong: int) -> None:
    with pytest.raises(Invalid, match="looks 1 to 366 days ahead"):
        await forecast.forecast(world.hr, wrong)


async def test_a_file_that_leaves_is_noted_in_the_journal(world: World) -> None:
    await reader_until(world, days(10))
    await forecast.exported(world.hr, 30)
    async with tenant_transaction("alder"):
        row = await Journal.select().where(Journal.action == "forecast:exported").output(load_json=True).first()
    assert row["facts"] == {"days": 30, "rows": 1}
    assert row["actor"].endswith("Denise Okafor")


async def test_the_window_is_read_along_an_index_and_not_from_everybody(world: World, database: str) -> None:
    person, placement = await reader_until(world, days(10))
    owner = await asyncpg.connect(database)
    try:
        await owner.execute("UPDATE decision SET current = false WHERE placement = $1", placement)
        await owner.execute(
            """WITH made AS (
              INSERT INTO placement (id, tenant, person, position, site, state, starts_on)
              SELECT gen_random_uuid(), 'alder', $1, $2, $3, 'placed', '2026-09-01' FROM generate_series(1, 6000) RETURNING id)
            INSERT INTO decision (id, tenant, person, placement, on_day, outcome, holds_until, body, case_hash, rules_hash)
            SELECT gen_random_uuid(), 'alder', $1, id, '2026-11-24', 'allow', '2028-01-01', '{}', 'c', 'r' FROM made""",
            person,
            world.reader,
            world.site,
        )
        await owner.execute("UPDATE decision SET current = true WHERE body <> '{}' AND placement = $1", placement)
        await owner.execute("ANALYZE decision")
        await owner.execute("ANALYZE placement")
    finally:
        await owner.close()
    async with tenant_transaction("alder") as transaction:
        rows = await transaction.connection.fetch(f"EXPLAIN {queries._CANDIDATES}", TODAY, days(30), None)
        found = await queries.candidates(transaction, today=TODAY, last=days(30))
    plan = "\n".join(row[0] for row in rows)
    assert "decision_due" in plan, plan
    assert "Seq Scan on decision" not in plan, plan
    assert [row["placement"] for row in found] == [placement]
