"""Placements and open positions as lists."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

from staffing.store.queries.review_queue import like

_ROWS = """
SELECT pl.id, pl.person, pl.state, pl.starts_on, pl.ends_on, pl.version, p.given_name, p.family_name, p.invented,
  po.title, si.name AS site, de.outcome, de.holds_until, c.number AS badge, count(*) OVER () AS found
FROM placement pl JOIN person p ON p.id = pl.person JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
LEFT JOIN decision de ON de.placement = pl.id AND de.current
LEFT JOIN LATERAL (
  SELECT number FROM credential c WHERE c.placement = pl.id AND c.state = 'issued' ORDER BY c.created_at DESC LIMIT 1
) c ON true
WHERE pl.state = $1 AND p.search_name LIKE ALL ($2::text[])
ORDER BY coalesce(pl.ends_on, pl.starts_on) NULLS LAST, p.search_name, pl.id LIMIT $3 OFFSET $4
"""

_POSITIONS = """
SELECT po.id, po.title, po.terms, po.places, si.name AS site, si.id AS site_id, og.name AS employer,
  (SELECT count(*) FROM placement x WHERE x.position = po.id AND x.state = 'placed') AS taken,
  mine.state, mine.version, mine.starts_on
FROM position po JOIN site si ON si.id = po.site JOIN organisation og ON og.id = po.organisation
LEFT JOIN LATERAL (
  SELECT state, version, starts_on FROM placement m WHERE m.position = po.id AND m.person = $1 AND m.state <> 'ended'
  ORDER BY m.state LIMIT 1
) mine ON true
WHERE po.open ORDER BY si.name, po.title
"""


async def counts(transaction: PostgresTransaction) -> dict[str, int]:
    """How many placements are in each state."""
    found = await transaction.connection.fetch("SELECT state, count(*) AS placements FROM placement GROUP BY state")
    return {row["state"]: row["placements"] for row in found}


async def rows(
    transaction: PostgresTransaction, *, state: str, words: str, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int]:
    """Placements in a state whose person's folded name holds every word, and how many there are in all."""
    found = await transaction.connection.fetch(_ROWS, state, [f"%{like(w)}%" for w in words.split()], limit, offset)
    return [dict(r) for r in found], (found[0]["found"] if found else 0)


async def positions(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """Open positions with the places taken, and the state and version of this person's placement there. ``terms`` is text."""
    return [dict(r) for r in await transaction.connection.fetch(_POSITIONS, person)]
