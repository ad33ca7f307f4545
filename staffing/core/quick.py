"""The common case of deciding for many: one pass over somebody's evidence, each piece looked up once.

Whoever has an odd mixture of papers is put to the rule in full (``ReadyRule.say``). All of it is what ``assess`` said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from staffing.core import holdings
from staffing.core.case import Case
from staffing.core.facts import CaseView
from staffing.core.findings import State
from staffing.core.patterns import Held, Pattern, Shape
from staffing.core.remembered import NEW
from staffing.core.same_work import FAR, Facts, ReadyRule, Said


class Taker:
    """A rule that takes evidence of a shape, by its number. ``order`` is the place of the kind among those it accepts.

    ``against``: a result that says no, which the rule is about; ``free``: of several pieces the one that ranks best counts,
    and nothing else. ``more`` is the next rule that takes the shape.
    """

    __slots__ = ("against", "free", "more", "order", "rule")

    def __init__(self, number: int, rule: ReadyRule, shape: Shape, more: Taker | None) -> None:
        self.rule = number
        self.order = rule.kinds.index(shape.sample.kind)
        self.against = shape.sample.result == "not_clear" and rule.original.requirement.clearance
        self.free = rule.mixes and not self.against and not rule.original.group
        self.more = more


#: A rule's pieces: who takes it, the piece, and its id.
Pieces = list[tuple[Any, Pattern, Any]]
#: What a rule says, and the id of the evidence it names.
Named = tuple[Said, Any]
#: Puts a rule, by its number, to somebody in full; with the day of its group's oldest, if that is known.
Ask = Callable[[int, date | None], Named]
#: Gets somebody's facts, evidence and state ready for that.
InFull = Callable[[Facts, Sequence[Held], list[Any]], Ask]

_SEVERAL: Final[Any] = object()
_NONE: Final[dict[int, Pieces]] = {}
_NO_DAYS: Final[dict[int, date | None]] = {}


class Asked:
    """What a rule is asked with: somebody's facts and state, and by rule the answers to its conditions.

    ``days`` are those that count towards the oldest of a group where a rule says nothing of its evidence.
    """

    __slots__ = ("answers", "days", "facts", "held", "state", "tables")

    def __init__(self, facts: Facts, held: Sequence[Held], state: list[Any], answers: list[Any], tables: list[Any]) -> None:
        self.facts = facts
        self.held = held
        self.state = state
        self.answers = answers
        self.tables = tables
        self.days: dict[int, date | None] = {}


class Quick:
    """The rules of one kind of work on one day, as far as a look suffices."""

    def __init__(
        self, rules: Sequence[ReadyRule | None], groups: Sequence[Sequence[int]], on: date, blank: Sequence[Any]
    ) -> None:
        self._on = on
        self._groups = groups
        self._none: list[Any] = [None] * len(rules)
        self._fixed: list[Any] = self._none[:]
        for n, rule in enumerate(rules):
            if rule is not None:
                self._fixed[n] = rule.constant(None, {}, list(blank))
        self._rules = {n: rule for n, rule in enumerate(rules) if rule and (rule.parted or self._fixed[n] is not None)}
        self._open = [n for n in self._rules if self._fixed[n] is None]
        self._closed = [n for n in self._rules if self._fixed[n] is not None]
        self._never = frozenset(range(len(rules))) - self._rules.keys()
        #: Of these rules one piece that does not satisfy them says nothing.
        self._partly = [n for n in self._open if not self._rules[n].whole]
        self._tables: list[Any] = [rule.table(None) if rule is not None and rule.answers is None else None for rule in rules]
        #: The rules of which conditions differ from person to person, and the answers to them with which they say the same of
        #: everybody.
        self._asking: list[tuple[int, Any, ReadyRule, dict[Any, Said | None]]] = [
            (n, rule.answers, rule, {}) for n, rule in self._rules.items() if rule.answers is not None
        ]
        #: Rules to which a piece is as if it were issued on the day of their group's oldest.
        self._moving = {n for n, rule in self._rules.items() if rule.anchored and rule.whole}
        self._same = {n: same for n, _, _, same in self._asking}
        self._takers: dict[Shape, Any] = {}

    def say(  # noqa: PLR0915 - one pass, in which each further call would cost as much as a rule
        self, facts: Facts, held: Sequence[Held], state: list[Any], in_full: InFull
    ) -> tuple[list[Any], list[Any], bool]:
        """What each rule says, the ids of the evidence named, and whether the days of a group are hidden (``hides_day``).

        ``in_full`` is called for what cannot be looked up.
        """
        said, answers, tables = self._fixed[:], self._none[:], self._tables[:]
        for n, getter, rule, same in self._asking:
            answers[n] = one = getter(state)
            tables[n] = rule.alone.get(one) or rule.table(one)
            said[n] = same.get(one)
        best, ids, several = self._taken(held, tables)
        asked: Asked | None = None
        left = self._left(best, ids) if self._closed or self._never else None
        for n in self._open:
            piece = best[n]
            if said[n] is not None and (piece is None or not self._is_against(piece)):
                ids[n] = None
                continue
            one = tables[n].get(piece)
            if one.__class__ is not Said:
                asked = asked or Asked(facts, held, state, answers, tables)
                if piece is _SEVERAL:
                    one, ids[n] = self._of_several(n, several, asked) or (None, None)
                else:
                    one = self._ask(n, piece, asked)
                if one is None:
                    left = {n} if left is None else {n, *left}
                    continue
            said[n] = one
            if one.place < 0:
                ids[n] = None
        if self._partly:
            left = (left or set()).union(n for n in self._partly if said[n] is not None and not said[n].final)
        ask = None
        if left:
            ask = in_full(facts, held, state)
            for n in left:
                said[n], ids[n] = ask(n, None)
        days = _NO_DAYS if asked is None else asked.days
        hidden = bool(days)
        for members in self._groups:
            oldest = FAR
            for n in members:
                day = days[n] if n in days else said[n].day
                if day is not None and day < oldest:
                    oldest = day
            for n in members:
                day = said[n].day
                if day is None or day <= oldest or n in days or (left and n in left):
                    continue
                one = tables[n].get(best[n].shape.on(oldest)) if n in self._moving and n not in several else None
                if one.__class__ is Said and one.place >= 0:
                    said[n] = one
                else:
                    asked = asked or Asked(facts, held, state, answers, tables)
                    found = self._since(oldest, n, several.get(n) or [(None, best[n], ids[n])], asked)
                    if found is None:
                        left = {n} if left is None else {n, *left}
                    else:
                        said[n], ids[n] = found
                        hidden = hidden or hides_day(found[0], day)
            if left and oldest is not FAR:
                ask = ask or in_full(facts, held, state)
                for n in left.intersection(members):
                    said[n], ids[n] = ask(n, oldest)
                    hidden = hidden or hides_day(said[n], said[n].day)
        return said, ids, hidden

    def _taken(self, held: Sequence[Held], tables: Sequence[Any]) -> tuple[list[Any], list[Any], dict[int, Pieces]]:
        """By rule: the piece it takes, its id, and those of rules that take several."""
        ids = self._none[:]
        best, takes = ids[:], ids[:]
        several = _NONE
        takers = self._takers
        for pattern, name in held:
            taker = takers.get(pattern.shape, NEW)
            if taker is NEW:
                taker = self._find(pattern.shape)
            while taker is not None:
                n = taker.rule
                before = best[n]
                if before is None:
                    takes[n] = taker
                    best[n] = pattern
                    ids[n] = name
                elif before is _SEVERAL:
                    several[n].append((taker, pattern, name))
                elif before.kin is pattern.kin:
                    if pattern.day > before.day:
                        best[n] = pattern
                        ids[n] = name
                elif (
                    taker.free
                    and takes[n].free
                    and (one := tables[n].get(pattern)).__class__ is Said
                    and (than := tables[n].get(before)).__class__ is Said
                    and one.rank != than.rank
                ):
                    if one.rank < than.rank:
                        takes[n] = taker
                        best[n] = pattern
                        ids[n] = name
                else:
                    several = several or {}
                    several[n] = [(takes[n], before, ids[n]), (taker, pattern, name)]
                    best[n] = _SEVERAL
                taker = taker.more
        return best, ids, several

    def _left(self, best: Sequence[Any], ids: list[Any]) -> set[int]:
        """The rules that have to be asked in full: those never looked up, and those that say the same of everybody but of those
        who hold a result that says no, or a paper dated ahead."""
        left = set(self._never)
        for n in self._closed:
            if (piece := best[n]) is not None:
                ids[n] = None
                if self._is_against(piece):
                    left.add(n)
        return left

    def _is_against(self, piece: Any) -> bool:
        """Whether it may count against somebody, or only later, so that even a rule that always says the same may say another."""
        return piece is _SEVERAL or piece.evidence.result == "not_clear" or piece.is_ahead(self._on)

    def _find(self, shape: Shape) -> Taker | None:
        """The rules that take this shape, one after the other."""
        first: Taker | None = None
        for n, rule in reversed(self._rules.items()):
            if shape.sample.kind in rule.kinds:
                first = Taker(n, rule, shape, first)
        self._takers[shape] = first
        return first

    def _ask(self, n: int, piece: Pattern | None, asked: Asked) -> Said | None:
        """What a rule says of one piece and no other, or of nothing held; None for a piece that another may have come before."""
        if piece is not None and piece.is_ahead(self._on):
            return None
        rule, answers = self._rules[n], asked.answers[n]
        against = piece is not None and piece.evidence.result == "not_clear"
        if rule.answers is not None and not against:
            same = self._same[n]
            if answers not in same:
                same[answers] = rule.constant(answers, asked.facts, asked.state)
            if (one := same[answers]) is not None:
                return one
        return rule.of_one(answers, piece, asked.facts, asked.state)

    def _of_several(self, n: int, several: dict[int, Pieces], asked: Asked) -> Named | None:
        """What a rule says of several pieces, and the id of the one it names; None where that has to be asked in full."""
        pieces = several[n]
        if any(piece.is_ahead(self._on) for _, piece, _ in pieces):
            return None
        if not any(taker.against for taker, _, _ in pieces):
            return self._best(n, pieces, pieces, asked)
        rule = self._rules[n]
        every = [(taker, piece, name) for piece, name in asked.held if (taker := self._taker(piece, n)) is not None]
        rest = several[n] = [one for one in every if not one[0].against]
        found = self._best(n, rest, rest, asked)
        view = CaseView(Case(jurisdiction="", evidence=tuple(piece.evidence for _, piece, _ in every)), self._on, {})
        bad = holdings.not_clear(rule.original.version, view)  # type: ignore[arg-type]
        if bad is None:
            return None if found is None or found[0].standing in (None, State.MISSING) else found
        _, piece, name = next(one for one in every if one[1].evidence is bad)
        one = self._ask(n, piece, asked)
        if one is None or (rule.original.group and rest and found is None):
            return None
        if rule.original.group:
            asked.days[n] = found[0].day if found is not None else None
        return one, name if one.place >= 0 else None

    def _taker(self, piece: Pattern, number: int) -> Taker | None:
        taker: Taker | None = self._takers[piece.shape]
        while taker is not None and taker.rule != number:
            taker = taker.more
        return taker

    def _best(self, n: int, pieces: Pieces, issued: Pieces, asked: Asked) -> Named | None:
        """The piece that stands best, as the rule says of it, and its id; None where that cannot be told.

        ``issued`` are the pieces before they were moved to a group's oldest.
        """
        table = asked.tables[n]
        best: tuple[Said, int] | None = None
        for number, (taker, piece, _) in enumerate(pieces):
            one = table.get(piece)
            if one.__class__ is not Said:
                one = self._ask(n, piece, asked)
                if one is None:
                    return None
            if best is not None:
                than, at = best
                if one.rank != than.rank:
                    better = one.rank < than.rank
                elif one.place < 0 or than.place < 0:
                    better = one.place > than.place
                elif taker.order != pieces[at][0].order:
                    better = taker.order < pieces[at][0].order
                elif one.standing is State.PENDING:
                    return None  # what was asked for first counts
                else:
                    better = _day(issued[number][1]) > _day(issued[at][1])
                if not better:
                    continue
            best = one, number
        if best is None or not (best[0].final or self._rules[n].mixes or len(pieces) == 1):
            return None
        return best[0], pieces[best[1]][2] if best[0].place >= 0 else None

    def _since(self, oldest: date, n: int, pieces: Pieces, asked: Asked) -> Named | None:
        """What a rule says, counting from its group's oldest, and the id it names; None where that has to be asked in full."""
        rule = self._rules[n]
        if not rule.anchored:
            return None
        found = self._best(n, [(taker, _moved(one, oldest), name) for taker, one, name in pieces], pieces, asked)
        return found if found is None or rule.whole or found[0].final else None


def hides_day(one: Said, day: date | None) -> bool:
    """Whether a paper counts towards its group's oldest though the rule does not name it: it may cease to, and nobody says so."""
    return day is not None and one.standing is not State.MET and one.standing is not State.EXPIRED


def _day(piece: Pattern) -> date:
    return piece.evidence.issued_on or date.min


def _moved(piece: Pattern, oldest: date) -> Pattern:
    """The same piece as if issued on the day of the group's oldest, if it was issued later."""
    if not piece.day or piece.evidence.issued_on <= oldest:  # type: ignore[operator]
        return piece
    return piece.shape.on(oldest)
