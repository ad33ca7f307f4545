"""Whose work it is: work of the bargaining unit, and the tasks a role may or may not do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, Layer

from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, unknown, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..positions import words_of
from ..records import spoken

CarveOut = Literal["emergency", "instruction_of_employees", "temporary_overflow", "supplementary_service", "existing_practice"]


class UnitWork(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``unit_duties`` are the unit's (none: those of the negotiated map). ``emergency_max`` is in hours."""

    unit_duties: tuple[str, ...] = ()
    carve_outs: tuple[CarveOut, ...] = ()
    emergency_max: int | float | None = None

    def __post_init__(self) -> None:
        if self.emergency_max is not None and self.emergency_max <= 0:
            raise ParamsError(
                "emergency_max", f"{self.emergency_max} hours of emergency are none. Write more than 0, or leave it out."
            )
        if self.emergency_max is not None and "emergency" not in self.carve_outs:
            raise ParamsError("emergency_max", "'emergency_max' belongs to the carve-out emergency. Add it, or leave this out.")


def unit_work_exclusivity(params: UnitWork, facts: Facts, clause: Clause) -> Answer:
    """Whether a duty of the placement is the unit's work, and no carve-out is shown for it.

    ``duty_to_unit_map`` is ``{duty: unit or units}``. A carve-out counts where it is told: ``emergency_declared`` (true, or
    ``{hours, ended_on}``), ``temporary_overflow`` and ``supplementary_service`` (true, or ``{until}``), and rows of
    ``past_practice_register`` ``{duty, since, ended_on, agreed}``. The duties ``tutor_training``, ``staff_training`` and
    ``instruction_of_employees`` are the instruction of employees.

    Decided where agreements are silent: a duty claimed by two units is the unit's too. A duty no unit ever did is shown and stops
    nobody. A practice only one side recorded is held, for who may record one is a question for counsel. A few minutes of help
    are not excepted. Under federal law the question is another: whether the duties are assigned to an actual employee
    (``displaces_assigned_duties``), which no map answers.
    """
    if clause.layer is Layer.FEDERAL_LAW and not params.unit_duties:
        return _assigned(facts)
    duties = facts.words("duties")
    if not duties:
        raise Unknown("duties")
    ours, others = _ours(params, facts, clause, duties)
    if not ours:
        if others:
            return satisfied("No unit has claimed this work yet: {duties}.", effect=Effect.ADVISE, duties=_list(others))
        return satisfied("None of the duties is work of the unit.")
    left = set(ours)
    used: list[str] = []
    for carve_out in params.carve_outs:
        excepted = set(_excepted(carve_out, params, facts, left))
        if excepted:
            used.append(spoken(carve_out))
            left -= excepted
    if not left:
        says = "It is work of the unit, and an exception of the clause covers it: {used}."
        return satisfied(says, effect=Effect.ADVISE, used=", ".join(used))
    shared = sorted({unit for duty in left for unit in ours[duty]})
    claimed = f" More than one unit claims it: {_list(shared)}." if len(shared) > 1 else ""
    return violated(
        "This is work of the bargaining unit: {duties}.{claimed}",
        remedy=act(Actor.DISTRICT, "Ask the union to sign for it, give the work to the unit, or leave these duties out."),
        duties=_list(left),
        claimed=claimed,
    )


def _assigned(facts: Facts) -> Answer:
    if facts.need("displaces_assigned_duties"):
        return violated(
            "These duties are assigned to an employee.",
            remedy=act(Actor.DISTRICT, "Leave them to the employee, and give this person other duties."),
        )
    return satisfied("The duties are not assigned to any employee.")


def _ours(params: UnitWork, facts: Facts, clause: Clause, duties: frozenset[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The unit's duties among these, each with the units that claim it; and those no unit claims."""
    known = facts.get("duty_to_unit_map")
    claims = {duty: sorted(words_of(known.get(duty)) or ()) for duty in duties} if isinstance(known, Mapping) else {}
    if params.unit_duties:
        return {duty: claims.get(duty, []) for duty in duties if duty in params.unit_duties}, []
    if not claims:
        raise Unknown("duty_to_unit_map")
    units = clause.scope.units or (facts.agreement.units if facts.agreement else ())
    ours = {duty: named for duty, named in claims.items() if named and (not units or set(named) & set(units))}
    return ours, sorted(duty for duty, named in claims.items() if not named)


_TEACHES_STAFF = frozenset({"tutor_training", "staff_training", "instruction_of_employees"})


def _excepted(carve_out: str, params: UnitWork, facts: Facts, duties: set[str]) -> Iterator[str]:
    """The duties a carve-out covers."""
    if carve_out == "instruction_of_employees":
        yield from duties & _TEACHES_STAFF
    elif carve_out == "existing_practice":
        yield from _practice(facts, duties)
    elif carve_out == "emergency":
        if _emergency(params, facts):
            yield from duties
    elif _told(facts, carve_out):
        yield from duties


def _told(facts: Facts, name: str) -> bool:
    told = facts.get(name)
    until = as_day(told.get("until")) if isinstance(told, Mapping) else None
    return bool(told) and (until is None or facts.on <= until)


def _emergency(params: UnitWork, facts: Facts) -> bool:
    told = facts.get("emergency_declared")
    if not told:
        return False
    details: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    ended = as_day(details.get("ended_on"))
    if ended is not None and ended < facts.on:
        return False
    if params.emergency_max is None:
        return True
    hours = details.get("hours")
    if hours is None:
        raise Unknown("emergency_declared")
    return Fraction(str(hours)) <= Fraction(str(params.emergency_max))


def _practice(facts: Facts, duties: set[str]) -> Iterator[str]:
    for row in facts.rows("past_practice_register"):
        duty, since, ended = row.get("duty"), as_day(row.get("since")), as_day(row.get("ended_on"))
        if duty not in duties or (since is not None and since > facts.on) or (ended is not None and ended <= facts.on):
            continue
        if row.get("agreed") is False:
            continue
        if row.get("agreed") is not True:
            raise Unknown("past_practice_register")
        yield str(duty)


# --- tasks of a role ---


class DutyLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``allow`` is the whole list (none: no list), ``deny`` never done; what neither names, ``deciding_role`` judges."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    deciding_role: Literal["certificated_in_charge", "principal", "joint_committee"] | None = None

    def __post_init__(self) -> None:
        if not (self.allow or self.deny or self.deciding_role):
            raise ParamsError("allow", "A limit of duties needs allow, deny, or a deciding_role.")
        if both := sorted({*self.allow} & {*self.deny}):
            raise ParamsError("deny", f"{both[0]} is allowed and denied. Keep it in one list.")


def duty_limit(params: DutyLimit, facts: Facts, clause: Clause) -> Answer:
    """Whether each duty is allowed. Duties are codes: one that is written as free text cannot be judged and is held.

    ``certificated_in_charge_judgement`` is true or false for all duties, or ``{duty: true or false}``, or ``{by: role, fit: true
    or false}``: one by another role than the deciding one is not its judgement. A composite such as ``tutoring+lunch_duty`` is
    judged by its parts. Duties are those told for the day: when they drift, tell the new ones.
    """
    duties = facts.words("duties")
    parts = {part: duty for duty in duties for part in re.split(r"\s*[+/,;&]\s*", duty) if part}
    if not parts:
        raise Unknown("duties")
    if denied := sorted(parts.keys() & set(params.deny)):
        remedy = act(Actor.SITE, "Take these duties away: {duties}.", duties=_list(denied))
        return violated("This role may not do this: {duties}.", remedy=remedy, duties=_list(denied))
    free_text = sorted(part for part in parts if not re.fullmatch(r"[a-z0-9_]+", part))
    rest = sorted(parts.keys() - set(params.allow) - set(free_text))
    if rest and params.allow and params.deciding_role is None:
        remedy = act(Actor.SITE, "Keep to the duties of the list: {allow}.", allow=_list(params.allow))
        return violated("This role may do only what is listed, and this is not: {duties}.", remedy=remedy, duties=_list(rest))
    unfit = [duty for duty in rest if params.deciding_role and _fit(params.deciding_role, facts, duty) is False]
    if unfit:
        remedy = act(Actor.SITE, "Leave these duties to a licensed employee: {duties}.", duties=_list(unfit))
        says = "The {role} judges this unfit for the role: {duties}."
        return violated(says, remedy=remedy, role=spoken(params.deciding_role or ""), duties=_list(unfit))
    if free_text:
        remedy = act(Actor.SITE, "Choose the duties from the list of codes.")
        return unknown(
            "duties", because="What this duty is cannot be told from its words: {duties}.", remedy=remedy, duties=_list(free_text)
        )
    if params.deciding_role and (open_ := [duty for duty in rest if _fit(params.deciding_role, facts, duty) is None]):
        role = spoken(params.deciding_role)
        remedy = act(Actor.SITE, "Ask the {role} whether the role may do this, and record the answer.", role=role)
        says = "The {role} has not judged yet whether the role may do this: {duties}."
        return unknown("certificated_in_charge_judgement", because=says, remedy=remedy, role=role, duties=_list(open_))
    return satisfied("Each duty is one the role may do.")


def _fit(role: str, facts: Facts, duty: str) -> bool | None:
    told = facts.get("certificated_in_charge_judgement")
    if isinstance(told, Mapping):
        by = told.get("by")
        found = told.get(duty, told.get("fit"))
        return None if (by is not None and by != role) or not isinstance(found, bool) else found
    return told if isinstance(told, bool) and role == "certificated_in_charge" else None


def _list(duties: Any) -> str:
    return ", ".join(spoken(one) for one in sorted(duties))


def _words_unit(params: UnitWork) -> str:
    work = (
        f"Only employees of the unit do this: {_list(params.unit_duties)}"
        if params.unit_duties
        else "Only the unit does its work"
    )
    limit = f" (at most {params.emergency_max} hours of emergency)" if params.emergency_max else ""
    but = f", except for: {', '.join(map(spoken, params.carve_outs))}{limit}" if params.carve_outs else ""
    return f"{work}{but}."


def _words_limit(params: DutyLimit) -> str:
    parts = [
        f"The role may do only this: {_list(params.allow)}." if params.allow and not params.deciding_role else "",
        f"The role may do this: {_list(params.allow)}." if params.allow and params.deciding_role else "",
        f"The role never does this: {_list(params.deny)}." if params.deny else "",
        f"The {spoken(params.deciding_role)} decides about other duties." if params.deciding_role else "",
    ]
    return " ".join(part for part in parts if part)


TYPES = (
    ClauseType(
        name="unit_work_exclusivity",
        params=UnitWork,
        check=unit_work_exclusivity,
        effect=Effect.NEEDS_COSIGN,
        meaning="Work of the bargaining unit is done by unit members unless listed otherwise.",
        words=_words_unit,
        facts=(
            "duties",
            "duty_to_unit_map",
            "past_practice_register",
            "emergency_declared",
            "temporary_overflow",
            "supplementary_service",
            "displaces_assigned_duties",
        ),
    ),
    ClauseType(
        name="duty_limit",
        params=DutyLimit,
        check=duty_limit,
        effect=Effect.BLOCK,
        meaning="Allow-list or deny-list of tasks for a role.",
        words=_words_limit,
        facts=("duties", "certificated_in_charge_judgement"),
    ),
)
