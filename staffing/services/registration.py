"""Signing up: from a draft that may wait for days to a person, a sign-in, wishes and a first answer of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from staffing.core import names
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.services import messages, readiness
from staffing.services.actors import Actor
from staffing.services.questions import sort_facts, wrong_field
from staffing.services.wording import word, words
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Account, Person, Placement, Position, Tenant

#: What somebody agrees to who ticks the box; the wording is kept with the consent. Placeholders: the district's name.
TEXTS_WORDING = (
    "Text me about my sign-up and my shifts. About 2 to 6 texts a month from {district}. Message and data rates may apply. "
    "Text STOP to end, HELP for help. You can volunteer without this."
)


class Consent(msgspec.Struct, frozen=True):
    """What was agreed to, in which words and language, and when (ISO, UTC)."""

    what: str
    wording: str
    language: str
    at: str


class Draft(msgspec.Struct, kw_only=True):
    """A sign-up being filled in. Its ``id`` becomes the person's, so that a form sent twice makes one person."""

    id: UUID
    tenant: str
    positions: list[UUID] = []
    given_name: str = ""
    family_name: str = ""
    called: str = ""
    email: str = ""
    phone: str = ""
    consents: list[Consent] = []
    languages: list[str] = []
    language: str = "en"
    facts: dict[str, Any] = {}
    asked: list[str] = []


def email_of(given: str) -> str:
    """An e-mail address in lower case. Raises ``Invalid``."""
    try:
        return validate_email(given.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as exc:
        raise wrong_field("email", "Check the e-mail address. It should look like name@example.org.") from exc


def phone_of(given: str) -> str:
    """A phone number as E.164; without a country code it is one of the United States. Raises ``Invalid``."""
    wrong = wrong_field("phone", "Check the phone number. Write it with its area code, for example 510 555 0142.")
    try:
        number = phonenumbers.parse(given, "US")
    except phonenumbers.NumberParseException as exc:
        raise wrong from exc
    if not phonenumbers.is_possible_number(number):
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


async def is_known(tenant: str, email: str) -> bool:
    """Whether somebody of this district already signs in with this e-mail address."""
    return bool(email) and await Account.exists().where((Account.tenant == tenant) & (Account.email == email))


async def register(draft: Draft) -> Actor:
    """Make the person, the sign-in and the wishes of a draft, and take the first decision. Sent again it gives the same.

    Raises ``Invalid`` for a draft that lacks something, ``Conflict`` for an e-mail address already in use here.
    """
    _complete(draft)
    async with tenant_transaction(draft.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"register {draft.id}")
        if await Person.exists().where(Person.id == draft.id):
            return await _actor_of(draft)
        if await is_known(draft.tenant, draft.email):
            raise Conflict("Somebody has signed up with this e-mail address already. Sign in with it, or give another one.")
        district = await Tenant.select(Tenant.name, Tenant.invented, Tenant.promise_days).where(Tenant.id == draft.tenant).first()
        if district is None:
            raise NotFound("There is no such district.")
        wanted = (
            await Position.select(Position.id, Position.site, Position.terms, Position.title)
            .where(Position.id.is_in(draft.positions) & Position.open.eq(True))
            .output(load_json=True)
        )
        if not wanted:
            raise wrong_field("positions", "What you chose is no longer open. Choose something else you would like to do.")
        person, terms = {}, {}  # type: dict[str, Any], dict[str, Any]
        sort_facts(draft.facts, person, terms)
        await _insert_person(draft, person, wanted, invented=district["invented"])
        account = Account(
            tenant=draft.tenant,
            email=draft.email,
            phone=draft.phone,
            name=names.full_name(draft.given_name, draft.family_name),
            role="volunteer",
            person=draft.id,
            invented=district["invented"],
        )
        await Account.insert(account)
        actor = Actor(tenant=draft.tenant, name=account.name, role="volunteer", account=account.id, person=draft.id)
        for row in wanted:
            await _wish(draft.id, row, terms)
        await readiness.refresh(draft.id, actor, why="signed up")
        await _welcome(draft, district)
        await journal.record(
            "person:registered",
            f"person/{draft.id}",
            actor=actor.tag,
            positions=[row["title"] for row in wanted],
            language=draft.language,
            consents=[consent.what for consent in draft.consents],
        )
    return actor


def _complete(draft: Draft) -> None:
    lacking: dict[str, str] = {}
    if not draft.given_name:
        lacking |= wrong_field("given_name", "Write your name.").fields
    if not (draft.email or draft.phone):
        lacking |= wrong_field("email", "Give an e-mail address or a phone number, so that we can reach you.").fields
    if not draft.positions:
        lacking |= wrong_field("positions", "Choose at least one thing you would like to do.").fields
    if lacking:
        raise Invalid("Something is still missing.", lacking)


async def _actor_of(draft: Draft) -> Actor:
    row = await Account.select().where((Account.tenant == draft.tenant) & (Account.person == draft.id)).first()
    if row is None:
        raise Conflict("This form was sent before. Sign in to go on.")
    return Actor(tenant=draft.tenant, name=row["name"], role="volunteer", account=row["id"], person=draft.id)


async def _insert_person(draft: Draft, facts: dict[str, Any], wanted: list[dict[str, Any]], *, invented: bool) -> None:
    born_on = facts.pop("born_on", None)
    interests = {"positions": [str(row["id"]) for row in wanted], "sites": sorted({str(row["site"]) for row in wanted})}
    await Person.insert(
        Person(
            id=draft.id,
            given_name=draft.given_name,
            family_name=draft.family_name,
            called=draft.called,
            search_name=names.search_name(draft.given_name, draft.family_name, draft.called),
            born_on=date.fromisoformat(born_on) if born_on else None,
            email=draft.email,
            phone=draft.phone,
            language=draft.language,
            languages=draft.languages,
            interests=msgspec.json.encode(interests).decode(),
            facts=msgspec.json.encode(facts).decode(),
            consents=msgspec.json.encode(draft.consents).decode(),
            invented=invented,
        )
    )


async def _wish(person: UUID, position: Mapping[str, Any], terms: Mapping[str, Any]) -> None:
    merged = {**position["terms"], **terms}
    await Placement.insert(
        Placement(person=person, position=position["id"], site=position["site"], terms=msgspec.json.encode(merged).decode())
    )


async def _welcome(draft: Draft, district: Mapping[str, Any]) -> None:
    channel = "email" if draft.email else "sms"
    if channel == "sms" and not any(consent.what == "texts" for consent in draft.consents):
        return
    tongue = draft.language
    sentences = [
        word(tongue, "Hello {name}, we have your sign-up.", name=draft.called or draft.given_name),
        word(tongue, "What happens next: open your list and do what waits on you."),
        words(
            tongue,
            "We look at each paper within {n} working day.",
            "We look at each paper within {n} working days.",
            district["promise_days"],
        ),
        word(tongue, "Then we find you a place and a first day."),
        word(tongue, "Sign in with this address whenever you like; we send you a code."),
    ]
    subject = word(tongue, "{district}: we have your sign-up", district=district["name"])
    await messages.send(draft.email or draft.phone, subject, " ".join(sentences), language=tongue, channel=channel)


async def answer(actor: Actor, given: Mapping[str, Any]) -> None:
    """Keep facts that a volunteer tells after signing up (by full name, as ``plain_fact`` gives them), and decide again.

    Raises ``NotFound`` for somebody who is no person here.
    """
    if actor.person is None:
        raise NotFound("There is no such person in this district.")
    person, terms = {}, {}  # type: dict[str, Any], dict[str, Any]
    sort_facts(given, person, terms)
    async with tenant_transaction(actor.tenant):
        row = (
            await Person.select(Person.facts, Person.born_on, Person.version)
            .where(Person.id == actor.person)
            .lock_rows("UPDATE")
            .output(load_json=True)
            .first()
        )
        if row is None:
            raise NotFound("There is no such person in this district.")
        changes: dict[Any, Any] = {Person.version: row["version"] + 1}
        if born_on := person.pop("born_on", None):
            changes[Person.born_on] = date.fromisoformat(born_on)
        if person:
            changes[Person.facts] = msgspec.json.encode({**row["facts"], **person}).decode()
        await Person.update(changes).where(Person.id == actor.person)
        if terms:
            await _into_placements(actor.person, terms)
        await readiness.refresh(actor.person, actor, why="answered questions")
        await journal.record("person:answered", f"person/{actor.person}", actor=actor.tag, questions=sorted(given))


async def _into_placements(person: UUID, terms: Mapping[str, Any]) -> None:
    rows = (
        await Placement.select(Placement.id, Placement.terms, Placement.version)
        .where((Placement.person == person) & (Placement.state != "ended"))
        .lock_rows("UPDATE")
        .output(load_json=True)
    )
    for row in rows:
        merged = msgspec.json.encode({**row["terms"], **terms}).decode()
        await Placement.update({Placement.terms: merged, Placement.version: row["version"] + 1}).where(Placement.id == row["id"])
