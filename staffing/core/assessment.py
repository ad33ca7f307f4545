"""One requirement, one case, one day: the finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from staffing.core import calendar, holdings, limits, reasons, waivers
from staffing.core.conditions import Condition
from staffing.core.facts import CaseView
from staffing.core.findings import Actor, Effect, Finding, Remedy, State, Text
from staffing.core.holdings import Standing
from staffing.core.limits import Limit
from staffing.core.packs import Requirement, TermsVersion, Version
from staffing.core.provisional import passing
from staffing.core.waivers import Waiver

#: A met requirement that lapses within this many days is shown as expiring.
EXPIRING_DAYS = 60

_RELAXED = frozenset({Effect.ALLOW, Effect.ADVISE})
_ACCEPTING_NOTHING = frozenset({State.NOT_REQUIRED, State.EXEMPT, State.NEEDS_REVIEW})


class Rule:
    """A requirement with the version and the provisional terms in force, made ready for many cases."""

    __slots__ = ("accepts", "blank", "conditions", "facts", "group", "kinds", "requirement", "terms", "timed", "version")

    def __init__(self, requirement: Requirement, version: Version | None, terms: TermsVersion | None) -> None:
        self.requirement = requirement
        self.version = version
        self.terms = terms
        self.group = ""
        self.conditions: tuple[Condition, ...] = ()
        self.accepts: tuple[str, ...] = ()
        self.facts: tuple[str, ...] = ()
        self.timed: tuple[Condition, ...] = ()
        #: What all its findings have in common.
        self.blank = _blank(requirement, version)
        if version is None or version.no_rule:
            return
        self.group = version.validity.group
        self.conditions = (
            version.applies_when,
            *(exemption.when for exemption in version.unless),
            *(must.when for must in version.must),
            *(band.when for band in version.ratio),
            *(alternative.when for alternative in version.accepts),
            *([terms.when] if terms else []),
        )
        self.accepts = tuple(dict.fromkeys(item.kind for alternative in version.accepts for item in alternative.items))
        self.timed = tuple(c for c in self.conditions if c.timed)
        limits_read = limits.facts(version)
        self.facts = tuple(dict.fromkeys((*(name for c in self.conditions for name in c.facts), *limits_read)))


class Assessed(msgspec.Struct, frozen=True):
    """A finding, with the days on which it could change: ``certain`` ones end it, ``perhaps`` are worth another look.

    ``standing`` is how the evidence stands; None where the finding was come to without asking that.
    """

    finding: Finding
    certain: date | None = None
    perhaps: tuple[date, ...] = ()
    standing: Standing | None = None


def group_day(rule: Rule, view: CaseView) -> date | None:
    """The day of the item that counts towards the oldest of a group, if this rule asks for one here."""
    version = rule.version
    if version is None or version.applies_when.test(view) is False or any(e.when.test(view) for e in version.unless):
        return None
    standing = holdings.best(version, view)
    return standing.issued_on if standing.grouped else None


def assess(rule: Rule, view: CaseView, oldest: date | None = None) -> Assessed:
    """The finding for a rule. ``oldest`` is the day of the oldest item of the rule's group."""
    version = rule.version
    if version is None or version.no_rule:
        reason = Text("No such rule was in force on this day.") if version is None else reasons.plain(version.no_rule)
        return Assessed(_finding(rule, view, State.NOT_REQUIRED, Effect.ALLOW, reason))
    applies = version.applies_when.test(view)
    if applies is False:
        reason = Text("Does not apply to this work.")
        return _timed(rule, view, _finding(rule, view, State.NOT_REQUIRED, Effect.ALLOW, reason))
    if not version.confidence.decides:
        reason = Text(
            "The source of this rule is not confirmed, so it neither clears nor stops anyone; a person should review it."
        )
        return _timed(rule, view, _finding(rule, view, State.NEEDS_REVIEW, Effect.ADVISE, reason))
    if rule.requirement.clearance and (bad := holdings.not_clear(version, view)):
        review = Remedy(Actor.DISTRICT, Text("Review the result with the person before deciding."))
        finding = _finding(rule, view, State.DISQUALIFIED, Effect.BLOCK, reasons.NOT_CLEAR, remedy=review, evidence=bad.id)
        return _timed(rule, view, finding)
    undecided = applies is None
    unknown = list(version.applies_when.unknowns(view)) if undecided else []
    for exemption in version.unless:
        exempt = exemption.when.test(view)
        if exempt:
            return _timed(rule, view, _finding(rule, view, State.EXEMPT, Effect.ALLOW, reasons.plain(exemption.reason)))
        if exempt is None and not exemption.only_if_stated:
            undecided = True
            unknown.extend(exemption.when.unknowns(view))
    if version.must or version.ratio:
        limit = limits.kept(version, view)
        if limit.state is State.VIOLATED and undecided:
            return _waived_or(rule, view, _undecided(rule, version, view, holdings.MISSING, tuple(dict.fromkeys(unknown))))
        if limit.state is not State.MET:
            return _waived_or(rule, view, _limited(rule, view, limit))
        if not version.accepts:
            return _timed(rule, view, _finding(rule, view, State.MET, Effect.ALLOW, limit.reason))
    standing = holdings.best(version, view, oldest)
    if standing.state is State.MET:
        assessed = _met(rule, view, standing)
    else:
        without = _without(rule, version, view, standing, tuple(dict.fromkeys(unknown)) if undecided else None)
        assessed = _waived_or(rule, view, without)
    return msgspec.structs.replace(assessed, standing=standing)


def _without(rule: Rule, version: Version, view: CaseView, standing: Standing, unknown: tuple[str, ...] | None) -> Assessed:
    """The item is not in. ``unknown`` are the facts missing to tell whether it is asked for at all (None: it is)."""
    if provisional := _provisional(rule, version, view, standing):
        return provisional
    if unknown is not None:
        return _undecided(rule, version, view, standing, unknown)
    return _unmet(rule, version, view, standing)


def _limited(rule: Rule, view: CaseView, limit: Limit) -> Assessed:
    """Something that must be so is not, or nobody told."""
    remedy = reasons.ask(limit.unknown, view) or _remedy(rule)
    finding = _finding(rule, view, limit.state, limit.effect, limit.reason, remedy=remedy, unknown=limit.unknown)
    return _timed(rule, view, finding)


def _waived_or(rule: Rule, view: CaseView, assessed: Assessed) -> Assessed:
    """The same, or ``waived`` where a waiver in force names the rule. One that has ended is said to have ended."""
    found = waivers.relaxing(rule.requirement, view) if assessed.finding.effect not in _RELAXED else ()
    if not found:
        return assessed
    begin = tuple(waiver.since for waiver in found if waiver.since > view.on)
    if now := next((waiver for waiver in found if waiver.counts_on(view.on)), None):
        values = {"waiver": now.id, "through": now.until.isoformat() if now.until else ""}
        reason = Text("Waived by {waiver}.", values)
        if now.until:
            reason = Text("Waived by {waiver}, through {through}.", values)
        finding = _finding(rule, view, State.WAIVED, Effect.ALLOW, reason)
        return _timed(rule, view, finding, now.until + timedelta(days=1) if now.until else None)
    ended = [waiver for waiver in found if waiver.until and waiver.until < view.on]
    if ended:
        assessed = msgspec.structs.replace(assessed, finding=_after(ended[0], assessed.finding, view))
    return _later(view, assessed, begin) if begin else assessed


def _after(waiver: Waiver, finding: Finding, view: CaseView) -> Finding:
    """What a rule says once its waiver has ended: the rule counts again, and work that relied on the waiver is held at least.

    Nobody who began under a waiver goes on, without a word, under milder terms that the rule itself may have.
    """
    change = msgspec.structs.replace
    values = {"waiver": waiver.id, "through": waiver.until.isoformat() if waiver.until else ""}
    if finding.effect.severity < Effect.HOLD.severity and waiver.covered_start(view.get("placement.starts_on")):
        reason = Text(
            "The waiver {waiver} ended on {through}, and this work relied on it. It is on hold until the waiver is renewed "
            "or what the rule asks for is in.",
            values,
        )
        return change(finding, state=State.EXPIRED, effect=Effect.HOLD, reason=reason)
    return change(finding, reason=Text("The waiver {waiver} ended on {through}, so the rule counts again.", values))


def _later(view: CaseView, assessed: Assessed, days: tuple[date, ...]) -> Assessed:
    """The same, to be looked at again on further days."""
    ends = [day for day in (assessed.finding.holds_until, *days) if day is not None and day > view.on]
    return Assessed(
        msgspec.structs.replace(assessed.finding, holds_until=min(ends, default=None)),
        assessed.certain,
        (*assessed.perhaps, *days),
    )


def _undecided(rule: Rule, version: Version, view: CaseView, standing: Standing, unknown: tuple[str, ...]) -> Assessed:
    """Whether the rule applies cannot be told: for want of facts, or because a plugin's predicate does not say."""
    held = standing.evidence
    reason = reasons.unknown(unknown, view) if unknown else Text("Whether this applies could not be told.")
    remedy = reasons.ask(unknown, view) or Remedy(Actor.DISTRICT, Text("Decide by hand, and record why."))
    finding = _finding(
        rule, view, State.UNKNOWN, version.missing, reason, remedy=remedy, evidence=held.id if held else None, unknown=unknown
    )
    return _timed(rule, view, finding)


def unchecked(rule: Rule, why: str) -> Finding:
    """A rule that could not be applied: it blocks, for nobody is cleared on the strength of a rule that was not checked."""
    requirement, version = rule.requirement, rule.version
    return Finding(
        rule=requirement.id,
        title=requirement.title,
        layer=requirement.layer,
        state=State.UNKNOWN,
        effect=Effect.BLOCK,
        reason=Text("{why} Nobody is cleared on the strength of a rule that was not checked.", {"why": why}),
        ref=requirement.ref,
        citation=version.citation if version else "",
        jurisdiction=requirement.jurisdiction,
        remedy=Remedy(Actor.ADMINISTRATOR, Text("See the list of plugins.")),
        purpose=requirement.why,
        clearance=requirement.clearance,
        plugin=requirement.plugin,
    )


def _met(rule: Rule, view: CaseView, standing: Standing) -> Assessed:
    through = standing.through
    held = standing.evidence
    effect, state = Effect.ALLOW, State.MET
    if through is None:
        reason = Text("On record, with no end date.")
    else:
        reason = Text("On record, good through {through}.", {"through": through.isoformat()})
        if (through - view.on).days <= EXPIRING_DAYS:
            effect, state = Effect.ADVISE, State.EXPIRING
            reason = Text("On record, good only through {through}: renew it now.", {"through": through.isoformat()})
    ends = through + timedelta(days=1) if through else None
    finding = _finding(
        rule,
        view,
        state,
        effect,
        reason,
        remedy=_remedy(rule) if state is State.EXPIRING else None,
        evidence=held.id if held else None,
    )
    return _timed(rule, view, finding, ends)


def _unmet(rule: Rule, version: Version, view: CaseView, standing: Standing) -> Assessed:
    held = standing.evidence
    evidence = held.id if held else None
    kinds = ", ".join(dict.fromkeys(reasons.about(kind) for kind in standing.lacking or rule.accepts))
    state = standing.state
    remedy: Remedy | None = _remedy(rule)
    if standing.note:
        reason = reasons.noted(standing.note, held, view, standing.unknown, standing.through)
        if standing.note == "too_early":
            state = State.MISSING
        elif standing.note in ("qualified", "no_result"):
            state = State.PENDING
            remedy = Remedy(Actor.DISTRICT, Text("Record the result, or decide about it."))
        elif standing.note == "unknown_day":
            state = State.UNKNOWN
    elif state is State.PENDING:
        day = held.requested_on.isoformat() if held and held.requested_on else ""
        reason = Text("Asked for on {day}; no result yet.", {"day": day}) if day else Text("Asked for; no result yet.")
        remedy = Remedy(
            Actor.STATE_AGENCY, Text("Nothing to do but wait for the result."), usual_days=rule.requirement.remedy.usual_days
        )
    elif state is State.EXPIRED:
        what = reasons.about(held.kind) if held else kinds
        through = standing.through.isoformat() if standing.through else ""
        reason = Text("{kind}: the one on record was good through {through}.", {"kind": what, "through": through})
    else:
        reason = Text("Not on record: {kinds}.", {"kinds": kinds})
        if standing.unknown:
            reason = Text(
                "Not on record: {kinds}. Other proof may do, depending on {facts}.",
                {"kinds": kinds, "facts": reasons.labels(standing.unknown, view)},
            )
    finding = _finding(rule, view, state, version.missing, reason, remedy=remedy, evidence=evidence, unknown=standing.unknown)
    again: tuple[date, ...] = ()
    if version.grace and "school_year" in version.grace.after:
        again = (calendar.school_year(view.on, view.get("context.school_year_starts_on"))[1] + timedelta(days=1),)
    return _timed(rule, view, finding, perhaps=again)


def _provisional(rule: Rule, version: Version, view: CaseView, standing: Standing) -> Assessed | None:
    """Work that may begin before the item is in, under the terms or the grace of the version."""
    if passed := passing(version, rule.terms, view, standing):
        return _passing(rule, view, *passed, standing)
    return None


def _passing(rule: Rule, view: CaseView, reason: Text, ends: date | None, standing: Standing) -> Assessed:
    held = standing.evidence
    finding = _finding(
        rule, view, State.PROVISIONAL, Effect.PROVISIONAL, reason, remedy=_remedy(rule), evidence=held.id if held else None
    )
    return _timed(rule, view, finding, ends + timedelta(days=1) if ends else None)


def _remedy(rule: Rule) -> Remedy:
    return rule.requirement.remedy


def _finding(
    rule: Rule,
    view: CaseView,
    state: State,
    effect: Effect,
    reason: Text,
    *,
    remedy: Remedy | None = None,
    evidence: str | None = None,
    unknown: tuple[str, ...] = (),
) -> Finding:
    facts = [view.used(name) for name in rule.facts if view.get(name) is not None]
    facts.extend(view.used(name) for name in unknown)
    return msgspec.structs.replace(
        rule.blank,
        state=state,
        effect=effect,
        reason=reason,
        facts=tuple(facts),
        remedy=remedy,
        accepts=rule.accepts if state not in _ACCEPTING_NOTHING else (),
        evidence=evidence,
    )


def _blank(requirement: Requirement, version: Version | None) -> Finding:
    return Finding(
        rule=requirement.id,
        title=requirement.title,
        layer=requirement.layer,
        state=State.UNKNOWN,
        effect=Effect.BLOCK,
        reason=reasons.NOT_CLEAR,
        ref=requirement.ref,
        citation=version.citation if version else requirement.versions[0].citation,
        url=version.url if version else None,
        confidence=str(version.confidence) if version else "",
        version=None if version is None or version.since == date.min else version.since,
        jurisdiction=requirement.jurisdiction,
        purpose=requirement.why,
        clearance=requirement.clearance,
        plugin=requirement.plugin,
    )


def _timed(rule: Rule, view: CaseView, finding: Finding, certain: date | None = None, perhaps: tuple[date, ...] = ()) -> Assessed:
    on = view.on
    days = [day for day in (*perhaps, *_changes(rule, view)) if day > on]
    ends = [*days, certain] if certain is not None else days
    if ends:
        finding = msgspec.structs.replace(finding, holds_until=min(ends))
    return Assessed(finding, certain, tuple(days))


def _changes(rule: Rule, view: CaseView) -> Iterator[date]:
    """Days ahead on which one of the rule's conditions turns, or evidence dated ahead comes into being."""
    for condition in rule.timed:
        yield from condition.turns(view)
    for kind in rule.accepts:
        for held in view.evidence(kind):
            begins = held.issued_on if held.state == "complete" else held.requested_on
            if begins is not None and begins > view.on:
                yield begins
