"""Compiled conditions: small objects that answer true, false, or None for unknown. ``condition_words`` compiles them."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from staffing.core import calendar
from staffing.core.facts import CaseView, Predicate
from staffing.core.service_facts import CHANGES

Truth = bool | None

#: Comparisons of numbers. "More than" excludes the number, "at least" includes it.
NUMBERS: dict[str, Callable[[Any, Any], bool]] = {
    "more_than": calendar.more_than,
    "at_least": calendar.at_least,
    "less_than": operator.lt,
    "at_most": operator.le,
}


class PredicateFailed(Exception):
    """A plugin's predicate raised, or answered something else than a truth. ``says`` is what happened."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__(f"The predicate {name} failed: {says}.")
        self.name = name
        self.says = says


class Condition(ABC):
    """A compiled condition. ``facts`` are the names it may read, in order; ``timed`` whether time alone can turn it."""

    __slots__ = ("facts", "timed")
    facts: tuple[str, ...]
    timed: bool

    @abstractmethod
    def test(self, view: CaseView) -> Truth:
        """True, false, or None when the facts known do not decide it."""

    @abstractmethod
    def unknowns(self, view: CaseView) -> Iterator[str]:
        """The unknown facts that keep the condition from being decided; none when it is decided."""

    def days(self, view: CaseView) -> Iterator[date]:
        """Days after the view's own on which the answer could change by time alone."""
        return iter(())

    def turns(self, view: CaseView) -> Iterator[date]:
        """The days ahead on which the answer is another than on the view's own day."""
        now: tuple[Truth] | None = None
        for day in self.days(view):
            if day > view.on:
                if now is None:
                    now = (self.test(view),)
                if self.test(view.another_day(day)) is not now[0]:
                    yield day


class Always(Condition):
    """True."""

    __slots__ = ()

    def __init__(self) -> None:
        self.facts = ()
        self.timed = False

    def test(self, view: CaseView) -> Truth:
        """True."""
        return True

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """None."""
        return iter(())


class Joined(Condition):
    """Several conditions; ``decides`` is the truth of one that settles the whole."""

    __slots__ = ("decides", "parts")

    def __init__(self, parts: Iterable[Condition], decides: bool) -> None:
        self.parts = tuple(parts)
        self.decides = decides
        self.facts = tuple(dict.fromkeys(name for part in self.parts for name in part.facts))
        self.timed = any(part.timed for part in self.parts)

    def test(self, view: CaseView) -> Truth:
        """The settling truth if one part has it; else None if one is unknown."""
        answer: Truth = not self.decides
        for part in self.parts:
            truth = part.test(view)
            if truth is self.decides:
                return truth
            if truth is None:
                answer = None
        return answer

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """Those of the undecided parts."""
        if self.test(view) is None:
            for part in self.parts:
                yield from part.unknowns(view)

    def days(self, view: CaseView) -> Iterator[date]:
        """Those of every part."""
        for part in self.parts:
            yield from part.days(view)


class Not(Condition):
    """The opposite of a condition."""

    __slots__ = ("part",)

    def __init__(self, part: Condition) -> None:
        self.part = part
        self.facts = part.facts
        self.timed = part.timed

    def test(self, view: CaseView) -> Truth:
        """The opposite; unknown stays unknown."""
        truth = self.part.test(view)
        return None if truth is None else not truth

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """Those of the part."""
        return self.part.unknowns(view)

    def days(self, view: CaseView) -> Iterator[date]:
        """Those of the part."""
        return self.part.days(view)


class Compared(Condition):
    """One fact against a plain value, or against another fact if ``other`` is named. ``word`` is the comparison as written."""

    __slots__ = ("compare", "name", "operand", "other", "word")

    def __init__(self, name: str, compare: Callable[[Any, Any], bool], operand: Any, other: str = "", word: str = "") -> None:
        self.name = name
        self.word = word
        self.compare = compare
        self.operand = operand
        self.other = other
        self.facts = (name, other) if other else (name,)
        self.timed = name in _GROWS or name in CHANGES or name == "person.resident"

    def test(self, view: CaseView) -> Truth:
        """The comparison, or None while either side is unknown."""
        value = view.get(self.name)
        if value is None:
            return None
        if not self.other:
            return self.compare(value, self.operand)
        operand = view.get(self.other)
        return None if operand is None else self.compare(value, operand)

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """What must be supplied for the two sides."""
        for name in self.facts:
            if view.get(name) is None:
                yield from view.unknown_bases(name)

    def days(self, view: CaseView) -> Iterator[date]:
        """The anniversaries at which an age or a time of residence passes the number."""
        # Two facts grow with time: an age, and the years lived in a state.
        if changes := CHANGES.get(self.name):
            yield from changes(view)
            return
        base = _GROWS.get(self.name)
        since = view.get(base) if base else None
        if since is not None and isinstance(self.operand, int | float):
            for years in (int(self.operand), int(self.operand) + 1):
                yield calendar.add_years(since, years)
        elif self.name == "person.resident" and (since := view.get("person.resident_since")) is not None:
            yield since


_GROWS = {"person.age": "person.born_on", "person.years_resident": "person.resident_since"}


class Day(Condition):
    """The day decided for, against a day or a date fact. ``word`` is the comparison as written."""

    __slots__ = ("compare", "operand", "other", "word")

    def __init__(self, compare: Callable[[Any, Any], bool], operand: Any, other: str = "", word: str = "") -> None:
        self.compare = compare
        self.word = word
        self.operand = operand
        self.other = other
        self.facts = (other,) if other else ()
        self.timed = True

    def _against(self, view: CaseView) -> date | None:
        against: date | None = view.get(self.other) if self.other else self.operand
        return against

    def test(self, view: CaseView) -> Truth:
        """The comparison, or None while the date fact is unknown."""
        against = self._against(view)
        return None if against is None else self.compare(view.on, against)

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """The date fact, if it is."""
        if self.other and view.get(self.other) is None:
            yield from view.unknown_bases(self.other)

    def days(self, view: CaseView) -> Iterator[date]:
        """The day compared with, and the one after."""
        if against := self._against(view):
            yield against
            yield against + timedelta(days=1)


class Holds(Condition):
    """Whether evidence of a kind is in hand on the day: complete, dated by then, not run out, and not against the person."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.facts = ()
        self.timed = True

    def test(self, view: CaseView) -> Truth:
        """Whether such evidence is held on the day; never unknown."""
        return any(held.in_hand(view.on) for held in view.evidence(self.kind))

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """None."""
        return iter(())

    def days(self, view: CaseView) -> Iterator[date]:
        """The days from which evidence dated ahead is held, and those after which it has run out."""
        for held in view.evidence(self.kind):
            if held.issued_on:
                yield held.issued_on
            if held.expires_on:
                yield held.expires_on + timedelta(days=1)


class Named(Condition):
    """A plugin's predicate. What it reads is found out by running it."""

    __slots__ = ("name", "predicate")

    def __init__(self, name: str, predicate: Predicate, facts: tuple[str, ...] = ()) -> None:
        self.name = name
        self.predicate = predicate
        self.facts = facts
        self.timed = True

    def test(self, view: CaseView) -> Truth:
        """What the predicate says."""
        try:
            answer = self.predicate(view, view.on)
        except Exception as error:
            raise PredicateFailed(self.name, f"{type(error).__name__}: {error}") from error
        if answer is not None and not isinstance(answer, bool):
            raise PredicateFailed(self.name, f"it answered {answer!r:.40}, not true, false or None")
        return answer

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """The unknown facts it reads."""
        alone = CaseView(view.case, view.on, view.specs)
        if self.test(alone) is None:
            for name in [name for name, value in alone.seen.items() if value is None]:
                yield from view.unknown_bases(name)

    def days(self, view: CaseView) -> Iterator[date]:
        """The next birthday and anniversary of residence, if it reads an age or a residence."""
        for name, base in _GROWS.items():
            if name in view.seen and (since := view.get(base)):
                yield calendar.birthday(since, calendar.years_between(since, view.on) + 1)


ALWAYS = Always()
