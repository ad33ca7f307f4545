"""The people list: each person with the work they have or want and how they stand, counted and searched in SQL.

A person's standing is read from the stored current decision; no rule is evaluated here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from piccolo.engine.postgres import PostgresTransaction

from staffing.store.queries.review_queue import like

#: Standings in the order staff work through them.
STANDINGS = ("us", "them", "others", "expiring", "ready", "none")

_UNMET = '@.effect != "allow" && @.effect != "advise" && @.effect != "provisional"'

#: One row a person: the placement they are in (else the soonest wished) and its current decision. $1 today, $2 the
#: last day that counts as expiring.
_PEOPLE = """
WITH main AS (
  SELECT DISTINCT ON (p.id) p.id, p.given_name, p.family_name, p.called, p.search_name, p.invented, p.external_id,
    o.name AS organisation, p.organisation AS organisation_id, pl.id AS placement, pl.state AS placement_state, pl.starts_on,
    pl.ends_on, pl.site AS site_id, po.title, si.name AS site,
    de.id AS decision, de.outcome, de.holds_until, de.on_day, decision_body(de) AS body
  FROM person p
  LEFT JOIN organisation o ON o.id = p.organisation
  LEFT JOIN placement pl ON pl.person = p.id AND pl.state <> 'ended'
  LEFT JOIN position po ON po.id = pl.position
  LEFT JOIN site si ON si.id = pl.site
  LEFT JOIN decision de ON de.placement = pl.id AND de.current
  WHERE p.status = 'active'
  ORDER BY p.id, (pl.state = 'placed') DESC, pl.starts_on NULLS LAST, pl.created_at
), standing AS (
  SELECT main.*, w.waiting, CASE
    WHEN outcome IS NULL THEN 'none'
    WHEN outcome IN ('allow', 'advise', 'provisional') THEN CASE WHEN holds_until <= $2 THEN 'expiring' ELSE 'ready' END
    WHEN w.waiting > 0 THEN 'us'
    WHEN jsonb_path_exists(body, '$.findings[*] ? (UNMET && @.state != "pending" && @.remedy.who == "person")') THEN 'them'
    WHEN jsonb_path_exists(body, '$.findings[*] ? (UNMET && @.state != "pending" && @.remedy.who == "district")') THEN 'us'
    ELSE 'others' END AS standing
  FROM main LEFT JOIN LATERAL (
    SELECT count(*) AS waiting FROM document d WHERE d.person = main.id AND d.state = 'waiting'
  ) w ON true
  WHERE $1::date IS NOT NULL
)
""".replace("UNMET", _UNMET)


#: Saved views beyond a standing.
_SHOW = {
    None: "true",
    "starting": "starts_on <= $1::date + 7 AND outcome NOT IN ('allow', 'advise', 'provisional')",
    "unplaced": "placement_state = 'wished' AND outcome IN ('allow', 'advise', 'provisional')",
}


async def counts(transaction: PostgresTransaction, *, today: date, soon: date) -> dict[str, int]:
    """How many people stand where, every standing of ``STANDINGS`` named."""
    sql = f"{_PEOPLE} SELECT standing, count(*) AS people FROM standing GROUP BY standing"  # noqa: S608 - constants only
    found = {r["standing"]: r["people"] for r in await transaction.connection.fetch(sql, today, soon)}
    return {name: found.get(name, 0) for name in STANDINGS}


async def rows(
    transaction: PostgresTransaction,
    *,
    today: date,
    soon: date,
    words: str,
    standing: str | None,
    limit: int,
    offset: int,
    organisation: Any = None,
    show: str | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """People whose folded name holds every word, sorted by it, and how many there are in all."""
    sql = f"""{_PEOPLE} SELECT *, count(*) OVER () AS found FROM standing
      WHERE search_name LIKE ALL ($3::text[]) AND ($4::text IS NULL OR standing = $4)
        AND ($5::uuid IS NULL OR organisation_id = $5) AND {_SHOW[show]}
      ORDER BY search_name, id LIMIT $6 OFFSET $7"""  # noqa: S608 - constants only
    patterns = [f"%{like(word)}%" for word in words.split()]
    found = await transaction.connection.fetch(sql, today, soon, patterns, standing, organisation, limit, offset)
    return [dict(r) for r in found], (found[0]["found"] if found else 0)
