"""Who relies on a waiver, and what becomes of them when it ends: each is decided with it, without it, and on the day after.

Nothing is written, and there is no second rule logic: every answer comes from ``readiness.decide_here``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.core.case import Case
from staffing.core.findings import Decision, Effect, Finding, State, Text
from staffing.services import readiness
from staffing.services.district_rules import in_force
from staffing.services.district_rules.in_force import HeldWaiver, Rules
from staffing.services.district_rules.waivers import Listed as ListedWaiver
from staffing.services.district_rules.waivers import listed as listed_waivers
from staffing.store.engine import DB

__all__ = ["ListedWaiver", "Reliance", "Relying", "listed_waivers", "relying"]

#: Placements that are decided for one waiver; all are counted.
DECIDED = 500


class Reliance(msgspec.Struct, frozen=True, kw_only=True):
    """A placement that relies on a waiver, without anybody's name.

    ``today`` and ``without`` are what is decided with the waiver and without it; ``after`` what will be decided on the day
    after its last (None: it has no last day, or the placement ends before). ``rules`` are the rules it relaxes for them,
    ``says`` why they stop on the day after.
    """

    placement: UUID
    person: UUID
    title: str
    site_name: str
    ends_on: date | None
    rules: tuple[str, ...]
    today: Effect
    without: Effect
    after: Effect | None = None
    says: tuple[Text, ...] = ()


class Relying(msgspec.Struct, frozen=True, kw_only=True):
    """Those placed who rely on a waiver: ``total`` of them, the first ``DECIDED`` decided. ``day_after`` is the first day without
    it; ``over`` says that this day has come.
    """

    number: str
    total: int
    day_after: date | None
    placements: tuple[Reliance, ...] = ()
    over: bool = False

    @property
    def stop_after(self) -> int:
        """How many of those decided work today and stop on the day after its last; once it has ended, how many are stopped."""
        ended = [one for one in self.placements if one.after is not None and not one.after.clears]
        return len(ended) if self.over else sum(one.today.clears for one in ended)

    @property
    def stopped_anyway(self) -> int:
        """How many of those decided do not work today either, for another reason, while it counts."""
        return 0 if self.over else sum(not one.today.clears for one in self.placements)

    @property
    def end_before(self) -> int:
        """How many of those decided end by its last day anyway."""
        return sum(one.after is None for one in self.placements) if self.day_after else 0


#: Current decisions in which a rule says something of this waiver: that it waives it, or that it has ended.
_NAMING = """
WITH said AS (
  SELECT id FROM decision_part WHERE body #>> '{reason,values,waiver}' = $1 AND body ->> 'rule' NOT LIKE 'staffing.%'
)
SELECT pl.id, pl.person, pl.site, pl.starts_on, pl.ends_on, pl.terms::text AS terms, pe.born_on, pe.facts::text AS facts,
  po.title, si.name AS site_name, count(*) OVER () AS total
FROM decision de JOIN placement pl ON pl.id = de.placement JOIN person pe ON pe.id = pl.person
JOIN position po ON po.id = pl.position JOIN site si ON si.id = pl.site
WHERE de.current AND pl.state = 'placed' AND (
  de.parts && (SELECT array_agg(id) FROM said)
  OR (de.parts IS NULL AND jsonb_path_exists(de.body, '$.findings[*] ? (@.reason.values.waiver == $number)',
      jsonb_build_object('number', $1::text))))
ORDER BY si.name, po.title, pl.id LIMIT $2"""

_EVIDENCE = """
SELECT person, id, kind, state, result, issued_on, requested_on, expires_on, purpose, issuer, holder, jurisdiction, detail
FROM evidence WHERE person = ANY ($1::uuid[]) AND NOT withdrawn ORDER BY person, recorded_at, id"""


async def relying(number: str) -> Relying:
    """Who relies on the district's waiver of this number, as last decided. Inside a ``tenant_transaction``."""
    rules = await in_force.rules()
    today = (await in_force.here()).today
    held = next((one for one in rules.waivers if one.number == number), None)
    if held is None or held.since > today:
        return Relying(number=number, total=0, day_after=_day_after(held))
    async with DB.connection() as connection:
        rows = await connection.fetch(_NAMING, number, DECIDED)
        papers = await connection.fetch(_EVIDENCE, list({row["person"] for row in rows}))
    by_person: dict[UUID, list[dict[str, Any]]] = {}
    for paper in papers:
        detail = paper["detail"]
        loaded = msgspec.json.decode(detail) if isinstance(detail, str | bytes) else detail
        by_person.setdefault(paper["person"], []).append({**paper, "detail": loaded})
    found = [_one(dict(row), by_person.get(row["person"], ()), rules, held, today) for row in rows]
    kept = tuple(one for one in found if one is not None)
    total = (rows[0]["total"] if rows else 0) - (len(found) - len(kept))
    day = _day_after(held)
    return Relying(number=number, total=total, day_after=day, placements=kept, over=day is not None and day <= today)


def _day_after(waiver: HeldWaiver | None) -> date | None:
    return waiver.until + timedelta(days=1) if waiver is not None and waiver.until is not None else None


def _one(row: dict[str, Any], papers: Iterable[dict[str, Any]], rules: Rules, waiver: HeldWaiver, today: date) -> Reliance | None:
    person = {"facts": msgspec.json.decode(row["facts"] or "{}"), "born_on": row["born_on"]}
    terms = msgspec.json.decode(row["terms"] or "{}")
    case = readiness.assemble(rules.jurisdiction, person, papers, terms, row["starts_on"])
    without = msgspec.structs.replace(rules, waivers=tuple(one for one in rules.waivers if one is not waiver))
    now = _decided(case, row, rules, today)
    naming = _naming(now, waiver.number)
    if not naming:
        return None
    after: Effect | None = None
    says: tuple[Text, ...] = ()
    day = _day_after(waiver)
    if day is not None and (row["ends_on"] is None or row["ends_on"] >= day):
        then = now if day <= today else _decided(case, row, rules, day)
        after = then.outcome
        says = tuple(finding.reason for finding in _naming(then, waiver.number) if not finding.effect.clears)
    return Reliance(
        **{name: row[name] for name in ("person", "title", "site_name", "ends_on")},
        placement=row["id"],
        rules=tuple(dict.fromkeys(finding.title for finding in naming)),
        today=now.outcome,
        without=_decided(case, row, without, today).outcome,
        after=after,
        says=says,
    )


def _decided(case: Case, row: dict[str, Any], rules: Rules, day: date) -> Decision:
    place = rules.on(day).at(row["site"])
    return readiness.decide_here(place.of_placement(case, row["id"]), place, day)


def _naming(decision: Decision, number: str) -> list[Finding]:
    """What a decision says of a waiver: that it counts, or that it ended and the rule stands in the way."""
    return [
        finding
        for finding in decision.findings
        if finding.reason.values.get("waiver") == number
        and not finding.rule.startswith("staffing.")
        and (finding.state is State.WAIVED or not finding.effect.clears)
    ]
