"""Telling the union in time, and asking the teacher in whose room an adult will serve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, calendar

from ..agreement import as_day
from ..answers import Answer, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..records import noticed, of_this_placement, soonest, spoken

Kind = Literal["calendar", "work", "school"]


class UnionNotice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tell ``addressee`` (a role) every item of ``content``, ``lead`` days of ``day_kind`` before the act."""

    addressee: str
    lead: int = 0
    day_kind: Kind | None = None
    content: tuple[str, ...] = ()
    trigger: Literal["before_rfp", "before_program_start", "before_posting", "roster_change", "weekly"] = "before_program_start"

    def __post_init__(self) -> None:
        if self.lead < 0:
            raise ParamsError("lead", f"A lead of {self.lead} days is none. Write 0 or more.")
        if self.lead and self.day_kind is None:
            raise ParamsError(
                "lead", "A count of days needs its kind: day_kind: calendar, work or school. There is no usual one."
            )
        if not self.addressee:
            raise ParamsError("addressee", "Say which officer is told, by role, such as addressee: union_president.")


def union_notice(params: UnionNotice, facts: Facts, clause: Clause) -> Answer:
    """Whether the notice was delivered to the named officer, complete, and its lead has fully run (R4).

    ``context.notices`` (or ``notice_record``) holds ``{clause, addressee, delivered_on, items}``. A weekly notice is delivered
    in the seven days that end with the day decided for.
    """
    kind = calendar.DayKind(params.day_kind or "calendar")
    if params.trigger == "weekly":
        return _weekly(params, facts, clause)
    found = noticed(clause, facts, params.addressee, params.content, lambda day: _first(day, params.lead, kind, facts))
    to = spoken(params.addressee)
    if found.given:
        return satisfied("Notice went to {to} in time.", to=to)
    why = " ".join(str(one) for one in found.refused)
    if found.earliest is not None:
        return violated(
            "Notice went to {to}, and its {lead} {kind} days have not run. The work may begin on {earliest}. {why}",
            remedy=act(Actor.DISTRICT, "Begin on {earliest}, or later.", earliest=found.earliest),
            changes_on=soonest(found.earliest, found.begins),
            records=True,
            to=to,
            why=why,
            earliest=found.earliest,
            lead=params.lead,
            kind=params.day_kind,
        )
    content = ", ".join(spoken(item) for item in params.content)
    says = (
        "No notice to {to} counts yet; it is due {lead} {kind} days before." if params.lead else "No notice to {to} counts yet."
    )
    return violated(
        f"{says} {{why}}".strip(),
        remedy=act(
            Actor.DISTRICT,
            "Send {to} the notice with: {content}." if content else "Send {to} the notice.",
            to=to,
            content=content,
        ),
        changes_on=found.begins,
        records=True,
        to=to,
        why=why,
        lead=params.lead,
        kind=params.day_kind,
    )


def _first(day: date, lead: int, kind: calendar.DayKind, facts: Facts) -> date:
    return day if lead == 0 else facts.earliest_act(day, lead, kind)


def _weekly(params: UnionNotice, facts: Facts, clause: Clause) -> Answer:
    to = spoken(params.addressee)
    told = [
        day
        for row in (*facts.rows("notices"), *facts.rows("notice_record"))
        if row.get("clause") in (None, clause.id)
        and of_this_placement(row, facts)
        and str(row.get("addressee")) == params.addressee
        and not set(params.content) - {str(one) for one in row.get("items") or ()}
        and (day := as_day(row.get("delivered_on") or row.get("delivered_at"))) is not None
    ]
    days = [day for day in told if 0 <= (facts.on - day).days < 7]
    if days:
        return satisfied(
            "This week's notice went to {to} on {day}.",
            to=to,
            day=max(days),
            changes_on=calendar.add_days(max(days), 7, calendar.DayKind.CALENDAR),
        )
    return violated(
        "{to} has had no notice in the last seven days.",
        remedy=act(
            Actor.DISTRICT, "Send {to} this week's notice with: {content}.", to=to, content=", ".join(map(spoken, params.content))
        ),
        changes_on=min((day for day in told if day > facts.on), default=None),
        records=True,
        to=to,
    )


# --- the teacher in whose room it is ---


class Interview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many days in which the teacher may meet the adult, after having been told."""

    n: int
    unit: Literal["school_day", "work_day", "calendar_day"] | None = None

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ParamsError("interview_window", f"A window of {self.n} days is none. Write 0 or more.")
        if self.unit is None:
            raise ParamsError("interview_window", "A count of days needs its kind: unit: school_day, work_day or calendar_day.")

    @property
    def kind(self) -> calendar.DayKind:
        """Which days are counted."""
        return calendar.DayKind((self.unit or "").removesuffix("_day"))


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a change asked for is answered: in writing, by so many days, with reasons to these people."""

    written: bool = True
    reply_by: Interview | None = None
    reasons_to: tuple[str, ...] = ()


class EducatorConsent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The receiving teacher is told and may meet the adult; with ``veto`` may say no. ``change_request``: how one is answered."""

    interview_window: Interview | None = None
    veto: bool = False
    change_request: Reply | None = None


def receiving_educator_consent(params: EducatorConsent, facts: Facts, clause: Clause) -> Answer:
    """Whether the teacher was told and has answered, or the window has run in silence.

    Facts: ``teacher_informed_at`` (a day), ``teacher_response`` (``agrees``, ``asks_for_change``, ``refuses``, or
    ``{answer, on, ground}``), ``change_request`` and ``principal_reply`` (``{on, reasons_to}``). A refusal on a protected ground
    is not honoured, and that is said.
    """
    told = facts.day("teacher_informed_at")
    if told is None or told > facts.on:
        return violated(
            "The teacher in whose room the work is has not been told.",
            remedy=act(Actor.SITE, "Tell the teacher, and record the day."),
            records=True,
        )
    answer, ground = _response(facts)
    if answer == "refuses" and ground == "protected":
        return satisfied(
            "The teacher said no on a ground the law protects. That is not honoured; the principal decides.", effect=Effect.ADVISE
        )
    if answer == "agrees":
        return satisfied("The teacher was told on {day} and agrees.", day=told)
    if answer == "refuses" and params.veto:
        return violated(
            "The teacher said no, and the agreement lets the teacher decide.",
            remedy=act(Actor.SITE, "Find another room, or talk with the teacher."),
            records=True,
        )
    if answer == "asks_for_change" and (open_ := _unanswered(params, facts)) is not None:
        return open_
    if params.interview_window is None:
        return satisfied("The teacher was told on {day}.", day=told)
    window = params.interview_window
    first = facts.earliest_act(told, window.n, window.kind) if window.n else told
    if answer is not None or facts.on >= first:
        return satisfied("The teacher was told on {day}, and the time to answer has run.", day=told)
    return violated(
        "The teacher was told on {day} and has until {last} to meet the adult. The work may begin on {first}.",
        remedy=act(Actor.SITE, "Wait until {first}, or record that the teacher agrees.", first=first),
        changes_on=first,
        records=True,
        day=told,
        last=facts.days_after(told, window.n, window.kind),
        first=first,
    )


def _response(facts: Facts) -> tuple[str | None, str]:
    value = facts.get("teacher_response")
    if isinstance(value, Mapping):
        on = as_day(value.get("on"))
        if on is not None and on > facts.on:
            return None, ""
        return str(value.get("answer") or "") or None, str(value.get("ground") or "")
    return (str(value), "") if value else (None, "")


def _unanswered(params: EducatorConsent, facts: Facts) -> Answer | None:
    """Why a change the teacher asked for in writing still stops the work; None where it was answered or need not be."""
    if params.change_request is None:
        return None
    reply: Any = facts.get("principal_reply")
    if isinstance(reply, Mapping):
        lacking = sorted(set(params.change_request.reasons_to) - {str(one) for one in reply.get("reasons_to") or ()})
        on = as_day(reply.get("on"))
        if (on is None or on <= facts.on) and not lacking:
            return None
        if lacking:
            return violated(
                "The reply to the teacher's request has to go to {roles} too.",
                remedy=act(Actor.SITE, "Send the written reasons to {roles}.", roles=", ".join(map(spoken, lacking))),
                records=True,
                roles=", ".join(map(spoken, lacking)),
            )
    return violated(
        "The teacher asked for a change and has no written reply yet.",
        remedy=act(Actor.SITE, "Reply in writing, with reasons."),
        records=True,
    )


def _words_notice(params: UnionNotice) -> str:
    when = {
        "before_rfp": "before offers are asked for",
        "before_program_start": "before the programme starts",
        "before_posting": "before the posting",
        "roster_change": "before the list of people changes",
        "weekly": "every week",
    }[params.trigger]
    lead = f"at least {params.lead} {params.day_kind} days " if params.lead else ""
    what = f" with {', '.join(map(spoken, params.content))}" if params.content else ""
    return f"The district tells the {spoken(params.addressee)} in writing{what}, {lead}{when}."


def _words_consent(params: EducatorConsent) -> str:
    window = params.interview_window
    first = f"has {window.n} {spoken(window.unit or '')}s to meet the adult" if window else "is told"
    veto = " and may say no" if params.veto else ", and may ask for a change"
    return f"The teacher in whose room it is {first}{veto}."


TYPES = (
    ClauseType(
        name="union_notice",
        params=UnionNotice,
        check=union_notice,
        effect=Effect.NEEDS_NOTICE,
        meaning="Tell the union, with set content, a set time before.",
        words=_words_notice,
        facts=("notices", "notice_record", "act_date", "calendars", "closed_days"),
    ),
    ClauseType(
        name="receiving_educator_consent",
        params=EducatorConsent,
        check=receiving_educator_consent,
        effect=Effect.NEEDS_NOTICE,
        meaning="The teacher in whose room the adult will serve is consulted, may interview, may ask for a change.",
        words=_words_consent,
        facts=("teacher_informed_at", "teacher_response", "change_request", "principal_reply", "calendars", "closed_days"),
    ),
)
