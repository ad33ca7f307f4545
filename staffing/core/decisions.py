"""``decide``: every rule applied to one case, put together. Pure: the same arguments give the same decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import msgspec

from staffing.core import case_name, reasons, waivers
from staffing.core.assessment import Assessed, Rule, assess, group_day, unchecked
from staffing.core.case import Case
from staffing.core.conditions import PredicateFailed
from staffing.core.facts import CaseView
from staffing.core.findings import Actor, Decision, Effect, Finding, Layer, Remedy, SessionOutcome, State, Text, worst
from staffing.core.rules import Era, RuleBook, chain

#: How many coming days are looked at before one is given that may turn out to change nothing.
_LOOKS_AHEAD = 12

_RELAXED = frozenset({Effect.ALLOW, Effect.ADVISE})


def decide(case: Case, rules: RuleBook, on: date) -> Decision:
    """May this person do this work on this day, and what stands in the way?

    A case with sessions is decided on each session's own day; the outcome is the worst of them and ``on`` is not used beyond
    being recorded. Each rule then reports its worst finding. ``holds_until`` is the first day on which the outcome, or what
    one rule does to it, changes by itself; a rule that begins to advise (renew soon) does not count as a change.
    """
    if not case.sessions:
        return put_together(case, rules, on, _on(case, rules, on))
    days = sorted({session.on for session in case.sessions})
    each = {day: _on(case, rules, day) for day in days}
    decided = {day: put_together(case, rules, day, each[day], hashes=False) for day in days}
    by_rule: dict[str, Finding] = {}
    for day in days:
        for finding in decided[day].findings:
            kept = by_rule.get(finding.rule)
            if kept is None or finding.effect.severity > kept.effect.severity:
                by_rule[finding.rule] = finding
    outcomes = tuple(
        SessionOutcome(
            on=session.on,
            outcome=decided[session.on].outcome,
            rules=tuple(f.rule for f in decided[session.on].standing),
        )
        for session in sorted(case.sessions, key=lambda s: s.on)
    )
    return Decision(
        on=on,
        outcome=worst(o.outcome for o in outcomes),
        findings=tuple(sorted(by_rule.values(), key=order)),
        holds_until=min((d.holds_until for d in decided.values() if d.holds_until), default=None),
        sessions=outcomes,
        case_hash=case_hash(case),
        rules_hash=rules.digest,
    )


def put_together(case: Case, rules: RuleBook, on: date, assessed: list[Assessed], *, hashes: bool = True) -> Decision:
    """One day's findings as a decision."""
    findings = sorted((one.finding for one in assessed), key=order)
    return Decision(
        on=on,
        outcome=worst(finding.effect for finding in findings),
        findings=tuple(findings),
        holds_until=_holds_until(case, rules, on, assessed),
        case_hash=case_hash(case) if hashes else "",
        rules_hash=rules.digest if hashes else "",
    )


def with_findings(
    decision: Decision, more: Sequence[Finding], by_day: Mapping[date, Sequence[Finding]] | None = None
) -> Decision:
    """A decision with further findings, such as a plugin's. They can only make it stricter or sooner to be looked at again.

    ``by_day`` holds those of single sessions by their day: each session gets its own, and of a rule the worst is reported.
    """
    daily = by_day or {}
    every = [*more, *(f for found in daily.values() for f in found)]
    worst_of: dict[str, Finding] = {}
    for finding in every if daily else ():
        known = worst_of.get(finding.rule)
        if known is None or finding.effect.severity > known.effect.severity:
            worst_of[finding.rule] = finding
    added = list(worst_of.values()) if daily else every
    days = [f.holds_until for f in every if f.holds_until is not None and f.holds_until > decision.on]
    if decision.holds_until:
        days.append(decision.holds_until)
    sessions = tuple(_with(session, [*more, *daily.get(session.on, ())]) for session in decision.sessions)
    return msgspec.structs.replace(
        decision,
        outcome=worst((decision.outcome, *(f.effect for f in added))),
        findings=tuple(sorted((*decision.findings, *added), key=order)),
        holds_until=min(days, default=None),
        sessions=sessions,
    )


def _with(session: SessionOutcome, more: Sequence[Finding]) -> SessionOutcome:
    rules = (*session.rules, *(f.rule for f in more if f.effect is not Effect.ALLOW))
    return msgspec.structs.replace(session, outcome=worst((session.outcome, *(f.effect for f in more))), rules=rules)


def order(finding: Finding) -> tuple[int, str]:
    """The order of findings in a decision: the most severe first."""
    return -finding.effect.severity, finding.rule


def _on(case: Case, rules: RuleBook, on: date) -> list[Assessed]:
    """Every rule of the jurisdiction, those above it and the overlays, on one day."""
    view = CaseView(case, on, rules.specs)
    era = rules.era(case.jurisdiction, case.overlays, on)
    oldest: dict[str, date] = {}
    for group, members in era.groups.items():
        days = [day for rule in members if (day := day_towards_group(rule, view)) is not None]
        if days:
            oldest[group] = min(days)
    found = [assessed_of(rule, view, oldest.get(rule.group)) for rule in era.rules]
    found.extend(beside_the_rules(view, rules, era))
    return found


def day_towards_group(rule: Rule, view: CaseView) -> date | None:
    """The day of the rule's item that counts towards the oldest of its group; none if its predicate fails."""
    try:
        return group_day(rule, view)
    except PredicateFailed:
        return None  # the rule itself blocks


def assessed_of(rule: Rule, view: CaseView, oldest: date | None) -> Assessed:
    """The rule's finding; a rule whose predicate fails blocks and says so."""
    try:
        return assess(rule, view, oldest)
    except PredicateFailed as error:
        return Assessed(unchecked(rule, str(error)))


def beside_the_rules(view: CaseView, rules: RuleBook, era: Era) -> list[Assessed]:
    """What is to be said of a case besides its rules. Of the person nothing is read."""
    return [Assessed(finding) for finding in (*_not_covered(view.case, rules, era), *_refused(view, era))]


def _holds_until(case: Case, rules: RuleBook, on: date, assessed: list[Assessed]) -> date | None:
    """The first day ahead on which what the rules do changes."""
    return first_change(_ahead(case, rules, on, assessed), lambda day: ahead_on(case, rules, day))


class Ahead(msgspec.Struct, frozen=True):
    """What the rules do on a day, by rule, leaving out what clears and what merely advises; and when that may change.

    ``certain`` is the first day that is sure to end something, ``perhaps`` the first that is worth another look.
    """

    doings: Mapping[str, Effect]
    certain: date | None
    perhaps: date | None


def first_change(now: Ahead, on: Callable[[date], Ahead]) -> date | None:
    """The first day on which what the rules do changes. Certain days are taken at once, others looked at."""
    then, day = now, None
    for _ in range(_LOOKS_AHEAD):
        if then.perhaps is None or (then.certain is not None and then.certain <= then.perhaps):
            return then.certain
        day = then.perhaps
        then = on(day)
        if then.doings != now.doings:
            return day
    return day


def _ahead(case: Case, rules: RuleBook, on: date, assessed: list[Assessed]) -> Ahead:
    certain = min((one.certain for one in assessed if one.certain is not None), default=None)
    perhaps = [day for one in assessed for day in one.perhaps]
    if (ends := rules.era(case.jurisdiction, case.overlays, on).ends) is not None:
        perhaps.append(ends)
    return Ahead(_doings(assessed), certain, min(perhaps, default=None))


def ahead_on(case: Case, rules: RuleBook, on: date) -> Ahead:
    """What the rules do in a case on a day, and when that may change."""
    return _ahead(case, rules, on, _on(case, rules, on))


def _doings(assessed: list[Assessed]) -> dict[str, Effect]:
    return {one.finding.rule: one.finding.effect for one in assessed if one.finding.effect not in _RELAXED}


def _refused(view: CaseView, era: Era) -> Iterable[Finding]:
    """A waiver that names a rule nobody may waive changes nothing, and it is said so."""
    for waiver, requirement in waivers.refused(tuple(rule.requirement for rule in era.rules), view):
        yield Finding(
            rule=f"staffing.waiver_refused.{waiver.id}",
            title="Waivers",
            layer=requirement.layer,
            state=State.NEEDS_REVIEW,
            effect=Effect.ADVISE,
            reason=Text(reasons.NOT_WAIVABLE, {"waiver": waiver.id, "rule": requirement.title}),
            citation=", ".join(waiver.sections),
            remedy=Remedy(Actor.DISTRICT, Text("Follow the rule, and ask counsel about the waiver.")),
            plugin="staffing",
        )


def _not_covered(case: Case, rules: RuleBook, era: Era) -> Iterable[Finding]:
    """Findings for what this rule book cannot decide, so that nothing passes silently."""
    district = Remedy(Actor.DISTRICT, Text("Decide by hand, and record why."))
    if not rules.has(chain(case.jurisdiction)[0]):
        text = Text(reasons.NO_PACK, {"jurisdiction": case.jurisdiction})
        yield _hold("staffing.no_pack", "Rules of the state", Layer.STATE_LAW, text, district)
    elif not era.decides(case.jurisdiction):
        text = Text(reasons.UNDER_REVIEW, {"jurisdiction": case.jurisdiction})
        yield _hold("staffing.under_review", "Rules of the state", Layer.STATE_LAW, text, district)
    for overlay in case.overlays:
        if not rules.has_overlay(overlay):
            text = Text(reasons.NO_OVERLAY, {"overlay": overlay})
            yield _hold(
                "staffing.no_overlay",
                "Rules of the district",
                Layer.DISTRICT_POLICY,
                text,
                Remedy(Actor.ADMINISTRATOR, Text("Load the pack.")),
            )
    if case.agreements and not rules.agreements_read:
        yield _hold("staffing.agreements", "Labor agreements", Layer.AGREEMENT, Text(reasons.AGREEMENTS), district)


def _hold(rule: str, title: str, layer: Layer, reason: Text, remedy: Remedy) -> Finding:
    return Finding(
        rule=rule,
        title=title,
        layer=layer,
        state=State.UNKNOWN,
        effect=Effect.HOLD,
        reason=reason,
        remedy=remedy,
        plugin="staffing",
    )


def case_hash(case: Case) -> str:
    """A name for exactly this case: the same values in any order give the same one."""
    return case_name.of(case)
