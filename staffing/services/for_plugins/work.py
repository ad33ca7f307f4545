"""One person's work, as a plugin's pages ask for it: the decision, the placement, and what staff tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.core.findings import Decision
from staffing.core.names import full_name
from staffing.hookspecs import Viewer
from staffing.services import placement_terms, readiness
from staffing.services.for_plugins.actors import actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Account, Person, Placement, Position


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a placement, or considered for a position, with the decision for a day."""

    person: UUID
    name: str
    title: str
    site: UUID
    site_name: str
    placement: UUID | None
    position: UUID
    state: str
    starts_on: date | None
    ends_on: date | None
    on: date
    decision: Decision
    terms: dict[str, Any]


async def work_of(
    viewer: Viewer, person: UUID, *, placement: UUID | None = None, position: UUID | None = None, on: date | None = None
) -> Work:
    """A person's placement, or what a position would mean for them, decided for a day. For HR.

    Raises ``NotFound``, ``NotAllowed``.
    """
    actor(viewer).require("hr", "admin")
    async with tenant_transaction(viewer.tenant):
        people = await Person.select(Person.given_name, Person.family_name).where(Person.id == person)
        if not people:
            raise NotFound("There is no such person in this district.")
        row: dict[str, Any] = {"id": None, "state": "", "starts_on": None, "ends_on": None, "terms": None}
        if placement is not None:
            found = await Placement.select().where(Placement.id == placement).output(load_json=True)
            if not found or found[0]["person"] != person:
                raise NotFound("There is no such placement for this person.")
            row, position = found[0], found[0]["position"]
        places = (
            await Position.select(Position.id, Position.title, Position.terms, Position.site.id, Position.site.name)
            .where(Position.id == position)
            .output(load_json=True)
        )
        if not places:
            raise NotFound("There is no such position in this district.")
        place = await readiness.here(on)
        decision = await readiness.decision_of(
            person, placement_id=placement, position_id=None if placement else position, on=place.today
        )
    where = places[0]
    return Work(
        person=person,
        name=full_name(people[0]["given_name"], people[0]["family_name"]),
        title=where["title"],
        site=where["site.id"],
        site_name=where["site.name"],
        placement=placement,
        position=where["id"],
        state=row["state"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        on=place.today,
        decision=decision,
        terms=row["terms"] or where["terms"],
    )


class StaffAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in of the district's staff or of a union officer."""

    id: UUID
    name: str
    role: str


async def staff_accounts(viewer: Viewer) -> list[StaffAccount]:
    """Who may be given an office: the sign-ins of staff and union officers. For administrators."""
    actor(viewer).require("admin")
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Account.select(Account.id, Account.name, Account.role)
            .where((Account.tenant == viewer.tenant) & (Account.active.eq(True)) & Account.role.is_in(["hr", "admin", "union"]))
            .order_by(Account.name)
        )
    return [StaffAccount(**row) for row in rows]


async def tell_of_placement(viewer: Viewer, placement: UUID, facts: Mapping[str, Any], why: str) -> None:
    """``placement_terms.tell`` for a viewer."""
    await placement_terms.tell(actor(viewer), placement, facts, why)


async def split_placement(viewer: Viewer, placement: UUID, last_day: date, why: str) -> UUID:
    """``placement_terms.split`` for a viewer."""
    return await placement_terms.split(actor(viewer), placement, last_day, why)
