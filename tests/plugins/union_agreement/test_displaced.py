"""Position actions beside placements: a conflict where a clause says so, on both sides of its limit, and zeros on purpose."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from plugins.union_agreement.rules.displaced import Placed, asked, compare
from plugins.union_agreement.rules.displaced_lines import Class, counts
from staffing.core.case import Case

TODAY = date(2026, 11, 24)
SINCE = TODAY - timedelta(days=364)
AIDES = Class(name="Library aide", unit="classified", duties=("shelving",))
CLERKS = Class(name="Office clerk", unit="classified", duties=("clerical",))


def agreement(*clauses: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "id": "T1",
        "title": "Alder (invented)",
        "kind": "cba",
        "jurisdiction": "OH",
        "units": ["classified"],
        "effective": {"from": "2024-07-01", "to": "2028-06-30"},
        "status": "in_effect",
        "clauses": list(clauses),
    } | fields


def displacement(**params: Any) -> dict[str, Any]:
    given = {
        "lookback": 365,
        "include_partial": True,
        "match": "same_duty",
        "geography": "district",
        "causal_test": "temporal_presumption",
    }
    return {"id": "T1.1", "type": "non_displacement", "roles": ["volunteer"], "params": given | params}


BAR = {"bar": ["open_vacancy", "layoff_recall"]}
VACANCY = {"id": "T1.2", "type": "vacancy_recall_bar", "roles": ["volunteer"], "params": BAR}
OPEN_IN_MARCH = {
    "type": "vacancy",
    "date": "2026-03-02",
    "since": "2026-03-02",
    "until": "2026-04-10",
    "classification": "Library aide",
    "duties": ["shelving"],
}


def placed(first: date | None = date(2026, 9, 1), last: date | None = None, **facts: Any) -> Placed:
    told = {"engagement": "volunteer", "employer": "district", "role": "volunteer", "duties": ["shelving"]} | facts
    start = {"starts_on": first} if first else {}
    return Placed(id=uuid4(), first=first, last=last, case=Case(jurisdiction="us-oh", placement=told | start))


def cut(on: date = date(2026, 8, 3), **fields: Any) -> dict[str, Any]:
    return {
        "type": "hours_cut",
        "date": on.isoformat(),
        "classification": "Library aide",
        "unit": "classified",
        "positions": 2,
        "hours_before": 30.0,
        "hours_after": 20.0,
        "duties": ["shelving"],
        "cause": "lack_of_funds",
    } | fields


def known(*actions: dict[str, Any], **lists: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("open_vacancies", "recall_list", "leaves", "labor_disputes")}
    return {"position_actions": list(actions), **empty, **lists}


def tally(people: list[Placed], context: dict[str, Any], *clauses: dict[str, Any], classes: Any = (AIDES, CLERKS), **days: date):
    texts = [agreement(*clauses)] if clauses else []
    return compare(people, context, texts, classes, days.get("since", SINCE), days.get("until", TODAY))


def line(found: Any, name: str = "Library aide") -> Any:
    return next(one for one in found.lines if one.name == name)


def test_a_cut_in_hours_puts_those_in_that_work_in_conflict_and_names_the_clause():
    found = tally([placed(), placed(), placed(duties=["clerical"])], known(cut()), displacement())
    aides = line(found)
    assert (found.placements, found.conflicts, found.conflicts_today) == (3, 2, 2)
    assert (aides.actions["partial"], aides.placements, aides.conflicts, aides.unknown) == (2, 2, 2, 0)
    assert [(one.clause, one.placements, one.today) for one in aides.clauses] == [("T1.1", 2, 2)]
    assert "from 30 to 20" in aides.clauses[0].says


def test_a_classification_to_which_nothing_happened_is_a_line_with_zeros():
    found = tally([placed(duties=["clerical"])], known(cut()), displacement())
    clerks = line(found, "Office clerk")
    assert clerks.zero
    assert (set(clerks.actions.values()), clerks.placements, clerks.conflicts, clerks.unknown) == ({0}, 1, 0, 0)


def test_where_nothing_was_imported_nothing_is_zero_it_is_not_known():
    found = tally([placed()], {}, displacement())
    assert (found.conflicts, found.unknown) == (0, 1)
    assert not line(found).zero


def test_an_empty_register_says_that_nothing_happened():
    found = tally([placed()], known(), displacement())
    assert (found.conflicts, found.unknown) == (0, 0)
    assert all(one.zero for one in found.lines)


@pytest.mark.parametrize(("partial", "conflicts"), [(True, 1), (False, 0)])
def test_partial_cuts_count_where_the_clause_counts_them(partial, conflicts):
    assert tally([placed()], known(cut()), displacement(include_partial=partial)).conflicts == conflicts


@pytest.mark.parametrize(("days", "conflicts"), [(365, 1), (366, 0)])
def test_the_lookback_is_inclusive(days, conflicts):
    first = TODAY
    found = tally([placed(first)], known(cut(TODAY - timedelta(days=days))), displacement(), since=TODAY)
    assert found.conflicts == conflicts


def test_a_conflict_that_ended_is_counted_and_not_as_one_of_today():
    found = tally([placed(date(2026, 3, 9))], known(open_vacancies=[OPEN_IN_MARCH]), VACANCY)
    assert (found.conflicts, found.conflicts_today, found.unknown) == (1, 0, 0)


def test_a_vacancy_that_opened_after_the_work_began_is_not_known_until_both_sides_say():
    found = tally([placed(date(2026, 2, 1))], known(open_vacancies=[OPEN_IN_MARCH]), VACANCY)
    assert (found.conflicts, found.unknown) == (0, 1)
    assert "after this person began" in line(found).lacking[0]


def test_a_placement_that_ended_before_the_cut_is_not_in_conflict():
    people = [placed(date(2026, 1, 5), date(2026, 8, 2)), placed(date(2026, 1, 5), date(2026, 8, 3))]
    found = tally(people, known(cut(date(2026, 8, 3))), displacement())
    assert (found.conflicts, found.conflicts_today) == (1, 0)


def test_a_placement_outside_the_days_asked_about_is_not_compared():
    people = [placed(date(2026, 1, 5), date(2026, 6, 30)), placed(date(2026, 10, 1))]
    found = tally(people, known(), displacement(), since=date(2026, 7, 1), until=date(2026, 9, 30))
    assert found.placements == 0


def test_each_classification_has_its_own_count_and_a_placement_counts_once_in_all():
    both = placed(duties=["shelving", "clerical"])
    other = cut(classification="Office clerk", duties=["clerical"])
    found = tally([both], known(cut(), other), displacement())
    assert (line(found).conflicts, line(found, "Office clerk").conflicts, found.conflicts) == (1, 1, 1)


def test_what_cannot_be_told_says_what_is_lacking():
    found = tally([placed()], known(cut(cause=None)), displacement(causal_test="as_a_result_of", lookback=None))
    assert (found.conflicts, found.unknown) == (0, 1)
    assert "Why it was done is not known" in line(found).lacking[0]


def test_other_roles_than_the_clause_names_are_not_its_business():
    assert (
        tally([placed(role="cbo_staff", engagement="employee", employer="partner")], known(cut()), displacement()).conflicts == 0
    )


def test_a_class_that_is_not_registered_is_listed_when_something_happens_to_it():
    found = tally([placed()], known(cut()), displacement(), classes=[CLERKS])
    assert line(found).conflicts == 1


def test_a_strike_of_a_whole_unit_is_a_line_of_its_own():
    strike = {"type": "strike", "date": "2026-11-02", "since": "2026-11-02", "unit": "classified", "positions": 1}
    bar = VACANCY | {"params": {"bar": ["strike_or_lockout"]}}
    found = tally([placed()], known(labor_disputes=[strike]), bar)
    assert line(found, "All of classified").actions["dispute"] == 1
    assert line(found, "All of classified").conflicts == 1


def test_an_action_planned_for_later_is_counted_as_planned():
    found = tally([placed()], known(cut(TODAY + timedelta(days=30))), displacement())
    assert (line(found).events, line(found).planned, found.conflicts) == (0, 1, 0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"type": "layoff", "date": "2026-07-01"}, True),
        ({"type": "layoff", "date": "2026-06-30"}, False),
        ({"type": "layoff", "date": "2026-10-01"}, False),
        ({"type": "vacancy", "date": "2025-01-10"}, True),
        ({"type": "vacancy", "date": "2025-01-10", "until": "2026-06-30"}, False),
        ({"type": "vacancy", "date": "2025-01-10", "until": "2026-07-01"}, True),
    ],
)
def test_an_action_is_of_the_days_in_which_it_happened_and_of_those_through_which_it_is_open(row, expected):
    assert counts(row, date(2026, 7, 1), date(2026, 9, 30)) is expected


def test_an_agreement_that_ended_does_not_answer_and_the_law_of_the_place_does():
    over = agreement(displacement(), effective={"from": "2020-07-01", "to": "2024-06-30"}, after_expiry="sunsets")
    assert "T1.1" not in dict(asked([over], "us-oh", TODAY))
    assert "T1.1" in dict(asked([agreement(displacement())], "us-oh", TODAY))
    assert {"LAW.CA.35021b"} <= set(dict(asked([], "us-ca", TODAY)))
    assert "LAW.CA.35021b" not in dict(asked([], "us-oh", TODAY))


def test_placements_that_are_alike_are_judged_once_and_come_out_the_same():
    people = [placed() for _ in range(40)] + [placed(date(2026, 9, 1) + timedelta(days=n)) for n in range(5)]
    together = tally(people, known(cut()), displacement())
    alone = [tally([one], known(cut()), displacement()).conflicts for one in people]
    assert together.conflicts == sum(alone) == len(people)


def test_the_lines_name_nobody():
    found = tally([placed()], known(cut()), displacement())
    assert str(placed().id) not in msgspec.json.encode(found).decode()


def test_what_is_remembered_of_one_placement_gives_every_other_the_answer_it_would_have_alone():
    r = random.Random(77)
    days = [TODAY - timedelta(days=n) for n in range(0, 500, 3)]
    duties = ["shelving", "clerical", "recess"]

    def row(**fields):
        site = r.choice([{}, {}, {"site": "north"}, {"site": "south"}])
        return {"classification": r.choice(["Library aide", "Office clerk"]), "duties": [r.choice(duties)]} | site | fields

    for _ in range(12):
        actions = [cut(r.choice(days), **row(cause=r.choice([None, "tutors", "lack_of_funds"]))) for _ in range(4)]
        open_ = [
            {"type": "vacancy", "date": (on := r.choice(days)).isoformat(), "since": on.isoformat()}
            | r.choice([{}, {"until": (on + timedelta(days=r.randrange(90))).isoformat()}])
            | row()
            for _ in range(3)
        ]
        clause = displacement(
            geography=r.choice(["site", "district"]), causal_test=r.choice(["as_a_result_of", "temporal_presumption"])
        )
        people = []
        for _ in range(60):
            first = r.choice([None, *days])
            last = r.choice([None, None, (first or TODAY) + timedelta(days=r.randrange(200))])
            people.append(placed(first, last, duties=[r.choice(duties)], site=r.choice(["north", "south", "west"])))
        context = known(*actions, open_vacancies=open_)
        together = tally(people, context, clause, VACANCY)
        alone = [tally([one], context, clause, VACANCY) for one in people]
        for name in ("placements", "conflicts", "conflicts_today", "unknown"):
            assert getattr(together, name) == sum(getattr(one, name) for one in alone)
        for aide in together.lines:
            assert aide.conflicts == sum(line(one, aide.name).conflicts for one in alone)
