"""When an adult may work with a student: outside of teaching, of lunch without duty, or only in some blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect

from ..agreement import as_day
from ..answers import Answer, Unknown, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..records import spoken
from ..scope import span

Allowed = Literal["out_of_school", "non_core_minutes", "intervention_block"]
Forbidden = Literal["live_core_instruction", "duty_free_lunch"]


class TimeWindow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``allowed``: only then. ``forbidden``: never then. ``max_session`` in minutes, itself allowed.

    ``not_displace_instruction``: only when the student would have no teacher's instruction.
    """

    allowed: tuple[Allowed, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    not_displace_instruction: bool = False
    max_session: int | None = None

    def __post_init__(self) -> None:
        if self.max_session is not None and self.max_session < 1:
            raise ParamsError("max_session", f"A session of {self.max_session} minutes is none. Write 1 or more.")
        if not (self.allowed or self.forbidden or self.not_displace_instruction or self.max_session):
            raise ParamsError("allowed", "Say when: allowed, forbidden, not_displace_instruction or max_session.")


#: Kinds of block that a schedule may name, for each word of the clause.
_KINDS = {
    "live_core_instruction": frozenset({"live_core_instruction", "core", "core_instruction", "live_core"}),
    "duty_free_lunch": frozenset({"duty_free_lunch", "lunch"}),
    "intervention_block": frozenset({"intervention_block", "intervention"}),
    "non_core_minutes": frozenset({"non_core_minutes", "non_core", "elective", "advisory", "study_hall", "intervention_block"}),
}
Block = tuple[str, int, int]


def time_window(params: TimeWindow, facts: Facts, clause: Clause) -> Answer:
    """Whether the session falls into hours the clause leaves free.

    ``session_time`` is ``15:00-17:30`` or ``{from, to}``, on the school's clock; in another ``time_zone`` it is not known.
    ``student_schedule`` and ``bell_schedule`` are rows ``{kind, from, to}``; a row with ``on`` (a day) replaces the usual rows
    that day, as on an early release, and ``weekdays`` limits a row. Core teaching is looked up in the student's schedule, else in
    the bell schedule, lunch in the bell schedule. ``school_time`` is ``school_day`` or ``out_of_school``: outside of school there
    is neither. ``teacher_of_record_instruction`` says whether the student would have a teacher's instruction then.

    What only touches does not overlap. A student taken out of art is not taken out of core teaching; what counts as core is what
    the schedule says. A remote class in a hub is teaching like any other.
    """
    unknown: list[str] = []
    for check in (_too_long, _in_forbidden, _outside_allowed, _displaces):
        try:
            if (found := check(params, facts)) is not None:
                return found
        except Unknown as lacking:
            unknown.extend(lacking.names)
    if unknown:
        raise Unknown(*dict.fromkeys(unknown))
    return satisfied("The session falls into hours the clause leaves free.")


def _too_long(params: TimeWindow, facts: Facts) -> Answer | None:
    if params.max_session is None:
        return None
    first, last = _session(facts)
    if last - first <= params.max_session:
        return None
    return violated(
        "The session lasts {minutes} minutes; {limit} is the most.",
        remedy=act(Actor.SITE, "Shorten the session to {limit} minutes.", limit=params.max_session),
        minutes=last - first,
        limit=params.max_session,
    )


def _in_forbidden(params: TimeWindow, facts: Facts) -> Answer | None:
    if not params.forbidden or facts.get("school_time") == "out_of_school":
        return None
    lacking = []
    for word in params.forbidden:
        names = ("student_schedule", "bell_schedule") if word == "live_core_instruction" else ("bell_schedule",)
        blocks = next((found for name in names if (found := _blocks(facts, name)) is not None), None)
        if blocks is None:
            lacking.append(names[-1])
            continue
        first, last = _session(facts)
        for kind, since, until in blocks:
            if kind in _KINDS[word] and since < last and first < until:
                return violated(
                    "The session from {first} to {last} meets {word} from {since} to {until}.",
                    remedy=act(Actor.SITE, "Move the session so that it does not meet {word}.", word=spoken(word)),
                    first=_clock(first),
                    last=_clock(last),
                    word=spoken(word),
                    since=_clock(since),
                    until=_clock(until),
                )
    if lacking:
        raise Unknown(*dict.fromkeys(lacking))
    return None


def _outside_allowed(params: TimeWindow, facts: Facts) -> Answer | None:
    if not params.allowed:
        return None
    when = facts.get("school_time")
    if when == "out_of_school" and "out_of_school" in params.allowed:
        return None
    if when == "school_day" and params.allowed == ("out_of_school",):
        return _not_within(params)
    first, last = _session(facts) if when != "out_of_school" else (0, 0)
    free: set[int] = set()
    blocks = _blocks(facts, "student_schedule") if when != "out_of_school" else []
    bells = _blocks(facts, "bell_schedule") if when != "out_of_school" else []
    if blocks is None and bells is None:
        raise Unknown("bell_schedule")
    for word in params.allowed:
        if word != "out_of_school":
            for kind, since, until in blocks if blocks is not None else bells or []:
                free |= set(range(since, until)) if kind in _KINDS[word] else set()
        elif when is None:
            if bells is None:
                raise Unknown("bell_schedule")
            day = {minute for _, since, until in bells for minute in range(since, until)}
            free |= set(range(24 * 60)) - set(range(min(day, default=0), max(day, default=-1) + 1))
    if when != "out_of_school" and set(range(first, last)) <= free:
        return None
    return _not_within(params)


def _not_within(params: TimeWindow) -> Answer:
    allowed = ", ".join(map(spoken, params.allowed))
    return violated(
        "The session is not wholly within: {allowed}.",
        remedy=act(Actor.SITE, "Move the session into: {allowed}.", allowed=allowed),
        allowed=allowed,
    )


def _displaces(params: TimeWindow, facts: Facts) -> Answer | None:
    if not params.not_displace_instruction:
        return None
    told = facts.get("teacher_of_record_instruction")
    if told is None and facts.get("school_time") == "out_of_school":
        return None
    if not facts.need("teacher_of_record_instruction"):
        return None
    return violated(
        "The student would have a teacher's instruction at that time.",
        remedy=act(Actor.SITE, "Move the session to a time without a teacher's instruction."),
    )


def _session(facts: Facts) -> tuple[int, int]:
    """First and last minute of the session. Raises ``Unknown`` for a time that is not on the school's clock or has no length."""
    told = facts.need("session_time")
    if isinstance(told, Mapping):
        if told.get("time_zone") not in (None, "school", "local"):
            raise Unknown("session_time")
        told = f"{told.get('from')}-{told.get('to')}"
    first, last = (_minute(one) for one in span(str(told)))
    if last <= first:
        raise Unknown("session_time")
    return first, last


def _blocks(facts: Facts, name: str) -> list[Block] | None:
    """The blocks of a schedule on this day; None where none is told."""
    if facts.get(name) is None:
        return None
    rows = facts.rows(name)
    special = [row for row in rows if as_day(row.get("on")) == facts.on]
    return list(_read(special or [row for row in rows if row.get("on") is None], facts, name))


def _read(rows: list[Mapping[str, Any]], facts: Facts, name: str) -> Iterator[Block]:
    for row in rows:
        days = row.get("weekdays")
        if days and facts.on.strftime("%a").lower() not in {str(day)[:3].lower() for day in days}:
            continue
        try:
            first, last = (time.fromisoformat(str(row.get(key))) for key in ("from", "to"))
        except ValueError:
            raise Unknown(name) from None
        yield str(row.get("kind") or row.get("block") or row.get("name") or ""), _minute(first), _minute(last)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _words(params: TimeWindow) -> str:
    parts = [
        f"The work is only during: {', '.join(map(spoken, params.allowed))}." if params.allowed else "",
        f"The work is never during: {', '.join(map(spoken, params.forbidden))}." if params.forbidden else "",
        "It is only when the student would have no teacher's instruction." if params.not_displace_instruction else "",
        f"One session lasts at most {params.max_session} minutes." if params.max_session else "",
    ]
    return " ".join(part for part in parts if part)


TYPES = (
    ClauseType(
        name="time_window",
        params=TimeWindow,
        check=time_window,
        effect=Effect.BLOCK,
        meaning="When the adult may work with a student.",
        words=_words,
        facts=("bell_schedule", "student_schedule", "session_time", "teacher_of_record_instruction", "school_time"),
    ),
)
