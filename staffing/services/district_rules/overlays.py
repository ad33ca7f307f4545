"""A district's own rules: read, checked, and kept as a further version that counts from a day.

A version counts until one with a higher number begins, so that a new one also replaces what was planned for later days.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, timedelta

import msgspec

from staffing import host, rulebook
from staffing.core import sources
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.packs import Pack
from staffing.core.rules import chain
from staffing.services.district_rules.in_force import Overlay, Rules
from staffing.store.tables import DistrictPack

#: How long a pack may be, and how far ahead one may be planned.
LONGEST = 200_000
FARTHEST = timedelta(days=3 * 366)

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}$")


def tidy(text: str) -> str:
    """The text with plain line ends and one at its end, so that a form and a file give the same version."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip() + "\n"


def read(text: str, file: str, rules: Rules, on: date) -> Pack:
    """The district's own pack in a text, checked against the rules that count on a day without it.

    Raises ``Invalid`` with file and line for everything that is wrong with it.
    """
    if len(text) > LONGEST:
        raise Invalid(f"{file}:1: This text is longer than {LONGEST:,} characters. Divide it into overlays of different names.")
    written = sources.read(text, file)
    name = str(written.get("overlay", "")) if isinstance(written, sources.Section) else ""
    others = msgspec.structs.replace(rules, overlays=tuple(o for o in rules.overlays if o.name != name))
    book = others.on(on).book
    pack = rulebook.overlay_text(text, file, host.load(), book)
    wrong: list[tuple[int, str]] = []
    if not _NAME.match(pack.overlay):
        wrong.append((_line(text, "overlay:"), "An overlay's name is a short word in small letters, such as overlay: tiers."))
    elif bringing := _bringing(pack.overlay):
        words = f"The plugin {bringing} brings an overlay '{pack.overlay}'. Give yours another name, or switch that one on."
        wrong.append((_line(text, "overlay:"), words))
    if pack.id not in chain(rules.jurisdiction):
        words = f"This pack is for {pack.id}, and the district is in {rules.jurisdiction}: write pack: {rules.jurisdiction}."
        wrong.append((_line(text, "pack:"), words))
    if not pack.requirements:
        wrong.append((1, "This pack has no rules: write at least one under 'requirements:'."))
    taken = {requirement.id: other.title for other in book.packs for requirement in other.requirements}
    for requirement in pack.requirements:
        if requirement.id in taken:
            words = f"'{requirement.id}' is a rule of '{taken[requirement.id]}'. Give yours an id of its own."
            wrong.append((_line(text, f"id: {requirement.id}"), words))
    if wrong:
        raise Invalid("\n".join(f"{file}:{line}: {sentence}" for line, sentence in sorted(set(wrong))))
    return pack


def _line(text: str, words: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if words in line), 1)


def _bringing(name: str) -> str:
    """The plugin that brings an overlay of this name, or ''."""
    return next((pack.plugin for pack in rulebook.rules(host.load()).packs if pack.overlay == name), "")


def adopted(rules: Rules, text: str, file: str, since: date, today: date) -> tuple[Rules, Overlay]:
    """The rules with this text (tidied) from a day on. Raises ``Invalid``, or ``Conflict`` if that counts already."""
    text = tidy(text)
    pack = read(text, file, rules, since)
    _check_day(since, today, "since")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if _settled(rules, Overlay(name=pack.overlay, version=0, since=since, digest=digest)):
        raise Conflict(f"The overlay '{pack.overlay}' says exactly this already. Nothing was changed.")
    made = Overlay(name=pack.overlay, version=rules.next_version(pack.overlay), since=since, digest=digest)
    changed = msgspec.structs.replace(rules, overlays=(*rules.overlays, made), texts={**rules.texts, digest: text})
    return changed, made


def switched_on(rules: Rules, name: str, since: date, today: date) -> tuple[Rules, Overlay]:
    """The rules with an overlay that a plugin brings, from a day on.

    Raises ``NotFound`` where no plugin that counts then brings it, ``Invalid``, or ``Conflict`` if it counts already.
    """
    _check_day(since, today, "since")
    packs = [pack for pack in rulebook.rules(host.load(), rules.on(since).plugins).packs if pack.overlay == name]
    if not packs:
        raise NotFound(f"No plugin that counts here on {since} brings an overlay '{name}'. Switch its plugin on first.")
    if elsewhere := [pack.id for pack in packs if pack.id not in chain(rules.jurisdiction)]:
        raise Invalid(f"The overlay '{name}' is for {elsewhere[0]}, and the district is in {rules.jurisdiction}.")
    if _settled(rules, Overlay(name=name, version=0, since=since)):
        raise Conflict(f"The overlay '{name}' counts already. Nothing was changed.")
    made = Overlay(name=name, version=rules.next_version(name), since=since)
    return msgspec.structs.replace(rules, overlays=(*rules.overlays, made)), made


def retired(rules: Rules, name: str, last_day: date, today: date) -> tuple[Rules, Overlay]:
    """The rules without an overlay after its last day. A last day of yesterday ends it at once.

    Raises ``NotFound``, ``Invalid``, or ``Conflict`` if it counts no longer than that anyway.
    """
    since = last_day + timedelta(days=1)
    _check_day(since, today, "last_day")
    if not any(overlay.name == name for overlay in rules.overlays):
        raise NotFound(f"This district has no overlay '{name}'.")
    made = Overlay(name=name, version=rules.next_version(name), since=since, retired=True)
    if _settled(rules, made):
        raise Conflict(f"The overlay '{name}' does not count after {last_day} anyway. Nothing was changed.")
    return msgspec.structs.replace(rules, overlays=(*rules.overlays, made)), made


def _settled(rules: Rules, wanted: Overlay) -> bool:
    """Whether an overlay is, from that day on, what is wanted already, with nothing else planned for it."""
    mine = [overlay for overlay in rules.overlays if overlay.name == wanted.name]
    days = [wanted.since, *(overlay.since for overlay in mine if overlay.since > wanted.since)]
    stands = [next((o for o in rules.overlays_on(day) if o.name == wanted.name), None) for day in days]
    if wanted.retired:
        return not any(stands)
    return all(one is not None and one.digest == wanted.digest for one in stands)


def _check_day(since: date, today: date, field: str) -> None:
    if since < today:
        words = "Past days were decided under the rules of then and stay so. Choose today or a later day."
    elif since > today + FARTHEST:
        words = "That is more than three years ahead. Choose a nearer day."
    else:
        return
    raise Invalid(words, {field: words})


async def keep(overlay: Overlay, text: str, made_by: str, reason: str) -> None:
    """Write a version. Inside a ``tenant_transaction``."""
    row = DistrictPack(
        overlay=overlay.name,
        version=overlay.version,
        text=text,
        digest=overlay.digest,
        since=overlay.since,
        retired=overlay.retired,
        reason=reason,
        made_by=made_by,
    )
    await DistrictPack.insert(row)
