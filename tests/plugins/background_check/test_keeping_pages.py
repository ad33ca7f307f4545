"""The pages of what is kept how long, of certificates, and of counts by group: who may open them, and what their forms do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from litestar import Litestar

from plugins.background_check.services import certificates, keeping
from plugins.background_check.tables.keeping import LegalHold, RetentionChoice, SelfDescription
from plugins.background_check.tables.orders import CheckOrder
from staffing.app import create_app
from staffing.services import work
from staffing.settings import Settings
from staffing.store.engine import tenant_transaction
from staffing.store.pool import close_pool
from staffing.store.tables import PluginSwitch
from tests.factories import json_text, make_account, make_person, make_tenant
from tests.plugins.background_check import checks
from tests.plugins.background_check.kept_files import TODAY, left, make_file, months_ago
from tests.web.driving import Browser, running, visitor

HOME = "/p/background_check/"


@pytest.fixture
async def app(database: str, installation: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Litestar]:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        await make_tenant("alder", jurisdiction="us-pa", time_zone="America/New_York")
        async with tenant_transaction("alder"):
            await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
        yield started


@contextlib.asynccontextmanager
async def signed_in(app: Litestar, role: str) -> AsyncIterator[Browser]:
    account = await make_account("alder", role=role, name=f"{role.title()} Invented")
    async with visitor(app) as browser:
        await browser.sign_in(account)
        yield browser


@pytest.fixture
async def admin(app: Litestar) -> AsyncIterator[Browser]:
    async with signed_in(app, "admin") as browser:
        yield browser


@pytest.fixture
async def hr(app: Litestar) -> AsyncIterator[Browser]:
    async with signed_in(app, "hr") as browser:
        yield browser


# --- what is kept ---


async def test_the_page_says_of_every_kind_how_long_it_is_kept_and_why(admin: Browser) -> None:
    page = (await admin.see(f"{HOME}keeping")).text
    assert "Nothing is due to be destroyed" in page
    assert "<b>6 years</b> after the last action on the check" in page
    assert "15 USC 1681p" in page
    assert "At least 2 years: 29 CFR 1602.40." in page
    assert "A default of ours; no law sets it." in page


async def test_what_is_due_is_counted_ahead(admin: Browser) -> None:
    await make_file(months_ago(72, 3))
    page = (await admin.see(f"{HOME}keeping")).text
    assert "8 records will be destroyed by" in page


async def test_an_administrator_changes_how_long_with_a_reason(admin: Browser) -> None:
    await admin.see(f"{HOME}keeping")
    await admin.submit(f"{HOME}keeping/rules/batches", {"months": "36", "why": "Board policy 7"}, status=303)
    page = (await admin.see(f"{HOME}keeping")).text
    assert "<b>3 years</b> after the day it was made" in page
    assert "Board policy 7" in page
    async with tenant_transaction("alder"):
        assert await RetentionChoice.count() == 1


@pytest.mark.parametrize(
    ("item", "form", "says"),
    [
        ("decisions", {"months": "12", "why": "Board"}, "cannot be kept for less than 2 years: 29 CFR 1602.40"),
        ("batches", {"months": "36", "why": ""}, "Say in a sentence why"),
        ("batches", {"months": "three", "why": "Board"}, "is a whole number"),
        ("batches", {"months": "24", "why": "Board"}, "already"),
        ("reports", {"months": "24", "why": "Board"}, "no such kind"),
    ],
)
async def test_a_change_that_cannot_be_keeps_what_was_typed_and_says_why(
    admin: Browser, item: str, form: dict[str, str], says: str
) -> None:
    await admin.see(f"{HOME}keeping")
    answer = await admin.submit(f"{HOME}keeping/rules/{item}", form)
    assert answer.status_code in {409, 422}
    assert says in answer.text
    if item != "reports":
        assert f'value="{form["months"]}"' in answer.text
    async with tenant_transaction("alder"):
        assert await RetentionChoice.count() == 0


async def test_a_hold_is_begun_for_somebody_and_ended(admin: Browser) -> None:
    file = await make_file(months_ago(80))
    page = (await admin.see(f"{HOME}keeping")).text
    assert f'<option value="{file.person}"' in page
    await admin.submit(f"{HOME}keeping/holds", {"person": str(file.person), "matter": "Matter 26-114"}, status=303)
    page = (await admin.see(f"{HOME}keeping")).text
    assert "Matter 26-114" in page
    assert "Nothing is due to be destroyed" in page
    found = re.search(r'action="(/p/background_check/keeping/holds/[^"]+/end)"', page)
    assert found
    await admin.submit(found[1], {}, status=303)
    assert "records will be destroyed" in (await admin.see(f"{HOME}keeping")).text


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"person": "", "matter": ""}, "Say what the matter is called"),
        ({"person": "Rosa", "matter": "Matter 1"}, "Paste the address"),
        ({"person": str(uuid4()), "matter": "Matter 1"}, "no such person"),
    ],
)
async def test_a_hold_that_cannot_be_is_told_in_a_sentence(admin: Browser, form: dict[str, str], says: str) -> None:
    await admin.see(f"{HOME}keeping")
    answer = await admin.submit(f"{HOME}keeping/holds", form)
    assert answer.status_code in {404, 422}
    assert says in answer.text
    async with tenant_transaction("alder"):
        assert await LegalHold.count() == 0


async def test_a_hold_takes_the_address_of_a_record(admin: Browser) -> None:
    person = await make_person("alder")
    await admin.see(f"{HOME}keeping")
    form = {"person": f"https://example.org/hr/people/{person}?tab=1", "matter": "Matter 2"}
    await admin.submit(f"{HOME}keeping/holds", form, status=303)
    async with tenant_transaction("alder"):
        assert await LegalHold.exists().where(LegalHold.person == person)


async def test_a_certificate_is_shown_and_given_as_data_and_on_paper(admin: Browser) -> None:
    await make_file(months_ago(80))
    ident = await keeping.destroy_portion("alder")
    assert await left() == {}
    try:
        await certificates.print_destruction("alder", str(ident))
    finally:
        work.close_renderer()
    assert "Certificate 1" in (await admin.see(f"{HOME}keeping")).text
    page = (await admin.see(f"{HOME}keeping/destructions/{ident}")).text
    assert "8 records destroyed on" in page
    assert "Disclosures shown and authorisations signed" in page
    pdf = await admin.get(f"{HOME}keeping/destructions/{ident}/pdf")
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    data = await admin.get(f"{HOME}keeping/destructions/{ident}/data")
    assert data.json()["certificate"] == 1
    assert (await admin.get(f"{HOME}keeping/destructions/{uuid4()}")).status_code == 404


@pytest.mark.parametrize("role", ["hr", "union", "volunteer", "partner"])
async def test_only_administrators_open_it(app: Litestar, role: str) -> None:
    columns = {"person": await make_person("alder")} if role == "volunteer" else {}
    account = await make_account("alder", role=role, **columns)
    async with visitor(app) as browser:
        await browser.sign_in(account)
        for address in ("keeping", f"keeping/destructions/{uuid4()}", f"keeping/destructions/{uuid4()}/pdf"):
            assert (await browser.get(HOME + address)).status_code == 403
        await browser.see("/demo")
        assert (await browser.submit(f"{HOME}keeping/holds", {"matter": "Matter 1"})).status_code == 403
    async with tenant_transaction("alder"):
        assert await LegalHold.count() == 0


# --- counts by group ---


async def people(many: int, group: str, **order: object) -> None:
    account = await checks.make_account()
    package = await checks.make_package(account)
    ids = [uuid4() for _ in range(many)]
    values = {"status": "complete", "outcome": "eligible", "ordered_by": "hr", "requested_on": date(2036, 9, 5)} | order
    at = datetime(2036, 9, 5, 18, tzinfo=UTC)
    async with tenant_transaction("alder"):
        await CheckOrder.insert(
            *(CheckOrder(person=one, account=account, package=package, ordered_at=at, **values) for one in ids)
        )
        await SelfDescription.insert(*(SelfDescription(person=one, groups=json_text([group])) for one in ids))


async def test_counts_are_made_by_hand_and_shown_with_their_signal(hr: Browser) -> None:
    await people(100, "race:white")
    await people(40, "race:black")
    await people(40, "race:black", outcome="not_eligible")
    await people(4, "race:asian")
    await people(12, "race:hispanic")
    page = (await hr.see(f"{HOME}disparity")).text
    assert '<option value="2036-09-m"' in page
    assert "<table" not in page

    await hr.submit(f"{HOME}disparity", {"purpose": "volunteer", "period": "2036-09-m", "by": "race"}, status=303)
    page = (await hr.see(f"{HOME}disparity?purpose=volunteer&period=2036-09-m&by=race")).text

    assert "Black or African American: under four fifths of the highest rate" in page
    assert "Programme equity signal" in page
    assert "A ratio under four fifths is a rule of thumb and no finding." in page
    assert "89 FR 22182" in page
    assert re.search(
        r"Asian</th>(<td[^>]*><span class=\"muted\" title=\"Hidden\">·<span class=\"vh\">hidden</span></span></td>){4}", page
    )
    assert re.search(r'<td class="n" data-l="Eligible">40</td>', page)
    assert "September 2036" in (await hr.see(f"{HOME}disparity?by=language")).text


async def test_what_cannot_be_counted_is_told_on_the_page(hr: Browser) -> None:
    await people(40, "race:white")
    await hr.see(f"{HOME}disparity")
    answer = await hr.submit(f"{HOME}disparity", {"purpose": "volunteer", "period": "2036-11-m"}, status=422)
    assert "November 2036 is not over" in answer.text
    assert (await hr.get(f"{HOME}disparity?by=income")).status_code == 422
    assert (await hr.get(f"{HOME}disparity?purpose=x")).status_code == 422
    assert (await hr.get(f"{HOME}disparity?period=2036-08-q")).status_code == 422
    page = (await hr.see(f"{HOME}disparity?period=2036-08-m")).text
    assert "August 2036 is not counted yet" in page


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("union", 403), ("partner", 403)])
async def test_hr_and_administrators_alone_read_counts(app: Litestar, role: str, status: int) -> None:
    async with signed_in(app, role) as browser:
        assert (await browser.get(f"{HOME}disparity")).status_code == status
