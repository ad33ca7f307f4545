"""Adults who are not counted to raise the number of students for each teacher."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from staffing.api import Actor, Effect

from ..answers import Answer, Unknown, act, satisfied, unknown, violated
from ..clause import ROLES, Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..records import spoken


class NoStaffingCredit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``formula_ids`` (none: every formula) do not count ``counted_roles_forbidden`` (none: the roles the clause is about)."""

    formula_ids: tuple[str, ...] = ()
    counted_roles_forbidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for role in self.counted_roles_forbidden:
            if role not in ROLES:
                raise ParamsError("counted_roles_forbidden", f"There is no role '{role}'. Known: {', '.join(ROLES)}.")


#: Reasons for larger classes that say the adult is why.
_ADULT = frozenset({"tutor", "aide", "volunteer", "placement", "adult", "merged_for_tutor", "parapro", "programme", "program"})
#: Reasons that have nothing to do with it.
_OTHER = frozenset({"enrolment", "enrollment", "new_students", "budget", "teacher_absent", "school_closed", "other"})


def no_staffing_credit(params: NoStaffingCredit, facts: Facts, clause: Clause) -> Answer:
    """Whether a formula counts such an adult, or classes grew because one is there.

    ``staffing_formula_inputs`` is ``{formula: {role: number} or [roles]}`` or rows ``{formula, counts}``;
    ``class_size_before_after`` is ``{before, after, because, is_class, formula}`` or rows of them, where ``before`` and ``after``
    are students for each teacher, or ``{students, teachers}``. A group that is no class (``is_class: false``, as a hub cohort)
    has no class size. Both facts are needed: who is counted, and whether classes grew.

    Decided where agreements are silent: a class that grew and nobody says why is held. Growth by enrolment is not credit.
    """
    roles = set(params.counted_roles_forbidden or clause.scope.roles or ([facts.role] if facts.role else ()))
    inputs, sizes = facts.get("staffing_formula_inputs"), facts.get("class_size_before_after")
    for formula, counted in _inputs(inputs):
        if (not params.formula_ids or formula in params.formula_ids) and (bad := sorted(roles & counted)):
            return violated(
                "The {formula} formula counts: {roles}.",
                remedy=act(Actor.DISTRICT, "Take them out of the {formula} formula.", formula=spoken(formula)),
                formula=spoken(formula),
                roles=", ".join(map(spoken, bad)),
            )
    unsure = None
    for row in _sizes(sizes, params):
        before, after = _each(row.get("before")), _each(row.get("after"))
        if before is None or after is None:
            raise Unknown("class_size_before_after")
        words = {"before": _text(before), "after": _text(after)}
        because = str(row.get("because") or row.get("cause") or "").replace(" ", "_").lower()
        if after > before and because in _ADULT:
            return violated(
                "Classes went from {before} to {after} students for each teacher because an aide or volunteer is there.",
                remedy=act(Actor.SITE, "Bring classes back to {before} students for each teacher.", before=words["before"]),
                before=words["before"],
                after=words["after"],
            )
        if after > before and because not in _OTHER:
            unsure = words
    if unsure is not None:
        return unknown(
            "class_size_before_after",
            because="Classes went from {before} to {after} students for each teacher, and nobody says why.",
            remedy=act(Actor.SITE, "State why classes grew."),
            **unsure,
        )
    facts.need("staffing_formula_inputs", "class_size_before_after")
    return satisfied("No formula counts such an adult, and no class grew because of one.")


def _inputs(told: Any) -> Iterator[tuple[str, set[str]]]:
    """Each formula and the roles it counts."""
    if isinstance(told, Mapping) and not {"formula", "formula_id"} & told.keys():
        pairs = [(str(name), counts) for name, counts in told.items()]
    else:
        rows = [told] if isinstance(told, Mapping) else told if isinstance(told, list | tuple) else []
        pairs = [
            (str(row.get("formula") or row.get("formula_id") or ""), row.get("counts") or row.get("counted_roles") or ())
            for row in rows
            if isinstance(row, Mapping)
        ]
    for name, counts in pairs:
        if isinstance(counts, Mapping):
            yield name, {str(role) for role, number in counts.items() if number}
        else:
            yield name, {counts} if isinstance(counts, str) else {str(role) for role in counts or ()}


def _sizes(told: Any, params: NoStaffingCredit) -> Iterator[Mapping[str, Any]]:
    for row in [told] if isinstance(told, Mapping) else told if isinstance(told, list | tuple) else []:
        if not isinstance(row, Mapping) or row.get("is_class") is False:
            continue
        formula = row.get("formula")
        if formula is None or not params.formula_ids or formula in params.formula_ids:
            yield row


def _each(told: Any) -> Fraction | None:
    """Students for each teacher, exactly."""
    if isinstance(told, Mapping):
        students, teachers = told.get("students"), told.get("teachers")
        return Fraction(str(students)) / Fraction(str(teachers)) if students is not None and teachers else None
    return Fraction(str(told)) if isinstance(told, int | float) and not isinstance(told, bool) else None


def _text(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):.1f}"


def _words(params: NoStaffingCredit) -> str:
    roles = ", ".join(map(spoken, params.counted_roles_forbidden)) or "aides and volunteers"
    which = f"the formula for {', '.join(map(spoken, params.formula_ids))}" if params.formula_ids else "any staffing formula"
    return f"The district does not count {roles} in {which}, and does not make classes larger because they are there."


TYPES = (
    ClauseType(
        name="no_staffing_credit",
        params=NoStaffingCredit,
        check=no_staffing_credit,
        effect=Effect.BLOCK,
        meaning="Aides or volunteers may not be counted toward class-size or staffing formulas, or used to raise students per"
        " teacher.",
        words=_words,
        facts=("staffing_formula_inputs", "class_size_before_after"),
    ),
)
