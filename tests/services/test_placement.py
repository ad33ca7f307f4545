"""Placing: only where the decision on the first day lets the person work, never twice, never into a taken place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.services import assignments, credentials, placement, placement_list
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Assignment, Credential, Decision, Journal, Message, Placement
from tests.factories import make_position, make_session
from tests.services.cleared import TERMS
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_volunteer

DECEMBER = date(2026, 12, 1)


@pytest.fixture
async def desk(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def test_every_open_position_is_offered_with_its_decision(desk: Desk) -> None:
    events = {"engagement": "volunteer", "employer": "district", "setting": "campus", "contact": "incidental"}
    await make_position("alder", site=desk.site, organisation=desk.organisation, title="Book fair", terms=events)
    await make_position("alder", site=desk.site, organisation=desk.organisation, title="Closed", terms=TERMS, open=False)

    found = await placement.choices(desk.hr, desk.person)

    assert found.on == DECEMBER  # when they asked to start
    by_title = {c.title: c for c in found.rows}
    assert set(by_title) == {"Reading tutor", "Book fair"}
    assert by_title["Reading tutor"].wished
    assert not by_title["Reading tutor"].clears
    assert "child abuse history certificate" in by_title["Reading tutor"].needs


async def test_a_person_who_is_not_cleared_is_refused_with_what_is_missing_and_who_acts(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")

    with pytest.raises(Conflict) as caught:
        await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)

    assert "cannot start as Reading tutor at Marigold Elementary on December 1, 2026 yet" in str(caught.value)
    assert "child abuse history certificate from Thùy Linh" in str(caught.value)
    async with tenant_transaction("alder"):
        assert await Placement.count().where(Placement.state == "placed") == 0


async def test_a_check_that_runs_out_before_the_first_day_does_not_count(desk: Desk) -> None:
    await give_papers(desk.person, issued_on=date(2021, 12, 10))

    preview = await placement.preview(desk.hr, desk.person, desk.position, date(2027, 2, 1))

    assert not preview.clears
    assert preview.refused is not None
    assert (await placement.preview(desk.hr, desk.person, desk.position, DECEMBER)).clears
    with pytest.raises(Conflict):
        await placement.place(desk.hr, desk.person, desk.position, date(2027, 2, 1), 1)


async def test_placing_decides_tells_the_person_and_writes_the_journal(desk: Desk) -> None:
    await give_papers(desk.person)

    made = await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)

    assert made == desk.wish
    async with tenant_transaction("alder"):
        row = await Placement.select().where(Placement.id == made).first()
        decision = (
            await Decision.select(Decision.outcome).where((Decision.placement == made) & (Decision.current.eq(True))).first()
        )
        entry = await Journal.select().where(Journal.action == "placement:placed").output(load_json=True).first()
        told = await Message.count().where(Message.subject == "You have a place")
    assert row is not None
    assert (row["state"], row["starts_on"], row["version"], row["placed_by"]) == ("placed", DECEMBER, 2, desk.hr.tag)
    assert decision == {"outcome": "allow"}
    assert entry is not None
    assert entry["facts"]["outcome"] == "allow"
    assert told == 1


async def test_placing_twice_is_harmless_and_a_stale_page_is_told_so(desk: Desk) -> None:
    await give_papers(desk.person)
    with pytest.raises(Conflict, match="has changed since you opened the page"):
        await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 7)

    first = await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)
    assert await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1) == first

    async with tenant_transaction("alder"):
        assert await Journal.count().where(Journal.action == "placement:placed") == 1
    with pytest.raises(Conflict, match="already placed there from December 1"):
        await placement.place(desk.hr, desk.person, desk.position, date(2026, 12, 7), 2)


async def test_the_last_place_goes_to_one_person_only(desk: Desk) -> None:
    other, _ = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad")
    await give_papers(desk.person)
    await give_papers(other)
    await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)

    with pytest.raises(Conflict, match="All 1 places for Reading tutor"):
        await placement.place(desk.hr, other, desk.position, DECEMBER, 1)


async def test_a_first_day_in_the_past_or_an_unknown_position_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="from today on"):
        await placement.place(desk.hr, desk.person, desk.position, date(2026, 11, 1), 1)
    with pytest.raises(NotFound):
        await placement.place(desk.hr, desk.person, uuid4(), DECEMBER)


async def test_ending_keeps_the_last_day_and_the_reason_and_withdraws_the_badge(desk: Desk) -> None:
    await give_papers(desk.person)
    made = await placement.place(desk.hr, desk.person, desk.position, TODAY, 1)
    badge = await credentials.issue(desk.hr, made)
    with pytest.raises(Invalid, match="Say why it ends"):
        await placement.end(desk.hr, made, TODAY, "")
    with pytest.raises(Invalid, match="in the future"):
        await placement.end(desk.hr, made, DECEMBER, "moved away")
    with pytest.raises(Conflict, match="Somebody changed this placement"):
        await placement.end(desk.hr, made, TODAY, "moved away", version=1)

    await placement.end(desk.hr, made, TODAY, "moved away", version=2)
    await placement.end(desk.hr, made, TODAY, "moved away", version=2)  # a second press changes nothing

    found = await placement_list.placements(desk.hr, "ended")
    assert [(r.name, r.ends_on) for r in found.rows] == [("Thùy Linh Đặng", TODAY)]
    assert found.counts == {"placed": 0, "wished": 0, "ended": 1}
    async with tenant_transaction("alder"):
        assert await Journal.count().where(Journal.action == "placement:ended") == 1
        card = await Credential.select(Credential.state, Credential.reason).where(Credential.id == badge).first()
    assert card == {"state": "withdrawn", "reason": "The placement ended"}


async def test_a_placement_that_has_not_begun_can_be_ended(desk: Desk) -> None:
    await give_papers(desk.person)
    made = await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)

    await placement.end(desk.hr, made, TODAY, "changed their mind")

    assert (await placement_list.placements(desk.hr, "ended")).rows[0].ends_on is None


async def test_nobody_is_booked_twice_at_the_same_time(desk: Desk) -> None:
    await give_papers(desk.person)
    await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)
    first = await make_session("alder", position=desk.position, starts_at=datetime(2026, 12, 7, 19, 30, tzinfo=UTC))
    overlapping = await make_session("alder", position=desk.position, starts_at=datetime(2026, 12, 7, 20, tzinfo=UTC))
    after = await make_session("alder", position=desk.position, starts_at=datetime(2026, 12, 7, 20, 30, tzinfo=UTC))

    await assignments.assign(desk.hr, desk.person, first)
    with pytest.raises(Conflict, match=r"already has a session that overlaps with December 7, 2026, 15:00"):
        await assignments.assign(desk.hr, desk.person, overlapping)
    await assignments.assign(desk.hr, desk.person, after)

    async with tenant_transaction("alder"):
        assert await Assignment.count() == 2


async def test_a_session_after_a_check_runs_out_is_refused(desk: Desk) -> None:
    await give_papers(desk.person, issued_on=date(2021, 12, 10))
    await placement.place(desk.hr, desk.person, desk.position, DECEMBER, 1)
    far = await make_session("alder", position=desk.position, starts_at=datetime(2027, 2, 1, 19, 30, tzinfo=UTC))

    with pytest.raises(Conflict, match="may not work on February 1, 2027"):
        await assignments.assign(desk.hr, desk.person, far)
