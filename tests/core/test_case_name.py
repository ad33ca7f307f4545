"""The name of a case: the same for the same values, another for any other."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
import pytest

from staffing.core import case_name
from staffing.core.case import Case
from staffing.core.evidence import Evidence

ONE, TWO = str(UUID(int=0xAB << 90)), str(UUID(int=2 << 90))
PIECE = Evidence(kind="tb_screening", issued_on=date(2026, 1, 2), id=ONE)
CASE = Case(
    jurisdiction="us-pa",
    person={"relationship": "parent", "born_on": date(1990, 1, 2)},
    placement={"contact": "routine", "starts_on": date(2026, 9, 1)},
    evidence=(PIECE, Evidence(kind="affirmation", requested_on=date(2026, 1, 2), id=TWO)),
)


def other(**changes: object) -> Case:
    return msgspec.structs.replace(CASE, **changes)


def piece(**changes: object) -> Case:
    return other(evidence=(msgspec.structs.replace(PIECE, **changes), *CASE.evidence[1:]))


def test_the_order_of_facts_does_not_matter() -> None:
    assert case_name.of(other(person=dict(reversed(CASE.person.items())))) == case_name.of(CASE)
    assert len(case_name.of(CASE)) == 32


@pytest.mark.parametrize(
    "changed",
    [
        other(jurisdiction="us-il"),
        other(overlays=("chicago",)),
        other(person={"relationship": "parent"}),
        other(person={"relationship": "parent", "born_on": "1990-01-02"}),
        other(person={"relationship": "parent", "born_on": None}),
        other(person={"relationship": "parent", "born_on": date(1990, 1, 3)}),
        other(placement={"contact": "routine"}),
        other(placement={"contact": "routine", "starts_on": date(2026, 9, 2)}),
        other(evidence=()),
        other(evidence=tuple(reversed(CASE.evidence))),
        piece(id=TWO),
        piece(id=None),
        piece(id=ONE.upper()),
        piece(id="a scan"),
        piece(issued_on=None),
        piece(issued_on=None, requested_on=date(2026, 1, 2)),
        piece(issued_on=date(2026, 1, 3)),
        piece(expires_on=date(2026, 1, 2)),
        piece(issuer="a"),
        piece(detail={"level": 2}),
        piece(state="initiated"),
    ],
)
def test_any_other_value_gives_another_name(changed: Case) -> None:
    assert case_name.of(changed) != case_name.of(CASE)


def test_ids_are_told_apart_wherever_one_ends() -> None:
    halves = ONE[:18], ONE[18:]
    assert case_name.ids_together(halves) != case_name.ids_together((ONE[:17], ONE[17:]))
    assert case_name.ids_together((ONE,)) == case_name.MARK + UUID(ONE).bytes
    assert case_name.ids_together(()) == b""


def test_days_without_end_and_none_have_numbers_of_their_own() -> None:
    days = [None, date.min, date.max, date(2000, 1, 1), date(1999, 12, 31)]
    assert [case_name.number_of(day) for day in days] == [case_name.NO_DAY, -(2**31), 2**31 - 1, 0, -1]
