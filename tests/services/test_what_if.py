"""What a change of the rules would do is shown before it is made, and is what is decided afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from staffing.core.errors import Invalid, NotAllowed
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, in_force, what_if
from staffing.services.district_rules.changes import AdoptOverlay, Change, RecordWaiver, RetireOverlay, RevokeWaiver, SwitchPlugin
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store import tables
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Decision, Placement
from tests.factories import make_assignment, make_evidence, make_session, make_tenant
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import ORIENTATION, TODAY, admin, adopt, decided, impact, outcomes

pytestmark = pytest.mark.usefixtures("database")

SINCE = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


async def _with_orientation(**person: str) -> UUID:
    placement = await cleared(**person)
    async with tenant_transaction("alder"):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
    await make_evidence("alder", person=row["person"], kind="orientation", issued_on=date(2026, 10, 1))
    return placement


async def _everything_stored() -> dict[str, int]:
    async with tenant_transaction("alder"):
        counts = {name: await getattr(tables, name).count() for name in tables.__all__}
    async with DB.connection() as connection:
        counts["jobs"] = await connection.fetchval("SELECT count(*) FROM procrastinate_jobs")
    return counts


async def test_who_is_stopped_is_named_with_the_rule_and_its_remedy_and_the_others_are_counted() -> None:
    await make_alder()
    stopped = await cleared(given_name="Bo", family_name="Birch")
    await _with_orientation(given_name="Cy", family_name="Cedar")
    never = await cleared(checked_on=date(2018, 1, 10))
    found = await impact(AdoptOverlay(text=ORIENTATION, since=SINCE))
    assert (found.on, found.begins, found.placements) == (SINCE, SINCE, 3)
    assert (found.stopped, found.freed, found.still_ready, found.still_not, found.more) == (1, 0, 1, 1, 1)
    (person,) = found.stopped_people
    assert (person.name, person.placement, person.rules) == ("Bo Birch", stopped, ("Orientation evening",))
    assert never not in {one.placement for one in found.stopped_people}
    (rule,) = found.rules
    assert (rule.rule, rule.stops, rule.adds, rule.who, rule.cost, rule.usual_days) == (
        "alder.orientation",
        1,
        1,
        "district",
        "Free",
        14,
    )
    assert "next orientation evening" in rule.what
    assert found.rules_before != found.rules_after


async def test_on_the_day_before_it_begins_a_change_does_nothing_yet() -> None:
    await make_alder()
    await cleared()
    change = AdoptOverlay(text=ORIENTATION, since=SINCE)
    before = await impact(change, SINCE - timedelta(days=1))
    assert (before.stopped, before.needs_later) == (0, 1), "and it says that something is needed by the first day"
    assert before.later_people[0].by == SINCE
    assert (await impact(change, SINCE)).stopped == 1


async def test_looking_writes_nothing() -> None:
    await make_alder()
    await cleared()
    await outcomes()
    before = await _everything_stored()
    assert (await impact(AdoptOverlay(text=ORIENTATION, since=TODAY))).stopped == 1
    with pytest.raises(Invalid):
        await impact(AdoptOverlay(text=ORIENTATION.replace("accepts:", "acepts:"), since=TODAY))
    await impact(SwitchPlugin(plugin="background_check", to=False, day=TODAY))
    assert await _everything_stored() == before


def _changes() -> dict[str, Change]:
    waiver = NewWaiver(sections=("Alder policy 4.1",), granted_by="Board of Alder Unified", starts_on=TODAY)
    return {
        "an overlay": AdoptOverlay(text=ORIENTATION.replace("alder", "second"), since=TODAY),
        "an overlay's end": RetireOverlay(name="alder-policy", last_day=TODAY - timedelta(days=1)),
        "a plugin off": SwitchPlugin(plugin="background_check", to=False, day=TODAY),
        "a plugin on": SwitchPlugin(plugin="certification", to=True, day=TODAY),
        "a waiver": RecordWaiver(waiver=waiver),
        "a waiver's end": RevokeWaiver(number="W-1", on=TODAY),
    }


@pytest.mark.parametrize("kind", list(_changes()))
async def test_what_was_shown_is_what_is_decided_after_applying(kind: str) -> None:
    await make_alder()
    people = [await cleared(), await _with_orientation(), await cleared(checked_on=date(2018, 1, 10))]
    await adopt()
    change = _changes()[kind]
    if isinstance(change, RevokeWaiver):
        await changes.apply(admin(), _changes()["a waiver"], "Granted")
    before = await outcomes()
    shown = await impact(change)
    await changes.apply(admin(), change, "Trying", shown.seen)
    after = await outcomes()

    def ready(stands: dict[UUID, str]) -> set[UUID]:
        return {placement for placement, outcome in stands.items() if outcome in {"allow", "advise", "provisional"}}

    assert {one.placement for one in shown.stopped_people} == ready(before) - ready(after)
    assert {one.placement for one in shown.freed_people} == ready(after) - ready(before)
    assert shown.still_ready == len(ready(before) & ready(after))
    assert shown.still_not == len(set(people) - ready(before) - ready(after))
    async with tenant_transaction("alder"):
        rows = await Decision.select(Decision.rules_hash).where(Decision.current.eq(True))
    assert {row["rules_hash"] for row in rows} == {shown.rules_after}


async def test_an_end_frees_those_whom_only_that_rule_stopped() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    found = await impact(RetireOverlay(name="alder-policy", last_day=date(2026, 12, 31)))
    assert (found.on, found.freed, found.stopped) == (date(2027, 1, 1), 1, 0)
    assert [one.placement for one in found.freed_people] == [placement]
    assert [(rule.rule, rule.frees) for rule in found.rules] == [("alder.orientation", 1)]


async def test_future_sessions_that_lose_their_adult_are_counted_by_site_and_organisation() -> None:
    await make_alder()
    one, other = await cleared(), await _with_orientation()
    async with tenant_transaction("alder"):
        rows = {r["id"]: r for r in await Placement.select(Placement.id, Placement.person, Placement.position)}
    position = rows[one]["position"]

    async def planned(day: date, adults: int, *placements: UUID) -> None:
        starts = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        session = await make_session("alder", position=position, starts_at=starts, adults=adults)
        for placement in placements:
            await make_assignment(
                "alder", session=session, person=rows[placement]["person"], placement=placement, starts_at=starts
            )

    await planned(SINCE - timedelta(days=1), 1, one)  # before the change
    await planned(SINCE, 1, one, other)  # loses one of two, and needs one
    await planned(date(2026, 12, 8), 2, one, other)  # loses one of two, and needs both
    await planned(date(2026, 12, 9), 1, one)  # loses its only adult
    await planned(date(2026, 12, 10), 1, other)  # keeps its adult
    await planned(SINCE + timedelta(days=what_if.AHEAD + 1), 1, one)  # beyond the window
    change = AdoptOverlay(text=ORIENTATION, since=SINCE)
    found = await impact(change)
    assert (found.sessions_losing, found.sessions_short) == (3, 2)
    (loss,) = found.sessions
    assert (loss.site, loss.organisation) == ("Marigold Elementary", "Alder Unified")
    assert (loss.sessions, loss.short, loss.adults, loss.first) == (3, 2, 3, SINCE)
    assert (await impact(change, SINCE - timedelta(days=7))).sessions_losing == 3, "each session is decided on its own day"


async def test_many_placements_are_decided_in_batches_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "BATCH", 2)
    monkeypatch.setattr(what_if, "NAMED", 2)
    await make_alder()
    for family in ("Elm", "Dogwood", "Cedar", "Birch", "Ash"):
        await cleared(given_name="Kim", family_name=family)
    found = await impact(AdoptOverlay(text=ORIENTATION, since=TODAY))
    assert (found.placements, found.stopped) == (5, 5)
    assert [one.name for one in found.stopped_people] == ["Kim Ash", "Kim Birch"], "the first by name; all are counted"


async def test_people_of_another_district_are_not_counted() -> None:
    await make_alder()
    await make_tenant("birch", jurisdiction="us-pa")
    await cleared()
    found = await impact(AdoptOverlay(text=ORIENTATION, since=TODAY), tenant="birch")
    assert found.placements == 0
    assert found.nothing


async def test_a_waiver_frees_at_its_site_alone() -> None:
    await make_alder()
    here, elsewhere = await cleared(), await cleared()
    await adopt()
    async with tenant_transaction("alder"):
        site = (await Placement.select(Placement.site).where(Placement.id == here).first())["site"]
    waiver = NewWaiver(
        sections=("alder policy § 4.1",), granted_by="Board", starts_on=TODAY, ends_on=date(2026, 12, 31), site=site
    )
    found = await impact(RecordWaiver(waiver=waiver))
    assert [one.placement for one in found.freed_people] == [here]
    await changes.apply(admin(), RecordWaiver(waiver=waiver), "Granted at the November meeting")
    stands = await outcomes()
    assert (stands[here], stands[elsewhere]) == ("allow", "hold")
    assert (await decided(here, date(2026, 12, 31))).outcome.clears
    after = await decided(here, date(2027, 1, 1))
    assert not after.outcome.clears
    assert (await decided(here, TODAY)).holds_until == date(2027, 1, 1)


async def test_only_those_who_may_make_a_change_see_its_effect() -> None:
    await make_alder()
    with pytest.raises(NotAllowed):
        await what_if.impact(Actor(tenant="alder", name="Denise", role="hr"), AdoptOverlay(text=ORIENTATION, since=TODAY))
    with pytest.raises(Invalid, match="three years"):
        await impact(AdoptOverlay(text=ORIENTATION, since=TODAY), date(2035, 1, 1))


async def test_provisional_service_under_a_new_rule_is_something_needed_later() -> None:
    await make_alder()
    placement = await cleared()
    weeks = ORIENTATION.replace("        valid: once\n", "        valid: once\n        grace: {days: 60, after: [start]}\n")
    async with tenant_transaction("alder"):
        await Placement.update({Placement.starts_on: date(2026, 11, 1)}).where(Placement.id == placement)
    found = await impact(AdoptOverlay(text=weeks, since=TODAY))
    assert (found.stopped, found.needs_later) == (0, 1)
    by = found.later_people[0].by
    assert by is not None
    await adopt(weeks)
    assert (await decided(placement, by - timedelta(days=1))).outcome.clears
    assert not (await decided(placement, by)).outcome.clears


async def test_the_rules_of_a_day_do_not_depend_on_the_order_of_what_was_stored() -> None:
    await make_alder()
    await adopt(since=date(2027, 1, 1))
    async with tenant_transaction("alder"):
        rules = await in_force.rules()
    turned = in_force.Rules(
        tenant=rules.tenant,
        jurisdiction=rules.jurisdiction,
        switches=tuple(reversed(rules.switches)),
        overlays=tuple(reversed(rules.overlays)),
        waivers=rules.waivers,
        texts=rules.texts,
    )
    for day in (TODAY, date(2026, 12, 31), date(2027, 1, 1)):
        assert turned.on(day) == rules.on(day)
        assert turned.on(day).rules_hash == rules.on(day).rules_hash
