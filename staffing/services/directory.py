"""Districts and what they ask for: what anybody may see without signing in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from staffing.core.errors import NotFound
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Position, Tenant


class District(msgspec.Struct, frozen=True):
    """A district as the public sees it."""

    id: str
    name: str
    community: str
    jurisdiction: str
    time_zone: str
    help_phone: str
    promise_days: int
    invented: bool


class OpenPosition(msgspec.Struct, frozen=True):
    """Work somebody may ask for. ``terms`` are the facts a decision reads."""

    id: UUID
    title: str
    summary: str
    site: UUID
    site_name: str
    site_kind: str
    setting: str
    organisation: str
    languages: list[str]
    places: int
    terms: dict[str, Any]


async def districts() -> list[District]:
    """Every district here, by the community's name."""
    rows = await Tenant.select().order_by(Tenant.community, Tenant.name)
    return [msgspec.convert({name: row[name] for name in District.__struct_fields__}, District) for row in rows]


async def district(tenant: str) -> District:
    """One district. Raises ``NotFound``."""
    rows = await Tenant.select().where(Tenant.id == tenant)
    if not rows:
        raise NotFound("There is no district at this address. Look for yours on the first page.")
    return msgspec.convert({name: rows[0][name] for name in District.__struct_fields__}, District)


async def open_positions(tenant: str) -> list[OpenPosition]:
    """The positions that want people, by site and title."""
    async with tenant_transaction(tenant):
        return await _positions(Position.open.eq(True))


async def positions(tenant: str, ids: list[UUID]) -> list[OpenPosition]:
    """The positions with these ids that still want people."""
    if not ids:
        return []
    async with tenant_transaction(tenant):
        return await _positions(Position.open.eq(True) & Position.id.is_in(ids))


async def _positions(where: Any) -> list[OpenPosition]:
    rows = (
        await Position.select(
            Position.id,
            Position.title,
            Position.summary,
            Position.site,
            Position.languages,
            Position.places,
            Position.terms,
            Position.site.name.as_alias("site_name"),
            Position.site.kind.as_alias("site_kind"),
            Position.site.setting.as_alias("setting"),
            Position.organisation.name.as_alias("organisation"),
        )
        .where(where)
        .order_by(Position.site.name)
        .order_by(Position.title)
        .output(load_json=True)
    )
    return [msgspec.convert(row, OpenPosition) for row in rows]
