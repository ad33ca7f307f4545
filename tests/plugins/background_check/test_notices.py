"""Letters as they are kept and sent: what is missing is refused, the message says nothing, and a letter is never changed."""

from __future__ import annotations

import hashlib

import asyncpg
import pytest

from plugins.background_check.services import adverse, fair_view, notices
from plugins.background_check.tables.consents import Notice
from staffing.api import Invalid, NotAllowed, NotFound
from staffing.documents.conformance import faults
from staffing.services import work
from staffing.store.engine import tenant_transaction
from staffing.store.jobs import run_waiting
from staffing.store.tables import Message, Person
from tests.factories import make_person
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package
from tests.plugins.background_check.steps import TODAY, Check, action, at, form, letters, make_check, sending, told, viewer

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def check(database: str, monkeypatch: pytest.MonkeyPatch) -> Check:
    at(monkeypatch, TODAY)
    return await make_check()


async def ready(check: Check, **fields) -> object:
    """Begun and assessed; gives the action."""
    ident = await adverse.begin(check.hr, check.order)
    await adverse.assess(check.hr, ident, form(**fields), version=1)
    return ident


@pytest.mark.parametrize(
    ("channels", "change", "field"),
    [
        ((), {}, "channels"),
        (("pigeon",), {}, "channels"),
        (("email",), {"copy": ""}, "copy"),
        (("email",), {"copy": "agency"}, "copy"),
        (("email",), {"agency": ""}, "agency"),
        (("email",), {"agency_address": ""}, "agency_address"),
        (("email",), {"agency_phone": ""}, "agency_address"),
        (("hand",), {"handed": TODAY.replace(day=1)}, "handed"),
    ],
)
async def test_a_letter_that_lacks_something_is_not_sent_and_the_clock_does_not_start(check, channels, change, field) -> None:
    ident = await ready(check)
    made = sending(**change)
    made = type(made)(**{name: getattr(made, name) for name in made.__struct_fields__} | {"channels": channels})
    with pytest.raises(Invalid) as caught:
        await adverse.send_pre_notice(check.hr, ident, made, version=2)
    assert field in caught.value.fields
    assert await letters(check) == []
    assert ((await action(check))["state"], (await action(check))["deadline"]) == ("to_notify", None)


async def test_somebody_without_an_e_mail_address_is_written_to_by_mail(check: Check) -> None:
    async with tenant_transaction(check.tenant):
        await Person.update({Person.email: ""}).where(Person.id == check.person)
    ident = await ready(check)
    with pytest.raises(Invalid, match="no e-mail address"):
        await adverse.send_pre_notice(check.hr, ident, sending("email"), version=2)
    await adverse.send_pre_notice(check.hr, ident, sending("mail"), version=2)
    async with tenant_transaction(check.tenant):
        assert await Message.count() == 0


async def test_the_message_says_that_there_is_a_letter_and_nothing_of_what_is_in_it(check: Check) -> None:
    await told(check)
    notice = (await letters(check))[0]
    async with tenant_transaction(check.tenant):
        sent = await Message.select()
    assert len(sent) == 1
    assert f"/p/background_check/me/notices/{notice['id']}" in sent[0]["body"]
    for word in ("record", "report", "money", "item", "decid", "Invented Screening"):
        assert word not in sent[0]["subject"] + sent[0]["body"]


async def test_where_a_place_asks_for_papers_to_go_along_the_sender_confirms_them(database: str, monkeypatch) -> None:
    from plugins.background_check.services import fair_timers

    at(monkeypatch, TODAY)
    check = await make_check(jurisdiction="us-ca")
    await fair_timers.choose(check.admin, "us_ca_la_county", True, signed_off_by="Lee Invented, Esq.")
    ident = await ready(check)
    with pytest.raises(Invalid) as caught:
        await adverse.send_pre_notice(check.hr, ident, sending("email"), version=2)
    assert set(caught.value.fields) == {"channels", "attached"}
    await adverse.send_pre_notice(check.hr, ident, sending("email", "mail", attached=("us_ca_la_county",)), version=2)
    terms = (await action(check))["terms"]
    assert (terms["retention_years"], [rule["id"] for rule in terms["rules"]]) == (4, ["default", "us_ca", "us_ca_la_county"])


async def test_a_record_straight_from_an_agency_goes_the_same_way_in_its_own_words(database: str, monkeypatch) -> None:
    at(monkeypatch, TODAY)
    check = await make_check(report=False)
    ident = await ready(check)
    with pytest.raises(Invalid, match="how the person can see the record"):
        await adverse.send_pre_notice(check.hr, ident, sending("email", copy="portal"), version=2)
    await adverse.send_pre_notice(check.hr, ident, sending("email", copy="agency", agency_address="", agency_phone=""), version=2)
    html = (await letters(check))[0]["html"]
    assert "challenge it with" in html
    assert "Fair Credit" not in html and "1681" not in html


# --- kept ---


async def test_a_letter_is_never_changed_once_it_was_written(check: Check) -> None:
    await told(check)
    for column in (Notice.html, Notice.letter):
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            async with tenant_transaction(check.tenant):
                await Notice.update({column: "{}"}).where(Notice.order == check.order)


async def test_it_is_printed_once_and_its_digest_is_that_of_its_page(check: Check, database: str) -> None:
    await told(check)
    row = (await letters(check))[0]
    try:
        await run_waiting(database)
        printed = (await letters(check))[0]
        await notices.print_notice(check.tenant, str(row["id"]))
    finally:
        work.close_renderer()
    assert faults(bytes(printed["pdf"])) == []
    assert (await letters(check))[0]["pdf"] == printed["pdf"]
    assert bytes(printed["sha256"]) == hashlib.sha256(printed["html"].encode()).digest()
    found = await notices.pdf(check.hr, row["id"])
    assert found is not None and found[0] == "letter-N-1.pdf"


async def test_letters_of_a_district_are_numbered_one_after_the_other(check: Check) -> None:
    ident = await told(check)
    row = await action(check)
    await adverse.reassess(check.hr, ident, form("eligible", related=False), version=row["version"])
    account = await make_account(tenant=check.tenant)
    package = await make_package(account, tenant=check.tenant)
    other = await make_order(
        account, package, tenant=check.tenant, status="complete", result="record_found", completed_at=row["opened_at"]
    )
    again = await adverse.begin(check.hr, other)
    await adverse.assess(check.hr, again, form(), version=1)
    await adverse.send_pre_notice(check.hr, again, sending("mail", copy="agency"), version=2)
    async with tenant_transaction(check.tenant):
        numbers = [one["number"] for one in await Notice.select(Notice.number).order_by(Notice.number)]
    assert numbers == [1, 2, 3]


# --- read ---


async def test_the_person_s_first_look_is_on_record_as_its_delivery_and_hr_s_is_not(check: Check) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    assert (await notices.read(check.hr, notice)).delivery == "sent"
    seen = await notices.read(check.own, notice)
    assert (seen.delivery, seen.opened_at is None) == ("delivered", False)
    await notices.read(check.own, notice)
    opened = [act for act, _ in await journal_of(f"check/{check.order}") if act == "notice:opened"]
    assert opened == ["notice:opened"]


async def test_only_the_person_and_hr_read_a_letter(check: Check) -> None:
    await told(check)
    notice = (await letters(check))[0]["id"]
    other = viewer("volunteer", "Ola Invented", person=await make_person(check.tenant))
    for ask in (notices.read(other, notice), notices.pdf(other, notice), fair_view.own_letter(other, notice)):
        with pytest.raises(NotFound):
            await ask
    for role in ("partner", "coordinator", "union", "cabinet"):
        with pytest.raises(NotAllowed):
            await notices.read(viewer(role, "Somebody"), notice)
    assert [one.name for one in await notices.own_letters(check.own)] == ["N-1"]
    assert await notices.own_letters(other) == []


async def test_a_letter_that_was_sent_again_cannot_be_answered_and_the_newer_one_can(check: Check, monkeypatch) -> None:
    ident = await told(check)
    first = (await letters(check))[0]["id"]
    await adverse.record_delivery(check.hr, first, "not_delivered", TODAY)
    await adverse.send_pre_notice(check.hr, ident, sending("mail"), version=(await action(check))["version"])
    second = (await letters(check))[1]["id"]
    assert not (await fair_view.own_letter(check.own, first)).can_answer
    assert (await fair_view.own_letter(check.own, second)).can_answer
    with pytest.raises(NotFound, match="not one that can be answered"):
        await fair_view.action_of(check.own, first)


async def test_in_the_person_s_language_with_the_english_beside_it(database: str, monkeypatch) -> None:
    at(monkeypatch, TODAY)
    check = await make_check(language="ar")
    await told(check)
    row = (await letters(check))[0]
    assert row["language"] == "ar"
    assert "لم نقرر بعد" in row["html"] and "We have not decided." in row["html"]
