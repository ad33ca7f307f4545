"""The JSON Schema for editors says what the loader says, as far as a schema can."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from staffing import host
from staffing.core.pack_schema import pack_schema
from tests.core.packs import DISTRICT, STATE

SCHEMA = Draft202012Validator(pack_schema())
PACKS = sorted(file for folder in host.load().folders("packs").values() for file in folder.glob("*.yaml"))


def plain(value):
    """A YAML value as an editor sees it: days are words."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def wrong(text):
    return [error.message for error in SCHEMA.iter_errors(plain(yaml.safe_load(text)))]


def test_the_schema_is_itself_a_valid_one():
    Draft202012Validator.check_schema(pack_schema())


@pytest.mark.parametrize("file", PACKS, ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_a_shipped_pack_fits_the_schema(file):
    assert wrong(file.read_text(encoding="utf-8")) == []


def test_the_packs_of_the_tests_fit_the_schema():
    assert wrong(STATE) == []
    assert wrong(DISTRICT) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Check", "titel: Check"),
        ("layer: state_law", "layer: state_lwa"),
        ("confidence: high", "confidence: hihg"),
        ("who: person", "who: persn"),
        ("kind: child_abuse_history", "kind: child_abuse_histroy"),
        ("purpose: employment", "purpose: emplyment"),
        ("{months: 60, oldest_of: zz}", "{month: 60}"),
        ("placement.contact: routine", "plaecment.contact: routine"),
        ("        citation: Invented Code 1\n", ""),
        ("from: 2026-07-01", "from: July"),
    ],
)
def test_a_mistake_that_the_loader_refuses_is_marked_by_the_schema(before, after):
    assert before in STATE
    assert wrong(STATE.replace(before, after, 1))


def test_the_copy_for_editors_is_the_printed_schema():
    copy = Path(__file__).parents[2] / "docs" / "pack.schema.json"
    assert json.loads(copy.read_text(encoding="utf-8")) == pack_schema()
