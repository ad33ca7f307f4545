"""People, as a plugin may know them: name, language, how to reach them, and facts of the plugin's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.core.names import full_name
from staffing.hookspecs import Viewer
from staffing.services import messages, readiness
from staffing.services.for_plugins.actors import actor
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person


class PersonSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the district. ``language`` is the one we write in; ``status``: active, left; ``partner`` an organisation.

    ``latin_name`` is as on an identity document, where the name is written in another script.
    """

    id: UUID
    name: str
    given_name: str
    family_name: str
    called: str
    language: str
    email: str
    phone: str
    born_on: date | None
    status: str
    partner: UUID | None = None
    partner_name: str = ""
    invented: bool = False
    latin_name: str = ""


_COLUMNS = (
    Person.id,
    Person.given_name,
    Person.family_name,
    Person.called,
    Person.latin_name,
    Person.language,
    Person.email,
    Person.phone,
    Person.born_on,
    Person.status,
    Person.organisation.id.as_alias("partner"),
    Person.organisation.name.as_alias("partner_name"),
    Person.invented,
)


async def people_of(tenant: str, ids: Collection[UUID]) -> dict[UUID, PersonSeen]:
    """The people of these ids, by id; those who are not in the district are left out."""
    if not ids:
        return {}
    async with tenant_transaction(tenant):
        rows = await Person.select(*_COLUMNS).where(Person.id.is_in(list(ids)))
    return {row["id"]: _seen(row) for row in rows}


async def person_of(tenant: str, person: UUID) -> PersonSeen:
    """One person. Raises ``NotFound``."""
    found = await people_of(tenant, [person])
    if person not in found:
        raise NotFound("There is no such person in this district.")
    return found[person]


def _seen(row: Mapping[str, Any]) -> PersonSeen:
    name = full_name(row["given_name"], row["family_name"])
    return PersonSeen(
        **{**row, "called": row["called"] or row["given_name"], "partner_name": row["partner_name"] or ""}, name=name
    )


async def write_to(tenant: str, person: UUID, subject: str, body: str, news: str = "") -> str:
    """Write to a person, in words that are already in their language; gives the channel, or '' if there is none.

    By e-mail; somebody with a phone alone gets ``news`` (one sentence without particulars) as a text, if they agreed to texts.
    Inside a ``tenant_transaction`` it goes out if that commits. Nothing about a check's content belongs in a message.
    """
    async with tenant_transaction(tenant):
        row = await Person.select(Person.language, Person.email, Person.phone, Person.consents).where(Person.id == person).first()
        if row is None:
            raise NotFound("There is no such person in this district.")
        if row["email"]:
            await messages.send(row["email"], subject, body, language=row["language"])
            return "email"
        if row["phone"] and news and '"texts"' in row["consents"]:
            await messages.send(row["phone"], subject, news, language=row["language"], channel="sms")
            return "sms"
    return ""


async def tell_of_person(viewer: Viewer, person: UUID, facts: Mapping[str, Any], why: str) -> None:
    """Set facts that the plugin's rules read of a person (by short name; None takes one away), and decide again.

    Raises ``NotFound``, and ``NotAllowed`` for anyone but HR, an administrator and the system.
    """
    who = actor(viewer)
    who.require("hr", "admin")
    async with tenant_transaction(viewer.tenant):
        row = (
            await Person.select(Person.facts, Person.version)
            .where(Person.id == person)
            .lock_rows("UPDATE")
            .output(load_json=True)
            .first()
        )
        if row is None:
            raise NotFound("There is no such person in this district.")
        told = {name: value for name, value in {**row["facts"], **facts}.items() if value is not None}
        if told == row["facts"]:
            return
        await Person.update({Person.facts: msgspec.json.encode(told).decode(), Person.version: row["version"] + 1}).where(
            Person.id == person
        )
        await readiness.refresh(person, who, why)
        await journal.record("person:told", f"person/{person}", actor=who.tag, facts=sorted(facts), why=why)
