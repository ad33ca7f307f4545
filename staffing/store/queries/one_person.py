"""Everything held about one person, a query for each kind of thing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

_PLACEMENTS = """
SELECT pl.id, pl.state, pl.terms, pl.starts_on, pl.ends_on, pl.placed_by, pl.version, pl.position, po.title, po.organisation,
  si.name AS site, si.id AS site_id, og.name AS employer, de.id AS decision, de.outcome, de.holds_until, de.on_day,
  decision_body(de) AS body
FROM placement pl JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
JOIN organisation og ON og.id = po.organisation
LEFT JOIN decision de ON de.placement = pl.id AND de.current
WHERE pl.person = $1
ORDER BY (pl.state = 'placed') DESC, (pl.state = 'wished') DESC, pl.starts_on NULLS LAST, pl.created_at
"""

_DOCUMENTS = """
SELECT d.id, d.kind, d.rule, d.file_name, d.media_type, d.size, d.state, d.received_at, d.received_by, d.version,
  t.outcome, t.reason, t.message, t.decided_by, t.decided_at
FROM document d LEFT JOIN LATERAL (
  SELECT * FROM determination t WHERE t.document = d.id ORDER BY t.decided_at DESC LIMIT 1
) t ON true
WHERE d.person = $1 ORDER BY d.received_at DESC
"""

_EVIDENCE = """
SELECT e.*, t.decided_by, t.decided_at, t.reason AS seen
FROM evidence e LEFT JOIN determination t ON t.id = e.determination
WHERE e.person = $1 ORDER BY e.recorded_at DESC
"""

_CREDENTIALS = """
SELECT c.id, c.kind, c.number, c.state, c.issued_on, c.valid_through, c.placement, c.reason, c.file, po.title, si.name AS site
FROM credential c JOIN placement pl ON pl.id = c.placement JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
WHERE c.person = $1 ORDER BY c.created_at DESC
"""

_POSITIONS = """
SELECT po.id, po.title, po.terms, po.places, si.name AS site, si.id AS site_id, og.name AS employer,
  (SELECT count(*) FROM placement x WHERE x.position = po.id AND x.state = 'placed') AS taken
FROM position po JOIN site si ON si.id = po.site JOIN organisation og ON og.id = po.organisation
WHERE po.open ORDER BY si.name, po.title
"""


async def placements(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """The person's placements with each current decision; placed ones first, ended ones last. JSON columns are text."""
    return [dict(r) for r in await transaction.connection.fetch(_PLACEMENTS, person)]


async def documents(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """The person's documents with the newest determination of each, newest first."""
    return [dict(r) for r in await transaction.connection.fetch(_DOCUMENTS, person)]


async def evidence(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """The person's evidence, withdrawn items too, newest first."""
    return [dict(r) for r in await transaction.connection.fetch(_EVIDENCE, person)]


async def credentials(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """The person's credentials, newest first."""
    return [dict(r) for r in await transaction.connection.fetch(_CREDENTIALS, person)]


async def open_positions(transaction: PostgresTransaction) -> list[dict[str, Any]]:
    """The district's open positions with how many places are taken."""
    return [dict(r) for r in await transaction.connection.fetch(_POSITIONS)]
