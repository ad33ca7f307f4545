"""Deciding for a whole district gives each person what deciding for that person alone gives, kept so that pages read it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import asyncpg
import msgspec
import pytest

from staffing.core.findings import Decision as Decided
from staffing.services import demo, due, readiness, whole_district
from staffing.services.actors import system
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, DecisionPart, Evidence, Journal, Person, Placement, Tenant
from tests.factories import make_decision, make_evidence, make_person, make_placement, make_tenant
from tests.services.cleared import TERMS, cleared, make_alder


@pytest.fixture
async def alder(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    return await make_alder()


async def current(tenant: str = "alder") -> dict[UUID, dict]:
    async with tenant_transaction(tenant):
        rows = await Decision.select().where(Decision.current.eq(True))
    return {row["placement"]: row for row in rows}


async def entries(action: str) -> list[dict]:
    async with tenant_transaction("alder"):
        found = await Journal.select().where(Journal.action == action).order_by(Journal.id).output(load_json=True)
    return [row["facts"] for row in found]


def as_kept(decision: Decided) -> Decided:
    return readiness.stored(msgspec.json.encode(decision))


async def test_everybody_in_the_demonstration_is_decided_as_if_alone(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await demo.load()
    seen = 0
    for tenant in [row["id"] for row in await Tenant.select(Tenant.id)]:
        await whole_district.take_all(tenant, "test")
        kept = await current(tenant)
        async with tenant_transaction(tenant):
            taken = await readiness.taken([row["id"] for row in kept.values()])
            placements = await Placement.select(Placement.id, Placement.person).where(Placement.state.is_in(["wished", "placed"]))
            for placement in placements:
                row = kept[placement["id"]]
                alone = await readiness.decision_of(placement["person"], placement_id=placement["id"])
                assert taken[row["id"]] == as_kept(alone)
                assert row["id"] in await readiness.refresh(placement["person"], system(tenant)), "the same decision again"
                seen += 1
    assert seen > 200


async def test_other_processes_help_and_each_stretch_is_kept(alder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    placements = [await cleared(checked_on=date(2021, month, 3)) for month in range(1, 9)]
    monkeypatch.setattr(whole_district, "STRETCH", 2)
    assert await whole_district.take_all("alder", "test", processes=2) == 8
    assert set(await current()) == set(placements)
    assert (await entries("decisions:taken"))[-1]["first"] == 8


async def test_a_second_pass_on_the_same_day_changes_nothing(alder: str) -> None:
    await cleared()
    await whole_district.take_all("alder", "test")
    before = await current()
    await whole_district.take_all("alder", "test")
    assert await current() == before
    assert len(await entries("decisions:taken")) == 1
    assert await whole_district.take_due("alder", "test") == 0


async def test_a_changed_outcome_has_its_own_entry_and_the_pass_one_that_counts(
    alder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, holds = await cleared(checked_on=date(2022, 1, 10)), await cleared()
    await due.retake_in("alder")
    assert len(await entries("decision:taken")) == 2, "first decisions about a few are told one by one"
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-11")
    assert await whole_district.take_all("alder", "a new rule") == 2
    told = (await entries("decision:taken"))[2:]
    assert [(entry["placement"], entry["before"], entry["after"], entry["why"]) for entry in told] == [
        (str(ends), "advise", "block", "a new rule")
    ]
    summary = (await entries("decisions:taken"))[-1]
    assert (summary["people"], summary["again"], summary["changed"]) == (2, 2, {"advise > block": 1})
    kept = await current()
    assert (kept[ends]["outcome"], kept[holds]["outcome"]) == ("block", "allow")
    assert await journal.verify("alder") is None


async def test_odd_evidence_and_facts_are_read_as_they_are(alder: str) -> None:
    placement = await cleared()
    async with tenant_transaction("alder"):
        (row,) = await Placement.select(Placement.person).where(Placement.id == placement)
        await Person.update({Person.facts: '{"relationship": "parent", "other": ["a", {"b": 1}]}'}).where(
            Person.id == row["person"]
        )
    who = row["person"]
    await make_evidence("alder", person=who, kind="fbi_fingerprint", state="initiated", requested_on=date(2026, 11, 1))
    await make_evidence("alder", person=who, kind="us-pa:été", issued_on=None, issuer="Ämt", detail={"level": 2, "é": True})
    await make_evidence("alder", person=who, kind="tb_screening", issued_on=date(2027, 1, 1), expires_on=date(2028, 1, 1))
    withdrawn = await make_evidence("alder", person=who, kind="affirmation", result="not_clear", issued_on=date(2026, 1, 1))
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(Evidence.id == withdrawn)
    await whole_district.take_all("alder", "test")
    kept = (await current())[placement]
    async with tenant_transaction("alder"):
        alone = await readiness.decision_of(who, placement_id=placement)
        assert (await readiness.taken([kept["id"]]))[kept["id"]] == as_kept(alone)


async def test_somebody_without_evidence_or_with_two_placements_is_decided_too(alder: str) -> None:
    who = await make_person("alder")
    for _ in range(2):
        await make_placement("alder", person=who, terms=TERMS)
    assert await whole_district.take_all("alder", "test") == 1
    assert [row["outcome"] for row in (await current()).values()] == ["block", "block"]


async def test_what_is_said_of_many_is_kept_once(alder: str) -> None:
    for _ in range(5):
        await cleared()
    await whole_district.take_all("alder", "test")
    async with tenant_transaction("alder"):
        parts = await DecisionPart.count()
        named = {finding.rule for row in (await readiness.taken([r["id"] for r in (await current()).values()])).values()
                 for finding in row.findings}  # fmt: skip
    assert parts == len(named) + 1


async def test_a_pass_touches_no_other_district(alder: str) -> None:
    await cleared()
    assert await whole_district.take_all("alder", "test") == 1
    await make_tenant("birch", jurisdiction="us-pa")
    assert await whole_district.take_all("birch", "test") == 0
    assert await current("birch") == {}


async def test_a_decision_is_about_the_person_whose_placement_it_is_and_stays_so(alder: str) -> None:
    placement = await cleared()
    await whole_district.take_all("alder", "test")
    other = await make_person("alder")
    row = (await current())[placement]
    for change in (
        lambda: make_decision(person=other, placement=placement),
        lambda: Decision.update({Decision.person: other}).where(Decision.id == row["id"]),
        lambda: Placement.update({Placement.person: other}).where(Placement.id == placement),
        lambda: Placement.delete().where(Placement.id == placement),
    ):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with tenant_transaction("alder"):
                await Decision.update({Decision.current: False}).where(Decision.id == row["id"])
                await change()
    assert (await current())[placement] == row


async def test_who_has_no_decision_is_noted_until_somebody_decides(alder: str) -> None:
    placement = await cleared()
    async with tenant_transaction("alder") as transaction:
        assert await transaction.connection.fetchval("SELECT count(*) FROM undecided") == 1
        (row,) = await Placement.select(Placement.person).where(Placement.id == placement)
        await readiness.refresh(row["person"], system("alder"))
    assert await whole_district.take_due("alder", "test") == 0, "a page has decided already"
    second = await make_placement("alder", person=row["person"], terms=TERMS)
    assert await whole_district.take_due("alder", "test") == 1
    assert set(await current()) == {placement, second}
    async with tenant_transaction("alder") as transaction:
        assert await transaction.connection.fetchval("SELECT count(*) FROM undecided") == 0


async def test_papers_alike_share_a_pattern_and_others_do_not(alder: str) -> None:
    who = await make_person("alder")
    first = {"kind": "fbi_fingerprint", "issued_on": date(2026, 1, 1)}
    differing = (
        {}, {}, {"issued_on": date(2026, 1, 2)}, {"issued_on": None}, {"issued_on": None, "requested_on": date(2026, 1, 1)},
        {"requested_on": date(2026, 1, 1)}, {"expires_on": date(2026, 1, 1)}, {"kind": "tb_screening"}, {"state": "initiated"},
        {"result": "qualified"}, {"purpose": "volunteer"}, {"issuer": "volunteer"}, {"holder": "volunteer"},
        {"jurisdiction": "volunteer"}, {"issuer": "a','b"}, {"issuer": "a", "holder": "b"}, {"issuer": "\\"},
        {"detail": {"level": 2}}, {"detail": {"level": "2"}},
    )  # fmt: skip
    made = [await make_evidence("alder", person=who, **{**first, **more}) for more in differing]
    async with tenant_transaction("alder") as transaction:
        rows = await transaction.connection.fetch("SELECT id, pattern FROM evidence")
    patterns = {row["id"]: row["pattern"] for row in rows}
    assert patterns[made[0]] == patterns[made[1]]
    assert len(set(patterns.values())) == len(made) - 1
