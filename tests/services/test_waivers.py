"""Waivers as a district holds them: recorded, shown with what they do, revoked, and each district's its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.core.findings import State
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, in_force, waivers
from staffing.services.district_rules.changes import RecordWaiver, RevokeWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Journal, Waiver
from tests.factories import make_site, make_tenant
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import TODAY, admin, adopt, decided, outcomes

pytestmark = pytest.mark.usefixtures("database")

HR = Actor(tenant="alder", name="Denise Example", role="hr")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


async def _record(actor: Actor = HR, **given: Any) -> str:
    values: dict[str, Any] = {"sections": ("Alder policy 4.1",), "granted_by": "Board of Alder Unified", "starts_on": TODAY}
    return await changes.apply(actor, RecordWaiver(waiver=NewWaiver(**values | given)), "Granted at the November meeting")


async def test_a_waiver_counts_through_its_last_day_and_the_decision_says_so() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    last = date(2027, 6, 30)
    assert await _record(ends_on=last) == "W-1"
    found = next(f for f in (await decided(placement, last)).findings if f.rule == "alder.orientation")
    assert found.state is State.WAIVED
    assert str(found.reason) == "Waived by W-1, through 2027-06-30."
    after = await decided(placement, last + timedelta(days=1))
    assert not after.outcome.clears
    assert (await outcomes())[placement] == "allow"


async def test_a_waiver_does_not_count_before_its_first_day() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    await _record(starts_on=date(2026, 12, 10))
    assert not (await decided(placement, date(2026, 12, 9))).outcome.clears
    assert (await decided(placement, date(2026, 12, 10))).outcome.clears


async def test_a_revoked_waiver_no_longer_counts_from_that_day_on() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    await _record(ends_on=date(2027, 6, 30))
    assert (await outcomes())[placement] == "allow"
    await changes.apply(HR, RevokeWaiver(number="W-1", on=date(2026, 12, 10)), "Conditions not kept")
    assert (await decided(placement, date(2026, 12, 9))).outcome.clears
    assert not (await decided(placement, date(2026, 12, 10))).outcome.clears
    await changes.apply(HR, RevokeWaiver(number="W-1", on=TODAY), "At once, after all")
    assert (await outcomes())[placement] == "hold"
    with pytest.raises(Conflict, match="does not count after"):
        await changes.apply(HR, RevokeWaiver(number="W-1", on=TODAY), "Again")
    async with tenant_transaction("alder"):
        entries = await Journal.select().where(Journal.subject == "waiver/W-1").order_by(Journal.id).output(load_json=True)
    assert [entry["action"] for entry in entries] == ["waiver:recorded", "waiver:revoked", "waiver:revoked"]
    assert entries[1]["facts"] == {"waiver": "W-1", "since": "2026-12-10", "reason": "Conditions not kept"}
    assert entries[0]["facts"]["sections"] == ["Alder policy 4.1"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"sections": ("  ",)}, "sections"),
        ({"granted_by": " "}, "granted_by"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": date(2027, 1, 1), "ends_on": date(2026, 12, 31)}, "ends_on"),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2021, 1, 1)}, "ends_on"),
        ({"starts_on": date(2035, 1, 1)}, "starts_on"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"site": uuid4()}, "site"),
    ],
    ids=["no section", "nobody", "backward", "backward ahead", "over", "too far", "no address", "no site"],
)
async def test_what_cannot_be_a_waiver_is_said_by_field_and_not_stored(given: dict[str, Any], field: str) -> None:
    await make_alder()
    with pytest.raises(Invalid) as refused:
        await _record(**given)
    assert set(refused.value.fields) == {field}
    async with tenant_transaction("alder"):
        assert await Waiver.count() == 0
        assert await Journal.count() == 0


async def test_the_page_says_what_each_waiver_relaxes_and_what_nobody_may_waive() -> None:
    await make_alder()
    await adopt()
    site = await make_site("alder", name="Larch Elementary")
    await _record(sections=("Alder policy 4.1",), site=site, ends_on=date(2026, 12, 4), url="https://board.example/12")
    await _record(sections=("pa.vol.psp",), starts_on=date(2026, 12, 1))
    await _record(sections=("Some other law 1.2",))
    await changes.apply(HR, RevokeWaiver(number="W-3", on=TODAY), "A mistake")
    page = await waivers.page(HR)
    one, two, three = sorted(page.waivers, key=lambda w: w.number)
    assert (one.state, one.site, one.days_left, one.relaxes, one.refused) == (
        "in force",
        "Larch Elementary",
        10,
        ("Orientation evening",),
        (),
    )
    assert (two.state, two.relaxes, len(two.refused)) == ("to come", (), 1)
    assert (three.state, three.relaxes, three.refused) == ("revoked", (), ())
    assert [w.number for w in page.waivers] == ["W-1", "W-2", "W-3"]
    assert [(w.rule, w.by, w.sections) for w in page.waivable] == [
        ("alder.orientation", "Board of Alder Unified", ("Alder policy 4.1",))
    ]


async def test_a_waiver_of_a_clearance_changes_nothing_and_the_decision_says_so() -> None:
    await make_alder()
    placement = await cleared(checked_on=date(2018, 1, 10))
    before = (await outcomes())[placement]
    assert before in {"hold", "block"}
    await _record(sections=("pa.vol.psp",))
    found = await decided(placement, TODAY)
    assert found.outcome.value == before
    assert any(f.rule == "staffing.waiver_refused.W-1" for f in found.findings)


async def test_a_district_neither_sees_nor_follows_the_waivers_of_another() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    await make_tenant("birch", jurisdiction="us-pa")
    await _record(admin("birch"))
    assert (await outcomes())[placement] == "hold"
    assert (await waivers.page(HR)).waivers == []
    async with tenant_transaction("alder"):
        assert (await in_force.here()).waivers == ()
    with pytest.raises(NotFound):
        await changes.apply(HR, RevokeWaiver(number="W-1", on=TODAY), "Not ours")
    assert await _record() == "W-1", "each district counts its own"


async def test_a_volunteer_records_no_waiver() -> None:
    await make_alder()
    with pytest.raises(NotAllowed):
        await _record(Actor(tenant="alder", name="Rosa Example", role="volunteer"))


async def test_a_waiver_is_never_removed_by_a_program() -> None:
    await make_alder()
    await _record()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant_transaction("alder"):
            await Waiver.delete(force=True)
