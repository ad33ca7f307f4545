"""Decisions, facts and packs as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from staffing.core.findings import Decision, Effect
from staffing.core.packs import Pack, Version
from staffing.core.rules import RuleBook

OUTCOMES = {
    Effect.ALLOW: "Yes, nothing stands in the way",
    Effect.ADVISE: "Yes, with something to know",
    Effect.PROVISIONAL: "Yes, provisionally",
    Effect.NEEDS_NOTICE: "Not yet: notice must be given",
    Effect.NEEDS_COSIGN: "Not yet: a co-signature is needed",
    Effect.HOLD: "Not yet",
    Effect.BLOCK: "No",
}


def as_text(decision: Decision, helps: Mapping[str, Sequence[str]] | None = None) -> str:
    """A decision for a reader: the outcome, what stands in the way and what would change that, then the rest."""
    return "\n".join(_lines(decision, helps or {}))


def _lines(decision: Decision, helps: Mapping[str, Sequence[str]]) -> Iterator[str]:
    yield f"{OUTCOMES[decision.outcome]} ({decision.outcome}) on {decision.on}"
    if decision.holds_until:
        yield f"This answer holds through {decision.valid_through}; it can change by itself on {decision.holds_until}."
    else:
        yield "No day is known on which this answer changes by itself."
    if decision.sessions:
        yield ""
        yield "Sessions"
        for session in decision.sessions:
            yield f"  {session.on}  {session.outcome:<12} {', '.join(session.rules)}".rstrip()
    for finding in decision.standing:
        yield ""
        yield f"{finding.effect}: {finding.title} ({finding.state})"
        yield from _wrapped(str(finding.reason))
        if finding.purpose:
            yield from _wrapped(f"Why: {finding.purpose}")
        rule = " · ".join(part for part in (finding.citation, str(finding.layer), finding.ref, f"rule {finding.rule}") if part)
        yield from _wrapped(f"Rule: {rule}")
        if finding.remedy and str(finding.remedy.what):
            more = [finding.remedy.cost or "", f"usually {finding.remedy.usual_days} days" if finding.remedy.usual_days else ""]
            extra = f" ({'; '.join(part for part in more if part)})" if any(more) else ""
            yield from _wrapped(f"Next: {finding.remedy.who.replace('_', ' ')}: {finding.remedy.what}{extra}")
        for way in helps.get(finding.rule, ()):
            yield from _wrapped(f"Would change it: {way}")
    rest = [f for f in decision.findings if f.effect is Effect.ALLOW and f.state != "not_required"]
    if rest:
        yield ""
        yield "In order"
        for finding in rest:
            yield from _wrapped(f"{finding.title} ({finding.state}): {finding.reason}", "  ")
    others = sum(1 for f in decision.findings if f.state == "not_required")
    if others:
        yield ""
        yield f"{others} other rules were looked at and do not apply."


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    return textwrap.wrap(text, 110, initial_indent=indent, subsequent_indent=indent + "  ")


def fact_lines(book: RuleBook, jurisdiction: str | None) -> Iterator[str]:
    """Each fact: its name, type, who supplies it, its question, and the rules that read it."""
    readers = book.readers(jurisdiction)
    for name, spec in book.specs.items():
        rules = readers[name]
        if jurisdiction is not None and not rules:
            continue
        made = f", worked out from {', '.join(spec.bases)}" if spec.bases else ""
        yield f"{name}  ({spec.type}, {spec.asked_of}{made})"
        yield f"    {spec.question}"
        if spec.choices:
            yield from _wrapped(
                f"One of: {', '.join(spec.choices)}" if spec.type == "choice" else f"Such as: {', '.join(spec.choices)}"
            )
        if spec.default is not None:
            yield f"    Taken as {str(spec.default).lower()} until somebody says otherwise."
        yield from _wrapped(f"Read by: {', '.join(rules)}" if rules else "Read by no rule here.")


def pack_lines(pack: Pack, on: date | None) -> Iterator[str]:
    """A pack's rules with their versions, and the rows it leaves out."""
    yield f"{pack.title} ({pack.plugin}/{pack.overlay or pack.id})"
    for requirement in pack.requirements:
        versions = [v for v in requirement.versions if on is None or (v.since <= on and (v.until is None or on <= v.until))]
        if not versions:
            continue
        yield ""
        yield f"{requirement.id}  [{', '.join(requirement.refs)}]  {requirement.title}"
        for version in versions:
            yield from _wrapped(_version(version))
    for terms in pack.terms:
        yield ""
        yield f"{terms.id}  [{terms.ref}]  {terms.title}"
        for one in terms.versions:
            if on is None or (one.since <= on and (one.until is None or on <= one.until)):
                what = one.no_rule or (f"{one.days} days" if one.days else "no limit of days")
                yield from _wrapped(f"{_period(one.since, one.until)}: {what}; {one.citation}; {one.confidence} confidence")
    if pack.left_out:
        yield ""
        yield "Left out"
        for row in pack.left_out:
            yield from _wrapped(f"{row.ref}: {row.reason}", "  ")
    yield ""


def _version(version: Version) -> str:
    what = version.no_rule or " or ".join(" and ".join(item.kind for item in one.items) for one in version.accepts)
    note = f" Note: {version.note}" if version.note else ""
    return f"{_period(version.since, version.until)}: {what}; {version.citation}; {version.confidence} confidence.{note}"


def _period(since: date, until: date | None) -> str:
    start = "always" if since == date.min else f"from {since}"
    return f"{start} until {until}" if until else start
