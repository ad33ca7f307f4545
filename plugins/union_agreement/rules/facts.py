"""The facts clauses read, by the names of the research note: looked up in the placement, the site's context and the person.

Nothing here is ever assumed: a fact that is not stated is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from staffing.api import Actor, Case, CaseView, Evidence, FactUsed, calendar, standard_view

from .agreement import Agreement, as_day
from .answers import Unknown

#: Who can supply a fact (section 3 of the research note); the district where nothing else is said.
SUPPLIED_BY = {
    "students_scheduled": Actor.SITE,
    "students_present": Actor.SITE,
    "qualified_adults_present": Actor.SITE,
    "adults_present": Actor.SITE,
    "minutes_alone": Actor.SITE,
    "cumulative_days": Actor.SITE,
    "emergency": Actor.SITE,
    "report_filed": Actor.SITE,
    "same_room": Actor.SITE,
    "share_of_time": Actor.SITE,
    "visit_pattern": Actor.SITE,
    "teacher_plans": Actor.SITE,
    "teacher_evaluates": Actor.SITE,
    "teacher_informed_at": Actor.SITE,
    "session_time": Actor.SITE,
    "student_schedule": Actor.SITE,
    "teacher_of_record_instruction": Actor.SITE,
    "labor_dispute_status": Actor.DISTRICT,
    "freely_offered": Actor.PERSON,
    "employed_by_same_agency": Actor.PERSON,
    "employed_services": Actor.PERSON,
    "contract_packet": Actor.PARTNER,
    "training_log": Actor.PARTNER,
    "pay_rate": Actor.PARTNER,
    "concurrence_document": Actor.UNION,
    "vote_by_side": Actor.UNION,
}

#: Standard facts of the product under the name the research note uses.
_STANDARD = {
    "role": "placement.role",
    "start": "placement.starts_on",
    "duties": "placement.duties",
    "funding": "placement.funding",
    "funding_source": "placement.funding",
    "setting": "placement.setting",
    "grade": "placement.youngest_grade",
    "contact_level": "placement.contact",
    "employer": "placement.employer",
    "supervision": "placement.supervision",
    "supervised_by": "placement.supervised_by",
    "students_present": "context.students_present",
    "adults_present": "context.adults_present",
    "hours_week": "placement.hours_week",
    "hours_month": "placement.hours_month",
    "hours_year": "placement.hours_year",
    "days_school_year": "placement.days_school_year",
    "days_in_position": "placement.days_in_position",
    "relationship": "person.relationship",
    "school_year_starts_on": "context.school_year_starts_on",
}


class Facts:
    """A case on one day as a clause reads it. Every fact read is noted, with where it came from.

    ``agreement`` gives the closed days and the events told with it.
    """

    __slots__ = ("_used", "agreement", "case", "on", "view")

    def __init__(self, case: Case, on: date, agreement: Agreement | None = None, view: CaseView | None = None) -> None:
        self.case = case
        self.on = on
        self.agreement = agreement
        self.view = view or standard_view(case, on)
        self._used: dict[str, FactUsed] = {}

    def of(self, agreement: Agreement) -> Facts:
        """The same facts for a clause of an agreement, with nothing noted yet."""
        return Facts(self.case, self.on, agreement, self.view)

    def get(self, name: str) -> Any:
        """The value of a fact, or None when it is unknown."""
        case = self.case
        standard = _STANDARD.get(name)
        if standard is not None and standard.endswith(f".{name}") and (value := self.view.get(standard)) is not None:
            self._used[name] = FactUsed(name, value, self.view.source(standard))  # other spellings are made the usual one
            return value
        for held, source in ((case.placement, "placement"), (case.context, "context"), (case.person, "person")):
            if (value := held.get(name)) is not None:
                self._used[name] = FactUsed(name, value, source)
                return value
        value = self.view.get(standard) if standard else None
        told_by = self.view.source(standard) if standard and value is not None else "unknown"
        self._used[name] = FactUsed(name, value, told_by)
        return value

    def need(self, *names: str) -> Any:
        """The values of facts that must be known: one value, or a tuple of several. Raises ``Unknown`` naming all missing."""
        values = tuple(self.get(name) for name in names)
        missing = [name for name, value in zip(names, values, strict=True) if value is None]
        if missing:
            raise Unknown(*missing)
        return values[0] if len(values) == 1 else values

    def rows(self, name: str, *, needed: bool = False) -> tuple[Mapping[str, Any], ...]:
        """A fact that is a list of records. Not stated: none, or ``Unknown`` if it is ``needed``."""
        value = self.need(name) if needed else self.get(name)
        if value is None:
            return ()
        found = [value] if isinstance(value, Mapping) else value
        return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, Iterable) else ()

    def words(self, name: str, *, needed: bool = True) -> frozenset[str]:
        """A fact that is a word or a list of words."""
        value = self.need(name) if needed else self.get(name)
        if value is None:
            return frozenset()
        return frozenset([value] if isinstance(value, str) else [str(one) for one in value])

    def day(self, name: str) -> date | None:
        """A fact that is a day."""
        return as_day(self.get(name))

    def evidence(self, *kinds: str) -> tuple[Evidence, ...]:
        """What is held of these kinds, as handed in. Noted is only whether something is held, never what it says."""
        found = tuple(item for kind in kinds for item in self.view.evidence(kind))
        for kind in kinds:
            self._used[kind] = FactUsed(kind, any(item.kind == kind for item in found), "evidence")
        return found

    @property
    def start(self) -> date:
        """The placement's first day: the stated one, or the day decided for."""
        return self.day("start") or self.on

    @property
    def role(self) -> str | None:
        """The role, stated or worked out from engagement and employer."""
        found: str | None = self.get("role")
        return found

    @property
    def site(self) -> str | None:
        """The site the work is at, as it is told."""
        value = self.get("site")
        return None if value is None else str(value)

    @property
    def site_words(self) -> frozenset[str]:
        """Every word an agreement may call the site by: its id, its name, and the name as a code (``north_school``)."""
        site = self.site
        if site is None:
            return frozenset()
        names = self.case.context.get("site_names")
        name = names.get(site) if isinstance(names, Mapping) else None
        return frozenset([site] if name is None else [site, name, "_".join(name.lower().split())])

    @property
    def used(self) -> tuple[FactUsed, ...]:
        """Every fact read so far."""
        return tuple(self._used.values())

    # --- days ---

    def closed(self, kind: calendar.DayKind) -> Collection[date]:
        """The days that do not count for a kind of day. Raises ``Unknown`` if no calendar tells them.

        ``context.calendars`` is ``{work: [closed days], school: [days without school]}``; ``context.closed_days`` serves both.
        """
        if kind is calendar.DayKind.CALENDAR:
            return ()
        named = self.get("calendars")
        days = named.get(kind.value) if isinstance(named, Mapping) else None
        if days is None:
            days = self.get("closed_days")
        own = self.agreement.closures if self.agreement else ()
        if days is None and not own:
            raise Unknown("calendars")
        return {day for one in (*(days or ()), *own) if (day := as_day(one)) is not None}

    def days_after(self, day: date, count: int, kind: calendar.DayKind) -> date:
        """The last day of a period of counted days after a day (R6: the first day is not counted, the last is)."""
        if kind is calendar.DayKind.CALENDAR:
            return calendar.add_days(day, count, kind)
        return calendar.add_days(day, count, kind, self.closed(kind))

    def earliest_act(self, day: date, lead: int, kind: calendar.DayKind) -> date:
        """The first day of the clause's calendar after the lead period has fully run (R4)."""
        last = self.days_after(day, lead, kind)
        return self.days_after(last, 1, kind)
