"""People of invented districts after their checks: who looks, and who has which clearance until when."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from plugins.background_check.rules.under_review import FACT
from staffing.api import Viewer, tenant_transaction
from staffing.services import readiness
from staffing.services.actors import system
from staffing.store.tables import Evidence, Message, Person, Placement, PluginSwitch
from tests.factories import make_account, make_evidence, make_person, make_placement, make_position, make_site, make_tenant
from tests.services.cleared import cleared

TODAY = date(2026, 11, 24)


def hr(tenant: str = "alder", name: str = "Vonda Example") -> Viewer:
    account = uuid4()
    return Viewer(tenant=tenant, name=name, role="hr", account=account, tag=f"hr/{account} {name}")


def oneself(person: UUID, tenant: str = "alder") -> Viewer:
    return Viewer(tenant=tenant, name="Rosa", role="volunteer", person=person, tag=f"volunteer/{person} Rosa")


def somebody(role: str, tenant: str = "alder", **more: Any) -> Viewer:
    return Viewer(tenant=tenant, name="Sam Example", role=role, account=uuid4(), tag=f"{role}/- Sam", **more)


async def person_at(placement: UUID, tenant: str = "alder") -> UUID:
    async with tenant_transaction(tenant):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
    assert row is not None
    return row["person"]


async def decided(person: UUID, tenant: str = "alder") -> None:
    async with tenant_transaction(tenant):
        await readiness.refresh(person, system(tenant))


async def placed(checked_on: date = date(2026, 5, 2), **person: Any) -> UUID:
    """Somebody at work in "alder" (Pennsylvania) whose checks are of a day; gives the person."""
    who = await person_at(await cleared(checked_on, **person))
    await decided(who)
    return who


async def held(person: UUID, tenant: str = "alder") -> Any:
    """Why the person's work waits, or None."""
    async with tenant_transaction(tenant):
        row = await Person.select(Person.facts).where(Person.id == person).output(load_json=True).first()
    assert row is not None
    return row["facts"].get(FACT)


async def outcome(person: UUID, tenant: str = "alder") -> str:
    """The outcome of the person's only placement as it is on record."""
    async with tenant_transaction(tenant) as transaction:
        found: str = await transaction.connection.fetchval("SELECT outcome FROM decision WHERE person = $1 AND current", person)
    return found


async def letters(address: str) -> list[tuple[str, str]]:
    """Subject and text of what was written to an address, in order."""
    rows = await Message.select(Message.subject, Message.body).where(Message.recipient == address).order_by(Message.created_at)
    return [(row["subject"], row["body"]) for row in rows]


async def address_of(person: UUID, tenant: str = "alder") -> str:
    async with tenant_transaction(tenant):
        row = await Person.select(Person.email).where(Person.id == person).first()
    assert row is not None
    return str(row["email"])


async def make_california() -> str:
    """The invented district "sierra" in California with the background checks switched on."""
    await make_tenant("sierra", name="Sierra Unified", jurisdiction="us-ca")
    async with tenant_transaction("sierra"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    return "sierra"


async def make_second_district() -> str:
    """The invented district "birch" in Pennsylvania, beside "alder"."""
    await make_tenant("birch", name="Birch Area Schools", jurisdiction="us-pa", time_zone="America/New_York")
    async with tenant_transaction("birch"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    return "birch"


async def newcomer(tenant: str, terms: dict[str, Any], **columns: Any) -> UUID:
    """Somebody placed in a district without any check there."""
    site = await make_site(tenant)
    person = await make_person(tenant, facts={"resident_since": "2001-06-01", "relationship": "community"}, **columns)
    position = await make_position(tenant, site=site, terms=terms)
    await make_placement(tenant, person=person, site=site, position=position, terms=terms)
    await decided(person, tenant)
    return person


__all__ = ["TODAY", "Evidence", "make_account", "make_evidence"]
