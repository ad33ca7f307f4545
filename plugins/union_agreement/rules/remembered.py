"""What clauses said, remembered by what they read, so that a whole district is decided in a time that people wait.

A clause is asked once for everything it can tell apart: while it answers, ``Watched`` notes each fact it reads, and whether
it reads the day. Two placements that agree in those facts get the same answer without its being asked again. Nothing is
declared by hand, so nothing can be forgotten: what a clause reads is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from staffing.api import Case, CaseView, Evidence, standard_view

from .agreement import Agreement
from .facts import Facts

#: Noted where something read the case otherwise than by the name of a fact: nothing is then shared between placements.
WHOLE = "(the whole case)"
PLACE = "(the jurisdiction)"
_EVIDENCE = "evidence: "
#: What a case may hold itself that names a placement; the district's records are looked through for that anyway.
_NAMING = frozenset(
    [
        *("cosignatures", "notices", "notice_record", "consultations", "meeting_record"),
        *("concurrences", "concurrence_document", "grievances", "grievance_register"),
    ]
)
_T = TypeVar("_T")


class _View(CaseView):
    """A view that says whether the day was asked for."""

    __slots__ = ("_day", "touched")

    @property
    def on(self) -> date:
        self.touched = True
        return self._day

    @on.setter
    def on(self, day: date) -> None:
        self._day, self.touched = day, False


def _view(case: Case, on: date) -> _View:
    return _View(case, on, standard_view(case, on).specs)


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
    """A case on a day that notes what is read of it: ``reads`` are names of facts, ``by_day`` whether the day counted."""

    __slots__ = ("_case", "_day", "_inside", "_looked", "by_day", "reads")

    def __init__(self, case: Case, on: date, agreement: Agreement | None = None, first: Watched | None = None) -> None:
        self._inside = False
        self.reads: set[str] = first.reads if first else set()
        self.by_day: list[bool] = first.by_day if first else []  # one list for all that are asked in one go
        super().__init__(case, on, agreement, _view(case, on))

    def of(self, agreement: Agreement) -> Watched:
        """The same facts for a clause of an agreement; what is read is noted in the same place."""
        return Watched(self._case, self._day, agreement, self)

    @property
    def on(self) -> date:
        """The day decided for."""
        self.by_day.append(True)
        return self._day

    @on.setter
    def on(self, day: date) -> None:
        self._day = day

    @property
    def case(self) -> Any:
        """The case. Whoever reads more of it than where it is has read all of it."""
        return self._case if self._inside else _Guarded(self._case, self.reads)

    @case.setter
    def case(self, case: Case) -> None:
        self._case = case

    @property
    def view(self) -> CaseView:
        """The view, as for the case."""
        if not self._inside:
            self.reads.add(WHOLE)
        return self._looked

    @view.setter
    def view(self, view: CaseView) -> None:
        self._looked = view

    def get(self, name: str) -> Any:
        """The value of a fact, noted by its name."""
        self.reads.add(name)
        before, self._inside = self._inside, True
        try:
            return super().get(name)
        finally:
            self._inside = before
            if getattr(self._looked, "touched", True):
                self.by_day.append(True)

    def evidence(self, *kinds: str) -> tuple[Evidence, ...]:
        """Evidence of these kinds, noted by them."""
        self.reads.update(_EVIDENCE + kind for kind in kinds)
        before, self._inside = self._inside, True
        try:
            return super().evidence(*kinds)
        finally:
            self._inside = before


class Shared:
    """What all placements of a district have in common: the context known of it, and its waivers by site."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self.context = dict(context)
        self.placements = frozenset(_placements(context.values()))
        self._same: dict[int, Any] = {id(value): value for value in self.context.values() if isinstance(value, list | dict)}

    def add(self, value: Any) -> None:
        """A further value that several cases hold."""
        self._same[id(value)] = value

    def key(self, value: Any) -> Any:
        """Something that can be looked up by, different for values a clause could tell apart."""
        if value is None or type(value) is str or type(value) is date:
            return value
        if id(value) in self._same:
            return id(value)
        return (type(value).__name__, repr(value))


def _placements(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        for row in value if isinstance(value, list | tuple) else ():
            if isinstance(row, Mapping) and row.get("placement") is not None:
                yield str(row["placement"])


class Reader:
    """One placement's facts as keys. ``uid`` is its id."""

    __slots__ = ("_keys", "case", "facts", "shared", "uid")

    def __init__(self, uid: str, case: Case, on: date, shared: Shared) -> None:
        self.uid = uid
        self.case = case
        self.shared = shared
        self._keys: dict[str, Any] = {}
        self.facts = Facts(case, on, None, _view(case, on))

    def key(self, name: str) -> Any:
        """The key of a fact. One that depends on the day is only like itself."""
        if name in self._keys:
            return self._keys[name]
        found = self._keys[name] = self._key(name)
        return found

    def _key(self, name: str) -> Any:
        if name == WHOLE:
            return self.uid
        if name == PLACE:
            return self.case.jurisdiction
        if name.startswith(_EVIDENCE):
            kind = name.removeprefix(_EVIDENCE)
            held = [item for item in self.case.evidence if item.kind == kind]
            return repr(held) if held else None
        if name == "placement_id":  # clauses only ask whether a record names it
            own = self.uid in self.shared.placements or not _NAMING.isdisjoint(self._own)
            return self.uid if own else None
        facts = self.facts
        value = facts.get(name)
        view = facts.view
        if isinstance(view, _View) and view.touched:
            facts.view = _view(self.case, view.on)
            return (self.uid, "by day")
        return self.shared.key(value)

    @property
    def _own(self) -> set[str]:
        known = self.shared.context
        return {name for name, value in self.case.context.items() if known.get(name) is not value}


class Asked(Generic[_T]):
    """One thing that is asked of every placement: a clause, the law, an agreement's grievances."""

    __slots__ = ("_ask", "_table", "names")

    def __init__(self, ask: Callable[[Watched, Any], _T]) -> None:
        self._ask = ask
        self.names: tuple[str, ...] = ()
        self._table: dict[tuple[Any, ...], dict[date | None, _T]] = {}

    def says(self, reader: Reader, on: date, how: Any, mode: Any) -> _T:
        """The answer for a placement on a day; ``mode`` is all that the answer takes from ``how``."""
        known = self._table.get(self._keyed(reader, mode))
        if known is not None:
            if None in known:
                return known[None]
            if on in known:
                return known[on]
        facts = Watched(reader.case, on)
        answer = self._ask(facts, how)
        if new := sorted(facts.reads.difference(self.names)):
            self.names = (*self.names, *new)  # shorter keys are never met again
        day = on if facts.by_day else None
        self._table.setdefault(self._keyed(reader, mode), {})[day] = answer
        return answer

    def _keyed(self, reader: Reader, mode: Any) -> tuple[Any, ...]:
        return (mode, *[reader.key(name) for name in self.names])
