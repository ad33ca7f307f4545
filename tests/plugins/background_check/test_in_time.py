"""Whether a notice came in time: counted in hours, told from the day alone, and claimed only where a rule is cited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules.notices_in_time import duties, duty_of, last_sure_day, late, on_leaving
from plugins.background_check.rules.portable import KINDS, LENGTH, last_day, typed, written
from staffing import host, rulebook

ZONE = "America/New_York"
DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-20T08:00", False),  # the same day
        ("2026-11-22T23:59", False),
        ("2026-11-23T00:00", False),  # 72 hours after the day's first moment
        ("2026-11-23T00:01", None),
        ("2026-11-23T23:59", None),
        ("2026-11-24T00:00", True),  # 72 hours after its last
        ("2026-12-24T00:00", True),
    ],
)
def test_seventy_two_hours_are_sure_at_both_ends_and_open_in_between(received: str, expected: bool | None) -> None:
    assert late(date(2026, 11, 20), at(received), 72, ZONE) is expected


@pytest.mark.parametrize(
    ("happened", "received", "expected"),
    [
        ("2026-10-31", "2026-11-02T22:59", False),  # the clocks go back on 1 November: 72 hours end an hour sooner
        ("2026-10-31", "2026-11-02T23:01", None),
        ("2027-03-13", "2027-03-16T00:59", False),  # they go forward on 14 March: an hour later
        ("2027-03-13", "2027-03-16T01:01", None),
    ],
)
def test_hours_are_hours_when_the_clocks_change(happened: str, received: str, expected: bool | None) -> None:
    assert late(date.fromisoformat(happened), at(received), 72, ZONE) is expected


@given(day=DAYS, minutes=st.integers(0, 60 * 24 * 10), hours=st.integers(1, 200))
def test_a_later_notice_is_never_more_in_time(day: date, minutes: int, hours: int) -> None:
    order = {False: 0, None: 1, True: 2}
    first = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    sooner = late(day, first, hours, ZONE)
    later = late(day, first + timedelta(minutes=minutes), hours, ZONE)
    assert order[sooner] <= order[later]


@given(day=DAYS)
def test_a_notice_by_the_last_sure_day_is_in_time(day: date) -> None:
    evening = datetime.combine(last_sure_day(day, 72), datetime.min.time(), ZoneInfo(ZONE)) + timedelta(hours=22)
    assert late(day, evening, 72, ZONE) is False


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        late(date(2026, 11, 20), datetime(2026, 11, 20, 8), 72, ZONE)  # noqa: DTZ001 - the very mistake


def test_a_clock_is_claimed_only_for_a_rule_that_names_one_and_from_its_first_day() -> None:
    assert duty_of({"ca.vol.registry", "tb"}, date(2026, 11, 24)) is None
    found = duty_of({"pa.arrest_notice", "pa.vol.psp"}, date(2026, 11, 24))
    assert found is not None and (found.hours, found.citation) == (72, "23 Pa.C.S. §6344.3(g)")
    assert duty_of({"pa.arrest_notice"}, date(2014, 12, 30)) is None


def test_every_duty_is_cited_as_the_rule_of_the_packs_that_it_names() -> None:
    book = rulebook.rules(host.load(), frozenset({"background_check"}))
    rules = {rule.requirement.id: rule for rule in book.era("us-pa", (), date(2026, 11, 24)).rules}
    for duty in duties():
        assert duty.citation in rules[duty.rule].version.citation
        assert str(duty.hours) in f"{rules[duty.rule].requirement.title} {rules[duty.rule].requirement.why}"


def test_only_california_is_told_when_somebody_leaves() -> None:
    assert [notice.id for notice in on_leaving("us-ca")] == ["us-ca.no_longer_interested"]
    assert on_leaving("us-pa") == ()


@given(numbers=st.lists(st.integers(0, 31), min_size=LENGTH, max_size=LENGTH))
def test_a_code_is_read_however_it_is_typed(numbers: list[int]) -> None:
    code = written("lehigh-valley", numbers)
    found = typed(code)
    assert found is not None and found.tenant == "lehigh-valley"
    assert typed(code.lower()) == typed(f"  {code.replace('-', ' ')} ".replace("lehigh valley", "lehigh-valley")) == found


@pytest.mark.parametrize(
    "text", ["", "dayton", "dayton.", ".AAAAA", "dayton.AAAAA", "dayton." + "A" * 24 + "O", "../x." + "A" * 25]
)
def test_what_cannot_be_a_code_is_none(text: str) -> None:
    assert typed(text) is None


def test_a_code_is_good_for_thirty_days() -> None:
    assert last_day(date(2026, 11, 24)) == date(2026, 12, 24)


def test_only_checks_can_be_shown_to_another_district() -> None:
    assert not {"tb_screening", "health_exam", "affirmation", "education", "employment_history_review"} & KINDS.keys()
