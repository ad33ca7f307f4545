"""A case that notes what is read of it, so that an answer can be used again for every case that agrees in just that.

Noted are the facts read by name, the kinds of evidence, and the two days that differ most from case to case: the day decided
for and the first day of the placement. A day that is only compared is noted by what it was compared with, so that an answer
holds from one such day to the next.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from staffing.api import Case, CaseView, Evidence, standard_view

from .agreement import Agreement, as_day
from .facts import Facts

#: Noted where something read the case otherwise than by the name of a fact: nothing is then shared between placements.
WHOLE = "(the whole case)"
PLACE = "(the jurisdiction)"
#: Noted where the first day was asked for: whether one is stated.
STARTS = "(whether a first day is stated)"
START = "start"
#: How a kind of evidence is noted.
EVIDENCE = "evidence: "


class Log:
    """What was read. ``on`` and ``start`` are days that the day decided for and the first day were compared with."""

    __slots__ = ("on", "on_full", "pair", "reads", "start", "start_full")

    def __init__(self) -> None:
        self.reads: set[str] = set()
        self.on: set[date] = set()
        self.start: set[date] = set()
        self.on_full = self.start_full = self.pair = False


class SeenDay(date):
    """A day that notes how it is used: what it is compared with, or that its value was taken."""

    __slots__ = ("_is_start", "_log")
    _log: Log
    _is_start: bool

    @classmethod
    def of(cls, day: date, log: Log, *, is_start: bool) -> SeenDay:
        """The same day, noting."""
        made = cls(day.year, day.month, day.day)
        made._log, made._is_start = log, is_start
        return made

    def plain(self) -> date:
        """The day itself: its value is taken."""
        if self._is_start:
            self._log.start_full = True
        else:
            self._log.on_full = True
        return date.fromordinal(date.toordinal(self))

    def _compared(self, other: object) -> None:
        if isinstance(other, SeenDay):
            self._log.pair = self._log.pair or self._is_start != other._is_start
        elif isinstance(other, date):
            (self._log.start if self._is_start else self._log.on).add(other)
        else:
            self.plain()

    def __lt__(self, other: date) -> bool:
        self._compared(other)
        return date.__lt__(self, other)

    def __le__(self, other: date) -> bool:
        self._compared(other)
        return date.__le__(self, other)

    def __gt__(self, other: date) -> bool:
        self._compared(other)
        return date.__gt__(self, other)

    def __ge__(self, other: date) -> bool:
        self._compared(other)
        return date.__ge__(self, other)

    def __eq__(self, other: object) -> bool:
        self._compared(other)
        return date.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        self._compared(other)
        return date.__ne__(self, other)

    def __hash__(self) -> int:
        return hash(self.plain())

    def __add__(self, other: timedelta) -> date:  # type: ignore[override]
        return self.plain() + other

    def __radd__(self, other: timedelta) -> date:  # type: ignore[override]
        return self.plain() + other

    def __sub__(self, other: Any) -> Any:
        return self.plain() - other

    def __rsub__(self, other: Any) -> Any:
        return other - self.plain()


def _taking(name: str) -> Any:
    """A method or attribute of a day that takes its value."""

    def method(self: SeenDay, *args: Any, **named: Any) -> Any:
        return getattr(self.plain(), name)(*args, **named)

    return method if callable(getattr(date, name)) else property(lambda self: getattr(self.plain(), name))


#: Everything else a day can be asked.
TAKEN = (
    *("year", "month", "day", "ctime", "isocalendar", "isoformat", "isoweekday", "replace", "strftime", "timetuple"),
    *("toordinal", "weekday", "__str__", "__repr__", "__format__", "__reduce__"),
)
for _name in TAKEN:
    setattr(SeenDay, _name, _taking(_name))


class View(CaseView):
    """A view that says whether the day was asked for."""

    __slots__ = ("_day", "touched")

    @property
    def on(self) -> date:
        """The day; asking for it is noted."""
        self.touched = True
        return self._day

    @on.setter
    def on(self, day: date) -> None:
        self._day, self.touched = day, False


def view(case: Case, on: date) -> View:
    """A view with the standard facts."""
    return View(case, on, standard_view(case, on).specs)


class _Guarded:
    """A case as somebody reads it who does not ask by the names of facts."""

    __slots__ = ("_case", "_reads")

    def __init__(self, case: Case, reads: set[str]) -> None:
        self._case, self._reads = case, reads

    @property
    def jurisdiction(self) -> str:
        """Where it is."""
        self._reads.add(PLACE)
        return self._case.jurisdiction

    def __getattr__(self, name: str) -> Any:
        self._reads.add(WHOLE)
        return getattr(self._case, name)


class Watched(Facts):
    """A case on a day, as a clause reads it; ``log`` holds what was read."""

    __slots__ = ("_case", "_day", "_inside", "_known", "_looked", "_on", "log")

    def __init__(self, case: Case, on: date, agreement: Agreement | None = None, first: Watched | None = None) -> None:
        self._inside = False
        if first is None:
            self.log = Log()
            self._known: dict[str, Any] = {}
            self._on = SeenDay.of(on, self.log, is_start=False)
            super().__init__(case, on, agreement, view(case, on))
        else:
            self.log, self._known, self._on = first.log, first._known, first._on
            super().__init__(case, on, agreement, first._looked)

    def of(self, agreement: Agreement) -> Watched:
        """The same facts for a clause of an agreement; what is read is noted in the same place."""
        return Watched(self._case, self._day, agreement, self)

    @property
    def on(self) -> date:
        """The day decided for."""
        return self._on

    @on.setter
    def on(self, day: date) -> None:
        self._day = day

    @property
    def case(self) -> Any:
        """The case. Whoever reads more of it than where it is has read all of it."""
        return self._case if self._inside else _Guarded(self._case, self.log.reads)

    @case.setter
    def case(self, case: Case) -> None:
        self._case = case

    @property
    def view(self) -> CaseView:
        """The view, as for the case."""
        if not self._inside:
            self.log.reads.add(WHOLE)
        return self._looked

    @view.setter
    def view(self, looked: CaseView) -> None:
        self._looked = looked

    def get(self, name: str) -> Any:
        """The value of a fact, noted by its name."""
        self.log.reads.add(name)
        return self._got(name)

    def _got(self, name: str) -> Any:
        known = self._known
        if name in known:
            return known[name]
        before, self._inside = self._inside, True
        try:
            found = known[name] = super().get(name)
            return found
        finally:
            self._inside = before
            if getattr(self._looked, "touched", True):
                self.log.on_full = True

    def day(self, name: str) -> date | None:
        """A fact that is a day. The first day is noted by what it is compared with."""
        if name != START:
            return super().day(name)
        self.log.reads.add(STARTS)
        if STARTS not in self._known:
            found = as_day(self._got(START))
            self._known[STARTS] = None if found is None else SeenDay.of(found, self.log, is_start=True)
        seen: date | None = self._known[STARTS]
        return seen

    def evidence(self, *kinds: str) -> tuple[Evidence, ...]:
        """Evidence of these kinds, noted by them."""
        reads, looked = self.log.reads, self._looked
        found: list[Evidence] = []
        for kind in kinds:
            reads.add(EVIDENCE + kind)
            found += looked.evidence(kind)
        return tuple(found)
