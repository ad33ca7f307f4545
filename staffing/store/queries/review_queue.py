"""The review queue: documents with the person, the work they are for and how long they have waited, in one query each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from piccolo.engine.postgres import PostgresTransaction

#: The placement a person's papers are for: the one they are placed in, else the soonest they asked for.
_WORK = """
LEFT JOIN LATERAL (
  SELECT pl.id, pl.starts_on, pl.state, po.title, si.name AS site
  FROM placement pl JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
  WHERE pl.person = d.person AND pl.state <> 'ended'
  ORDER BY (pl.state = 'placed') DESC, pl.starts_on NULLS LAST, pl.created_at LIMIT 1
) w ON true
"""

#: Conditions of each view; $1 is the reviewer's tag, $2 the last day that counts as "soon".
VIEWS: dict[str, str] = {
    "mine": "d.state = 'waiting' AND EXISTS (SELECT 1 FROM determination t WHERE t.person = d.person AND t.decided_by = $1)",
    "all": "d.state = 'waiting'",
    "soon": "d.state = 'waiting' AND w.starts_on <= $2",
    "sent_back": "d.state = 'sent_back' AND NOT EXISTS (SELECT 1 FROM document n"
    " WHERE n.person = d.person AND n.kind = d.kind AND n.received_at > d.received_at)",
}

_ORDERS = {
    "starts": "w.starts_on NULLS LAST, d.received_at, d.id",
    "waiting": "d.received_at, d.id",
}

_ROW = """
SELECT d.id, d.person, d.kind, d.rule, d.file_name, d.media_type, d.size, d.state, d.received_at, d.received_by, d.version,
  p.given_name, p.family_name, p.latin_name, p.called, p.born_on, p.language, p.email, p.phone, p.invented,
  o.name AS organisation, w.id AS placement, w.starts_on, w.title, w.site,
  (SELECT count(*) FROM document e WHERE e.person = d.person AND e.kind = d.kind AND e.received_at < d.received_at) AS earlier,
  (SELECT count(*) FROM document e WHERE e.file = d.file AND e.id <> d.id AND e.person = d.person) AS sent_before,
  (SELECT count(*) FROM document e WHERE e.file = d.file AND e.person <> d.person) AS sent_by_others
FROM document d JOIN person p ON p.id = d.person LEFT JOIN organisation o ON o.id = p.organisation
"""


async def counts(transaction: PostgresTransaction, *, reviewer: str, soon: date) -> tuple[dict[str, int], datetime | None]:
    """How many documents each view holds, and when the longest-waiting one came."""
    parts = ", ".join(f"count(*) FILTER (WHERE {where}) AS {name}" for name, where in VIEWS.items())
    sql = f"SELECT {parts}, min(d.received_at) FILTER (WHERE d.state = 'waiting') AS oldest FROM document d {_WORK} WHERE d.state IN ('waiting', 'sent_back')"  # noqa: S608, E501 - the parts are constants of this module
    row = dict(await transaction.connection.fetchrow(sql, reviewer, soon))
    oldest = row.pop("oldest")
    return row, oldest


async def rows(
    transaction: PostgresTransaction, *, view: str, reviewer: str, soon: date, words: str, sort: str, limit: int, offset: int
) -> list[dict[str, Any]]:
    """The documents of a view whose person's folded name holds every word of ``words`` (already folded)."""
    sql = f"""{_ROW} {_WORK} WHERE {VIEWS[view]} AND ($1::text IS NOT NULL) AND ($2::date IS NOT NULL)
      AND p.search_name LIKE ALL ($3::text[]) ORDER BY {_ORDERS[sort]} LIMIT $4 OFFSET $5"""
    patterns = [f"%{like(word)}%" for word in words.split()]
    return [dict(r) for r in await transaction.connection.fetch(sql, reviewer, soon, patterns, limit, offset)]


async def one(transaction: PostgresTransaction, document: Any) -> dict[str, Any] | None:
    """One document as a row of the queue, whatever its state."""
    row = await transaction.connection.fetchrow(f"{_ROW} {_WORK} WHERE d.id = $1", document)
    return dict(row) if row else None


def like(word: str) -> str:
    """A word as LIKE takes it literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
