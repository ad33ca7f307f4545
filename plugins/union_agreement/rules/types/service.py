"""How long work outside the unit may go on before the person or the position belongs to the unit, or has to stop."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import partial
from typing import Literal

import msgspec

from staffing.api import Actor, Effect, Remedy, Text

from .. import ledger
from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import fraction, spoken_number, spoken_share
from ..facts import Facts
from ..parts import Part, together
from ..records import ask_for, day_after, required, signed, soonest
from . import service_counts as counts

Unit = Literal["work_day", "calendar_day", "hour", "minute_per_week", "calendar_quarter"]
Per = Literal["school_year", "fiscal_year", "calendar_year", "rolling_12m"]
Basis = Literal["person", "position", "assignment_chain"]


class ServiceCap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most ``limit`` of ``unit`` in each ``per``; exactly so many is allowed. A fiscal year begins on 1 July.

    ``count_by``: of the person, of the position whoever fills it, of the chain of assignments; each is counted by itself.
    ``anti_rotation``: the position is counted in any case, so that people cannot take turns. Past ``warn_at`` of the limit it
    advises (R17). ``boundary`` is the parties' own note on where the limit lies.
    """

    limit: float | int
    unit: Unit
    per: Per | None = None
    count_by: tuple[Basis, ...] = ("person",)
    warn_at: float | int | str | None = None
    on_reach: Literal["block", "accrete_to_unit", "needs_cosign"] = "block"
    anti_rotation: bool = False
    boundary: str = ""

    def __post_init__(self) -> None:
        limit = fraction(self.limit)
        if limit is None or limit < 0 or (limit == 0 and self.unit != "minute_per_week"):
            raise ParamsError("limit", f"A limit of {self.limit} lets nobody serve. Write more than 0.")
        if self.unit in {"work_day", "calendar_day", "calendar_quarter"} and limit.denominator != 1:
            raise ParamsError("limit", f"Days and quarters are counted whole, and {self.limit} is no whole number.")
        if self.per is None and self.unit != "minute_per_week":
            raise ParamsError("per", "Say in which time: per: school_year, fiscal_year, calendar_year or rolling_12m.")
        if not self.count_by:
            raise ParamsError("count_by", "Say whose service is counted: count_by: [person, position].")
        warn = fraction(self.warn_at)
        if self.warn_at is not None and (warn is None or not 0 < warn <= 1):
            raise ParamsError("warn_at", f"'{self.warn_at}' is no share of the limit. Write more than 0 and at most 1.")

    @property
    def most(self) -> Fraction:
        """The limit as an exact number."""
        return fraction(self.limit) or Fraction(0)

    @property
    def bases(self) -> tuple[str, ...]:
        """What is counted, in the order it is said."""
        wanted = {*self.count_by, *(("position",) if self.anti_rotation else ())}
        return tuple(basis for basis in ledger.BASES if basis in wanted)


def service_cap(params: ServiceCap, facts: Facts, clause: Clause) -> Answer:
    """Whether service stays within the cap, the day decided for included.

    Facts: ``service_ledger`` (see ``rules/ledger.py``), ``position_id``, ``assignment_chain``, the sessions;
    ``board_certified_end_date`` (a day: service after it is not certified; false: none is certified, which is advised);
    where there is no ledger, ``days_school_year`` and ``days_in_position``; for minutes, ``hours_week``.
    """
    parts: list[Part] = [lambda: _certified(facts)]
    parts.extend(partial(_counted, basis, params, facts, clause) for basis in params.bases)
    return together(parts)


def _certified(facts: Facts) -> Answer | None:
    told = facts.get("board_certified_end_date")
    if told is False:
        return satisfied("The board has certified no day on which this service ends; ask it to.", effect=Effect.ADVISE)
    last = as_day(told)
    if last is None:
        return None
    if facts.on > last:
        return violated(
            "The board certified this service through {day} only.",
            remedy=act(Actor.DISTRICT, "End the service, or ask the board to certify a later day."),
            day=last,
        )
    return satisfied("The board certified this service through {day}.", day=last, changes_on=day_after(last))


def _counted(basis: str, params: ServiceCap, facts: Facts, clause: Clause) -> Answer:
    count = counts.count(basis, params.unit, params.per, params.most, facts, clause)
    words = {
        "whose": {"person": "of this person", "position": "in this position"}.get(basis, "in this chain of assignments"),
        "unit": _UNITS[params.unit].capitalize(),
        "today": "this day not included" if count.without_today else "this day included",
        "allowed": _allowed(params),
    }
    if params.on_reach == "accrete_to_unit" and count.passed_before is not None:
        return _became(params, count.passed_before)
    if count.over:
        turns = " People taking turns in it are counted together." if basis == "position" and count.people > 1 else ""
        says = violated(
            "{unit} of service {whose}, {today}: {count}. {allowed}.{turns}",
            remedy=_remedy(params),
            changes_on=count.fresh_on,
            count=spoken_number(count.least),
            turns=turns,
            **words,  # type: ignore[arg-type]
        )
        return _reached(params, facts, clause, says)
    if count.most is None or count.most > params.most:
        raise Unknown(*count.lacking)
    warn = fraction(params.warn_at)
    number = spoken_number(count.most)
    if warn is not None and count.most > warn * params.most:
        return satisfied(
            "{unit} of service {whose}, {today}: {count}. {allowed}. That is past {share} of it.",
            effect=Effect.ADVISE,
            changes_on=count.full_on,
            count=number,
            share=spoken_share(warn),
            **words,
        )
    return satisfied(
        "{unit} of service {whose}, {today}: {count}. {allowed}.",
        changes_on=count.full_on,
        count=number,
        **words,  # type: ignore[arg-type]
    )


def _became(params: ServiceCap, day: date) -> Answer:
    """Work that has become the unit's stays the unit's, in the next period too."""
    return violated(
        "The limit was passed on {day}, and from then on the work is the unit's. {allowed}.",
        remedy=_remedy(params),
        allowed=_allowed(params),
        day=day,
    )


def _remedy(params: ServiceCap) -> Remedy:
    if params.on_reach == "accrete_to_unit":
        return act(Actor.DISTRICT, "Make it a position of the unit and post it, or end the service.")
    return act(Actor.DISTRICT, "End the service, or plan it for the next period.")


def _reached(params: ServiceCap, facts: Facts, clause: Clause, says: Answer) -> Answer:
    """Past the limit. Under ``needs_cosign`` the signatures on record decide; a clause that only advises goes on advising."""
    if params.on_reach != "needs_cosign" or facts.agreement is None or clause.effect is Effect.ADVISE:
        return says
    state = signed(required(clause, facts.agreement), clause, facts)
    if state.complete:
        return satisfied("{says} It is signed for.", says=str(says.reason), changes_on=day_after(state.through))
    why = " ".join([str(says.reason), *(str(one) for one in state.refused)])
    return msgspec.structs.replace(
        says,
        reason=Text("{says}", {"says": why}),
        remedy=ask_for(state),
        effect=Effect.NEEDS_COSIGN,
        settled_by_records=True,
        changes_on=soonest(says.changes_on, state.begins),
    )


_UNITS = {
    "work_day": "days",
    "calendar_day": "calendar days",
    "hour": "hours",
    "minute_per_week": "minutes a week",
    "calendar_quarter": "calendar quarters",
}
_PERIODS = {
    "school_year": "a school year",
    "fiscal_year": "a fiscal year (from 1 July)",
    "calendar_year": "a calendar year",
    "rolling_12m": "any twelve months",
}


def _allowed(params: ServiceCap) -> str:
    inside = f" in {_PERIODS[params.per]}" if params.per and params.unit != "minute_per_week" else ""
    return f"Allowed{inside}: {spoken_number(params.most)}"


def _words(params: ServiceCap) -> str:
    whose = {"person": "one person", "position": "one position, whoever fills it", "assignment_chain": "one chain of assignments"}
    reach = {
        "block": "After that it stops.",
        "accrete_to_unit": "After that the work is the unit's.",
        "needs_cosign": "After that it goes on only with the union's signature.",
    }[params.on_reach]
    warn = fraction(params.warn_at)
    early = f" Past {spoken_share(warn)} of it both sides are told." if warn is not None else ""
    turns = " People may not take turns to get around this." if params.anti_rotation else ""
    counted = ", and the same for ".join(whose[basis] for basis in params.bases)
    unit = _UNITS[params.unit]
    return f"{_allowed(params)} {unit} for {counted}. {reach}{early}{turns}"


TYPES = (
    ClauseType(
        name="service_cap",
        params=ServiceCap,
        check=service_cap,
        effect=Effect.BLOCK,
        meaning="Cap on days, hours or terms outside the unit; past it the work becomes the unit's, or must stop.",
        words=_words,
        facts=(
            "service_ledger",
            "ledger",
            "position_id",
            "assignment_chain",
            "days_school_year",
            "days_in_position",
            "hours_week",
            "school_year_starts_on",
            "board_certified_end_date",
            "cosignatures",
        ),
    ),
)
