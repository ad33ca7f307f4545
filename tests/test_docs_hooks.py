"""docs/hooks.md says what staffing/hookspecs.py says, and every hook has a test."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from staffing import hookspecs

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")
HOOKS = {name: f for name, f in vars(hookspecs).items() if inspect.isfunction(f) and hasattr(f, "staffing_spec")}
SECTIONS = {m[1]: m[2] for m in re.finditer(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)}


def signature(name: str) -> str:
    return f"{name}{inspect.signature(HOOKS[name])}".replace("'", "")


def parts(name: str) -> tuple[str, dict[str, str], str]:
    """Of a spec's docstring: the prose, the sentence for each argument, the sentence for the answer."""
    doc = inspect.getdoc(HOOKS[name]) or ""
    prose, *fields = re.split(r"^:", doc, flags=re.MULTILINE)
    told = {f.split(":", 1)[0]: " ".join(f.split(":", 1)[1].split()) for f in fields}
    return (
        " ".join(prose.split()),
        {k.removeprefix("param "): v for k, v in told.items() if k != "returns"},
        told.get("returns", ""),
    )


def flat(text: str) -> str:
    return " ".join(text.replace("`", "").split())


def test_the_page_has_every_hook_and_no_other_in_the_order_of_the_specs() -> None:
    assert list(SECTIONS) == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_the_page_gives_the_signature_the_prose_the_arguments_and_the_answer(name: str) -> None:
    section = SECTIONS[name]
    prose, arguments, answer = parts(name)
    assert f"```python\n{signature(name)}\n```" in section
    assert flat(prose) in flat(section)
    for argument, says in arguments.items():
        assert f"- {argument}: {flat(says)}" in flat(section)
    if answer:
        assert f"Returns {flat(answer)}" in flat(section)


@pytest.mark.parametrize("name", HOOKS)
def test_every_spec_says_what_its_arguments_are_what_it_returns_and_what_a_failure_does(name: str) -> None:
    prose, arguments, answer = parts(name)
    assert list(arguments) in (list(inspect.signature(HOOKS[name]).parameters), [])
    assert arguments or not inspect.signature(HOOKS[name]).parameters
    assert answer or name in hookspecs.MUST_ANSWER
    assert "ot called" in prose, "when it is not called"
    kind = "Gate:" if name in hookspecs.GATES else "Must answer:" if name in hookspecs.MUST_ANSWER else "Extra:"
    assert kind in prose or name == "tables"


@pytest.mark.parametrize("name", HOOKS)
def test_the_page_has_an_example_of_each_hook_that_python_reads(name: str) -> None:
    examples = re.findall(r"```python\n(.*?)```", SECTIONS[name], re.DOTALL)[1:]
    defined = [
        node for e in examples for node in ast.walk(ast.parse(e)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    (hook,) = [node for node in defined if node.name == name]
    assert {a.arg for a in hook.args.args} <= set(inspect.signature(HOOKS[name]).parameters)


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_asked_for_somewhere_and_has_a_test(name: str) -> None:
    asked = re.compile(rf"""["']{name}["']|def {name}\(""")
    product = [p for p in (ROOT / "staffing").rglob("*.py") if p.name != "hookspecs.py"]
    tests = [p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)]
    assert any(re.search(rf"""(ask|ask_async)\(\s*["']{name}["']""", p.read_text(encoding="utf-8")) for p in product)
    assert any(asked.search(p.read_text(encoding="utf-8")) for p in tests)
