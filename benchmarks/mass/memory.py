"""Decisions in memory, one core: outcome, day, a reason and the evidence for each rule."""

from __future__ import annotations

import gc
import time
from collections import Counter

from benchmarks.mass.people import ON, Helper, book, case_of
from staffing.core.decisions import decide
from staffing.core.many import Many, own_facts


def run(helpers: list[Helper], checked: int = 2000) -> tuple[float, Counter[str]]:
    """Decide everybody; decisions a second and the outcomes. The first ``checked`` are compared with ``decide``."""
    rules = book()
    many = Many(rules)
    cases = [case_of(h) for h in helpers]
    rows = [(many.work(case, ON), own_facts(case), many.patterns.held(case.evidence)) for case in cases]
    gc.collect()
    gc.freeze()
    gc.disable()
    began = time.perf_counter()
    answers = [work.decide(facts, held) for work, facts, held in rows]
    cold = len(rows) / (time.perf_counter() - began)
    began = time.perf_counter()
    answers = [work.decide(facts, held) for work, facts, held in rows]
    warm = len(rows) / (time.perf_counter() - began)
    gc.enable()
    began = time.perf_counter()
    for case, (work, facts, held), answer in list(zip(cases, rows, answers, strict=True))[:checked]:
        assert work.decision(answer, facts, held) == decide(case, rules, ON), case
    print(f"in memory: {cold:,.0f} decisions/s the first time, {warm:,.0f} again")
    return cold, Counter(str(a.outcome) for a in answers)
