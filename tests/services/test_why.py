"""How one rule came to its answer: every state explained, with steps, sources, numbers, versions, and the ways to change it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from staffing.core.errors import NotAllowed, NotFound
from staffing.core.findings import State
from staffing.services import readiness
from staffing.services.actors import Actor
from staffing.services.district_rules import changes
from staffing.services.district_rules.changes import RecordWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.services.explaining import own_ways
from staffing.services.explaining import why as explaining
from staffing.services.explaining.why import Why
from staffing.services.explaining.why_words import Node
from staffing.store.engine import tenant_transaction
from tests.factories import make_account, make_evidence, make_person, make_position, make_tenant
from tests.services.cleared import TERMS, cleared, make_alder
from tests.services.district_rules import TODAY, adopt
from tests.services.explained_rules import RULES, placed

pytestmark = pytest.mark.usefixtures("database")

HR = Actor(tenant="alder", name="Denise Example", role="hr")


@pytest.fixture(autouse=True)
async def _alder(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    await adopt(RULES)


async def explain(who: UUID, rule: str = "alder.talk", **more: Any) -> Why:
    return await explaining.why(HR, who, rule, **more)


def flat(node: Node | None) -> list[Node]:
    return [] if node is None else [node, *(deep for part in node.parts for deep in flat(part))]


async def test_a_missing_item_says_what_would_do_and_shows_the_facts_read_with_their_sources() -> None:
    who, placement = await placed()
    found = await explain(who)
    assert (found.finding.state, found.work.placement, found.work.site) == (State.MISSING, placement, "Marigold Elementary")
    assert found.headline == "What this rule asks for is not in"
    assert found.helps[0] == "Bring: Orientation, good for 12 months."
    assert any(way.startswith("A waiver by Board of Alder Unified") for way in found.helps)
    assert found.applies is not None
    (fact,) = found.applies.facts
    assert (found.applies.truth, fact.label, fact.value) == (True, "kind of engagement", "Unpaid volunteer")
    assert fact.source == "recorded by the district"
    assert [offer.pill[1] for offer in found.offers] == ["Not on record", "Not on record"]
    assert found.changes_on == date(2027, 7, 1), "the next version"


async def test_each_number_has_its_day_and_citation_and_each_version_its_days() -> None:
    who, _ = await placed()
    found = await explain(who)
    assert found.trace is not None
    numbers = {p["name"]: p for p in found.trace.parameters}
    assert numbers["provisional days"] == {
        "name": "provisional days",
        "value": 30,
        "since": date(2020, 7, 1),
        "citation": "Alder policy 6.9",
    }
    before, now, ahead = found.periods
    assert (before.age, now.age, ahead.age) == ("before", "now", "ahead")
    assert before.no_rule == "The talk was not asked for before 2020-07-01."
    assert (now.since, now.until) == (date(2020, 7, 1), date(2027, 6, 30))
    assert ahead.lines == (("Would do", "Orientation, good for 24 months"),), "only what will be different"


async def test_what_an_item_asked_for_allows_meanwhile_is_shown_with_the_terms_of_provisional_service() -> None:
    who, _ = await placed()
    await make_evidence(
        "alder", person=who, kind="orientation", state="initiated", result=None, issued_on=None, requested_on=TODAY
    )
    found = await explain(who)
    assert found.finding.state is State.PROVISIONAL
    assert found.terms is not None
    assert found.terms.asks == (
        "At most 30 days, counted from the first day of work.",
        "What is missing has been asked for.",
        "Never alone with children.",
    )
    assert [p.age for p in found.terms.periods] == ["now", "ahead"]
    assert found.terms.periods[1].no_rule == "Nobody starts before the talk any more."


async def test_what_is_met_names_the_paper_and_nothing_has_to_change() -> None:
    who, _ = await placed()
    held = await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=date(2026, 9, 1))
    found = await explain(who)
    assert (found.finding.state, found.pill, found.helps) == (State.MET, ("ok", "Done"), ())
    assert found.finding.evidence == str(held)
    assert [item.id for item in found.papers] == [str(held)]
    assert (found.offers[0].pill[1], found.offers[0].offer.through) == ("Counts", date(2027, 9, 1))


async def test_an_exemption_is_shown_with_the_words_of_the_pack_and_who_said_so() -> None:
    who, _ = await placed(facts={"has_talk": True})
    found = await explain(who)
    assert found.finding.state is State.EXEMPT
    (exemption,) = found.exemptions
    assert exemption.reason == "You need no talk if you heard it in another district."
    assert (exemption.only_if_stated, exemption.node.truth) == (True, True)
    assert exemption.node.facts[0].source == "Rosa told us"


async def test_a_missing_fact_says_whom_to_ask() -> None:
    who, _ = await placed()
    found = await explain(who, "alder.driving")
    assert found.finding.state is State.UNKNOWN
    assert found.applies is not None
    (fact,) = found.applies.facts
    assert (found.applies.truth, fact.value, fact.source) == (None, None, "ask Rosa")
    assert (await explain(who, "alder.adult")).finding.state is State.NOT_REQUIRED


async def test_a_waiver_of_this_place_is_named_and_counts_on_its_days_only() -> None:
    who, placement = await placed()
    new = NewWaiver(
        sections=("Alder policy 6.1",), granted_by="Board of Alder Unified", starts_on=TODAY, ends_on=date(2026, 12, 31)
    )
    await changes.apply(HR, RecordWaiver(waiver=new), "Granted at the November meeting")
    found = await explain(who)
    assert found.finding.state is State.WAIVED
    assert [(waiver.id, waiver.until) for waiver in found.waivers] == [("W-1", date(2026, 12, 31))]
    after = await explain(who, placement=placement, on=date(2027, 1, 1))
    assert after.finding.state is State.MISSING
    assert (after.on, after.today) == (date(2027, 1, 1), TODAY)
    assert "W-1 ended" in str(after.finding.reason)


async def test_a_rule_under_review_helps_and_hinders_nobody() -> None:
    who, _ = await placed()
    found = await explain(who, "alder.badge")
    assert (found.finding.state, found.helps, found.consequence) == (State.NEEDS_REVIEW, (), "It does not stop the work.")
    assert found.periods[0].confidence == "unconfirmed"


async def test_a_broken_demand_shows_the_condition_that_is_not_so() -> None:
    who, _ = await placed({"trips": True}, born_on=date(2010, 3, 2))
    found = await explain(who, "alder.adult")
    assert found.finding.state is State.VIOLATED
    (demand,) = found.demands
    assert (demand.otherwise, demand.node.truth) == ("Trips are for people of 18 and older.", False)
    assert (demand.node.facts[0].value, demand.node.facts[0].source) == ("16", "worked out from other facts")
    assert found.changes_on == date(2028, 3, 2), "the 18th birthday"


async def test_every_rule_of_real_packs_is_explained_as_the_decision_says() -> None:
    placement = await cleared()
    async with tenant_transaction("alder"):
        (row,) = await explaining.Placement.select(explaining.Placement.person).where(explaining.Placement.id == placement)
        decision = await readiness.decision_of(row["person"], placement_id=placement)
    assert len(decision.findings) > 15
    for finding in decision.findings:
        found = await explain(row["person"], finding.rule, placement=placement)
        assert found.finding == finding
        assert found.trace is None or found.trace.state == finding.state
        counted = [o for o in found.offers if o.pill[1] == "Counts" and finding.state is State.MET and finding.holds_until]
        assert not counted or any(
            o.offer.through is None or o.offer.through >= date.fromordinal(finding.holds_until.toordinal() - 1) for o in counted
        )
        assert all(node.truth is not None or node.facts or node.parts for node in flat(found.applies))


async def test_a_position_is_explained_before_anybody_is_placed_there() -> None:
    who = await make_person("alder", called="Rosa")
    position = await make_position("alder", title="Mentor", terms={**TERMS, "trips": True})
    found = await explain(who, "alder.adult", position=position)
    assert (found.work.placement, found.work.position, found.work.title) == (None, position, "Mentor")
    assert found.finding.state is State.MET
    with pytest.raises(NotFound, match="no work yet"):
        await explain(who, "alder.adult")


async def test_what_is_not_there_or_not_ours_is_not_found() -> None:
    who, _ = await placed()
    _, others = await placed()
    with pytest.raises(NotFound, match="No such rule"):
        await explain(who, "alder.nonsense")
    with pytest.raises(NotFound, match="No such rule"):
        await explain(who, "ca.vol.tb")
    with pytest.raises(NotFound, match="no such placement"):
        await explain(who, placement=others)
    with pytest.raises(NotFound, match="no such position"):
        await explain(who, position=uuid4())
    await make_tenant("birch", jurisdiction="us-pa")
    with pytest.raises(NotFound, match="no such person"):
        await explaining.why(Actor(tenant="birch", name="Bo", role="hr"), who, "alder.talk")
    with pytest.raises(NotAllowed):
        await explaining.why(Actor(tenant="alder", name="Rosa", role="volunteer", person=who), who, "alder.talk")


async def own(who: UUID, placement: UUID, rule: str = "alder.talk") -> own_ways.Ways:
    account = await make_account("alder", role="volunteer", person=who)
    return await own_ways.ways(Actor(tenant="alder", name="Rosa", role="volunteer", person=who, account=account), rule, placement)


async def test_a_person_is_told_what_they_may_bring_and_the_exemption_only_they_can_claim() -> None:
    who, placement = await placed()
    found = await own(who, placement)
    one, together = found.bring
    assert ([i.name for i in one.items], one.lasting) == (["Orientation"], own_ways.Limit("months", 12))
    assert [i.name for i in together.items] == ["Signed affirmation", "Assessment result"]
    assert together.items[1].limits == (own_ways.Limit("issued_from", date(2026, 1, 1)),)
    (claim,) = found.claims
    assert claim.reason == "You need no talk if you heard it in another district."
    assert [spec.name for spec in claim.asks] == ["person.has_talk"]


async def test_what_was_said_already_is_no_claim_and_what_is_settled_needs_nothing() -> None:
    who, placement = await placed(facts={"has_talk": False, "drives": False})
    assert (await own(who, placement)).claims == ()
    assert await own(who, placement, "alder.driving") == own_ways.NONE
    await make_evidence("alder", person=who, kind="orientation", result=None, issued_on=TODAY)
    assert await own(who, placement) == own_ways.NONE


async def test_a_step_of_the_districts_is_nothing_to_bring() -> None:
    who, placement = await placed({"trips": True}, born_on=date(2010, 3, 2))
    assert await own(who, placement, "alder.adult") == own_ways.NONE
    assert await own(who, placement, "alder.nonsense") == own_ways.NONE
    with pytest.raises(NotFound):
        await own(who, (await placed())[1])
