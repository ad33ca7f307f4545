"""Badges with what their standing depends on: the placement's state and its newest decision."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from piccolo.engine.postgres import PostgresTransaction

from staffing.store.queries.review_queue import like

_COLUMNS = """
SELECT c.id, c.person, c.placement, c.decision, c.number, c.token, c.state, c.issued_on, c.issued_by, c.valid_through, c.card,
  c.file, c.withdrawn_at, c.withdrawn_by, c.reason,
  pl.state AS placement_state, pl.ends_on AS placement_ends_on, de.outcome, de.holds_until
FROM credential c JOIN placement pl ON pl.id = c.placement JOIN person p ON p.id = c.person
LEFT JOIN decision de ON de.placement = c.placement AND de.current
"""
_MATCHES = "(p.search_name LIKE ALL ($1::text[]) OR lower(c.number) LIKE ALL ($1::text[]))"
_ENDED = "(c.state = 'withdrawn' OR c.valid_through < $2)"
_VIEWS = {
    "good": f"NOT {_ENDED}",
    "soon": f"NOT {_ENDED} AND c.valid_through <= $3",
    "ended": f"{_ENDED}",
    "all": "true",
}
_ORDER = {"good": "c.valid_through, c.number", "soon": "c.valid_through, c.number"}
_COUNTS = f"""
SELECT count(*) FILTER (WHERE {_VIEWS["good"]}) AS good, count(*) FILTER (WHERE {_VIEWS["soon"]}) AS soon,
  count(*) FILTER (WHERE {_ENDED}) AS ended, count(*) AS all
FROM credential c JOIN person p ON p.id = c.person WHERE {_MATCHES}
"""  # noqa: S608  made of the constants above


async def counts(transaction: PostgresTransaction, *, words: str, today: date, soon: date) -> dict[str, int]:
    """How many badges are in each view, of those whose holder's folded name or number holds every word."""
    row = await transaction.connection.fetchrow(_COUNTS, _patterns(words), today, soon)
    return dict(row)


async def rows(
    transaction: PostgresTransaction, *, view: str, words: str, today: date, soon: date, limit: int, offset: int
) -> list[dict[str, Any]]:
    """Badges of a view: ``good`` and ``soon`` first to end, ``ended`` and ``all`` newest first. ``card`` is loaded."""
    order = _ORDER.get(view, "c.created_at DESC, c.number DESC")
    sql = (
        f"{_COLUMNS} WHERE {_MATCHES} AND {_VIEWS[view]} AND $2::date IS NOT NULL AND $3::date IS NOT NULL "
        f"ORDER BY {order} LIMIT $4 OFFSET $5"
    )
    return [_loaded(r) for r in await transaction.connection.fetch(sql, _patterns(words), today, soon, limit, offset)]


async def one(transaction: PostgresTransaction, credential: UUID) -> dict[str, Any] | None:
    """One badge. ``card`` is loaded."""
    row = await transaction.connection.fetchrow(f"{_COLUMNS} WHERE c.id = $1", credential)
    return _loaded(row) if row else None


async def of_person(transaction: PostgresTransaction, person: UUID) -> list[dict[str, Any]]:
    """A person's badges that are not withdrawn, last to end first. ``card`` is loaded."""
    sql = f"{_COLUMNS} WHERE c.person = $1 AND c.state <> 'withdrawn' ORDER BY c.valid_through DESC, c.number DESC"
    return [_loaded(r) for r in await transaction.connection.fetch(sql, person)]


def _patterns(words: str) -> list[str]:
    return [f"%{like(word)}%" for word in words.split()]


def _loaded(row: Any) -> dict[str, Any]:
    return {**row, "card": msgspec.json.decode(row["card"])}
