"""Badges in the HR console and on the volunteer's own pages."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest
from litestar import Litestar

from staffing.documents import conformance
from staffing.services import work
from staffing.settings import REPOSITORY
from staffing.store import jobs
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential, Evidence, Placement
from staffing.web import badge_files
from tests.factories import make_account, make_tenant
from tests.services.cleared import cleared, make_alder
from tests.web.driving import Browser, visitor


@pytest.fixture
async def placement(app: Litestar) -> UUID:
    await make_alder()
    return await cleared(given_name="Thùy Linh", family_name="Đặng", called="Linh")


@pytest.fixture
async def hr(app: Litestar, placement: UUID) -> AsyncIterator[Browser]:
    async with visitor(app) as browser:
        await browser.sign_in(await make_account("alder", role="hr", name="Denise Okafor"))
        await browser.see("/hr/credentials")
        yield browser


@pytest.fixture(scope="module")
def renderer() -> Iterator[None]:
    """One PDF process for the tests here, ended with them."""
    yield
    work.close_renderer()


@pytest.fixture
def url(database: str, renderer: None) -> str:
    """The address of the database whose waiting jobs a test works."""
    return database


async def holder_of(placement: UUID) -> UUID:
    async with tenant_transaction("alder"):
        return (await Placement.select(Placement.person).where(Placement.id == placement).first())["person"]


async def issue(hr: Browser, placement: UUID) -> str:
    """Press the button on the person's page; gives the badge's page."""
    await hr.see(f"/hr/people/{await holder_of(placement)}")
    answer = await hr.submit(f"/hr/placements/{placement}/issue", status=303)
    return answer.headers["location"]


async def test_a_badge_is_issued_downloaded_withdrawn_and_issued_again(hr: Browser, placement: UUID, url: str) -> None:
    address = await issue(hr, placement)
    seen = await hr.see(address)
    assert "PDF being made" in seen.text
    assert "Valid through" in seen.text
    await jobs.run_waiting(url)
    answer = await hr.get(f"{address}/badge.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert re.search(r'filename="ALD-000001-\w\.pdf"', answer.headers["content-disposition"])
    assert conformance.faults(answer.content) == []
    seen = await hr.see(address)
    assert "Open the PDF" in seen.text
    assert (await hr.submit(f"{address}/withdraw", {"reason": "lost"}, status=303)).headers["location"] == address
    seen = await hr.see(address)
    assert "Withdrawn on" in seen.text
    assert "The badge was lost or stolen" in seen.text
    again = await issue(hr, placement)
    assert again != address
    assert "ALD-000002-" in (await hr.see(again)).text


async def test_the_issue_button_pressed_twice_makes_one_badge(hr: Browser, placement: UUID) -> None:
    assert await issue(hr, placement) == await issue(hr, placement)


async def test_a_refused_badge_says_what_is_missing_on_the_person_s_page(hr: Browser, placement: UUID) -> None:
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(Evidence.kind == "child_abuse_history")
    address = await issue(hr, placement)
    assert address.startswith("/hr/people/")
    assert "No badge can be issued today. Still needed: Child abuse history certificate." in (await hr.see(address)).text


async def test_a_withdrawal_without_a_reason_is_asked_again_with_what_was_typed(hr: Browser, placement: UUID) -> None:
    address = await issue(hr, placement)
    await hr.see(address)
    seen = await hr.submit(f"{address}/withdraw", {"reason": "", "words": "they moved"}, status=422)
    assert "Choose why the badge is withdrawn." in seen.text
    assert 'value="they moved"' in seen.text
    async with tenant_transaction("alder"):
        assert await Credential.exists().where(Credential.state == "issued")


async def test_a_download_waits_for_the_worker(hr: Browser, placement: UUID, url: str) -> None:
    address = await issue(hr, placement)
    answer, _ = await asyncio.gather(hr.get(f"{address}/badge.pdf"), jobs.run_waiting(url))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")


async def test_a_download_without_a_worker_is_told_to_look_again(
    hr: Browser, placement: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await issue(hr, placement)
    monkeypatch.setattr(badge_files, "PATIENCE", 0.0)
    seen = await hr.see(f"{address}/badge.pdf", status=202)
    assert "is being made" in seen.text
    assert f'href="{address}/badge.pdf"' in seen.text


async def test_the_list_shows_badges_by_how_they_stand(hr: Browser, placement: UUID) -> None:
    assert "No badge is in use yet" in (await hr.see("/hr/credentials")).text
    await issue(hr, placement)
    assert "Thùy Linh Đặng" in (await hr.see("/hr/credentials")).text
    assert "Thùy Linh Đặng" in (await hr.see("/hr/credentials?view=all&find=thuy")).text
    assert "No badge of “nobody” here" in (await hr.see("/hr/credentials?view=all&find=nobody")).text
    assert "No badge has ended" in (await hr.see("/hr/credentials?view=ended")).text
    await hr.see("/hr/credentials?view=nonsense&page=999")


async def test_the_volunteer_shows_the_badge_on_the_phone_and_saves_the_card(
    app: Litestar, hr: Browser, placement: UUID, url: str
) -> None:
    person = await holder_of(placement)
    account = await make_account("alder", role="volunteer", person=person, name="Linh")
    async with visitor(app) as phone:
        await phone.sign_in(account)
        assert "You have no badge yet" in (await phone.see("/me/badge")).text
        await phone.see("/me/badge.pdf", status=404)
        await issue(hr, placement)
        await jobs.run_waiting(url)
        seen = await phone.see("/me/badge")
        assert "Linh" in seen.text
        picture = re.search(r'src="(/me/badge/[^"]+/code\.svg)"', seen.text)
        assert picture
        code = await phone.get(picture[1])
        assert code.headers["content-type"].startswith("image/svg+xml")
        assert "<title>" in code.text
        assert (await phone.get("/me/badge.pdf")).content.startswith(b"%PDF-")


async def test_somebody_else_s_badge_cannot_be_had(app: Litestar, hr: Browser, placement: UUID, url: str) -> None:
    credential = (await issue(hr, placement)).rpartition("/")[2]
    await jobs.run_waiting(url)
    other = await holder_of(await cleared(given_name="Ana"))
    async with visitor(app) as phone:
        await phone.sign_in(await make_account("alder", role="volunteer", person=other))
        await phone.see(f"/me/badge/{credential}/badge.pdf", status=403)
        await phone.see(f"/me/badge/{credential}/code.svg", status=404)
        await phone.see(f"/hr/credentials/{credential}", status=403)
    await make_tenant("birch")
    async with visitor(app) as elsewhere:
        await elsewhere.sign_in(await make_account("birch", role="hr"))
        await elsewhere.see(f"/hr/credentials/{credential}", status=404)
        await elsewhere.see(f"/hr/credentials/{credential}/badge.pdf", status=404)


async def test_nobody_signed_in_is_sent_to_the_sign_in_page(browser: Browser) -> None:
    for address in ("/hr/credentials", "/me/badge", "/me/badge.pdf"):
        assert (await browser.get(address)).headers["location"].startswith("/sign-in")


def test_the_web_process_does_not_load_weasyprint(database: str) -> None:
    program = """
import sys
from staffing.app import create_app
create_app()
print(sorted({"weasyprint", "pikepdf"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "[]"
