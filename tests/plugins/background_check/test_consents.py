"""What a person reads and signs before a check: in order, by themselves, kept as it was, taken back when they like."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from plugins.background_check.rules.texts import AUTHORISATION, DISCLOSURE
from plugins.background_check.services import consents, consents_kept, own, withdrawing
from plugins.background_check.tables.consents import Consent
from plugins.background_check.tables.keeping import Policy as PolicyRow
from plugins.background_check.tables.orders import CheckOrder, ProviderAccount
from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, tenant_transaction, today
from staffing.store.tables import Person
from tests.factories import json_text, make_person
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row

TENANT = "alder"
HR = Viewer(tenant=TENANT, name="Vonda", role="hr", account=uuid4(), tag="hr/1 Vonda")


def rosa(person: UUID, tenant: str = TENANT) -> Viewer:
    """The person signed in."""
    return Viewer(tenant=tenant, name="Rosa", role="volunteer", person=person, tag=f"volunteer/{person} Rosa")


class Check(msgspec.Struct):
    """An order that waits to be authorised, and whose it is."""

    order: UUID
    who: Viewer
    account: UUID

    async def read(self, ident: str = DISCLOSURE, **more: Any) -> None:
        found = await consents.document(self.who, self.order, ident)
        await consents.read(self.who, self.order, ident, digest=found.shown.digest, **more)

    async def sign(self, name: str = "Rosa Example", *, agreed: bool = True, **more: Any) -> None:
        found = await consents.document(self.who, self.order, AUTHORISATION)
        more.setdefault("digest", found.shown.digest)
        await consents.authorise(self.who, self.order, name=name, agreed=agreed, **more)


async def make_check(**columns: Any) -> Check:
    person = await make_person(TENANT, family_name="Example", born_on=columns.pop("born_on", date(1985, 3, 2)))
    account = await make_account(title="Invented Screening")
    package = await make_package(account, consumer_report=True, title="Volunteer check", youngest=18)
    order = await make_order(account, package, person=person, **{"status": "to_authorise"} | columns)
    return Check(order, rosa(person), account)


@pytest.fixture
async def check(tenant: str) -> Check:
    return await make_check()


async def kinds(order: UUID) -> list[str]:
    async with tenant_transaction(TENANT):
        return [row["kind"] for row in await Consent.select(Consent.kind).where(Consent.order == order).order_by(Consent.at)]


async def change(order: UUID, **columns: Any) -> None:
    async with tenant_transaction(TENANT):
        await CheckOrder.update(**columns).where(CheckOrder.id == order)


async def switch_on(*texts: str) -> None:
    async with tenant_transaction(TENANT):
        await PolicyRow.insert(PolicyRow(version=1, body=json_text({"extra_texts": texts}), made_by="admin/- Grace"))


async def test_read_then_signed_the_check_goes_on_by_itself(check: Check) -> None:
    await check.read()
    await check.sign(address="203.0.113.9")
    assert (await order_row(check.order))["status"] == "to_send"
    async with tenant_transaction(TENANT) as transaction:
        rows = {row["kind"]: row for row in await Consent.select().output(load_json=True)}
        jobs = await transaction.connection.fetch("SELECT args FROM procrastinate_jobs WHERE task_name = 'background_check:send'")
    signed = rows["authorisation"]
    assert (signed["name_typed"], signed["address"], signed["language"]) == ("Rosa Example", "203.0.113.9", "en")
    assert signed["filled"] == {"district": "Alder Unified", "agency": "Invented Screening"}
    assert rows["disclosure"]["name_typed"] == ""
    assert [msgspec.json.decode(job["args"])["order"] for job in jobs] == [str(check.order)]


async def test_the_journal_knows_which_words_were_read_and_signed_and_not_the_name(check: Check) -> None:
    await check.read()
    await check.sign()
    entries = await journal_of(f"check/{check.order}")
    assert [action for action, _ in entries] == ["check:text_read", "check:authorised", "check:signed"]
    facts = entries[2][1]
    assert facts["text"] == "authorisation"
    assert len(facts["sha256"]) == 64
    assert "Rosa Example" not in str([facts for _, facts in entries])


async def test_nothing_is_signed_before_the_disclosure_was_read(check: Check) -> None:
    with pytest.raises(Conflict, match="Read the disclosure first"):
        await check.sign()
    with pytest.raises(Conflict, match="Read the disclosure first"):
        await consents.authorise(check.who, check.order, name="Rosa Example", agreed=True, digest="0" * 64)
    assert await kinds(check.order) == []
    assert (await order_row(check.order))["status"] == "to_authorise"


async def test_each_step_twice_is_harmless(check: Check) -> None:
    found = await consents.document(check.who, check.order, DISCLOSURE)
    for _ in range(2):
        await consents.read(check.who, check.order, DISCLOSURE, digest=found.shown.digest)
    digest = (await consents.document(check.who, check.order, AUTHORISATION)).shown.digest
    for _ in range(2):
        await consents.authorise(check.who, check.order, name="Rosa Example", agreed=True, digest=digest)
    assert await kinds(check.order) == ["disclosure", "authorisation"]


async def test_two_signatures_at_the_same_time_become_one(check: Check) -> None:
    await check.read()
    digest = (await consents.document(check.who, check.order, AUTHORISATION)).shown.digest
    await asyncio.gather(
        *(consents.authorise(check.who, check.order, name="Rosa Example", agreed=True, digest=digest) for _ in range(4))
    )
    assert await kinds(check.order) == ["disclosure", "authorisation"]


@pytest.mark.parametrize(
    ("name", "agreed", "fields"),
    [
        ("", True, {"name"}),
        ("x", True, {"name"}),
        ("Juan Nobody", True, {"name"}),
        ("Rosa", True, {"name"}),
        ("Rosa " * 60, True, {"name"}),
        ("Rosa Example", False, {"agree"}),
        ("", False, {"name", "agree"}),
    ],
)
async def test_a_signature_that_is_none_is_told_at_its_field(check: Check, name: str, agreed: bool, fields: set[str]) -> None:
    await check.read()
    with pytest.raises(Invalid) as refused:
        await check.sign(name, agreed=agreed)
    assert set(refused.value.fields) == fields
    assert await kinds(check.order) == ["disclosure"]


async def test_a_social_security_number_is_not_kept_as_a_name(check: Check) -> None:
    await check.read()
    with pytest.raises(Invalid, match="never kept here"):
        await check.sign("Rosa Example 219-09-9999")
    assert await kinds(check.order) == ["disclosure"]


async def test_words_that_changed_since_the_page_was_opened_are_not_signed(check: Check) -> None:
    before = (await consents.document(check.who, check.order, DISCLOSURE)).shown.digest
    async with tenant_transaction(TENANT):
        await ProviderAccount.update({ProviderAccount.title: "Another Company"}).where(ProviderAccount.id == check.account)
    with pytest.raises(Conflict, match="text has changed since you opened the page"):
        await consents.read(check.who, check.order, DISCLOSURE, digest=before)
    await check.read()
    with pytest.raises(Conflict, match="text has changed since you opened the page"):
        await check.sign(digest=before)
    assert await kinds(check.order) == ["disclosure"]


@pytest.mark.parametrize("status", ["canceled", "expired", "refused"])
async def test_a_check_that_was_ended_takes_no_signature(check: Check, status: str) -> None:
    await check.read()
    digest = (await consents.document(check.who, check.order, AUTHORISATION)).shown.digest
    await change(check.order, status=status)
    with pytest.raises(Conflict, match="was ended, so there is nothing to sign"):
        await consents.authorise(check.who, check.order, name="Rosa Example", agreed=True, digest=digest)
    assert await kinds(check.order) == ["disclosure"]
    assert (await order_row(check.order))["status"] == status


async def test_a_check_that_does_not_wait_for_a_signature_takes_none(tenant: str) -> None:
    check = await make_check(status="in_progress")
    with pytest.raises(Conflict, match="does not wait for a signature any more"):
        await check.read()


async def test_somebody_too_young_signs_nothing(tenant: str) -> None:
    young = await make_check(born_on=today() - timedelta(days=17 * 365))
    with pytest.raises(Conflict, match="older than you are now"):
        await young.read()
    assert await kinds(young.order) == []


async def test_nobody_reads_or_signs_for_somebody_else(check: Check) -> None:
    other = rosa(await make_person(TENANT))
    for act in (
        consents.document(other, check.order, DISCLOSURE),
        consents.read(other, check.order, DISCLOSURE, digest="0"),
        consents.authorise(other, check.order, name="Rosa Example", agreed=True, digest="0"),
        consents_kept.kept_of(other, check.order),
        withdrawing.withdraw(other, check.order),
        own.check_of(other, check.order),
        consents.document(HR, check.order, DISCLOSURE),
    ):
        with pytest.raises(NotFound):
            await act
    assert await kinds(check.order) == []


async def test_the_help_with_reading_is_kept_beside_the_english_that_counts(check: Check) -> None:
    await check.read(help_language="es")
    await check.sign(help_language="es")
    found = await consents_kept.kept_of(check.who, check.order)
    assert sorted((one.kind, one.language) for one in found) == [
        ("authorisation", "en"),
        ("disclosure", "en"),
        ("reading_help", "es"),
        ("reading_help", "es"),
    ]
    assert all(one.same for one in found)


async def test_a_language_without_help_keeps_the_english_alone(check: Check) -> None:
    await check.read(help_language="ar")
    assert await kinds(check.order) == ["disclosure"]


async def test_what_was_shown_is_read_again_as_it_was_whatever_the_district_is_called_now(check: Check) -> None:
    await check.read()
    await check.sign()
    async with tenant_transaction(TENANT):
        await ProviderAccount.update({ProviderAccount.title: "Renamed"}).where(ProviderAccount.id == check.account)
    for viewer in (check.who, HR):
        (first, *_) = await consents_kept.kept_of(viewer, check.order)
        again = await consents_kept.kept(viewer, first.id)
        assert again.same
        assert again.shown is not None
        assert "Invented Screening" in " ".join(again.shown.says)
        assert again.shown.digest == again.digest


async def test_words_that_no_longer_fit_are_said_not_to(check: Check) -> None:
    async with tenant_transaction(TENANT):
        await Consent.insert(
            Consent(
                order=check.order,
                person=check.who.person,
                kind="disclosure",
                text_id="disclosure",
                text_version="1",
                language="en",
                sha256=b"\0" * 32,
                filled=json_text({"district": "Alder Unified", "agency": "Invented Screening"}),
            )
        )
        await Consent.insert(
            Consent(
                order=check.order,
                person=check.who.person,
                kind="authorisation",
                text_id="authorisation",
                text_version="0.1",
                language="en",
                sha256=b"\1" * 32,
            )
        )
    changed, gone = await consents_kept.kept_of(check.who, check.order)
    assert changed.shown is not None
    assert not changed.same
    assert gone.shown is None
    assert not gone.same


async def test_nobody_can_change_what_was_signed(check: Check) -> None:
    await check.read()
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        async with tenant_transaction(TENANT):
            await Consent.update({Consent.language: "es"}).where(Consent.order == check.order)


async def test_further_texts_come_between_and_keep_what_was_ticked(check: Check) -> None:
    async with tenant_transaction(TENANT):
        named = {"agency_address": "1 Invented Way", "agency_phone": "510-555-0199", "agency_site": "screening.example"}
        await ProviderAccount.update({ProviderAccount.settings: json_text(named)}).where(ProviderAccount.id == check.account)
    await switch_on("us_ca_copy")
    with pytest.raises(Conflict, match="Another text comes first"):
        await consents.document(check.who, check.order, "us_ca_copy")
    await check.read()
    with pytest.raises(Conflict, match="Another text comes first"):
        await check.sign()
    await check.read("us_ca_copy", copy=True)
    await check.sign()
    answers = {one.kind: one.answer for one in await consents_kept.kept_of(HR, check.order)}
    assert answers == {"disclosure": "", "us_ca_copy": "copy_wanted", "authorisation": ""}


async def test_a_further_text_is_not_shown_while_the_company_has_no_address(check: Check) -> None:
    await switch_on("us_ca_copy")
    await check.read()
    with pytest.raises(Invalid, match="nothing was signed"):
        await consents.document(check.who, check.order, "us_ca_copy")


async def test_a_text_switched_on_after_the_signature_is_not_asked_for_afterwards(check: Check) -> None:
    await check.read()
    await check.sign()
    await switch_on("us_ok_copy")
    async with tenant_transaction(TENANT):
        steps = await consents.steps_of(TENANT, await order_row(check.order))
    assert [step.ident for step in steps] == ["disclosure", "authorisation"]


async def test_a_text_that_is_not_asked_here_is_not_found(check: Check) -> None:
    await check.read()
    with pytest.raises(NotFound):
        await consents.document(check.who, check.order, "us_ny_article_23a")
    with pytest.raises(Conflict, match="signed with your name"):
        await check.read(AUTHORISATION)


async def test_who_never_signed_can_say_that_they_do_not_want_it(check: Check) -> None:
    await withdrawing.withdraw(check.who, check.order)
    await withdrawing.withdraw(check.who, check.order)
    assert (await order_row(check.order))["status"] == "canceled"
    assert await kinds(check.order) == []
    assert [action for action, _ in await journal_of(f"check/{check.order}")].count("check:withdrawn") == 1


async def test_who_signed_takes_it_back_and_nothing_goes_out(check: Check) -> None:
    await check.read()
    await check.sign()
    await withdrawing.withdraw(check.who, check.order)
    assert (await order_row(check.order))["status"] == "canceled"
    assert await kinds(check.order) == ["disclosure", "authorisation", "authorisation_withdrawn"]
    assert (await own.check_of(check.who, check.order)).stage == "canceled"


async def test_a_check_that_the_company_has_is_ended_there_by_a_task(check: Check) -> None:
    await check.read()
    await check.sign()
    await change(check.order, status="in_progress", order_ref="inv_1")
    await withdrawing.withdraw(check.who, check.order)
    await withdrawing.withdraw(check.who, check.order)
    assert (await own.check_of(check.who, check.order)).stage == "withdrawing"
    async with tenant_transaction(TENANT) as transaction:
        jobs = await transaction.connection.fetch("SELECT args FROM procrastinate_jobs WHERE task_name = $1", withdrawing.END)
    assert [msgspec.json.decode(job["args"])["order"] for job in jobs] == [str(check.order)]


@pytest.mark.parametrize("status", ["complete", "disputed"])
async def test_once_the_answer_is_in_it_cannot_be_taken_back(check: Check, status: str) -> None:
    await change(check.order, status=status, order_ref="inv_1", result="record_found")
    with pytest.raises(Conflict, match="The answer has come already"):
        await withdrawing.withdraw(check.who, check.order)
    assert (await order_row(check.order))["status"] == status


async def test_hr_records_papers_signed_by_hand(check: Check) -> None:
    signed_on = today() - timedelta(days=2)
    for _ in range(2):
        await consents_kept.paper_of(HR, check.order)
        await consents.record_paper(HR, check.order, name="Rosa Example", signed_on=signed_on, seen=True)
    assert (await order_row(check.order))["status"] == "to_send"
    found = await consents_kept.kept_of(check.who, check.order)
    assert [(one.kind, one.signed_on, one.recorded_by) for one in found] == [
        ("disclosure", signed_on, HR.tag),
        ("authorisation", signed_on, HR.tag),
    ]
    assert found[1].name_typed == "Rosa Example"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seen": False}, "seen"),
        ({"signed_on": date(2100, 1, 1)}, "signed_on"),
        ({"name": "Juan Nobody"}, "name"),
        ({"name": ""}, "name"),
    ],
)
async def test_a_paper_that_cannot_be_is_not_recorded(check: Check, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await consents.record_paper(HR, check.order, **{"name": "Rosa Example", "signed_on": today(), "seen": True} | given)
    assert field in refused.value.fields
    assert await kinds(check.order) == []


@pytest.mark.parametrize("role", ["admin", "partner", "coordinator", "union", "cabinet", "volunteer"])
async def test_only_hr_records_a_paper(check: Check, role: str) -> None:
    viewer = msgspec.structs.replace(HR, role=role)
    with pytest.raises(NotAllowed):
        await consents.record_paper(viewer, check.order, name="Rosa Example", signed_on=today(), seen=True)
    if role != "admin":
        with pytest.raises(NotAllowed):
            await consents_kept.paper_of(viewer, check.order)


async def test_a_name_in_another_script_is_signed_in_either(check: Check) -> None:
    async with tenant_transaction(TENANT):
        named = {Person.given_name: "美玲", Person.family_name: "王", Person.latin_name: "Wang Meiling"}
        await Person.update(named).where(Person.id == check.who.person)
    await check.read()
    with pytest.raises(Invalid):
        await check.sign("Bruce Lee")
    await check.sign("Meiling Wang")
    assert (await order_row(check.order))["status"] == "to_send"
