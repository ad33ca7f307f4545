"""Background checks, a health screen and a badge. No agreement and no waiver relaxes them; what is not known blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from staffing.api import Actor, Effect, Evidence, calendar

from ..agreement import as_day
from ..answers import Answer, act, satisfied, violated
from ..clause import Clause
from ..clause_type import ClauseType, ParamsError
from ..facts import Facts
from ..parts import Part, together

Check = Literal["state_criminal", "fbi", "child_abuse_registry", "sex_offender", "tb"]
#: The product's kinds of evidence that show each check.
KINDS: dict[str, tuple[str, ...]] = {
    "state_criminal": ("state_criminal_history",),
    "fbi": ("fbi_fingerprint",),
    "child_abuse_registry": ("child_abuse_history",),
    "sex_offender": ("sex_offender_registry", "national_sex_offender_registry"),
    "tb": ("tb_screening",),
}
#: Checks in words.
_SAID = {
    "state_criminal": "the state criminal history check",
    "fbi": "the FBI fingerprint check",
    "child_abuse_registry": "the child abuse registry check",
    "sex_offender": "the sex offender registry check",
    "tb": "the tuberculosis screening",
}
#: Checks that supervision may stand in for, where the clause says so: the criminal records summary, never a registry.
_UNDER_SUPERVISION = frozenset({"state_criminal", "fbi"})
_BY_HAND = "has to be decided by hand"
_CLEAR = frozenset({"clear", "cleared", "passed", "valid", "true"})
_AGAINST = frozenset({"not_clear", "failed", "denied", "disqualified", "false"})


class Age(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How old a check may be. In months and years it is good through the same-numbered day."""

    n: int
    unit: Literal["calendar_day", "month", "year"]

    def last_day(self, issued: date) -> date:
        """The last day on which a check of a day counts."""
        if self.unit == "calendar_day":
            return issued + timedelta(days=self.n)
        return calendar.good_through(issued, self.n * (12 if self.unit == "year" else 1))


class Clearance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``checks`` have come back clear and are no older than ``max_age``; a badge is issued; arrests will be told.

    ``supervised_exception``: under immediate supervision of a school employee or a parent, criminal records may be outstanding.
    """

    checks: tuple[Check, ...] = ()
    max_age: Age | int | None = None
    arrest_notice: bool = False
    badge: bool = False
    supervised_exception: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.max_age, int):
            raise ParamsError("max_age", f"{self.max_age} of what? Write max_age: {{n: {self.max_age}, unit: month}}.")
        if self.max_age is not None and self.max_age.n < 1:
            raise ParamsError("max_age", "A check is good for at least a day. Write n: 1 or more.")

    @property
    def age(self) -> Age | None:
        """``max_age`` with its unit."""
        return self.max_age if isinstance(self.max_age, Age) else None


class Held(msgspec.Struct, frozen=True):
    """One result on record: how it stands (``clear``, ``against``, ``pending``), of which day, until when, and for whom."""

    stands: str
    issued: date | None
    expires: date | None
    holder: str | None


def clearance_identification(params: Clearance, facts: Facts, clause: Clause) -> Answer:
    """Whether every check asked for is on record, clear, young enough and this organisation's to use.

    Read are the case's evidence and ``clearance_records``, rows ``{check | kind, result, date | issued_on, expires_on,
    employer | holder}`` or ``{state_criminal: clear}``; ``check_dates``, ``{fbi: 2026-01-05}``; ``badge_issued`` (true or a day);
    ``arrest_notice_signed`` or evidence ``arrest_report_form``. Never what a check contained. A result for another
    organisation does not count. A result against the person blocks even where the clause names no check.
    """
    parts: list[Part] = [lambda check=check: _against(check, facts) for check in params.checks or KINDS]  # type: ignore[misc]
    if params.checks:
        parts.append(lambda: _checks(params, facts))
    if params.badge:
        parts.append(lambda: _badge(facts))
    if params.arrest_notice:
        parts.append(lambda: _arrest_notice(facts))
    return together(parts)


def _against(check: str, facts: Facts) -> Answer | None:
    """A newer clear result takes the place of an older one; on the same day the one against the person counts."""
    counted = [one for one in _held(check, facts) if one.stands in {"clear", "against"}]
    if not counted:
        return None
    newest = max(counted, key=lambda one: (one.issued or date.min, one.stands == "against"))
    undated = [one for one in counted if one.stands == "against" and one.issued is None]
    if newest.stands != "against" and not undated:
        return None
    return violated(
        "The result of {check} does not let the work go on.",
        remedy=act(Actor.DISTRICT, "Decide by hand, with the person heard. No agreement sets this aside."),
        check=_SAID[check],
    )


def _checks(params: Clearance, facts: Facts) -> Answer:
    """Every check by itself; all that lack are named together."""
    lacking: dict[str, list[str]] = {}
    ends: list[date] = []
    excused = []
    for check in params.checks:
        why, through = _one(check, params, facts)
        if not why:
            if through is not None:
                ends.append(through + timedelta(days=1))
        elif why != _BY_HAND and check in _UNDER_SUPERVISION and params.supervised_exception and _is_supervised(facts):
            excused.append(_SAID[check])
        else:
            lacking.setdefault(why, []).append(_SAID[check])
    if lacking:
        says = "; ".join(f"{', '.join(names)} {why}" for why, names in lacking.items())
        return violated(
            "{says}.",
            remedy=act(Actor.PERSON, "Ask for: {checks}.", checks=", ".join(n for names in lacking.values() for n in names)),
            says=says[0].upper() + says[1:],
        )
    if excused:
        return satisfied(
            "Outstanding: {checks}. The work may go on only under immediate supervision of a school employee or a parent.",
            effect=Effect.ADVISE,
            changes_on=min(ends, default=None),
            checks=", ".join(excused),
        )
    return satisfied("Every check asked for is clear.", changes_on=min(ends, default=None))


def _is_supervised(facts: Facts) -> bool:
    by = facts.get("supervised_by")
    return facts.get("supervision") == "immediate" and by in {"certificated", "school_employee", "parent"}


def _one(check: str, params: Clearance, facts: Facts) -> tuple[str, date | None]:
    """Why a check does not count (empty: it does), and the last day on which it will."""
    held = _held(check, facts)
    ours = [one for one in held if one.holder is None or one.holder in _holders(facts)]
    reasons = []
    best: date | None = None
    for one in ours:
        if one.stands != "clear":
            reasons.append("has no result yet" if one.stands == "pending" else _BY_HAND)
            continue
        last = one.expires
        if params.age is not None:
            if one.issued is None:
                reasons.append("has no day, so its age is not known")
                continue
            aged = params.age.last_day(one.issued)
            last = aged if last is None else min(last, aged)
        if last is not None and last < facts.on:
            reasons.append("is too old")
            continue
        if last is None:
            return "", None
        best = last if best is None else max(best, last)
    if best is not None:
        return "", best
    if reasons:
        return reasons[-1], None
    return ("belongs to another organisation" if held else "is not on record"), None


def _held(check: str, facts: Facts) -> list[Held]:
    """What is on record for a check by the day decided for, from evidence and from the records."""
    dates = facts.get("check_dates")
    told = as_day(dates.get(check)) if isinstance(dates, Mapping) else None
    found = [one for item in facts.evidence(*KINDS[check]) if (one := _of_evidence(item, facts.on)) is not None]
    for row in _records(facts):
        name = str(row.get("check") or row.get("kind") or row.get("type") or "")
        if name != check and name not in KINDS[check]:
            continue
        issued = as_day(row.get("issued_on") or row.get("date") or row.get("on")) or told
        if issued is not None and issued > facts.on:
            continue
        holder = row.get("holder", row.get("employer"))
        found.append(Held(_stands(row), issued, as_day(row.get("expires_on")), None if holder is None else str(holder)))
    return found


def _of_evidence(item: Evidence, on: date) -> Held | None:
    if item.issued_on is not None and item.issued_on > on:
        return None
    stands = "pending"
    if item.result in {"not_clear", "qualified"}:
        stands = "against" if item.result == "not_clear" else "qualified"
    elif item.state == "complete" and item.result == "clear":
        stands = "clear"
    return Held(stands, item.issued_on, item.expires_on, item.holder)


def _records(facts: Facts) -> Iterable[Mapping[str, Any]]:
    """``clearance_records`` as rows; ``{state_criminal: clear}`` is one row each."""
    told = facts.get("clearance_records")
    if isinstance(told, Mapping) and not {"check", "kind", "type"} & told.keys():
        return [{"check": name, **(value if isinstance(value, Mapping) else {"result": value})} for name, value in told.items()]
    return facts.rows("clearance_records")


def _stands(row: Mapping[str, Any]) -> str:
    """Only words for clear are clear; words against the person are against; all others are no result."""
    word = str(row.get("result", row.get("token", row.get("status", "")))).lower()
    return "clear" if word in _CLEAR else "against" if word in _AGAINST else "qualified" if word == "qualified" else "pending"


def _holders(facts: Facts) -> set[str]:
    """Organisations whose results count here: the district's, and those of who engages the person."""
    named = ["district", *(facts.get(name) for name in ("district", "tenant", "employer", "organisation"))]
    return {str(one) for one in named if one is not None}


def _badge(facts: Facts) -> Answer | None:
    told = facts.need("badge_issued")
    day = as_day(told)
    if told is True or (day is not None and day <= facts.on):
        return None
    return violated("No badge has been issued.", remedy=act(Actor.SITE, "Issue a badge, and record it."))


def _arrest_notice(facts: Facts) -> Answer | None:
    if facts.get("arrest_notice_signed") is True:
        return None
    if any(item.in_hand(facts.on) for item in facts.evidence("arrest_report_form")):
        return None
    return violated(
        "There is no signed promise to tell of an arrest.",
        remedy=act(Actor.PERSON, "Sign the form about arrests."),
    )


def _words(params: Clearance) -> str:
    parts = []
    if params.checks:
        age = params.age
        old = f", no older than {age.n} {age.unit.replace('_', ' ')}{'' if age.n == 1 else 's'}" if age else ""
        parts.append(f"Clear before the work begins{old}: {', '.join(_SAID[check] for check in params.checks)}.")
    else:
        parts.append("Nobody works against the result of a check.")
    if params.badge:
        parts.append("A badge is issued and worn.")
    if params.arrest_notice:
        parts.append("They promise to tell of an arrest.")
    if params.supervised_exception:
        parts.append("Criminal records may be outstanding under immediate supervision of a school employee or a parent.")
    return " ".join(parts)


TYPE = ClauseType(
    name="clearance_identification",
    params=Clearance,
    check=clearance_identification,
    effect=Effect.BLOCK,
    meaning="Background clearance, health screen, badge and sign-in. Nothing relaxes it.",
    words=_words,
    facts=(
        "clearance_records",
        "check_dates",
        "badge_issued",
        "arrest_notice_signed",
        "supervision",
        "supervised_by",
        "employer",
        "organisation",
        "district",
        "tenant",
    ),
    clearance=True,
)
