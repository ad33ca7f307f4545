"""The way to work that may begin under conditions, before everything is in: checks asked for, papers sent, as the rules let it.

The evaluator says whether that is so: it decides once more as if these things had been done today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.evidence import WITH_RESULT, Evidence
from staffing.core.findings import Actor, Decision, State, Text
from staffing.core.packs import TermsVersion
from staffing.services import readiness, standing
from staffing.services.ahead.steps import Step, Way
from staffing.services.history import kind_name

#: Findings that a paper or the asking for a check could settle, at least for now.
_COULD_BE_ASKED = (State.MISSING, State.EXPIRED)


def way(case: Case, there: readiness.Here, on: date, decision: Decision, all_in: Way) -> Way | None:
    """The steps of ``all_in`` with those that only have to be begun marked, and the papers work needs meanwhile; or None."""
    lacking = {f.rule: f.accepts for f in decision.findings if f.state in _COULD_BE_ASKED and f.accepts}
    wanted = {step.rule: lacking[step.rule] for step in all_in.steps if step.rule in lacking and not step.paper}
    checks = {rule: kinds for rule, kinds in wanted.items() if not WITH_RESULT.isdisjoint(kinds)}
    if not checks:
        return None
    terms = _terms(there, case, on, checks)
    back = {kind for one in terms.values() for kind in (*one.results_all, *one.results_in[:1])}
    asked = {kind for kinds in checks.values() for kind in kinds if kind in WITH_RESULT} - back
    papers = {kind for rule, kinds in wanted.items() if rule not in checks for kind in kinds}
    papers |= {kind for one in terms.values() for kind in one.papers}
    known: dict[str, Any] = {
        "purpose": "volunteer" if case.placement.get("engagement") == "volunteer" else "employment",
        "jurisdiction": case.jurisdiction,
    }
    tried = [Evidence(kind=kind, state="initiated", requested_on=on, **known) for kind in sorted(asked)]
    tried += [Evidence(kind=kind, issued_on=on, **known) for kind in sorted(papers - asked - back)]
    tried += [Evidence(kind=kind, result="clear", issued_on=on, **known) for kind in sorted(back)]
    then = readiness.decide_here(msgspec.structs.replace(case, evidence=(*case.evidence, *tried)), there, on)
    passed = {f.rule for f in then.findings if f.rule in checks and f.effect.clears}
    begun = {rule for rule in passed if not asked.isdisjoint(checks[rule])}
    if not begun:
        return None
    found = [
        msgspec.structs.replace(step, asked=True, days=0, late=False) if step.rule in begun else step for step in all_in.steps
    ]
    further = _papers(
        case, decision, {rule: terms[rule] for rule in begun if rule in terms}, {k for v in wanted.values() for k in v}
    )
    return Way(steps=(*found, *further), for_now=True)


def _terms(there: readiness.Here, case: Case, on: date, rules: Mapping[str, Any]) -> dict[str, TermsVersion]:
    """The terms of provisional service in force for these rules."""
    era = there.book.era(case.jurisdiction, there.overlay_names, on)
    return {r.requirement.id: r.terms for r in era.rules if r.requirement.id in rules and r.terms and not r.terms.no_rule}


def _papers(case: Case, decision: Decision, terms: Mapping[str, TermsVersion], asked: set[str]) -> list[Step]:
    """Papers that only the provisional terms ask for and that are not held."""
    held = {item.kind for item in case.evidence if item.state == "complete"}
    layers = {finding.rule: standing.LAYER_NAMES[finding.layer] for finding in decision.findings}
    found: dict[str, Step] = {}
    for rule, one in terms.items():
        for kind in one.papers:
            if kind not in held and kind not in asked:
                found.setdefault(kind, _paper(kind, rule, layers[rule], one))
    return list(found.values())


def _paper(kind: str, rule: str, layer: str, terms: TermsVersion) -> Step:
    return Step(
        rule=f"{rule}.{kind}",
        title=kind_name(kind),
        who=Actor.PERSON.value,
        what=Text("Send us this paper before the work begins."),
        reason=Text("Without it the work may not begin before the results are in."),
        purpose="",
        layer=layer,
        citation=terms.citation,
        url=terms.url,
        version=None if terms.since == date.min else terms.since,
        days=None,
        cost=None,
        cents=None,
        kind=kind,
    )
