"""The trace of a decision: each condition with its truth, the facts it read and where they came from, each number with its date.

It asks the same conditions and the same assessment as ``decide``, and works nothing out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.core import holdings, reasons
from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.condition_text import said
from staffing.core.conditions import Compared, Condition, Day, Holds, Joined, Not, PredicateFailed
from staffing.core.decisions import day_towards_group, decide
from staffing.core.facts import CaseView, FactSpec
from staffing.core.packs import Alternative, Item, Lasting, Validity, Version
from staffing.core.rules import RuleBook


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A condition as it was found: in words, true, false or None (unknown), the facts it read, and its parts.

    ``how`` its parts are joined: ``all``, ``any``, ``not``, or empty where it has none.
    """

    says: str
    truth: bool | None
    how: str = ""
    facts: tuple[dict[str, Any], ...] = ()
    parts: tuple[Step, ...] = ()


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One way to satisfy a rule: what would do, whether it is open here, and how what is held stands.

    ``evidence`` is the id of the item looked at, ``reason`` says why it does not count.
    """

    says: str
    open: Step | None
    state: str
    through: date | None = None
    note: str = ""
    reason: str = ""
    evidence: str | None = None


class RuleTrace(msgspec.Struct, frozen=True, kw_only=True):
    """How one rule came to its finding. ``parameters`` are its numbers, each with the day since which it is so."""

    rule: str
    ref: str
    title: str
    state: str
    effect: str
    reason: str
    since: date | None = None
    until: date | None = None
    citation: str = ""
    confidence: str = ""
    applies: Step | None = None
    exemptions: tuple[Step, ...] = ()
    must: tuple[Step, ...] = ()
    offers: tuple[Offer, ...] = ()
    parameters: tuple[dict[str, Any], ...] = ()


def trace(case: Case, rules: RuleBook, on: date, only: str = "") -> tuple[RuleTrace, ...]:
    """The trace of every rule in force on a day (or of the one named ``only``), in the order of the decision's findings."""
    decision = decide(msgspec.structs.replace(case, sessions=()), rules, on)
    era = rules.era(case.jurisdiction, case.overlays, on)
    by_rule = {rule.requirement.id: rule for rule in era.rules}
    view = CaseView(case, on, rules.specs)
    traced = []
    for finding in decision.findings:
        if only and finding.rule != only:
            continue
        found: dict[str, Any] = {
            "rule": finding.rule,
            "ref": finding.ref,
            "title": finding.title,
            "state": str(finding.state),
            "effect": str(finding.effect),
            "reason": str(finding.reason),
        }
        rule = by_rule.get(finding.rule)
        version = rule.version if rule else None
        if rule is not None and version is not None:
            found |= {
                "since": None if version.since == date.min else version.since,
                "until": version.until,
                "citation": version.citation,
                "confidence": str(version.confidence),
            }
            if not version.no_rule:
                towards = [day_towards_group(one, view) for one in era.groups.get(rule.group, ())]
                oldest = min((day for day in towards if day is not None), default=None)
                found |= _inside(rule, version, view, oldest)
        traced.append(RuleTrace(**found))
    return tuple(traced)


def _inside(rule: Rule, version: Version, view: CaseView, oldest: date | None) -> dict[str, Any]:
    return {
        "applies": step(version.applies_when, view),
        "exemptions": tuple(step(exemption.when, view) for exemption in version.unless),
        "must": tuple(step(must.when, view) for must in version.must),
        "offers": tuple(_offer(alternative, version, view, oldest) for alternative in version.accepts),
        "parameters": tuple(parameters(rule, version, view)),
    }


def step(condition: Condition, view: CaseView) -> Step:
    """A condition and its parts, each with its truth and the facts it read."""
    while isinstance(condition, Joined) and len(condition.parts) == 1:
        condition = condition.parts[0]
    try:
        truth = condition.test(view)
    except PredicateFailed:
        truth = None
    parts: tuple[Condition, ...] = ()
    how = ""
    if isinstance(condition, Joined):
        parts, how = condition.parts, "any" if condition.decides else "all"
    elif isinstance(condition, Not):
        parts, how = (condition.part,), "not"
    names = condition.facts if isinstance(condition, Compared | Day) else ()
    facts = [{"name": name, "value": view.get(name), "source": view.source(name)} for name in names]
    if isinstance(condition, Day):
        facts.insert(0, {"name": "day", "value": view.on, "source": "the day decided for"})
    if isinstance(condition, Holds):
        held = [e.issued_on.isoformat() if e.issued_on else "undated" for e in view.evidence(condition.kind)]
        facts.append({"name": condition.kind, "value": ", ".join(held) or None, "source": "evidence"})
    return Step(
        says=said(condition, view.specs),
        truth=truth,
        how=how,
        facts=tuple(facts),
        parts=tuple(step(part, view) for part in parts),
    )


def _offer(alternative: Alternative, version: Version, view: CaseView, oldest: date | None) -> Offer:
    standing = holdings.best(msgspec.structs.replace(version, accepts=(alternative,)), view, oldest)
    held, note = standing.evidence, standing.note
    return Offer(
        says=offered(alternative, alternative.validity or version.validity, view.specs),
        open=None if not alternative.when.facts and not alternative.when.timed else step(alternative.when, view),
        state=str(standing.state),
        through=standing.through,
        note=note,
        reason=str(reasons.noted(note, held, view, standing.unknown, standing.through)) if note else "",
        evidence=held.id if held else None,
    )


def offered(alternative: Alternative, validity: Validity, specs: Mapping[str, FactSpec]) -> str:
    """What would do, in words: "State criminal history check (for employment, from us-pa), good for 60 months"."""
    return f"{' and '.join(_item(item, specs) for item in alternative.items)}, {_lasting(validity)}"


def _item(item: Item, specs: Mapping[str, FactSpec]) -> str:
    limits = [f"for {' or '.join(item.purpose)}"] if item.purpose else []
    limits += [f"from {' or '.join(item.jurisdiction)}"] if item.jurisdiction else []
    limits += [f"held by the {item.holder}"] if item.holder else []
    limits += [f"{key} {' or '.join(str(word) for word in words)}" for key, words in item.detail.items()]
    limits += [f"{m.key} {m.word.replace('_', ' ')} {m.number:g}" for m in item.measures]
    limits += [f"not more than {item.within_months} months before the start"] if item.within_months else []
    limits += [f"not more than {item.within_days} days before the start"] if item.within_days else []
    if item.on_or_after:
        day = specs.get(item.on_or_after)
        limits.append(f"issued on or after “{(day.label if day else '') or item.on_or_after}”")
    limits += [f"issued from {item.issued_from}"] if item.issued_from else []
    limits += [f"issued by {item.issued_until}"] if item.issued_until else []
    about = item.name or reasons.about(item.kind)
    return f"{about} ({', '.join(limits)})" if limits else about


def _lasting(validity: Validity) -> str:
    match validity.lasting:
        case Lasting.MONTHS:
            words = f"good for {validity.months} months" + (" from the oldest of its group" if validity.group else "")
        case Lasting.YEARS:
            month, day = validity.starting
            words = f"good for {validity.years} years that begin on {month:02}-{day:02}"
        case Lasting.SCHOOL_YEAR:
            words = "good for the school year"
        case Lasting.UNTIL_EXPIRY:
            words = "good until it says"
        case _:
            words = "with no end"
    return words + (f", ended by a break of {validity.break_days} days" if validity.break_days else "")


def parameters(rule: Rule, version: Version, view: CaseView) -> Iterator[dict[str, Any]]:
    """The numbers of a version: name, value, the day since which it is so (None: not recorded) and the citation."""
    since = None if version.since == date.min else version.since

    def number(name: str, value: Any, of: date | None = since, citation: str = version.citation) -> dict[str, Any]:
        return {"name": name, "value": value, "since": of, "citation": citation}

    for lasting in dict.fromkeys(_lasting(alternative.validity or version.validity) for alternative in version.accepts):
        yield number("valid", lasting)
    if version.grace:
        grace = version.grace
        words = [f"{grace.months} months"] * bool(grace.months) + [f"{grace.days} days"] * bool(grace.days)
        yield number("grace", f"{' and '.join(words)} after {' or '.join(w.replace('_', ' ') for w in grace.after)}")
    for band in version.ratio:
        where = f", if {said(band.when, view.specs)}" if band.when.facts or band.when.timed else ""
        yield number(f"children per adult{where}", band.children_per_adult)
        if band.group_at_most:
            yield number(f"largest group{where}", band.group_at_most)
        if band.second_adult_above is not None:
            yield number(f"a second adult above{where}", band.second_adult_above)
    if rule.terms and not rule.terms.no_rule:
        terms = rule.terms
        of = None if terms.since == date.min else terms.since
        yield number("provisional days", terms.days or "no limit", of, terms.citation)
