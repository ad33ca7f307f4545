"""The demonstration: eleven communities in an empty database, everybody invented, every stage and role to be found."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from staffing import clock
from staffing.core.case import Case
from staffing.core.errors import Conflict
from staffing.core.evidence import WITH_RESULT
from staffing.core.findings import Decision as Decided
from staffing.core.findings import State
from staffing.services import demo, readiness
from staffing.services.demo.cast import Invented, cast, possible
from staffing.services.demo.communities import Community, DemoPosition, agreed, communities, stages
from staffing.services.demo.law import law_of, rules_of
from staffing.services.demo.loading import load_community
from staffing.services.demo.papers import paper
from staffing.services.demo.standing import Standing, stand
from staffing.store import files, journal
from staffing.store.engine import tenant_transaction
from staffing.store.pool import close_pool, open_pool
from staffing.store.tables import (
    Account,
    Credential,
    Decision,
    Document,
    Evidence,
    Organisation,
    Person,
    Placement,
    Position,
    Site,
    Tenant,
)
from tests.conftest import NewDatabase

IDS = {
    "oakland",
    "louisville",
    "providence",
    "salem",
    "somerville",
    "newton",
    "dayton",
    "memphis",
    "chicago",
    "lehigh-valley",
    "cottonwood-mesa",
}
DAYS = (date(2026, 11, 24), date(2027, 2, 28), date(2027, 5, 29), date(2027, 8, 15), date(2028, 1, 3))


@pytest.fixture
async def loaded(database: str) -> AsyncIterator[list[str]]:
    """A database with the demonstration in it."""
    yield await demo.load()


async def by_stage(tenant: str) -> dict[str, list[dict[str, Any]]]:
    """Rows of placements with their decision, by the stage of the cast they belong to."""
    community = next(c for c in communities() if c.id == tenant)
    async with tenant_transaction(tenant):
        rows = (
            await Decision.select(
                Decision.outcome, Decision.holds_until, Decision.placement.state, Decision.person, Decision.person.email
            )
            .where(Decision.current.eq(True))
            .output(nested=False)
        )
    found = {row["person.email"]: row for row in rows}
    people: dict[str, list[dict[str, Any]]] = {}
    for person in cast(community, clock.today(community.time_zone)):
        people.setdefault(person.stage, []).append(found[person.email])
    return people


async def test_all_eleven_communities_are_loaded_and_marked_as_invented(loaded: list[str]) -> None:
    assert set(loaded) == IDS
    rows = await Tenant.select()
    assert {row["id"] for row in rows} == IDS
    assert all(row["invented"] for row in rows)
    assert Counter(row["jurisdiction"] for row in rows) == {
        "us-ma": 3,
        **dict.fromkeys(("us-ca", "us-ky", "us-ri", "us-oh", "us-tn", "us-il", "us-pa", "us-co"), 1),
    }


async def test_everybody_in_it_is_invented(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            assert await Person.count() >= 25
            assert not await Person.exists().where(Person.invented.eq(False))
    assert not await Account.exists().where(Account.invented.eq(False))
    assert all(account.email.endswith(".example") for account in await demo.accounts())


async def test_each_community_has_places_on_and_off_campus_and_partners_of_different_kinds(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            sites = await Site.select(Site.setting)
            assert 3 <= len(sites) <= 5
            assert {site["setting"] for site in sites} == {"campus", "off_campus"}
            kinds = [row["kind"] for row in await Organisation.select(Organisation.kind)]
            assert kinds.count("district") == 1
            assert len({kind for kind in kinds if kind != "district"}) >= 2
            assert 4 <= await Position.count().where(Position.open.eq(True)) <= 7


async def test_there_is_somebody_of_every_role_to_sign_in_as(loaded: list[str]) -> None:
    roles: dict[str, set[str]] = {}
    for account in await demo.accounts():
        roles.setdefault(account.tenant, set()).add(account.role)
    every = {"hr", "coordinator", "partner", "union", "cabinet", "admin", "volunteer"}
    assert {tenant: every - has for tenant, has in roles.items() if every - has} == {}
    assert set(roles) == IDS
    assert await Account.exists().where(Account.email == "denise.okafor@oakland.example")
    assert await Account.exists().where(Account.email == "hr@lehigh-valley.example")


async def test_a_partner_sees_its_own_organisation_and_a_coordinator_one_site(loaded: list[str]) -> None:
    assert not await Account.exists().where((Account.role == "partner") & Account.organisation.is_null())
    assert not await Account.exists().where((Account.role == "coordinator") & Account.site.is_null())
    assert not await Account.exists().where((Account.role == "volunteer") & Account.person.is_null())


async def test_every_placement_has_a_decision_kept(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            decided = await Decision.count().where(Decision.current.eq(True))
            assert decided == await Placement.count()
            assert await journal.verify(tenant) is None


async def test_every_document_in_the_queue_can_be_opened(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            rows = await Document.select(Document.file, Document.media_type, Document.size, Document.state)
            states = Counter(row["state"] for row in rows)
            assert states["waiting"] >= 3
            assert states["sent_back"] >= 2
            for row in rows:
                media_type, data = await files.read(row["file"])
                assert (media_type, len(data)) == (row["media_type"], row["size"])
                assert data.startswith((b"\xff\xd8\xff", b"%PDF"))


async def test_every_stage_can_be_found_in_every_community_and_its_decision_fits(loaded: list[str]) -> None:
    for tenant in loaded:
        people = await by_stage(tenant)
        assert set(people) == set(stages())
        clears = {"allow", "advise", "provisional"}
        async with tenant_transaction(tenant):
            agreements = [one for known in (await readiness.here()).known for one in known.agreements]
        asked = {"needs_cosign", "needs_notice"} if agreements else set()  # what an agreement of the demonstration asks besides
        for stage in ("ready", "placed", "expiring"):
            assert {row["outcome"] for row in people[stage]} <= clears | asked, (tenant, stage)
        for stage in ("waiting", "sent_back", "pending", "expired"):
            assert not {row["outcome"] for row in people[stage]} & {"allow", "advise"}, (tenant, stage)
        soon = clock.today() + timedelta(days=31)
        assert all(row["holds_until"] is not None and row["holds_until"] <= soon for row in people["expiring"]), tenant
        assert {row["placement.state"] for row in people["left"]} == {"ended"}


async def test_some_have_a_badge_and_one_was_withdrawn(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            states = Counter(row["state"] for row in await Credential.select(Credential.state))
        assert states == {"issued": 3, "withdrawn": 1}, tenant


async def test_evidence_is_stored_with_the_holder_and_the_words_its_rule_asks_for(loaded: list[str]) -> None:
    async with tenant_transaction("louisville"):
        rows = await Evidence.select(Evidence.kind, Evidence.holder, Evidence.detail).output(load_json=True)
    assert {row["detail"]["years"] for row in rows if row["kind"] == "substitute_permit"} <= {1, 5, 10}
    assert {"district", "partner"} <= {row["holder"] for row in rows}


async def test_where_no_rules_are_loaded_the_decision_says_so(database: str) -> None:
    memphis = next(c for c in communities() if c.id == "memphis")
    async with tenant_transaction("maple"):
        await load_community(msgspec.structs.replace(memphis, id="maple", jurisdiction="us-vt", overlays=()))
        rows = await Decision.select(Decision.outcome, Decision.body)
    assert {row["outcome"] for row in rows} == {"hold"}
    assert all("us-vt" in row["body"] for row in rows)


async def test_no_result_of_a_criminal_history_check_is_among_the_uploads(loaded: list[str]) -> None:
    for tenant in loaded:
        async with tenant_transaction(tenant):
            kinds = {row["kind"] for row in await Document.select(Document.kind)}
            assert not kinds & {"state_criminal_history", "fbi_fingerprint", "arrest_report_form", "out_of_state_checks"}
            assert not await Evidence.exists().where(Evidence.result.is_in(["not_clear", "qualified"]))


async def test_loading_twice_refuses_and_changes_nothing(loaded: list[str]) -> None:
    assert not await demo.needed()
    accounts = await Account.count()
    with pytest.raises(Conflict, match="loaded already"):
        await demo.load(beside=True)
    assert await Account.count() == accounts


async def test_a_database_with_a_district_is_not_touched_unless_asked(tenant: str) -> None:
    assert not await demo.needed()
    with pytest.raises(Conflict, match="This database is not empty: it holds alder"):
        await demo.load()
    assert await Tenant.count() == 1
    await demo.load(beside=True)
    assert await Tenant.count() == 12


async def test_a_load_that_fails_leaves_an_empty_database(database: str) -> None:
    owner = await asyncpg.connect(database)
    await owner.execute("ALTER TABLE person ADD CONSTRAINT nobody_in_salem CHECK (tenant <> 'salem')")
    await owner.close()
    with pytest.raises(asyncpg.CheckViolationError, match="nobody_in_salem"):
        await demo.load()
    assert await demo.needed()
    assert not await Account.exists()


async def test_two_processes_that_find_it_empty_load_it_once(new_database: NewDatabase) -> None:
    await open_pool(await new_database(), min_size=2, max_size=4)
    try:
        results = await asyncio.gather(demo.load(), demo.load(), return_exceptions=True)
        assert sum(isinstance(result, Conflict) for result in results) == 1
        assert await Tenant.count() == 11
    finally:
        await close_pool()


def test_the_cast_is_the_same_every_day_and_its_dates_move_with_today() -> None:
    community = communities()[0]
    first, later = cast(community, date(2026, 11, 24)), cast(community, date(2027, 3, 2))
    assert [(p.given, p.family, p.stage, p.email) for p in first] == [(p.given, p.family, p.stage, p.email) for p in later]
    assert all(p.starts_on > date(2027, 3, 2) for p in later if p.stage in ("applied", "waiting", "ready"))


def case_of(community: Community, person: Invented, position: DemoPosition) -> Case:
    """What is asked about a person of the cast in a position, before they bring anything."""
    facts = {"resident_since": person.resident_since.isoformat(), "relationship": person.relationship}
    plain = {"born_on": person.born_on, "facts": facts}
    return readiness.assemble(community.jurisdiction, plain, (), agreed(community, position), person.starts_on)


def everybody_everywhere(community: Community, today: date) -> Iterator[tuple[Invented, DemoPosition, Case, Standing]]:
    """Each person of the cast in every position in which somebody can stand at their stage."""
    law = law_of(rules_of(community, today).on(today))
    for person in cast(community, today):
        for position in community.positions:
            if possible(community, position, person.stage):
                there = msgspec.structs.replace(person, position=position.key)
                case = case_of(community, there, position)
                yield there, position, case, stand(there, case, law)


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("tenant", sorted(IDS))
def test_the_stages_hold_in_every_position_whatever_day_it_is_loaded_on(tenant: str, today: date) -> None:
    community = next(c for c in communities() if c.id == tenant)
    for person, position, _, standing in everybody_everywhere(community, today):
        decision = standing.decision
        if person.stage in ("ready", "placed", "expiring", "left"):
            assert decision.outcome.clears, person
        if person.stage in ("waiting", "sent_back", "pending", "expired"):
            assert decision.outcome.value not in ("allow", "advise"), person
        if person.stage == "expiring":
            assert decision.holds_until is not None, person
            assert decision.holds_until <= today + timedelta(days=31), person
        if person.stage == "applied":
            assert (decision.outcome.value in ("allow", "advise")) == (not position.asks), (position.key, decision.standing)


@pytest.mark.parametrize("tenant", sorted(IDS))
def test_what_is_brought_fits_what_the_packs_accept(tenant: str) -> None:
    """Nothing held is passed over for its result, holder, words or numbers, and nothing else is asked of those who are ready."""
    community = next(c for c in communities() if c.id == tenant)
    today = DAYS[0]
    law = law_of(rules_of(community, today).on(today))
    for person, _, case, standing in everybody_everywhere(community, today):
        assert all(item.result == "clear" for item in standing.evidence if item.kind in WITH_RESULT and item.state == "complete")
        if person.stage in ("ready", "placed"):
            open_to = {State.MISSING, State.EXPIRED, State.PENDING, State.UNKNOWN, State.VIOLATED, State.DISQUALIFIED}
            left: list[str] = [f.rule for f in standing.decision.findings if f.state in open_to and not f.rule.endswith("ratio")]
            assert left == [], person
            at_first: Decided = law.decide(case)
            for item in standing.evidence:  # each is there because some rule asked for it
                fewer = tuple(one for one in standing.evidence if one is not item)
                findings = (*at_first.findings, *law.decide(msgspec.structs.replace(case, evidence=fewer)).findings)
                assert item.kind in {kind for finding in findings for kind in finding.accepts}, (person, item)


def test_only_what_was_left_open_on_purpose_is_unanswered_and_says_who_answers() -> None:
    today, open_in = DAYS[0], Counter[str]()
    for community in communities():
        law = law_of(rules_of(community, today).on(today))
        person = next(p for p in cast(community, today) if p.stage == "applied")
        for position in community.positions:
            case = case_of(community, person, position)
            unknown = [f for f in law.decide(case).findings if f.state is State.UNKNOWN and not f.rule.endswith("ratio")]
            assert bool(unknown) == ("answers" in position.asks), (community.id, position.key, unknown)
            assert all(f.remedy and f.remedy.who.value in ("partner", "district", "site") for f in unknown)
            open_in[community.id] += bool(unknown)
            if unknown:
                assert any(p.position == position.key for p in community.people), "somebody is there to see it"
    assert 1 <= open_in.total() <= 4


def test_the_young_are_asked_for_unpaid_work_only_and_are_under_18() -> None:
    today = date(2026, 11, 24)
    for community in communities():
        work = {position.key: agreed(community, position) for position in community.positions}
        for person in cast(community, today):
            young = person.born_on > date(2008, 11, 24)
            assert young == (person.stage == "under_18")
            assert not young or work[person.position]["engagement"] == "volunteer"


def test_names_come_in_many_scripts_and_nobody_has_the_same_address() -> None:
    today = date(2026, 11, 24)
    people = [person for community in communities() for person in cast(community, today)]
    assert len({person.email for person in people}) == len(people)
    assert len([p for p in people if not (p.given + p.family).isascii()]) > len(people) / 4
    scripts = {"latin": "é", "han": "王", "arabic": "ا", "ethiopic": "መ", "khmer": "ក", "cyrillic": "а", "devanagari": "क"}
    letters = "".join(p.given + p.family for p in people)
    spans = {
        name: any(abs(ord(c) - ord(letter)) < 0x100 or (name == "han" and 0x4E00 <= ord(c) < 0xA000) for c in letters)
        for name, letter in scripts.items()
    }
    assert all(spans.values()), spans


def test_a_paper_says_in_its_own_file_what_it_is_and_is_small() -> None:
    born, issued = date(1988, 3, 14), date(2026, 11, 17)
    photo = paper("tb_screening", "Thùy Linh Đặng", born, issued)
    scan = paper("tb_screening", "Thùy Linh Đặng", born, issued, as_pdf=True)
    assert photo.data.startswith(b"\xff\xd8\xff")
    assert scan.data.startswith(b"%PDF")
    assert max(len(photo.data), len(scan.data)) < 100_000
    assert paper("tb_screening", "Thùy Linh Đặng", born, issued, blurred=True).data != photo.data


async def test_the_command_loads_it_and_says_what_it_did(new_database: NewDatabase) -> None:
    url = await new_database()
    for expected, words in ((0, "Loaded 11 communities"), (2, "The demonstration is loaded already")):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "staffing", "demo", "load"),
            env={**os.environ, "STAFFING_DATABASE_URL": url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        out, _ = await process.communicate()
        assert process.returncode == expected, out.decode()
        assert words in out.decode()
