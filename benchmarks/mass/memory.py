"""Decisions in memory, one core: outcome, day, a reason and the evidence for each rule.

People come in stretches, as they do in the product: a stretch is put together, which is not measured, then decided about, and
what was said is handed on. What is remembered of one stretch serves the next.
"""

from __future__ import annotations

import gc
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.mass.people import ON, Helper, book, case_of
from staffing.core.decisions import decide
from staffing.core.many import Answered, Many, SameWork, own_facts

STRETCH = 5_000

Row = tuple[SameWork, dict[str, Any], Any]


def run(helpers: list[Helper], checked: int = 1000) -> tuple[float, list[str]]:
    """Decide everybody: decisions a second once the like has been met, and the outcomes. Some are compared with ``decide``."""
    rules = book()
    many = Many(rules)
    gc.collect()
    gc.freeze()
    gc.disable()
    rates = []
    for _ in range(3):
        spent, outcomes = 0.0, []
        for rows in _stretches(many, helpers):
            began = time.process_time()
            answers = [work.decide(facts, held) for work, facts, held in rows]
            spent += time.process_time() - began
            outcomes += [str(a.outcome) for a in answers]
        rates.append(len(helpers) / spent)
    cases = [case_of(h) for h in helpers[:checked]]
    began = time.process_time()
    for case in cases:
        decide(case, rules, ON)
    singly = len(cases) / (time.process_time() - began)
    gc.enable()
    _compare(many, helpers[:checked], lambda case: decide(case, rules, ON))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"in memory, {len(helpers):,} people: {rates[0]:,.0f} decisions/s where nothing is remembered yet, "
        f"{max(rates):,.0f} afterwards; one by one {singly:,.0f}; {peak:.0f} MiB; "
        f"{len(cases):,} compared with decide(): the same"
    )
    print(dict(sorted(Counter(outcomes).items())))
    return max(rates), outcomes


def _stretches(many: Many, helpers: list[Helper]) -> Iterator[list[Row]]:
    for start in range(0, len(helpers), STRETCH):
        cases = [case_of(h) for h in helpers[start : start + STRETCH]]
        yield [(many.work(case, ON), own_facts(case), many.patterns.held(case.evidence)) for case in cases]


def _compare(many: Many, helpers: list[Helper], alone: Callable[[Any], Any]) -> None:
    for helper in helpers:
        case = case_of(helper)
        work, facts, held = many.work(case, ON), own_facts(case), many.patterns.held(case.evidence)
        answered: Answered = work.decide(facts, held)
        assert work.decision(answered, facts, held) == alone(case), case
