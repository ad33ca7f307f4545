"""What a plugin may know of people, and what it may record: by the product's own ways, in its own district."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from staffing.core.errors import Invalid, NotAllowed, NotFound
from staffing.hookspecs import Viewer
from staffing.services import messages
from staffing.services.closed_days import close_days, closed_days, open_days
from staffing.services.for_plugins.actors import system_viewer
from staffing.services.for_plugins.evidence import evidence_of, give_evidence, take_back_evidence
from staffing.services.for_plugins.people import people_of, person_of, tell_of_person, write_to
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Journal, Person
from tests.factories import json_text, make_organisation, make_person, make_tenant

HR = Viewer(tenant="alder", name="Hana Invented", role="hr", account=uuid4(), tag="hr/1 Hana Invented")


async def _facts(person: UUID) -> dict[str, Any]:
    async with tenant_transaction("alder"):
        row = await Person.select(Person.facts).where(Person.id == person).output(load_json=True).first()
    return row["facts"]


async def test_a_person_is_known_with_their_partner_and_only_in_their_own_district(tenant: str) -> None:
    await make_tenant("birch")
    partner = await make_organisation(tenant, name="Harbor Hands", kind="community_based")
    person = await make_person(tenant, given_name="Ada", family_name="Invented", called="", organisation=partner)
    found = await person_of(tenant, person)
    assert (found.name, found.called, found.partner, found.partner_name) == ("Ada Invented", "Ada", partner, "Harbor Hands")
    assert await people_of("birch", [person]) == {}
    assert await people_of(tenant, []) == {}
    with pytest.raises(NotFound, match="no such person in this district"):
        await person_of("birch", person)


async def test_facts_of_a_plugin_are_set_and_taken_away_and_the_journal_says_why(tenant: str) -> None:
    person = await make_person(tenant, facts={"relationship": "community"})
    await tell_of_person(HR, person, {"check_under_review": "flag"}, "word came")
    assert await _facts(person) == {"relationship": "community", "check_under_review": "flag"}
    await tell_of_person(system_viewer(tenant), person, {"check_under_review": None}, "it is settled")
    assert await _facts(person) == {"relationship": "community"}
    await tell_of_person(HR, person, {"check_under_review": None}, "nothing to do")
    async with tenant_transaction(tenant):
        said = (
            await Journal.select(Journal.facts).where(Journal.action == "person:told").order_by(Journal.id).output(load_json=True)
        )
    assert [row["facts"]["why"] for row in said] == ["word came", "it is settled"]
    partner = Viewer(tenant=tenant, name="P", role="partner")
    with pytest.raises(NotAllowed):
        await tell_of_person(partner, person, {"check_under_review": None}, "may not")
    with pytest.raises(NotFound):
        await tell_of_person(HR, uuid4(), {"check_under_review": "flag"}, "nobody")


async def test_evidence_is_recorded_with_its_holder_and_can_be_taken_back(tenant: str) -> None:
    person = await make_person(tenant)
    given = await give_evidence(
        HR,
        person,
        "state_criminal_history",
        source="decided on a check",
        issued_on=date(2026, 5, 4),
        issuer="Checkr",
        holder="Birch Unified",
        purpose="volunteer",
        jurisdiction="us-pa",
    )
    (item,) = await evidence_of(tenant, person)
    assert (item.result, item.holder, item.issuer, item.jurisdiction, item.determination) == (
        "clear",
        "Birch Unified",
        "Checkr",
        "us-pa",
        given,
    )
    await take_back_evidence(HR, given)
    await take_back_evidence(HR, given)
    assert await evidence_of(tenant, person) == []


async def test_that_a_check_was_asked_for_says_nothing_of_its_result(tenant: str) -> None:
    person = await make_person(tenant)
    await give_evidence(HR, person, "fbi_fingerprint", source="asked for", issued_on=date(2026, 5, 4), state="initiated")
    (item,) = await evidence_of(tenant, person)
    assert (item.state, item.result, item.requested_on, item.issued_on) == ("initiated", None, date(2026, 5, 4), None)
    with pytest.raises(Invalid, match="in the future"):
        await give_evidence(HR, person, "fbi_fingerprint", source="decided", issued_on=date(2126, 5, 4))


async def test_a_person_is_written_to_by_mail_or_told_by_text_that_there_is_news(tenant: str) -> None:
    by_mail = await make_person(tenant, email="ada@example.org", language="es")
    by_phone = await make_person(tenant, email="", phone="+15105550101", consents=json_text([{"what": "texts"}]))
    silent = await make_person(tenant, email="", phone="+15105550102", consents="[]")
    told = [
        await write_to(tenant, one, "Su verificación", "Texto entero.", "Hay noticias.") for one in (by_mail, by_phone, silent)
    ]
    assert told == ["email", "sms", ""]
    sent = {one.recipient: one for one in await messages.outbox()}
    assert sent["ada@example.org"].body == "Texto entero."
    assert sent["ada@example.org"].language == "es"
    assert sent["+15105550101"].body == "Hay noticias."
    assert len(sent) == 2


async def test_closed_days_are_kept_once_for_each_kind_and_each_district(tenant: str) -> None:
    await make_tenant("birch")
    friday, monday = date(2026, 11, 27), date(2026, 11, 30)
    assert await close_days(tenant, "work", [monday, friday, friday]) == [friday, monday]
    assert await close_days(tenant, "work", [friday]) == []
    assert await close_days(tenant, "school", [friday]) == [friday]
    assert await closed_days(tenant, "work", since=monday) == {monday}
    assert await closed_days("birch", "work") == frozenset()
    assert await open_days(tenant, "work", friday, friday) == [friday]
    assert await closed_days(tenant, "work") == {monday}
    assert await closed_days(tenant, "school") == {friday}
