"""Badges from the decision to the scan, on a real database and with real PDFs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
import zxingcpp

from staffing import clock
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.documents import badge_token, conformance
from staffing.services import badge_numbers, credential_desk, credentials, readiness, work
from staffing.services.actors import Actor
from staffing.services.verification import verify
from staffing.store import jobs
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential, Evidence, Journal, Placement, StoredFile
from tests.factories import make_placement, make_tenant
from tests.services.cleared import cleared, make_alder

HR = Actor(tenant="alder", name="Denise Okafor", role="hr", account=uuid4())
ELSEWHERE = Actor(tenant="birch", name="Sam Rivers", role="hr", account=uuid4())


@pytest.fixture
async def alder(database: str) -> str:
    return await make_alder()


@pytest.fixture
async def placement(alder: str) -> UUID:
    return await cleared(given_name="Thùy Linh", family_name="Đặng", latin_name="Linh Dang")


@pytest.fixture(scope="module")
def renderer() -> Iterator[None]:
    """One PDF process for the tests here, ended with them."""
    yield
    work.close_renderer()


@pytest.fixture
def worker(database: str, renderer: None) -> str:
    """The address of the database whose waiting jobs a test works."""
    return database


def today() -> date:
    return clock.today("America/New_York")


async def row_of(credential: UUID) -> dict:
    async with tenant_transaction("alder"):
        return await Credential.select().where(Credential.id == credential).output(load_json=True).first()


async def journal(action: str) -> list[dict]:
    async with tenant_transaction("alder"):
        return await Journal.select().where(Journal.action == action).order_by(Journal.id).output(load_json=True)


async def stop_clearing(placement: UUID) -> None:
    """The child abuse certificate turns out to be somebody else's and is taken back."""
    async with tenant_transaction("alder"):
        person = (await Placement.select(Placement.person).where(Placement.id == placement).first())["person"]
        await Evidence.update({Evidence.withdrawn: True}).where(
            (Evidence.person == person) & (Evidence.kind == "child_abuse_history")
        )
        await readiness.refresh(person, HR)


async def test_a_badge_carries_the_decision_it_was_made_from(placement: UUID) -> None:
    made = await row_of(await credentials.issue(HR, placement))
    assert made["number"] == badge_numbers.number("alder", 1)
    assert (made["state"], made["issued_on"], made["valid_through"]) == ("issued", today(), today() + timedelta(days=365))
    assert made["card"]["name"] == "Thùy Linh Đặng"
    assert made["card"]["latin_name"] == "Linh Dang"
    assert made["card"]["organisation"] == "Valley Reads"
    assert made["card"]["invented"] is True
    claims = badge_token.read(made["token"])
    assert isinstance(claims, badge_token.Claims)
    assert (claims.cti, claims.status_index) == (made["cti"], made["status_index"])
    (entry,) = await journal("credential:issued")
    assert entry["facts"]["number"] == made["number"]
    assert entry["facts"]["decision"] == str(made["decision"])


async def test_the_token_ends_with_its_last_day_in_the_district_s_time_zone(placement: UUID) -> None:
    made = await row_of(await credentials.issue(HR, placement))
    claims = badge_token.read(made["token"])
    assert isinstance(claims, badge_token.Claims)
    local = claims.expires.astimezone(ZoneInfo("America/New_York"))
    assert (local.date(), local.hour, local.minute) == (made["valid_through"] + timedelta(days=1), 0, 0)


async def test_a_form_sent_twice_makes_one_badge(placement: UUID) -> None:
    first, second = await asyncio.gather(credentials.issue(HR, placement), credentials.issue(HR, placement))
    assert first == second
    assert await credentials.issue(HR, placement) == first
    assert len(await journal("credential:issued")) == 1


async def test_badges_of_a_district_issued_at_once_get_numbers_in_a_row(alder: str) -> None:
    placements = [await cleared() for _ in range(5)]
    made = await asyncio.gather(*(credentials.issue(HR, each) for each in placements))
    assert {badge_numbers.serial_of((await row_of(each))["number"]) for each in made} == {1, 2, 3, 4, 5}


async def test_no_badge_is_made_where_the_decision_does_not_clear(placement: UUID) -> None:
    await stop_clearing(placement)
    with pytest.raises(Conflict, match=r"No badge can be issued today\. Still needed: Child abuse history certificate\."):
        await credentials.issue(HR, placement)
    async with tenant_transaction("alder"):
        assert await Credential.count() == 0


async def test_only_somebody_placed_gets_a_badge(alder: str) -> None:
    with pytest.raises(Conflict, match="Place them first"):
        await credentials.issue(HR, await make_placement(state="wished"))
    past = await make_placement(ends_on=today() - timedelta(days=1))
    with pytest.raises(Conflict, match="This placement ended on"):
        await credentials.issue(HR, past)
    with pytest.raises(NotFound):
        await credentials.issue(HR, uuid4())


async def test_a_badge_never_outlasts_its_placement(alder: str) -> None:
    last = today() + timedelta(days=20)
    async with tenant_transaction("alder"):
        placement = await cleared()
        await Placement.update({Placement.ends_on: last}).where(Placement.id == placement)
    made = await row_of(await credentials.issue(HR, placement))
    assert made["valid_through"] == last


async def test_a_badge_ends_on_the_last_day_the_decision_is_sure_to_hold(alder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """23 Pa.C.S. §6344.4: certificates are renewed within 60 months; the oldest one sets the date."""
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    made = await row_of(await credentials.issue(HR, await cleared(checked_on=date(2022, 1, 15))))
    assert made["valid_through"] == date(2027, 1, 15)
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-15")
    assert (await verify(made["token"])).status == "valid"
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-16")
    assert (await verify(made["token"])).status == "expired"


async def test_only_hr_issues_and_withdraws(placement: UUID) -> None:
    volunteer = Actor(tenant="alder", name="Ana", role="volunteer", person=uuid4())
    with pytest.raises(NotAllowed):
        await credentials.issue(volunteer, placement)
    made = await credentials.issue(HR, placement)
    with pytest.raises(NotAllowed):
        await credentials.withdraw(volunteer, made, "lost")


async def test_another_district_sees_no_badge_and_no_placement_of_ours(placement: UUID) -> None:
    await make_tenant("birch")
    made = await credentials.issue(HR, placement)
    for call in (
        credentials.issue(ELSEWHERE, placement),
        credentials.withdraw(ELSEWHERE, made, "lost"),
        credentials.pdf(ELSEWHERE, made),
    ):
        with pytest.raises(NotFound):
            await call
    assert (await credential_desk.badges(ELSEWHERE, "all")).rows == []


async def test_the_worker_makes_the_pdf_once_the_issue_has_committed(placement: UUID, worker: str) -> None:
    made = await credentials.issue(HR, placement)
    assert await credentials.pdf(HR, made) is None
    await jobs.run_waiting(worker)
    name, data = await credentials.pdf(HR, made)
    row = await row_of(made)
    assert name == f"{row['number']}.pdf"
    assert conformance.faults(data) == []
    picture = pypdfium2.PdfDocument(data)[0].render(scale=150 / 72).to_pil()
    (read,) = zxingcpp.read_barcodes(picture)
    assert badge_token.token_in(read.text) == row["token"]
    assert (await verify(badge_token.token_in(read.text))).status == "valid"
    await work.render_credential("alder", str(made))
    assert (await row_of(made))["file"] == row["file"]
    async with tenant_transaction("alder"):
        assert await StoredFile.count() == 1


async def test_nothing_is_queued_when_the_issue_is_undone(placement: UUID, worker: str) -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone):
        async with tenant_transaction("alder"):
            await credentials.issue(HR, placement)
            raise Undone
    await jobs.run_waiting(worker)
    async with tenant_transaction("alder"):
        assert await Credential.count() == 0
        assert await StoredFile.count() == 0


async def test_the_holder_may_have_the_pdf_and_nobody_else(placement: UUID, worker: str) -> None:
    made = await credentials.issue(HR, placement)
    await jobs.run_waiting(worker)
    holder = Actor(tenant="alder", name="Linh", role="volunteer", person=(await row_of(made))["person"])
    assert await credentials.pdf(holder, made) is not None
    for other in (
        Actor(tenant="alder", name="Ana", role="volunteer", person=uuid4()),
        Actor(tenant="alder", name="P", role="partner"),
    ):
        with pytest.raises(NotAllowed):
            await credentials.pdf(other, made)


async def test_a_withdrawn_badge_is_withdrawn_at_once_and_twice_is_harmless(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    token = (await row_of(made))["token"]
    await credentials.withdraw(HR, made, "lost")
    assert (await verify(token)).status == "withdrawn"
    await credentials.withdraw(HR, made, "mistake")
    assert (await row_of(made))["reason"] == credentials.REASONS["lost"]
    assert len(await journal("credential:withdrawn")) == 1


async def test_a_withdrawal_needs_a_reason_from_the_list_and_words_for_another(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    for reason, words, field in (("", "", "reason"), ("nonsense", "", "reason"), ("other", "  ", "words")):
        with pytest.raises(Invalid) as wrong:
            await credentials.withdraw(HR, made, reason, words)
        assert list(wrong.value.fields) == [field]
    await credentials.withdraw(HR, made, "other", "moved to another district")
    assert (await row_of(made))["reason"] == "Another reason: moved to another district"


async def test_a_new_badge_after_a_withdrawal_has_a_new_number_and_token(placement: UUID) -> None:
    first = await credentials.issue(HR, placement)
    await credentials.withdraw(HR, first, "lost")
    second = await credentials.issue(HR, placement)
    old, new = await row_of(first), await row_of(second)
    assert {old["number"], old["cti"], old["token"], old["status_index"]}.isdisjoint(
        {new["number"], new["cti"], new["token"], new["status_index"]}
    )
    assert (await verify(old["token"])).status == "withdrawn"
    assert (await verify(new["token"])).status == "valid"


async def test_a_badge_past_its_last_day_is_expired_and_is_replaced(placement: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await credentials.issue(HR, placement)
    later = (await row_of(first))["valid_through"] + timedelta(days=1)
    monkeypatch.setenv("STAFFING_TODAY", (later - timedelta(days=1)).isoformat())
    assert (await verify((await row_of(first))["token"])).status == "valid"
    monkeypatch.setenv("STAFFING_TODAY", later.isoformat())
    assert (await verify((await row_of(first))["token"])).status == "expired"
    second = await credentials.issue(HR, placement)
    assert second != first
    assert (await verify((await row_of(second))["token"])).status == "valid"


async def test_a_badge_is_on_hold_while_the_newest_decision_does_not_clear(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    token = (await row_of(made))["token"]
    await stop_clearing(placement)
    assert (await verify(token)).status == "on_hold"


async def test_a_badge_is_on_hold_when_its_placement_has_ended(placement: UUID) -> None:
    token = (await row_of(await credentials.issue(HR, placement)))["token"]
    async with tenant_transaction("alder"):
        await Placement.update({Placement.state: "ended"}).where(Placement.id == placement)
    assert (await verify(token)).status == "on_hold"


async def test_the_public_learns_initials_and_the_last_day_and_staff_of_the_district_the_name(placement: UUID) -> None:
    made = await row_of(await credentials.issue(HR, placement))
    seen = await verify(made["token"])
    assert (seen.initials, seen.valid_through, seen.district) == ("TĐ", made["valid_through"], "Alder Unified")
    assert (seen.name, seen.called, seen.role, seen.site, seen.credential) == (None, None, None, None, None)
    assert (await verify(made["token"], HR)).name == "Thùy Linh Đặng"
    for other in (ELSEWHERE, Actor(tenant="alder", name="P", role="partner")):
        assert (await verify(made["token"], other)).name is None


async def test_a_genuine_token_without_a_badge_is_unknown_and_a_changed_one_is_not_believed(placement: UUID) -> None:
    made = await row_of(await credentials.issue(HR, placement))
    stray = badge_token.make(cti=secrets.token_bytes(6), status_index=1, role_code="VO", expires=clock.now())
    assert (await verify(stray)).status == "unknown"
    assert (await verify(made["token"][:-9])).status == "damaged"
    forged = badge_token.make(
        cti=made["cti"], status_index=1, role_code="VO", expires=clock.now(), key=badge_token.BadgeKey(bytes(32))
    )
    assert "not signed by this service" in (await verify(forged)).sentence


async def test_the_list_finds_badges_by_name_number_and_view(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    lost = await credentials.issue(HR, await cleared())
    await credentials.withdraw(HR, lost, "lost")
    number = (await row_of(made))["number"]
    everything = await credential_desk.badges(HR, "all")
    assert everything.counts == {"good": 1, "soon": 0, "ended": 1, "all": 2}
    assert [row.id for row in (await credential_desk.badges(HR)).rows] == [made]
    assert [row.status for row in (await credential_desk.badges(HR, "ended")).rows] == ["withdrawn"]
    assert [row.id for row in (await credential_desk.badges(HR, "all", number.lower())).rows] == [made]
    assert (await credential_desk.badges(HR, "all", "nobody_%")).rows == []
    assert await credential_desk.by_number(HR, number) == made


async def test_the_holder_sees_the_badges_that_are_not_withdrawn(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    holder = Actor(tenant="alder", name="Linh", role="volunteer", person=(await row_of(made))["person"])
    assert [each.id for each in await credential_desk.own_badges(holder)] == [made]
    await credentials.withdraw(HR, made, "left")
    assert await credential_desk.own_badges(holder) == []


async def test_the_page_of_a_badge_tells_its_history(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    await credentials.withdraw(HR, made, "changed")
    told = (await credential_desk.badge_of(HR, made)).history
    assert [entry.did for entry in told] == ["withdrew a badge", "issued a badge"]
    assert ("Why", credentials.REASONS["changed"]) in told[0].facts


async def test_a_placement_that_ends_takes_its_badge_with_it_once(placement: UUID) -> None:
    made = await credentials.issue(HR, placement)
    for _ in range(2):
        async with tenant_transaction("alder"):
            await credentials.withdraw_of_placement(HR, placement, "The placement ended")
    row = await row_of(made)
    assert (row["state"], row["reason"]) == ("withdrawn", "The placement ended")
    assert len(await journal("credential:withdrawn")) == 1
