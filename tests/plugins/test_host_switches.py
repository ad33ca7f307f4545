"""Switching plugins on and off for a district, and what its administrators see."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from staffing import host
from staffing.core.case import Case
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.host import Host
from staffing.services import plugins, switches
from staffing.services.actors import Actor
from staffing.services.district_rules import in_force
from staffing.store.engine import DB, tenant_transaction
from tests.factories import make_tenant

ADMIN = Actor(tenant="alder", name="Ada Admin", role="admin")
SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)

GREETER = """
    from staffing.api import Check, Conflict, Link, Panel, Section, Text, hookimpl

    STAFFING_API = (1, 0)
    TITLE = "Greeter"
    JURISDICTIONS = ("us-ca", "us-pa")

    @hookimpl
    async def switched_on(tenant, jurisdiction, since):
        from staffing.api import DB, record
        if since.year == 2030:
            raise Conflict("Greeter has nothing to say in 2030. Choose another year.")
        if since.year == 2031:
            await DB.run_script("SELECT broken FROM nowhere")
        await record("greeter:ready", "plugin/greeter", actor="greeter", jurisdiction=jurisdiction)

    @hookimpl
    def menu(viewer):
        if viewer.role == "admin":
            yield Link(Text("Later"), "/p/greeter/b", 200)
            yield Link(Text("Sooner"), "/p/greeter/a", 1)

    @hookimpl
    async def person_panels(person, viewer):
        return [Panel(Text("Greeting"), "greeter/panel.html", {"name": viewer.name})]

    @hookimpl
    def sections(case, on):
        return [Section(Text("Greeting"), (Text("Hello from {place}", {"place": case.jurisdiction}),))]

    @hookimpl
    async def health():
        return [Check(Text("Voice"), False, Text("It is hoarse. Give it water."))]
"""

FAILING = """
    from staffing.api import hookimpl

    STAFFING_API = (1, 0)
    TITLE = "Failing"

    @hookimpl
    async def person_panels(person, viewer):
        from staffing.api import DB
        await DB.run_script("SELECT broken FROM nowhere")

    @hookimpl
    def menu(viewer): raise RuntimeError("no menu today")

    @hookimpl
    def sections(case, on): raise RuntimeError("no sections today")

    @hookimpl
    def health(): raise RuntimeError("no health today")
"""


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """The process's host with two plugins, one that failed and one left out."""
    monkeypatch.syspath_prepend(tmp_path)
    made = Host(off=["away"])
    for name, source in {"greeter": GREETER, "failing": FAILING, "broken": "raise ValueError('boom')"}.items():
        module = f"{name}_{uuid4().hex}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        made.add(name, module, version="3.1")
    monkeypatch.setattr(host, "load", lambda: made)
    yield made


async def active(jurisdiction: str, on: date, tenant: str = "alder") -> set[str]:
    async with tenant_transaction(tenant):
        return await switches.active(tenant, jurisdiction, on)


async def journal(tenant: str = "alder") -> list[str]:
    async with tenant_transaction(tenant) as transaction:
        rows = await transaction.connection.fetch("SELECT action FROM journal ORDER BY id")
    return [row["action"] for row in rows]


async def test_a_switch_covers_its_place_and_those_within_from_a_day_until_before_a_day(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", SPRING, "us-ca", until=AUTUMN)
    assert await active("us-ca", date(2026, 2, 28)) == set()
    assert await active("us-ca", SPRING) == {"greeter"}
    assert await active("us-ca-oakland", SPRING) == {"greeter"}
    assert await active("us-pa", SPRING) == set()
    assert await active("us", SPRING) == set()
    assert await active("us-ca", date(2026, 8, 31)) == {"greeter"}
    assert await active("us-ca", AUTUMN) == set()


@pytest.mark.parametrize("place", ["us", "*"])
async def test_a_wider_switch_covers_the_state(tenant: str, running: Host, place: str) -> None:
    await switches.switch_on(ADMIN, "greeter", SPRING, place)
    assert await active("us-ca", SPRING) == {"greeter"}


async def test_one_district_does_not_see_the_switches_of_another(tenant: str, running: Host) -> None:
    await make_tenant("birch", jurisdiction="us-ca")
    await switches.switch_on(ADMIN, "greeter", SPRING)
    assert await active("us-ca", SPRING, "birch") == set()


async def test_the_next_change_is_the_first_day_on_which_the_answer_may_differ(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", SUMMER, "us-ca", until=AUTUMN)
    await switches.switch_on(ADMIN, "greeter", date(2026, 7, 1), "us-pa")
    async with tenant_transaction("alder"):
        rules = await in_force.rules()
    assert [rules.on(day).next_switch for day in (SPRING, SUMMER, AUTUMN)] == [SUMMER, AUTUMN, None]


async def test_switching_on_and_off_is_in_the_journal_with_what_the_plugin_wrote_itself(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", SPRING)
    await switches.switch_off(ADMIN, "greeter", AUTUMN)
    assert await journal() == ["greeter:ready", "plugin:switched_on", "plugin:switched_off"]
    assert await active("us-ca", AUTUMN) == set()
    assert await active("us-ca", SUMMER) == {"greeter"}


async def test_a_switch_that_never_began_is_gone_when_it_is_switched_off(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", AUTUMN)
    await switches.switch_off(ADMIN, "greeter", SUMMER)
    assert await active("us-ca", AUTUMN) == set()
    await switches.switch_on(ADMIN, "greeter", AUTUMN)
    assert await active("us-ca", AUTUMN) == {"greeter"}


async def test_a_plugin_that_refuses_stays_off_and_nothing_is_written(tenant: str, running: Host) -> None:
    with pytest.raises(Conflict, match="nothing to say in 2030"):
        await switches.switch_on(ADMIN, "greeter", date(2030, 1, 1))
    with pytest.raises(Conflict, match=r"Greeter could not be switched on: .*nowhere.* Nothing was changed"):
        await switches.switch_on(ADMIN, "greeter", date(2031, 1, 1))
    assert await active("us-ca", date(2032, 1, 1)) == set()
    assert await journal() == []


async def test_a_switch_that_cannot_be_is_refused_with_a_sentence(tenant: str, running: Host) -> None:
    with pytest.raises(NotAllowed, match="District administrator"):
        await switches.switch_on(Actor(tenant="alder", name="Vera", role="volunteer"), "greeter", SPRING)
    with pytest.raises(NotFound, match="not installed"):
        await switches.switch_on(ADMIN, "unheard_of", SPRING)
    with pytest.raises(NotFound, match="ValueError: boom"):
        await switches.switch_on(ADMIN, "broken", SPRING)
    with pytest.raises(Invalid, match=r"Greeter has no rules for us-oh\. It knows us-ca, us-pa\."):
        await switches.switch_on(ADMIN, "greeter", SPRING, "us-oh")
    with pytest.raises(Invalid, match="Give a later day"):
        await switches.switch_on(ADMIN, "greeter", SPRING, until=SPRING)
    await switches.switch_on(ADMIN, "greeter", SUMMER, until=AUTUMN)
    with pytest.raises(Conflict, match=r"is on already for \* since 2026-06-01 until before 2026-09-01"):
        await switches.switch_on(ADMIN, "greeter", SPRING)
    with pytest.raises(Conflict, match="is not switched on for"):
        await switches.switch_off(ADMIN, "greeter", AUTUMN)


async def test_two_administrators_at_once_switch_a_plugin_on_once(tenant: str, running: Host) -> None:
    done = await asyncio.gather(*(switches.switch_on(ADMIN, "greeter", SPRING) for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Conflict", "Conflict", "Conflict", "UUID"]


async def test_administrators_see_what_runs_what_failed_and_why_and_what_is_left_out(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", SPRING, "us-ca", until=AUTUMN)
    lines = {line.name: line for line in await plugins.listed(ADMIN)}
    assert {name: line.status for name, line in lines.items()} == {
        "away": "off",
        "broken": "failed",
        "failing": "running",
        "greeter": "running",
    }
    assert lines["greeter"].version == "3.1"
    assert lines["greeter"].switches == (plugins.Switched(jurisdiction="us-ca", since=SPRING, until=AUTUMN),)
    assert [str(check.says) for check in lines["greeter"].checks] == ["It is hoarse. Give it water."]
    assert "ValueError: boom" in lines["broken"].why
    assert "Traceback" in lines["broken"].traceback
    assert lines["failing"].troubles == ("The plugin failing failed in health: RuntimeError: no health today.",)
    assert "STAFFING_PLUGINS_OFF" in lines["away"].why
    with pytest.raises(NotAllowed):
        await plugins.listed(Actor(tenant="alder", name="Hana", role="hr"))


async def test_a_plugin_switched_on_here_and_no_longer_installed_is_listed_as_failed(tenant: str, running: Host) -> None:
    await switches.switch_on(ADMIN, "greeter", SPRING)
    running.fail("greeter", host.PluginError("Its pack cannot be read."))
    (line,) = [line for line in await plugins.listed(ADMIN) if line.name == "greeter"]
    assert (line.status, line.why) == ("failed", "Its pack cannot be read.")
    assert plugins.status() == [
        {"name": "away", "version": "", "status": "off"},
        {"name": "broken", "version": "", "status": "failed"},
        {"name": "failing", "version": "3.1", "status": "running"},
        {"name": "greeter", "version": "", "status": "failed"},
    ]


async def test_menus_panels_and_sections_do_without_a_plugin_that_fails_in_a_transaction(tenant: str, running: Host) -> None:
    assert await plugins.menu(ADMIN) == []
    for name in ("greeter", "failing"):
        await switches.switch_on(ADMIN, name, SPRING)
    assert [str(link.title) for link in await plugins.menu(ADMIN)] == ["Sooner", "Later"]
    assert await plugins.menu(Actor(tenant="alder", name="Vera", role="volunteer")) == []
    (section,) = plugins.sections(Case(jurisdiction="us-ca"), SPRING, {"greeter", "failing"})
    assert str(section.lines[0]) == "Hello from us-ca"
    (panel,) = await plugins.person_panels(uuid4(), ADMIN)
    assert panel.data == {"name": "Ada Admin"}
    assert running.troubles["failing", "person_panels"].says.startswith("The plugin failing failed in person_panels: Undefined")
    assert DB.current_transaction.get() is None
