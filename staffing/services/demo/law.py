"""The rules that count in a community of the demonstration: the packs its plugins bring, and the overlays it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from staffing.core.assessment import Rule
from staffing.core.case import Case
from staffing.core.facts import CaseView, FactSpec
from staffing.core.findings import Decision
from staffing.services import readiness
from staffing.services.demo.communities import Community
from staffing.services.district_rules import in_force

#: Since when the rules count in the demonstration: before anybody in it signed up.
RULES_SINCE = date(2020, 1, 1)

#: The plugins of the demonstration, where they are installed.
PLUGINS = ("background_check", "certification", "union_agreement")


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a place and a day, by id, and the way to decide by them."""

    place: in_force.Here
    rules: Mapping[str, Rule]

    def decide(self, case: Case) -> Decision:
        """The decision about a case here on the day."""
        return readiness.decide_here(case, self.place)

    def view(self, case: Case) -> CaseView:
        """The case as the rules see it on the day."""
        return CaseView(self.place.completed(case), self.place.today, self.specs)

    @property
    def specs(self) -> Mapping[str, FactSpec]:
        """Every fact a rule may read."""
        return self.place.book.specs

    def kind_name(self, kind: str) -> str:
        """A kind of evidence that a pack declares, in the pack's words; empty for the others."""
        return self.place.book.kinds.get(kind, "")


def rules_of(community: Community, today: date) -> in_force.Rules:
    """What is switched on in a community: its plugins, and of its overlays those that a plugin brings."""
    rules = in_force.Rules(
        tenant=community.id,
        jurisdiction=community.jurisdiction,
        switches=tuple(in_force.Switch(plugin=plugin, since=RULES_SINCE) for plugin in PLUGINS),
    )
    brought = {pack.overlay for pack in rules.on(today).base.packs}
    overlays = [in_force.Overlay(name=n, version=1, since=RULES_SINCE) for n in community.overlays if n in brought]
    return msgspec.structs.replace(rules, overlays=tuple(overlays))


def law_of(place: in_force.Here) -> Law:
    """The law of a place on its day."""
    era = place.book.era(place.jurisdiction, place.overlay_names, place.today)
    return Law(place=place, rules={rule.requirement.id: rule for rule in era.rules})
