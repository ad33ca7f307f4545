"""The JSON Schema for editors says what the reader says, as far as a schema can."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from plugins.union_agreement.rules.library import SAMPLES
from plugins.union_agreement.rules.reader import AGREEMENT_KEYS, CLAUSE_KEYS, agreement
from plugins.union_agreement.rules.schema import agreement_schema
from plugins.union_agreement.rules.types import TYPES
from staffing.core.errors import Invalid
from staffing.core.sources import read

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = Draft202012Validator(agreement_schema())
SAMPLE = sorted(SAMPLES.glob("*.yaml"))
TEXT = """\
id: T1
title: Alder teachers (invented)
kind: cba
jurisdiction: PA
units: [teachers]
effective: {from: 2026-07-01, to: {earliest_of: [2029-06-30, {event: all_hubs_closed}]}}
signatories: [superintendent, {role: chief_steward, side: union}]
funding_condition: {body: city_council, status: pending}
clauses:
  - id: T1.1
    type: ratio_cap
    params: {max_students: 3, per: tutor, exceptions_cap: {n: 2, per: month}}
    roles: [volunteer, cbo_staff]
    scope: {window: {weekdays: [mon, wed], times: [15:00-17:30]}}
    cite: {title: Article 11, quote_or_paraphrase: quote}
    exceptions: [{when: emergency, must_record: [report_filed], cap: {n: 2, per: month}}]
    condition_precedent: {event: standards_ratified, by: 2027-06-30}
  - {id: T1.2, type: union_notice, params: {addressee: union_president, lead: 10, day_kind: work}, effect: needs_notice}
"""


def plain(value):
    """A YAML value as an editor sees it: days are words."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def wrong(text):
    return [error.message for error in SCHEMA.iter_errors(plain(loaded(text)))]


def loaded(text):
    """As the product reads YAML: ``no`` and ``15:00`` stay words."""
    return read(text, "t.yaml")


def test_the_schema_is_itself_a_valid_one():
    Draft202012Validator.check_schema(agreement_schema())


def test_it_knows_every_field_and_every_clause_type_that_the_reader_knows():
    schema = agreement_schema()
    clause = schema["$defs"]["clause"]
    assert set(schema["properties"]) == set(AGREEMENT_KEYS)
    assert set(clause["properties"]) == set(CLAUSE_KEYS)
    assert [one["const"] for one in clause["properties"]["type"]["oneOf"]] == list(TYPES)


@pytest.mark.parametrize("file", SAMPLE, ids=lambda file: file.stem)
def test_a_sample_fits_the_schema(file):
    assert wrong(file.read_text(encoding="utf-8")) == []


def test_an_agreement_that_uses_every_part_fits_and_is_read():
    assert wrong(TEXT) == []
    assert agreement(read(TEXT, "t.yaml"), "t.yaml").clauses[0].scope.window is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: Alder", "titel: Alder"),
        ("id: T1\n", ""),
        ("kind: cba", "kind: cbaa"),
        ("jurisdiction: PA", "jurisdiction: Pennsylvania"),
        ("from: 2026-07-01", "from: July"),
        ("effective: {from: 2026-07-01, ", "effective: {"),
        ("side: union", "side: workers"),
        ("status: pending", "status: maybe"),
        ("type: ratio_cap", "type: ratio_capp"),
        ("max_students: 3", "max_students: three"),
        ("max_students: 3", "max_student: 3"),
        ("per: tutor", "per: child"),
        ("exceptions_cap: {n: 2, per: month}", "exceptions_cap: {n: 2, pre: month}"),
        ("must_record: [report_filed], cap: {n: 2, per: month}", "must_record: [report_filed], cap: {n: 2, per: fortnight}"),
        ("roles: [volunteer, cbo_staff]", "roles: [volunter]"),
        ("weekdays: [mon, wed]", "weekdays: [moonday]"),
        ("times: [15:00-17:30]", "times: [afternoon]"),
        ("quote_or_paraphrase: quote", "quote_or_paraphrase: both"),
        ("{when: emergency, must", "{wen: emergency, must"),
        ("{event: standards_ratified, by: 2027-06-30}", "{event: standards_ratified, untl: 2027-06-30}"),
        ("effect: needs_notice", "effect: hold"),
        ("{addressee: union_president, ", "{"),
        ("day_kind: work", "day_kind: business"),
        ("    params: {max_students: 3", "    retroactive_from: soon\n    params: {max_students: 3"),
        ("title: Alder", "evergreen_clause: no\ntitle: Alder"),
        ("title: Alder", "status: in_efect\ntitle: Alder"),
        ("title: Alder", "max_term_years: three\ntitle: Alder"),
        ("title: Alder", "work_calendar_closures: [thanksgiving]\ntitle: Alder"),
        ("title: Alder", "happened: {all_hubs_closed: yesterday}\ntitle: Alder"),
    ],
)
def test_a_mistake_is_marked_by_the_schema_and_refused_by_the_reader(before, after):
    assert before in TEXT
    text = TEXT.replace(before, after, 1)
    assert wrong(text)
    with pytest.raises(Invalid, match=r"t\.yaml:\d+: "):
        agreement(read(text, "t.yaml"), "t.yaml")


def test_the_copy_for_editors_is_what_the_command_prints():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "plugins.union_agreement.schema"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert json.loads(done.stdout)["$defs"].keys() >= {"clause", "scope", "RatioCap"}
    assert (ROOT / "docs" / "agreement.schema.json").read_text(encoding="utf-8") == done.stdout
