"""The floors of the house: imports only go down. The contracts are in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_imports_only_go_down_and_the_core_names_no_plugin() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_of_the_product_stands_on_a_floor_and_every_bundled_plugin_is_watched() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    floors = {name.strip() for layer in settings["contracts"][0]["layers"] for name in layer.split("|")}
    modules = (ROOT / "staffing").iterdir()
    found = [p for p in modules if (p.suffix == ".py" and not p.name.startswith("_")) or (p / "__init__.py").is_file()]
    outside = {"staffing.piccolo_conf", "staffing.locale"}  # looked up by name and a tool with catalogues; nothing imports them
    assert {f"staffing.{p.stem}" for p in found} - outside == floors
    bundled = {f"plugins.{p.parent.name}" for p in (ROOT / "plugins").glob("*/__init__.py")}
    assert bundled == set(settings["root_packages"]) - {"staffing"}
    watched = {c["name"]: c.get("modules") or c.get("source_modules") for c in settings["contracts"]}
    assert bundled == set(watched["A plugin imports staffing.api only"]) == set(watched["Plugins do not know each other"])


def test_no_page_opens_a_transaction() -> None:
    """A transaction opened by a handler's dependency leaks its connection; use cases open their own."""
    pages = [*(ROOT / "staffing" / "web").rglob("*.py"), *(ROOT / "plugins").rglob("web.py")]
    assert len(pages) > 20
    assert [p.name for p in pages if "transaction(" in p.read_text(encoding="utf-8")] == []
