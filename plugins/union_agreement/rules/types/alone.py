"""How long, or how often, somebody who is no teacher may be alone with students."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, calendar

from ..agreement import as_day
from ..answers import NOT_APPLICABLE, Answer, Unknown, act, satisfied, violated
from ..clause import ROLES, Clause
from ..clause_type import ClauseType, ParamsError
from ..days import Days, days
from ..exact import fraction, spoken_number, whole
from ..facts import Facts
from ..records import spoken


class MaxDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On at most so many days in a period."""

    n: int
    per: Literal["school_year"] = "school_year"


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After an emergency a report goes ``to`` a role ``within`` a time, such as ``1_work_day``."""

    to: str
    within: str | dict[str, Any] | int = "1_work_day"

    @property
    def days(self) -> Days:
        """The time as days with their kind. Raises ``ParamsError`` for anything else."""
        found = days(self.within)
        if found is None:
            raise ParamsError("emergency_report", f"'{self.within}' is no time with a kind of day. Write such as 1_work_day.")
        return found


class SoloCoverage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alone with students for at most ``max`` minutes at a time (0: never), on at most ``max_days``.

    ``emergency_report``: in an emergency longer, if it is reported. ``roles_exempt``: roles or titles this is not about.
    """

    max: int | str | None = None
    max_days: MaxDays | None = None
    emergency_report: Report | None = None
    roles_exempt: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.max, str):
            raise ParamsError("max", f"'{self.max}' is no number of minutes. Let the parties choose one, such as max: 5.")
        if self.max is None and self.max_days is None:
            raise ParamsError("max", "Say for how many minutes (max) or on how many days (max_days) somebody may be alone.")
        if self.max is not None and self.max < 0:
            raise ParamsError("max", f"{self.max} minutes is no time. Write 0 for never, or more.")
        if self.max_days is not None and self.max_days.n < 0:
            raise ParamsError("max_days", f"{self.max_days.n} days is no number of days. Write 0 or more.")
        if self.emergency_report is not None and (not self.emergency_report.to or self.emergency_report.days.n < 0):
            raise ParamsError("emergency_report", "Say to which role the report goes: {to: principal, within: 1_work_day}.")


def solo_coverage_limit(params: SoloCoverage, facts: Facts, clause: Clause) -> Answer:
    """Whether the time alone stays within the limits.

    Facts: ``minutes_alone`` (at a time; supervision in sight or in the same room makes it 0), ``cumulative_days`` (days with
    time alone this school year, this one included), ``role_title``, ``emergency`` (true, or ``{on}``), ``report_filed`` (true, or
    ``{to, on}``). An emergency counts only if it is told.
    """
    if params.roles_exempt and facts.role in params.roles_exempt:
        return NOT_APPLICABLE
    minutes = _minutes(params, facts)
    if minutes == 0:
        return satisfied("They are not alone with students.")
    found = _over(params, facts, minutes)
    if found is None:
        return (
            satisfied(
                "Minutes alone with students: {minutes}. At most {most} are allowed.",
                minutes=spoken_number(minutes) if minutes is not None else 0,
                most=params.max,
            )
            if params.max is not None
            else satisfied("Alone with students on no more than {n} days.", n=_n(params))
        )
    if _exempt(params, facts):
        return NOT_APPLICABLE
    if params.emergency_report is not None and facts.get("emergency") not in (None, False):
        return _reported(params.emergency_report, facts, found)
    return found


def _minutes(params: SoloCoverage, facts: Facts) -> Any:
    told = fraction(facts.get("minutes_alone"))
    if told is not None:
        return told
    if facts.get("supervision") in {"immediate", "line_of_sight"} or facts.get("same_room") is True:
        return 0
    return None


def _over(params: SoloCoverage, facts: Facts, minutes: Any) -> Answer | None:
    """What is over a limit; None where nothing is. Raises ``Unknown`` where that cannot be told."""
    missing = []
    if params.max is not None:
        most = int(params.max)
        if minutes is not None and minutes > most:
            return _too_long(minutes, most)
        if minutes is None:
            if most == 0 and facts.get("supervision") == "none":
                return violated(
                    "They may be alone with students, and the agreement never allows it.",
                    remedy=act(Actor.SITE, "Put a teacher in the room."),
                )
            missing.append("minutes_alone")
    if params.max_days is not None:
        count = whole(facts.get("cumulative_days"))
        if count is not None and count > params.max_days.n:
            return _too_often(params.max_days.n, count, facts)
        if count is None:
            missing.append("cumulative_days")
    if missing:
        raise Unknown(*missing)
    return None


def _too_long(minutes: Any, most: int) -> Answer:
    if most == 0:
        return violated(
            "Minutes alone with students: {minutes}. The agreement allows none.",
            remedy=act(Actor.SITE, "Put a teacher in the room."),
            minutes=spoken_number(minutes),
        )
    return violated(
        "Minutes alone with students: {minutes}. At most {most} are allowed.",
        remedy=act(Actor.SITE, "Shorten the time alone (at most {most} minutes), or put a teacher in the room.", most=most),
        minutes=spoken_number(minutes),
        most=most,
    )


def _too_often(most: int, count: int, facts: Facts) -> Answer:
    first = as_day(facts.get("school_year_starts_on"))
    return violated(
        "This is day {count} alone with students this school year, and at most {most} are allowed.",
        remedy=act(Actor.SITE, "Put a teacher in the room."),
        changes_on=calendar.school_year(facts.on, first)[1] + timedelta(days=1),
        count=count,
        most=most,
    )


def _n(params: SoloCoverage) -> int:
    return params.max_days.n if params.max_days else 0


def _exempt(params: SoloCoverage, facts: Facts) -> bool:
    """Whether the title is exempt. It is asked for only where a title, not a role, is named and a limit is passed."""
    titles = [one for one in params.roles_exempt if one not in ROLES]
    return bool(titles) and str(facts.need("role_title")) in titles


def _reported(report: Report, facts: Facts, over: Answer) -> Answer:
    """In an emergency: fine while the report can still come, or once it came in time."""
    told = facts.get("emergency")
    happened = (as_day(told.get("on")) if isinstance(told, Mapping) else as_day(told)) or facts.on
    to = spoken(report.to)
    filed = facts.get("report_filed")
    if isinstance(filed, Mapping):
        on = as_day(filed.get("on") or filed.get("filed_on"))
        if str(filed.get("to") or "") != report.to or on is None or on > facts.on:
            filed = None
        elif on > (last := _last(report, happened, facts)):
            return _late(to, last)
    if filed:
        return satisfied("It was an emergency, and the {to} has the report.", to=to, effect=Effect.ADVISE)
    last = _last(report, happened, facts)
    if facts.on <= last:
        return msgspec.structs.replace(
            satisfied(
                "It is an emergency. A report to the {to} is due by {last}.",
                to=to,
                last=last,
                effect=Effect.ADVISE,
                changes_on=last + timedelta(days=1),
            ),
            remedy=act(Actor.SITE, "Send the {to} a report by {last}.", to=to, last=last),
        )
    return _late(to, last)


def _last(report: Report, happened: date, facts: Facts) -> date:
    return facts.days_after(happened, report.days.n, report.days.kind)


def _late(to: str, last: date) -> Answer:
    return violated(
        "It was an emergency, and the {to} had no report by {last}.",
        remedy=act(Actor.SITE, "Send the {to} the report, and put a teacher in the room.", to=to),
        to=to,
        last=last,
    )


def _words(params: SoloCoverage) -> str:
    parts = []
    if params.max == 0:
        parts.append("They are never alone with students.")
    elif params.max is not None:
        parts.append(f"They are alone with students for at most {params.max} minutes at a time.")
    if params.max_days is not None:
        parts.append(f"They are alone with students on at most {params.max_days.n} days in a school year.")
    if params.emergency_report is not None:
        report = params.emergency_report
        parts.append(f"In an emergency it may be longer; then the {spoken(report.to)} has a report within {report.days}.")
    if params.roles_exempt:
        parts.append(f"This is not about: {', '.join(map(spoken, params.roles_exempt))}.")
    return " ".join(parts)


TYPE = ClauseType(
    name="solo_coverage_limit",
    params=SoloCoverage,
    check=solo_coverage_limit,
    effect=Effect.BLOCK,
    meaning="How long, or how many times, a non-teacher may be alone with students.",
    words=_words,
    facts=(
        "minutes_alone",
        "supervision",
        "same_room",
        "cumulative_days",
        "emergency",
        "report_filed",
        "role_title",
        "calendars",
        "closed_days",
        "school_year_starts_on",
    ),
)
