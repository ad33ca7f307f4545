"""People whom the real Pennsylvania rules let work: what a badge needs."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from staffing.core.names import search_name
from staffing.store.engine import tenant_transaction
from staffing.store.tables import PluginSwitch
from tests.factories import make_evidence, make_organisation, make_person, make_placement, make_position, make_site, make_tenant

#: A volunteer of the district who sees the same children every week, in sight of staff.
TERMS = {
    "engagement": "volunteer",
    "employer": "district",
    "setting": "campus",
    "contact": "routine",
    "gives_care": True,
    "duties": ["reading_tutoring"],
    "responsible_for_welfare": False,
    "supervision": "line_of_sight",
}
PAPERS = ("state_criminal_history", "child_abuse_history", "affirmation", "tb_screening", "notice_acknowledgement")


async def make_alder() -> str:
    """An invented district in Pennsylvania with the background checks switched on."""
    await make_tenant("alder", name="Alder Unified", jurisdiction="us-pa", time_zone="America/New_York")
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2026, 1, 1)))
    return "alder"


async def cleared(checked_on: date = date(2026, 5, 2), **person: Any) -> UUID:
    """Somebody placed in "alder" with every paper the rules ask for, dated ``checked_on``; gives the placement."""
    partner = await make_organisation("alder", name="Valley Reads", kind="community_based")
    site = await make_site("alder")
    if "given_name" in person:
        person["search_name"] = search_name(person["given_name"], person.get("family_name", ""))
    who = await make_person(
        "alder", organisation=partner, facts={"resident_since": "2001-06-01", "relationship": "community"}, **person
    )
    for kind in PAPERS:
        await make_evidence("alder", person=who, kind=kind, issued_on=checked_on, jurisdiction="us-pa", purpose="volunteer")
    position = await make_position("alder", site=site, terms=TERMS)
    return await make_placement("alder", person=who, site=site, position=position, terms=TERMS)
