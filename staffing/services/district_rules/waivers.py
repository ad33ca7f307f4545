"""Waivers as a district holds them: recorded with who granted what until when, and revoked. Nobody here grants one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core import waivers as kernel
from staffing.core.case import Case
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.facts import CaseView
from staffing.core.packs import Requirement
from staffing.services.actors import Actor
from staffing.services.district_rules.in_force import HeldWaiver, Here, Rules, held, here
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Site, Waiver

#: How far ahead a waiver may begin.
FARTHEST = timedelta(days=3 * 366)


class NewWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver as its paper says. ``ends_on`` is its last day (None: a standing flexibility, no end known)."""

    sections: tuple[str, ...]
    granted_by: str
    starts_on: date
    ends_on: date | None = None
    citation: str = ""
    site: UUID | None = None
    url: str = ""
    conditions: str = ""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver on the page, and what it does here. ``state``: to come, in force, ended, revoked.

    ``relaxes`` are the rules that it makes unnecessary, ``refused`` those it names and nobody may waive.
    """

    id: UUID
    number: str
    sections: tuple[str, ...]
    granted_by: str
    citation: str
    url: str
    conditions: str
    site: str
    starts_on: date
    ends_on: date | None
    revoked_on: date | None
    state: str
    days_left: int | None
    relaxes: tuple[str, ...]
    refused: tuple[str, ...]


class Waivable(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in force here that somebody may waive, and the sections that a waiver has to name."""

    rule: str
    title: str
    by: str
    under: str
    sections: tuple[str, ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The waivers of the district (those that count first), the rules that can be waived, and the sites."""

    waivers: list[Listed]
    waivable: list[Waivable]
    sites: list[tuple[UUID, str]]
    today: date


async def page(actor: Actor) -> Page:
    """Everything the page of waivers shows."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        place = await here()
        sites = await Site.select(Site.id, Site.name).order_by(Site.name)
        found = await listed()
    return Page(
        waivers=found,
        waivable=waivable(place),
        sites=[(row["id"], row["name"]) for row in sites],
        today=place.today,
    )


async def listed() -> list[Listed]:
    """The waivers of the district with what each does, those that count first. Inside a ``tenant_transaction``."""
    place = await here()
    rows = await Waiver.select().order_by(Waiver.starts_on, ascending=False).order_by(Waiver.number).output(load_json=True)
    names = {row["id"]: row["name"] for row in await Site.select(Site.id, Site.name)}
    order = ("in force", "to come", "revoked", "ended")
    return sorted((_listed(row, names.get(row["site"], ""), place) for row in rows), key=lambda w: order.index(w.state))


def _listed(row: dict[str, Any], site: str, place: Here) -> Listed:
    one = held(row)
    if row["revoked_on"] is not None and row["revoked_on"] <= place.today:
        state = "revoked"
    elif one.until is not None and one.until < place.today:
        state = "ended"
    else:
        state = "to come" if one.since > place.today else "in force"
    relaxes, refused = what_it_does(one, place)
    return Listed(
        **{name: row[name] for name in ("id", "number", "granted_by", "citation", "url", "conditions")},
        sections=one.sections,
        site=site,
        starts_on=one.since,
        ends_on=row["ends_on"],
        revoked_on=row["revoked_on"],
        state=state,
        days_left=(one.until - place.today).days if one.until and state == "in force" else None,
        relaxes=relaxes,
        refused=refused,
    )


def waivable(place: Here) -> list[Waivable]:
    """The rules in force on the day that somebody may waive."""
    return [
        Waivable(rule=r.id, title=r.title, by=r.waivable.by, under=r.waivable.under, sections=r.waivable.sections)
        for r in _requirements(place)
        if r.waivable is not None
    ]


def what_it_does(waiver: HeldWaiver, place: Here) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The titles of the rules a waiver relaxes here while it counts, and of those it names in vain. The kernel says so."""
    day = max(waiver.since, place.today if waiver.until is None else min(place.today, waiver.until))
    case = Case(jurisdiction=place.jurisdiction, context={"waivers": [waiver.as_fact()]})
    view = CaseView(case, day, place.book.specs)
    requirements = tuple(_requirements(place))
    relaxed = dict.fromkeys(r.title for r in requirements if kernel.relaxing(r, view))
    refused = dict.fromkeys(r.title for _, r in kernel.refused(requirements, view))
    return tuple(relaxed), tuple(refused)


def _requirements(place: Here) -> Iterable[Requirement]:
    era = place.book.era(place.jurisdiction, place.overlay_names, place.today)
    return (rule.requirement for rule in era.rules)


def recorded(rules: Rules, new: NewWaiver, today: date) -> tuple[Rules, HeldWaiver]:
    """The rules with a further waiver. Raises ``Invalid`` by field for what cannot be."""
    wrong: dict[str, str] = {}
    if not any(section.strip() for section in new.sections):
        wrong["sections"] = "Name the sections waived, exactly as the law is cited."
    if not new.granted_by.strip():
        wrong["granted_by"] = "Say who granted it."
    if new.starts_on > today + FARTHEST:
        wrong["starts_on"] = "That is more than three years ahead. Record it nearer to its first day."
    if new.ends_on is not None and new.ends_on < new.starts_on:
        wrong["ends_on"] = f"It cannot end on {new.ends_on}, as it begins on {new.starts_on}."
    elif new.ends_on is not None and new.ends_on < today:
        wrong["ends_on"] = f"It ended on {new.ends_on}, so it waives nothing from today on. Check the year."
    if new.url and not re.match(r"https?://\S+$", new.url):
        wrong["url"] = "Give the whole address, starting with https://."
    if wrong:
        raise Invalid("The waiver was not recorded. " + " ".join(wrong.values()), wrong)
    numbers = [int(w.number.removeprefix("W-")) for w in rules.waivers if w.number.removeprefix("W-").isdigit()]
    made = HeldWaiver(
        number=f"W-{max(numbers, default=0) + 1}",
        sections=tuple(section.strip() for section in new.sections if section.strip()),
        since=new.starts_on,
        until=new.ends_on,
        by=new.granted_by.strip(),
        site=str(new.site) if new.site else "",
    )
    return msgspec.structs.replace(rules, waivers=(*rules.waivers, made)), made


def revoked(rules: Rules, number: str, on: date, today: date) -> Rules:
    """The rules with a waiver that no longer counts from a day on. Raises ``NotFound``, ``Invalid`` or ``Conflict``."""
    found = next((w for w in rules.waivers if w.number == number), None)
    if found is None:
        raise NotFound(f"This district has no waiver {number}.")
    if on < today:
        words = "Past days stay as they were decided. Choose today or a later day."
        raise Invalid(words, {"on": words})
    if found.until is not None and on > found.until:
        raise Conflict(f"The waiver {number} does not count after {found.until} anyway. Nothing was changed.")
    ended = msgspec.structs.replace(found, until=on - timedelta(days=1))
    return msgspec.structs.replace(rules, waivers=tuple(ended if w is found else w for w in rules.waivers))


async def check_site(site: UUID | None) -> None:
    """Raise ``Invalid`` for a site that is not in this district. Inside a ``tenant_transaction``."""
    if site is not None and not await Site.exists().where(Site.id == site):
        raise Invalid("There is no such site in this district.", {"site": "Choose one of the sites."})


async def keep(made: HeldWaiver, new: NewWaiver, recorded_by: str) -> None:
    """Write a waiver. Inside a ``tenant_transaction``."""
    row = Waiver(
        number=made.number,
        sections=msgspec.json.encode(made.sections).decode(),
        citation=new.citation.strip(),
        granted_by=made.by,
        url=new.url,
        conditions=new.conditions.strip(),
        site=new.site,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        recorded_by=recorded_by,
        created_at=clock.now(),
    )
    await Waiver.insert(row)


async def end(number: str, on: date) -> None:
    """Write the day from which a waiver no longer counts. Inside a ``tenant_transaction``."""
    await Waiver.update({Waiver.revoked_on: on}).where(Waiver.number == number)
