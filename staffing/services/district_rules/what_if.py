"""What a change of the rules would do, before it is made: everybody is decided under the rules as they are and as they would be.

Nothing is written, and there is no second rule logic: both answers come from ``readiness.decide_here``. Placements are read and
decided a batch at a time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from staffing.core.case import Case
from staffing.core.errors import Invalid
from staffing.core.findings import Decision, Finding, State
from staffing.core.names import fold, full_name
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, in_force, waivers
from staffing.services.district_rules.changes import Change
from staffing.services.district_rules.impact import Affected, Impact, RuleEffect, SessionLoss
from staffing.services.district_rules.in_force import Here, Rules
from staffing.store.engine import tenant_transaction
from staffing.store.queries import everybody
from staffing.store.tables import Tenant

#: How many days after the day asked about are looked at, for sessions and for what will be needed.
AHEAD = 90
#: The farthest day that may be asked about.
FARTHEST = timedelta(days=3 * 366)
#: Placements decided at a time, and people named in a list; all are counted.
BATCH = 100
NAMED = 200
#: Days on which one person's answer may change within the window before the rest is left to the last of them.
_CHANGES = 60


async def impact(actor: Actor, change: Change, on: date | None = None) -> Impact:
    """What the change would do to everybody placed or wishing to be, on a day (its first by default). Writes nothing.

    Raises what ``changes.then`` raises, and ``Invalid`` for a day that is past or too far ahead.
    """
    changes.may(actor, change)
    async with tenant_transaction(actor.tenant) as transaction:
        await transaction.connection.execute("SET TRANSACTION READ ONLY")
        before = await in_force.rules()
        today = (await in_force.here()).today
        if isinstance(change, changes.RecordWaiver):
            await waivers.check_site(change.waiver.site)
        after = changes.then(change, before, today)
        begins = max(changes.first_day(change), today)
        day = begins if on is None else on
        if not today <= day <= today + FARTHEST:
            words = "Ask about today or a later day, at most three years ahead."
            raise Invalid(words, {"on": words})
        rows = await Tenant.select(Tenant.time_zone).where(Tenant.id == actor.tenant)
        zone = ZoneInfo(rows[0]["time_zone"])
        comparison = _Comparison(before, after, day)
        last: UUID | None = None
        while placements := await everybody.placements(transaction, last, BATCH):
            last = placements[-1]["id"]
            people = {row["person"] for row in placements}
            held = _by_person(await everybody.evidence(transaction, people))
            begin, end = (datetime.combine(d, time(), zone) for d in (day, comparison.until + timedelta(days=1)))
            taken = _by_person(await everybody.assignments(transaction, people, begin, end, zone.key))
            for row in placements:
                comparison.add(row, held.get(row["person"], []), taken.get(row["person"], []))
    return comparison.impact(begins, before.fingerprint)


def _by_person(rows: Iterable[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if isinstance(row.get("detail"), str):
            row["detail"] = msgspec.json.decode(row["detail"])
        found.setdefault(row["person"], []).append(row)
    return found


class _Session(msgspec.Struct, kw_only=True):
    """A future session and how many of its adults are cleared before and after."""

    day: date
    wanted: int
    site: str
    organisation: str
    before: int = 0
    after: int = 0


class _Comparison:
    """Adds up both answers, a placement at a time."""

    def __init__(self, before: Rules, after: Rules, on: date) -> None:
        self.before, self.after, self.on = before, after, on
        self.until = on + timedelta(days=AHEAD)
        self._places: dict[tuple[bool, date], Here] = {}
        self.counts = dict.fromkeys(("stopped", "freed", "later", "ready", "not", "more"), 0)
        self.named: dict[str, list[tuple[tuple[str, str], Affected]]] = {"stopped": [], "freed": [], "later": []}
        self.rules: dict[str, RuleEffect] = {}
        self.sessions: dict[UUID, _Session] = {}

    def _place(self, day: date, *, changed: bool) -> Here:
        key = changed, day
        if key not in self._places:
            self._places[key] = (self.after if changed else self.before).on(day)
        return self._places[key]

    def _both(self, case: Case, site: UUID, day: date) -> tuple[Decision, Decision]:
        one, other = (readiness.decide_here(case, self._place(day, changed=c).at(site), day) for c in (False, True))
        return one, other

    def _course(self, case: Case, site: UUID) -> list[tuple[date, Decision, Decision]]:
        """Both answers from the day asked about on: each stretch of days by its first."""
        stretches: list[tuple[date, Decision, Decision]] = []
        day: date | None = self.on
        while day is not None and day <= self.until and len(stretches) < _CHANGES:
            both = self._both(case, site, day)
            stretches.append((day, *both))
            day = min((d.holds_until for d in both if d.holds_until and d.holds_until > day), default=None)
        return stretches

    def add(self, row: Mapping[str, Any], evidence: list[dict[str, Any]], assignments: list[dict[str, Any]]) -> None:
        """Decide one placement both ways."""
        if row["ends_on"] is not None and row["ends_on"] < self.on:
            return
        person = {"born_on": row["born_on"], "facts": msgspec.json.decode(row["facts"])}
        terms = msgspec.json.decode(row["terms"])
        case = readiness.assemble(self.before.jurisdiction, person, evidence, terms, row["starts_on"])
        course = self._course(case, row["site"])
        self._count(row, course)
        for assignment in assignments:
            if assignment["placement"] == row["id"] or (
                assignment["placement"] is None and assignment["position"] == row["position"]
            ):
                self._session(assignment, course)

    def _count(self, row: Mapping[str, Any], course: list[tuple[date, Decision, Decision]]) -> None:
        _, before, after = course[0]
        was, is_ = before.outcome.clears, after.outcome.clears
        if was and not is_:
            self._note("stopped", row, _stopping(after, before), "stops")
        elif is_ and not was:
            self._note("freed", row, _stopping(before, after), "frees")
        elif not is_:
            self.counts["not"] += 1
            if more := _stopping(after, before):
                self.counts["more"] += 1
                self._tally(more, "adds")
        elif found := _later(course):
            day, findings = found
            self.counts["ready"] += 1
            self._note("later", row, findings, "stops_later", day)
        else:
            self.counts["ready"] += 1

    def _note(self, kind: str, row: Mapping[str, Any], findings: list[Finding], effect: str, by: date | None = None) -> None:
        self.counts[kind] += 1
        self._tally(findings, effect)
        affected = Affected(
            person=row["person"],
            placement=row["id"],
            name=full_name(row["given_name"], row["family_name"]),
            title=row["title"],
            site=row["site_name"],
            organisation=row["organisation"],
            placed=row["state"] == "placed",
            invented=row["invented"],
            rules=tuple(finding.title for finding in findings),
            by=by,
        )
        people = self.named[kind]
        people.append(((fold(affected.name), str(affected.placement)), affected))
        if len(people) >= 2 * NAMED:
            self.named[kind] = heapq.nsmallest(NAMED, people, key=lambda one: one[0])

    def _tally(self, findings: list[Finding], effect: str) -> None:
        for finding in findings:
            if finding.rule not in self.rules:
                self.rules[finding.rule] = RuleEffect(
                    rule=finding.rule,
                    title=finding.title,
                    citation=finding.citation,
                    overlay=finding.layer.value == "district_policy",
                )
            known = self.rules[finding.rule]
            setattr(known, effect, getattr(known, effect) + 1)
            if finding.remedy is not None and not known.who:
                known.who, known.what = finding.remedy.who.value, str(finding.remedy.what)
                known.cost, known.usual_days = finding.remedy.cost or "", finding.remedy.usual_days

    def _session(self, assignment: Mapping[str, Any], course: list[tuple[date, Decision, Decision]]) -> None:
        session = self.sessions.get(assignment["session"])
        if session is None:
            session = self.sessions[assignment["session"]] = _Session(
                day=assignment["day"],
                wanted=assignment["adults"],
                site=assignment["site"],
                organisation=assignment["organisation"],
            )
        _, before, after = next(stretch for stretch in reversed(course) if stretch[0] <= max(session.day, self.on))
        session.before += before.outcome.clears
        session.after += after.outcome.clears

    def impact(self, begins: date, seen: str) -> Impact:
        """All of it added up."""
        losses: dict[tuple[str, str], SessionLoss] = {}
        for session in self.sessions.values():
            if session.after < session.before:
                key = session.site, session.organisation
                loss = losses.setdefault(key, SessionLoss(site=session.site, organisation=session.organisation))
                loss.sessions += 1
                loss.short += session.after < session.wanted
                loss.adults += session.before - session.after
                loss.first = min(loss.first or session.day, session.day)
        counts = self.counts
        people = {
            kind: tuple(one for _, one in heapq.nsmallest(NAMED, found, key=lambda one: one[0]))
            for kind, found in self.named.items()
        }
        return Impact(
            on=self.on,
            until=self.until,
            begins=begins,
            placements=sum(counts[kind] for kind in ("stopped", "freed", "ready", "not")),
            stopped=counts["stopped"],
            freed=counts["freed"],
            needs_later=counts["later"],
            still_ready=counts["ready"],
            still_not=counts["not"],
            more=counts["more"],
            stopped_people=people["stopped"],
            freed_people=people["freed"],
            later_people=people["later"],
            rules=tuple(sorted(self.rules.values(), key=_weight)),
            sessions=tuple(sorted(losses.values(), key=lambda loss: (loss.first or date.max, loss.site, loss.organisation))),
            sessions_losing=sum(loss.sessions for loss in losses.values()),
            sessions_short=sum(loss.short for loss in losses.values()),
            rules_before=self._place(self.on, changed=False).rules_hash,
            rules_after=self._place(self.on, changed=True).rules_hash,
            seen=seen,
        )


def _stopping(here: Decision, there: Decision) -> list[Finding]:
    """The findings that stop work here and not there, by rule. Where only the weight of one changed, that one."""
    other = {finding.rule for finding in there.findings if not finding.effect.clears}
    return [finding for finding in here.findings if not finding.effect.clears and finding.rule not in other]


def _weight(effect: RuleEffect) -> tuple[int, int, int, int, str, str]:
    """What stops most people comes first."""
    return -effect.stops, -effect.frees, -effect.stops_later, -effect.adds, effect.title, effect.rule


def _later(course: list[tuple[date, Decision, Decision]]) -> tuple[date | None, list[Finding]] | None:
    """The first later day on which somebody would no longer be cleared and now would be, and by which rules.

    Also something asked for by the new rules that may be brought meanwhile (provisional service); its day is when that ends.
    """
    for day, before, after in course[1:]:
        if before.outcome.clears and not after.outcome.clears:
            return day, _stopping(after, before)
    _, before, after = course[0]
    known = {finding.rule for finding in before.findings if finding.state in _ASKING}
    new = [finding for finding in after.findings if finding.state in _ASKING and finding.rule not in known]
    if not new:
        return None
    ends = [finding.holds_until for finding in new if finding.holds_until is not None]
    return min(ends, default=None), new


#: States of a rule that lets work go on while something is still to be brought.
_ASKING = frozenset({State.PROVISIONAL, State.PENDING})
