"""Evidence as patterns: what is alike is one, and what a newer piece makes needless is left out."""

from __future__ import annotations

from datetime import date

from staffing.core.evidence import Evidence
from staffing.core.patterns import Patterns, needed

TODAY = date(2026, 11, 24)


def piece(name, **values):
    return Evidence(**{"kind": "tb_screening", "result": "clear", "issued_on": date(2025, 1, 1), "id": name} | values)


def left(*pieces):
    return [name for _, name in needed(Patterns().held(pieces), TODAY.toordinal())]


def test_pieces_alike_but_for_their_id_are_one_pattern():
    patterns = Patterns()
    assert patterns.of(piece("a")) is patterns.of(piece("b"))
    assert patterns.of(piece("a")) is not patterns.of(piece("a", detail={"level": 1}))
    assert patterns.of(piece("a", detail={"level": 1})) is not patterns.of(piece("a", detail={"level": True}))


def test_a_newer_piece_of_the_same_shape_makes_the_older_needless():
    assert left(piece("old"), piece("new", issued_on=date(2026, 1, 1)), piece("older", issued_on=date(2024, 1, 1))) == ["new"]


def test_of_two_on_one_day_the_first_is_kept():
    assert left(piece("a"), piece("b")) == ["a"]


def test_what_is_of_another_shape_pending_dated_ahead_undated_or_not_clear_stays():
    kept = [
        piece("other", purpose="volunteer"),
        piece("pending", state="initiated", result=None, issued_on=None, requested_on=date(2026, 1, 1)),
        piece("ahead", issued_on=date(2027, 1, 1)),
        piece("undated", issued_on=None),
        piece("no", result="not_clear", issued_on=date(2020, 1, 1)),
        piece("no again", result="not_clear", issued_on=date(2021, 1, 1)),
    ]
    assert left(piece("old"), *kept, piece("new", issued_on=date(2026, 1, 1))) == [*(one.id for one in kept), "new"]
