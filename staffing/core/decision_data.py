"""A decision as plain data, in the shape that other programs rely on (``staffing decide --json``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from staffing.core.findings import Decision, Finding


def as_data(decision: Decision, helps: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """A decision as plain data, in the shape other programs rely on. ``helps``: the ways to change an answer, by rule."""
    return {
        "outcome": decision.outcome,
        "on": decision.on,
        "holds_until": decision.holds_until,
        "valid_through": decision.valid_through,
        "sessions": [{"on": s.on, "outcome": s.outcome, "rules": list(s.rules)} for s in decision.sessions],
        "findings": [_finding(finding, (helps or {}).get(finding.rule, ())) for finding in decision.findings],
        "case_hash": decision.case_hash,
        "rules_hash": decision.rules_hash,
    }


def _finding(finding: Finding, helps: Sequence[str]) -> dict[str, Any]:
    remedy = finding.remedy
    return {
        "rule": finding.rule,
        "ref": finding.ref,
        "title": finding.title,
        "layer": finding.layer,
        "jurisdiction": finding.jurisdiction,
        "version": finding.version,
        "state": finding.state,
        "effect": finding.effect,
        "clearance": finding.clearance,
        "citation": finding.citation,
        "url": finding.url,
        "reason": str(finding.reason),
        "reason_id": finding.reason.msgid,
        "reason_values": finding.reason.values,
        "facts": [{"name": f.name, "value": f.value, "source": f.source} for f in finding.facts],
        "accepts": list(finding.accepts),
        "remedy": remedy and {"who": remedy.who, "what": str(remedy.what), "cost": remedy.cost, "usual_days": remedy.usual_days},
        "would_change": list(helps),
        "holds_until": finding.holds_until,
        "confidence": finding.confidence,
        "plugin": finding.plugin,
    }
