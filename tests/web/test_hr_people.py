"""The people list, the readiness page, placing, the journal and the other roles' pages over HTTP."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from datetime import date
from uuid import uuid4

import pytest
from litestar import Litestar

from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Evidence, Placement
from tests.factories import make_account, make_tenant
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_hr, make_volunteer, send_in
from tests.web.driving import Browser, visitor


@pytest.fixture
async def desk(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


@pytest.fixture
async def hr(browser: Browser, desk: Desk) -> AsyncIterator[Browser]:
    await browser.sign_in(desk.hr.account)
    yield browser


async def test_people_are_searched_from_the_bar_and_each_row_says_what_is_missing(hr: Browser, desk: Desk) -> None:
    page = await hr.see("/hr/people?q=dang")

    assert f'href="/hr/people/{desk.person}"' in page.text
    assert "Not ready yet" in page.text
    assert "and 3 more" in page.text
    none = await hr.see("/hr/people?q=zzz")
    assert "Nobody has a name like “zzz”" in none.text


async def test_the_readiness_page_answers_what_why_whose_rule_and_who_acts(hr: Browser, desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    async with tenant_transaction("alder"):
        decision = await readiness.decision_of(desk.person, placement_id=desk.wish)
    asked = next(f for f in decision.findings if f.rule == "pa.vol.child_abuse")
    assert asked.remedy is not None

    page = await hr.see(f"/hr/people/{desk.person}")

    assert "Not ready yet: 1 of" in page.text
    assert "To start on <b>Tuesday, December 1, 2026</b> we need child abuse history certificate from Thùy Linh." in page.text
    assert "Thùy Linh needs to do" in page.text
    assert str(asked.remedy.what) in html.unescape(page.text)
    assert "State law" in page.text
    assert "23 Pa.C.S. §§6344(b)(2), 6344.2" in page.text
    assert "Invented for the demonstration" in page.text


async def test_the_readiness_page_decides_for_another_day(hr: Browser, desk: Desk) -> None:
    await give_papers(desk.person)

    today = await hr.see(f"/hr/people/{desk.person}")
    later = await hr.see(f"/hr/people/{desk.person}?on=2031-06-01")
    odd = await hr.see(f"/hr/people/{desk.person}?on=soon")

    assert "Ready: all" in today.text
    assert "This is the answer for <b>Sunday, June 1, 2031</b>" in later.text
    assert "Not ready yet" in later.text
    assert "is not a day" in odd.text


async def test_evidence_seen_elsewhere_is_recorded_and_taken_back(hr: Browser, desk: Desk) -> None:
    await hr.see(f"/hr/people/{desk.person}")
    form = {"kind": "child_abuse_history", "issued_on": "2026-11-02", "result": "clear", "state": "complete"}
    page = await hr.submit(f"/hr/people/{desk.person}/evidence", form, status=422)
    assert "Say where you saw it" in page.text

    await hr.submit(f"/hr/people/{desk.person}/evidence", {**form, "source": "In the state system"}, status=303)

    page = await hr.see(f"/hr/people/{desk.person}")
    assert "Recorded: Child abuse history check." in page.text
    undo = page.text.split('action="/hr/determinations/')[1].split('"')[0]
    answer = await hr.submit(f"/hr/determinations/{undo}", status=303)
    assert answer.headers["location"] == f"/hr/people/{desk.person}"
    async with tenant_transaction("alder"):
        assert await Evidence.count().where(Evidence.withdrawn.eq(True)) == 1


async def test_placing_someone_who_is_not_cleared_is_refused_on_the_page(hr: Browser, desk: Desk) -> None:
    page = await hr.see(f"/hr/people/{desk.person}/place?on=2026-12-01")
    assert "0 of 1 open positions are possible on that day" in page.text

    form = {"position": str(desk.position), "starts_on": "2026-12-01", "version": "1"}
    page = await hr.submit(f"/hr/people/{desk.person}/place", form, status=409)

    assert "cannot start as Reading tutor" in page.text
    assert "Still needed:" in page.text


async def test_placing_and_ending_from_the_pages(hr: Browser, desk: Desk) -> None:
    await give_papers(desk.person)
    await hr.see(f"/hr/people/{desk.person}/place?on=2026-12-01")
    form = {"position": str(desk.position), "starts_on": "2026-12-01", "version": "1"}

    await hr.submit(f"/hr/people/{desk.person}/place", form, status=303)

    page = await hr.see(f"/hr/people/{desk.person}")
    assert "Placed from December 1." in page.text
    assert f'action="/hr/placements/{desk.wish}/issue"' in page.text
    listed = await hr.see("/hr/placements")
    assert "Thùy Linh Đặng" in listed.text
    await hr.submit(f"/hr/placements/{desk.wish}/end", {"on": TODAY.isoformat(), "reason": "moved", "version": "2"}, status=303)
    async with tenant_transaction("alder"):
        row = await Placement.select(Placement.state).where(Placement.id == desk.wish).first()
    assert row == {"state": "ended"}


async def test_the_journal_shows_who_did_what_and_that_the_chain_is_whole(hr: Browser, desk: Desk) -> None:
    await hr.see(f"/hr/people/{desk.person}")
    form = {"kind": "tb_screening", "issued_on": "2026-11-02", "result": "clear", "source": "seen on paper"}
    await hr.submit(f"/hr/people/{desk.person}/evidence", form, status=303)

    page = await hr.see("/hr/journal")

    assert "Whole" in page.text
    assert "recorded: Tuberculosis screening" in page.text
    assert "seen on paper" in page.text


async def test_another_districts_ids_are_not_found(app: Litestar, desk: Desk) -> None:
    await make_tenant("birch", jurisdiction="us-pa")
    birch = await make_account("birch", name="Bo Birch", role="hr")
    async with visitor(app) as elsewhere:
        await elsewhere.sign_in(birch)
        await elsewhere.see("/hr/queue")
        await elsewhere.see(f"/hr/people/{desk.person}", 404)
        await elsewhere.see(f"/hr/people/{desk.person}/place", 404)
        await elsewhere.see(f"/hr/people/{uuid4()}", 404)
        form = {"on": TODAY.isoformat(), "reason": "no"}
        await elsewhere.submit(f"/hr/placements/{desk.wish}/end", form, status=404)
        await elsewhere.submit(f"/hr/people/{desk.person}/evidence", {"source": "x"}, status=404)


async def role_page(app: Litestar, actor: Actor, address: str) -> str:
    async with visitor(app) as other:
        await other.sign_in(actor.account)
        page = await other.see(address)
        await other.see("/hr/queue", 403)
    return page.text


async def test_each_role_sees_its_own_page_and_no_other(app: Litestar, desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    await send_in(desk.person)
    await make_volunteer(desk.position, desk.site, given="Not", family="Theirs")
    async with tenant_transaction("alder"):
        await Placement.update({Placement.state: "placed", Placement.starts_on: date(2026, 11, 2)}).where(
            Placement.id == desk.wish
        )

    partner = await role_page(app, await make_hr("Pat", role="partner", organisation=desk.organisation), "/partner")
    assert "Thùy Linh Đặng" in partner
    assert "Not Theirs" not in partner
    assert "hild abuse" not in partner
    site = await role_page(app, await make_hr("Cleo", role="coordinator", site=desk.site), "/site")
    assert "0 of 1 people placed here may work today" in site
    assert "hild abuse" not in site
    labor = await role_page(app, await make_hr("Uma", role="union"), "/labor")
    assert "1 placement at 1 site" in labor
    assert "Linh" not in labor
    cabinet = await role_page(app, await make_hr("Cai", role="cabinet"), "/cabinet")
    assert "Fewer than 10 people have signed up in Alder" in cabinet
    assert "too few to show" in cabinet
    admin = await role_page(app, await make_hr("Ada", role="admin"), "/admin/plugins")
    assert "Background checks" in admin
    assert "everywhere since Jan 1, 2026" in admin
    async with visitor(app) as union:
        await union.sign_in((await make_hr("Uma", role="union")).account)
        for address in ("/partner", "/site", "/cabinet", "/admin/plugins", "/hr/people"):
            await union.see(address, 403)


async def test_the_answers_of_former_employers_are_a_result_that_is_chosen_too(hr: Browser, desk: Desk) -> None:
    await hr.see(f"/hr/people/{desk.person}")
    form = {"kind": "employment_history_review", "issued_on": "2026-11-02", "source": "seen on paper"}
    refused = await hr.submit(f"/hr/people/{desk.person}/evidence", form, status=422)
    assert "Choose the result." in refused.text
    await hr.submit(f"/hr/people/{desk.person}/evidence", {**form, "result": "not_clear"}, status=303)
    async with tenant_transaction("alder"):
        row = await Evidence.select(Evidence.result).where(Evidence.kind == "employment_history_review").first()
    assert row == {"result": "not_clear"}
