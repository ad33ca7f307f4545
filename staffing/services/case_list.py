"""Every placement of a district as a case, for whoever looks at many: what-ifs and plugins. Nothing is decided here."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.case import Case
from staffing.services import readiness
from staffing.store.engine import DB, current_tenant
from staffing.store.tables import Site, Tenant


class PlacedCase(msgspec.Struct, frozen=True, kw_only=True):
    """A placement with its case, as it stands without what agreements add.

    ``days`` are the days of its sessions in the time asked about, with their hours; empty where none are planned. Cases with the
    same ``like`` and site differ in nothing but ids, the first day, the day of birth and the evidence.
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
    like: tuple[str, str] | None = None


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
FROM assignment
WHERE placement = ANY ($1::uuid[]) AND state = 'planned' AND (starts_at AT TIME ZONE $4)::date BETWEEN $2::date AND $3::date
GROUP BY 1, 2 ORDER BY 1, 2"""

#: Sums of hashes: the same rows give the same numbers in whatever order they come.
_STAND = """
WITH these AS (
  SELECT pl.id, pl.person, pl.site, pl.position, pl.state, pl.starts_on, pl.ends_on, pl.terms FROM placement pl
  WHERE (pl.starts_on IS NULL OR pl.starts_on <= $2) AND (pl.ends_on IS NULL OR pl.ends_on >= $1)
    AND (pl.state IN ('wished', 'placed') OR (pl.state = 'ended' AND pl.ends_on IS NOT NULL))
)
SELECT (SELECT count(*) FROM these) AS n,
  (SELECT sum(hashtextextended(these::text, 0)::numeric) FROM these) AS placements,
  (SELECT sum(hashtextextended(concat_ws(' ', id, born_on, facts), 0)::numeric) FROM person) AS people,
  (SELECT sum(hashtextextended(concat_ws(' ', id, name), 0)::numeric) FROM site) AS sites,
  (SELECT sum(hashtextextended(concat_ws(' ', id, title), 0)::numeric) FROM position) AS positions,
  (SELECT sum(hashtextextended(concat_ws(' ', id, placement, starts_at, ends_at), 0)::numeric) FROM assignment
   WHERE state = 'planned' AND placement IS NOT NULL) AS sessions,
  (SELECT sum(hashtextextended(evidence::text, 0)::numeric) FROM evidence WHERE NOT withdrawn AND $3) AS papers"""

_AT_ONCE = 2000
#: Where the first portion begins.
FIRST = UUID(int=0)


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """How many placements touch some days, and a name for exactly what is on record about them."""

    count: int
    digest: str


async def placed_stand(since: date, until: date, *, evidence: bool = True) -> Stand:
    """What ``placed_cases`` would give, counted and named. Inside a ``tenant_transaction``.

    Any change of a placement, a person's facts, a site, a planned session or (with ``evidence``) a paper gives another digest.
    """
    place = await readiness.here()
    async with DB.connection() as connection:
        row = await connection.fetchrow(_STAND, since, until, evidence)
    parts = [place.jurisdiction, [w.as_fact() for w in place.waivers], *[str(value) for value in row.values()]]
    return Stand(count=row["n"], digest=hashlib.sha256(msgspec.json.encode(parts)).hexdigest())


async def placed_cases(
    since: date, until: date, *, zone: str | None = None, evidence: bool = True
) -> AsyncIterator[list[PlacedCase]]:
    """The placements that touch the days from ``since`` through ``until``, a portion at a time. Inside a ``tenant_transaction``.

    Without ``evidence`` the cases hold none, which is quicker. Overlays, waivers and agreements are not added. Days of sessions
    are those of ``zone``, the district's own where none is given.
    """
    last = FIRST
    while portion := await placed_portion(since, until, after=last, zone=zone, evidence=evidence):
        last = portion[-1].placement
        yield portion


async def placed_portion(
    since: date, until: date, *, after: UUID = FIRST, zone: str | None = None, evidence: bool = True
) -> list[PlacedCase]:
    """The portion of ``placed_cases`` after a placement, so that each can have a transaction of its own; empty at the end."""
    place = await readiness.here()
    async with DB.connection() as connection:
        if zone is None:
            zone = await connection.fetchval("SELECT time_zone FROM tenant WHERE id = $1", current_tenant())
        rows = await connection.fetch(_PLACED, since, until, after, _AT_ONCE)
        held = await connection.fetch(_EVIDENCE, list({row["person"] for row in rows})) if rows and evidence else []
        days = await connection.fetch(_DAYS, [row["id"] for row in rows], since, until, zone) if rows else []
    return list(_together(place.jurisdiction, rows, held, days))


async def waivers_at() -> dict[str, list[dict[str, Any]]]:
    """The district's waivers as facts of the context, by site; under "" those that count everywhere."""
    place = await readiness.here()
    found: dict[str, list[dict[str, Any]]] = {}
    for waiver in place.waivers:
        found.setdefault(waiver.site, []).append(waiver.as_fact())
    return found


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
            like=(row["terms"], row["facts"]),
        )


async def site_names() -> dict[UUID, str]:
    """The district's sites by id. Inside a ``tenant_transaction``."""
    return {row["id"]: row["name"] for row in await Site.select(Site.id, Site.name).order_by(Site.name)}


async def districts() -> list[str]:
    """Every district's short name, for tasks that run for all."""
    async with DB.transaction():
        return [row["id"] for row in await Tenant.select(Tenant.id).order_by(Tenant.id)]
