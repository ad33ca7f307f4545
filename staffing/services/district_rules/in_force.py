"""Which rules count in a district on a day: its plugins, its overlays and its waivers, read once and then asked for any day.

``Rules`` is plain data. A what-if changes a copy of it and asks the copy; nothing has to be stored for that.
"""

from __future__ import annotations

import functools
import hashlib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock, host, rulebook
from staffing.core.case import Case
from staffing.core.errors import NotFound
from staffing.hookspecs import Known
from staffing.rulebook import RuleBook
from staffing.services import switches
from staffing.store.engine import DB, current_tenant
from staffing.store.tables import DistrictPack, PluginSwitch, Tenant, Waiver

#: Texts of overlays in memory, by digest, so that a page reads none of them again.
_texts: OrderedDict[str, str] = OrderedDict()
_TEXTS_KEPT = 512


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin counts from ``since`` until before ``until`` (None: no end)."""

    plugin: str
    since: date
    until: date | None = None
    jurisdiction: str = switches.EVERYWHERE


class Overlay(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an overlay: what it is from ``since`` on. ``digest`` is empty where a plugin brings the pack."""

    name: str
    version: int
    since: date
    digest: str = ""
    retired: bool = False


class HeldWaiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver as the rules read it. ``until`` is its last day (None: no end known); without ``site`` it counts everywhere."""

    number: str
    sections: tuple[str, ...]
    since: date
    until: date | None = None
    by: str = ""
    site: str = ""

    def as_fact(self) -> dict[str, Any]:
        """An item of ``context.waivers``, where it counts."""
        fact: dict[str, Any] = {"id": self.number, "sections": list(self.sections), "from": self.since.isoformat(), "by": self.by}
        if self.until is not None:
            fact["until"] = self.until.isoformat()
        return fact


class Here(msgspec.Struct, frozen=True, dict=True):
    """The district a decision is taken in: its jurisdiction, the day, the rules that count then, and when they change next.

    ``next_switch`` is the first later day on which a plugin or an overlay begins or ends; ``texts`` holds the texts of the
    district's own packs by their digest. ``known`` is what plugins know of the district; ``silent`` are those that could not
    say.
    """

    tenant: str
    jurisdiction: str
    today: date
    plugins: frozenset[str]
    next_switch: date | None = None
    overlays: tuple[Overlay, ...] = ()
    waivers: tuple[HeldWaiver, ...] = ()
    texts: Mapping[str, str] = {}
    site: str = ""
    known: tuple[Known, ...] = ()
    silent: tuple[str, ...] = ()

    def at(self, site: UUID | None) -> Here:
        """The same at a site: waivers for that site count too. Without one, only those for the whole district do."""
        there = msgspec.structs.replace(self, site=str(site) if site else "")
        there.__dict__.update(self.__dict__)  # the rules are the same, so what was worked out of them is
        return there

    @property
    def overlay_names(self) -> tuple[str, ...]:
        """The names of the overlays that count on this day, in order."""
        return tuple(overlay.name for overlay in self.overlays)

    @property
    def base(self) -> RuleBook:
        """The packs of the plugins that count, with every overlay they bring, whether it counts or not."""
        return rulebook.rules(host.load(), self.plugins)

    @functools.cached_property
    def book(self) -> RuleBook:
        """The rule book of this day: the packs of the plugins and the overlays that count. Made once for a set of them."""
        own = {overlay.name: self.texts[overlay.digest] for overlay in self.overlays if overlay.digest}
        brought = [overlay.name for overlay in self.overlays if not overlay.digest]
        return rulebook.of_district(host.load(), self.plugins, brought, own)

    @functools.cached_property
    def rules_hash(self) -> str:
        """Names exactly these rules: plugins, overlays and waivers. A decision that carries another must be taken again."""
        book = self.book
        unread = [name for name in self.overlay_names if not book.has_overlay(name)]
        told = [known.digest for known in self.known]
        if not unread and not self.waivers and not told and not self.silent:
            return book.digest
        parts = [book.digest, unread, self.waivers, told, self.silent]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]

    def completed(self, case: Case) -> Case:
        """The case with the overlays and waivers that count here, and what plugins know of the district."""
        context = case.context
        for known in self.known:
            context = {**known.context, **context}
        if mine := [waiver.as_fact() for waiver in self.waivers if waiver.site in ("", self.site)]:
            context = {**context, "waivers": [*context.get("waivers", ()), *mine]}
        agreements = (*case.agreements, *(one for known in self.known for one in known.agreements))
        placement = case.placement
        if self.known and self.site:  # agreements are about sites, and about single placements
            placement = {"site": self.site, **placement}
        return msgspec.structs.replace(
            case, overlays=self.overlay_names, context=context, agreements=agreements, placement=placement
        )

    def of_placement(self, case: Case, placement: UUID | None) -> Case:
        """The case with the placement's id, where agreements may be about that one alone."""
        if not self.known or placement is None:
            return case
        return msgspec.structs.replace(case, placement={**case.placement, "placement_id": str(placement)})


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Every switch, overlay version and waiver of a district, of all days. ``texts``: of its own packs, by digest."""

    tenant: str
    jurisdiction: str
    switches: tuple[Switch, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    waivers: tuple[HeldWaiver, ...] = ()
    texts: Mapping[str, str] = {}
    known: Mapping[str, Known] = {}
    silent: frozenset[str] = frozenset()

    def on(self, day: date) -> Here:
        """The rules that count on a day."""
        covering = switches.covering(self.jurisdiction)
        mine = [s for s in self.switches if s.jurisdiction in covering]
        active = {s.plugin for s in mine if s.since <= day and (s.until is None or s.until > day)}
        days = [d for s in mine for d in (s.since, s.until) if d is not None and d > day]
        days += [o.since for o in self.overlays if o.since > day]
        return Here(
            self.tenant,
            self.jurisdiction,
            day,
            frozenset(active),
            min(days, default=None),
            self.overlays_on(day),
            tuple(w for w in self.waivers if w.until is None or w.until >= w.since),
            self.texts,
            known=tuple(self.known[name] for name in sorted(active & self.known.keys())),
            silent=tuple(sorted(active & self.silent)),
        )

    def overlays_on(self, day: date) -> tuple[Overlay, ...]:
        """The overlays that count on a day, by name: of each its newest version whose day has come."""
        newest: dict[str, Overlay] = {}
        for overlay in self.overlays:
            known = newest.get(overlay.name)
            if overlay.since <= day and (known is None or overlay.version > known.version):
                newest[overlay.name] = overlay
        return tuple(newest[name] for name in sorted(newest) if not newest[name].retired)

    def next_version(self, name: str) -> int:
        """The number that the next version of an overlay gets."""
        return max((o.version for o in self.overlays if o.name == name), default=0) + 1

    @property
    def fingerprint(self) -> str:
        """Names all of it and the packs installed, so that a change in between is noticed."""
        told = {name: known.digest for name, known in sorted(self.known.items())}
        parts = [rulebook.rules(host.load()).digest, self.switches, self.overlays, self.waivers, told, sorted(self.silent)]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


async def rules() -> Rules:
    """All of the current tenant's. Inside a ``tenant_transaction``. Raises ``NotFound``."""
    return (await _rules_and_zone())[0]


async def here(on: date | None = None) -> Here:
    """The current tenant's rules on a day (today there, if none is given). Raises ``NotFound``."""
    found, zone = await _rules_and_zone()
    return found.on(on or clock.today(zone))


async def _rules_and_zone() -> tuple[Rules, str]:
    tenant = current_tenant()
    places = await Tenant.select(Tenant.jurisdiction, Tenant.time_zone).where(Tenant.id == tenant)
    if not places:
        raise NotFound(f"There is no district called {tenant!r} here. Check the address.")
    jurisdiction = places[0]["jurisdiction"]
    switched = (
        await PluginSwitch.select(PluginSwitch.plugin, PluginSwitch.since, PluginSwitch.until, PluginSwitch.jurisdiction)
        .where((PluginSwitch.tenant == tenant) & PluginSwitch.jurisdiction.is_in(switches.covering(jurisdiction)))
        .order_by(PluginSwitch.plugin, PluginSwitch.since)
    )
    versions = await DistrictPack.select(
        DistrictPack.overlay.as_alias("name"),
        DistrictPack.version,
        DistrictPack.since,
        DistrictPack.digest,
        DistrictPack.retired,
    ).order_by(DistrictPack.overlay, DistrictPack.version)
    waivers = await Waiver.select().order_by(Waiver.created_at, Waiver.id).output(load_json=True)
    overlays = tuple(Overlay(**row) for row in versions)
    known, silent = await _known(tenant, {row["plugin"] for row in switched})
    found = Rules(
        tenant=tenant,
        jurisdiction=jurisdiction,
        switches=tuple(Switch(**row) for row in switched),
        overlays=overlays,
        waivers=tuple(held(row) for row in waivers),
        texts=await _texts_of(overlays),
        known=known,
        silent=silent,
    )
    return found, places[0]["time_zone"]


async def _known(tenant: str, plugins: Collection[str]) -> tuple[dict[str, Known], frozenset[str]]:
    """What plugins know of the district by their names, and the names of those that could not say."""
    running = host.load()
    if not running.answers_to("known_here"):
        return {}, frozenset()
    answers = await running.ask_async("known_here", plugins, within=DB.transaction, tenant=tenant)
    silent = frozenset(answer.plugin for answer in answers if answer.error is not None)
    return {answer.plugin: answer.value for answer in answers if answer.error is None}, silent


async def _texts_of(overlays: Iterable[Overlay]) -> dict[str, str]:
    """The texts by digest: from memory, or from the table where they are new here."""
    wanted = {overlay.digest for overlay in overlays if overlay.digest}
    found = {digest: _texts[digest] for digest in wanted & _texts.keys()}
    if unknown := wanted - found.keys():
        rows = await DistrictPack.select(DistrictPack.text, DistrictPack.digest).where(DistrictPack.digest.is_in(sorted(unknown)))
        found.update((row["digest"], row["text"]) for row in rows)
    for digest, text in found.items():
        _texts[digest] = text
        _texts.move_to_end(digest)
    while len(_texts) > _TEXTS_KEPT:
        _texts.popitem(last=False)
    return found


def held(row: Mapping[str, Any]) -> HeldWaiver:
    """A row of the table ``waiver`` as the rules read it. One revoked counts through the day before."""
    ends: list[date] = [day for day in (row["ends_on"],) if day is not None]
    if row["revoked_on"] is not None:
        ends.append(row["revoked_on"] - timedelta(days=1))
    site: UUID | None = row["site"]
    return HeldWaiver(
        number=row["number"],
        sections=tuple(row["sections"]),
        since=row["starts_on"],
        until=min(ends, default=None),
        by=row["granted_by"],
        site=str(site) if site else "",
    )
