"""The examples of docs/packs.md are read by the code they describe."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.condition_words import Words
from staffing.core.decisions import decide
from staffing.core.findings import Effect, State
from staffing.core.pack_loader import PackText, load
from staffing.core.rules import RuleBook
from staffing.core.scenario import scenario
from staffing.core.sources import Problems, read
from staffing.core.standard_facts import STANDARD

TEXT = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def example(start):
    return next(text for text in EXAMPLES if text.startswith(start))


def test_the_example_pack_loads():
    (pack,) = load([PackText(example("pack: us-zz"), "packs.md", "docs")], {})
    assert [r.id for r in pack.requirements] == ["zz.check", "zz.substitute_days", "zz.ratio"]
    assert pack.terms[0].versions[0].results_in == ("fbi_fingerprint", "state_criminal_history")
    asked = RuleBook([pack]).questions(
        "us-zz", {"engagement": "volunteer", "contact": "routine", "programme": "school"}, on=date(2024, 1, 1)
    )
    assert [spec.name for spec in asked] == ["person.born_on"]


def test_the_example_scenario_is_read():
    found = scenario(example("jurisdiction: us-pa"), "packs.md", rulebook.rules(host.load()))
    assert found.case.evidence[0].purpose == "volunteer"


def test_the_example_waiver_relaxes_the_rule_whose_section_it_names_at_its_site():
    (pack,) = load([PackText(example("pack: us-zz"), "packs.md", "docs")], {})
    context = scenario("jurisdiction: us-zz\non: 2026-09-01\n" + example("context:"), "packs.md", RuleBook([pack])).case.context
    placement = {"role": "substitute", "days_with_teacher": 31}
    states = {}
    for site in ("north", "south"):
        case = Case(jurisdiction="us-zz", placement=placement | {"site": site}, context=context)
        states[site] = {f.rule: f.state for f in decide(case, RuleBook([pack]), date(2026, 9, 1)).findings}["zz.substitute_days"]
    assert states == {"north": "waived", "south": "violated"}


def test_every_condition_of_the_table_compiles():
    problems = Problems("packs.md")
    words = Words(STANDARD, {"my_plugin.rule": lambda view, on: True}, (), problems)
    words.listed["my_plugin.rule"] = "The person has finished the course."
    words.named["weekly_helper"] = words.condition(read("placement.contact: routine", "packs.md"), 1)
    written = re.findall(r"^\| `(\{[a-z].*?\})` \|", TEXT, re.MULTILINE)
    for text in written:
        if "..." not in text:
            words.condition(read(text, "packs.md"), 1)
    problems.raise_if_any()
    assert len(written) >= 8


def test_every_state_and_effect_that_packs_give_is_explained():
    assert all(f"`{state}`" in TEXT for state in State)
    assert all(str(effect) in TEXT for effect in Effect)
