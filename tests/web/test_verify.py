"""What anybody sees who scans a badge."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from litestar import Litestar

from staffing.services import credentials
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential
from tests.factories import make_account, make_tenant
from tests.services.cleared import cleared, make_alder
from tests.web.driving import Browser, visitor

HR = Actor(tenant="alder", name="Denise Okafor", role="hr", account=uuid4())


async def issued(**person: str) -> tuple[UUID, str]:
    """A badge and its token."""
    await make_alder()
    credential = await credentials.issue(HR, await cleared(given_name="Thùy Linh", family_name="Đặng", **person))
    async with tenant_transaction("alder"):
        row = await Credential.select(Credential.token).where(Credential.id == credential).first()
    return credential, row["token"]


async def test_a_scan_says_valid_with_initials_and_last_day_and_no_name(browser: Browser) -> None:
    _, token = await issued()
    seen = await browser.see(f"/V/{token}")
    assert '<h1 id="word">Valid</h1>' in seen.text
    assert "TĐ" in seen.text
    assert "Alder Unified" in seen.text
    for private in ("Thùy", "Đặng", "Rosa", "Reading tutor", "Marigold"):
        assert private not in seen.text


async def test_the_answer_is_kept_by_nobody_and_its_address_is_told_to_nobody(browser: Browser) -> None:
    _, token = await issued()
    for address in (f"/V/{token}", f"/V/{token[:-1]}", "/verify"):
        headers = (await browser.get(address)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "noindex" in headers["x-robots-tag"]
        assert "set-cookie" not in headers


async def test_the_address_works_in_lower_case_too(browser: Browser) -> None:
    _, token = await issued()
    assert '<h1 id="word">Valid</h1>' in (await browser.see(f"/v/{token.lower()}")).text


async def test_a_withdrawn_badge_says_so_at_the_next_scan(browser: Browser) -> None:
    credential, token = await issued()
    await credentials.withdraw(HR, credential, "lost")
    seen = await browser.see(f"/V/{token}")
    assert '<h1 id="word">Withdrawn</h1>' in seen.text
    assert "Do not let this person work with children" in seen.text
    assert "lost or stolen" not in seen.text


async def test_an_expired_badge_says_so(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    credential, token = await issued()
    async with tenant_transaction("alder"):
        row = await Credential.select(Credential.valid_through).where(Credential.id == credential).first()
    monkeypatch.setenv("STAFFING_TODAY", (row["valid_through"] + timedelta(days=1)).isoformat())
    assert '<h1 id="word">Expired</h1>' in (await browser.see(f"/V/{token}")).text


@pytest.mark.parametrize("token", ["HELLO", "2KCETIQBE4", "%3Cscript%3E", "A" * 5000])
async def test_a_code_that_is_none_gets_a_sentence_and_404(browser: Browser, token: str) -> None:
    seen = await browser.see(f"/V/{token}", status=404)
    assert "This is not a complete badge code" in seen.text
    assert "<script>" not in seen.text


async def test_staff_of_the_district_see_the_name_and_others_do_not(app: Litestar) -> None:
    _, token = await issued()
    await make_tenant("birch")
    accounts = {
        "own": await make_account("alder", role="hr"),
        "coordinator": await make_account("alder", role="coordinator"),
        "partner": await make_account("alder", role="partner"),
        "elsewhere": await make_account("birch", role="hr"),
    }
    sees = {}
    for who, account in accounts.items():
        async with visitor(app) as browser:
            await browser.sign_in(account)
            sees[who] = "Thùy Linh Đặng" in (await browser.see(f"/V/{token}")).text
    assert sees == {"own": True, "coordinator": True, "partner": False, "elsewhere": False}


@pytest.mark.parametrize("form", ["{}", "http://127.0.0.1:8000/V/{}", "  {} "])
async def test_a_pasted_code_or_address_leads_to_the_answer(browser: Browser, form: str) -> None:
    _, token = await issued()
    answer = await browser.get("/verify", params={"code": form.format(token.lower())})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/V/{token}")


async def test_an_empty_box_and_a_badge_number_are_answered_with_what_to_do(browser: Browser) -> None:
    await issued()
    empty = await browser.see("/verify?code=", status=422)
    assert "Paste the code" in empty.text
    number = await browser.see("/verify?code=ALD-000001-" + credentials_check("ALD-000001"), status=422)
    assert "Anybody can copy a number" in number.text


async def test_hr_may_look_a_badge_up_by_its_number(browser: Browser) -> None:
    credential, _ = await issued()
    await browser.sign_in(await make_account("alder", role="hr"))
    answer = await browser.get("/verify?code=ald000001" + credentials_check("ALD-000001"))
    assert answer.headers["location"] == f"/hr/credentials/{credential}"


def credentials_check(body: str) -> str:
    from staffing.services.badge_numbers import check_character

    return check_character(body)
