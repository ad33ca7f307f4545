"""A licensed employee supervises, to one of six standards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect

from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..exact import about_share, fraction, spoken_number, spoken_share, whole
from ..facts import Facts
from ..parts import together
from ..records import spoken
from . import standards

Standard = Literal[
    "line_of_sight",
    "immediate_direction",
    "proximity_close_frequent",
    "continuously_aware_can_modify",
    "available_on_call",
    "responsible_not_present",
]


class CertificatedSupervision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A licensed employee supervises to ``standard``.

    ``min_share``: for at least this share of the day. ``response_time``: is there within so many minutes of being called.
    ``visits_per_week_min``: comes by so often. ``supervisor_licence``: has one of these licences. ``max_supervisees``: has at
    most so many adults to supervise. ``plans_and_evaluates``: plans the work, and says how it went.
    """

    standard: Standard
    min_share: float | int | str | None = None
    response_time: int | None = None
    supervisor_licence: tuple[str, ...] = ()
    max_supervisees: int | None = None
    plans_and_evaluates: bool = False
    visits_per_week_min: int | None = None

    def __post_init__(self) -> None:
        share = fraction(self.min_share)
        if self.min_share is not None and (share is None or not 0 < share <= 1):
            raise ParamsError("min_share", f"A share of {self.min_share} of the day is none. Write more than 0 and at most 1.")
        if self.response_time is not None and self.response_time < 1:
            raise ParamsError("response_time", f"Nobody comes within {self.response_time} minutes. Write 1 or more.")
        if self.max_supervisees is not None and self.max_supervisees < 1:
            raise ParamsError("max_supervisees", f"With {self.max_supervisees} to supervise nobody works. Write 1 or more.")
        if self.visits_per_week_min is not None and self.visits_per_week_min < 1:
            raise ParamsError("visits_per_week_min", "Write how many visits a week at least, 1 or more, or leave it out.")

    @property
    def share(self) -> Fraction | None:
        """``min_share`` as an exact fraction."""
        return fraction(self.min_share)


def certificated_supervision(params: CertificatedSupervision, facts: Facts, clause: Clause) -> Answer:
    """Whether whoever supervises is licensed, and as near as the standard asks.

    Facts: ``supervisor`` (``{id, licence | licences, licence_status, licence_expires_on, present, supervisees, rooms}``: who in
    fact supervises that day, so a substitute counts by the substitute's own licence), or ``supervisor_id``,
    ``supervisor_licence``, ``supervisor_licence_status`` and ``supervisees`` by themselves; the product's ``supervised_by`` and
    ``supervision``; ``same_room``; ``share_of_time`` (of the day with the supervisor); ``visit_pattern`` (a word, or
    ``{per_week, per_session, on_call, continuous, elsewhere, response_minutes}``); ``response_minutes``; ``teacher_plans``,
    ``teacher_evaluates``.
    """
    seen = standards.Seen(facts)
    good = satisfied("A licensed employee supervises: {standard}.", standard=standards.WORDS[params.standard])
    return together(
        (
            lambda: _supervisor(facts),
            lambda: _licence(params, facts),
            lambda: _how_near(params, seen),
            lambda: _answers_calls(params, seen),
            lambda: _visits(params, seen),
            lambda: _how_many(params, facts),
            lambda: _plans(params, facts),
        ),
        good,
    )


def _of_supervisor(facts: Facts, *keys: str) -> Any:
    told = facts.get("supervisor")
    return next((told[key] for key in keys if told.get(key) is not None), None) if isinstance(told, Mapping) else None


#: Words for a licence that is good.
_GOOD = frozenset({"valid", "active", "current", "good", "in_force"})


def _supervisor(facts: Facts) -> Answer | None:
    """Whether there is a licensed employee at all."""
    by = facts.get("supervised_by")
    find = act(Actor.SITE, "Name a licensed employee who supervises.")
    if by in {"nobody", "parent", "partner"}:
        who = {"nobody": "Nobody supervises.", "parent": "A parent supervises, and no licensed employee."}
        return violated(who.get(by, "Staff of the partner supervise, and no licensed employee."), remedy=find)
    if _of_supervisor(facts, "present") is False:
        return violated(
            "The supervisor is away, and nobody with a licence is named in the supervisor's place.",
            remedy=act(Actor.SITE, "Name who supervises on this day, with a licence."),
        )
    status = facts.get("supervisor_licence_status")
    if status is None:
        status = _of_supervisor(facts, "licence_status", "status")
    until = as_day(_of_supervisor(facts, "licence_expires_on", "expires_on"))
    if until is not None and until < facts.on:
        return violated("The supervisor's licence ran out on {day}.", remedy=find, day=until)
    if status is not None and status is not True and str(status) not in _GOOD:
        return violated("The supervisor's licence does not count: {status}.", remedy=find, status=spoken(str(status).lower()))
    if status is None and by == "school_employee":
        return violated("Another school employee supervises, and nobody with a licence.", remedy=find)
    if status is None and by is None and until is None:
        named = facts.get("supervisor_id") is not None or _of_supervisor(facts, "id") is not None
        raise Unknown(*(() if named else ("supervisor_id",)), "supervisor_licence_status")
    return _until(until)


def _until(day: Any) -> Answer | None:
    return satisfied("The supervisor's licence runs through {day}.", day=day, changes_on=day + timedelta(days=1)) if day else None


def _licence(params: CertificatedSupervision, facts: Facts) -> Answer | None:
    """Whether the supervisor has one of the licences asked for. A substitute counts only with one of them."""
    if not params.supervisor_licence:
        return None
    held = facts.get("supervisor_licence")
    if held is None:
        held = _of_supervisor(facts, "licence", "licences")
    if held is None:
        raise Unknown("supervisor_licence")
    codes = {held} if isinstance(held, str) else {str(one) for one in held}
    if codes.isdisjoint(params.supervisor_licence):
        wanted = ", ".join(map(spoken, params.supervisor_licence))
        return violated(
            "The supervisor has another licence than the one asked for: {wanted}.",
            remedy=act(Actor.SITE, "Name a supervisor with: {wanted}.", wanted=wanted),
            wanted=wanted,
        )
    return None


def _how_near(params: CertificatedSupervision, seen: standards.Seen) -> Answer | None:
    """Whether the supervisor is as near as the standard asks, for as much of the day as it asks."""
    standard, share = params.standard, params.share
    with_them = seen.share()
    if share is not None and with_them is not None:
        if with_them < share:
            return violated(
                "The supervisor is there for {share} of the day, and at least {least} is asked for.",
                remedy=act(Actor.SITE, "Have the supervisor there for {least} of the day.", least=spoken_share(share)),
                share=about_share(with_them),
                least=spoken_share(share),
            )
        return seen.several_rooms(standard)
    answer = standards.judge(standard, seen)
    if share is not None and share < 1 and answer is not None and seen.nearness != "none":
        raise Unknown("share_of_time")  # not all of the time, yet perhaps enough of it
    return answer


def _answers_calls(params: CertificatedSupervision, seen: standards.Seen) -> Answer | None:
    """Whether the supervisor comes soon enough when called. Somebody in the room, or in sight, is there already."""
    if params.response_time is None or seen.there():
        return None
    minutes = seen.response()
    if minutes is None:
        raise Unknown("response_minutes")
    if minutes > params.response_time:
        return violated(
            "Minutes until the supervisor comes: {minutes}. At most {most} are allowed.",
            remedy=act(Actor.SITE, "Name a supervisor who is there within {most} minutes.", most=params.response_time),
            minutes=spoken_number(minutes),
            most=params.response_time,
        )
    return None


def _visits(params: CertificatedSupervision, seen: standards.Seen) -> Answer | None:
    if params.visits_per_week_min is None or seen.there():
        return None
    visits = seen.visits()
    if visits is None:
        raise Unknown("visit_pattern")
    if visits < params.visits_per_week_min:
        return violated(
            "Visits of the supervisor a week: {visits}. At least {least} are asked for.",
            remedy=act(Actor.SITE, "Plan more visits; a week needs at least {least}.", least=params.visits_per_week_min),
            visits=spoken_number(visits),
            least=params.visits_per_week_min,
        )
    return None


def _how_many(params: CertificatedSupervision, facts: Facts) -> Answer | None:
    if params.max_supervisees is None:
        return None
    told = facts.get("supervisees")
    count = whole(_of_supervisor(facts, "supervisees") if told is None else told)
    if count is None:
        raise Unknown("supervisees")
    if count > params.max_supervisees:
        return violated(
            "Adults this supervisor has to supervise: {count}. At most {most} are allowed.",
            remedy=act(Actor.SITE, "Name another supervisor for some of them."),
            count=count,
            most=params.max_supervisees,
        )
    return None


def _plans(params: CertificatedSupervision, facts: Facts) -> Answer | None:
    if not params.plans_and_evaluates:
        return None
    told = {name: facts.get(name) for name in ("teacher_plans", "teacher_evaluates")}
    if any(value is False for value in told.values()):
        return violated(
            "The teacher has to plan the work and say how it went.",
            remedy=act(Actor.SITE, "Have the teacher plan the work and look at its results."),
        )
    if missing := [name for name, value in told.items() if value is not True]:
        raise Unknown(*missing)
    return None


def _words(params: CertificatedSupervision) -> str:
    share = params.share
    more = [
        f"for at least {spoken_share(share)} of the day" if share is not None else "",
        f"there within {params.response_time} minutes of a call" if params.response_time else "",
        f"with at least {params.visits_per_week_min} visits a week" if params.visits_per_week_min else "",
        f"with one of these licences: {', '.join(map(spoken, params.supervisor_licence))}" if params.supervisor_licence else "",
        f"for at most {params.max_supervisees} adults at once" if params.max_supervisees else "",
        "who plans the work and says how it went" if params.plans_and_evaluates else "",
    ]
    return "; ".join([f"A licensed employee supervises: {standards.WORDS[params.standard]}", *filter(None, more)]) + "."


TYPE = ClauseType(
    name="certificated_supervision",
    params=CertificatedSupervision,
    check=certificated_supervision,
    effect=Effect.BLOCK,
    meaning="A licensed employee must supervise, to a stated standard.",
    words=_words,
    facts=(
        "supervisor",
        "supervisor_id",
        "supervisor_licence",
        "supervisor_licence_status",
        "supervised_by",
        "supervision",
        "same_room",
        "share_of_time",
        "visit_pattern",
        "response_minutes",
        "supervisees",
        "teacher_plans",
        "teacher_evaluates",
    ),
)
