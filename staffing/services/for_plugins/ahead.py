"""What runs out, rule by rule, and who has gone: read from the decisions on record and taken again by the one evaluator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.findings import Decision, Finding, State
from staffing.core.reasons import NOTES
from staffing.services import readiness
from staffing.services.district_rules import in_force
from staffing.store.engine import tenant_transaction
from staffing.store.queries import lapses as queries

#: How many days of change of one rule are looked at. More than a few within a year is a loop in the rules.
_CHANGES = 24


class LapseAhead(msgspec.Struct, frozen=True, kw_only=True):
    """A rule whose evidence runs out, or has run out, for somebody placed now.

    ``last_good_day`` is the last on which it counts (None where a break in service ended it on a day nobody has told).
    ``lapsed``: it does not count today. ``after_break``: a break in service ends it. ``asked_again``: a new one is on its way.
    ``evidence`` is the item that runs out (``kind``, ``purpose``), ``kinds`` what the rule accepts, ``reason`` its sentence of
    that day.
    """

    person: UUID
    placement: UUID
    position: UUID
    site: UUID
    work: str
    site_name: str
    rule: str
    title: str
    plugin: str
    kinds: tuple[str, ...]
    last_good_day: date | None
    lapsed: bool
    after_break: bool
    asked_again: bool
    evidence: UUID
    kind: str
    purpose: str | None
    reason: Any


class Gone(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence on record of somebody who does not work here any more. ``last_day``: of their last placement, if it is known."""

    person: UUID
    evidence: UUID
    kind: str
    jurisdiction: str | None
    holder: str | None
    purpose: str | None
    issued_on: date | None
    last_day: date | None


async def lapses_ahead(tenant: str, days: int, person: UUID | None = None) -> list[LapseAhead]:
    """Whose evidence runs out through ``days`` days from today, for each rule and each current placement; soonest first.

    Evidence that has run out already and was not replaced is told too. People who have left and placements that have ended, or
    end before that day, are not. ``person`` narrows it to one.
    """
    async with tenant_transaction(tenant) as transaction:
        rules = await in_force.rules()
        zone, _ = await queries.district(transaction, tenant)
        today = clock.today(zone)
        last = today + timedelta(days=days)
        rows = await queries.placed(transaction, today=today, last=last + timedelta(days=1), person=person)
        held: dict[UUID, list[dict[str, Any]]] = {}
        for item in await queries.evidence(transaction, {row["person"] for row in rows}):
            held.setdefault(item["person"], []).append({**item, "detail": msgspec.json.decode(item["detail"])})
    look = _Look(rules, today, last)
    found = [lapse for row in rows for lapse in look.of(row, held.get(row["person"], []))]
    return sorted(found, key=lambda one: (one.last_good_day or date.min, one.title, str(one.person), str(one.placement)))


async def gone_with(tenant: str, kinds: Collection[str]) -> list[Gone]:
    """Complete evidence of these kinds on record of people whose work here has ended: none is placed, asked for or ahead."""
    async with tenant_transaction(tenant) as transaction:
        zone, _ = await queries.district(transaction, tenant)
        rows = await queries.gone(transaction, today=clock.today(zone), kinds=kinds)
    return [Gone(**row) for row in rows]


class _Look:
    """Takes decisions again on days ahead, under the rules that count then."""

    def __init__(self, rules: in_force.Rules, today: date, last: date) -> None:
        self.rules, self.today, self.last = rules, today, last
        self._places: dict[date, readiness.Here] = {}

    def of(self, row: Mapping[str, Any], evidence: list[dict[str, Any]]) -> list[LapseAhead]:
        person = {"born_on": row["born_on"], "facts": msgspec.json.decode(row["facts"])}
        case = readiness.assemble(self.rules.jurisdiction, person, evidence, msgspec.json.decode(row["terms"]), row["starts_on"])
        taken: dict[date, Decision] = {}

        def on(day: date) -> Decision:
            if day not in taken:
                taken[day] = self._decide(case, row, day)
            return taken[day]

        items = {item.id: item for item in case.evidence}
        now = readiness.stored(row["body"])
        if now.on < self.today and now.holds_until is not None and now.holds_until <= self.today:
            now = on(self.today)
        found = []
        for finding in now.findings:
            item = items.get(finding.evidence)
            if item is None:
                continue
            if finding.state is State.EXPIRED:
                found.append(_lapse(row, finding, item, _told_day(finding), lapsed=True))
            elif finding.effect.clears and (then := self._runs_out(finding, on)):
                day, at = then
                if row["ends_on"] is None or row["ends_on"] >= day:
                    found.append(_lapse(row, at, item, day - timedelta(days=1), lapsed=False))
        return found

    def _runs_out(self, finding: Finding, on: Any) -> tuple[date, Finding] | None:
        """The first day in the window on which the rule's evidence does not count any more, with what the rule says then."""
        day = finding.holds_until
        for _ in range(_CHANGES):
            if day is None or day > self.last + timedelta(days=1):
                return None
            then = next((f for f in on(day).findings if f.rule == finding.rule), None)
            if then is None:
                return None
            if then.state is State.EXPIRED or (then.state is State.PENDING and not then.effect.clears):
                return day, then
            day = then.holds_until if then.holds_until is not None and then.holds_until > day else None
        return None

    def _decide(self, case: Case, row: Mapping[str, Any], day: date) -> Decision:
        if day not in self._places:
            self._places[day] = self.rules.on(day)
            self._places[day].rules_hash  # noqa: B018  worked out once here, it goes along to every site
        here = self._places[day].at(row["site_id"])
        return readiness.decide_here(here.of_placement(case, row["placement"]), here, day)


def _told_day(finding: Finding) -> date | None:
    through = finding.reason.values.get("through")
    return date.fromisoformat(through) if through else None


def _lapse(row: Mapping[str, Any], finding: Finding, item: Evidence, last: date | None, *, lapsed: bool) -> LapseAhead:
    return LapseAhead(
        person=row["person"],
        placement=row["placement"],
        position=row["position"],
        site=row["site_id"],
        work=row["title"],
        site_name=row["site"],
        rule=finding.rule,
        title=finding.title,
        plugin=finding.plugin,
        kinds=finding.accepts,
        last_good_day=last,
        lapsed=lapsed,
        after_break=finding.reason.msgid == NOTES["break"],
        asked_again=finding.state is State.PENDING,
        evidence=UUID(item.id),
        kind=item.kind,
        purpose=item.purpose,
        reason=finding.reason,
    )
