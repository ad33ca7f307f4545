"""The rule book: all packs that count, made ready to be applied to many cases."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.facts import CaseView, FactSpec
from staffing.core.packs import Pack, Requirement, Terms, in_force
from staffing.core.standard_facts import STANDARD


def chain(jurisdiction: str) -> tuple[str, ...]:
    """A jurisdiction and those above it: ``us-pa`` → ``("us-pa", "us")``."""
    parts = jurisdiction.split("-")
    return tuple("-".join(parts[:n]) for n in range(len(parts), 0, -1))


class Era:
    """The rules of a jurisdiction between two days on which any of them changes. ``ends`` is the first day of the next."""

    __slots__ = ("_deciding", "ends", "groups", "rules")

    def __init__(self, rules: tuple[Rule, ...], ends: date | None) -> None:
        self.rules = rules
        self.ends = ends
        groups: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.group:
                groups.setdefault(rule.group, []).append(rule)
        self.groups = groups
        self._deciding = {
            rule.requirement.jurisdiction
            for rule in rules
            if not rule.requirement.overlay and any(version.confidence.decides for version in rule.requirement.versions)
        }

    def decides(self, jurisdiction: str) -> bool:
        """Whether any rule of exactly this jurisdiction is sure enough to decide."""
        return jurisdiction in self._deciding


class RuleBook:
    """Packs, the facts they read, and the rules in force for a jurisdiction on a day.

    ``digest`` names the exact rules: the same packs give the same one. ``agreements_read`` says that a plugin answers for the
    agreements of a case; without one, a case that names some is held.
    """

    def __init__(self, packs: Iterable[Pack], *, agreements_read: bool = False) -> None:
        self.packs = tuple(sorted(packs, key=lambda p: (p.id, p.overlay, p.plugin)))
        self.agreements_read = agreements_read
        self.specs: dict[str, FactSpec] = dict(STANDARD)
        self.kinds: dict[str, str] = {}
        for pack in self.packs:
            self.specs.update((spec.name, spec) for spec in pack.facts)
            self.kinds.update(pack.kinds)
        names = "".join(f"{p.plugin}:{p.id}:{p.overlay}:{p.digest}\n" for p in self.packs)
        self.digest = hashlib.sha256(f"{names}agreements:{agreements_read}".encode()).hexdigest()[:32]
        self._timelines: dict[tuple[str, tuple[str, ...]], _Timeline] = {}

    def with_packs(self, packs: Iterable[Pack]) -> RuleBook:
        """A rule book with more packs, such as a district's own."""
        return RuleBook((*self.packs, *packs), agreements_read=self.agreements_read)

    def has(self, jurisdiction: str) -> bool:
        """Whether any pack of exactly this jurisdiction is loaded."""
        return any(pack.id == jurisdiction and not pack.overlay for pack in self.packs)

    def has_overlay(self, name: str) -> bool:
        """Whether a district's pack of this name is loaded."""
        return any(pack.overlay == name for pack in self.packs)

    def packs_for(self, jurisdiction: str, overlays: Collection[str] = ()) -> tuple[Pack, ...]:
        """The packs that count somewhere: those of the chain, and the named overlays."""
        places = chain(jurisdiction)
        return tuple(p for p in self.packs if (p.overlay in overlays if p.overlay else p.id in places))

    def requirements(self, jurisdiction: str, overlays: Collection[str] = ()) -> tuple[Requirement, ...]:
        """Every requirement of a jurisdiction and those above it, of all times, by id."""
        found = (r for pack in self.packs_for(jurisdiction, overlays) for r in pack.requirements)
        return tuple(sorted(found, key=lambda r: r.id))

    def era(self, jurisdiction: str, overlays: tuple[str, ...], on: date) -> Era:
        """The rules in force on a day."""
        key = (jurisdiction, overlays)
        timeline = self._timelines.get(key)
        if timeline is None:
            timeline = self._timelines[key] = _Timeline(
                self.requirements(jurisdiction, overlays), self._terms(jurisdiction, overlays)
            )
        return timeline.on(on)

    def _terms(self, jurisdiction: str, overlays: Collection[str]) -> dict[str, Terms]:
        return {terms.id: terms for pack in self.packs_for(jurisdiction, overlays) for terms in pack.terms}

    def questions(
        self,
        jurisdiction: str,
        placement: Mapping[str, Any],
        known: Mapping[str, Any] | None = None,
        asked_of: str | None = None,
        *,
        on: date | None = None,
        overlays: tuple[str, ...] = (),
    ) -> list[FactSpec]:
        """The facts the rules in force still need for a kind of placement, in the order a form should ask them.

        ``placement`` holds placement facts by their short names; ``known`` further ones by full name (``person.born_on``) or,
        for the person's, by short name. Only facts that can still change a rule's answer are returned, and only those
        ``asked_of`` that actor (None: all). Without ``on``, the newest versions known are used.
        """
        groups: dict[str, dict[str, Any]] = {"person": {}, "placement": dict(placement), "context": {}}
        for name, value in (known or {}).items():
            group, dot, key = name.partition(".")
            if dot:
                groups.setdefault(group, {})[key] = value
            else:
                groups["person"][name] = value
        case = Case(jurisdiction=jurisdiction, person=groups["person"], placement=groups["placement"], context=groups["context"])
        view = CaseView(case, on or self._newest(jurisdiction, overlays), self.specs)
        wanted: set[str] = set()
        for rule in self.era(jurisdiction, overlays, view.on).rules:
            wanted.update(_needed(rule, view))
        order = {name: n for n, name in enumerate(self.specs)}
        specs = [self.specs[name] for name in sorted(wanted & order.keys(), key=order.__getitem__)]
        return [spec for spec in specs if asked_of is None or spec.asked_of == asked_of]

    def _newest(self, jurisdiction: str, overlays: tuple[str, ...]) -> date:
        """A day on which the newest version of every rule is in force."""
        starts = [v.since for r in self.requirements(jurisdiction, overlays) for v in r.versions]
        return max(starts, default=date(2000, 1, 1))

    def readers(self, jurisdiction: str | None = None) -> dict[str, list[str]]:
        """Which rules read each fact: fact name → rule ids, for the documentation of facts."""
        found: dict[str, list[str]] = {name: [] for name in self.specs}
        packs = self.packs if jurisdiction is None else self.packs_for(jurisdiction)
        for pack in packs:
            for requirement in pack.requirements:
                names: dict[str, None] = {}
                for version in requirement.versions:
                    rule = Rule(requirement, version, None)
                    names.update(dict.fromkeys(rule.facts))
                    for alternative in version.accepts:
                        names.update(dict.fromkeys(item.on_or_after for item in alternative.items if item.on_or_after))
                for name in names:
                    for base in (name, *self.specs[name].bases):
                        if requirement.id not in found[base]:
                            found[base].append(requirement.id)
        return found


class _Timeline:
    """The eras of one jurisdiction, each made when it is first needed."""

    def __init__(self, requirements: tuple[Requirement, ...], terms: Mapping[str, Terms]) -> None:
        self.requirements = requirements
        self.terms = terms
        days: set[date] = set()
        for versions in [r.versions for r in requirements] + [t.versions for t in terms.values()]:
            for version in versions:
                days.add(version.since)
                if version.until is not None:
                    days.add(version.until + timedelta(days=1))
        days.discard(date.min)
        self.starts = sorted(days)
        self.eras: dict[int, Era] = {}

    def on(self, day: date) -> Era:
        n = bisect.bisect_right(self.starts, day)
        era = self.eras.get(n)
        if era is None:
            ends = self.starts[n] if n < len(self.starts) else None
            era = self.eras[n] = Era(tuple(self._rule(r, day) for r in self.requirements), ends)
        return era

    def _rule(self, requirement: Requirement, day: date) -> Rule:
        version = in_force(requirement.versions, day)
        terms = self.terms.get(version.provisional) if version else None
        return Rule(requirement, version, in_force(terms.versions, day) if terms else None)


def _needed(rule: Rule, view: CaseView) -> set[str]:
    """Facts that can still change whether or how a rule applies."""
    version = rule.version
    if version is None or version.no_rule or not version.confidence.decides:
        return set()
    applies = version.applies_when.test(view)
    if applies is False:
        return set()
    if any(exemption.when.test(view) for exemption in version.unless):
        return set()
    if applies is None:
        return set(version.applies_when.unknowns(view))
    needed = {name for e in version.unless if not e.only_if_stated for name in e.when.unknowns(view)}
    needed.update(name for must in version.must for name in must.when.unknowns(view))
    open_to = [alternative for alternative in version.accepts if alternative.when.test(view)]
    for alternative in open_to or version.accepts:
        needed.update(alternative.when.unknowns(view))
    for item in (item for alternative in open_to for item in alternative.items):
        if item.on_or_after and view.get(item.on_or_after) is None:
            needed.update(view.unknown_bases(item.on_or_after))
    return needed
