"""Importing an Ed-Fi export into a real database: a dry run, a commit, and again without a change."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from staffing.core.errors import Conflict, Invalid
from staffing.services.exchange.edfi_import import import_edfi
from staffing.services.exchange.everyone import decide_everyone
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import (
    Account,
    Decision,
    Evidence,
    Journal,
    Organisation,
    Person,
    Placement,
    PluginSwitch,
    Position,
    Site,
    Tenant,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "ed-fi"
SAMPLE = FIXTURES / "sample"
HERE = "grand-bend"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small export, to change."""
    return Path(shutil.copytree(FIXTURES / "small", tmp_path / "export"))


def change(folder: Path, old: str, new: str, file_name: str = "StaffAssociation.xml") -> None:
    text = (folder / file_name).read_text(encoding="utf-8")
    assert old in text
    (folder / file_name).write_text(text.replace(old, new), encoding="utf-8")


async def counts(tenant: str) -> dict[str, int]:
    async with tenant_transaction(tenant):
        tables = (Organisation, Site, Position, Person, Evidence, Placement, Decision, Journal, PluginSwitch)
        return {table.__name__: await table.count() for table in tables}


async def test_a_dry_run_reports_every_row_and_writes_nothing(database: str) -> None:
    report = await import_edfi(SAMPLE)
    assert report.counts()["person"] == {"create": 68}
    assert report.counts()["evidence"] == {"create": 56}
    assert report.counts()["placement"] == {"create": 69}
    assert not report.committed
    assert not await Tenant.exists()
    assert not await Account.exists()
    assert set((await counts(HERE)).values()) == {0}


async def test_a_commit_makes_the_district_with_its_sites_people_evidence_and_placements(database: str) -> None:
    report = await import_edfi(SAMPLE, commit=True)
    assert report.committed
    made = await counts(HERE)
    assert made["Person"] == 68
    assert made["Evidence"] == 56
    assert made["Placement"] == 69
    assert made["Organisation"] == 2  # the district and the provider that works with it
    tenant = await Tenant.select().first()
    assert tenant is not None
    assert (tenant["id"], tenant["jurisdiction"], tenant["time_zone"]) == (HERE, "us-tx", "America/Chicago")
    async with tenant_transaction(HERE):
        sites = await Site.select(Site.name, Site.kind, Site.setting, Site.external_id).order_by(Site.name)
        schools = [site for site in sites if site["kind"] == "school"]
        assert len(schools) == 3
        assert all(site["setting"] == "campus" for site in schools)
        assert [site["name"] for site in sites if site["kind"] == "office"] == ["Grand Bend ISD office"]
        assert await Placement.count().where(Placement.state == "placed") == 69
        assert not await Position.exists().where(Position.open.eq(True))  # posts that are filled are not offered to the public


async def test_a_person_keeps_the_names_and_number_of_the_export(database: str) -> None:
    await import_edfi(SAMPLE, commit=True)
    async with tenant_transaction(HERE):
        person = await Person.select().where(Person.external_id == "ed-fi:207288").first().output(load_json=True)
    assert person is not None
    assert (person["given_name"], person["family_name"], person["called"]) == ("Barry", "Tanner", "David Woodlock")
    assert person["born_on"] == date(1976, 8, 19)
    assert person["facts"] == {"relationship": "employee"}
    assert not person["invented"]


async def test_each_of_the_68_has_a_decision_and_it_says_honestly_that_no_rules_are_loaded(database: str) -> None:
    await import_edfi(SAMPLE, commit=True)
    async with tenant_transaction(HERE):
        rows = await Decision.select(Decision.person, Decision.outcome, Decision.body).where(Decision.current.eq(True))
    assert len({row["person"] for row in rows}) == 68
    assert {row["outcome"] for row in rows} == {"hold"}
    assert all("us-tx" in row["body"] for row in rows)
    lines = await decide_everyone(HERE)
    assert len({line.name for line in lines}) >= 66  # two people may share a name
    assert len(lines) == 69
    assert all(line.outcome == "hold" and "us-tx" in line.reason and line.next for line in lines)


async def test_running_it_again_changes_nothing(database: str) -> None:
    await import_edfi(SAMPLE, commit=True)
    before = await counts(HERE)
    report = await import_edfi(SAMPLE, commit=True)
    assert {action for actions in report.counts().values() for action in actions} == {"unchanged"}
    assert await counts(HERE) == before
    assert await Account.count() == 1


async def test_the_journal_has_an_entry_for_each_person_and_one_for_the_import(database: str) -> None:
    await import_edfi(SAMPLE, commit=True)
    async with tenant_transaction(HERE):
        assert await Journal.count().where(Journal.action == "person:created") == 68
        assert await Journal.count().where(Journal.action == "import:committed") == 1
    assert await journal.verify(HERE) is None


async def test_a_change_in_the_export_is_told_and_written(database: str, small: Path) -> None:
    await import_edfi(small, commit=True)
    change(small, "<LastSurname>Reinhard</LastSurname>", "<LastSurname>Reinhardt</LastSurname>")
    dry = await import_edfi(small)
    assert [(row.action, row.why) for row in dry.rows if row.action != "unchanged"] == [
        ("update", "changed: family_name, latin_name, search_name")
    ]
    await import_edfi(small, commit=True)
    async with tenant_transaction("alder-valley"):
        assert await Person.exists().where(Person.family_name == "Reinhardt")
        assert await Journal.count().where(Journal.action == "person:changed") == 1


async def test_facts_that_hr_added_survive_an_import(database: str, small: Path) -> None:
    await import_edfi(small, commit=True)
    async with tenant_transaction("alder-valley"):
        where = Person.external_id == "ed-fi:1"
        await Person.update({Person.facts: json.dumps({"relationship": "employee", "resident_since": "2001-06-01"})}).where(where)
    report = await import_edfi(small, commit=True)
    assert report.changes == 0
    async with tenant_transaction("alder-valley"):
        facts = (await Person.select(Person.facts).where(where).output(load_json=True))[0]["facts"]
    assert facts["resident_since"] == "2001-06-01"


async def test_somebody_who_left_the_export_is_named_and_left_alone(database: str, small: Path) -> None:
    await import_edfi(small, commit=True)
    text = (small / "StaffAssociation.xml").read_text(encoding="utf-8")
    second = text.index("  <Staff>", text.index("  <Staff>") + 1)
    text = text[:second] + text[text.index("  <StaffEducationOrganizationEmploymentAssociation>") :]
    for tag in ("StaffEducationOrganizationEmploymentAssociation", "StaffEducationOrganizationAssignmentAssociation"):
        start = text.rindex(f"  <{tag}>")
        text = text[:start] + text[text.index(f"</{tag}>", start) + len(f"</{tag}>\n") :]
    (small / "StaffAssociation.xml").write_text(text, encoding="utf-8")
    report = await import_edfi(small, commit=True)
    skipped = [row.what for row in report.rows if row.action == "skip"]
    assert skipped == ["person ed-fi:2", "placement ed-fi:2:77001:Other:Reading volunteer:2026-09-01"]
    async with tenant_transaction("alder-valley"):
        assert await Person.count() == 2


async def test_a_mistake_anywhere_writes_nothing(database: str, small: Path) -> None:
    change(small, "2027-06-01", "2027-06-31")
    report = await import_edfi(small, commit=True)
    assert [(row.where, row.action) for row in report.rows] == [("StaffAssociation.xml:102", "error")]
    assert not report.committed
    assert not await Tenant.exists()


async def test_a_failure_at_the_last_row_leaves_nothing_behind(database: str, small: Path) -> None:
    owner = await asyncpg.connect(database)
    await owner.execute("ALTER TABLE decision ADD CONSTRAINT none_today CHECK (false)")
    await owner.close()
    with pytest.raises(asyncpg.CheckViolationError, match="none_today"):
        await import_edfi(small, commit=True)
    assert not await Tenant.exists()
    assert not await Account.exists()
    assert set((await counts("alder-valley")).values()) == {0}


async def test_contradicting_dates_are_kept_as_written_and_said(database: str) -> None:
    report = await import_edfi(SAMPLE)
    said = [row.why for row in report.rows if "after it expired" in row.why]
    assert len(said) == 2


@pytest.mark.parametrize("export", ["sample", "small"])
async def test_nothing_that_must_never_be_stored_lands_in_any_column(database: str, export: str) -> None:
    report = await import_edfi(FIXTURES / export, commit=True)
    async with DB.transaction() as transaction:
        await transaction.connection.execute("SELECT set_config('staffing.tenant', $1, true)", report.tenant)
        tables = await transaction.connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'procrastinate%'"
        )
        everything = []
        for row in tables:
            rows = await transaction.connection.fetch(f'SELECT to_jsonb(t)::text AS text FROM "{row["tablename"]}" t')
            everything += [r["text"] for r in rows]
    stored = "\n".join(everything)
    assert "207288" in stored or "Cordero" in stored
    never = (
        "987-65-4320 PA-DL-55512 IMMIGRATION RaceDescriptor SexDescriptor 57600 btanner Female Male Hispanic White Asian "
        "Passport Drivers Immigration Jury Sick"
    )
    assert [word for word in never.split() if word in stored] == []


async def test_an_import_does_not_mix_two_districts(database: str, small: Path) -> None:
    await import_edfi(SAMPLE, commit=True)
    with pytest.raises(Conflict, match=r"which came from an export as ed-fi:255901; the export is of Alder Valley"):
        await import_edfi(small, tenant=HERE)
    with pytest.raises(Conflict, match="does not move a district to us-ca"):
        await import_edfi(SAMPLE, jurisdiction="us-ca")


async def test_a_district_that_was_set_up_by_hand_is_taken_over_when_it_is_named(tenant: str, small: Path) -> None:
    async with tenant_transaction(tenant):
        await Organisation.insert(Organisation(name="Alder Unified", kind="district"))
    report = await import_edfi(small, tenant=tenant, commit=True)
    assert report.committed
    async with tenant_transaction(tenant):
        districts = await Organisation.select().where(Organisation.kind == "district")
    assert [(d["name"], d["external_id"]) for d in districts] == [("Alder Valley Unified School District", "ed-fi:77")]


async def test_a_district_without_a_state_needs_its_rules_named(database: str, small: Path) -> None:
    change(small, "uri://ed-fi.org/StateAbbreviationDescriptor#PA", "", "EducationOrganization.xml")
    with pytest.raises(Invalid, match=r"EducationOrganization\.xml:3: .*Add --jurisdiction"):
        await import_edfi(small)
    report = await import_edfi(small, jurisdiction="us-pa", commit=True)
    assert report.committed


async def test_a_short_name_that_cannot_be_used_is_refused(database: str, small: Path) -> None:
    with pytest.raises(Invalid, match="cannot be the short name of a district"):
        await import_edfi(small, tenant="Alder Valley!")
    with pytest.raises(Invalid, match="is no time zone"):
        await import_edfi(small, time_zone="Texas/Austin")
