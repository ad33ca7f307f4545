"""Reading forms: everything that is wrong at once, and the odd ways in which HTML says things."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from litestar.datastructures import FormMultiDict

from staffing.web.forms import read_date, read_form, values_of
from staffing.web.guards import safe_next


class Meeting(msgspec.Struct):
    name: str
    on: date
    seats: int
    days: list[str] = []
    sure: bool = False
    note: str | None = None


def test_everything_wrong_is_said_at_once() -> None:
    value, wrong = read_form(Meeting, FormMultiDict([("on", "31/02/2026"), ("seats", "many")]))
    assert value is None
    assert set(wrong) == {"name", "on", "seats"}
    assert all(sentence.endswith(".") for sentence in wrong.values())


def test_ticks_lists_and_empty_boxes_mean_what_people_mean() -> None:
    given = [
        ("name", " Ana "),
        ("on", "2026-11-24"),
        ("seats", "4"),
        ("days", "mon"),
        ("days", ""),
        ("sure", "on"),
        ("note", " "),
    ]
    value, wrong = read_form(Meeting, FormMultiDict(given))
    assert not wrong
    assert value == Meeting(name="Ana", on=date(2026, 11, 24), seats=4, days=["mon"], sure=True, note=None)


@pytest.mark.parametrize(
    ("day", "month", "year", "words"),
    [
        ("31", "2", "2001", "no such day"),
        ("1", "", "2001", "month"),
        ("1", "1", "85", "four digits"),
        ("x", "1", "2001", "no such day"),
    ],
)
def test_a_date_that_cannot_be_says_why(day: str, month: str, year: str, words: str) -> None:
    form = FormMultiDict([("d-day", day), ("d-month", month), ("d-year", year)])
    found, wrong = read_date(form, "d")
    assert found is None
    assert wrong is not None
    assert words in wrong


def test_no_date_at_all_is_no_error() -> None:
    assert read_date(FormMultiDict([]), "d") == (None, None)


def test_what_was_typed_can_be_shown_again_without_the_token() -> None:
    form = FormMultiDict([("_csrf_token", "x"), ("a", "1"), ("b", "1"), ("b", "2")])
    assert values_of(form) == {"a": "1", "b": ["1", "2"]}


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "", None, "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_sent_to_another_site(address: str | None) -> None:
    assert safe_next(address, "/me") == "/me"
    assert safe_next("/me/badge") == "/me/badge"
