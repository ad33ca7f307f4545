"""Signing up: from a draft that may wait for days to a person, a sign-in, wishes and a first answer of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from staffing import clock, host, rulebook
from staffing.core import names
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.facts import AskedOf, FactSpec, FactType
from staffing.core.findings import Actor as Who
from staffing.core.findings import Decision, Effect, Remedy
from staffing.services import messages, readiness
from staffing.services.actors import Actor
from staffing.services.directory import OpenPosition
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


class Asked(msgspec.Struct, frozen=True):
    """What a position asks of a new volunteer: a requirement's title, who acts, its cost in words and usual days."""

    title: str
    who: str
    cost: str | None
    usual_days: int | None


class Reason(msgspec.Struct, frozen=True):
    """A rule that needs a fact: its title, whose rule it is (``Layer``), its citation and where to read it."""

    title: str
    layer: str
    citation: str
    url: str | None


def email_of(given: str) -> str:
    """An e-mail address in lower case. Raises ``Invalid``."""
    try:
        return validate_email(given.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as exc:
        raise _wrong("email", "Check the e-mail address. It should look like name@example.org.") from exc


def phone_of(given: str) -> str:
    """A phone number as E.164; without a country code it is one of the United States. Raises ``Invalid``."""
    wrong = _wrong("phone", "Check the phone number. Write it with its area code, for example 510 555 0142.")
    try:
        number = phonenumbers.parse(given, "US")
    except phonenumbers.NumberParseException as exc:
        raise wrong from exc
    if not phonenumbers.is_possible_number(number):
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


async def is_known(tenant: str, email: str) -> bool:
    """Whether somebody of this district already signs in with this e-mail address."""
    return bool(email) and await Account.exists().where((Account.tenant == tenant) & (Account.email == email))


async def questions(
    tenant: str, positions: Iterable[OpenPosition], facts: Mapping[str, Any], asked: Iterable[str]
) -> list[FactSpec]:
    """The facts that the rules for these positions need and the person can tell, in the order of asking.

    ``facts`` holds answers by full name (an answer may bring a further question or take one away), ``asked`` the names of
    questions already put, so that one answered with "I do not know" stays in its place.
    """
    async with tenant_transaction(tenant):
        place = await readiness.here()
    put = set(asked)
    found: dict[str, FactSpec] = {}
    for terms in _different_terms(positions):
        for spec in _path(place, terms, facts, put):
            found.setdefault(spec.name, spec)
    return list(found.values())


def _different_terms(positions: Iterable[OpenPosition]) -> list[dict[str, Any]]:
    return list({msgspec.json.encode(p.terms, order="sorted"): p.terms for p in positions}.values())


def _path(place: readiness.Here, terms: Mapping[str, Any], facts: Mapping[str, Any], put: set[str]) -> list[FactSpec]:
    """The questions for one kind of work: those answered, each bringing what follows from it, then those open."""
    book = rulebook.rules(host.load(), place.plugins)
    known: dict[str, Any] = {}
    path: list[FactSpec] = []
    while True:
        seen = {spec.name for spec in path}
        needed = book.questions(place.jurisdiction, terms, known, AskedOf.PERSON, on=place.today)
        open_now = [spec for spec in needed if spec.name not in seen and spec.group in {"person", "placement"}]
        nxt = next((spec for spec in open_now if spec.name in facts or spec.name in put), None)
        if nxt is None:
            return path + open_now
        path.append(nxt)
        if facts.get(nxt.name) is not None:
            known[nxt.name] = _typed(nxt, facts[nxt.name])


def _typed(spec: FactSpec, value: Any) -> Any:
    return date.fromisoformat(value) if spec.type is FactType.DATE and isinstance(value, str) else value


async def reasons(tenant: str, positions: Iterable[OpenPosition], facts: Mapping[str, Any], spec: FactSpec) -> list[Reason]:
    """The rules that cannot be decided without this fact: why it is asked."""
    async with tenant_transaction(tenant):
        place = await readiness.here()
    others = {name: value for name, value in facts.items() if name != spec.name}
    found: dict[str, Reason] = {}
    for terms in _different_terms(positions):
        for finding in _decision(place, terms, others).findings:
            if any(fact.name == spec.name and fact.value is None for fact in finding.facts):
                words = Reason(finding.title, finding.layer.value, finding.citation, finding.url)
                found.setdefault(finding.rule, words)
    return list(found.values())


def _decision(place: readiness.Here, terms: Mapping[str, Any], facts: Mapping[str, Any]) -> Decision:
    person: dict[str, Any] = {}
    placement = dict(terms)
    _sort_facts(facts, person, placement)
    born_on = person.pop("born_on", None)
    row = {"born_on": date.fromisoformat(born_on) if born_on else None, "facts": person}
    return readiness.decide_here(readiness.assemble(place.jurisdiction, row, [], placement), place)


async def asked_of_newcomers(tenant: str, positions: Iterable[OpenPosition]) -> dict[UUID, list[Asked]]:
    """What each position asks of somebody of whom nothing is known yet, for its start page."""
    async with tenant_transaction(tenant):
        place = await readiness.here()
    known: dict[bytes, list[Asked]] = {}
    answer: dict[UUID, list[Asked]] = {}
    for position in positions:
        key = msgspec.json.encode(position.terms, order="sorted")
        if key not in known:
            known[key] = _asked(_decision(place, position.terms, {}))
        answer[position.id] = known[key]
    return answer


def _asked(decision: Decision) -> list[Asked]:
    found: dict[str, Asked] = {}
    for finding in decision.standing:
        if finding.effect is Effect.ADVISE or not finding.accepts:
            continue
        remedy = finding.remedy or Remedy(who=Who.DISTRICT, what=finding.reason)
        found.setdefault(finding.title, Asked(finding.title, remedy.who.value, remedy.cost, remedy.usual_days))
    return list(found.values())


def plain_fact(spec: FactSpec, given: Any) -> Any:
    """An answer as it is kept: ISO text for a date, the value itself otherwise. Raises ``Invalid`` for what is no answer."""
    if spec.type is FactType.DATE and isinstance(given, date):
        if not date(1900, 1, 1) <= given <= clock.today() and spec.name.endswith(("born_on", "_since")):
            raise _wrong(spec.key, "Write a day in the past.")
        return given.isoformat()
    if spec.type is FactType.CHOICE and given not in spec.choices:
        raise _wrong(spec.key, "Choose one of the answers.")
    return given


def _sort_facts(facts: Mapping[str, Any], person: dict[str, Any], placement: dict[str, Any]) -> None:
    for name, value in facts.items():
        group, _, key = name.partition(".")
        if value is not None:
            (person if group == "person" else placement)[key] = value


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
            raise _wrong("positions", "What you chose is no longer open. Choose something else you would like to do.")
        person, terms = {}, {}  # type: dict[str, Any], dict[str, Any]
        _sort_facts(draft.facts, person, terms)
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
        lacking |= _wrong("given_name", "Write your name.").fields
    if not (draft.email or draft.phone):
        lacking |= _wrong("email", "Give an e-mail address or a phone number, so that we can reach you.").fields
    if not draft.positions:
        lacking |= _wrong("positions", "Choose at least one thing you would like to do.").fields
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
    _sort_facts(given, person, terms)
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
