"""The rules that count in a district, as its administrator reads them: packs, what changes when, and the district's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from staffing import host, rulebook
from staffing.core.errors import Invalid, NotFound
from staffing.core.packs import Dated, Pack, Requirement, in_force
from staffing.core.rules import chain
from staffing.services.actors import Actor
from staffing.services.district_rules import overlays
from staffing.services.district_rules.in_force import Here, Overlay, Rules, here, rules
from staffing.store.engine import tenant_transaction
from staffing.store.tables import DistrictPack

#: How far ahead changes are listed.
AHEAD = timedelta(days=3 * 366)


class PackLine(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that counts. ``deciding`` of its rules decide today, ``review`` wait for legal review, ``later`` begin later."""

    title: str
    id: str
    plugin: str
    overlay: str
    own: bool
    source: str
    deciding: int
    review: int
    later: int
    left_out: int


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """Something that changes by itself on a day. ``kind``: begins, ends, changes (a new version follows the old)."""

    on: date
    kind: str
    title: str
    source: str
    citation: str = ""


class VersionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an overlay in its history."""

    version: int
    since: date
    retired: bool
    own: bool
    reason: str
    made_by: str
    made_at: datetime


class OverlayLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of the district's overlays. ``state``: counts, planned, retired. ``trouble`` is why it cannot be read, if so.

    ``last_day`` is its last day where its end is planned; ``text`` the newest text of the district's own pack.
    """

    name: str
    title: str
    own: bool
    state: str
    since: date | None
    last_day: date | None
    trouble: str
    text: str
    rules: int
    versions: tuple[VersionLine, ...]


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """An overlay that a plugin brings for this state and that is not switched on."""

    name: str
    title: str
    plugin: str
    rules: int


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows."""

    jurisdiction: str
    today: date
    packs: list[PackLine]
    coming: list[Coming]
    overlays: list[OverlayLine]
    offered: list[Offered]

    @property
    def deciding(self) -> int:
        """How many rules decide today."""
        return sum(pack.deciding for pack in self.packs)


async def rule_list(actor: Actor) -> RuleList:
    """The rules of the actor's district. Raises ``NotAllowed`` for anyone but an administrator."""
    actor.require("admin")
    async with tenant_transaction(actor.tenant):
        every = await rules()
        place = await here()
        rows = await DistrictPack.select().order_by(DistrictPack.overlay, DistrictPack.version)
    packs = place.book.packs_for(place.jurisdiction, place.overlay_names)
    names = {overlay.name for overlay in place.overlays}
    return RuleList(
        jurisdiction=place.jurisdiction,
        today=place.today,
        packs=[_pack(pack, place.today) for pack in sorted(packs, key=_lowest_last)],
        coming=sorted(_coming(packs, every, place), key=lambda c: (c.on, c.source, c.title)),
        overlays=[_overlay(name, every, place, rows) for name in dict.fromkeys(row["overlay"] for row in rows)],
        offered=[
            Offered(name=pack.overlay, title=pack.title, plugin=pack.plugin, rules=len(pack.requirements))
            for pack in place.base.packs
            if pack.overlay and pack.overlay not in names and pack.id in chain(place.jurisdiction)
        ],
    )


async def text_of(actor: Actor, name: str) -> str:
    """The newest text of a district's own pack, to be changed. Raises ``NotFound``."""
    actor.require("admin")
    async with tenant_transaction(actor.tenant):
        row = (
            await DistrictPack.select(DistrictPack.text)
            .where((DistrictPack.overlay == name) & (DistrictPack.text != ""))
            .order_by(DistrictPack.version, ascending=False)
            .first()
        )
    if row is None:
        raise NotFound(f"This district has no pack of its own called {name!r}.")
    return str(row["text"])


def _lowest_last(pack: Pack) -> tuple[bool, int, str, str]:
    return bool(pack.overlay), len(pack.id), pack.id, pack.plugin


def _pack(pack: Pack, today: date) -> PackLine:
    now = [in_force(r.versions, today) for r in pack.requirements]
    counting = [v for v in now if v is not None and not v.no_rule]
    begins_later = [r for r in pack.requirements if _first_day(r) > today]
    return PackLine(
        title=pack.title,
        id=pack.id,
        plugin=pack.plugin,
        overlay=pack.overlay,
        own=pack.plugin == "district",
        source=pack.source,
        deciding=sum(v.confidence.decides for v in counting),
        review=sum(not v.confidence.decides for v in counting),
        later=len(begins_later),
        left_out=len(pack.left_out),
    )


def _first_day(requirement: Requirement) -> date:
    return min((v.since for v in requirement.versions if not v.no_rule), default=date.max)


def _coming(packs: tuple[Pack, ...], every: Rules, place: Here) -> Iterator[Coming]:
    last = place.today + AHEAD
    for pack in packs:
        dated = [(r.title, r.versions) for r in pack.requirements] + [(t.title, t.versions) for t in pack.terms]
        for title, versions in dated:
            for day, kind, version in _turns(versions):
                if place.today < day <= last:
                    yield Coming(on=day, kind=kind, title=title, source=pack.title, citation=version.citation)
    for switch in every.switches:
        title = next((p.title for p in host.load() if p.name == switch.plugin), switch.plugin)
        for switched, kind in ((switch.since, "begins"), (switch.until, "ends")):
            if switched is not None and place.today < switched <= last:
                yield Coming(on=switched, kind=kind, title=title, source="Plugins")
    for day in sorted({o.since for o in every.overlays if place.today < o.since <= last}):
        before, after = (every.overlays_on(d) for d in (day - timedelta(days=1), day))
        for overlay in after:
            known = next((o for o in before if o.name == overlay.name), None)
            if known is None or known.digest != overlay.digest:
                yield Coming(on=day, kind="changes" if known else "begins", title=overlay.name, source="The district’s own rules")
        for overlay in before:
            if not any(o.name == overlay.name for o in after):
                yield Coming(on=day, kind="ends", title=overlay.name, source="The district’s own rules")


def _turns(versions: tuple[Dated, ...]) -> Iterator[tuple[date, str, Dated]]:
    """The days on which a rule begins, changes or ends, with the version that begins or ends then."""
    for number, version in enumerate(versions):
        counted = number > 0 and not versions[number - 1].no_rule
        if not version.no_rule:
            yield version.since, "changes" if counted else "begins", version
        elif counted:
            yield version.since, "ends", version
    if versions and (last := versions[-1]).until is not None and not last.no_rule:
        yield last.until + timedelta(days=1), "ends", last


def _overlay(name: str, every: Rules, place: Here, rows: list[dict[str, object]]) -> OverlayLine:
    mine = [row for row in rows if row["overlay"] == name]
    now = next((o for o in place.overlays if o.name == name), None)
    shown = now or _next(name, every, place.today)
    pack, trouble = _read(shown, every, place) if shown else (None, "")
    return OverlayLine(
        name=name,
        title=pack.title if pack else name,
        own=any(row["text"] for row in mine),
        state="counts" if now else "planned" if shown else "retired",
        since=shown.since if shown else None,
        last_day=_last_day(name, every, place.today) if shown else None,
        trouble=trouble,
        text=str(next((row["text"] for row in reversed(mine) if row["text"]), "")),
        rules=len(pack.requirements) if pack else 0,
        versions=tuple(
            msgspec.convert(
                {**{f: row[f] for f in VersionLine.__struct_fields__ if f != "own"}, "own": bool(row["text"])}, VersionLine
            )
            for row in reversed(mine)
        ),
    )


def _next(name: str, every: Rules, today: date) -> Overlay | None:
    """The version that is to begin next, if one is planned."""
    days = sorted({o.since for o in every.overlays if o.name == name and o.since > today})
    return next((o for day in days for o in every.overlays_on(day) if o.name == name), None)


def _last_day(name: str, every: Rules, today: date) -> date | None:
    days = sorted({o.since for o in every.overlays if o.name == name and o.since > today})
    ends = (day for day in days if not any(o.name == name for o in every.overlays_on(day)))
    counted = [day for day in ends if any(o.name == name for o in every.overlays_on(day - timedelta(days=1)))]
    return counted[0] - timedelta(days=1) if counted else None


def _read(overlay: Overlay, every: Rules, place: Here) -> tuple[Pack | None, str]:
    """The pack of an overlay, or why it cannot be read."""
    if overlay.digest:
        try:
            return overlays.read(every.texts[overlay.digest], f"{overlay.name}.yaml", every, max(overlay.since, place.today)), ""
        except Invalid as error:
            return None, str(error)
    base = rulebook.rules(host.load(), every.on(max(overlay.since, place.today)).plugins)
    pack = next((pack for pack in base.packs if pack.overlay == overlay.name), None)
    return pack, "" if pack else f"No plugin that counts here brings the overlay '{overlay.name}', so nobody is cleared."
