"""The people list and one person's record: how each stands, in which words, on any day."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from staffing.core.errors import NotAllowed, NotFound
from staffing.core.names import fold, search_name
from staffing.services import history, people, readiness, review, rosters
from staffing.services.actors import Actor, system
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement
from tests.factories import make_evidence, make_person, make_tenant
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_hr, make_volunteer, send_in


@pytest.fixture
async def desk(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


def test_names_are_found_without_accents_case_or_order() -> None:
    assert fold("Đặng Thùy Linh") == "dang thuy linh"
    assert fold("O’Donnell-Müller") == "odonnell muller"
    assert search_name("نور", "الخطيب", "Noor Al-Khatib") == "نور الخطيب noor al khatib"
    assert search_name("美玲", "王") == "美玲 王"


async def test_people_are_found_by_any_part_of_their_name_in_any_script(desk: Desk) -> None:
    await make_volunteer(desk.position, desk.site, given="美玲", family="王")
    await make_volunteer(desk.position, desk.site, given="José", family="Núñez")

    async def names(words: str) -> list[str]:
        return [r.name for r in (await people.people(desk.hr, words)).rows]

    assert await names("linh DANG") == ["Thùy Linh Đặng"]
    assert await names("王") == ["王美玲"]
    assert await names("nunez jose") == ["José Núñez"]
    assert await names("100%") == []


async def test_each_person_is_counted_where_the_next_step_is(desk: Desk) -> None:
    await make_person("alder", given_name="Nobody", family_name="Yet", search_name="nobody yet")
    ready, _ = await make_volunteer(desk.position, desk.site, given="Rita", family="Ready")
    await give_papers(ready)
    lapsing, _ = await make_volunteer(desk.position, desk.site, given="Lars", family="Lapsing")
    await give_papers(lapsing, issued_on=date(2021, 12, 10))
    sent, _ = await make_volunteer(desk.position, desk.site, given="Sana", family="Sent")
    await send_in(sent)

    found = await people.people(desk.hr)

    assert {r.name: r.status for r in found.rows} == {
        "Lars Lapsing": "expiring",
        "Nobody Yet": "none",
        "Rita Ready": "ready",
        "Sana Sent": "us",
        "Thùy Linh Đặng": "them",
    }
    assert found.counts == {"us": 1, "them": 1, "others": 0, "expiring": 1, "ready": 1, "none": 1}
    assert [r.name for r in (await people.people(desk.hr, status="expiring")).rows] == ["Lars Lapsing"]
    assert [r.name for r in (await people.people(desk.hr, show="unplaced")).rows] == ["Lars Lapsing", "Rita Ready"]


async def test_a_decision_whose_day_has_passed_is_taken_again_when_it_is_shown(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give_papers(desk.person, issued_on=date(2021, 12, 10))
    assert (await people.people(desk.hr)).rows[0].word == "Ready"

    monkeypatch.setenv("STAFFING_TODAY", "2027-01-15")

    row = (await people.people(desk.hr)).rows[0]
    assert (row.word, row.status) == ("Not ready yet", "them")


async def test_the_record_says_what_is_left_whose_move_it_is_and_under_which_law(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history", "state_criminal_history")
    await send_in(desk.person, kind="state_criminal_history")
    await review.record_evidence(
        desk.hr,
        desk.person,
        review.Reading(kind="child_abuse_history", issued_on=date(2026, 11, 20), state="initiated"),
        "receipt",
    )

    r = await people.record(desk.hr, desk.person)

    assert r.verdict is not None
    assert r.verdict.headline == f"Not ready yet: 2 of {r.verdict.total} left"
    assert [q.rule for q in r.groups["ours"]] == ["pa.vol.psp"]
    assert r.groups["ours"][0].word == "Waiting for review"
    assert [q.rule for q in r.groups["others"]] == ["pa.vol.child_abuse"]
    assert r.groups["theirs"] == []
    done = {q.rule: q for q in r.groups["done"]}
    assert done["pa.vol.affirmation"].citation.startswith("23 Pa.C.S.")
    assert done["pa.vol.affirmation"].layer == "State law"
    assert any("pa.emp" in q.rule for q in r.groups["aside"])
    assert not r.can_do[0].clears
    assert (date(2026, 12, 1), "Would like to start", True) in r.dates


async def test_the_record_is_decided_for_any_day_asked_about(desk: Desk) -> None:
    await give_papers(desk.person, issued_on=date(2026, 5, 2))

    now = await people.record(desk.hr, desk.person)
    later = await people.record(desk.hr, desk.person, date(2031, 6, 1))

    assert now.verdict is not None
    assert now.verdict.clears
    assert now.can_do[0].clears
    assert later.verdict is not None
    assert not later.verdict.clears
    assert any(q.word == "Run out" for q in later.groups["theirs"])
    assert later.on == date(2031, 6, 1)


async def test_the_history_tells_who_did_what_and_why(desk: Desk) -> None:
    document = await send_in(desk.person)
    await review.send_back(desk.hr, document, 1, "unreadable")

    entry = next(e for e in (await people.record(desk.hr, desk.person)).entries if e.action == "document:sent_back")

    assert (entry.who, entry.did) == ("Denise Okafor", "asked for a new copy: Child abuse history check")
    assert ("Why", "It cannot be read") in entry.facts
    assert (await history.chain(desk.hr)).whole is True


async def test_somebody_elses_person_or_placement_is_not_found(desk: Desk) -> None:
    await make_tenant("birch", jurisdiction="us-pa")
    stranger = Actor(tenant="birch", name="Elsewhere", role="hr", account=uuid4())
    _, other_wish = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad")

    with pytest.raises(NotFound):
        await people.record(stranger, desk.person)
    with pytest.raises(NotFound):
        await people.record(desk.hr, desk.person, placement_id=other_wish)
    with pytest.raises(NotAllowed):
        await people.people(await make_hr("Uma", role="union"))


async def test_a_partner_sees_only_its_own_people_and_never_what_is_missing(desk: Desk) -> None:
    await make_volunteer(desk.position, desk.site, given="Not", family="Theirs")
    partner = await make_hr("Pat Lee", role="partner", organisation=desk.organisation)

    found = await rosters.partner(partner)

    assert [(r.name, r.cleared, r.move) for r in found.rows] == [("Thùy Linh Đặng", False, "Their move")]
    assert not {"missing", "findings", "evidence"} & set(rosters.Cleared.__struct_fields__)


async def test_the_site_sees_who_may_be_here_today(desk: Desk) -> None:
    coordinator = await make_hr("Cleo Park", role="coordinator", site=desk.site)
    assert (await rosters.site_day(coordinator)).rows == []
    async with tenant_transaction("alder"):
        await Placement.update({Placement.state: "placed", Placement.starts_on: date(2026, 11, 2)}).where(
            Placement.id == desk.wish
        )
        await readiness.refresh(desk.person, system("alder"))

    day = await rosters.site_day(coordinator)
    assert [(r.name, r.may_work) for r in day.rows] == [("Thùy Linh Đặng", False)]
    await give_papers(desk.person)
    assert (await rosters.site_day(coordinator)).may_work == 1


async def test_the_union_sees_duties_and_counts_without_names(desk: Desk) -> None:
    duties = await rosters.duties(await make_hr("Uma", role="union"))

    assert [(d.title, d.placed, d.places, d.wished, d.paid) for d in duties] == [("Reading tutor", 0, 1, 1, False)]
    assert "Linh" not in str(duties)


def test_small_groups_are_hidden_so_that_none_can_be_worked_out() -> None:
    assert rosters.protect({"a": 40, "b": 12, "c": 0}) == {"a": 40, "b": 12, "c": 0}
    assert rosters.protect({"a": 40, "b": 12, "c": 3}) == {"a": 40, "b": None, "c": None}
    assert rosters.protect({"a": 40, "b": 6, "c": 5}) == {"a": 40, "b": None, "c": None}
    assert rosters.protect({"a": 40, "b": 2, "c": 3}) == {"a": None, "b": None, "c": None}


async def test_the_cabinet_sees_stages_with_small_groups_hidden(desk: Desk) -> None:
    cabinet = await make_hr("Cai", role="cabinet")
    few = await rosters.stages(cabinet)
    assert few.total is None
    for n in range(11):
        await make_person("alder", given_name="Extra", family_name=str(n), search_name=f"extra {n}")

    many = await rosters.stages(cabinet)

    assert many.total == 12
    assert {s.name: s.people for s in many.rows} == {
        "none": None,
        "them": None,
        "us": 0,
        "others": 0,
        "ready": 0,
        "expiring": 0,
    }


async def test_withdrawn_evidence_stays_on_the_record_and_does_not_count(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    await make_evidence(
        "alder", person=desk.person, kind="child_abuse_history", issued_on=date(2026, 5, 2), jurisdiction="us-pa", withdrawn=True
    )

    r = await people.record(desk.hr, desk.person, date(2026, 11, 25))

    assert r.verdict is not None
    assert not r.verdict.clears
    assert sum(e["withdrawn"] for e in r.evidence) == 1
