"""Every placement of a district as a case, for whoever looks at many: what-ifs and plugins. Nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.case import Case
from staffing.services import readiness
from staffing.store.engine import DB
from staffing.store.tables import Site, Tenant


class PlacedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A placement with its case, as it stands without what agreements add.

    ``days`` are the days of its sessions in the time asked about, with their hours; empty where none are planned.
    """

    placement: UUID
    person: UUID
    site: UUID
    site_name: str
    title: str
    state: str
    starts_on: date | None
    ends_on: date | None
    case: Case
    days: tuple[tuple[date, float], ...] = ()


_PLACED = """
SELECT pl.id, pl.person, pl.site, si.name AS site_name, po.title, pl.state, pl.starts_on, pl.ends_on, pl.terms::text AS terms,
  pe.born_on, pe.facts::text AS facts
FROM placement pl JOIN person pe ON pe.id = pl.person JOIN site si ON si.id = pl.site JOIN position po ON po.id = pl.position
WHERE (pl.starts_on IS NULL OR pl.starts_on <= $2) AND (pl.ends_on IS NULL OR pl.ends_on >= $1)
  AND (pl.state IN ('wished', 'placed') OR (pl.state = 'ended' AND pl.ends_on IS NOT NULL)) AND pl.id > $3
ORDER BY pl.id LIMIT $4"""

_EVIDENCE = """
SELECT person, id, kind, state, result, issued_on, requested_on, expires_on, purpose, issuer, holder, jurisdiction, detail
FROM evidence WHERE person = ANY ($1::uuid[]) AND NOT withdrawn ORDER BY person, recorded_at, id"""

_DAYS = """
SELECT placement, (starts_at AT TIME ZONE $4)::date AS day, sum(extract(epoch FROM ends_at - starts_at)) / 3600 AS hours
FROM assignment WHERE placement = ANY ($1::uuid[]) AND state = 'planned' AND starts_at >= $2 AND starts_at < $3 + interval '1 day'
GROUP BY 1, 2 ORDER BY 1, 2"""

_AT_ONCE = 2000


async def placed_cases(since: date, until: date, *, zone: str = "UTC", evidence: bool = True) -> AsyncIterator[list[PlacedCase]]:
    """The placements that touch the days from ``since`` through ``until``, a portion at a time. Inside a ``tenant_transaction``.

    Without ``evidence`` the cases hold none, which is quicker. Overlays, waivers and agreements are not added.
    """
    place = await readiness.here()
    last = UUID(int=0)
    while True:
        async with DB.connection() as connection:
            rows = await connection.fetch(_PLACED, since, until, last, _AT_ONCE)
            if not rows:
                return
            held = await connection.fetch(_EVIDENCE, list({row["person"] for row in rows})) if evidence else []
            days = await connection.fetch(_DAYS, [row["id"] for row in rows], since, until, zone)
        last = rows[-1]["id"]
        yield list(_together(place.jurisdiction, rows, held, days))


def _together(jurisdiction: str, rows: Any, held: Any, days: Any) -> Any:
    papers: dict[UUID, list[Any]] = {}
    for row in held:
        detail = row["detail"]
        papers.setdefault(row["person"], []).append(
            {**row, "detail": msgspec.json.decode(detail) if isinstance(detail, str | bytes) else detail}
        )
    planned: dict[UUID, list[tuple[date, float]]] = {}
    for row in days:
        planned.setdefault(row["placement"], []).append((row["day"], float(row["hours"])))
    read: dict[str, Any] = {}
    for row in rows:
        for text in (row["terms"], row["facts"]):
            if text not in read:
                read[text] = msgspec.json.decode(text or "{}")
        person = {"facts": read[row["facts"]], "born_on": row["born_on"]}
        case = readiness.assemble(
            jurisdiction, person, papers.get(row["person"], ()), read[row["terms"]], starts_on=row["starts_on"]
        )
        placement = {**case.placement, "site": str(row["site"]), "placement_id": str(row["id"])}
        yield PlacedCase(
            placement=row["id"],
            person=row["person"],
            site=row["site"],
            site_name=row["site_name"],
            title=row["title"],
            state=row["state"],
            starts_on=row["starts_on"],
            ends_on=row["ends_on"],
            case=msgspec.structs.replace(case, placement=placement),
            days=tuple(planned.get(row["id"], ())),
        )


async def site_names() -> dict[UUID, str]:
    """The district's sites by id. Inside a ``tenant_transaction``."""
    return {row["id"]: row["name"] for row in await Site.select(Site.id, Site.name).order_by(Site.name)}


async def districts() -> list[str]:
    """Every district's short name, for tasks that run for all."""
    async with DB.transaction():
        return [row["id"] for row in await Tenant.select(Tenant.id).order_by(Tenant.id)]
