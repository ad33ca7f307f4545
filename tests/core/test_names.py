from __future__ import annotations

import pytest

from staffing.core.names import fold, full_name, search_name


@pytest.mark.parametrize(
    ("given", "family", "written"),
    [
        ("Amaya", "Okonkwo-Lind", "Amaya Okonkwo-Lind"),
        ("美玲", "王", "王美玲"),
        ("민준", "김", "김민준"),
        ("نور", "الخطيب", "نور الخطيب"),
        ("Sukarno", "", "Sukarno"),
        ("美玲", "Wang", "美玲 Wang"),
    ],
)
def test_a_name_is_shown_in_the_order_its_script_writes_it(given: str, family: str, written: str) -> None:
    assert full_name(given, family) == written


def test_a_name_is_found_without_its_accents_case_and_punctuation() -> None:
    assert fold("Đặng Thùy Linh") == "dang thuy linh"
    assert fold("O’Donnell") == fold("O'DONNELL") == "odonnell"


def test_each_word_of_a_search_name_stands_once() -> None:
    assert search_name("Linh", "Đặng", "Linh") == "linh dang"
