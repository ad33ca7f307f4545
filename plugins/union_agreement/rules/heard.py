"""What a clause, the law and pending grievances say of a placement, short enough to be kept for many.

The judging is that of decisions (``deciding.verdict``); kept is only what is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from staffing.api import Actor, Effect, Finding, calendar

from . import law
from .agreement import Agreement
from .answers import Standing
from .clause import Clause
from .deciding import verdict
from .facts import SUPPLIED_BY, Facts
from .grievances import grievances
from .in_force import Stands
from .records import spoken
from .watched import Watched


class Said(msgspec.Struct, frozen=True):
    """What one clause says of a placement on a day.

    ``free_on``: the day on which it would let the work begin by itself; ``lead``: so many days of a kind after something asked
    for was sent. Both are None where waiting does not help.
    """

    ref: str
    title: str
    effect: Effect
    missing: tuple[str, ...] = ()
    who: Actor = Actor.DISTRICT
    broken: bool = False
    free_on: date | None = None
    lead: tuple[int, calendar.DayKind] | None = None
    owed: tuple[str, ...] = ()


#: Asks something of a placement on a day; the second argument is how the agreement stands.
Ask = Callable[[Watched, Any], tuple[Said, ...]]
#: Kinds of days as parameters write them.
_KINDS = {**{kind.value: kind for kind in calendar.DayKind}, **{f"{kind.value}_day": kind for kind in calendar.DayKind}}


def asking(clause: Clause, agreement: Agreement) -> Ask:
    """Asks a clause."""
    lead = _lead(clause)

    def ask(facts: Watched, how: Stands) -> tuple[Said, ...]:
        found = verdict(clause, agreement, how, facts.of(agreement))
        if found is None or (found.effect is Effect.ALLOW and not found.answer.remedies_due):
            return ()
        broken = found.answer.standing is Standing.VIOLATED
        missing = found.answer.missing
        who = SUPPLIED_BY.get(missing[0], Actor.DISTRICT) if missing else found.remedy.who if found.remedy else Actor.DISTRICT
        free = found.answer.changes_on if broken else None
        return (
            Said(
                clause.id,
                title_of(clause),
                found.effect,
                missing=missing,
                who=who,
                broken=broken,
                free_on=None if free is None else date.fromordinal(free.toordinal()),  # not one that notes what it is asked
                lead=lead if broken else None,
                owed=tuple(str(one) for one in found.answer.remedies_due),
            ),
        )

    return ask


def _lead(clause: Clause) -> tuple[int, calendar.DayKind] | None:
    """The days a clause wants between telling and beginning, and of which kind they are; None where it names none."""
    params = clause.params
    for inner in (params, getattr(params, "interview_window", None), getattr(params, "posting", None)):
        days = getattr(inner, "lead", None) if inner is not None else None
        days = getattr(inner, "n", None) if days is None and inner is not None else days
        kind = getattr(inner, "day_kind", None) or getattr(inner, "unit", None)
        if isinstance(days, int) and kind in _KINDS:
            return days, _KINDS[kind]
    return (0, calendar.DayKind.CALENDAR) if clause.effect is Effect.NEEDS_NOTICE else None


def of_law(facts: Watched, _: Any) -> tuple[Said, ...]:
    """The built-in law; what each of its clauses lacks is kept from the verdict."""
    heard: dict[str, Said] = {}

    def judge(clause: Clause, agreement: Agreement, how: Stands, own: Facts) -> Finding | None:
        found = verdict(clause, agreement, how, own)
        if found is None:
            return None
        missing = found.answer.missing
        heard[clause.id] = Said(clause.id, title_of(clause), found.effect, missing)
        return Finding(
            rule=clause.id,
            title=title_of(clause),
            layer=clause.layer,
            state=found.state,
            effect=found.effect,
            reason=found.reason,
            ref=clause.id,
        )

    said = law.findings(facts, judge)
    return tuple(_of(one, heard) for one in said if one.effect is not Effect.ALLOW)


def _of(finding: Finding, heard: Mapping[str, Said]) -> Said:
    held = heard.get(finding.ref)
    if held is not None and held.effect is finding.effect:
        return held
    return Said(finding.ref or finding.rule, finding.title, finding.effect)


def grieved(agreement: Agreement) -> Ask:
    """Asks for the grievances that hold a placement under an agreement."""

    def ask(facts: Watched, _: Any) -> tuple[Said, ...]:
        found = grievances(agreement, facts.of(agreement))
        return tuple(Said(one.ref, one.title, one.effect) for one in found if one.effect is not Effect.ALLOW)

    return ask


def title_of(clause: Clause) -> str:
    """What a clause is called."""
    return clause.title or spoken(clause.type).capitalize()
