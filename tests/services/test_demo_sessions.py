"""The demonstration's sessions: ahead of today, with the adults who are placed, never two at once for one of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from staffing.services.demo.sessions import WEEKS, Placed, planned
from staffing.store.tables import Assignment, Session

TODAY = date(2026, 11, 24)
ZONE = ZoneInfo("America/Los_Angeles")


def placed(position: UUID, starts_on: date = date(2026, 9, 1)) -> Placed:
    return Placed(person=uuid4(), placement=uuid4(), position=position, starts_on=starts_on)


def test_sessions_are_ahead_shared_by_two_and_taken_by_nobody_before_the_first_day() -> None:
    weekly, often = uuid4(), uuid4()
    late = placed(often, date(2026, 12, 20))
    people = [placed(weekly), *(placed(often) for _ in range(2)), late]
    rows = list(planned(people, {weekly: {"hours": {"week": 1}}, often: {"hours": {"week": 6}}}, TODAY, ZONE))

    sessions = {row["id"]: row for table, row in rows if table is Session}
    taken = [row for table, row in rows if table is Assignment]

    assert {s["starts_at"].date() > TODAY for s in sessions.values()} == {True}
    assert {s["starts_at"].weekday() < 5 for s in sessions.values()} == {True}
    assert len([s for s in sessions.values() if s["position"] == weekly]) in (WEEKS - 1, WEEKS)
    assert {s["adults"] for s in sessions.values() if s["position"] == often} == {2, 1}
    assert min(t["starts_at"].date() for t in taken if t["person"] == late.person) >= late.starts_on
    assert len({(t["person"], t["starts_at"]) for t in taken}) == len(taken), "nobody is in two places at once"
    assert {t["session"] for t in taken} == set(sessions)


def test_nobody_placed_means_no_session() -> None:
    assert list(planned([], {}, TODAY, ZONE)) == []
