"""Lists for the other roles: a partner's people, a site's day, duties without names, stages of the district."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

_AT_SITE = """
SELECT pl.id AS placement, pl.person, p.given_name, p.family_name, p.called, p.languages, p.invented, po.title,
  de.outcome, de.holds_until, s.starts_at, s.ends_at
FROM placement pl JOIN person p ON p.id = pl.person JOIN position po ON po.id = pl.position
LEFT JOIN decision de ON de.placement = pl.id AND de.current
LEFT JOIN LATERAL (
  SELECT min(a.starts_at) AS starts_at, max(a.ends_at) AS ends_at FROM assignment a JOIN session se ON se.id = a.session
  WHERE a.person = pl.person AND se.position = pl.position AND a.state = 'planned'
    AND (a.starts_at AT TIME ZONE $3)::date = $2
) s ON true
WHERE pl.site = $1 AND pl.state = 'placed' AND pl.starts_on <= $2 AND (pl.ends_on IS NULL OR pl.ends_on >= $2)
ORDER BY s.starts_at NULLS LAST, p.search_name, pl.id
"""

_DUTIES = """
SELECT si.name AS site, po.title, po.summary, po.terms ->> 'engagement' AS engagement, po.places,
  count(pl.id) FILTER (WHERE pl.state = 'placed') AS placed,
  count(pl.id) FILTER (WHERE pl.state = 'wished') AS wished
FROM position po JOIN site si ON si.id = po.site LEFT JOIN placement pl ON pl.position = po.id
GROUP BY si.id, si.name, po.id, po.title, po.summary, po.terms, po.places
ORDER BY si.name, po.title
"""


async def at_site(transaction: PostgresTransaction, site: UUID, day: date, time_zone: str) -> list[dict[str, Any]]:
    """The people placed at a site on a day, with their session that day if one is planned."""
    return [dict(r) for r in await transaction.connection.fetch(_AT_SITE, site, day, time_zone)]


async def duties(transaction: PostgresTransaction) -> list[dict[str, Any]]:
    """Every position with how many adults it wants, has and is asked for by. No names."""
    return [dict(r) for r in await transaction.connection.fetch(_DUTIES)]
