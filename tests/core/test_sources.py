"""YAML read strictly, with lines."""

from __future__ import annotations

from datetime import date

import pytest

from staffing.core.errors import Invalid
from staffing.core.sources import meant, read


def test_only_true_and_false_are_booleans_so_that_on_stays_a_word():
    assert read("on: 2027-04-10\nyes: no\nflag: true", "x") == {"on": date(2027, 4, 10), "yes": "no", "flag": True}


def test_numbers_are_decimal_and_times_stay_text():
    assert read("a: 010\nb: 2.5\nc: 14:30\nd: '5'", "x") == {"a": 10, "b": 2.5, "c": "14:30", "d": "5"}


def test_keys_and_items_know_their_lines():
    value = read("a: 1\nlist:\n  - x\n  - y\n", "x")
    assert value.line_of("list") == 2
    assert value["list"].lines == [3, 4]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\na: 2", r"f\.yaml:2: 'a' is written twice \(first on line 1\)"),
        ("a: 1\nb: 2026-02-30", r"f\.yaml:2: 2026-02-30 is not a day"),
        ("a: &x [1]\nb: *x", r"f\.yaml:1: An alias"),
        ("a: !!python/object:os.system x", r"f\.yaml:1: The tag .*python/object"),
        ("a: !thing x", r"f\.yaml:1: The tag !thing"),
        ("a: [1, 2", r"f\.yaml:\d+: This is not valid YAML"),
        ("? [a, b]\n: 1", r"f\.yaml:1: A key must be a plain word"),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text, says):
    with pytest.raises(Invalid, match=says):
        read(text, "f.yaml")


def test_a_misspelt_word_gets_the_nearest_known_one():
    assert meant("palcement", ["person", "placement"]) == "Did you mean 'placement'?"
    assert meant("zzz", ["person", "placement"]) == "Known: person, placement."
