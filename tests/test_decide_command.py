"""``staffing decide``, ``facts`` and ``packs`` as people call them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from staffing.cli import decide as commands
from staffing.core.errors import Invalid, NotFound

ROOT = Path(__file__).resolve().parents[1]

SCENARIO = """\
jurisdiction: us-pa
on: 2027-04-10
person:    {born_on: 1985-03-02, resident_since: 2001-06-01, relationship: community}
placement: {engagement: volunteer, employer: district, setting: campus, contact: routine, supervision: line_of_sight,
            supervised_by: certificated, responsible_for_welfare: false, duties: [reading_tutoring], funding: [local],
            grade_band: k-5, hours: {week: 2}, starts_on: 2022-05-10}
evidence:
  - {kind: state_criminal_history, issued_on: 2022-05-02, state: complete, result: clear, purpose: volunteer}
"""

OVERLAY = """\
pack: us-pa
overlay: alder
title: Alder district
layer: district_policy
checked_on: 2026-01
requirements:
  - id: alder.orientation
    ref: ALDER-1
    title: Orientation
    why: So that everybody knows the school.
    remedy: {who: site, what: Come to an orientation.}
    versions:
      - {from: 2020-01-01, citation: Board policy 12, confidence: high, accepts: [{kind: orientation}], valid: once}
"""


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "a tutor.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def run(*args):
    return CliRunner().invoke(commands.decide, [str(arg) for arg in args], catch_exceptions=False)


def staffing(*args, **environment):
    """The real command in a process of its own."""
    call = "import sys; from staffing.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", call, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_a_decision_is_printed_for_people(scenario):
    text = run(scenario).output
    assert text.startswith("No (block) on 2027-04-10\nThis answer holds through 2027-05-02")
    assert "block: Child abuse history certificate (missing)" in text
    assert "Rule: 23 Pa.C.S. §§6344(b)(2), 6344.2 · state_law · PA-02 · rule pa.vol.child_abuse" in text
    assert "Next: person: " in text


def test_a_decision_is_printed_as_json_in_the_documented_shape(scenario):
    data = json.loads(run(scenario, "--json").output)
    assert data["outcome"] == "block"
    assert data["holds_until"] == "2027-05-03"
    assert data["sessions"] == []
    found = {f["ref"]: f for f in data["findings"]}["PA-01"]
    wanted = {"rule", "ref", "layer", "state", "effect", "citation", "reason", "facts", "remedy", "holds_until", "confidence"}
    assert wanted <= set(found)
    assert (found["rule"], found["state"], found["effect"], found["layer"]) == ("pa.vol.psp", "expiring", "advise", "state_law")
    assert found["reason"] == found["reason_id"].format(**found["reason_values"])
    assert {"name": "placement.contact", "value": "routine", "source": "district"} in found["facts"]


def test_the_same_file_gives_the_same_bytes(scenario):
    assert run(scenario, "--json").output == run(scenario, "--json").output


def test_a_scenario_as_json_is_decided_the_same(scenario, tmp_path):
    data = {
        "jurisdiction": "us-pa",
        "on": "2027-04-10",
        "person": {"born_on": "1985-03-02", "resident_since": "2001-06-01"},
        "placement": {"engagement": "volunteer", "contact": "routine", "duties": ["reading_tutoring"], "setting": "campus"},
        "evidence": [{"kind": "state_criminal_history", "issued_on": "2022-05-02", "result": "clear"}],
    }
    file = tmp_path / "case.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    found = {f["rule"]: f["state"] for f in json.loads(run(file, "--json").output)["findings"]}
    assert found["pa.vol.psp"] == "expiring"


def test_sessions_are_listed_with_their_own_outcomes(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(
        SCENARIO.replace("on: 2027-04-10", "sessions: [{on: 2027-05-02, hours: 2}, {on: 2027-05-03, hours: 2}]", 1),
        encoding="utf-8",
    )
    data = json.loads(run(file, "--json").output)
    assert [s["on"] for s in data["sessions"]] == ["2027-05-02", "2027-05-03"]
    assert "pa.vol.psp" in data["sessions"][1]["rules"]
    assert "Sessions" in run(file).output


def test_an_overlay_is_named_by_its_file(tmp_path):
    (tmp_path / "alder.yaml").write_text(OVERLAY, encoding="utf-8")
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + "overlays: [alder.yaml]\n", encoding="utf-8")
    found = {f["rule"]: f["effect"] for f in json.loads(run(file, "--json").output)["findings"]}
    assert found["alder.orientation"] == "hold"
    assert "staffing.no_overlay" not in found


def test_an_overlay_that_is_not_loaded_holds(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + "overlays: [nowhere]\n", encoding="utf-8")
    assert {f["rule"]: f["effect"] for f in json.loads(run(file, "--json").output)["findings"]}["staffing.no_overlay"] == "hold"


AGREEMENT = """\
agreements:
  - id: T1
    title: Alder teachers (invented)
    kind: cba
    jurisdiction: PA
    units: [teachers]
    effective: {from: 2026-07-01, to: 2029-06-30}
    clauses:
      - {id: T1.1, type: ratio_cap, roles: [volunteer], params: {max_students: 3, per: tutor}}
"""


def test_an_agreement_written_into_a_scenario_is_decided_by(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + "context: {students_scheduled: 4}\n" + AGREEMENT, encoding="utf-8")
    found = {f["rule"]: f["effect"] for f in json.loads(run(file, "--json").output)["findings"]}
    assert found["union_agreement.T1.1"] == "block"
    assert "staffing.agreements" not in found


def test_a_sample_agreement_is_named_by_its_id(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + "agreements: [A1]\n", encoding="utf-8")
    found = {f["rule"] for f in json.loads(run(file, "--json").output)["findings"]}
    assert {"union_agreement.A1.1", "union_agreement.A1.4"} <= found


def test_a_mistake_in_an_agreement_of_a_scenario_is_told_with_its_line_and_nothing_is_decided(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + AGREEMENT.replace("max_students: 3", "max_students: 0"), encoding="utf-8")
    refused = staffing("decide", file)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"{file}:17: A ratio of 0 students for an adult lets nobody work. Write 1 or more." in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "failed in" not in refused.stderr


def test_agreements_hold_where_no_plugin_reads_them(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO + AGREEMENT, encoding="utf-8")
    done = staffing("decide", file, "--json", STAFFING_PLUGINS_OFF="union_agreement")
    found = {f["rule"]: f["effect"] for f in json.loads(done.stdout)["findings"]}
    assert found["staffing.agreements"] == "hold"
    assert not any(rule.startswith("union_agreement.") for rule in found)


def test_a_state_without_a_pack_is_not_passed_in_silence(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO.replace("us-pa", "us-tx"), encoding="utf-8")
    assert {f["rule"]: f["effect"] for f in json.loads(run(file, "--json").output)["findings"]}["staffing.no_pack"] == "hold"


def test_a_good_file_exits_with_0_and_a_bad_one_with_2_and_its_line(scenario, tmp_path):
    good = staffing("decide", scenario, "--json")
    assert (good.returncode, json.loads(good.stdout)["outcome"]) == (0, "block")
    bad = tmp_path / "bad.yaml"
    bad.write_text(SCENARIO.replace("contact: routine", "contcat: routine"), encoding="utf-8")
    refused = staffing("decide", bad)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert f"{bad}:4: There is no fact 'placement.contcat'. Did you mean 'contact'?" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("name", ["missing.yaml", "folder"])
def test_a_file_that_cannot_be_read_is_a_sentence_and_exits_with_2(tmp_path, name):
    (tmp_path / "folder").mkdir()
    refused = staffing("decide", tmp_path / name)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert name in refused.stderr


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "photo.yaml"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(Invalid, match="not a UTF-8 text"):
        run(file)


def test_deciding_needs_no_database_and_no_web_framework(scenario):
    call = (
        "import sys; from staffing.cli import cli; cli(['decide', sys.argv[1], '--json'], standalone_mode=False); "
        "heavy = {'piccolo', 'litestar', 'asyncpg', 'weasyprint', 'procrastinate'}; "
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", call, str(scenario)], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_facts_say_who_is_asked_and_who_reads_them():
    out = CliRunner().invoke(commands.facts, ["us-pa"], catch_exceptions=False).output
    assert "person.resident_since  (date, person)" in out
    assert "pa.vol.fbi" in out
    assert "ca.vol.tb" not in out
    with pytest.raises(NotFound, match="No pack of 'fr'"):
        CliRunner().invoke(commands.facts, ["fr"], catch_exceptions=False)


def test_packs_are_listed_and_shown_as_they_stood_on_a_day():
    assert "background_check/us-pa" in CliRunner().invoke(commands.packs, ["list"], catch_exceptions=False).output
    shown = CliRunner().invoke(commands.packs, ["show", "us-ca", "--on", "2021-12-31"], catch_exceptions=False).output
    assert "Before 2022 the law named only firms for cleaning" in shown
    assert "ca.yso.training" not in shown
    with pytest.raises(NotFound, match="There is no pack 'us-xx'"):
        CliRunner().invoke(commands.packs, ["show", "us-xx"], catch_exceptions=False)


def test_a_pack_folder_is_checked_with_its_worked_cases(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "cases").mkdir()
    (tmp_path / "packs" / "alder.yaml").write_text(OVERLAY, encoding="utf-8")
    case = "given: {jurisdiction: us-pa, overlays: [alder], on: 2026-01-01}\ncases:\n"
    case += "  - {title: Nobody came, expect: {findings: {alder.orientation: missing (hold)}}}\n"
    (tmp_path / "cases" / "alder.yaml").write_text(case, encoding="utf-8")
    good = CliRunner().invoke(commands.packs, ["check", str(tmp_path)], catch_exceptions=False)
    assert good.output.endswith("1 worked cases, all as expected.\n")
    (tmp_path / "cases" / "alder.yaml").write_text(case.replace("missing (hold)", "met"), encoding="utf-8")
    with pytest.raises(Invalid, match="1 worked cases, 1 differences"):
        CliRunner().invoke(commands.packs, ["check", str(tmp_path)], catch_exceptions=False)
    (tmp_path / "packs" / "alder.yaml").write_text(OVERLAY.replace("citation", "citaton"), encoding="utf-8")
    with pytest.raises(Invalid, match=r"alder.yaml:13: 'citaton' means nothing here. Did you mean 'citation'\?"):
        CliRunner().invoke(commands.packs, ["check", str(tmp_path)], catch_exceptions=False)


def test_the_example_of_the_readme_is_decided() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "staffing", "decide", "tests/cases/example.yaml", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    decision = json.loads(done.stdout)
    assert (decision["outcome"], decision["holds_until"]) == ("advise", "2027-05-03")
