"""What could lapse in a window of days, who that is about, and the sessions they have taken. Read along an index, not all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

_CLEARS = "de.outcome IN ('allow', 'advise', 'provisional')"

_COLUMNS = """
SELECT pl.id AS placement, pl.person, pl.position, pl.state, pl.terms::text AS terms, pl.starts_on, pl.ends_on, po.title,
  si.id AS site_id, si.name AS site, p.given_name, p.family_name, p.called, p.search_name, p.born_on, p.facts::text AS facts,
  p.invented, p.organisation AS partner_id, og.name AS partner, de.outcome, de.holds_until, decision_body(de)::text AS body
FROM decision de JOIN placement pl ON pl.id = de.placement JOIN person p ON p.id = pl.person
JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site LEFT JOIN organisation og ON og.id = p.organisation
"""

#: $1 the first day that counts, $2 the last, $3 a partner or NULL. ``decision_due`` is the index (tenant, holds_until).
_CANDIDATES = f"""{_COLUMNS}
WHERE de.current AND de.holds_until <= $2 AND {_CLEARS} AND pl.state IN ('placed', 'wished')
  AND (pl.ends_on IS NULL OR pl.ends_on >= greatest(de.holds_until, $1)) AND ($3::uuid IS NULL OR p.organisation = $3)
ORDER BY de.holds_until, p.search_name, pl.id
"""

#: People who are not cleared already and have sessions ahead. $1 now, $2 a partner or NULL.
_UNCLEARED = f"""{_COLUMNS}
WHERE de.current AND NOT {_CLEARS} AND pl.state = 'placed' AND ($2::uuid IS NULL OR p.organisation = $2)
  AND pl.person IN (
    SELECT a.person FROM assignment a JOIN session s ON s.id = a.session
    WHERE a.state = 'planned' AND s.state = 'planned' AND a.starts_at >= $1 AND s.position = pl.position)
ORDER BY p.search_name, pl.id
"""  # noqa: S608  made of the constants above

#: People placed now whose decision could change by a day, or does not clear already. $1 today, $2 that day, $3 a person or NULL.
_PLACED = f"""{_COLUMNS}
WHERE de.current AND pl.state = 'placed' AND p.status = 'active' AND (NOT {_CLEARS} OR de.holds_until <= $2)
  AND (pl.ends_on IS NULL OR pl.ends_on >= $1) AND ($3::uuid IS NULL OR pl.person = $3)
ORDER BY p.search_name, pl.id
"""

#: Evidence of people who work here no more. $1 today, $2 kinds of evidence.
_GONE = """
SELECT e.person, e.id AS evidence, e.kind, e.jurisdiction, e.holder, e.purpose, e.issued_on, work.last_day
FROM evidence e JOIN person p ON p.id = e.person
CROSS JOIN LATERAL (
  SELECT max(pl.ends_on) AS last_day, count(*) AS placements,
    bool_or(pl.state IN ('wished', 'placed') AND (pl.ends_on IS NULL OR pl.ends_on >= $1)) AS ahead
  FROM placement pl WHERE pl.person = e.person) AS work
WHERE NOT e.withdrawn AND e.state = 'complete' AND e.kind = ANY ($2::text[])
  AND (p.status = 'left' OR (work.placements > 0 AND NOT work.ahead AND (work.last_day IS NULL OR work.last_day < $1)))
ORDER BY work.last_day NULLS LAST, p.search_name, e.recorded_at
"""

_PAPERS = """
SELECT d.id, d.person, d.kind, d.received_at FROM document d WHERE d.person = ANY ($1::uuid[]) AND d.state = 'waiting'
ORDER BY d.received_at
"""

_EVIDENCE = "SELECT * FROM evidence WHERE person = ANY ($1::uuid[]) AND NOT withdrawn ORDER BY recorded_at"

_SESSIONS = """
SELECT s.id AS session, a.person, s.position, a.placement, a.starts_at, (a.starts_at AT TIME ZONE $3)::date AS day, s.adults,
  si.id AS site_id, si.name AS site,
  (SELECT count(*) FROM assignment b WHERE b.session = s.id AND b.state = 'planned') AS taken
FROM assignment a JOIN session s ON s.id = a.session JOIN position po ON po.id = s.position JOIN site si ON si.id = po.site
WHERE a.person = ANY ($1::uuid[]) AND a.starts_at >= $2 AND a.state = 'planned' AND s.state = 'planned'
ORDER BY a.starts_at, s.id
"""


async def district(transaction: PostgresTransaction, tenant: str) -> tuple[str, int]:
    """The district's time zone and the working days in which it promises to look at a paper."""
    row = await transaction.connection.fetchrow("SELECT time_zone, promise_days FROM tenant WHERE id = $1", tenant)
    return row["time_zone"], row["promise_days"]


async def candidates(
    transaction: PostgresTransaction, *, today: date, last: date, partner: UUID | None = None
) -> list[dict[str, Any]]:
    """Current decisions that clear and could change by ``last``, soonest first. ``terms``, ``facts`` and ``body`` are text."""
    return [dict(r) for r in await transaction.connection.fetch(_CANDIDATES, today, last, partner)]


async def uncleared(transaction: PostgresTransaction, *, now: datetime, partner: UUID | None = None) -> list[dict[str, Any]]:
    """Placements that are not cleared and whose person has sessions of theirs ahead, as ``candidates`` gives them."""
    return [dict(r) for r in await transaction.connection.fetch(_UNCLEARED, now, partner)]


async def placed(
    transaction: PostgresTransaction, *, today: date, last: date, person: UUID | None = None
) -> list[dict[str, Any]]:
    """Placements of people at work whose decision does not clear or could change by ``last``, as ``candidates`` gives them."""
    return [dict(r) for r in await transaction.connection.fetch(_PLACED, today, last, person)]


async def gone(transaction: PostgresTransaction, *, today: date, kinds: Collection[str]) -> list[dict[str, Any]]:
    """Complete evidence of these kinds of people who left, or whose every placement has ended before today."""
    return [dict(r) for r in await transaction.connection.fetch(_GONE, today, list(kinds))]


async def evidence(transaction: PostgresTransaction, people: Collection[UUID]) -> list[dict[str, Any]]:
    """What is held about these people, oldest first. ``detail`` is text."""
    return [dict(r) for r in await transaction.connection.fetch(_EVIDENCE, list(people))] if people else []


async def papers(transaction: PostgresTransaction, people: Collection[UUID]) -> list[dict[str, Any]]:
    """Papers of these people that wait to be looked at, oldest first."""
    return [dict(r) for r in await transaction.connection.fetch(_PAPERS, list(people))] if people else []


async def sessions(
    transaction: PostgresTransaction, people: Collection[UUID], *, now: datetime, time_zone: str
) -> list[dict[str, Any]]:
    """The sessions ahead that these people have taken, with the local day, the adults wanted and how many have taken them."""
    if not people:
        return []
    return [dict(r) for r in await transaction.connection.fetch(_SESSIONS, list(people), now, time_zone)]
