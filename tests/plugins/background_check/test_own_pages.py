"""A person's own pages about checks: every step, every wrong input, in other languages, and closed to everybody else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from litestar import Litestar

from plugins.background_check.rules.fair_steps import Step as FairStep
from plugins.background_check.tables.consents import Consent, Notice
from plugins.background_check.tables.decided import AdverseAction, CheckDetermination
from plugins.background_check.tables.keeping import Policy as PolicyRow
from plugins.background_check.tables.keeping import SelfDescription
from plugins.background_check.tables.orders import CheckOrder
from staffing.app import create_app
from staffing.settings import Settings
from staffing.store.engine import DB, tenant_transaction
from staffing.store.pool import close_pool
from staffing.store.tables import Journal, PluginSwitch
from tests.factories import make_account as make_sign_in
from tests.factories import make_person, make_placement, make_position, make_tenant
from tests.plugins.background_check.checks import make_account, make_order, make_package, order_row
from tests.web.driving import Browser, running, visitor

HOME = "/p/background_check/"
TERMS = {"engagement": "volunteer", "employer": "district", "setting": "campus", "contact": "routine", "duties": ["tutoring"]}


class Check(msgspec.Struct):
    """An order, whose it is, and the address of its page."""

    order: UUID
    person: UUID
    sign_in: UUID
    account: UUID

    @property
    def page(self) -> str:
        return f"{HOME}me/checks/{self.order}"


@pytest.fixture
async def app(database: str, installation: Path) -> AsyncIterator[Litestar]:
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        yield started
    assert DB.pool is None


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        yield client


@pytest.fixture
async def tenant(app: Litestar) -> str:
    for name in ("alder", "birch"):
        await make_tenant(name, name=f"{name.title()} Unified", jurisdiction="us-pa", time_zone="America/New_York")
        async with tenant_transaction(name):
            await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    return "alder"


async def make_check(provider: str = "checkr", *, person: UUID | None = None, package: Any = None, **columns: Any) -> Check:
    person = person or await make_person("alder", family_name="Example")
    sign_in = await make_sign_in("alder", role="volunteer", person=person, name="Rosa Example")
    account = await make_account(provider, title="Invented Screening")
    defaults = {"consumer_report": True, "title": "Volunteer check", "usual_days": 4, "searches": '["County criminal records"]'}
    made = await make_package(account, **defaults | (package or {}))
    order = await make_order(account, made, person=person, **{"status": "to_authorise"} | columns)
    return Check(order, person, sign_in, account)


@pytest.fixture
async def check(tenant: str) -> Check:
    return await make_check()


async def digest_on(browser: Browser, address: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', (await browser.see(address)).text)
    assert found
    return found[1]


async def read(browser: Browser, check: Check, **more: str) -> Any:
    digest = await digest_on(browser, f"{check.page}/disclosure")
    return await browser.submit(f"{check.page}/disclosure", {"digest": digest, **more}, status=303)


async def sign(browser: Browser, check: Check, status: int, **more: str) -> str:
    digest = await digest_on(browser, f"{check.page}/authorise")
    given = {"name": "Rosa Example", "agree": "yes", "digest": digest} | more
    return (await browser.submit(f"{check.page}/authorise", given, status=status)).text


async def kinds(order: UUID) -> set[str]:
    async with tenant_transaction("alder"):
        return {row["kind"] for row in await Consent.select(Consent.kind).where(Consent.order == order)}


async def test_from_the_list_to_the_signature_and_beyond(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    text = (await browser.see(f"{HOME}me/checks")).text
    assert "One check waits for you." in text
    assert check.page in text
    text = (await browser.see(check.page)).text
    assert f'href="{check.page}/disclosure"' in text
    answer = await read(browser, check)
    assert answer.headers["location"] == f"{check.page}/authorise"
    await sign(browser, check, 303)
    text = (await browser.see(check.page)).text
    assert "Signed. Your check goes on." in text
    assert "We are sending it." in text
    assert "What you have read and signed" in text
    assert await kinds(check.order) == {"disclosure", "authorisation"}
    async with tenant_transaction("alder"):
        signed = await Consent.select().where(Consent.kind == "authorisation").first()
    assert signed["address"] == "127.0.0.1"


async def test_the_page_says_what_is_asked_why_what_it_costs_how_long_and_who_sees_what(browser: Browser, tenant: str) -> None:
    position = await make_position("alder", terms=TERMS)
    person = await make_person("alder", family_name="Example", facts={"resident_since": "2001-06-01"})
    placement = await make_placement("alder", person=person, position=position, terms=TERMS)
    check = await make_check(person=person, placement=placement, package={"kinds": '["state_criminal_history"]'})
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    for words in (
        "County criminal records",
        "Invented Screening",
        "Nothing. The district pays.",
        "about 4 days",
        "Schools and partners see only whether you are cleared, and until when.",
        "A record is never a refusal by itself.",
        "State law",
        "Pa.C.S.",
    ):
        assert words in text, words


@pytest.mark.parametrize(
    ("package", "says"),
    [
        ({"who_pays": "partner"}, "The organisation you come with pays."),
        ({"who_pays": "nobody"}, "It is free."),
        ({"who_pays": "person", "cost_cents": 1250}, "You pay $12.50."),
        ({"who_pays": "person"}, "You pay. Ask the volunteer office how much"),
    ],
)
async def test_it_says_who_pays(browser: Browser, tenant: str, package: dict[str, Any], says: str) -> None:
    check = await make_check(package=package)
    await browser.sign_in(check.sign_in)
    assert says in (await browser.see(check.page)).text


async def test_the_disclosure_stands_alone_on_its_page(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    text = (await browser.see(f"{check.page}/disclosure")).text
    main = re.search(r"<main.*?</main>", text, re.DOTALL)
    assert main
    assert "Alder Unified may obtain a consumer report about you for employment purposes." in main[0]
    assert main[0].count("<form") == 1
    assert 'type="checkbox"' not in main[0]
    assert 'type="text"' not in main[0]
    for extra in ("authoriz", "waive", "release", "pays", "days to answer"):
        assert extra not in main[0], extra


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": ""}, "Type your first name and your family name."),
        ({"name": "Juan Nobody"}, "This is not the name we have on record."),
        ({"agree": ""}, "Tick the box if you agree."),
        ({"name": "", "agree": ""}, "2 things need another look"),
        ({"name": "Rosa 219-09-9999 Example"}, "never kept here"),
    ],
)
async def test_a_wrong_signature_is_told_on_its_page_and_what_was_typed_is_kept(
    browser: Browser, check: Check, given: dict[str, str], says: str
) -> None:
    await browser.sign_in(check.sign_in)
    await read(browser, check)
    text = await sign(browser, check, 422, **given)
    assert says in text
    if "Nobody" in given.get("name", ""):
        assert 'value="Juan Nobody"' in text
        assert 'href="#name"' in text
    assert await kinds(check.order) == {"disclosure"}
    assert (await order_row(check.order))["status"] == "to_authorise"


async def test_signing_before_reading_leads_back_to_the_check(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    text = (await browser.see(f"{check.page}/authorise", 409)).text
    assert "Read the disclosure first" in text
    answer = await browser.submit(
        f"{check.page}/authorise", {"name": "Rosa Example", "agree": "yes", "digest": "0" * 64}, status=409
    )
    assert "Read the disclosure first" in answer.text
    assert f'href="{check.page}/disclosure"' in answer.text
    assert await kinds(check.order) == set()


async def test_the_same_form_sent_twice_is_harmless(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    digest = await digest_on(browser, f"{check.page}/disclosure")
    for _ in range(2):
        await browser.submit(f"{check.page}/disclosure", {"digest": digest}, status=303)
    digest = await digest_on(browser, f"{check.page}/authorise")
    for _ in range(2):
        await browser.submit(f"{check.page}/authorise", {"name": "Rosa Example", "agree": "yes", "digest": digest}, status=303)
    assert (await browser.see(f"{check.page}/disclosure", 303)).headers["location"] == check.page
    async with tenant_transaction("alder"):
        assert await Consent.count() == 2


async def test_a_form_with_other_words_is_not_taken(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    await browser.see(f"{check.page}/disclosure")
    for digest in ("0" * 64, "", "no digest"):
        answer = await browser.submit(f"{check.page}/disclosure", {"digest": digest}, status=409)
        assert "The text has changed since you opened the page" in answer.text
    assert await kinds(check.order) == set()


async def test_a_further_text_comes_between_with_its_box(browser: Browser, check: Check) -> None:
    async with tenant_transaction("alder"):
        await PolicyRow.insert(PolicyRow(version=1, body='{"extra_texts": ["us_ok_copy"]}', made_by="admin/- Grace"))
    await browser.sign_in(check.sign_in)
    assert "Oklahoma" not in (await browser.see(check.page)).text
    answer = await read(browser, check)
    address = answer.headers["location"]
    assert address == f"{check.page}/texts/us_ok_copy"
    digest = await digest_on(browser, address)
    answer = await browser.submit(address, {"digest": digest, "copy": "yes"}, status=303)
    assert answer.headers["location"] == f"{check.page}/authorise"
    async with tenant_transaction("alder"):
        row = await Consent.select().where(Consent.kind == "us_ok_copy").first()
    assert row["answer"] == "copy_wanted"
    assert (await browser.see(f"{check.page}/texts/us_ny_article_23a", 404)).status_code == 404


async def test_in_spanish_help_with_reading_stands_beside_the_english_that_counts(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    text = (await browser.see(f"{check.page}/disclosure?lang=es")).text
    assert '<article class="oc-doc" lang="en"' in text
    assert '<article class="oc-doc" lang="es"' in text
    assert "puede obtener un informe del consumidor" in text
    assert 'name="help" value="es"' in text
    await read(browser, check, help="es")
    async with tenant_transaction("alder"):
        rows = await Consent.select(Consent.kind, Consent.language)
    assert {(row["kind"], row["language"]) for row in rows} == {("disclosure", "en"), ("reading_help", "es")}


async def test_in_arabic_the_page_runs_right_to_left_and_the_english_text_left_to_right(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    for address in (check.page, f"{check.page}/disclosure", f"{HOME}me/checks", f"{HOME}me/about"):
        assert 'lang="ar" dir="rtl"' in (await browser.see(f"{address}?lang=ar")).text
    text = (await browser.see(f"{check.page}/disclosure")).text
    assert '<article class="oc-doc" lang="en" dir="ltr"' in text
    assert 'name="help"' not in text


async def test_what_was_signed_is_read_again(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    await read(browser, check)
    await sign(browser, check, 303)
    async with tenant_transaction("alder"):
        row = await Consent.select(Consent.id).where(Consent.kind == "authorisation").first()
    text = (await browser.see(f"{check.page}/kept/{row['id']}")).text
    assert "I authorize Alder Unified to obtain a consumer report about me from Invented Screening" in text
    assert "These are exactly the words you had before you." in text
    assert "Rosa Example" in text
    assert (await browser.see(f"{check.page}/kept/{uuid4()}", 404)).status_code == 404


async def test_ending_a_check_asks_for_a_tick_and_then_ends_it(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    await browser.see(check.page)
    answer = await browser.submit(f"{check.page}/withdraw", {}, status=422)
    assert "Nothing was ended." in answer.text
    assert (await order_row(check.order))["status"] == "to_authorise"
    for _ in range(2):
        await browser.submit(f"{check.page}/withdraw", {"sure": "yes"}, status=303)
    text = (await browser.see(check.page)).text
    assert "This check was ended before there was an answer. Nothing was decided about you." in text
    assert "I do not want this check" not in text


async def change(order: UUID, **columns: Any) -> None:
    async with tenant_transaction("alder"):
        await CheckOrder.update(**columns).where(CheckOrder.id == order)


async def test_an_answer_that_is_in_cannot_be_taken_back(browser: Browser, check: Check) -> None:
    await change(check.order, status="complete", result="clear")
    await browser.sign_in(check.sign_in)
    assert "I do not want this check" not in (await browser.see(check.page)).text
    answer = await browser.submit(f"{check.page}/withdraw", {"sure": "yes"}, status=409)
    assert "The answer has come already" in answer.text


SOON, PAST = datetime.now(UTC) + timedelta(days=6), datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize(
    ("columns", "says", "group"),
    [
        ({"status": "to_send", "tries": 3}, "The company does not answer at the moment.", "Waiting for the district"),
        ({"status": "refused"}, "The order was not taken.", "Waiting for the district"),
        ({"status": "refused", "detail": "under_age"}, "only made for people who are older", "Waiting for the district"),
        (
            {"status": "awaiting_subject", "link": "https://apply.example/1", "link_until": SOON},
            'href="https://apply.example/1"',
            "Waiting for you",
        ),
        (
            {"status": "awaiting_subject", "link": "https://apply.example/1", "link_until": PAST},
            "The district sends you a new one.",
            "Waiting for the district",
        ),
        ({"status": "awaiting_subject"}, "The company writes to you.", "Waiting for you"),
        ({"status": "in_progress"}, "The search is going on.", "Waiting for whoever makes the check"),
        ({"status": "on_hold", "detail": "subject_must_act"}, "needs something more from you", "Waiting for you"),
        ({"status": "on_hold", "detail": "we_must_act"}, "The check is on hold.", "Waiting for the district"),
        ({"status": "complete", "result": "record_found"}, "A person of the district looks at it", "Waiting for the district"),
        ({"status": "disputed", "result": "record_found"}, "It is being looked at again.", "Waiting for whoever makes the check"),
        ({"status": "expired"}, "The time to go on ran out.", "Waiting for the district"),
        ({"status": "canceled"}, "ended before there was an answer", "Ended"),
    ],
)
async def test_every_state_is_a_sentence_that_says_whose_move_it_is(
    browser: Browser, check: Check, columns: dict[str, Any], says: str, group: str
) -> None:
    await change(check.order, **columns)
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert says in text
    assert group in text
    for word in ("record_found", "record found", "consider"):
        assert word not in text
    if columns.get("link_until") == PAST:
        assert "apply.example" not in text
    assert (await browser.see(f"{HOME}me/checks")).status_code == 200


@pytest.mark.parametrize(
    ("outcome", "reason", "conditions", "says"),
    [
        ("eligible", "clear", "[]", "The check is done, and you can go on."),
        ("eligible_with_conditions", "assessed_with_conditions", '["in_sight"]', "School staff can see you at all times."),
        ("not_eligible", "assessed_not_suitable", "[]", "The district decided that this work is not possible."),
        ("withdrawn", "ordered_by_mistake", "[]", "This check was ordered by mistake."),
    ],
)
async def test_a_decision_is_told_in_the_words_of_its_reason(  # noqa: PLR0917 - one row of the table
    browser: Browser, check: Check, outcome: str, reason: str, conditions: str, says: str
) -> None:
    await change(check.order, status="complete", result="record_found", outcome=outcome)
    async with tenant_transaction("alder"):
        values = {"outcome": outcome, "reason_code": reason, "conditions": conditions, "policy_version": "standard-1"}
        note = "A note for HR alone"
        await CheckDetermination.insert(CheckDetermination(order=check.order, decided_by="hr/1 Vonda", note=note, **values))
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert says in text
    assert "A note for HR alone" not in text
    assert "Vonda" not in text


async def test_one_decided_by_one_of_two_is_not_told_as_decided(browser: Browser, check: Check) -> None:
    await change(check.order, status="complete", result="clear")
    async with tenant_transaction("alder"):
        values = {"outcome": "eligible", "reason_code": "clear", "policy_version": "1", "state": "waits_for_second"}
        await CheckDetermination.insert(CheckDetermination(order=check.order, decided_by="hr/1 Vonda", **values))
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert "a second one has to agree before it counts" in text
    assert "you can go on." not in text


async def write(check: Check, kind: str) -> UUID:
    async with tenant_transaction("alder"):
        number = 1 + await Notice.count()
        values = {
            "language": "en",
            "html": "<p>Invented</p>",
            "sha256": b"\0" * 32,
            "sent_on": date(2026, 11, 20),
            "made_by": "x",
        }
        row = Notice(order=check.order, person=check.person, kind=kind, number=number, **values)
        await Notice.insert(row)
    return row.id


async def act(check: Check, state: FairStep, **columns: Any) -> None:
    async with tenant_transaction("alder"):
        values = {"state": state.value, "rule": "default", "opened_by": "hr/1 Vonda"} | columns
        await AdverseAction.insert(AdverseAction(order=check.order, person=check.person, **values))


async def test_a_notice_that_waits_for_an_answer_is_a_clear_call_with_its_last_day(browser: Browser, check: Check) -> None:
    await change(check.order, status="complete", result="record_found")
    await act(check, FairStep.WAITING, deadline=date(2026, 12, 4))
    letter = await write(check, "pre_adverse")
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert "You can answer until Dec 4, 2026. Nothing is decided yet." in text
    assert f'href="{HOME}me/notices/{letter}"' in text
    assert "Read the letter and answer" in text
    assert "One check waits for you." in (await browser.see(f"{HOME}me/checks")).text


@pytest.mark.parametrize("state", [FairStep.ASSESSING, FairStep.TO_NOTIFY])
async def test_before_they_were_written_to_they_read_only_that_somebody_decides(
    browser: Browser, check: Check, state: FairStep
) -> None:
    await change(check.order, status="complete", result="record_found")
    await act(check, state)
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert "A person of the district looks at it and decides." in text
    assert "letter" not in text.partition("About this check")[0]


@pytest.mark.parametrize("state", [FairStep.PAUSED, FairStep.TO_REASSESS, FairStep.TO_FINISH])
async def test_after_an_answer_the_district_has_the_move(browser: Browser, check: Check, state: FairStep) -> None:
    await change(check.order, status="complete", result="record_found")
    await act(check, state)
    await write(check, "pre_adverse")
    await browser.sign_in(check.sign_in)
    assert "The district looks at everything again, with what you said" in (await browser.see(check.page)).text


async def test_a_certificate_of_ones_own_is_asked_for_with_its_way(browser: Browser, tenant: str) -> None:
    check = await make_check("document_upload", package={"consumer_report": False, "how": "Ask at the invented office."})
    await change(check.order, status="awaiting_subject")
    await browser.sign_in(check.sign_in)
    text = (await browser.see(check.page)).text
    assert "Get the certificate and send us a photo of it." in text
    assert "Ask at the invented office." in text
    assert "Your certificate is kept locked, for the clearance staff alone." in text


async def test_the_list_of_tasks_has_a_panel_only_for_somebody_with_a_check(browser: Browser, check: Check) -> None:
    other = await make_sign_in("alder", role="volunteer", person=await make_person("alder"), name="Ana Other")
    await browser.sign_in(check.sign_in)
    text = (await browser.see("/me")).text
    assert "Your background checks" in text
    assert check.page in text
    await browser.sign_in(other)
    assert "Your background checks" not in (await browser.see("/me")).text
    assert "Nobody has asked for a check about you." in (await browser.see(f"{HOME}me/checks")).text


async def test_somebody_elses_check_is_not_found(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    await read(browser, check)
    async with tenant_transaction("alder"):
        consent = (await Consent.select(Consent.id).first())["id"]
    others = [
        await make_sign_in(place, role="volunteer", person=await make_person(place), name="Ana Other")
        for place in ("alder", "birch")
    ]
    for other in others:
        await browser.sign_in(other)
        for last in ("", "/disclosure", "/authorise", "/texts/us_ok_copy", f"/kept/{consent}"):
            assert (await browser.see(check.page + last, 404)).status_code == 404
        for last in ("/disclosure", "/authorise", "/texts/us_ok_copy"):
            await browser.submit(check.page + last, {"digest": "0", "name": "Rosa Example", "agree": "yes"}, status=404)
        await browser.submit(f"{check.page}/withdraw", {"sure": "yes"}, status=404)
    assert await kinds(check.order) == {"disclosure"}


@pytest.mark.parametrize("role", ["hr", "admin", "coordinator", "partner", "union", "cabinet"])
async def test_staff_and_partners_do_not_open_a_persons_own_pages(browser: Browser, check: Check, role: str) -> None:
    await browser.sign_in(await make_sign_in("alder", role=role))
    for address in (f"{HOME}me/checks", check.page, f"{check.page}/disclosure", f"{HOME}me/about"):
        assert "These are a volunteer&#39;s own pages." in (await browser.see(address, 403)).text
    for address in (f"{check.page}/disclosure", f"{check.page}/authorise", f"{check.page}/withdraw", f"{HOME}me/about"):
        await browser.submit(address, {"sure": "yes", "name": "Rosa Example", "agree": "yes"}, status=403)
    assert await kinds(check.order) == set()
    paper = await browser.see(f"{HOME}orders/{check.order}/signed", None)
    assert paper.status_code == (200 if role in {"hr", "admin"} else 403)


async def test_nobody_signed_in_is_told_to_sign_in(browser: Browser, check: Check) -> None:
    answer = await browser.see(check.page, None)
    assert answer.status_code in {303, 403}
    assert "Volunteer check" not in answer.text


async def test_hr_records_signed_papers(browser: Browser, check: Check) -> None:
    await browser.sign_in(await make_sign_in("alder", role="hr"))
    address = f"{HOME}orders/{check.order}/signed"
    text = (await browser.see(address)).text
    assert "Disclosure about a consumer report" in text
    assert "I authorize Alder Unified" in text
    for given, says in (
        ({}, "The day of signing is a day"),
        ({"name": "Rosa Example", "signed_on": "2026-11-20"}, "Tick that you have the signed papers"),
        ({"name": "Juan Nobody", "signed_on": "2026-11-20", "seen": "yes"}, "This is not the name on record."),
        ({"name": "Rosa Example", "signed_on": "2100-01-01", "seen": "yes"}, "The day of signing lies ahead."),
    ):
        answer = await browser.submit(address, given, status=422)
        assert says in answer.text
        assert f'value="{given.get("name", "")}"' in answer.text
    answer = await browser.submit(address, {"name": "Rosa Example", "signed_on": "2026-11-20", "seen": "yes"}, status=303)
    assert answer.headers["location"] == f"{HOME}orders/{check.order}"
    assert (await order_row(check.order))["status"] == "to_send"
    text = (await browser.see(address)).text
    assert "on paper, Nov 20, 2026" in text
    assert "Words unchanged" in text


async def test_what_one_says_of_oneself_is_kept_changed_and_erased(browser: Browser, check: Check) -> None:
    await browser.sign_in(check.sign_in)
    address = f"{HOME}me/about"
    text = (await browser.see(address)).text
    assert "I would rather not say" in text
    assert "Erase what I said" not in text
    await browser.submit(address, {"groups": ["race:asian", "race:white"]}, status=303)
    text = (await browser.see(address)).text
    assert re.search(r'value="race:asian" checked', text)
    assert await _said() == ["race:asian", "race:white"]
    await browser.submit(address, {"groups": "race:asian", "none": "yes"}, status=303)
    assert await _said() == []
    await browser.submit(address, {"groups": "race:martian"}, status=422)
    assert await _said() == []
    await browser.see(address)
    await browser.submit(address, {"do": "erase"}, status=303)
    await browser.submit(address, {"do": "erase"}, status=303)
    async with tenant_transaction("alder"):
        assert await SelfDescription.count() == 0
        entries = await Journal.select(Journal.action, Journal.facts).where(Journal.action.like("self_description:%"))
    assert [entry["action"].partition(":")[2] for entry in entries] == ["told", "told", "erased"]
    assert "race" not in str(entries)


async def _said() -> list[str]:
    async with tenant_transaction("alder"):
        (row,) = await SelfDescription.select().output(load_json=True)
    groups: list[str] = row["groups"]
    return groups
