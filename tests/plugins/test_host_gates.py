"""Gates fail closed: a plugin that is switched on and cannot answer blocks, says so, and loses nobody else's answer."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from staffing.core.case import Case
from staffing.core.findings import Effect
from staffing.host import Host
from staffing.rulebook import decide_with_plugins

ON = date(2026, 11, 24)
CASE = Case(jurisdiction="us-ca")

MANIFEST = """
from staffing.api import Effect, Finding, Layer, State, Text, hookimpl
STAFFING_API = (1, 0)
TITLE = "Test"
"""
ANSWERS = """
@hookimpl
def findings(case, on):
    return [Finding(rule="kind.rule", title="Kind", layer=Layer.DISTRICT_POLICY, state=State.MET, effect=Effect.ALLOW,
                    reason=Text("All is well."))]
"""
RAISES = """
@hookimpl
def findings(case, on):
    raise ZeroDivisionError("of no use")
"""
PREDICATES_RAISE = """
@hookimpl
def predicates():
    raise ZeroDivisionError("of no use")
"""
BROKEN_PACK = "pack: us\ntitle: Broken\nrequirements:\n  - id: broken.rule\n    titel: misspelt\n"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Add a plugin that is a folder of files to a host."""
    monkeypatch.syspath_prepend(tmp_path)

    def add(host: Host, name: str, source: str, **files: str) -> None:
        module = f"{name}_{uuid4().hex}"
        for path, text in {"__init__.py": MANIFEST + source, **files}.items():
            file = tmp_path / module / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        host.add(name, module)

    return add


def decided(host: Host, *active: str) -> tuple[bool, dict[str, list[Effect]]]:
    """Whether the plugins block, and the effects of each plugin's findings."""
    decision = decide_with_plugins(host, CASE, ON, set(active))
    return decision.outcome is Effect.BLOCK, {p: [f.effect for f in decision.findings if f.plugin == p] for p in active}


def test_a_gate_that_raises_blocks_and_the_others_answers_stay(plugin: Callable[..., None]) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "raising", RAISES)
    assert decided(host, "kind") == (False, {"kind": [Effect.ALLOW]})
    assert decided(host, "kind", "raising") == (True, {"kind": [Effect.ALLOW], "raising": [Effect.BLOCK]})


def test_a_plugin_that_is_not_switched_on_here_neither_blocks_nor_answers(plugin: Callable[..., None]) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "raising", RAISES)
    plugin(host, "unimportable", "raise ValueError('boom')")
    assert decided(host, "kind") == (False, {"kind": [Effect.ALLOW]})


@pytest.mark.parametrize("source", ["import vendor_sdk_of_nobody", "STAFFING_API = (9, 0)", "@hookimpl\ndef fndings(case): ..."])
def test_a_plugin_switched_on_that_could_not_be_loaded_blocks_and_says_which(plugin: Callable[..., None], source: str) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "absent", source)
    assert decided(host, "kind", "absent") == (True, {"kind": [Effect.ALLOW], "absent": [Effect.BLOCK]})
    (finding,) = [f for f in decide_with_plugins(host, CASE, ON, {"absent"}).findings if f.plugin == "absent"]
    assert "absent" in str(finding.reason)
    assert finding.remedy is not None


def test_a_plugin_switched_on_that_was_never_installed_blocks() -> None:
    assert decided(Host(), "nowhere") == (True, {"nowhere": [Effect.BLOCK]})


@pytest.mark.parametrize(
    ("source", "files"),
    [(ANSWERS, {"packs/us.yaml": BROKEN_PACK}), (ANSWERS + PREDICATES_RAISE, {"packs/us.yaml": BROKEN_PACK})],
    ids=["broken pack", "predicates raise"],
)
def test_a_plugin_whose_rules_cannot_be_read_is_left_out_and_blocks(
    plugin: Callable[..., None], source: str, files: dict[str, str]
) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "spoilt", source, **files)
    assert decided(host, "kind", "spoilt") == (True, {"kind": [Effect.ALLOW], "spoilt": [Effect.BLOCK]})
    (failure,) = host.failures
    assert failure.plugin == "spoilt"
    assert host.names() == ("kind",)


def test_the_place_in_a_broken_pack_is_told_to_administrators(plugin: Callable[..., None]) -> None:
    host = Host()
    plugin(host, "spoilt", "", **{"packs/us.yaml": BROKEN_PACK})
    decided(host, "spoilt")
    (failure,) = host.failures
    assert "us.yaml:" in failure.says
    assert "titel" in failure.says


PREDICATE_FAILS = """
@hookimpl
def predicates():
    def broken(view, on):
        ANSWER
    return {"shaky.broken": broken}
"""
PACK = """
pack: us
title: A pack that asks a predicate
layer: district_policy
checked_on: 2026-11-24
predicates: {shaky.broken: It never answers.}
requirements:
  - id: shaky.rule
    ref: SHAKY-1
    title: A rule
    why: For the test.
    remedy: {who: person, what: Nothing.}
    versions:
      - from: 2026-01-01
        citation: Handbook § 1 (invented)
        confidence: high
        applies_when: {predicate: shaky.broken}
        accepts: [{kind: orientation}]
        valid: once
"""


@pytest.mark.parametrize("answer", ["raise ZeroDivisionError('of no use')", "return 'maybe'"])
@pytest.mark.parametrize("clearance", [False, True])
def test_a_predicate_that_fails_makes_its_rule_block_and_the_others_answers_stay(
    plugin: Callable[..., None], answer: str, clearance: bool
) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    pack = PACK.replace("title: A rule", f"title: A rule\n    clearance: {str(clearance).lower()}")
    plugin(host, "shaky", PREDICATE_FAILS.replace("ANSWER", answer), **{"packs/us.yaml": pack})
    _, effects = decided(host, "kind", "shaky")
    assert effects == {"kind": [Effect.ALLOW], "shaky": [Effect.BLOCK]}
    assert host.names() == ("kind", "shaky")
    assert "shaky.broken" in host.troubles["shaky", "shaky.broken"].says


def test_a_pack_that_is_not_text_is_a_failure_of_its_plugin(plugin: Callable[..., None], tmp_path: Path) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "spoilt", "", **{"packs/us.yaml": ""})
    (tmp_path / host["spoilt"].module / "packs" / "us.yaml").write_bytes(b"\xff\xfe\x00")
    assert decided(host, "kind", "spoilt") == (True, {"kind": [Effect.ALLOW], "spoilt": [Effect.BLOCK]})


def test_without_a_list_of_switches_a_plugin_that_could_not_be_loaded_blocks_too(plugin: Callable[..., None]) -> None:
    host = Host()
    plugin(host, "kind", ANSWERS)
    plugin(host, "absent", "import vendor_sdk_of_nobody")
    decision = decide_with_plugins(host, CASE, ON, None)
    assert decision.outcome is Effect.BLOCK
    assert [f.effect for f in decision.findings if f.plugin == "absent"] == [Effect.BLOCK]
