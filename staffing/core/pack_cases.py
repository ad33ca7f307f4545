"""Worked cases of packs: a scenario and what must come out, as data a lawyer can read. ``docs/packs.md`` shows the format."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec

from staffing.core.case import Case
from staffing.core.decisions import decide
from staffing.core.findings import Decision, Effect, State
from staffing.core.pack_fields import Fields
from staffing.core.rules import RuleBook
from staffing.core.scenario import Scenario, from_section
from staffing.core.sources import Listing, Problems, Section, meant, read

_ABSENT = "absent"

#: How a case is decided: ``decide``, or the findings of a plugin alone.
Decider = Callable[[Case, RuleBook, date], Decision]


class WorkedCase(msgspec.Struct, frozen=True, kw_only=True):
    """One case: where it stands, what it is about, the scenario, and what is expected."""

    file: str
    line: int
    title: str
    cite: str
    scenario: Scenario
    outcome: str
    holds_until: date | None
    names_day: bool
    findings: dict[str, tuple[str, str]]
    sessions: dict[str, str]


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a case came out; ``wrong`` says each difference in a sentence."""

    case: WorkedCase
    wrong: tuple[str, ...]


def worked_cases(text: str, file: str, rules: RuleBook, plugin: str = "") -> tuple[WorkedCase, ...]:
    """Read a file of cases. Rules of a plugin's code are called ``<plugin>.…``. Raises ``Invalid`` with file and line."""
    problems = Problems(file)
    value = read(text, file)
    if not isinstance(value, Section):
        problems.add(1, "A file of cases is a mapping with 'given' and 'cases'.")
        problems.raise_if_any()
    top = Fields(value, problems)
    shared = top.section("given", required=False)
    found = [
        _case(one, shared.value if shared else Section(1), file, rules, problems, plugin)
        for one in top.sections("cases", required=True)
    ]
    top.text("about", required=False)
    top.finish()
    problems.raise_if_any()
    return tuple(found)


def run(case: WorkedCase, rules: RuleBook, decider: Decider = decide) -> CaseResult:
    """Decide a case and compare. A rule expected to be ``absent`` says nothing."""
    decision = decider(case.scenario.case, rules, case.scenario.on)
    wrong = []
    if case.outcome and decision.outcome != case.outcome:
        why = (
            "; ".join(f"{f.rule} is {f.state} ({f.effect}): {f.reason}" for f in decision.standing) or "nothing stands in the way"
        )
        wrong.append(f"outcome is {decision.outcome}, expected {case.outcome} ({why})")
    if case.names_day and decision.holds_until != case.holds_until:
        wrong.append(f"holds_until is {decision.holds_until}, expected {case.holds_until}")
    by_rule = {finding.rule: finding for finding in decision.findings}
    for rule, (state, effect) in case.findings.items():
        finding = by_rule.get(rule)
        if state == _ABSENT:
            if finding is not None:
                wrong.append(f"{rule} is {finding.state} ({finding.effect}), expected it to say nothing: {finding.reason}")
        elif finding is None:
            wrong.append(f"there is no finding {rule}")
        elif (state and finding.state != state) or (effect and finding.effect != effect):
            wanted = f"{state or 'any state'} ({effect or 'any effect'})"
            wrong.append(f"{rule} is {finding.state} ({finding.effect}), expected {wanted}: {finding.reason}")
    outcomes = {session.on.isoformat(): str(session.outcome) for session in decision.sessions}
    wrong.extend(
        f"session {day} is {outcomes.get(day)}, expected {wanted}"
        for day, wanted in case.sessions.items()
        if outcomes.get(day) != wanted
    )
    return CaseResult(case=case, wrong=tuple(wrong))


def _case(  # noqa: PLR0917 - what every case of a file shares
    fields: Fields, shared: Section, file: str, rules: RuleBook, problems: Problems, plugin: str
) -> WorkedCase:
    given = fields.section("given", required=False)
    merged = _merged(shared, given.value if given else Section(fields.line))
    evidence = merged.get("evidence")
    kept = Listing(fields.line)
    without = set(fields.texts("without"))
    for item, line in zip(evidence or [], getattr(evidence, "lines", []), strict=False):
        if not (isinstance(item, Section) and item.get("kind") in without):
            kept.append(item)
            kept.lines.append(line)
    for more in fields.sections("with"):
        kept.append(more.value)
        kept.lines.append(more.line)
    merged["evidence"] = kept
    merged.lines["evidence"] = fields.line
    scenario = from_section(merged, file, rules)
    expect = fields.section("expect")
    findings: dict[str, tuple[str, str]] = {}
    sessions: dict[str, str] = {}
    outcome, holds_until, names_day = "", None, False
    if expect is not None:
        outcome = expect.word("outcome", [str(e) for e in Effect])
        names_day = "holds_until" in expect.value
        holds_until = expect.day("holds_until", required=False) if expect.plain("holds_until") != "never" else None
        wanted = expect.section("findings", required=False)
        known = {r.id for p in rules.packs for r in p.requirements} | {
            "staffing.no_pack",
            "staffing.under_review",
            "staffing.no_overlay",
            "staffing.agreements",
        }
        for rule, state in (wanted.value if wanted else {}).items():
            line = wanted.line_of(rule) if wanted else fields.line
            of_plugin = bool(plugin) and rule.startswith(f"{plugin}.")
            if rule not in known and not of_plugin and not rule.startswith("staffing.waiver_refused."):
                problems.add(line, f"There is no rule '{rule}'. {meant(rule, sorted(known))}")
            findings[rule] = _expected(state, line, problems)
        days = expect.section("sessions", required=False)
        sessions = {day: str(effect) for day, effect in days.value.items()} if days else {}
        expect.finish()
    case = WorkedCase(
        file=file,
        line=fields.line,
        title=fields.text("title"),
        cite=fields.text("cite", required=False),
        scenario=scenario,
        outcome=outcome,
        holds_until=holds_until,
        names_day=names_day,
        findings=findings,
        sessions=sessions,
    )
    fields.finish()
    return case


def _expected(state: Any, line: int, problems: Problems) -> tuple[str, str]:
    """``missing`` or ``missing (block)``: the state and, if given, the effect."""
    words = str(state).replace("(", " ").replace(")", " ").split()
    if words == [_ABSENT]:
        return _ABSENT, ""
    for word, known in zip(words, (State, Effect), strict=False):
        if word not in [str(one) for one in known]:
            problems.add(line, f"'{word}' is not a {known.__name__.lower()}. {meant(word, [str(one) for one in known])}")
    return words[0] if words else "", words[1] if len(words) > 1 else ""


def _merged(under: Section, over: Section) -> Section:
    """Two scenarios as one: mappings are merged, anything else of ``over`` wins, and null takes a key out."""
    merged = Section(over.line)
    merged.update(under)
    merged.lines.update(under.lines)
    for key, value in over.items():
        merged.lines[key] = over.line_of(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Section) and isinstance(under.get(key), Section):
            merged[key] = _merged(under[key], value)
        else:
            merged[key] = value
    return merged
