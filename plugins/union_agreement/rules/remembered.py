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
_OWN = frozenset({WHOLE, STARTS, START, "starts_on", "born_on", "placement_id", "person_id"})
#: The key of what is one placement's alone: no other has the same.
MINE = object()


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
    """One placement's facts as keys. ``uid`` is its id; ``start`` its first day, if one is stated; ``kept`` is for callers.

    Cases with the same ``like`` differ in nothing but what ``is_own`` names.
    """

    __slots__ = ("_keys", "_nodes", "case", "facts", "kept", "like", "shared", "start", "uid")

    def __init__(self, uid: str, case: Case, on: date, shared: Shared, like: Any = None) -> None:
        self.uid = uid
        self.like = like
        self.case = case
        self.shared = shared
        self.kept: Any = None
        self.facts = Facts(case, on, None, view(case, on))
        self.start = as_day(self.facts.get(START))
        self._keys: dict[str, Any] = {}
        self._nodes: dict[Any, Node[Any]] = {}

    def key(self, name: str) -> Any:
        """The key of a fact."""
        if name in self._keys:
            return self._keys[name]
        found = self._keys[name] = self._key(name)
        return found

    def _key(self, name: str) -> Any:
        if name == WHOLE:
            return MINE
        if name == PLACE:
            return self.case.jurisdiction
        if name == STARTS:
            return self.start is not None
        if name.startswith(EVIDENCE):
            kind = name.removeprefix(EVIDENCE)
            return MINE if any(item.kind == kind for item in self.case.evidence) else None
        if name == "placement_id":  # clauses only ask whether a record names it
            own = self.uid in self.shared.placements or not _NAMING.isdisjoint(self._own)
            return MINE if own else None
        facts = self.facts
        value = facts.get(name)
        looked = facts.view
        if isinstance(looked, View) and looked.touched:  # worked out from the day: another day, another value
            facts.view = view(self.case, looked.on)
            return MINE
        return self.shared.key(value)

    @property
    def _own(self) -> set[str]:
        known = self.shared.context
        return {name for name, value in self.case.context.items() if known.get(name) is not value}

    def node(self, of: Any) -> Node[Any]:
        """Where answers are that count for this placement alone."""
        found = self._nodes.get(of)
        if found is None:
            found = self._nodes[of] = Node()
        return found


def is_own(name: str) -> bool:
    """Whether a fact may differ between placements that are otherwise alike: their ids, days, births and evidence."""
    return name in _OWN or name.startswith(EVIDENCE)


class Node(Generic[_T]):
    """The answers to placements that agree in every fact read by name: by the days they depend on.

    Where the first day is compared with the day decided for, those before, on and after it are kept apart.
    """

    __slots__ = ("_always", "_by_order", "_ordered")

    def __init__(self) -> None:
        self._always: tuple[_T, ...] = ()
        self._ordered = False
        self._by_order: dict[int | None, _Days[_T]] = {}

    @property
    def always(self) -> bool:
        """Whether the answer is the same on every day."""
        return bool(self._always)

    def get(self, on: date, start: date | None) -> _T | None:
        """The answer for these days, if it is known."""
        if self._always:
            return self._always[0]
        found = self._by_order.get(self._order(on, start))
        return None if found is None else found.answers.get(found.key(on, start))

    def keep(self, on: date, start: date | None, log: Log, answer: _T) -> None:
        """Remember an answer with what it was seen to depend on."""
        if not (log.on or log.start or log.on_full or log.start_full or log.pair):
            self._always = (answer,)
            return
        self._ordered = self._ordered or log.pair
        found = self._by_order.setdefault(self._order(on, start), _Days())
        found.learn(log)
        found.answers[found.key(on, start)] = answer

    def _order(self, on: date, start: date | None) -> int | None:
        return (start > on) - (start < on) if self._ordered and start is not None else None


class _Days(Generic[_T]):
    """Answers by stretches of days. ``on`` and ``start`` are days compared with; a stretch is named by its ends, so that answers
    stay right when more days are compared with."""

    __slots__ = ("answers", "on", "on_full", "start", "start_full")

    def __init__(self) -> None:
        self.on: list[date] = []
        self.start: list[date] = []
        self.on_full = self.start_full = False
        self.answers: dict[Any, _T] = {}

    def learn(self, log: Log) -> None:
        """Keep apart what was compared with."""
        for cuts, new in ((self.on, log.on), (self.start, log.start)):
            for day in new.difference(cuts):
                insort(cuts, day)
        self.on_full |= log.on_full
        self.start_full |= log.start_full

    def key(self, on: date, start: date | None) -> Any:
        """The stretches these days are in."""
        first = on if self.on_full else _between(self.on, on) if self.on else None
        if start is None or not (self.start_full or self.start):
            return (first, None)
        return (first, start if self.start_full else _between(self.start, start))


def _between(cuts: list[date], day: date) -> Any:
    n = bisect_left(cuts, day)
    if n < len(cuts) and cuts[n] == day:
        return day
    return (cuts[n - 1] if n else None, cuts[n] if n < len(cuts) else None)


class Asked(Generic[_T]):
    """One thing that is asked of every placement: a clause, the law, an agreement's grievances. ``names`` are facts it read."""

    __slots__ = ("_ask", "_nodes", "names", "own")

    def __init__(self, ask: Callable[[Watched, Any], _T]) -> None:
        self._ask = ask
        self.names: tuple[str, ...] = ()
        self.own = False
        self._nodes: dict[tuple[Any, ...], Node[_T]] = {}

    def node(self, reader: Reader, mode: Any) -> Node[_T] | None:
        """Where answers for such placements are; None if they are for this one alone.

        ``mode`` is all that they take from how the agreement stands.
        """
        key = (mode, *[reader.key(name) for name in self.names])
        if MINE in key:
            return None
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
            self.own = any(is_own(name) for name in self.names)
        node = self.node(reader, mode) or reader.node((self, mode))
        node.keep(on, reader.start, facts.log, answer)
        return answer
