"""A name typed as a signature is the person's own: in any order and script, with a slip of the finger, and nobody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules.signed_name import is_a_name, resembles


@pytest.mark.parametrize(
    ("typed", "first", "family", "latin"),
    [
        ("Rosa Example", "Rosa", "Example", ""),
        ("rosa example", "Rosa", "Example", ""),
        ("EXAMPLE, ROSA", "Rosa", "Example", ""),
        ("  Rosa   M.  Example ", "Rosa", "Example", ""),
        ("Rosa Exmaple", "Rosa", "Example", ""),
        ("Marisol Quintero", "Marisol", "Quintero Rivas", ""),
        ("Linh Dang", "Thùy Linh", "Đặng", ""),
        ("Dang Thuy Linh", "Thùy Linh", "Đặng", ""),
        ("Siobhan O'Donnell", "Siobhán", "O’Donnell", ""),
        ("Ana-Maria Lopez", "Ana Maria", "López", ""),
        ("王美玲", "美玲", "王", ""),
        ("美玲 王", "美玲", "王", ""),
        ("Meiling Wang", "美玲", "王", "Wang Meiling"),
        ("Meiling Wang", "美玲", "王", ""),
        ("نور الحسن", "نور", "الحسن", ""),
        ("Suharto", "Suharto", "", ""),
        ("Anyone Atall", "", "", ""),
    ],
)
def test_the_persons_own_name_is_taken(typed: str, first: str, family: str, latin: str) -> None:
    assert resembles(typed, first, family, latin)


@pytest.mark.parametrize(
    ("typed", "first", "family", "latin"),
    [
        ("", "Rosa", "Example", ""),
        ("x", "Rosa", "Example", ""),
        ("12 34", "Rosa", "Example", ""),
        ("...", "Rosa", "Example", ""),
        ("Rosa", "Rosa", "Example", ""),
        ("Example", "Rosa", "Example", ""),
        ("Juan Example", "Rosa", "Example", ""),
        ("Rosa Sample", "Rosa", "Quintero", ""),
        ("Mickey Mouse", "Rosa", "Example", ""),
        ("Anna Quintero Rivas", "Juan", "Quintero Rivas", ""),
        ("李小龙", "美玲", "王", ""),
        ("Bruce Lee", "美玲", "王", "Wang Meiling"),
    ],
)
def test_somebody_elses_name_is_not(typed: str, first: str, family: str, latin: str) -> None:
    assert not resembles(typed, first, family, latin)


@given(typed=st.text(max_size=40), first=st.text(max_size=20), family=st.text(max_size=20), latin=st.text(max_size=20))
def test_no_text_breaks_it_and_what_is_no_name_is_never_taken(typed: str, first: str, family: str, latin: str) -> None:
    assert not resembles(typed, first, family, latin) or is_a_name(typed)


@given(
    first=st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=2, max_size=12),
    family=st.text("abcdefg", min_size=2, max_size=9),
)
def test_a_name_typed_as_it_is_on_record_is_always_taken(first: str, family: str) -> None:
    assert resembles(f"{first} {family}", first, family)
