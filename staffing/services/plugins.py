"""The plugins as people meet them: the administrators' list, and what plugins add to menus, pages and credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from staffing import host
from staffing.core.case import Case
from staffing.core.findings import Finding
from staffing.hookspecs import Check, Link, Panel, Section, Viewer
from staffing.services import due, readiness, switches
from staffing.services.actors import Actor
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import PluginSwitch

Status = Literal["running", "failed", "off"]


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin counts here for ``jurisdiction`` since a day and until before a day."""

    jurisdiction: str
    since: date
    until: date | None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the administrators' list. ``why`` says why a plugin does not run; ``traceback`` is for whoever mends it.

    ``troubles`` are sentences about a running plugin that failed in a hook; ``checks`` what it reports of itself.
    """

    name: str
    title: str
    version: str
    description: str
    status: Status
    why: str = ""
    traceback: str = ""
    jurisdictions: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    switches: tuple[Switched, ...] = ()


async def switch(actor: Actor, plugin: str, to: bool, day: date, jurisdiction: str = switches.EVERYWHERE) -> None:
    """Let a plugin count, or no longer count, for the actor's district from a day, and have its decisions taken again.

    Raises what ``switches.switch_on`` and ``switches.switch_off`` raise.
    """
    async with tenant_transaction(actor.tenant):
        if to:
            await switches.switch_on(actor, plugin, day, jurisdiction)
        else:
            await switches.switch_off(actor, plugin, day, jurisdiction)
        await due.ask_again(actor.tenant)


async def listed(actor: Actor) -> list[Listed]:
    """Every plugin that runs, failed, is left out, or is switched on here without being installed, in name order.

    Raises ``NotAllowed`` for anyone but an administrator.
    """
    actor.require("admin")
    running = host.load()
    async with tenant_transaction(actor.tenant):
        switched: dict[str, list[Switched]] = {}
        for row in await PluginSwitch.select().where(PluginSwitch.tenant == actor.tenant).order_by(PluginSwitch.since):
            line = Switched(jurisdiction=row["jurisdiction"], since=row["since"], until=row["until"])
            switched.setdefault(row["plugin"], []).append(line)
    checks = {a.plugin: a.value for a in await running.ask_async("health") if not a.error}
    failures = {f.plugin: f for f in running.failures}
    lines = []
    for name in sorted({*running.names(), *failures, *running.off, *switched}):
        on = tuple(switched.get(name, ()))
        if name in running.names():
            plugin = running[name]
            lines.append(
                Listed(
                    name=name,
                    title=plugin.title,
                    version=plugin.version,
                    description=plugin.description,
                    status="running",
                    jurisdictions=plugin.jurisdictions,
                    troubles=tuple(t.says for (owner, _), t in sorted(running.troubles.items()) if owner == name),
                    checks=checks.get(name, ()),
                    switches=on,
                )
            )
            continue
        failure = failures.get(name)
        lines.append(
            Listed(
                name=name,
                title=name.replace("_", " ").capitalize(),
                version="",
                description="",
                status="off" if name in running.off else "failed",
                why=running.why_not(name),
                traceback=failure.traceback if failure else "",
                switches=on,
            )
        )
    return lines


def status() -> list[dict[str, str]]:
    """Name, version and status (``running``, ``failed`` or ``off``) of every plugin, without the database, for ``/health``."""
    running = host.load()
    lines = [{"name": p.name, "version": p.version, "status": "running"} for p in running]
    lines += [{"name": f.plugin, "version": "", "status": "failed"} for f in running.failures]
    lines += [{"name": name, "version": "", "status": "off"} for name in running.off]
    return sorted(lines, key=lambda line: line["name"])


async def menu(who: Actor) -> list[Link]:
    """What the plugins switched on in the actor's district today add to the actor's menu, in order."""
    running = host.load()
    if not running.answers_to("menu"):
        return []
    async with tenant_transaction(who.tenant):
        place = await readiness.here()
    asked = running.ask("menu", place.plugins, viewer=viewer(who))
    return sorted((link for answer in asked if not answer.error for link in answer.value), key=lambda link: link.order)


async def person_panels(person: UUID, who: Actor) -> list[Panel]:
    """What the plugins switched on in the actor's district today add to the staff's page of a person.

    Each plugin is asked in a savepoint, so that a failed statement of one harms no other.
    """
    running = host.load()
    if not running.answers_to("person_panels"):
        return []
    async with tenant_transaction(who.tenant):
        place = await readiness.here()
        asked = await running.ask_async("person_panels", place.plugins, within=DB.transaction, person=person, viewer=viewer(who))
    return [panel for answer in asked if not answer.error for panel in answer.value]


async def own_panels(who: Actor) -> list[Panel]:
    """What the plugins switched on in the person's district today add to the person's own list; asked as ``person_panels``."""
    running = host.load()
    if not running.answers_to("own_panels"):
        return []
    async with tenant_transaction(who.tenant):
        place = await readiness.here()
        asked = await running.ask_async("own_panels", place.plugins, within=DB.transaction, viewer=viewer(who))
    return [panel for answer in asked if not answer.error for panel in answer.value]


def actions(
    findings: Iterable[Finding], person: UUID, who: Actor, active: Collection[str], *, placement: Any = None, position: Any = None
) -> dict[str, list[Link]]:
    """What the plugins offer to do about their findings that do not clear, by rule."""
    running = host.load()
    if not running.answers_to("actions"):
        return {}
    found: dict[str, list[Link]] = {}
    for finding in findings:
        if finding.effect.clears or finding.plugin not in active:
            continue
        asked = running.ask(
            "actions",
            [finding.plugin],
            finding=finding,
            person=person,
            placement=placement,
            position=position,
            viewer=viewer(who),
        )
        links = [link for answer in asked if not answer.error for link in answer.value]
        if links:
            found[finding.rule] = sorted(links, key=lambda link: link.order)
    return found


async def demonstrate(tenant: str, jurisdiction: str, staff: Collection[Actor]) -> None:
    """Let the plugins add invented data to a district of the demonstration. Raises what one of them raises."""
    given = [viewer(one) for one in staff]
    for answer in await host.load().ask_async("demonstrate", tenant=tenant, jurisdiction=jurisdiction, staff=given):
        if answer.error is not None:
            raise answer.error


def sections(case: Case, on: date, active: Collection[str]) -> list[Section]:
    """What the plugins switched on here add to a credential issued on this day."""
    asked = host.load().ask("sections", active, case=case, on=on)
    return [section for answer in asked if not answer.error for section in answer.value]


def viewer_of(connection: Any) -> Viewer | None:
    """Who is signed in, for a plugin's handler: it gives its request."""
    found: Actor | None = connection.scope.get("state", {}).get("actor")
    return viewer(found) if found else None


def say(connection: Any, text: str, kind: str = "ok") -> None:
    """Leave a line for the visitor's next page. ``kind``: ok, info, warn, bad."""
    connection.app.state.say(connection, text, kind)


def viewer(who: Actor) -> Viewer:
    """An actor as plugins see one."""
    return Viewer(
        tenant=who.tenant,
        name=who.name,
        role=who.role,
        account=who.account,
        tag=who.tag,
        person=who.person,
        organisation=who.organisation,
        site=who.site,
    )
