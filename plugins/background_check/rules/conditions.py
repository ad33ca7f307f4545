"""Conditions under which somebody may work: codes that a rule can check against the work, never words about a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from staffing.api import Actor, Case, Effect, FactUsed, Finding, Layer, Remedy, State, Text

#: A fact of a person, set by ``staffing.api.tell_of_person``: the codes of conditions that count; absent without any.
FACT = "check_conditions"
RULE = "background_check.conditions"


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """A condition: ``title`` for HR, ``reads`` the placement's facts it looks at, ``kept`` whether a piece of work keeps it
    (None: a fact is not known), ``waits`` what the person and the site read while it is not kept."""

    code: str
    title: str
    reads: tuple[str, ...]
    kept: Callable[[Case], bool | None]
    waits: str
    remedy: str


def _in_sight(case: Case) -> bool | None:
    told = case.placement.get("supervision")
    return None if told is None else told in {"immediate", "line_of_sight"}


def _on_campus(case: Case) -> bool | None:
    told = case.placement.get("setting")
    return None if told is None else told == "campus"


def _no_driving(case: Case) -> bool | None:
    if case.placement.get("transports_children"):
        return False
    return _without(case, "driving_children")


def _no_money(case: Case) -> bool | None:
    return _without(case, "money_handling")


def _without(case: Case, duty: str) -> bool | None:
    told = case.placement.get("duties")
    return None if told is None else duty not in told


CONDITIONS: dict[str, Condition] = {
    one.code: one
    for one in (
        Condition(
            code="in_sight",
            title="Staff can see them at all times",
            reads=("supervision",),
            kept=_in_sight,
            waits="This work is possible where staff can see the person at all times.",
            remedy="Arrange that staff are in the same room or in sight, or offer other work.",
        ),
        Condition(
            code="on_campus",
            title="On school grounds only",
            reads=("setting",),
            kept=_on_campus,
            waits="This work is possible on school grounds.",
            remedy="Offer work on school grounds.",
        ),
        Condition(
            code="no_driving",
            title="No driving of children",
            reads=("duties", "transports_children"),
            kept=_no_driving,
            waits="This work is possible without driving.",
            remedy="Take driving out of the duties, or offer other work.",
        ),
        Condition(
            code="no_money",
            title="No handling of money",
            reads=("duties",),
            kept=_no_money,
            waits="This work is possible without handling money.",
            remedy="Take the handling of money out of the duties, or offer other work.",
        ),
    )
}


def codes(told: object) -> tuple[str, ...]:
    """The conditions that a fact names. A word nobody knows stays in, so that it holds rather than being lost."""
    return tuple(str(code) for code in told) if isinstance(told, Iterable) and not isinstance(told, str) else ()


def findings_of(case: Case, on: date) -> list[Finding]:
    """One finding for each condition that this work does not keep, or of which it is not known whether it does."""
    found = []
    for code in codes(case.person.get(FACT)):
        condition = CONDITIONS.get(code)
        kept = condition.kept(case) if condition else None
        if kept:
            continue
        found.append(_finding(code, condition, kept, case))
    return found


def _finding(code: str, condition: Condition | None, kept: bool | None, case: Case) -> Finding:
    read = condition.reads if condition else ()
    facts = [FactUsed(f"person.{FACT}", code, "the district")]
    facts += [FactUsed(f"placement.{name}", case.placement.get(name), "the placement") for name in read]
    return Finding(
        rule=f"{RULE}.{code}",
        title="A condition of a check",
        layer=Layer.DISTRICT_POLICY,
        state=State.UNKNOWN if kept is None else State.VIOLATED,
        effect=Effect.HOLD,
        reason=Text(condition.waits if condition else "A condition of this person’s check is not known here any more."),
        citation="The district's policy on background checks",
        confidence="high",
        jurisdiction=case.jurisdiction,
        facts=tuple(facts),
        remedy=Remedy(Actor.DISTRICT, Text(condition.remedy if condition else "Decide about the check again.")),
        purpose="A person works where the district has decided that it is right, and only there.",
        clearance=True,
        plugin="background_check",
    )
