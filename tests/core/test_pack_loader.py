"""Packs are read strictly: what is not known is refused with file, line and what to write instead."""

from __future__ import annotations

import pytest

from staffing.core.errors import Invalid
from tests.core.packs import STATE, book

CHANGES = [
    ("title: Check\n", "titel: Check\n", r"pack0.yaml:\d+: 'titel' means nothing here. Did you mean 'title'\?"),
    ("title: Check\n", "title: Check\n    title: Check\n", r"pack0.yaml:16: 'title' is written twice \(first on line 15\)"),
    ("layer: state_law\n", "layer: state_lwa\n", r"'layer' is never 'state_lwa'. Did you mean 'state_law'\?"),
    ("from: 2026-07-01\n", "from: 2026-07-32\n", "2026-07-32 is not a day of the calendar"),
    ("from: 2026-07-01\n", "from: July\n", "'from' is a day such as 2026-01-01, not 'July'"),
    ("from: 2026-07-01\n", "from: 2026-06-30\n", "starts on 2026-06-30 while the one before is still in force"),
    ("from: 2026-07-01\n", "from: 2026-07-03\n", "No version is in force from 2026-07-01 to 2026-07-02"),
    ("        until: 2026-06-30\n", "", "starts on 2026-07-01 while the one before is still in force"),
    (
        "{placement.contact: routine}\n        unless",
        "{placement.contcat: routine}\n        unless",
        "There is no fact 'placement.contcat'",
    ),
    (
        "kind: child_abuse_history",
        "kind: child_abuse_histroy",
        r"There is no evidence kind 'child_abuse_histroy'. Did you mean 'child_abuse_history'\?",
    ),
    ("{placement.contact: routine}\n        unless", "{predicate: test.any}\n        unless", "There is no predicate 'test.any'"),
    ("        citation: Invented Code 1\n", "", r"pack0.yaml:20: 'citation' is missing"),
    (
        "confidence: high\n        applies_when",
        "confidence: hihg\n        applies_when",
        r"'confidence' is never 'hihg'. Did you mean 'high'\?",
    ),
    (
        "        valid: once\n  - id: zz.rumour",
        "        valid: once\n        missing: hodl\n  - id: zz.rumour",
        r"'missing' is never 'hodl'. Did you mean 'hold'\?",
    ),
    ("        provisional: zz.terms\n", "        provisional: zz.trems\n", "There are no terms 'zz.trems'"),
    ("        provisional: zz.terms\n", "        missing: advise\n", "A missing clearance always blocks"),
    ("  - id: zz.history\n", "  - id: zz.check\n", "'zz.check' is used twice"),
    (
        "valid: {months: 60, oldest_of: zz}",
        "valid: {month: 60, oldest_of: zz}",
        r"'month' means nothing here. Did you mean 'months'\?",
    ),
    ("        valid: once\n  - id: zz.rumour", "  - id: zz.rumour", "'valid' is missing"),
    ("        accepts: [{kind: child_abuse_training}]\n", "", "'accepts' is missing"),
    ("left_out:", "left_uot:", r"'left_uot' means nothing here. Did you mean 'left_out'\?"),
    ("terms:\n", "conditions: {adult: {person.age: {at_least: 18}}}\nterms:\n", "The condition 'adult' is never used"),
    (
        "clearance: true\n    remedy: {who: person, what: Ask for the history.}",
        "clearance: yes\n    remedy: {who: person, what: Ask for the history.}",
        "'clearance' is true or false",
    ),
    (
        "who: person, what: Ask for the check.",
        "who: persn, what: Ask for the check.",
        r"'who' is never 'persn'. Did you mean 'person'\?",
    ),
]


@pytest.mark.parametrize(("before", "after", "says"), CHANGES, ids=[change[2][:50] for change in CHANGES])
def test_what_a_pack_cannot_mean_is_refused_with_its_line_and_a_suggestion(before, after, says):
    assert before in STATE
    with pytest.raises(Invalid, match=says):
        book(STATE.replace(before, after, 1))


def test_every_problem_of_a_file_is_told_at_once():
    with pytest.raises(Invalid) as raised:
        book(STATE.replace("title: Check\n", "titel: Check\n").replace("who: person, what: Take", "who: persn, what: Take"))
    assert len(str(raised.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ("person.born_on: {type: date, label: x, question: x?}", "is a standard fact already"),
        ("colour: {type: bool, label: x, question: x?}", "'colour' is not a fact name"),
        ("person.colour: {type: colour, label: x, question: x?}", "'type' is never 'colour'"),
        ("person.colour: {type: bool, label: x}", "'question' is missing"),
    ],
)
def test_a_fact_is_declared_once_with_its_type_and_question(declared, says):
    with pytest.raises(Invalid, match=says):
        book(STATE.replace("terms:\n", f"facts:\n  {declared}\nterms:\n", 1))


def test_a_declared_fact_and_evidence_kind_can_be_read():
    text = STATE.replace(
        "terms:\n",
        "facts:\n  context.flag: {type: bool, label: flag, question: Is it?, asked_of: site}\n"
        "evidence_kinds: {zz:card: Card}\nterms:\n",
    ).replace(
        "{placement.contact: routine}\n        accepts: [{kind: child_abuse_training}]",
        "{context.flag: true}\n        accepts: [{kind: zz:card}]",
    )
    rules = book(text)
    assert rules.kinds == {"zz:card": "Card"}
    assert [q.name for q in rules.questions("us-zz", {"contact": "occasional"})] == ["context.flag"]
    assert rules.readers()["context.flag"] == ["zz.course"]


def test_an_overlay_is_district_policy():
    with pytest.raises(Invalid, match="An overlay is district policy"):
        book(STATE.replace("title: Invented state\n", "title: Invented state\noverlay: alder\n"))


def test_an_empty_file_is_no_pack():
    with pytest.raises(Invalid, match=r"pack0.yaml:1: A pack is a mapping that starts with 'pack:'"):
        book("")
