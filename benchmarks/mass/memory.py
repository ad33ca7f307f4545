"""Decisions in memory, one core: outcome, day, a reason and the evidence for each rule."""

from __future__ import annotations

import gc
import resource
import time
from collections import Counter

from benchmarks.mass.people import ON, Helper, book, case_of
from staffing.core.decisions import decide
from staffing.core.many import Many, own_facts


def run(helpers: list[Helper], checked: int = 1000) -> tuple[float, list[str]]:
    """Decide everybody: decisions a second once the like has been met, and the outcomes. Some are compared with ``decide``."""
    rules = book()
    many = Many(rules)
    cases = [case_of(h) for h in helpers]
    rows = [(many.work(case, ON), own_facts(case), many.patterns.held(case.evidence)) for case in cases]
    checked_cases = cases[:checked]
    del cases
    gc.collect()
    gc.freeze()
    gc.disable()
    rates = []
    for _ in range(3):
        began = time.process_time()
        answers = [work.decide(facts, held) for work, facts, held in rows]
        rates.append(len(rows) / (time.process_time() - began))
    began = time.process_time()
    for case in checked_cases:
        decide(case, rules, ON)
    singly = len(checked_cases) / (time.process_time() - began)
    gc.enable()
    for case, (work, facts, held), answer in zip(checked_cases, rows, answers, strict=False):
        assert work.decision(answer, facts, held) == decide(case, rules, ON), case
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"in memory, {len(rows):,} people: {rates[0]:,.0f} decisions/s where nothing is remembered yet, "
        f"{max(rates):,.0f} afterwards; one by one {singly:,.0f}; {peak:.0f} MiB; "
        f"{len(checked_cases):,} compared with decide(): the same"
    )
    outcomes = [str(a.outcome) for a in answers]
    print(dict(sorted(Counter(outcomes).items())))
    return max(rates), outcomes
