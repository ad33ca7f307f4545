"""The numbers beside the menu entries of the console, in one query."""

from __future__ import annotations

from datetime import date

from piccolo.engine.postgres import PostgresTransaction

_NUMBERS = """
SELECT
  (SELECT count(*) FROM document WHERE state = 'waiting') AS waiting,
  (SELECT count(*) FROM person WHERE status = 'active') AS people,
  (SELECT count(*) FROM placement WHERE state = 'placed') AS placed,
  (SELECT count(DISTINCT pl.id) FROM placement pl JOIN decision d ON d.placement = pl.id AND d.current
    WHERE pl.state <> 'ended' AND pl.starts_on <= $1 AND d.outcome NOT IN ('allow', 'advise', 'provisional')) AS starting,
  (SELECT count(DISTINCT pl.id) FROM placement pl JOIN decision d ON d.placement = pl.id AND d.current
    WHERE pl.state = 'placed' AND d.outcome IN ('allow', 'advise', 'provisional') AND d.holds_until <= $2) AS lapsing,
  (SELECT count(DISTINCT pl.person) FROM placement pl JOIN decision d ON d.placement = pl.id AND d.current
    WHERE pl.state = 'wished' AND d.outcome IN ('allow', 'advise', 'provisional')
      AND NOT EXISTS (SELECT 1 FROM placement q WHERE q.person = pl.person AND q.state = 'placed')) AS unplaced
"""


async def numbers(transaction: PostgresTransaction, *, week: date, month: date) -> dict[str, int]:
    """Documents waiting, people, placements; and placements that start by ``week`` unready or could lapse by ``month``."""
    return dict(await transaction.connection.fetchrow(_NUMBERS, week, month))
