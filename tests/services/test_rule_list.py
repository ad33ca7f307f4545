"""What the administrator reads of the rules: packs, what changes when, and how each of the district's own stands."""

from __future__ import annotations

from datetime import date

import pytest

from staffing import host, rulebook
from staffing.core.errors import NotAllowed, NotFound
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, rule_list
from staffing.services.district_rules.changes import RetireOverlay, SwitchPlugin
from tests.services.cleared import make_alder
from tests.services.district_rules import ORIENTATION, TODAY, admin, adopt

pytestmark = pytest.mark.usefixtures("database")

#: A first version, a stricter one from a later day, and an end.
DATED = ORIENTATION.replace(
    """      - from: 2020-07-01
        citation: Alder policy 4.1
        confidence: high
""",
    """      - from: 2020-07-01
        until: 2027-01-31
        citation: Alder policy 4.1 of 2020
        confidence: high
        applies_when: {placement.engagement: volunteer}
        accepts:
          - kind: orientation
        valid: once
      - from: 2027-02-01
        until: 2027-06-30
        citation: Alder policy 4.1 of 2027
        confidence: high
""",
)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


async def test_packs_are_counted_from_federal_law_down_to_the_districts_own() -> None:
    await make_alder()
    await adopt()
    found = await rule_list.rule_list(admin())
    assert [pack.id for pack in found.packs] == sorted((pack.id for pack in found.packs), key=len)
    own = found.packs[-1]
    assert (own.overlay, own.own, own.deciding, own.review, own.later) == ("alder-policy", True, 1, 0, 0)
    state = next(
        pack for pack in rulebook.rules(host.load(), ["background_check"]).packs if pack.id == "us-pa" and not pack.overlay
    )
    line = next(pack for pack in found.packs if pack.id == "us-pa" and not pack.overlay)
    assert 0 < line.deciding + line.review + line.later <= len(state.requirements)
    assert found.deciding == sum(pack.deciding for pack in found.packs)


async def test_what_changes_by_itself_is_told_with_its_day() -> None:
    await make_alder()
    await adopt(DATED)
    await changes.apply(admin(), SwitchPlugin(plugin="certification", to=True, day=date(2027, 3, 1)), "Planned")
    await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=date(2027, 8, 31)), "Planned")
    found = await rule_list.rule_list(admin())
    mine = [
        (c.on, c.kind, c.title)
        for c in found.coming
        if c.source in ("Alder Unified, own rules", "Plugins", "The district’s own rules")
    ]
    assert mine == [
        (date(2027, 2, 1), "changes", "Orientation evening"),
        (date(2027, 3, 1), "begins", "Training, health and qualifications"),
        (date(2027, 7, 1), "ends", "Orientation evening"),
        (date(2027, 9, 1), "ends", "alder-policy"),
    ]
    assert [c.on for c in found.coming] == sorted(c.on for c in found.coming)
    (own,) = found.overlays
    assert (own.state, own.since, own.last_day, own.rules) == ("counts", TODAY, date(2027, 8, 31), 1)


async def test_an_overlay_is_planned_counts_and_is_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    await make_alder()
    await adopt(since=date(2026, 12, 1))

    async def stands() -> tuple[str, date | None]:
        (own,) = (await rule_list.rule_list(admin())).overlays
        return own.state, own.since

    assert await stands() == ("planned", date(2026, 12, 1))
    monkeypatch.setenv("STAFFING_TODAY", "2026-12-01")
    assert await stands() == ("counts", date(2026, 12, 1))
    await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=date(2026, 12, 1)), "Ended")
    assert await stands() == ("counts", date(2026, 12, 1))
    monkeypatch.setenv("STAFFING_TODAY", "2026-12-02")
    assert await stands() == ("retired", None)
    (own,) = (await rule_list.rule_list(admin())).overlays
    assert [(v.version, v.retired, v.reason) for v in own.versions] == [(2, True, "Ended"), (1, False, "Adopted by the board")]
    assert await rule_list.text_of(admin(), "alder-policy") == ORIENTATION, "it can be taken up again"


async def test_an_overlay_that_cannot_be_read_any_more_says_why() -> None:
    await make_alder()
    packs = rulebook.rules(host.load(), ["background_check"]).packs
    fact = next(spec for pack in packs if pack.id in ("us", "us-pa") for spec in pack.facts if spec.type.value == "bool")
    reads = f"applies_when: {{any: [{{placement.engagement: volunteer}}, {{{fact.name}: true}}]}}"
    await adopt(ORIENTATION.replace("applies_when: {placement.engagement: volunteer}", reads))
    assert (await rule_list.rule_list(admin())).overlays[0].trouble == ""
    await changes.apply(admin(), SwitchPlugin(plugin="background_check", to=False, day=TODAY), "Trying")
    assert fact.name in (await rule_list.rule_list(admin())).overlays[0].trouble


async def test_only_an_administrator_reads_it_and_an_unknown_name_is_said() -> None:
    await make_alder()
    with pytest.raises(NotAllowed):
        await rule_list.rule_list(Actor(tenant="alder", name="Denise", role="hr"))
    with pytest.raises(NotFound, match="no pack of its own called 'oak'"):
        await rule_list.text_of(admin(), "oak")
