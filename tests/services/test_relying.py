"""Who relies on a waiver: decided with it, without it, and on the day after its last; nobody slips back under the rule unseen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from staffing.core.findings import Effect
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, relying, waivers
from staffing.services.district_rules.changes import RecordWaiver, RevokeWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement
from tests.factories import make_evidence
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import ORIENTATION, TODAY, adopt, decided, outcomes

pytestmark = pytest.mark.usefixtures("database")

HR = Actor(tenant="alder", name="Denise Example", role="hr")
LAST = date(2027, 6, 30)
#: The same rule, which by itself would let work go on after a notice.
NOTICE = ORIENTATION.replace("        valid: once", "        valid: once\n        missing: needs_notice")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


async def _record(**given: Any) -> str:
    values: dict[str, Any] = {
        "sections": ("Alder policy 4.1",),
        "granted_by": "Board of Alder Unified",
        "starts_on": TODAY,
        "ends_on": LAST,
    }
    return await changes.apply(HR, RecordWaiver(waiver=NewWaiver(**values | given)), "Granted at the November meeting")


async def _relying(number: str = "W-1") -> relying.Relying:
    await outcomes()
    async with tenant_transaction("alder"):
        return await relying.relying(number)


@pytest.mark.parametrize("text", [ORIENTATION, NOTICE], ids=["the rule holds", "the rule is milder"])
async def test_each_placement_is_decided_with_the_waiver_without_it_and_on_the_day_after_its_last(text: str) -> None:
    await make_alder()
    relies = await cleared()
    ready = await cleared()
    await adopt(text)
    async with tenant_transaction("alder"):
        person = (await Placement.select(Placement.person).where(Placement.id == ready).first())["person"]
    await make_evidence("alder", person=person, kind="orientation", issued_on=date(2026, 9, 2))
    await _record()
    found = await _relying()
    assert (found.total, found.day_after, found.stop_after) == (1, LAST + timedelta(days=1), 1)
    (one,) = found.placements
    assert (one.placement, one.today, one.after) == (relies, Effect.ALLOW, Effect.HOLD)
    assert not one.without.clears
    assert one.rules == ("Orientation evening",)
    assert "W-1 ended on 2027-06-30" in str(one.says[0])
    assert (await decided(relies, LAST)).outcome is Effect.ALLOW
    assert (await decided(relies, LAST + timedelta(days=1))).outcome is Effect.HOLD


async def test_a_placement_that_ends_before_the_waiver_is_not_touched_by_its_end() -> None:
    await make_alder()
    placement = await cleared()
    async with tenant_transaction("alder"):
        await Placement.update({Placement.ends_on: LAST}).where(Placement.id == placement)
    await adopt()
    await _record()
    found = await _relying()
    assert (found.total, found.stop_after, found.end_before) == (1, 0, 1)


async def test_a_decision_taken_singly_is_found_as_one_of_a_whole_district_is() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    await _record()
    async with tenant_transaction("alder"):
        person = (await Placement.select(Placement.person).where(Placement.id == placement).first())["person"]
        await readiness.refresh(person, HR)
        assert (await relying.relying("W-1")).total == 1


async def test_after_a_revocation_those_who_relied_on_it_are_listed_as_stopped() -> None:
    await make_alder()
    await cleared()
    await adopt(NOTICE)
    await _record(starts_on=date(2026, 11, 2))
    assert (await _relying()).placements[0].today is Effect.ALLOW
    await changes.apply(HR, RevokeWaiver(number="W-1", on=TODAY), "Conditions not kept")
    found = await _relying()
    assert (found.total, found.day_after, found.stop_after) == (1, TODAY, 1)
    assert (found.placements[0].today, found.placements[0].after) == (Effect.HOLD, Effect.HOLD)


async def test_a_waiver_without_an_end_and_one_to_come_say_nothing_of_a_day_after() -> None:
    await make_alder()
    await cleared()
    await adopt()
    await _record(ends_on=None)
    await _record(starts_on=date(2027, 1, 4))
    standing = await _relying("W-1")
    assert (standing.total, standing.day_after, standing.placements[0].after) == (1, None, None)
    ahead = await _relying("W-2")
    assert (ahead.total, ahead.day_after) == (0, LAST + timedelta(days=1))


async def test_the_list_of_waivers_names_each_by_its_id() -> None:
    await make_alder()
    await _record()
    async with tenant_transaction("alder"):
        (one,) = await waivers.listed()
    assert (one.number, one.state) == ("W-1", "in force")
    assert one.id
