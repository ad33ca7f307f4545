"""Which plugins count for a district, where and from when until when.

A switch for ``us`` covers ``us-ca``, one for ``*`` covers everywhere. ``since`` is the first day on which the plugin counts,
``until`` the first day on which it no longer does.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from piccolo.engine.postgres import PostgresTransaction

from staffing import host
from staffing.core.errors import Conflict, Invalid, NotFound, StaffingError
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import PluginSwitch

EVERYWHERE = "*"


async def active(tenant: str, jurisdiction: str, on: date) -> set[str]:
    """The plugins switched on for this tenant, here, on this day, running or not. Call inside a ``tenant_transaction``."""
    rows = await PluginSwitch.select(PluginSwitch.plugin).where(
        (PluginSwitch.tenant == tenant)
        & PluginSwitch.jurisdiction.is_in(covering(jurisdiction))
        & (PluginSwitch.since <= on)
        & (PluginSwitch.until.is_null() | (PluginSwitch.until > on))
    )
    return {row["plugin"] for row in rows}


def covering(jurisdiction: str) -> list[str]:
    """The jurisdictions whose switches cover this one, widest first: ``us-ca`` → ``*``, ``us``, ``us-ca``."""
    if jurisdiction == EVERYWHERE:
        return [EVERYWHERE]
    parts = jurisdiction.split("-")
    return [EVERYWHERE, *("-".join(parts[:n]) for n in range(1, len(parts) + 1))]


async def switch_on(actor: Actor, plugin: str, since: date, jurisdiction: str = EVERYWHERE, until: date | None = None) -> UUID:
    """Let a plugin count for the actor's district from a day, here or everywhere. Gives the switch's id.

    The plugin's ``switched_on`` hook runs in the same transaction. Raises ``NotAllowed`` for anyone but an administrator,
    ``NotFound`` for a plugin that does not run, ``Invalid`` for a place it has no rules for or an end before the beginning,
    ``Conflict`` where it is on already in these days, and the plugin's own error if it cannot begin.
    """
    actor.require("admin")
    running = host.load()
    if plugin not in running.names():
        raise NotFound(running.why_not(plugin))
    place = jurisdiction.strip().lower()
    _check_place(running[plugin], place)
    if until is not None and until <= since:
        raise Invalid(
            f"It cannot end on {until}, as it begins on {since}. Give a later day.", {"until": f"Give a day after {since}."}
        )
    async with tenant_transaction(actor.tenant) as transaction:
        await _alone(transaction, actor.tenant, plugin)
        for row in await _switches(actor.tenant, plugin, place):
            if (until is None or row["since"] < until) and (row["until"] is None or row["until"] > since):
                days = f"since {row['since']}" + (f" until before {row['until']}" if row["until"] else "")
                raise Conflict(f"{running[plugin].title} is on already for {place} {days}. Switch it off first.")
        (row,) = await PluginSwitch.insert(
            PluginSwitch(tenant=actor.tenant, jurisdiction=place, plugin=plugin, since=since, until=until)
        ).returning(PluginSwitch.id)
        for answer in await running.ask_async(
            "switched_on", {plugin}, within=DB.transaction, tenant=actor.tenant, jurisdiction=place, since=since
        ):
            if isinstance(answer.error, StaffingError):
                raise answer.error
            if answer.error:
                raise Conflict(
                    f"{running[plugin].title} could not be switched on: {answer.error}. Nothing was changed; tell its maker."
                ) from answer.error
        await journal.record(
            "plugin:switched_on",
            f"plugin/{plugin}",
            actor=actor.tag,
            jurisdiction=place,
            since=since.isoformat(),
            until=until.isoformat() if until else None,
            version=running[plugin].version,
        )
    return UUID(str(row["id"]))


async def switch_off(actor: Actor, plugin: str, on: date, jurisdiction: str = EVERYWHERE) -> None:
    """End the switch of a plugin: ``on`` is the first day on which it no longer counts. One that has not begun by then goes.

    Raises ``NotAllowed`` for anyone but an administrator and ``Conflict`` if there is no switch to end.
    """
    actor.require("admin")
    place = jurisdiction.strip().lower()
    async with tenant_transaction(actor.tenant) as transaction:
        await _alone(transaction, actor.tenant, plugin)
        open_now = [r for r in await _switches(actor.tenant, plugin, place) if r["until"] is None or r["until"] > on]
        if not open_now:
            raise Conflict(
                f"The plugin {plugin} is not switched on for {place} on {on}; somebody may have switched it off already."
            )
        for row in open_now:
            here = (PluginSwitch.tenant == actor.tenant) & (PluginSwitch.id == row["id"])
            if row["since"] >= on:
                await PluginSwitch.delete().where(here)
            else:
                await PluginSwitch.update({PluginSwitch.until: on}).where(here)
        await journal.record("plugin:switched_off", f"plugin/{plugin}", actor=actor.tag, jurisdiction=place, until=on.isoformat())


def _check_place(plugin: host.Plugin, place: str) -> None:
    known = plugin.jurisdictions
    if place == EVERYWHERE or EVERYWHERE in known:
        return
    if not any(k in covering(place) or place in covering(k) for k in known):
        raise Invalid(
            f"{plugin.title} has no rules for {place}. It knows {', '.join(known)}.",
            {"jurisdiction": f"Choose one of {', '.join(known)}."},
        )


async def _switches(tenant: str, plugin: str, place: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await PluginSwitch.select(PluginSwitch.id, PluginSwitch.since, PluginSwitch.until).where(
        (PluginSwitch.tenant == tenant) & (PluginSwitch.plugin == plugin) & (PluginSwitch.jurisdiction == place)
    )
    return rows


async def _alone(transaction: PostgresTransaction, tenant: str, plugin: str) -> None:
    """One at a time may change the switches of a plugin, so that two administrators do not both switch it on."""
    await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"plugin_switch {tenant} {plugin}")
