"""Waivers as both sides see them: what is usual in a place, what nobody may waive, the union's step, and who relies on one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from plugins.union_agreement.rules import waiver_terms
from plugins.union_agreement.rules.waiver_terms import STEPS, terms
from plugins.union_agreement.services import waiver_files
from plugins.union_agreement.services.waiver_files import Details
from plugins.union_agreement.tables import WaiverFile
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.services.district_rules import changes
from staffing.services.district_rules.changes import RecordWaiver
from staffing.services.district_rules.waivers import NewWaiver
from staffing.store.engine import tenant_transaction
from tests.plugins.union_agreement.parties import Parties, district, journal, sides_of
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import ORIENTATION, TODAY, admin, adopt, outcomes

LAST = date(2027, 6, 30)
GIVEN = Details(subject="qualifications", authority="Alder policy 1.9", union_step="notice")


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> Parties:
    """A district in Pennsylvania with its own rule that its board may waive, and both sides."""
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    return await sides_of("alder")


async def waive(tenant: str = "alder", **given: Any) -> str:
    values: dict[str, Any] = {
        "sections": ("Alder policy 4.1",),
        "granted_by": "Board of Alder Unified",
        "starts_on": TODAY,
        "ends_on": LAST,
    }
    return await changes.apply(admin(tenant), RecordWaiver(waiver=NewWaiver(**values | given)), "Granted in November")


async def one(viewer: Any, number: str = "W-1") -> waiver_files.Shown:
    return (await waiver_files.page(viewer, number)).waivers[0]


def says(shown: waiver_files.Shown) -> str:
    return " ".join(todo.says for todo in shown.todo)


# --- what is known of places ---


@pytest.mark.parametrize(
    ("place", "months", "confidence", "step"),
    [
        ("us-ca", 24, "low", "participation_recorded"),
        ("us-co", None, "high", "member_vote"),
        ("us-ma", 60, "low", "member_vote"),
        ("us-oh", None, "high", "written_consent_required"),
        ("us-il-chicago", 60, "low", "notice"),
        ("us-tn", 12, "high", "none"),
        ("us-ky", 60, "low", "member_vote"),
    ],
)
def test_each_place_has_its_term_and_the_union_s_step_and_what_was_recalled_is_low(place, months, confidence, step):
    found = terms(place)
    assert found is not None
    assert found.term is not None
    assert (found.term.months, found.term.confidence, found.union.step) == (months, confidence, step)
    assert step in STEPS


def test_in_pennsylvania_nobody_grants_waivers_today_and_of_rhode_island_nothing_is_known():
    found = terms("us-pa")
    assert found is not None
    assert (found.no_authority, found.term, found.authority) == (True, None, "")
    assert terms("us-ri") is None
    assert terms("us-riviera") is None


def test_what_is_said_without_low_confidence_has_its_source():
    for place in ("us-ca", "us-co", "us-ma", "us-oh", "us-il", "us-tn", "us-ky", "us-pa"):
        found = terms(place)
        assert found is not None
        for said in filter(None, (found, found.term, found.union, found.posted, found.never)):
            assert said.confidence == "low" or said.sources, (place, said)
            assert all(source.url.startswith("http") for source in said.sources)


def test_the_usual_last_day_is_the_day_before_the_same_day_so_many_months_on():
    tennessee, california = terms("us-tn"), terms("us-ca")
    assert tennessee is not None
    assert california is not None
    assert tennessee.usual_end(date(2026, 7, 1)) == date(2027, 6, 30)
    assert california.usual_end(date(2026, 7, 1)) == date(2028, 6, 29), "two years less one day"


@pytest.mark.parametrize("place", ["us-ca", "us-tn", "us-pa", "us-ri", "us-nowhere"])
@pytest.mark.parametrize("subject", ["background_checks", "fingerprinting", "special_education", "immunization", "open_meetings"])
def test_these_are_waived_by_nobody_anywhere(place, subject):
    assert "nobody may waive this" in waiver_terms.refusal(subject, place)


@pytest.mark.parametrize(
    ("place", "subject", "refused"),
    [
        ("us-tn", "licensure", True),
        ("us-il", "licensure", True),
        ("us-ca", "licensure", False),
        ("us-tn", "class_size", True),
        ("us-oh", "class_size", False),
        ("us-co", "data_reporting", True),
        ("us-ca", "qualifications", False),
    ],
)
def test_what_a_state_lets_nobody_waive_is_refused_there_alone(place, subject, refused):
    assert bool(waiver_terms.refusal(subject, place)) is refused


# --- what belongs to a waiver ---


async def test_what_is_usual_in_the_place_is_shown_until_hr_enters_it(alder: Parties) -> None:
    await waive()
    shown = await one(alder.hr)
    assert (shown.kept, shown.details.union_step) == (False, "none")
    assert "HR has not entered what belongs to it" in says(shown)
    assert "Nobody grants waivers of state rules in Pennsylvania today." in says(shown)
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    shown = await one(alder.union)
    assert (shown.kept, shown.details, shown.renew_by) == (True, GIVEN, LAST - timedelta(days=90))
    (entry,) = await journal(alder, "waiver:details")
    assert (entry["facts"]["about"], entry["facts"]["waiver"]) == ("qualifications", "W-1")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"subject": "background_checks"}, "subject", "nobody may waive this"),
        ({"subject": ""}, "subject", "Choose what it is about"),
        ({"authority": " "}, "authority", "Name the law"),
        ({"kind": "favour"}, "kind", "Choose whether"),
        ({"union_step": "shrug"}, "union_step", "Choose the union's step"),
        ({"renewal_lead_days": 1000}, "renewal_lead_days", "0 to 730"),
        ({"renewal_asked_on": TODAY + timedelta(days=1)}, "renewal_asked_on", "has not come"),
        ({"posted_url": "javascript:alert(1)"}, "posted_url", "starting with https"),
    ],
)
async def test_what_cannot_be_is_refused_by_field_and_nothing_is_kept(
    alder: Parties, given: dict[str, Any], field: str, words: str
) -> None:
    await waive()
    told = {name: getattr(GIVEN, name) for name in Details.__struct_fields__} | given
    with pytest.raises(Invalid) as refused:
        await waiver_files.keep(alder.hr, "W-1", Details(**told))
    assert set(refused.value.fields) == {field}
    assert words in refused.value.fields[field]
    async with tenant_transaction("alder"):
        assert await WaiverFile.count() == 0


async def test_a_waiver_without_a_last_day_is_said_to_lack_it_and_a_standing_flexibility_is_not(alder: Parties) -> None:
    await waive(ends_on=None)
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    assert "last day is not on record, so it would never end" in says(await one(alder.hr))
    await waiver_files.keep(
        alder.hr, "W-1", Details(subject="instructional_time", authority="The law", kind="standing_flexibility")
    )
    assert "never end" not in says(await one(alder.hr))


async def test_renewal_that_is_due_is_said_until_it_was_asked_for(alder: Parties) -> None:
    await waive(ends_on=TODAY + timedelta(days=60))
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    assert "Renewal should have been asked for by October 25, 2026." in says(await one(alder.hr))
    asked = Details(subject="qualifications", authority="Alder policy 1.9", renewal_asked_on=TODAY)
    await waiver_files.keep(alder.hr, "W-1", asked)
    assert "Renewal" not in says(await one(alder.hr))


async def test_in_tennessee_one_without_a_last_day_would_usually_last_a_year(alder: Parties) -> None:
    birch = await district("birch", "us-tn")
    await waive("birch", ends_on=None)
    shown = await one(birch.hr)
    assert shown.usual_end == date(2027, 11, 23)
    assert "Here one usually lasts through November 23, 2027." in says(shown)
    with pytest.raises(NotFound):
        await waiver_files.page(alder.hr, "W-1")


# --- the union's step ---


async def test_either_side_records_that_the_union_was_told(alder: Parties) -> None:
    await waive()
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    assert "The written notice to the union is not on record yet." in says(await one(alder.union))
    await waiver_files.step_taken(alder.hr, "W-1", TODAY, "Letter to the president.")
    shown = await one(alder.union)
    assert (shown.step_on, shown.step_says) == (TODAY, "Letter to the president.")
    assert "not on record yet" not in says(shown)


@pytest.mark.parametrize("step", ["written_consent_required", "member_vote"])
async def test_the_district_neither_consents_nor_votes_for_the_union(alder: Parties, step: str) -> None:
    await waive()
    await waiver_files.keep(alder.hr, "W-1", Details(subject="qualifications", authority="A law", union_step=step))
    with pytest.raises(NotAllowed, match="an officer of the union records it, not the district"):
        await waiver_files.step_taken(alder.hr, "W-1", TODAY, "They agreed.")
    with pytest.raises(NotAllowed):
        await waiver_files.step_taken(alder.unregistered, "W-1", TODAY, "We agreed.")
    await waiver_files.step_taken(alder.union, "W-1", TODAY, "112 for, 18 against.")
    assert (await one(alder.hr)).step_says == "112 for, 18 against."
    (entry,) = await journal(alder, "waiver:union_step")
    assert entry["facts"]["step"] == step


async def test_a_step_needs_words_a_day_that_has_come_and_a_waiver_that_asks_for_one(alder: Parties) -> None:
    await waive()
    with pytest.raises(Conflict, match="HR has not entered"):
        await waiver_files.step_taken(alder.union, "W-1", TODAY, "Told.")
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    with pytest.raises(Invalid, match="Say in a sentence"):
        await waiver_files.step_taken(alder.union, "W-1", TODAY, " ")
    with pytest.raises(Invalid, match="has not come"):
        await waiver_files.step_taken(alder.union, "W-1", TODAY + timedelta(days=1), "Told.")
    await waiver_files.keep(alder.hr, "W-1", Details(subject="qualifications", authority="A law"))
    with pytest.raises(Conflict, match="No step of the union is asked for"):
        await waiver_files.step_taken(alder.union, "W-1", TODAY, "Told.")


async def test_another_step_asked_for_takes_the_old_one_off(alder: Parties) -> None:
    await waive()
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    await waiver_files.step_taken(alder.union, "W-1", TODAY, "Told.")
    await waiver_files.keep(alder.hr, "W-1", Details(subject="qualifications", authority="A law", union_step="member_vote"))
    assert (await one(alder.hr)).step_on is None


async def test_the_details_are_hr_s_and_the_union_reads_them(alder: Parties) -> None:
    await waive(conditions="An evening at each school.")
    for ask in (
        waiver_files.keep(alder.union, "W-1", GIVEN),
        waiver_files.condition_kept(alder.union, "W-1", TODAY, "Kept."),
    ):
        with pytest.raises(NotAllowed):
            await ask
    await waiver_files.keep(alder.hr, "W-1", GIVEN)
    assert "Nobody has recorded that what was promised instead is kept" in says(await one(alder.union))
    await waiver_files.condition_kept(alder.hr, "W-1", TODAY, "Held at three schools; lists signed.")
    shown = await one(alder.union)
    assert [kept["says"] for kept in shown.conditions] == ["Held at three schools; lists signed."]
    assert "promised" not in says(shown)


# --- who relies on it ---

MILD = ORIENTATION.replace("        valid: once", "        valid: once\n        missing: needs_notice")


@pytest.mark.parametrize("text", [ORIENTATION, MILD], ids=["the rule holds", "the rule is milder"])
async def test_both_sides_see_who_relies_on_a_waiver_and_that_they_go_on_hold_when_it_ends(alder: Parties, text: str) -> None:
    await cleared()
    await cleared()
    await adopt(text)
    await waive()
    await outcomes()
    for viewer in (alder.hr, alder.union):
        shown = await one(viewer)
        assert (shown.relying.total, shown.relying.stop_after, shown.relying.day_after) == (2, 2, LAST + timedelta(days=1))
        assert {(one_.today.value, one_.after.value if one_.after else "") for one_ in shown.relying.placements} == {
            ("allow", "hold")
        }
        assert sum(n for _, _, n in shown.places) == 2


async def test_a_waiver_of_a_clearance_is_said_to_change_nothing(alder: Parties) -> None:
    await waive(sections=("pa.vol.psp",))
    shown = await one(alder.hr)
    assert shown.todo[0].level == "bad"
    assert shown.todo[0].says.startswith("It names a rule that nobody may waive, and changes nothing there")
