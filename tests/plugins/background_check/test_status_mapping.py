"""Every word of every vendor has one meaning here, and one that nobody knows is never clear. Cases: ``cases/status.yaml``."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules import status as words
from plugins.background_check.rules.status import Read, labels_of, needs_eyes
from staffing.api import OrderSeen, OrderStatus, Outcome, Result

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "status.yaml").read_text(encoding="utf-8"))
LABELS = labels_of("MEETS REQUIREMENTS = clear\nNEEDS REVIEW = record_found\n\nCOURT CLOSED = unable\n")

text = st.text(max_size=12)
known = st.sampled_from(["pending", "complete", "clear", "consider", "dispute", "canceled", "suspended", "paused", ""])


def read(vendor: str, case: dict[str, Any]) -> Read:
    says = case["says"]
    match vendor:
        case "checkr_invitation":
            return words.checkr_invitation(says)
        case "checkr_report":
            reasons = [case["why"]] if "why" in case else []
            return words.checkr_report(says, case["result"], includes_canceled=case.get("canceled", False), reasons=reasons)
        case "accurate_order":
            return words.accurate_order(says, case["label"], LABELS, case["percent"])
        case "sterling_screening":
            return words.sterling_screening(says)
        case _:
            return words.patch_answer(says)


VENDORS = ("checkr_invitation", "checkr_report", "accurate_order", "sterling_screening", "patch_answer")
EVERY = [(vendor, case) for vendor in VENDORS for case in CASES[vendor]]


@pytest.mark.parametrize(("vendor", "case"), EVERY, ids=[f"{vendor}: {case}" for vendor, case in EVERY])
def test_a_word_means_this(vendor: str, case: dict[str, Any]) -> None:
    found = read(vendor, case)
    assert found.raw == case["says"]
    assert (found.status, found.result, found.detail) == (case["is"], case.get("means"), case.get("detail", ""))
    assert needs_eyes(found) is case["eyes"]


def test_the_cases_name_every_pair_of_the_mapping_table() -> None:
    """Each status with each result, with and without canceled searches where there can be a result."""
    pairs = {(case["says"], case["result"]) for case in CASES["checkr_report"] if not case.get("canceled")}
    assert pairs >= set(itertools.product(words.CHECKR_REPORT, (None, "clear", "consider")))
    with_canceled = {case["says"] for case in CASES["checkr_report"] if case.get("canceled")}
    assert with_canceled >= words.CHECKR_REPORT.keys()
    for vendor, table in (
        ("checkr_invitation", words.CHECKR_INVITATION),
        ("sterling_screening", words.STERLING),
        ("patch_answer", words.PATCH),
    ):
        assert {case["says"].lower() for case in CASES[vendor]} >= table.keys()
    assert {case["status"] for case in CASES["ed_fi"]} == set(OrderStatus)
    assert {case["outcome"] for case in CASES["ed_fi"] if "outcome" in case} == set(Outcome)


@pytest.mark.parametrize("case", CASES["ed_fi"], ids=str)
def test_an_order_has_this_name_in_ed_fi(case: dict[str, Any]) -> None:
    outcome = Outcome(case["outcome"]) if "outcome" in case else None
    assert words.ed_fi_status(OrderStatus(case["status"]), outcome) == case["name"]


def test_ed_fi_and_hr_xml_names_are_read_back_and_nothing_that_is_not_said_comes_of_it() -> None:
    assert {name: list(found) for name, found in words.ED_FI_READ.items()} == CASES["ed_fi_read"]
    assert CASES["hr_xml"] == words.HR_XML
    assert {code: list(words.hr_xml_result(code)) for code in CASES["hr_xml_read"]} == CASES["hr_xml_read"]
    assert all(words.hr_xml_result(words.HR_XML[result])[0] is result for result in Result)


@given(st.one_of(text, known), st.one_of(st.none(), text, known), st.booleans(), st.lists(text, max_size=2))
def test_only_checkrs_own_clear_is_ever_clear(word: str, result: str | None, canceled: bool, reasons: list[str]) -> None:
    found = words.checkr_report(word, result, includes_canceled=canceled, reasons=reasons)
    if found.result is Result.CLEAR:
        assert word == "clear" or (word in ("complete", "dispute") and result == "clear")
        assert needs_eyes(found) or (not canceled and found.status is OrderStatus.COMPLETE)
    if not needs_eyes(found) and found.status is OrderStatus.COMPLETE:
        assert found.result is Result.CLEAR and found.detail == ""


@given(text, st.one_of(st.none(), text), st.one_of(st.none(), st.integers(0, 100)))
def test_only_a_label_that_was_written_down_is_ever_clear(word: str, label: str | None, percent: int | None) -> None:
    found = words.accurate_order(word, label, {}, percent)
    assert found.result is not Result.CLEAR
    assert found.status is not OrderStatus.COMPLETE or needs_eyes(found)


def test_a_sighting_with_canceled_searches_cannot_pass_for_a_plain_clear_one() -> None:
    seen = OrderSeen(order_ref="i", status=OrderStatus.COMPLETE, raw="complete", result=Result.CLEAR)
    assert needs_eyes(seen) is False
    flagged = OrderSeen(
        order_ref="i", status=OrderStatus.COMPLETE, raw="complete", result=Result.CLEAR, detail=words.INCLUDES_CANCELED
    )
    assert needs_eyes(flagged) is True


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("MEETS REQUIREMENTS", "Line 1 of the result words cannot be read"),
        ("MEETS REQUIREMENTS = eligible", "Line 1 of the result words cannot be read"),
        (" = clear", "Line 1 of the result words cannot be read"),
        ("A = clear\nb = unable\na = record_found", "Line 3 of the result words gives a second meaning to “a”"),
    ],
)
def test_result_words_that_cannot_be_read_are_refused_with_their_line(line: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        labels_of(line)


def test_result_words_may_hold_an_equals_sign_and_be_said_twice() -> None:
    assert labels_of("score = 700 = clear\nSCORE = 700=clear") == {"score = 700": Result.CLEAR}
