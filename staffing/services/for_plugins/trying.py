"""What a decision would be with evidence that is not on record, and whom a name could mean. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from staffing.core.evidence import Evidence
from staffing.core.findings import Decision
from staffing.core.names import fold
from staffing.hookspecs import Viewer
from staffing.services import readiness
from staffing.services.for_plugins.actors import actor
from staffing.services.for_plugins.people import PersonSeen, people_of
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person, Placement


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of a person's work, decided for today as it stands and as it would be."""

    placement: UUID
    title: str
    site_name: str
    state: str
    now: Decision
    then: Decision


async def decided_with(viewer: Viewer, person: UUID, evidence: Sequence[Evidence]) -> list[Tried]:
    """A person's work (placed or asked for), decided without and with this evidence. For HR. Raises ``NotAllowed``."""
    actor(viewer).require("hr", "admin")
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Placement.select(Placement.id, Placement.state, Placement.position.title, Placement.site.name)
            .where((Placement.person == person) & Placement.state.is_in(["placed", "wished"]))
            .order_by(Placement.state, Placement.created_at)
        )
        found = []
        for row in rows:
            case, place = await readiness.case_of(person, placement_id=row["id"])
            more = msgspec.structs.replace(case, evidence=(*case.evidence, *evidence))
            found.append(
                Tried(
                    placement=row["id"],
                    title=row["position.title"],
                    site_name=row["site.name"],
                    state=row["state"],
                    now=readiness.decide_here(case, place),
                    then=readiness.decide_here(more, place),
                )
            )
    return found


async def people_found(viewer: Viewer, words: str, limit: int = 20) -> list[PersonSeen]:
    """People of the district whose name (in any script, without accents) holds every word, by name; those who left too. For HR.

    Raises ``NotAllowed``.
    """
    actor(viewer).require("hr", "admin")
    return await _found(viewer.tenant, fold(words).split(), limit)


async def people_named(tenant: str, given_name: str, family_name: str) -> list[PersonSeen]:
    """Those whose given and family name are these, whatever their accents, case and hyphens."""
    wanted = fold(given_name), fold(family_name)
    found = await _found(tenant, [*wanted[0].split(), *wanted[1].split()], 200)
    return [person for person in found if (fold(person.given_name), fold(person.family_name)) == wanted]


async def _found(tenant: str, words: Sequence[str], limit: int) -> list[PersonSeen]:
    if not words:
        return []
    query = Person.select(Person.id)
    for word in words:  # folded: letters and digits alone, nothing that LIKE would read
        query = query.where(Person.search_name.like(f"%{word}%"))
    async with tenant_transaction(tenant):
        rows = await query.order_by(Person.search_name).limit(limit)
        people = await people_of(tenant, [row["id"] for row in rows])
    return [people[row["id"]] for row in rows]
