"""What clauses said, remembered by what they read, so that a whole district is decided in a time that people wait.

A clause is asked once for everything it can tell apart; ``watched`` notes what it reads. Nothing is declared by hand, so
nothing can be forgotten.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Generic, TypeVar

from staffing.api import Case

from .agreement import as_day
from .facts import Facts
from .watched import EVIDENCE, PLACE, START, STARTS, WHOLE, Log, View, Watched, view

#: What a case may hold itself that names a placement; the district's records are looked through for that anyway.
_NAMING = frozenset(
    [
        *("cosignatures", "notices", "notice_record", "consultations", "meeting_record"),
        *("concurrences", "concurrence_document", "grievances", "grievance_register"),
    ]
)
_T = TypeVar("_T")


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
    """One placement's facts as keys. ``uid`` is its id; ``start`` its first day, if one is stated."""

    __slots__ = ("_keys", "case", "facts", "kind", "shared", "start", "uid")

    def __init__(self, uid: str, case: Case, on: date, shared: Shared) -> None:
        self.uid = uid
        self.case = case
        self.shared = shared
        self.kind: Any = None
        self.facts = Facts(case, on, None, view(case, on))
        self._keys: dict[str, Any] = {}
        self.start = as_day(self.facts.get(START))

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
        if name == STARTS:
            return self.start is not None
        if name.startswith(EVIDENCE):
            kind = name.removeprefix(EVIDENCE)
            held = [item for item in self.case.evidence if item.kind == kind]
            return repr(held) if held else None
        if name == "placement_id":  # clauses only ask whether a record names it
            own = self.uid in self.shared.placements or not _NAMING.isdisjoint(self._own)
            return self.uid if own else None
        facts = self.facts
        value = facts.get(name)
        looked = facts.view
        if isinstance(looked, View) and looked.touched:
            facts.view = view(self.case, looked.on)
            return (self.uid, "by day")
        return self.shared.key(value)

    @property
    def _own(self) -> set[str]:
        known = self.shared.context
        return {name for name, value in self.case.context.items() if known.get(name) is not value}


class Node(Generic[_T]):
    """The answers to placements that agree in every fact read by name: by the days they depend on."""

    __slots__ = ("_answers", "_on", "_on_full", "_pair", "_start", "_start_full")

    def __init__(self) -> None:
        self._on: list[date] = []
        self._start: list[date] = []
        self._on_full = self._start_full = self._pair = False
        self._answers: dict[Any, _T] = {}

    def get(self, on: date, start: date | None) -> _T | None:
        """The answer for these days, if it is known."""
        return self._answers.get(self._key(on, start))

    def keep(self, on: date, start: date | None, log: Log, answer: _T) -> None:
        """Remember an answer with what it was seen to depend on."""
        for cuts, new in ((self._on, log.on), (self._start, log.start)):
            for day in new.difference(cuts):
                insort(cuts, day)
        self._on_full |= log.on_full
        self._start_full |= log.start_full
        self._pair |= log.pair
        self._answers[self._key(on, start)] = answer

    def _key(self, on: date, start: date | None) -> Any:
        """The stretches between days compared with; they name their ends, so that more days compared with leave others right."""
        first = on if self._on_full else _between(self._on, on) if self._on else None
        second = None
        if start is not None:
            second = start if self._start_full else _between(self._start, start) if self._start else None
        if not self._pair or start is None:
            return (first, second)
        return (first, second, (start > on) - (start < on))


def _between(cuts: list[date], day: date) -> Any:
    n = bisect_left(cuts, day)
    if n < len(cuts) and cuts[n] == day:
        return day
    return (cuts[n - 1] if n else None, cuts[n] if n < len(cuts) else None)


class Asked(Generic[_T]):
    """One thing that is asked of every placement: a clause, the law, an agreement's grievances. ``names`` are facts it read."""

    __slots__ = ("_ask", "_nodes", "names")

    def __init__(self, ask: Callable[[Watched, Any], _T]) -> None:
        self._ask = ask
        self.names: tuple[str, ...] = ()
        self._nodes: dict[tuple[Any, ...], Node[_T]] = {}

    def node(self, reader: Reader, mode: Any) -> Node[_T]:
        """Where answers for such a placement are; ``mode`` is all that they take from how the agreement stands."""
        key = (mode, *[reader.key(name) for name in self.names])
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Node()
        return found

    def ask(self, reader: Reader, on: date, how: Any, mode: Any) -> _T:
        """Ask, and remember. ``names`` grow where a fact is read that was not read before: nodes are then other ones."""
        facts = Watched(reader.case, on)
        answer = self._ask(facts, how)
        if new := sorted(facts.log.reads.difference(self.names)):
            self.names = (*self.names, *new)  # shorter keys are never met again
        self.node(reader, mode).keep(on, reader.start, facts.log, answer)
        return answer
