from __future__ import annotations

import itertools

import pytest

from staffing.services import badge_numbers


def test_a_number_is_short_and_names_its_district() -> None:
    made = badge_numbers.number("oakland", 123)
    assert made.startswith("OAK-000123-")
    assert badge_numbers.serial_of(made) == 123
    assert badge_numbers.number("lehigh-valley", 1_234_567).startswith("LEH-1234567-")


def test_the_check_character_is_that_of_iso_7064() -> None:
    # ISO 15706 (ISAN) uses MOD 37,36; the published example 0000-0000-D07A-0090-Q has check character Q.
    assert badge_numbers.check_character("00000000D07A0090") == "Q"


def test_every_wrong_character_is_noticed() -> None:
    made = badge_numbers.number("oakland", 123)
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    wrong = [made[:n] + c + made[n + 1 :] for n in range(len(made)) if made[n] != "-" for c in letters if c != made[n]]
    assert all(badge_numbers.read(text) is None for text in wrong)


def test_swapped_neighbours_are_noticed() -> None:
    for serial in (102345, 918273, 555123):
        made = badge_numbers.number("salem", serial)
        for n in range(len(made) - 1):
            pair = made[n : n + 2]
            if "-" in pair or pair[0] == pair[1]:
                continue
            assert badge_numbers.read(made[:n] + pair[1] + pair[0] + made[n + 2 :]) is None


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}"])
def test_a_typed_number_is_read_without_its_dashes_and_case(typed: str) -> None:
    made = badge_numbers.number("dayton", 42)
    text = typed.format(made, lower=made.lower(), bare=made.replace("-", ""))
    assert badge_numbers.read(text) == made


def test_what_is_no_number_is_not_read() -> None:
    assert [badge_numbers.read(text) for text in ("", "hello", "OAK-12-3", "OAK-000123", "' OR 1=1")] == [None] * 5


def test_a_thousand_numbers_are_a_thousand_different_ones() -> None:
    made = {badge_numbers.number(t, n) for t, n in itertools.product(("oakland", "salem"), range(500))}
    assert len(made) == 1000
