"""Signing up as a use case: one person a draft, one transaction, rules ask only what they need."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from staffing.core.errors import Conflict, Invalid
from staffing.services import directory, questions, registration
from staffing.services.registration import Consent, Draft
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Account, Journal, Message, Person, Placement, PluginSwitch
from tests.factories import make_account, make_position, make_tenant

TERMS = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "contact": "routine",
    "supervision": "line_of_sight",
    "supervised_by": "certificated",
    "responsible_for_welfare": True,
    "duties": ["reading_tutoring"],
    "funding": ["local"],
    "hours": {"week": 2},
}


@pytest.fixture
async def maple(database: str) -> str:
    tenant = await make_tenant("maple", jurisdiction="us-pa", time_zone="America/New_York")
    async with tenant_transaction(tenant):
        for plugin in ("background_check", "certification"):
            await PluginSwitch.insert(PluginSwitch(plugin=plugin, since=date(2020, 1, 1)))
    return tenant


async def draft(tenant: str, **changes: object) -> Draft:
    position = await make_position(tenant, title="Reading tutor", terms=TERMS)
    values = {
        "id": uuid4(),
        "tenant": tenant,
        "positions": [position],
        "given_name": "Marisol",
        "family_name": "Quintero Rivas",
        "email": "marisol@example.org",
        "facts": {"person.born_on": "1985-03-02", "person.resident_since": "2001-06-01"},
    }
    return Draft(**(values | changes))


async def test_a_draft_becomes_a_person_with_the_same_id_and_what_they_said(maple: str) -> None:
    sent = await draft(maple)
    actor = await registration.register(sent)
    assert actor.person == sent.id
    async with tenant_transaction(maple):
        row = await Person.select().output(load_json=True).first()
        wish = await Placement.select().output(load_json=True).first()
        decided = await Journal.exists().where(Journal.action == "decision:taken")
    assert (row["born_on"], row["facts"]) == (date(1985, 3, 2), {"resident_since": "2001-06-01"})
    assert (wish["state"], wish["terms"]) == ("wished", TERMS)
    assert decided


async def test_registering_the_same_draft_again_changes_nothing(maple: str) -> None:
    sent = await draft(maple)
    first = await registration.register(sent)
    assert await registration.register(sent) == first
    assert await Account.count() == 1
    assert await Message.count() == 1


async def test_a_draft_that_lacks_something_names_all_of_it_and_writes_nothing(maple: str) -> None:
    with pytest.raises(Invalid) as refused:
        await registration.register(await draft(maple, given_name="", email="", positions=[]))
    assert set(refused.value.fields) == {"given_name", "email", "positions"}
    async with tenant_transaction(maple):
        assert await Person.count() == 0


async def test_a_position_closed_meanwhile_is_said_and_nothing_is_half_written(maple: str) -> None:
    with pytest.raises(Invalid, match="no longer open"):
        await registration.register(await draft(maple, positions=[uuid4()]))
    assert await Account.count() == 0


async def test_an_e_mail_address_in_use_is_refused(maple: str) -> None:
    await make_account(maple, email="marisol@example.org")
    with pytest.raises(Conflict, match="already"):
        await registration.register(await draft(maple))


async def test_a_welcome_is_written_in_the_persons_language(maple: str) -> None:
    await registration.register(await draft(maple, language="es"))
    message = await Message.select().first()
    assert message["language"] == "es"
    assert message["body"].startswith("Hola, Marisol: tenemos su inscripción.")


async def test_nobody_is_texted_who_did_not_agree(maple: str) -> None:
    await registration.register(await draft(maple, email="", phone="+16105550142"))
    assert await Message.count() == 0
    agreed = [Consent("texts", "Text me.", "en", "2026-11-24T10:00:00+00:00")]
    await registration.register(await draft(maple, email="", phone="+16105550142", consents=agreed))
    assert (await Message.select().first())["channel"] == "sms"


@pytest.mark.parametrize(("given", "kept"), [("(510) 555-0142", "+15105550142"), ("+44 20 7946 0018", "+442079460018")])
def test_a_phone_number_is_taken_as_people_write_it(given: str, kept: str) -> None:
    assert registration.phone_of(given) == kept


@pytest.mark.parametrize("given", ["12", "call me", "555-01"])
def test_what_is_no_phone_number_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(Invalid, match="510 555 0142"):
        registration.phone_of(given)


async def test_the_rules_ask_for_what_they_need_and_an_answer_stays_in_its_place(maple: str) -> None:
    position = await make_position(maple, terms=TERMS)
    (chosen,) = await directory.positions(maple, [position])
    asked = [spec.name for spec in await questions.questions(maple, [chosen], {}, [])]
    assert "person.resident_since" in asked
    assert not [name for name in asked if name.startswith("placement.supervision")]
    facts = {"person.resident_since": "2001-06-01"}
    again = [spec.name for spec in await questions.questions(maple, [chosen], facts, asked)]
    assert set(asked) <= set(again)
    assert again.count("person.resident_since") == 1


async def test_the_reason_of_a_question_is_the_rule_that_needs_it(maple: str) -> None:
    position = await make_position(maple, terms=TERMS)
    (chosen,) = await directory.positions(maple, [position])
    (spec,) = [s for s in await questions.questions(maple, [chosen], {}, []) if s.name == "person.resident_since"]
    reasons = await questions.reasons(maple, [chosen], {}, spec)
    assert reasons
    assert all(reason.citation for reason in reasons)
