"""Decides with whatever plugins are installed, in a process of its own: prints what it found as JSON."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import msgspec

from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.evidence import Evidence

ON = date(2026, 11, 24)
PLACEMENT = {"engagement": "volunteer", "setting": "campus", "contact": "routine", "supervision": "line_of_sight"}
TRAINED = (Evidence(kind="hello:training", issued_on=date(2026, 9, 1)),)


def hello(plugins: host.Host, **parts: Any) -> list[str]:
    """What the plugin's rule says of a case."""
    case = Case(jurisdiction="us-ca", placement=PLACEMENT, **parts)
    decision = rulebook.decide_with_plugins(plugins, case, ON, set(plugins.names()))
    return [f"{f.rule} {f.state} {f.effect}" for f in decision.findings if f.plugin == "hello"]


def main() -> None:
    plugins = host.load()
    answers = plugins.ask("sections", case=Case(jurisdiction="us-ca", evidence=TRAINED), on=ON)
    found = {
        "plugins": plugins.names(),
        "failures": [f.says for f in plugins.failures],
        "version": plugins["hello"].version if "hello" in plugins.names() else None,
        "untold": hello(plugins),
        "untrained": hello(plugins, person={"said_hello_before": False}),
        "elsewhere": hello(plugins, person={"said_hello_before": True}),
        "trained": hello(plugins, evidence=TRAINED, person={"said_hello_before": False}),
        "sections": [[str(s.title), [str(line) for line in s.lines]] for answer in answers for s in answer.value],
        "frameworks": [name for name in ("litestar", "piccolo", "asyncpg") if name in sys.modules],
    }
    sys.stdout.write(msgspec.json.encode(found).decode())


if __name__ == "__main__":
    main()
