"""Dated waivers: a permission, from whoever may give it, to do without exactly the sections it names.

They stand in ``context.waivers`` as ``{id, sections, from, until, by, site, state}``. A waiver counts from its first through its
last day, and only while its state is ``in_force`` or not stated. It relaxes rules whose pack says who may waive them, and no
others. One that is over (its last day has passed, its state may be ``expired``) is remembered: work that relied on it is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from staffing.core.facts import CaseView
from staffing.core.packs import Requirement

_IN_FORCE = (None, "in_force", "renewal_due", "granted")


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """One waiver. ``until`` is its last day (None: no end known); ``site`` narrows it to one site (empty: everywhere)."""

    id: str
    sections: tuple[str, ...]
    since: date
    until: date | None = None
    by: str = ""
    site: str = ""

    def counts_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def covered_start(self, day: date | None) -> bool:
        """Whether work that began on a day relied on it: it had not ended by then. Work without a first day did not."""
        return day is not None and (self.until is None or day <= self.until)


def waivers(view: CaseView) -> Iterator[Waiver]:
    """The waivers of a case that are not withdrawn and cover its site, whatever their days; ``expired`` ones once over."""
    here = view.case.placement.get("site") or view.case.context.get("site")
    for held in view.case.context.get("waivers") or ():
        over = held.get("state") == "expired"
        if (over or held.get("state") in _IN_FORCE) and held.get("site") in (None, "", here):
            since, until = _day(held.get("from")), _day(held.get("until"))
            if since is not None and not (over and (until is None or view.on <= until)):
                yield Waiver(
                    id=str(held.get("id", "")),
                    sections=tuple(str(section) for section in held.get("sections") or ()),
                    since=since,
                    until=until,
                    by=str(held.get("by", "")),
                    site=str(held.get("site") or ""),
                )


def relaxing(requirement: Requirement, view: CaseView) -> tuple[Waiver, ...]:
    """The waivers that name this rule, if anybody may waive it; the one good longest first."""
    if requirement.waivable is None or requirement.clearance:
        return ()
    wanted = {_plain(section) for section in requirement.waivable.sections}
    found = [waiver for waiver in waivers(view) if wanted & {_plain(section) for section in waiver.sections}]
    return tuple(sorted(found, key=lambda waiver: (waiver.until or date.max, waiver.id), reverse=True))


def refused(requirements: tuple[Requirement, ...], view: CaseView) -> Iterator[tuple[Waiver, Requirement]]:
    """Waivers in force that name a section of a rule which nobody may waive, each with the first such rule."""
    for waiver in waivers(view):
        if not waiver.counts_on(view.on):
            continue
        for requirement in requirements:
            if requirement.waivable is None and any(_names(section, requirement, view.on) for section in waiver.sections):
                yield waiver, requirement
                break


def _names(section: str, requirement: Requirement, on: date) -> bool:
    cited = [v.citation for v in requirement.versions if v.since <= on and (v.until is None or on <= v.until)]
    return section == requirement.id or any(_cites(_plain(citation), _plain(section)) for citation in cited)


def _cites(citation: str, section: str) -> bool:
    """Whether a citation holds a section as a whole: §45125 is not §45125.1."""
    return bool(section) and re.search(rf"(?<![0-9a-z]){re.escape(section)}(?![0-9.]*[0-9])", citation) is not None


def _plain(section: str) -> str:
    return " ".join(section.replace("§", " ").lower().split())


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
