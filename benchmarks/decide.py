"""How long one decision takes, and how many a second: `python benchmarks/decide.py`.

The people are generated: a volunteer tutor in Pennsylvania and California, half with papers in order.
"""

from __future__ import annotations

import timeit
from datetime import date

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.decisions import decide
from staffing.core.evidence import Evidence

ON = date(2026, 11, 24)
PLACEMENT = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "contact": "routine",
    "supervision": "line_of_sight",
    "supervised_by": "certificated",
    "responsible_for_welfare": False,
    "duties": ["reading_tutoring"],
    "funding": ["local"],
    "hours": {"week": 2},
    "starts_on": date(2026, 9, 8),
}
PAPERS = tuple(
    Evidence(kind=kind, issued_on=date(2026, 8, 3), result="clear", purpose="volunteer")
    for kind in (
        "state_criminal_history",
        "child_abuse_history",
        "affirmation",
        "notice_acknowledgement",
        "tb_screening",
        "sex_offender_registry",
    )
)


def main() -> None:
    started = timeit.default_timer()
    rules = rulebook.rules(host.load())
    taken = (timeit.default_timer() - started) * 1000
    print(f"packs read and compiled: {taken:.0f} ms, {sum(len(p.requirements) for p in rules.packs)} rules")
    for jurisdiction in ("us-pa", "us-ca"):
        for words, papers in (("papers in order", PAPERS), ("no papers", ())):
            person = {"born_on": date(1985, 3, 2), "resident_since": date(2001, 6, 1)}
            case = Case(jurisdiction=jurisdiction, person=person, placement=PLACEMENT, evidence=papers)
            once = min(timeit.repeat(lambda case=case: decide(case, rules, ON), number=500, repeat=3)) / 500
            print(f"{jurisdiction}, {words}: {once * 1000:.2f} ms a decision, {1 / once:,.0f} a second")


if __name__ == "__main__":
    main()
