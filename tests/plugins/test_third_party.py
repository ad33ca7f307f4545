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

Run = Callable[..., dict[str, object]]


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


def run(code: str, *, site: Path | None, **environment: str) -> dict[str, object]:
    """Run ``code`` in a process that has the plugin's folder on its path; it prints one JSON object."""
    paths = [str(site)] if site else []
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*paths, str(ROOT)]), **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = msgspec.json.decode(done.stdout)
    return answer


DECIDE = """
import sys
from datetime import date
import msgspec
from staffing import host, rulebook
from staffing.core.case import Case
from staffing.core.evidence import Evidence

plugins = host.load()
on = date(2026, 11, 24)
placement = {"engagement": "volunteer", "setting": "campus", "contact": "routine", "supervision": "line_of_sight"}

def hello(**case):
    case = Case(jurisdiction="us-ca", placement=placement, **case)
    decision = rulebook.decide_with_plugins(plugins, case, on, set(plugins.names()))
    return [f"{f.rule} {f.state} {f.effect}" for f in decision.findings if f.plugin == "hello"]

trained = (Evidence(kind="hello:training", issued_on=date(2026, 9, 1)),)
print(msgspec.json.encode({
    "plugins": plugins.names(),
    "failures": [f.says for f in plugins.failures],
    "version": plugins["hello"].version if "hello" in plugins.names() else None,
    "untold": hello(),
    "untrained": hello(person={"said_hello_before": False}),
    "elsewhere": hello(person={"said_hello_before": True}),
    "trained": hello(evidence=trained, person={"said_hello_before": False}),
    "sections": [
        [str(s.title), [str(line) for line in s.lines]]
        for a in plugins.ask("sections", case=Case(jurisdiction="us-ca", evidence=trained), on=on) for s in a.value
    ],
    "frameworks": [m for m in ("litestar", "piccolo", "asyncpg") if m in sys.modules],
}).decode())
"""


def test_an_installed_plugin_adds_its_rule_and_its_section_and_without_it_there_is_nothing_of_it(installed: Path) -> None:
    with_it = run(DECIDE, site=installed)
    assert with_it == {
        "plugins": ["background_check", "certification", "hello"],
        "failures": [],
        "version": "2.4",
        "untold": ["hello.training unknown hold"],
        "untrained": ["hello.training missing hold"],
        "elsewhere": ["hello.training exempt allow"],
        "trained": ["hello.training met allow"],
        "sections": [["Hello training", ["Done on 2026-09-01"]]],
        "frameworks": [],
    }
    without = run(DECIDE, site=None)
    assert without["plugins"] == ["background_check", "certification"]
    assert without["untrained"] == without["sections"] == []


SERVE = """
import asyncio, os
from datetime import date
from pathlib import Path
import httpx, msgspec
from staffing import clock, host
from staffing.app import create_app
from staffing.services import plugins as plugin_list, switches
from staffing.services.actors import system
from staffing.settings import load
from staffing.store.engine import DB, tenant_transaction
from staffing.store.migrate import migrate, pending, unprotected
from staffing.store.pool import close_pool, open_pool
from tests.factories import make_account, make_tenant
from tests.web.driving import running, visitor

async def main():
    url = os.environ["STAFFING_DATABASE_URL"]
    await open_pool(url, min_size=1, max_size=2, role=None)
    said = {"pending": await pending(), "migrated": await migrate(), "left": await pending(), "unprotected": await unprotected()}
    await close_pool()
    await open_pool(url, min_size=1, max_size=2)
    await make_tenant("alder", jurisdiction="us-ca")
    await make_tenant("birch", jurisdiction="us-ca")
    hana = await make_account(tenant="alder", role="hr", name="Hana Invented")
    bo = await make_account(tenant="birch", role="hr", name="Bo Invented")
    await switches.switch_on(system("alder"), "hello", clock.today(), "us-ca")
    async with tenant_transaction("alder"):
        panels = await plugin_list.person_panels(hana, system("alder"), {"hello"})
        said["panels"] = [[p.template, p.data] for p in panels]
    async with tenant_transaction("birch"):
        said["panels_of_the_neighbour"] = [p.data for p in await plugin_list.person_panels(bo, system("birch"), {"hello"})]
    async with DB.connection() as connection:
        said["tables"] = [r[0] for r in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'hello'")]
    await close_pool()
    async with running(create_app(load())) as app:
        async with visitor(app) as browser:
            said["nobody"] = (await browser.get("/p/hello/")).status_code
            await browser.sign_in(hana)
            page = await browser.see("/p/hello/")
            said["page"] = ["Hello, Hana Invented" in page.text, "Welcome to the team!" in page.text]
            said["health"] = [p["name"] for p in (await browser.get("/health")).json()["plugins"]]
        async with visitor(app) as browser:
            await browser.sign_in(bo)
            said["neighbour"] = (await browser.get("/p/hello/")).status_code
    print(msgspec.json.encode(said).decode())

asyncio.run(main())
"""


async def test_an_installed_plugin_brings_its_tables_and_its_page_to_the_district_that_switched_it_on(
    installed: Path, new_database: Callable[..., object]
) -> None:
    url = await new_database()
    assert run(SERVE, site=installed, STAFFING_DATABASE_URL=url, STAFFING_DEMO="1") == {
        "pending": ["hello hello-0001"],
        "migrated": ["hello hello-0001"],
        "left": [],
        "unprotected": [],
        "panels": [["hello/panel.html", {"count": 1}]],
        "panels_of_the_neighbour": [{"count": 0}],
        "tables": ["greeting"],
        "nobody": 403,
        "page": [True, True],
        "health": ["background_check", "certification", "hello"],
        "neighbour": 404,
    }


TWO = """
import msgspec
from staffing import host
plugins = host.load()
says = [f.says for f in plugins.failures]
print(msgspec.json.encode({"names": plugins.names(), "titles": [p.title for p in plugins], "says": says}).decode())
"""


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
    assert run(TWO, site=tmp_path) == {
        "names": ["background_check", "certification"],
        "titles": ["Background checks", "Of stricter"],
        "says": [],
    }


def test_two_installed_plugins_of_one_name_are_both_refused(tmp_path: Path) -> None:
    distribution(tmp_path, "alpha", {"union": "alpha_union"})
    distribution(tmp_path, "beta", {"union": "beta_union"})
    found = run(TWO, site=tmp_path)
    assert found["names"] == ["background_check", "certification"]
    assert found["says"] == [
        "Two installed plugins are called union: alpha_union (alpha) and beta_union (beta). Uninstall one of them."
    ]
