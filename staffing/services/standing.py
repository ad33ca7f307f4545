"""What a decision means for a reader: each requirement in plain words, who acts next, and one verdict over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from staffing.core.findings import Actor as Who
from staffing.core.findings import Decision, Effect, Finding, Layer, State
from staffing.services.history import kind_name

LAYER_NAMES: dict[str, str] = {
    Layer.FEDERAL_LAW: "Federal law",
    Layer.STATE_LAW: "State law",
    Layer.STATE_LAW_WAIVABLE: "State law",
    Layer.AGREEMENT: "Union agreement",
    Layer.SIDE_LETTER: "Side letter",
    Layer.DISTRICT_POLICY: "District policy",
}

#: A state as a pill: colour, words.
PILLS: dict[State, tuple[str, str]] = {
    State.MET: ("ok", "Done"),
    State.EXPIRING: ("warn", "Renew soon"),
    State.PROVISIONAL: ("warn", "For now only"),
    State.PENDING: ("info", "Sent, no result yet"),
    State.MISSING: ("bad", "Missing"),
    State.EXPIRED: ("bad", "Run out"),
    State.EXEMPT: ("ok", "Exempt"),
    State.WAIVED: ("ok", "Waived"),
    State.NOT_REQUIRED: ("mute", "Not needed here"),
    State.UNKNOWN: ("warn", "A fact is missing"),
    State.VIOLATED: ("bad", "Not allowed"),
    State.DISQUALIFIED: ("bad", "Not allowed"),
    State.NEEDS_REVIEW: ("mute", "Rule under review"),
}

#: Who acts, as the object of "from".
SOURCES: dict[Who, str] = {
    Who.DISTRICT: "us",
    Who.PARTNER: "the partner",
    Who.SITE: "the site",
    Who.STATE_AGENCY: "the state",
    Who.UNION: "the union",
    Who.ADMINISTRATOR: "the administrator",
}

#: Outcomes in words, as a pill.
OUTCOMES: dict[str, tuple[str, str]] = {
    "allow": ("ok", "Ready"),
    "advise": ("ok", "Ready"),
    "provisional": ("warn", "Ready for now"),
    "needs_notice": ("info", "Notice needed"),
    "needs_cosign": ("info", "Co-signature needed"),
    "hold": ("warn", "Not ready yet"),
    "block": ("warn", "Not ready yet"),
}


#: Effects under which the work may go on once somebody was told or has signed.
_WAITS = frozenset({Effect.NEEDS_NOTICE, Effect.NEEDS_COSIGN})


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's answer for a reader. ``group``: theirs, ours, others, done, aside. ``until`` is the last good day.

    ``purpose`` says why the rule asks, ``reason`` how it stands for this person.
    """

    rule: str
    title: str
    group: str
    kind: str
    word: str
    purpose: str
    reason: Any
    layer: str
    citation: str
    url: str | None
    version: date | None
    jurisdiction: str
    confidence: str
    until: date | None
    next_step: Any
    who: str
    cost: str | None
    usual_days: int | None
    accepts: tuple[str, ...]
    evidence: str | None
    facts: tuple[tuple[str, str, str], ...]
    document: Any = None
    counts: bool = True

    @property
    def accepts_words(self) -> str:
        """The kinds of evidence the rule looks at, in words. Which of them together satisfy it, its own page says."""
        return ", ".join(lower_first(kind_name(k)) for k in self.accepts)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer in one line: ``kind`` (ok, warn, bad, info), the headline, what is needed from whom, and papers to look at."""

    kind: str
    headline: str
    needs: tuple[str, ...]
    papers: tuple[str, ...]
    done: int
    total: int
    clears: bool
    valid_through: date | None
    reason: Any = None


def requirements(decision: Decision, waiting: dict[str, Any]) -> list[Requirement]:
    """Every finding in the order of the decision. ``waiting`` maps an evidence kind to a document waiting for review."""
    return [_requirement(f, waiting) for f in decision.findings]


def _requirement(finding: Finding, waiting: dict[str, Any]) -> Requirement:
    document = next((waiting[k] for k in finding.accepts if k in waiting), None)
    group = _group(finding)
    kind, word = _pill(finding)
    if group in ("theirs", "others") and document is not None:
        group, kind, word = "ours", "info", "Waiting for review"
    if finding.effect is Effect.ADVISE and finding.state is not State.EXPIRING and group not in ("done", "aside"):
        group, kind = "aside", "mute"
    until = None
    if finding.holds_until and finding.state in (State.MET, State.EXPIRING, State.PROVISIONAL, State.WAIVED, State.EXEMPT):
        until = date.fromordinal(finding.holds_until.toordinal() - 1)
    remedy = finding.remedy
    return Requirement(
        rule=finding.rule,
        title=finding.title,
        group=group,
        kind=kind,
        word=word,
        purpose=finding.purpose,
        reason=finding.reason,
        layer=LAYER_NAMES[finding.layer],
        citation=finding.citation,
        url=finding.url if finding.url and finding.url.startswith(("https://", "http://")) else None,
        version=finding.version,
        jurisdiction=finding.jurisdiction,
        confidence=finding.confidence,
        until=until,
        next_step=remedy.what if remedy else None,
        who=remedy.who.value if remedy else "",
        cost=remedy.cost if remedy else None,
        usual_days=remedy.usual_days if remedy else None,
        accepts=finding.accepts,
        evidence=finding.evidence,
        facts=tuple((_fact_name(f.name), _fact_value(f.value), f.source) for f in finding.facts),
        document=document,
        counts=group != "aside",
    )


def _pill(finding: Finding) -> tuple[str, str]:
    """A finding as a pill; what waits for a notice or a signature says so and is not forbidden."""
    if finding.state is State.VIOLATED and finding.effect in _WAITS:
        return OUTCOMES[finding.effect.value]
    return PILLS[finding.state]


def _group(finding: Finding) -> str:
    if finding.state in (State.NOT_REQUIRED, State.NEEDS_REVIEW):
        return "aside"
    if finding.effect.clears and finding.state in (
        State.MET,
        State.EXPIRING,
        State.EXEMPT,
        State.WAIVED,
        State.PROVISIONAL,
    ):
        return "done"
    if finding.state is State.PENDING or finding.remedy is None:
        return "others" if finding.state is State.PENDING else "ours"
    return {Who.PERSON: "theirs", Who.DISTRICT: "ours", Who.ADMINISTRATOR: "ours"}.get(finding.remedy.who, "others")


def _fact_name(name: str) -> str:
    return name.rpartition(".")[2].replace("_", " ").capitalize()


def _fact_value(value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_fact_value(v) for v in value) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{_fact_value(key)}: {_fact_value(held)}" for key, held in value.items()) or "none"
    return str(value).replace("_", " ")


def verdict(decision: Decision, found: Iterable[Requirement], name: str) -> Verdict:
    """The one-line answer over the requirements that count, with what is needed from whom (``name`` is the person)."""
    counted = [r for r in found if r.counts]
    left = [r for r in counted if r.group != "done"]
    done, total = len(counted) - len(left), len(counted)
    refused = next(
        (
            f
            for f in decision.standing
            if f.state in (State.DISQUALIFIED, State.VIOLATED) and not f.effect.clears and f.effect not in _WAITS
        ),
        None,
    )
    wanted: dict[str, list[str]] = {}
    for r in left:
        if r.document is None:
            wanted.setdefault(_from(r, name), []).append(lower_first(r.title))
    needs = tuple(f"{joined(titles)} {source}".strip() for source, titles in wanted.items())
    if refused is not None:
        kind, headline = "bad", "This work is not allowed"
    elif decision.outcome in _WAITS:
        kind, headline = OUTCOMES[decision.outcome.value]
    elif not decision.outcome.clears:
        kind, headline = "warn", f"Not ready yet: {len(left)} of {total} left" if left else "Not ready yet"
    elif decision.outcome is Effect.PROVISIONAL:
        kind, headline = "warn", "Ready for now, under conditions"
    else:
        kind, headline = (
            "ok",
            f"Ready: all {total} done" if total > 1 else "Ready" if total else "Ready: this work asks for nothing",
        )
    return Verdict(
        kind=kind,
        headline=headline,
        needs=needs,
        papers=tuple(lower_first(r.title) for r in left if r.document is not None),
        done=done,
        total=total,
        clears=decision.outcome.clears,
        valid_through=decision.valid_through,
        reason=refused.reason if refused else None,
    )


def _from(found: Requirement, name: str) -> str:
    if found.group == "theirs":
        return f"from {name}"
    try:
        return f"from {SOURCES[Who(found.who)]}" if found.who else ""
    except (KeyError, ValueError):
        return ""


def missing(decision: Decision) -> list[str]:
    """The titles of what keeps this decision from clearing, most severe first."""
    return [f.title for f in decision.standing if not f.effect.clears]


def lower_first(text: str) -> str:
    """A title inside a sentence: its first letter small, unless it is a name (``State Police``) or letters (``TB``, ``FBI``)."""
    words = text.split()
    named = text[:2].isupper() or (len(words) > 1 and words[1][:1].isupper())
    return text if named else text[:1].lower() + text[1:]


def joined(parts: list[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; semicolons where a part has a comma of its own."""
    if len(parts) < 2:
        return "".join(parts)
    between = "; " if any(", " in part for part in parts) else ", "
    before = f"{between}and " if between == "; " or any(" and " in part for part in parts) else " and "
    return between.join(parts[:-1]) + before + parts[-1]
