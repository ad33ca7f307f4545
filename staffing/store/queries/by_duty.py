"""Positions as one person meets them: where, what, how many places are taken, and what the person has there already."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from piccolo.engine.postgres import PostgresTransaction

_POSITIONS = """
SELECT po.id, po.title, po.summary, po.open, po.places, si.id AS site_id, si.name AS site, si.setting, si.address,
  og.name AS employer, coalesce(mine.terms, po.terms)::text AS terms, mine.id AS placement, mine.state, mine.starts_on,
  (SELECT count(*) FROM placement x WHERE x.position = po.id AND x.state = 'placed') AS taken
FROM position po JOIN site si ON si.id = po.site JOIN organisation og ON og.id = po.organisation
LEFT JOIN LATERAL (
  SELECT m.id, m.state, m.terms, m.starts_on FROM placement m
  WHERE m.position = po.id AND m.person = $1 AND m.state <> 'ended' ORDER BY m.state LIMIT 1
) mine ON true
WHERE ($2::uuid IS NULL OR si.id = $2) AND (po.open OR $3)
ORDER BY si.name, si.id, po.title, po.id
"""

_SITES = """
SELECT si.id, si.name, count(po.id) AS positions FROM site si JOIN position po ON po.site = si.id
GROUP BY si.id, si.name ORDER BY si.name, si.id
"""


_PERSON = """
SELECT p.id, p.given_name, p.family_name, p.called, p.born_on, p.facts::text AS facts, p.invented, t.promise_days
FROM person p JOIN tenant t ON t.id = p.tenant WHERE p.id = $1
"""

_EVIDENCE = "SELECT * FROM evidence WHERE person = $1 AND NOT withdrawn ORDER BY recorded_at"

_PAPERS = "SELECT id, kind, received_at FROM document WHERE person = $1 AND state = 'waiting' ORDER BY received_at"


async def person(transaction: PostgresTransaction, identity: UUID) -> dict[str, Any] | None:
    """The person with ``facts`` loaded, and the working days in which the district promises to look at a paper."""
    row = await transaction.connection.fetchrow(_PERSON, identity)
    return {**row, "facts": msgspec.json.decode(row["facts"])} if row else None


async def evidence(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """What is held about the person, oldest first. ``detail`` is loaded."""
    rows = await transaction.connection.fetch(_EVIDENCE, person)
    return [{**row, "detail": msgspec.json.decode(row["detail"])} for row in rows]


async def papers(transaction: PostgresTransaction, person: UUID) -> dict[str, dict[str, Any]]:
    """The newest paper of each kind that waits to be looked at."""
    return {row["kind"]: dict(row) for row in await transaction.connection.fetch(_PAPERS, person)}


async def positions(
    transaction: PostgresTransaction, person: UUID, *, site: UUID | None = None, closed: bool = False
) -> list[dict[str, Any]]:
    """Positions by site with the terms that count for this person there: their own placement's, else the position's.

    ``terms`` is text. ``closed`` adds those nobody is asked for now.
    """
    return [dict(r) for r in await transaction.connection.fetch(_POSITIONS, person, site, closed)]


async def sites(transaction: PostgresTransaction) -> list[dict[str, Any]]:
    """Sites that have a position, by name."""
    return [dict(r) for r in await transaction.connection.fetch(_SITES)]
