"""What would change an answer: for each rule that stands in the way, everything that would satisfy or lift it, in words.

It lists the ways a rule leaves open as its pack writes them; whether one is taken is decided by deciding again.
"""

from __future__ import annotations

from collections.abc import Iterator

from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.condition_text import said
from staffing.core.conditions import Condition, PredicateFailed
from staffing.core.facts import CaseView
from staffing.core.findings import Decision
from staffing.core.packs import Alternative, Version
from staffing.core.rules import RuleBook
from staffing.core.trace import offered


def what_helps(decision: Decision, case: Case, rules: RuleBook) -> dict[str, tuple[str, ...]]:
    """Rule id → the ways to change its answer, nearest first, for every finding of the decision that is more than ``allow``."""
    era = rules.era(case.jurisdiction, case.overlays, decision.on)
    view = CaseView(case, decision.on, rules.specs)
    wanted = {finding.rule for finding in decision.standing}
    return {
        rule.requirement.id: tuple(dict.fromkeys(_ways(rule, rule.version, view)))
        for rule in era.rules
        if rule.requirement.id in wanted and rule.version is not None and rule.version.confidence.decides
    }


def _ways(rule: Rule, version: Version, view: CaseView) -> Iterator[str]:
    for must in version.must:
        if _truth(must.when, view) is not True:
            yield f"Make it so: {said(must.when, view.specs)}."
    for alternative in version.accepts:
        open_to = _truth(alternative.when, view)
        if open_to is not False:
            where = "" if open_to else f", if {said(alternative.when, view.specs)}"
            yield f"Bring: {_offered(alternative, version, view)}{where}."
    for exemption in version.unless:
        if _truth(exemption.when, view) is not True:
            yield f"It is not asked for if {said(exemption.when, view.specs)} ({exemption.reason.rstrip('.')})."
    for alternative in version.accepts:
        if _truth(alternative.when, view) is False:
            yield f"If {said(alternative.when, view.specs)}: {_offered(alternative, version, view)}."
    if version.applies_when.facts:
        yield f"It is asked for only when {said(version.applies_when, view.specs)}."
    if waivable := rule.requirement.waivable:
        yield f"A waiver by {waivable.by} under {waivable.under} that names {', '.join(waivable.sections)}."


def _offered(alternative: Alternative, version: Version, view: CaseView) -> str:
    return offered(alternative, alternative.validity or version.validity, view.specs)


def _truth(condition: Condition, view: CaseView) -> bool | None:
    try:
        return condition.test(view)
    except PredicateFailed:
        return None
