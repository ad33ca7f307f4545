"""What a desk remembers of people, of papers and of work, beside what the rules have said."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from staffing.core import case_name
from staffing.core.evidence import Evidence
from staffing.core.kept_parts import Parts, Shown
from staffing.core.many import SameWork, case_with, own_facts
from staffing.core.patterns import Pattern, Patterns
from staffing.core.remembered import STARTS_ON
from staffing.core.same_work import Said
from staffing.services import readiness
from staffing.store.queries import kept_decisions as kept
from staffing.store.queries import whole_district as queries


class Dated(dict[int, Pattern]):
    """A piece of evidence as it would be on any day, by the number of the day."""

    def __init__(self, piece: Evidence, patterns: Patterns) -> None:
        super().__init__()
        self._piece = piece
        self._day = "requested_on" if piece.issued_on is None else "issued_on"
        self._of = patterns.of

    def __missing__(self, number: int) -> Pattern:
        made = self[number] = self._of(msgspec.structs.replace(self._piece, **{self._day: queries.day_of(number)}))
        return made


class Work:
    """A kind of work at a place: its rules made ready, and what its cases share."""

    __slots__ = ("names", "part", "shown", "starts_on", "work")

    def __init__(self, work: SameWork, starts_on: Any, parts: Parts) -> None:
        self.work = work
        self.starts_on = starts_on
        self.shown = Shown(work, parts)
        self.part = kept.part(self.shown.part)
        self.names: dict[Any, bytes] = {}

    def name(self, starts_on: Any) -> bytes:
        """What the name of a case in this work with this start begins with."""
        found = self.names[starts_on] = case_name.of_work(case_with(self.work.case, {STARTS_ON: starts_on}, ()))
        return found


class Stated:
    """What the ``facts`` column of a person states: by full name, and as the names of cases have it."""

    __slots__ = ("alone", "besides", "facts", "person")

    def __init__(self, text: str) -> None:
        case = readiness.assemble("", {"facts": msgspec.json.decode(text), "born_on": None}, (), {})
        self.person = case.person
        self.facts = own_facts(case)
        self.alone = case_name.of_person(case.person)
        #: With the day of birth known from elsewhere: what comes after it.
        self.besides = case_name.of_person({**case.person, "born_on": date.min}).removeprefix(case_name.day(date.min))


class PartOf(dict[Said, bytes]):
    """What a rule says, as the part that a row names."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self._parts = parts

    def __missing__(self, said: Said) -> bytes:
        made = self[said] = kept.part(self._parts.of(said))
        return made
