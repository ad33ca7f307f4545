"""No placement that causes or follows a layoff, an abolished position or a cut of the employees who do that work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

from staffing.api import Actor, Effect, Layer, Text

from ..answers import Answer, Standing, act, satisfied, unknown, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..positions import FULL, OTHER, PARTIAL, Row, at_site, covered, day, event, kind, lacks, same_work, title
from ..records import spoken


class NonDisplacement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``lookback`` is in calendar days (none: however long ago). ``include_partial`` counts cuts in hours, wages or benefits.

    ``as_a_result_of`` asks for the stated cause; ``temporal_presumption`` counts whatever was done within the lookback.
    """

    lookback: int | None = None
    include_partial: bool = False
    match: Literal["same_duty", "same_classification", "substantially_equivalent"] = "substantially_equivalent"
    geography: Literal["site", "district"] = "district"
    causal_test: Literal["as_a_result_of", "temporal_presumption"] = "as_a_result_of"

    def __post_init__(self) -> None:
        if self.lookback is not None and self.lookback < 1:
            raise ParamsError("lookback", f"A lookback of {self.lookback} days looks at nothing. Write 1 or more calendar days.")
        if self.causal_test == "temporal_presumption" and self.lookback is None:
            raise ParamsError(
                "lookback", "A presumption from time needs its time: lookback: 365 (calendar days), or another number."
            )


#: Stated causes that say the work was taken for people like the one placed.
OWN_CAUSE = frozenset(
    [
        "placement",
        "this_placement",
        "programme",
        "program",
        "tutors",
        "volunteers",
        "volunteer_aides",
        "national_service",
        "americorps",
        "work_study",
        "partner_staff",
        "cbo_staff",
        "contracting_out",
        "subcontracting",
        "outsourcing",
        "replaced",
        "displacement",
    ]
)
#: Stated causes that name something else. They are the district's word: shown to both sides, and not proof.
OTHER_CAUSE = frozenset(
    [
        "enrolment_drop",
        "enrollment_drop",
        "enrolment",
        "enrollment",
        "budget",
        "lack_of_funds",
        "grant_ended",
        "lack_of_work",
        "school_closed",
        "site_closed",
        "reorganisation",
        "reorganization",
        "programme_ended",
        "program_ended",
        "performance",
        "misconduct",
        "employee_request",
        "attrition",
        "retirement",
        "resignation",
        "bumping",
        "other",
    ]
)


class _Found(msgspec.Struct):
    """What the register says, sorted: what counts, what cannot be told, what is only to be shown, what is to come."""

    counts: list[tuple[Row, date | None]]
    unsure: list[tuple[Row, str]]
    shown: list[Text]
    planned: list[tuple[Row, date]]


def non_displacement(params: NonDisplacement, facts: Facts, clause: Clause) -> Answer:
    """Whether a layoff, an abolished position or a cut took this work from an employee, within the lookback.

    ``context.position_actions`` are rows as in ``positions``, with ``cause`` and ``requested_by_employee``; ``stated_cause`` (a
    word, or words by classification) serves rows without a cause. The day looked back from is the day decided for, and before
    the placement begins its first day; a day ``lookback`` days after the action is still inside.

    Decided where agreements are silent: a cut that pre-dates the agreement counts, for the clause binds the placement. Attrition
    is no layoff and counts for nothing here. Hours restored under the same title, and a cut the employee asked for, are shown
    and do not stop anyone; hours restored under another title change nothing. A drop in enrolment does not lift a presumption.
    """
    rows = facts.rows("position_actions", needed=True)
    found = _Found([], [], [], [])
    for row in rows:
        _judge(row, rows, params, facts, clause, found)
    if found.counts:
        return _violated(params, found)
    if found.unsure:
        return _unsure(found, facts)
    if found.planned:
        row, when = min(found.planned, key=lambda one: one[1])
        return satisfied(
            "Planned for {day}: {event}. From that day on this work counts as displacement.",
            effect=Effect.ADVISE,
            changes_on=when,
            day=when,
            event=event(row),
        )
    if found.shown:
        return Answer(standing=Standing.SATISFIED, effect=Effect.ADVISE, reason=found.shown[0])
    return satisfied("No layoff, abolished position or cut on record took this work from an employee.")


def _judge(  # noqa: PLR0917 - one row among all, by a clause's parameters
    row: Row, rows: tuple[Row, ...], params: NonDisplacement, facts: Facts, clause: Clause, found: _Found
) -> None:
    what = kind(row)
    of_volunteers = what == "volunteer_displaced" and clause.layer is Layer.FEDERAL_LAW and facts.role == "national_service"
    if not (what in FULL or of_volunteers or (what in PARTIAL and params.include_partial)):
        if what not in OTHER | PARTIAL | {"unchanged", "volunteer_displaced"}:
            found.unsure.append((row, "type"))
        return
    when, since = day(row), max(facts.on, facts.start)
    ends = when + timedelta(days=params.lookback) if when is not None and params.lookback is not None else None
    if ends is not None and since > ends:
        return
    parts = {
        "": covered(row, facts, clause),
        "work": same_work(row, facts, params.match),
        "site": True if params.geography == "district" else at_site(row, facts),
        "date": True if when is not None or params.lookback is None else None,
    }
    if False in parts.values():
        return
    if when is not None and when > since:
        found.planned.append((row, when))
        return
    if None in parts.values():
        found.unsure.extend((row, name) for name, known in parts.items() if known is None)
        return
    if what in PARTIAL and (row.get("requested_by_employee") is True or row.get("cause") == "employee_request"):
        found.shown.append(Text("On record: {event}. The employee asked for it, so it does not count.", {"event": event(row)}))
    elif _restored(row, rows, since):
        found.shown.append(Text("On record: {event}. It was restored under the same title.", {"event": event(row)}))
    elif params.causal_test == "temporal_presumption":
        found.counts.append((row, ends))
    else:
        _by_cause(row, ends, facts, found)


def _by_cause(row: Row, ends: date | None, facts: Facts, found: _Found) -> None:
    told = row.get("cause")
    if not told:
        stated = facts.get("stated_cause")
        told = stated.get(row.get("classification")) if isinstance(stated, Mapping) else stated
    cause = str(told or "").strip().lower().replace(" ", "_")
    if cause in OWN_CAUSE:
        found.counts.append((row, ends))
    elif cause in OTHER_CAUSE:
        words = {"event": event(row), "cause": spoken(cause)}
        found.shown.append(Text("On record: {event}. The district states another cause: {cause}. Both sides see this.", words))
    else:
        found.unsure.append((row, "cause"))


def _restored(row: Row, rows: tuple[Row, ...], by: date) -> bool:
    """Whether the same hours came back later to the same title at the same place."""
    when, before = day(row), row.get("hours_before")
    for one in rows:
        back, hours = day(one), one.get("hours_after")
        if kind(one) != "restored" or title(one) != title(row) or one.get("site") != row.get("site"):
            continue
        if back is None or back > by or (when is not None and back < when):
            continue
        if before is None or hours is None or hours >= before:
            return True
    return False


def _violated(params: NonDisplacement, found: _Found) -> Answer:
    row = found.counts[0][0]
    when, more = day(row), len(found.counts) - 1
    also = f" {more} more count too." if more else ""
    last = None if any(end is None for _, end in found.counts) else max(end for _, end in found.counts if end is not None)
    free = None if last is None else last + timedelta(days=1)
    on = f" on {when.isoformat()}" if when else ""
    if params.causal_test == "temporal_presumption":
        return violated(
            "This is work of a position that changed: {event}{on}. For {lookback} days after it nobody is placed in it.{also}",
            remedy=act(Actor.DISTRICT, "Give the work back to its employees, or begin on {free} or later.", free=free),
            changes_on=free,
            event=event(row),
            on=on,
            lookback=params.lookback,
            also=also,
        )
    return violated(
        "This work was taken from an employee: {event}{on}, and the stated cause is work like this.{also}",
        remedy=act(Actor.DISTRICT, "Give the work back to its employees, or place the person in other work."),
        changes_on=free,
        event=event(row),
        on=on,
        also=also,
    )


def _unsure(found: _Found, facts: Facts) -> Answer:
    row, part = found.unsure[0]
    rows = [one for one, name in found.unsure if name == part]
    when = day(row)
    words = {"event": event(row), "on": f" on {when.isoformat()}" if when else ""}
    says, missing = {
        "work": ("Whether this is its work is not known: {event}{on}.", lacks(rows, facts, "position_actions")),
        "site": ("At which site it was, or this is, is not known: {event}{on}.", ("site",)),
        "date": ("The day it happened is not known: {event}.", ("position_actions",)),
        "type": ("The register names something we cannot read: {event}{on}.", ("position_actions",)),
        "cause": ("Why it was done is not known: {event}{on}.", ("stated_cause",)),
    }[part]
    remedy = act(
        Actor.DISTRICT,
        {
            "work": "State the duties and the classification of this work, and of the position.",
            "cause": "State the cause with the action: this work, or another cause such as enrolment or budget.",
        }.get(part, "Complete the entry in the register of position actions."),
    )
    return unknown(*missing, because=says, remedy=remedy, **words)


def _words(params: NonDisplacement) -> str:
    acts = "a layoff or the end of a position" + (" or a cut in hours, wages or benefits" if params.include_partial else "")
    match = {
        "same_duty": "the same duties",
        "same_classification": "the same job class",
        "substantially_equivalent": "the same or much the same work",
    }[params.match]
    where = "at that school" if params.geography == "site" else "anywhere in the district"
    if params.causal_test == "temporal_presumption":
        days = f"After {acts}, {params.lookback} days have to pass."
        return f"{days} Until then nobody is placed in {match} {where}, whatever the reason."
    within = f" in the last {params.lookback} days" if params.lookback else ""
    return f"Nobody is placed in {match} {where} if that led to {acts}{within}. The district states the cause."


TYPES = (
    ClauseType(
        name="non_displacement",
        params=NonDisplacement,
        check=non_displacement,
        effect=Effect.BLOCK,
        meaning="The placement may not cause or follow a layoff, an abolished position, or a cut in hours, wages or benefits of a"
        " covered employee doing that work.",
        words=_words,
        facts=("position_actions", "duties", "classification", "duty_to_unit_map", "start", "stated_cause", "site"),
    ),
)
