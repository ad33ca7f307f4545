"""A plugin of somebody else's, installed by pip: the host finds it by its entry point and nothing of ours is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "fixtures" / "staffing_hello"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder pip installed the plugin into."""
    folder = tmp_path_factory.mktemp("site")
    source = shutil.copytree(
        SOURCE, tmp_path_factory.mktemp("source") / "staffing_hello", ignore=shutil.ignore_patterns("__pycache__")
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--disable-pip-version-check",
    ]
    done = subprocess.run(
        [*command, "--quiet", "--target", str(folder), str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def run(module: str, *, site: Path | None, **environment: str) -> dict[str, object]:
    """Run a module of this folder in a process that has the plugin's folder on its path; it prints one JSON object."""
    paths = [str(site)] if site else []
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"tests.plugins.{module}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*paths, str(ROOT)]), **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = msgspec.json.decode(done.stdout)
    return answer


def test_an_installed_plugin_adds_its_rule_and_its_section_and_without_it_there_is_nothing_of_it(installed: Path) -> None:
    with_it = run("hello_deciding", site=installed)
    assert with_it == {
        "plugins": ["background_check", "certification", "hello", "union_agreement"],
        "failures": [],
        "version": "2.4",
        "untold": ["hello.training unknown hold"],
        "untrained": ["hello.training missing hold"],
        "elsewhere": ["hello.training exempt allow"],
        "trained": ["hello.training met allow"],
        "sections": [["Hello training", ["Done on 2026-09-01"]]],
        "frameworks": [],
    }
    without = run("hello_deciding", site=None)
    assert without["plugins"] == ["background_check", "certification", "union_agreement"]
    assert without["untrained"] == without["sections"] == []


async def test_an_installed_plugin_brings_its_tables_its_page_and_its_question_to_the_district_that_switched_it_on(
    installed: Path, new_database: Callable[..., object]
) -> None:
    url = await new_database()
    assert run("hello_serving", site=installed, STAFFING_DATABASE_URL=url, STAFFING_DEMO="1") == {
        "pending": ["hello hello-0001"],
        "migrated": ["hello hello-0001"],
        "left": [],
        "unprotected": [],
        "tables": ["greeting"],
        "known": {"greetings": ["Welcome to the team!"]},
        "known elsewhere": 0,
        "person": {"alder": [True, True, True], "birch": [False, False, False]},
        "page": {"alder": [200, True], "birch": [404, False], "nobody": [403, False]},
        "sign_up": {"alder": [200, True], "birch": [404, False]},
        "health": {"background_check": "running", "certification": "running", "hello": "running", "union_agreement": "running"},
    }


def distribution(folder: Path, name: str, points: dict[str, str]) -> None:
    """What an installer leaves behind for a distribution of one-file plugins."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "\n".join(f"{point} = {module}" for point, module in points.items())
    (info / "entry_points.txt").write_text(f"[staffing.plugins]\n{lines}\n")
    for module in points.values():
        (folder / f"{module}.py").write_text(f"STAFFING_API = (1, 0)\nTITLE = 'Of {name}'\n")


def test_an_installed_plugin_wins_over_the_folder_of_the_same_name(tmp_path: Path) -> None:
    distribution(tmp_path, "stricter", {"certification": "stricter_certification"})
    assert run("plugins_found", site=tmp_path) == {
        "names": ["background_check", "certification", "union_agreement"],
        "titles": ["Background checks", "Of stricter", "Union agreements"],
        "says": [],
    }


def test_two_installed_plugins_of_one_name_are_both_refused(tmp_path: Path) -> None:
    distribution(tmp_path, "alpha", {"union": "alpha_union"})
    distribution(tmp_path, "beta", {"union": "beta_union"})
    found = run("plugins_found", site=tmp_path)
    assert found["names"] == ["background_check", "certification", "union_agreement"]
    assert found["says"] == [
        "Two installed plugins are called union: alpha_union (alpha) and beta_union (beta). Uninstall one of them."
    ]
