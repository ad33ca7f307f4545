"""Panels of plugins on the real page of a person: one whose template fails is left out, and the page is served."""

from __future__ import annotations

import textwrap
from pathlib import Path
from uuid import uuid4

import pytest

from staffing import clock, hookspecs, host
from staffing.app import create_app
from staffing.host import Host
from staffing.services import switches
from staffing.services.actors import system
from staffing.settings import Settings
from staffing.store.pool import close_pool, open_pool
from tests.factories import make_account, make_person
from tests.web.driving import running, visitor

PLUGIN = """
    from staffing.api import Link, Panel, Text, hookimpl
    STAFFING_API = (1, 0)
    TITLE = "Panels"

    @hookimpl
    def person_panels(person, viewer):
        return [
            Panel(Text("Good panel"), "NAME/good.html", {"words": "<b>1 < 2</b>"}),
            Panel(Text("Bad panel"), "NAME/bad.html"),
            Panel(Text("No panel"), "NAME/none.html"),
        ]

    @hookimpl
    def own_panels(viewer):
        return [Panel(Text("Mine"), "NAME/good.html", {"words": f"of {viewer.person}"}), Panel(Text("Bad one"), "NAME/bad.html")]

    @hookimpl
    def menu(viewer):
        return [Link(Text("To the panels"), "/p/NAME/")]
"""
TEMPLATES = {"good.html": "<p>{{ data.words }}</p>", "bad.html": "{{ nothing.of.this.name }}"}


async def test_a_panel_whose_template_fails_is_left_out_and_told_and_the_page_is_served(
    tenant: str, database: str, installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    name = "panels"
    module = f"{name}_{uuid4().hex}"
    (tmp_path / module / "templates").mkdir(parents=True)
    (tmp_path / module / "__init__.py").write_text(textwrap.dedent(PLUGIN).replace("NAME", name), encoding="utf-8")
    for file, text in TEMPLATES.items():
        (tmp_path / module / "templates" / file).write_text(text, encoding="utf-8")
    made = Host()
    made.add(name, module)
    assert made.failures == []
    monkeypatch.setattr(host, "load", lambda: made)
    account = await make_account(tenant, role="hr")
    person = await make_person(tenant)
    await switches.switch_on(system(tenant), name, clock.today())
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as app, visitor(app) as browser:
        await browser.sign_in(account)
        page = (await browser.see(f"/hr/people/{person}")).text
    await open_pool(database, min_size=1, max_size=2)
    assert "Good panel" in page
    assert "&lt;b&gt;1 &lt; 2&lt;/b&gt;" in page
    assert "To the panels" in page
    assert "Bad panel" not in page
    assert "No panel" not in page
    assert made.troubles[name, "person_panels"].plugin == name


async def test_a_person_sees_a_plugins_panel_about_themselves_on_their_own_list(
    tenant: str, database: str, installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = f"panels_{uuid4().hex}"
    (tmp_path / module / "templates").mkdir(parents=True)
    (tmp_path / module / "__init__.py").write_text(textwrap.dedent(PLUGIN).replace("NAME", "panels"), encoding="utf-8")
    for file, text in TEMPLATES.items():
        (tmp_path / module / "templates" / file).write_text(text, encoding="utf-8")
    made = Host()
    made.add("panels", module)
    monkeypatch.setattr(host, "load", lambda: made)
    person = await make_person(tenant)
    account = await make_account(tenant, role="volunteer", person=person)
    await switches.switch_on(system(tenant), "panels", clock.today())
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as app, visitor(app) as browser:
        await browser.sign_in(account)
        page = (await browser.see("/me")).text
    await open_pool(database, min_size=1, max_size=2)
    assert "Mine" in page
    assert f"of {person}" in page
    assert "Bad one" not in page
    assert made.troubles["panels", "own_panels"].plugin == "panels"


async def test_a_link_or_a_template_of_somebody_elses_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = f"thief_{uuid4().hex}"
    (tmp_path / f"{module}.py").write_text(textwrap.dedent(PLUGIN).replace("NAME", "panels"), encoding="utf-8")
    made = Host()
    made.add("thief", module)
    viewer = hookspecs.Viewer(tenant="alder", name="Ada", role="hr")
    (link,) = made.ask("menu", viewer=viewer)
    (panel,) = made.ask("person_panels", person=uuid4(), viewer=viewer)
    assert str(link.error) == "The plugin thief gives the link '/p/panels/'. It must start with '/p/thief/'."
    assert str(panel.error) == "The plugin thief gives the template 'panels/good.html'. It must start with 'thief/'."
