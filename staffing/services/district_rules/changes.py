"""A change of a district's rules, before and when it is made: looked at with ``then``, written with ``apply``.

Both go through the same checks and give the same rules, so that what was shown is what is decided afterwards.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from staffing import host
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.services import due, plugins, switches
from staffing.services.actors import Actor
from staffing.services.district_rules import in_force, overlays, waivers
from staffing.services.district_rules.in_force import Rules, Switch
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store import journal
from staffing.store.engine import tenant_transaction


class AdoptOverlay(msgspec.Struct, frozen=True, kw_only=True):
    """The district's own pack of this text counts from ``since`` on. ``file`` is what errors call the text."""

    text: str
    since: date
    file: str = "rules.yaml"


class SwitchOnOverlay(msgspec.Struct, frozen=True, kw_only=True):
    """An overlay that a plugin brings counts from ``since`` on."""

    name: str
    since: date


class RetireOverlay(msgspec.Struct, frozen=True, kw_only=True):
    """An overlay no longer counts after ``last_day``."""

    name: str
    last_day: date


class SwitchPlugin(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin counts (``to``) or no longer counts from ``day`` on."""

    plugin: str
    to: bool
    day: date
    jurisdiction: str = switches.EVERYWHERE


class RecordWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver was granted."""

    waiver: NewWaiver


class RevokeWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver no longer counts from ``on`` on."""

    number: str
    on: date


Change = AdoptOverlay | SwitchOnOverlay | RetireOverlay | SwitchPlugin | RecordWaiver | RevokeWaiver


def first_day(change: Change) -> date:
    """The first day on which the change makes a difference."""
    match change:
        case AdoptOverlay() | SwitchOnOverlay():
            return change.since
        case RetireOverlay():
            return change.last_day + timedelta(days=1)
        case SwitchPlugin():
            return change.day
        case RecordWaiver():
            return change.waiver.starts_on
        case RevokeWaiver():
            return change.on


def may(actor: Actor, change: Change) -> None:
    """Raise ``NotAllowed`` unless the actor may make this change: waivers are HR's work too."""
    if isinstance(change, RecordWaiver | RevokeWaiver):
        actor.require("hr", "admin")
    else:
        actor.require("admin")


def then(change: Change, rules: Rules, today: date) -> Rules:
    """The rules as the change would make them. Raises ``Invalid``, ``NotFound`` or ``Conflict`` if it cannot be made."""
    match change:
        case AdoptOverlay():
            return overlays.adopted(rules, change.text, change.file, change.since, today)[0]
        case SwitchOnOverlay():
            return overlays.switched_on(rules, change.name, change.since, today)[0]
        case RetireOverlay():
            return overlays.retired(rules, change.name, change.last_day, today)[0]
        case SwitchPlugin():
            return _switched(change, rules)
        case RecordWaiver():
            return waivers.recorded(rules, change.waiver, today)[0]
        case RevokeWaiver():
            return waivers.revoked(rules, change.number, change.on, today)


def _switched(change: SwitchPlugin, rules: Rules) -> Rules:
    mine = [s for s in rules.switches if s.plugin == change.plugin and s.jurisdiction == change.jurisdiction]
    over = [s for s in mine if s.until is None or s.until > change.day]
    if change.to:
        running = host.load()
        if change.plugin not in running.names():
            raise NotFound(running.why_not(change.plugin))
        if over:
            raise Conflict(f"{running[change.plugin].title} is on already for {change.jurisdiction}, or planned to be.")
        added = Switch(plugin=change.plugin, since=change.day, jurisdiction=change.jurisdiction)
        return msgspec.structs.replace(rules, switches=(*rules.switches, added))
    if not over:
        raise Conflict(f"The plugin {change.plugin} is not switched on for {change.jurisdiction} on {change.day}.")
    kept = [s for s in rules.switches if s not in over]
    kept += [msgspec.structs.replace(s, until=change.day) for s in over if s.since < change.day]
    return msgspec.structs.replace(rules, switches=tuple(kept))


async def apply(actor: Actor, change: Change, reason: str, seen: str = "") -> str:
    """Make the change, with its journal entry, and have the district's decisions taken again: all of it or nothing.

    ``seen`` is the ``fingerprint`` of the rules its effect was shown for: if they have changed since, ``Conflict``. Gives the
    name of what was changed (an overlay, a plugin, a waiver's number). Raises what ``then`` raises, and ``Invalid`` without a
    reason.
    """
    may(actor, change)
    if not reason.strip():
        words = "Say why; the journal keeps it."
        raise Invalid(words, {"reason": words})
    async with tenant_transaction(actor.tenant) as transaction:
        # One change of a district's rules at a time: two must not take the same version or number.
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"rules of {actor.tenant}")
        rules = await in_force.rules()
        if seen and seen != rules.fingerprint:
            raise Conflict("The rules have changed since you looked at the effect. Look at it again, then apply.")
        today = (await in_force.here()).today
        name = await _write(actor, change, rules, today, reason.strip())
        await due.ask_again(actor.tenant)
    return name


async def _write(actor: Actor, change: Change, rules: Rules, today: date, reason: str) -> str:
    match change:
        case AdoptOverlay():
            _, made = overlays.adopted(rules, change.text, change.file, change.since, today)
            await overlays.keep(made, overlays.tidy(change.text), actor.tag, reason)
            return await _noted(actor, "overlay:adopted", made, reason)
        case SwitchOnOverlay():
            _, made = overlays.switched_on(rules, change.name, change.since, today)
            await overlays.keep(made, "", actor.tag, reason)
            return await _noted(actor, "overlay:switched_on", made, reason)
        case RetireOverlay():
            _, made = overlays.retired(rules, change.name, change.last_day, today)
            await overlays.keep(made, "", actor.tag, reason)
            return await _noted(actor, "overlay:retired", made, reason)
        case SwitchPlugin():
            then(change, rules, today)
            await plugins.switch(actor, change.plugin, change.to, change.day, change.jurisdiction)
            return change.plugin
        case RecordWaiver():
            await waivers.check_site(change.waiver.site)
            _, waiver = waivers.recorded(rules, change.waiver, today)
            await waivers.keep(waiver, change.waiver, actor.tag)
            await journal.record(
                "waiver:recorded",
                f"waiver/{waiver.number}",
                actor=actor.tag,
                waiver=waiver.number,
                sections=waiver.sections,
                granted_by=waiver.by,
                site=waiver.site or None,
                starts_on=waiver.since,
                ends_on=waiver.until,
                citation=change.waiver.citation,
                reason=reason,
            )
            return waiver.number
        case RevokeWaiver():
            waivers.revoked(rules, change.number, change.on, today)
            await waivers.end(change.number, change.on)
            await journal.record(
                "waiver:revoked",
                f"waiver/{change.number}",
                actor=actor.tag,
                waiver=change.number,
                since=change.on,
                reason=reason,
            )
            return change.number


async def _noted(actor: Actor, action: str, made: in_force.Overlay, reason: str) -> str:
    await journal.record(
        action,
        f"overlay/{made.name}",
        actor=actor.tag,
        overlay=made.name,
        version=made.version,
        since=made.since,
        digest=made.digest,
        reason=reason,
    )
    return made.name
