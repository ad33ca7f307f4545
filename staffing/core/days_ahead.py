"""What the rules of one kind of work say of somebody on a day ahead: only those are asked that name the day."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.decisions import assessed_of, day_towards_group
from staffing.core.facts import FactSpec
from staffing.core.patterns import Held, Pattern
from staffing.core.quick import hides_day
from staffing.core.remembered import Reading, Remembered
from staffing.core.same_work import Facts, ReadyRule, Said, case_with

#: So many answers about days ahead are remembered at a time.
_KEPT: Final = 2_000


class DaysAhead:
    """Rules on days after the one that was decided for, as long as all of them may be remembered.

    ``rules`` are the rules with the number of their group, or -1; ``groups`` the numbers of each group's rules.
    """

    def __init__(
        self,
        case: Case,
        rules: Sequence[tuple[ReadyRule | None, Rule, int]],
        groups: Sequence[Sequence[int]],
        specs: Mapping[str, FactSpec],
    ) -> None:
        self._case = case
        self._rules = [(ready, _without_facts(rule), group) for ready, rule, group in rules]
        self._groups = groups
        self._specs = specs
        self._kept: dict[Any, Remembered] = {}

    def ask(self, said: list[Said], day: date, facts: Facts, held: Sequence[Held]) -> bool:
        """Put in what the rules say on the day that named it or an earlier one, and those of their groups.

        Gives whether those not asked are still known to say what they said.
        """
        named = [n for n, one in enumerate(said) if one.perhaps <= day]
        found = {n: self._say(n, None, day, facts, held) for n in named}
        for group in {self._rules[n][2] for n in named} - {-1}:
            members = self._groups[group]
            before = min((counts for n in members if (counts := said[n].day) is not None), default=None)
            # Where those asked did not count before, the others of the group count as they did.
            alone = all(said[n].day is None for n in members if n in found)
            if not alone:
                found.update((n, self._say(n, None, day, facts, held)) for n in members if n not in found)
            days = [one.day for n in members if (one := found.get(n)) is not None and one.day is not None]
            oldest = min([*days, before] if alone and before is not None else days, default=None)
            if oldest is None:
                continue
            for n in members if oldest != before else [n for n in members if n in found]:
                found[n] = self._say(n, oldest, day, facts, held)
        for n, one in found.items():
            said[n] = one
        return not any(hides_day(one, one.day) for one in found.values())

    def _say(self, n: int, oldest: date | None, day: date, facts: Facts, held: Sequence[Held]) -> Said:
        ready, rule, group = self._rules[n]
        kinds = ready.kinds if ready is not None else ()
        pieces = tuple(pattern for pattern, _ in held if pattern.kind in kinds)
        key = (n, oldest, day, pieces)
        question = self._kept.get(key)
        if question is None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()

            def work(view: Reading) -> Said:
                counts = day_towards_group(rule, view) if group >= 0 else None
                one = Said.of(assessed_of(rule, view, oldest), day=counts)
                if not view.kinds.issubset(kinds):
                    raise RuntimeError(
                        f"{rule.requirement.id} read evidence of {sorted(view.kinds.difference(kinds))} unforeseen"
                    )
                return one

            question = self._kept[key] = Remembered(work)
        return question.of(facts, lambda: self._view(pieces, day, facts))  # type: ignore[no-any-return]

    def _view(self, pieces: Sequence[Pattern], day: date, facts: Facts) -> Reading:
        return Reading(case_with(self._case, facts, [pattern.evidence for pattern in pieces]), day, self._specs)


def _without_facts(rule: Rule) -> Rule:
    """A rule that does not say which facts it used: of a day ahead only what it does is wanted."""
    bare = copy.copy(rule)
    bare.facts = ()
    return bare
