"""Answers worked out once for everybody who is alike in what the answer depends on.

What an answer depends on is not declared: it is noted while the answer is worked out. An answer is remembered by the facts it
read, one after the other, so that whoever has the same facts gets the same answer without anything being evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from staffing.core.case import Case
from staffing.core.conditions import Condition, Holds, Joined, Named, Not, Truth
from staffing.core.evidence import Evidence
from staffing.core.facts import CaseView, FactSpec

#: Facts that differ from person to person in the same kind of work; all others belong to the work and its place.
STARTS_ON: Final = "placement.starts_on"


def varies(name: str) -> bool:
    """Whether a fact is one person's own."""
    return name.startswith("person.") or name == STARTS_ON


class Reading(CaseView):
    """A view that notes which of a person's own facts are read, in order, and of which kinds the evidence is."""

    __slots__ = ("answers", "common", "kinds", "read")

    def __init__(self, case: Case, on: date, specs: Mapping[str, FactSpec]) -> None:
        super().__init__(case, on, specs)
        self.read: list[str] = []
        self.common: list[str] = []
        self.kinds: set[str] = set()
        self.answers: Mapping[Condition, Answer] = {}

    def _find(self, name: str) -> Any:
        if name in self.specs:
            (self.read if varies(name) else self.common).append(name)
        return super()._find(name)

    def evidence(self, kind: str) -> list[Evidence]:
        """All evidence of one kind, as handed in."""
        self.kinds.add(kind)
        return super().evidence(kind)

    def another_day(self, on: date) -> Reading:
        """The same case on another day, noting in the same place."""
        other = Reading(self.case, on, self.specs)
        other.read, other.common, other.kinds = self.read, self.common, self.kinds
        return other


class _Nobody(CaseView):
    """A view of the work alone: of the person nothing is known, not even what would be assumed."""

    __slots__ = ()

    def _find(self, name: str) -> Any:
        return None if varies(name) else super()._find(name)


class Answer:
    """What a condition says of somebody: the truth, the unknown facts in the way, and the days ahead on which it turns."""

    __slots__ = ("truth", "turns", "unknowns")

    def __init__(self, truth: Truth, unknowns: tuple[str, ...], turns: tuple[date, ...]) -> None:
        self.truth = truth
        self.unknowns = unknowns
        self.turns = turns


class Node:
    """One more fact to look at, and what follows from each of its values."""

    __slots__ = ("name", "then")

    def __init__(self, name: str) -> None:
        self.name = name
        self.then: dict[Any, Any] = {}


#: Nothing is remembered yet.
NEW: Final = object()


class Remembered:
    """A function of somebody's own facts. ``work`` answers for a ``Reading``; a value is kept by the facts read for it."""

    __slots__ = ("root", "work")

    def __init__(self, work: Callable[[Reading], Any]) -> None:
        self.work = work
        self.root: Any = NEW

    def of(self, facts: Mapping[str, Any], view: Callable[[], Reading]) -> Any:
        """The answer for somebody with these facts; ``view`` makes their case if it has to be worked out."""
        node = self.root
        while node.__class__ is Node:
            node = node.then.get(facts.get(node.name), NEW)
        if node is not NEW:
            return node
        reading = view()
        value = self.work(reading)
        self.keep(value, facts, reading.read)
        return value

    @property
    def settled(self) -> bool:
        """Whether the answer is the same for everybody, once one has been worked out."""
        return self.root is not NEW and self.root.__class__ is not Node

    def keep(self, value: Any, facts: Mapping[str, Any], read: Iterable[str]) -> None:
        """Remember a value that was worked out by reading these of somebody's facts, in this order."""
        names = list(dict.fromkeys(read))
        if not names:
            self.root = value
            return
        if self.root is NEW:
            self.root = Node(names[0])
        node = self.root
        for name, following in zip(names, [*names[1:], None], strict=True):
            held = facts.get(name)
            if following is None:
                node.then[held] = value
            else:
                node = node.then.setdefault(held, Node(following))


class Asked(Condition):
    """A condition on facts alone whose answer is looked up in the view, put there before the rule is assessed."""

    __slots__ = ("original",)

    def __init__(self, original: Condition) -> None:
        self.original = original
        self.facts = original.facts
        self.timed = original.timed

    def _answer(self, view: CaseView) -> Answer:
        if not isinstance(view, Reading):
            raise TypeError("a condition that is asked needs a view that holds its answer")
        return view.answers[self.original]

    def test(self, view: CaseView) -> Truth:
        """What was answered."""
        return self._answer(view).truth

    def unknowns(self, view: CaseView) -> Iterator[str]:
        """What was answered."""
        return iter(self._answer(view).unknowns)

    def turns(self, view: CaseView) -> Iterator[date]:
        """What was answered."""
        return iter(self._answer(view).turns)


def of_the_person(view: Reading, value: Any) -> Any:
    """The value, worked out from the view; it must not have read anything of the work, as other work has the same value."""
    if view.common:
        raise RuntimeError(f"{', '.join(view.common)} was read where only facts of the person may be")
    return value


def parts(condition: Condition) -> Iterator[Condition]:
    """A condition and all that it is made of."""
    yield condition
    if isinstance(condition, Joined):
        for part in condition.parts:
            yield from parts(part)
    elif isinstance(condition, Not):
        yield from parts(condition.part)


def is_named(condition: Condition) -> bool:
    """Whether a plugin's predicate is part of it, which may look at the case behind the view's back."""
    return any(isinstance(part, Named) for part in parts(condition))


def kinds_read(condition: Condition) -> set[str]:
    """The kinds of evidence a condition looks at."""
    return {part.kind for part in parts(condition) if isinstance(part, Holds)}


class Answers:
    """Answers to conditions on facts alone. Equal answers are one object, so that they can be told apart by it."""

    def __init__(self) -> None:
        self._same: dict[tuple[Truth, tuple[str, ...], tuple[date, ...]], Answer] = {}
        self._own: dict[tuple[Condition, date], Remembered] = {}

    def remembered(self, condition: Condition, case: Case, on: date, specs: Mapping[str, FactSpec]) -> Remembered:
        """A condition to be answered for many in one kind of work. Settled at once where the work alone decides it.

        One about the person alone is the same question in every kind of work.
        """
        if condition.facts and all(varies(name) for name in condition.facts):
            return self._own.setdefault(
                (condition, on), Remembered(lambda view: of_the_person(view, self._work(condition, view)))
            )
        found = Remembered(lambda view: self._work(condition, view))
        if not condition.timed and (truth := condition.test(_Nobody(case, on, specs))) is not None:
            found.root = self._kept(truth, (), ())
        return found

    def _work(self, condition: Condition, view: Reading) -> Answer:
        truth = condition.test(view)
        unknowns = tuple(condition.unknowns(view)) if truth is None else ()
        return self._kept(truth, unknowns, tuple(condition.turns(view)) if condition.timed else ())

    def _kept(self, truth: Truth, unknowns: tuple[str, ...], turns: tuple[date, ...]) -> Answer:
        return self._same.setdefault((truth, unknowns, turns), Answer(truth, unknowns, turns))
