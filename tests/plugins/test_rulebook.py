"""The rule book of an installation: plugins' packs and predicates, and what happens when they fail."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from staffing import rulebook
from staffing.core.case import Case
from staffing.core.evidence import Evidence
from staffing.host import Host

ON = date(2026, 11, 24)
PACK = """\
pack: us-zz
title: Invented state
layer: state_law
checked_on: 2026-01
predicates: {NAME.rule: An invented rule.}
requirements:
  - id: zz.check
    ref: ZZ-1
    title: Check
    why: So that children are safe.
    clearance: true
    remedy: {who: person, what: Ask for the check.}
    versions:
      - from: 2020-01-01
        citation: Invented Code 1
        confidence: high
        applies_when: {predicate: NAME.rule}
        accepts: [{kind: state_criminal_history}]
        valid: {months: 60}
"""
MODULE = '''"""An invented plugin."""
from staffing.api import hookimpl

STAFFING_API = (1, 0)
TITLE = "Invented"
JURISDICTIONS = ("us",)


@hookimpl
def predicates():
    BODY


def rule(view, on):
    ANSWER
'''
CASE = Case(jurisdiction="us-zz", placement={"contact": "routine"})


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Makes a plugin of a given name, really imported from a folder, and the host it runs in."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(name, *, answer="return view.get('placement.contact') == 'routine'", body=None, pack=PACK):
        folder = tmp_path / name
        (folder / "packs").mkdir(parents=True)
        text = MODULE.replace("BODY", body or f'return {{"{name}.rule": rule}}').replace("ANSWER", answer)
        (folder / "__init__.py").write_text(text, encoding="utf-8")
        (folder / "packs" / "us_zz.yaml").write_text(pack.replace("NAME", name), encoding="utf-8")
        running = Host()
        running.add(name, name)
        return running

    before = set(sys.modules)
    yield make
    for name in set(sys.modules) - before:
        if name.startswith("invented_"):
            del sys.modules[name]


def decided(running, name, case=CASE):
    return rulebook.decide_with_plugins(running, case, ON, (name,))


def test_a_pack_may_name_a_predicate_of_its_plugin(plugin):
    running = plugin("invented_good")
    assert [(f.rule, f.state) for f in decided(running, "invented_good").findings] == [("zz.check", "missing")]
    clear = Evidence(kind="state_criminal_history", issued_on=date(2026, 1, 1), result="clear")
    cleared = decided(running, "invented_good", Case(jurisdiction="us-zz", placement={"contact": "routine"}, evidence=(clear,)))
    assert cleared.outcome == "allow"


def test_a_predicate_that_does_not_know_yet_names_what_it_could_not_read(plugin):
    answer = "return None if view.get('placement.contact') is None else True"
    found = decided(plugin("invented_unsure", answer=answer), "invented_unsure", Case(jurisdiction="us-zz")).findings[0]
    assert (found.state, found.effect) == ("unknown", "block")
    assert [fact.name for fact in found.facts] == ["placement.contact"]


@pytest.mark.parametrize("answer", ["raise RuntimeError('no luck')", "return 'yes'"])
def test_a_predicate_that_fails_blocks_and_says_so(plugin, answer):
    running = plugin("invented_raising", answer=answer)
    found = decided(running, "invented_raising").findings[0]
    assert (found.rule, found.state, found.effect) == ("zz.check", "unknown", "block")
    assert [trouble.plugin for trouble in running.troubles.values()] == ["invented_raising"]


def test_a_plugin_that_cannot_name_its_predicates_is_left_out_and_blocks(plugin):
    running = plugin("invented_mute", body="raise RuntimeError('no luck')")
    decision = decided(running, "invented_mute")
    assert decision.outcome == "block"
    assert "invented_mute.not_running" in {f.rule for f in decision.findings}
    assert running.names() == ()


def test_a_plugin_whose_pack_cannot_be_read_is_left_out_with_file_and_line_and_blocks(plugin):
    running = plugin("invented_bad", pack=PACK.replace("clearance: true", "clearence: true"))
    decision = decided(running, "invented_bad")
    assert decision.outcome == "block"
    assert "us_zz.yaml:11: 'clearence' means nothing here. Did you mean 'clearance'?" in running.failures[0].says


def test_one_plugins_bad_pack_does_not_lose_anothers(plugin):
    running = plugin("invented_bad2", pack="pack: [")
    plugin("invented_fine")
    running.add("invented_fine", "invented_fine")
    rules = rulebook.rules(running)
    assert [pack.plugin for pack in rules.packs] == ["invented_fine"]


def test_the_rule_book_is_read_once_for_the_same_plugins(plugin):
    running = plugin("invented_once")
    assert rulebook.rules(running, ["invented_once"]) is rulebook.rules(running)
    assert rulebook.rules(running, []).packs == ()
