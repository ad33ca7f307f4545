"""The demonstration follows the overlays its communities name, where a plugin brings them, and its decisions are current."""

from __future__ import annotations

from typing import Any

import pytest

from staffing import host, rulebook
from staffing.services import demo, due
from staffing.services.demo.communities import communities
from staffing.services.district_rules import in_force
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision


@pytest.mark.usefixtures("database")
async def test_communities_follow_the_overlays_that_are_brought_and_nothing_is_due_after_loading() -> None:
    brought = {pack.overlay for pack in rulebook.rules(host.load()).packs if pack.overlay}
    await demo.load()
    followed = {}
    for community in communities():
        async with tenant_transaction(community.id):
            place = await in_force.here()
            standing = Decision.current.eq(True) & (Decision.placement.state != "ended")
            rows: list[dict[str, Any]] = await Decision.select(Decision.rules_hash).where(standing)
        followed[community.id] = set(place.overlay_names)
        assert {row["rules_hash"] for row in rows} == {place.rules_hash}, community.id
        assert await due.retake_in(community.id) == 0, community.id
    assert followed == {community.id: set(community.overlays) & brought for community in communities()}
    assert next(c for c in communities() if c.id == "chicago").overlays == ("chicago",)
