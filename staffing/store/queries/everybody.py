"""Every placement that has not ended, a batch at a time, with what deciding it needs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

_PLACEMENTS = """
SELECT pl.id, pl.person, pl.site, pl.position, pl.state, pl.terms, pl.starts_on, pl.ends_on, p.given_name, p.family_name,
  p.born_on, p.facts, p.invented, po.title, si.name AS site_name, og.name AS organisation
FROM placement pl JOIN person p ON p.id = pl.person JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
JOIN organisation og ON og.id = po.organisation
WHERE pl.state IN ('wished', 'placed') AND ($1::uuid IS NULL OR pl.id > $1) ORDER BY pl.id LIMIT $2
"""

_EVIDENCE = "SELECT * FROM evidence WHERE person = ANY ($1::uuid[]) AND NOT withdrawn ORDER BY recorded_at"

_ASSIGNMENTS = """
SELECT a.person, a.placement, se.position, se.id AS session, (se.starts_at AT TIME ZONE $4)::date AS day, se.adults,
  po.title, si.name AS site, og.name AS organisation
FROM assignment a JOIN session se ON se.id = a.session JOIN position po ON po.id = se.position JOIN site si ON si.id = po.site
JOIN organisation og ON og.id = po.organisation
WHERE a.person = ANY ($1::uuid[]) AND a.state = 'planned' AND se.state = 'planned' AND se.starts_at >= $2 AND se.starts_at < $3
ORDER BY se.starts_at, se.id
"""


async def placements(transaction: PostgresTransaction, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """The next placements in the order of their ids. ``terms`` and ``facts`` are JSON texts."""
    return [dict(r) for r in await transaction.connection.fetch(_PLACEMENTS, after, limit)]


async def evidence(transaction: PostgresTransaction, people: Collection[UUID]) -> list[dict[str, Any]]:
    """What these people hold, oldest first. ``detail`` is a JSON text."""
    return [dict(r) for r in await transaction.connection.fetch(_EVIDENCE, list(people))]


async def assignments(
    transaction: PostgresTransaction, people: Collection[UUID], begin: datetime, end: datetime, time_zone: str
) -> list[dict[str, Any]]:
    """The sessions these people take between two moments, with the day there."""
    return [dict(r) for r in await transaction.connection.fetch(_ASSIGNMENTS, list(people), begin, end, time_zone)]
