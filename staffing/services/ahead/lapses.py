"""What really lapses: decisions that could change within a window, taken again on the day they could, and what is worse then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from piccolo.engine.postgres import PostgresTransaction

from staffing import clock
from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.core.findings import Decision, Finding
from staffing.core.names import full_name
from staffing.services import readiness, standing
from staffing.services.ahead.steps import Step, steps
from staffing.services.district_rules import in_force
from staffing.services.history import kind_name
from staffing.store.queries import lapses as queries

#: How many days of change of one decision are looked at. More than a few within a year is a loop in the rules.
_CHANGES = 24


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that is worse then: the step that settles it, and the evidence that stops counting, if that is why."""

    step: Step
    evidence: str
    issued_on: date | None


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A session that somebody has taken and may not work. ``rules`` stand in the way on its day."""

    session: UUID
    day: date
    starts_at: datetime
    site_id: UUID
    site: str
    adults: int
    taken: int
    rules: tuple[str, ...]


class Lapse(msgspec.Struct, frozen=True, kw_only=True):
    """A placement that is worse from the day ``on``. ``loses``: work must stop; else it goes on under conditions only.

    ``already``: it is not cleared today. ``causes`` are the rules that are worse on that day, ``sessions`` those of the
    person's that fall on a day on which they may not work, ``steps`` the step for every rule named by those sessions.
    """

    placement: UUID
    person: UUID
    name: str
    called: str
    title: str
    site_id: UUID
    site: str
    partner_id: UUID | None
    partner: str
    placed: bool
    invented: bool
    on: date
    already: bool
    loses: bool
    kind: str
    word: str
    causes: tuple[Cause, ...]
    sessions: tuple[Ahead, ...]
    steps: tuple[Step, ...]

    @property
    def through(self) -> date:
        """The last good day."""
        return self.on - timedelta(days=1)


async def of_window(
    transaction: PostgresTransaction, tenant: str, days: int, partner: UUID | None = None
) -> tuple[date, list[Lapse]]:
    """Today, and what gets worse through ``days`` from it, with who has sessions ahead without being cleared; soonest first.

    Inside a tenant_transaction. ``partner`` narrows it to the people who come with an organisation.
    """
    rules, now = await in_force.rules(), clock.now()
    zone, promise_days = await queries.district(transaction, tenant)
    today = clock.today(zone)
    last = today + timedelta(days=days)
    rows = await queries.candidates(transaction, today=today, last=last, partner=partner)
    rows += await queries.uncleared(transaction, now=now, partner=partner)
    people = {row["person"] for row in rows}
    held = _by_person(await queries.evidence(transaction, people))
    papers: dict[UUID, dict[str, Any]] = {}
    taken: dict[UUID, list[dict[str, Any]]] = {}
    for paper in await queries.papers(transaction, people):
        papers.setdefault(paper["person"], {})[paper["kind"]] = paper
    for session in await queries.sessions(transaction, people, now=now, time_zone=zone):
        taken.setdefault(session["person"], []).append(session)
    look = _Look(rules, today, last, promise_days)
    found = []
    for row in rows:
        mine = [s for s in taken.get(row["person"], ()) if _of(s, row)]
        lapse = look.lapse(row, held.get(row["person"], ()), papers.get(row["person"], {}), mine)
        if lapse is not None:
            found.append(lapse)
    return today, sorted(found, key=lambda lapse: (lapse.on, lapse.name, lapse.title, str(lapse.placement)))


def _by_person(rows: Iterable[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["person"], []).append({**row, "detail": msgspec.json.decode(row["detail"])})
    return found


def _of(session: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    if row["ends_on"] is not None and session["day"] > row["ends_on"]:
        return False
    if session["placement"] is not None:
        return bool(session["placement"] == row["placement"])
    return bool(session["position"] == row["position"])


class _Look:
    """Takes decisions again on days ahead, under the rules that count then."""

    def __init__(self, rules: in_force.Rules, today: date, last: date, promise_days: int | None) -> None:
        self.rules, self.today, self.last, self.promise_days = rules, today, last, promise_days
        self._places: dict[date, readiness.Here] = {}

    def _decide(self, case: Case, site: UUID, day: date) -> Decision:
        if day not in self._places:
            self._places[day] = self.rules.on(day)
            self._places[day].rules_hash  # noqa: B018  worked out once here, it goes along to every site
        return readiness.decide_here(case, self._places[day].at(site), day)

    def lapse(
        self,
        row: Mapping[str, Any],
        evidence: Iterable[Mapping[str, Any]],
        papers: Mapping[str, Any],
        sessions: list[dict[str, Any]],
    ) -> Lapse | None:
        """The lapse of one placement, or None if nothing is worse within the window."""
        person = {"born_on": row["born_on"], "facts": msgspec.json.decode(row["facts"])}
        case = readiness.assemble(self.rules.jurisdiction, person, evidence, msgspec.json.decode(row["terms"]), row["starts_on"])
        site = row["site_id"]
        before = readiness.stored(row["body"])
        stale = row["holds_until"] is not None and row["holds_until"] <= self.today
        until = max([self.last, *(s["day"] for s in sessions)])
        spans = self._spans(case, site, self._decide(case, site, self.today) if stale else before, until)
        first = self._first_worse(before, spans)
        if first is None:
            return None
        on, then = first
        ends = row["ends_on"]
        if ends is not None and ends < on:
            return None
        lost = tuple(_ahead(s, spans) for s in sessions if not _at(spans, s["day"]).outcome.clears)
        worse = _worse(before, then) or [f for f in then.findings if not f.effect.clears]
        named = {rule for ahead in lost for rule in ahead.rules}
        kind, word = standing.OUTCOMES[then.outcome.value]
        return Lapse(
            placement=row["placement"],
            person=row["person"],
            name=full_name(row["given_name"], row["family_name"]),
            called=row["called"] or row["given_name"],
            title=row["title"],
            site_id=row["site_id"],
            site=row["site"],
            partner_id=row["partner_id"],
            partner=row["partner"] or "",
            placed=row["state"] == "placed",
            invented=row["invented"],
            on=on,
            already=on <= self.today,
            loses=not then.outcome.clears,
            kind=kind,
            word=word,
            causes=self._causes(then, worse, on, case, papers),
            sessions=lost,
            steps=self._all_steps(spans, named, case, papers),
        )

    def _spans(self, case: Case, site: UUID, decision: Decision, until: date) -> list[tuple[date, Decision]]:
        """The decision of each stretch of days, from today through ``until``."""
        spans = [(self.today, decision)]
        while len(spans) < _CHANGES and decision.holds_until is not None and decision.holds_until <= until:
            day = max(decision.holds_until, spans[-1][0] + timedelta(days=1))
            decision = self._decide(case, site, day)
            spans.append((day, decision))
        return spans

    def _first_worse(self, before: Decision, spans: list[tuple[date, Decision]]) -> tuple[date, Decision] | None:
        """The first day in the window on which work must stop, else the first on which it is open under conditions only."""
        worse = None
        for day, then in spans:
            if day > self.last:
                break
            if not then.outcome.clears:
                return day, then
            if worse is None and then.outcome.severity > before.outcome.severity and _worse(before, then):
                worse = (day, then)
        return worse

    def _causes(self, then: Decision, worse: list[Finding], on: date, case: Case, papers: Mapping[str, Any]) -> tuple[Cause, ...]:
        held = {item.id: item for item in case.evidence}
        found = {finding.rule: held.get(finding.evidence or "") for finding in worse}
        return tuple(
            Cause(step=step, evidence=kind_name(item.kind) if item else "", issued_on=item.issued_on if item else None)
            for step in self._steps(then, worse, on, case.evidence, papers)
            for item in [found[step.rule]]
        )

    def _all_steps(
        self, spans: list[tuple[date, Decision]], named: set[str], case: Case, papers: Mapping[str, Any]
    ) -> tuple[Step, ...]:
        """The step of each of these rules, on the first day on which it stands in the way."""
        found: dict[str, Step] = {}
        for day, then in spans:
            wanted = [f for f in then.findings if f.rule in named and f.rule not in found and not f.effect.clears]
            for step in self._steps(then, wanted, day, case.evidence, papers):
                found[step.rule] = step
        return tuple(found.values())

    def _steps(
        self, then: Decision, wanted: list[Finding], on: date, evidence: tuple[Evidence, ...], papers: Mapping[str, Any]
    ) -> tuple[Step, ...]:
        return steps(then, on=on, findings=wanted, evidence=evidence, papers=papers, promise_days=self.promise_days)


def _worse(before: Decision, then: Decision) -> list[Finding]:
    """The findings that do more to the outcome than they did, and more than advise."""
    did = {finding.rule: finding.effect.severity for finding in before.findings}
    return [f for f in then.findings if f.effect.severity > max(did.get(f.rule, 0), 1)]


def _at(spans: list[tuple[date, Decision]], day: date) -> Decision:
    return next((decision for start, decision in reversed(spans) if start <= day), spans[0][1])


def _ahead(session: Mapping[str, Any], spans: list[tuple[date, Decision]]) -> Ahead:
    decision = _at(spans, session["day"])
    return Ahead(
        session=session["session"],
        day=session["day"],
        starts_at=session["starts_at"],
        site_id=session["site_id"],
        site=session["site"],
        adults=session["adults"],
        taken=session["taken"],
        rules=tuple(f.rule for f in decision.findings if not f.effect.clears),
    )
