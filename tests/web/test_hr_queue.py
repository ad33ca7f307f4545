"""The review queue over HTTP: opening, approving, sending back, undoing, and who may do so."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import pytest
from litestar import Litestar

from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, Document, Evidence
from tests.factories import make_account, make_tenant
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_hr, make_volunteer, picture, send_in
from tests.web.driving import Browser, visitor

FILLED = {"issued_on": "2026-11-02", "result": "clear", "purpose": "volunteer", "issuer": "PA DHS", "view": "all"}
CHECKED = {**FILLED, "checks": ["names_person", "says_result", "readable"]}


@pytest.fixture
async def desk(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


@pytest.fixture
async def hr(browser: Browser, desk: Desk) -> AsyncIterator[Browser]:
    await browser.sign_in(desk.hr.account)
    yield browser


@contextlib.asynccontextmanager
async def as_role(app: Litestar, actor: Actor) -> AsyncIterator[Browser]:
    async with visitor(app) as other:
        await other.sign_in(actor.account)
        yield other


async def state_of(document: object) -> str:
    async with tenant_transaction("alder"):
        row = await Document.select(Document.state).where(Document.id == document).first()
    assert row is not None
    return str(row["state"])


def undo_of(page: str) -> str:
    found = re.search(r'action="(/hr/determinations/[^"]+/undo[^"]*)"', page)
    assert found, page[:2000]
    return found[1].replace("&amp;", "&")


async def test_an_empty_queue_says_so_and_names_the_next_step(hr: Browser) -> None:
    page = await hr.see("/hr/queue")

    assert "No one is waiting. Nice." in page.text
    assert 'href="/hr/people"' in page.text


async def test_the_queue_shows_a_document_beside_the_rule_that_asks_for_it(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)

    page = await hr.see("/hr/queue")

    assert "1 document waiting" in page.text
    assert f'src="/hr/documents/{document}/file"' in page.text
    assert "23 Pa.C.S." in page.text
    assert "Invented for the demonstration" in page.text
    assert "First check, advice only" in page.text


async def test_the_file_is_shown_in_a_sandbox_and_never_kept(hr: Browser, desk: Desk) -> None:
    data = picture()
    document = await send_in(desk.person, data=data)

    answer = await hr.see(f"/hr/documents/{document}/file")

    assert answer.content == data
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline")
    assert "no-store" in answer.headers["cache-control"]


async def test_approving_goes_on_to_the_next_document_and_can_be_undone(hr: Browser, desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    first = await send_in(desk.person)
    other, _ = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad")
    second = await send_in(other, data=picture(150))
    page = await hr.see(f"/hr/queue?document={first}")
    assert f'name="next" value="{second}"' in page.text

    form = {**CHECKED, "version": "1", "kind": "child_abuse_history", "next": str(second)}
    answer = await hr.submit(f"/hr/documents/{first}/approve", form, status=303)
    assert answer.headers["location"] == f"/hr/queue?view=all&document={second}"
    assert await state_of(first) == "approved"
    async with tenant_transaction("alder"):
        row = (
            await Decision.select(Decision.outcome).where((Decision.placement == desk.wish) & (Decision.current.eq(True))).first()
        )
    assert row == {"outcome": "allow"}

    page = await hr.see(answer.headers["location"])
    assert "Approved: Child abuse history check." in page.text
    back = await hr.submit(undo_of(page.text), status=303)
    assert back.headers["location"].endswith(f"document={first}")
    assert await state_of(first) == "waiting"


async def test_a_form_that_lacks_something_comes_back_as_it_was_filled_in(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    await hr.see(f"/hr/queue?document={document}")

    form = {**FILLED, "issued_on": "2027-01-01", "issuer": "Kept words", "version": "1", "kind": "child_abuse_history"}
    page = await hr.submit(f"/hr/documents/{document}/approve", {**form, "checks": ["names_person"]}, status=422)

    assert "is in the future" in page.text
    assert "Confirm these first" in page.text
    assert 'value="Kept words"' in page.text
    assert 'value="names_person" checked' in page.text
    assert await state_of(document) == "waiting"


async def test_the_slower_reviewer_reads_who_was_faster(app: Litestar, hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    async with as_role(app, await make_hr("Sam Rivera")) as second:
        await second.see(f"/hr/queue?document={document}")
        await hr.see(f"/hr/queue?document={document}")
        form = {**CHECKED, "version": "1", "kind": "child_abuse_history"}
        await hr.submit(f"/hr/documents/{document}/approve", form, status=303)

        page = await second.submit(f"/hr/documents/{document}/approve", form, status=409)

    assert "Denise Okafor approved this just now. Nothing was changed" in page.text
    async with tenant_transaction("alder"):
        assert await Evidence.count() == 1


async def test_a_form_sent_twice_approves_once(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    await hr.see(f"/hr/queue?document={document}")
    form = {**CHECKED, "version": "1", "kind": "child_abuse_history"}

    await hr.submit(f"/hr/documents/{document}/approve", form, status=303)
    await hr.submit(f"/hr/documents/{document}/approve", form, status=303)

    async with tenant_transaction("alder"):
        assert await Evidence.count() == 1


async def test_asking_for_new_copies_of_several_says_what_was_passed_over(hr: Browser, desk: Desk) -> None:
    one = await send_in(desk.person)
    other, _ = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad")
    two = await send_in(other, data=picture(150))
    await hr.see("/hr/queue")

    form = {"view": "all", "reason": "unreadable", "document": [f"{one}:1", f"{two}:9"]}
    answer = await hr.submit("/hr/queue/send-back", form, status=303)

    page = await hr.see(answer.headers["location"])
    assert "Asked for 1 new copy. 1 passed over:" in page.text
    assert (await state_of(one), await state_of(two)) == ("sent_back", "waiting")


async def test_sending_back_without_a_reason_is_refused_in_words(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    await hr.see(f"/hr/queue?document={document}")

    page = await hr.submit(f"/hr/documents/{document}/send-back", {"version": "1", "view": "all"}, status=422)

    assert "Choose why it goes back" in page.text


async def test_nobody_else_sees_the_queue_or_a_file(app: Litestar, hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    await make_tenant("birch", jurisdiction="us-pa")
    birch = await make_account("birch", name="Bo Birch", role="hr")
    async with (
        visitor(app) as nobody,
        visitor(app) as elsewhere,
        as_role(app, await make_hr("Pat", role="partner")) as partner,
    ):
        assert (await nobody.get("/hr/queue")).headers["location"].startswith("/sign-in")
        await elsewhere.sign_in(birch)
        await elsewhere.see(f"/hr/documents/{document}/file", 404)
        await elsewhere.see(f"/hr/queue?document={document}", 404)
        await partner.see("/hr/queue", 403)
        await partner.see(f"/hr/documents/{document}/file", 403)


async def test_a_pdf_is_shown_in_a_frame_that_only_this_page_may_use(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person, data=b"%PDF-1.7\n%%EOF\n", media_type="application/pdf", file_name="paper.pdf")

    page = await hr.see("/hr/queue")

    assert f'<iframe class="doc__pdf" src="/hr/documents/{document}/file' in page.text
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert "require-trusted-types-for 'script'" in page.headers["content-security-policy"]
    people = await hr.see("/hr/people")
    assert "frame-src" not in people.headers["content-security-policy"]


async def test_a_clear_result_is_never_assumed(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    page = await hr.see(f"/hr/queue?document={document}")
    assert '<option value="">Choose</option><option value="clear"' in page.text
    refused = await hr.submit(f"/hr/documents/{document}/approve", {**CHECKED, "result": "", "version": "1"}, status=422)
    assert "Choose the result." in refused.text
    assert await state_of(document) == "waiting"
