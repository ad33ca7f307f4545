"""The common case of deciding for many: one pass over somebody's evidence, each piece looked up once.

Whoever has an odd mixture of papers is left to ``ReadyRule.say``, which knows every case. Both look up what ``assess`` said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from staffing.core.patterns import Held, Pattern
from staffing.core.remembered import NEW, Node, Remembered
from staffing.core.same_work import FAR, Facts, ReadyRule, Said

#: Somebody's facts, and the same with a start of long ago made one of less long ago.
Both = tuple[Facts, Facts]


class Target:
    """A pattern of evidence as one rule takes it. ``order`` is the place of its kind among those the rule accepts.

    ``said`` is what the rule says of it alone: that, or how to find it by the facts, or None until the rule has been asked.
    ``by_answers`` holds the same for each way in which the rule's conditions can be answered, if they can in several.
    """

    __slots__ = ("by_answers", "harmless", "order", "pattern", "plain", "rule", "said")

    def __init__(self, rule: int, order: int, pattern: Pattern, today: date) -> None:
        self.plain = 0 < pattern.day <= today.toordinal()
        self.harmless = pattern.is_harmless(today)
        self.rule = rule
        self.order = order
        self.pattern = pattern
        self.said: Any = None
        self.by_answers: dict[Any, Any] | None = None


class Quick:
    """The rules of one kind of work on one day, as far as a look suffices."""

    def __init__(
        self, rules: Sequence[ReadyRule | None], groups: Sequence[Sequence[int]], on: date, blank: Sequence[Any]
    ) -> None:
        grouped = {n for members in groups for n in members}
        self._rules = {n: rule for n, rule in enumerate(rules) if rule and rule.quick and (n not in grouped or rule.anchored)}
        self._groups = [members for members in groups if all(n in self._rules for n in members)]
        self._never = frozenset(
            [n for n in range(len(rules)) if n not in self._rules]
            + [n for members in groups if members not in self._groups for n in members]
        )
        self._rules = {n: rule for n, rule in self._rules.items() if n not in self._never}
        self._asking = [(n, rule.answers) for n, rule in self._rules.items() if rule.answers is not None]
        self._fixed: list[Any] = [None] * len(rules)
        for n, rule in self._rules.items():
            self._fixed[n] = rule.constant(list(blank))
        self._open = [n for n in self._rules if self._fixed[n] is None]
        self._closed = [n for n in self._rules if self._fixed[n] is not None]
        self._on = on
        self._targets: dict[Pattern, tuple[Target, ...]] = {}
        self._none: list[Any] = [None] * len(rules)

    def say(self, facts: Facts, near: Facts, held: Sequence[Held], state: list[Any]) -> tuple[list[Any], list[Any], set[int]]:
        """What each rule says, the ids of the evidence named, and the numbers of the rules that have to be asked in full.

        ``near`` are the facts for rules to which a start of long ago is as good as another.
        """
        both = (facts, near)
        ids = self._none[:]
        best = ids[:]
        answers = ids
        if self._asking:
            answers = ids[:]
            for n, getter in self._asking:
                answers[n] = getter(state)
        left: set[int] = set(self._never)
        mixed: dict[int, list[tuple[Target, Any]]] = {}
        targets = self._targets
        for pattern, name in held:
            found = targets.get(pattern)
            if found is None:
                found = self._find(pattern)
            for target in found:
                n = target.rule
                before = best[n]
                if before is None:
                    best[n] = target
                    ids[n] = name
                elif before.plain and target.plain and before.pattern.shape is pattern.shape and n not in mixed:
                    if pattern.day > before.pattern.day:
                        best[n] = target
                        ids[n] = name
                else:
                    if not (before.harmless and target.harmless):
                        left.add(n)
                    _add(mixed.setdefault(n, [(before, ids[n])]), target, name)
        said = self._fixed[:]
        for n in self._open:
            target = best[n]
            if mixed and n in mixed:
                continue
            if target is None:
                one = self._nothing(n, both, state)
            else:
                one = target.said if target.by_answers is None else target.by_answers.get(answers[n])
                if one.__class__ is not Said:
                    one = self._alone(target, both, answers[n])
            if one is None:
                left.add(n)
            elif one.place < 0:
                ids[n] = None
            said[n] = one
        for n in self._closed:
            if best[n] is not None:  # a result that says no, or a paper dated ahead
                left.add(n)
        for n, pieces in mixed.items():
            if n not in left:
                said[n], ids[n] = self._better(pieces, both, answers[n], left)
        for members in self._groups:
            if left.isdisjoint(members):
                self._from_oldest(members, both, said, ids, best, mixed, answers, left)
        return said, ids, left

    def _find(self, pattern: Pattern) -> tuple[Target, ...]:
        plain = 0 < pattern.day <= self._on.toordinal()
        found = []
        for n, rule in self._rules.items():
            if pattern.kind in rule.kinds and not (plain and self._fixed[n] is not None):
                target = Target(n, rule.kinds.index(pattern.kind), pattern, self._on)
                if rule.answers is not None:
                    target.by_answers = {}
                found.append(target)
        self._targets[pattern] = tuple(found)
        return self._targets[pattern]

    def _nothing(self, n: int, both: Both, state: list[Any]) -> Said | None:
        """What a rule says of somebody who holds nothing it looks at, if that is known."""
        rule = self._rules[n]
        one = rule.said.get(rule.key(state))
        return one if one is None or one.__class__ is Said else _found(one, both[rule.window is not None])

    def _alone(self, target: Target, both: Both, answers: Any) -> Said | None:
        """What a rule says of one piece of evidence and no other, if that is known."""
        many, rule = target.by_answers, self._rules[target.rule]
        one = target.said if many is None else many.get(answers)
        if one is None:
            pattern = target.pattern
            one = rule.alone.get(pattern if many is None else (answers, pattern))
            if many is None:
                target.said = one
            elif one is not None:
                many[answers] = one
        return one if one is None or one.__class__ is Said else _found(one, both[rule.window is not None])

    def _better(self, pieces: list[tuple[Target, Any]], both: Both, answers: Any, left: set[int]) -> tuple[Said | None, Any]:
        """The piece that stands best, where one satisfies the rule or none is looked at."""
        best: tuple[Said, Target, Any] | None = None
        for target, name in pieces:
            one = self._alone(target, both, answers)
            if one is None:
                best = None
                break
            if best is None or (one.met and not best[0].met) or (one.met and self._longer(one, target, best)):
                best = one, target, name
        if best is None or not best[0].final:
            left.add(pieces[0][0].rule)
            return None, None
        return best[0], best[2] if best[0].place >= 0 else None

    @staticmethod
    def _longer(one: Said, target: Target, best: tuple[Said, Target, Any]) -> bool:
        if one.certain != best[0].certain:
            return one.certain > best[0].certain
        if target.order != best[1].order:
            return target.order < best[1].order
        return target.pattern.day > best[1].pattern.day

    def _from_oldest(  # noqa: PLR0917 - one step of say(), with all that it has found so far
        self,
        members: Sequence[int],
        both: Both,
        said: list[Any],
        ids: list[Any],
        best: list[Any],
        mixed: dict[int, list[tuple[Target, Any]]],
        answers: list[Any],
        left: set[int],
    ) -> None:
        """Let the rules of a group count from the oldest of their items."""
        oldest = FAR
        for n in members:
            day = said[n].day
            if day is not None and day < oldest:
                oldest = day
        if oldest is FAR:
            return
        for n in members:
            day = said[n].day
            if n in mixed:
                pieces = [(self._since(target, oldest), name) for target, name in mixed[n]]
                said[n], ids[n] = self._better(pieces, both, answers[n], left)
            elif day is not None and day is not oldest and day != oldest:
                one = self._alone(self._since(best[n], oldest), both, answers[n])
                if one is None:
                    left.add(n)
                said[n] = one

    def _since(self, target: Target, oldest: date) -> Target:
        """The same piece as if issued on the day of the group's oldest, if it was issued later."""
        pattern = target.pattern
        if not target.plain or pattern.day <= oldest.toordinal():
            return target
        moved = pattern.shape.on(oldest)
        found = self._targets.get(moved) or self._find(moved)
        return next(one for one in found if one.rule == target.rule)


def _add(pieces: list[tuple[Target, Any]], target: Target, name: Any) -> None:
    """One more piece among those for a rule, unless a newer one of the same shape makes one of them needless."""
    if target.plain:
        for at, (other, _) in enumerate(pieces):
            if other.plain and other.pattern.shape is target.pattern.shape:
                if target.pattern.day > other.pattern.day:
                    del pieces[at]
                    break
                return
    pieces.append((target, name))


def _found(question: Remembered, facts: Facts) -> Any:
    """What is remembered for these facts, or None."""
    node = question.root
    while node.__class__ is Node:
        node = node.then.get(facts.get(node.name), NEW)
    return None if node is NEW else node
