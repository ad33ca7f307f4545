"""Where work is, for many placements and positions at once: its title and its site."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec

from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement, Position


class PlaceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the work is called, and where it is done."""

    title: str
    site: UUID
    site_name: str


async def places_of(tenant: str, ids: Collection[UUID]) -> dict[UUID, PlaceSeen]:
    """The places of these placements and positions, by id; those that are not in the district are left out."""
    if not ids:
        return {}
    wanted = list(ids)
    async with tenant_transaction(tenant):
        placed = await Placement.select(
            Placement.id,
            Placement.position.title.as_alias("title"),
            Placement.site.as_alias("site"),
            Placement.site.name.as_alias("site_name"),
        ).where(Placement.id.is_in(wanted))
        open_ = await Position.select(
            Position.id, Position.title, Position.site.as_alias("site"), Position.site.name.as_alias("site_name")
        ).where(Position.id.is_in(wanted))
    return {row["id"]: PlaceSeen(**{name: row[name] for name in PlaceSeen.__struct_fields__}) for row in [*open_, *placed]}
