"""What the database refuses, whoever asks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
import pytest
from piccolo.table import Table

from staffing.store import tables
from staffing.store.engine import DB, tenant_transaction
from staffing.store.migrate import NOT_PROTECTED, unprotected
from staffing.store.tables import Account, Assignment, Credential, Decision, Evidence, Message, Person, Placement, Site, Tenant
from tests import factories as make

ALL_TABLES = [getattr(tables, name) for name in tables.__all__]
NINE, TEN, ELEVEN = (datetime(2026, 11, 30, hour, tzinfo=UTC) for hour in (9, 10, 11))


async def refused(what, constraint: str) -> None:
    """Await something that must break this constraint, in a savepoint."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as caught:
        async with DB.transaction():
            await what
    assert caught.value.constraint_name == constraint


# --- no row across districts ---


@pytest.fixture
async def two_districts(tenant) -> tuple[str, str]:
    return tenant, await make.make_tenant("birch")


async def test_the_pool_works_as_an_ordinary_role(tenant):
    async with DB.connection() as connection:
        row = await connection.fetchrow("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert tuple(row) == ("staffing_app", False, False)


async def test_every_table_with_a_tenant_is_protected_but_those_that_are_read_before_it_is_known(tenant):
    with_tenant = {table._meta.tablename for table in ALL_TABLES if "tenant" in {c._meta.name for c in table._meta.columns}}
    async with DB.connection() as connection:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relnamespace = 'public'::regnamespace"
        )
    assert {row["relname"] for row in rows} == with_tenant - NOT_PROTECTED
    assert await unprotected() == []


async def test_another_districts_rows_are_not_seen_changed_or_removed(two_districts):
    mine, theirs = two_districts
    person = await make.make_person(mine)
    async with tenant_transaction(theirs):
        assert await Person.select() == []
        assert await Person.update({Person.given_name: "Changed"}, force=True).returning(Person.id) == []
        assert await Person.delete(force=True).returning(Person.id) == []
    async with tenant_transaction(mine):
        assert await Person.select(Person.id, Person.given_name) == [{"id": person, "given_name": "Rosa"}]


async def test_without_a_district_nothing_is_seen_and_nothing_goes_in(two_districts):
    await make.make_person()
    assert await Person.select() == []
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.NotNullViolationError)):
        await Person.insert(Person(given_name="Ada"))


async def test_a_connection_forgets_the_district_when_its_transaction_ends(two_districts):
    async with DB.pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("SELECT set_config('staffing.tenant', 'alder', true)")
        assert await connection.fetchval("SELECT current_tenant()") is None


async def test_a_row_for_another_district_is_refused(two_districts):
    mine, theirs = two_districts
    async with tenant_transaction(mine):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with DB.transaction():
                await Person.insert(Person(given_name="Ada", tenant=theirs))
        person = await make.make_person()
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            async with DB.transaction():
                await Person.update({Person.tenant: theirs}).where(Person.id == person)


async def test_a_row_cannot_point_at_another_districts_row(two_districts):
    """A foreign key is checked without row-level security; this one carries the district."""
    mine, theirs = two_districts
    person = await make.make_person(theirs)
    async with tenant_transaction(mine):
        await refused(make.make_evidence(person=person), "evidence_person_of_tenant")
    await refused(make.make_account(mine, person=person), "account_person_of_tenant")


async def test_a_unique_value_of_one_district_is_free_in_another(two_districts):
    for district in two_districts:
        await make.make_person(district, external_id="604822")
        await make.make_account(district, email="hr@example.org")
    async with tenant_transaction("alder"):
        await refused(make.make_person(external_id="604822"), "person_one_per_external_id")
        await refused(make.make_account(email="hr@example.org"), "account_one_per_email")
        await make.make_person(external_id=None)
        await make.make_person(external_id=None)


async def test_accounts_and_messages_can_be_read_before_the_district_is_known(tenant):
    await make.make_account(email="hr@example.org")
    await Message.insert(Message(tenant=tenant, recipient="x@example.org", body="Hello"))
    assert await Account.select(Account.email) == [{"email": "hr@example.org"}]
    assert await Message.count() == 1


async def test_a_badge_is_found_by_its_random_id_without_knowing_the_district(tenant):
    badge = await make.make_credential(cti=b"0123456789abcdef", number="A-1", valid_through=date(2027, 6, 30))
    async with DB.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM credential") == 0
        rows = await connection.fetch("SELECT * FROM credential_by_cti($1)", b"0123456789abcdef")
        assert [dict(row) for row in rows] == [
            {"tenant": "alder", "id": badge, "state": "issued", "valid_through": date(2027, 6, 30), "number": "A-1"}
        ]
        assert await connection.fetch("SELECT * FROM credential_by_cti($1)", b"another") == []


async def test_the_application_may_not_change_the_schema_or_the_list_of_migrations(tenant):
    async with DB.connection() as connection:
        for statement in (
            "ALTER TABLE person DISABLE ROW LEVEL SECURITY",
            "DROP POLICY by_tenant ON person",
            "CREATE TABLE mine ()",
            "DELETE FROM migration",
            "SELECT protect_by_tenant('person')",
            "ALTER TABLE journal DISABLE TRIGGER ALL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


# --- no double booking ---


async def test_a_person_is_not_booked_twice_at_one_time(tenant):
    async with tenant_transaction(tenant):
        person = await make.make_person()
        await make.make_assignment(person=person, starts_at=NINE, ends_at=ELEVEN)
        await refused(make.make_assignment(person=person, starts_at=TEN, ends_at=ELEVEN), "assignment_no_double_booking")


async def test_sessions_that_touch_are_no_double_booking(tenant):
    async with tenant_transaction(tenant):
        person = await make.make_person()
        await make.make_assignment(person=person, starts_at=NINE, ends_at=TEN)
        await make.make_assignment(person=person, starts_at=TEN, ends_at=ELEVEN)
        assert await Assignment.count() == 2


async def test_two_people_may_be_booked_at_one_time_and_a_cancelled_booking_does_not_count(tenant):
    async with tenant_transaction(tenant):
        person = await make.make_person()
        first = await make.make_assignment(person=person, starts_at=NINE)
        await make.make_assignment(starts_at=NINE)
        await Assignment.update({Assignment.state: "cancelled"}).where(Assignment.id == first)
        await make.make_assignment(person=person, starts_at=NINE)
        await refused(
            Assignment.update({Assignment.state: "planned"}).where(Assignment.id == first), "assignment_no_double_booking"
        )


async def test_a_person_takes_a_session_once(tenant):
    async with tenant_transaction(tenant):
        person, session = await make.make_person(), await make.make_session(starts_at=NINE)
        await make.make_assignment(person=person, session=session, starts_at=NINE, ends_at=TEN)
        again = make.make_assignment(person=person, session=session, starts_at=TEN, ends_at=ELEVEN)
        await refused(again, "assignment_one_per_session")


# --- no word outside its list ---


@pytest.mark.parametrize(
    ("row", "column", "constraint"),
    [
        (make.make_account, "role", "account_known_role"),
        (make.make_organisation, "kind", "organisation_known_kind"),
        (make.make_site, "kind", "site_known_kind"),
        (make.make_site, "setting", "site_known_setting"),
        (make.make_person, "status", "person_known_status"),
        (make.make_placement, "state", "placement_known_state"),
        (make.make_session, "state", "session_known_state"),
        (make.make_assignment, "state", "assignment_known_state"),
        (make.make_document, "state", "document_known_state"),
        (make.make_document, "received_by", "document_known_way"),
        (make.make_evidence, "state", "evidence_known_state"),
        (make.make_evidence, "result", "evidence_known_result"),
        (make.make_evidence, "purpose", "evidence_known_purpose"),
        (make.make_decision, "outcome", "decision_known_outcome"),
        (make.make_credential, "state", "credential_known_state"),
    ],
)
async def test_a_word_outside_its_list_is_refused(tenant, row, column, constraint):
    async with tenant_transaction(tenant):
        await refused(row(**{column: "nonsense"}), constraint)


async def test_every_outcome_of_the_kernel_may_be_stored(tenant):
    from staffing.core.findings import Effect

    async with tenant_transaction(tenant):
        for effect in Effect:
            await make.make_decision(outcome=effect)
        assert await Decision.count() == len(Effect)


async def test_every_role_of_an_actor_but_the_system_may_have_an_account(tenant):
    from staffing.services.actors import ROLE_NAMES

    for role in ROLE_NAMES:
        if role != "system":
            await make.make_account(role=role)
    await refused(make.make_account(role="system"), "account_known_role")


@pytest.mark.parametrize(
    ("row", "columns", "constraint"),
    [
        (make.make_placement, {"starts_on": date(2026, 9, 2), "ends_on": date(2026, 9, 1)}, "placement_ends_after_it_starts"),
        (make.make_session, {"starts_at": TEN, "ends_at": TEN}, "session_ends_after_it_starts"),
    ],
)
async def test_what_ends_before_it_starts_is_refused(tenant, row, columns, constraint):
    async with tenant_transaction(tenant):
        await refused(row(**columns), constraint)


async def test_a_district_has_a_short_word_for_an_id(tenant):
    await refused(make.make_tenant("Not a word"), "tenant_id_is_a_short_word")


# --- one of each ---


async def test_a_placement_has_one_current_decision(tenant):
    async with tenant_transaction(tenant):
        placement = await make.make_placement()
        first = await make.make_decision(placement=placement)
        await refused(make.make_decision(placement=placement), "decision_one_current")
        await Decision.update({Decision.current: False}).where(Decision.id == first)
        await make.make_decision(placement=placement)


async def test_a_placement_has_one_issued_badge_and_a_badges_random_id_is_its_own(tenant):
    async with tenant_transaction(tenant):
        placement = await make.make_placement()
        decision = await make.make_decision(placement=placement)
        first = await make.make_credential(placement=placement, decision=decision, cti=b"one")
        await refused(make.make_credential(placement=placement, decision=decision), "credential_one_issued")
        await refused(make.make_credential(cti=b"one"), "credential_one_per_cti")
        gone = {Credential.state: "withdrawn", Credential.withdrawn_at: NINE}
        await Credential.update(gone).where(Credential.id == first)
        await make.make_credential(placement=placement, decision=decision)


async def test_a_withdrawn_badge_says_when(tenant):
    async with tenant_transaction(tenant):
        await refused(make.make_credential(state="withdrawn"), "credential_withdrawn_with_its_time")


async def test_what_others_belong_to_is_not_deleted_from_under_them(tenant):
    async with tenant_transaction(tenant):
        person = await make.make_person()
        await make.make_evidence(person=person)
        await refused(Person.delete().where(Person.id == person), "evidence_person_of_tenant")
        assert await Evidence.count() == 1


# --- Piccolo's own traps ---


def test_no_column_hides_a_method_of_its_table():
    names = [(table, column._meta.name) for table in ALL_TABLES for column in table._meta.columns]
    hidden = [f"{table.__name__}.{name}" for table, name in names if hasattr(Table, name)]
    assert hidden == []


async def test_the_column_named_on_works_under_its_other_name_in_the_database(tenant):
    async with tenant_transaction(tenant):
        made = await make.make_decision(on=date(2026, 1, 1))
        await Decision.update({Decision.on: date(2026, 2, 2)}).where((Decision.id == made) & (Decision.on == date(2026, 1, 1)))
        assert await Decision.select(Decision.on.as_alias("on")).order_by(Decision.on) == [{"on": date(2026, 2, 2)}]


async def test_an_update_of_a_row_that_somebody_else_changed_touches_nothing(tenant):
    async with tenant_transaction(tenant):
        placement = await make.make_placement()
        change = {Placement.state: "ended", Placement.version: 2}
        for answer in ([{"id": placement}], []):
            mine = (Placement.id == placement) & (Placement.version == 1)
            assert await Placement.update(change).where(mine).returning(Placement.id) == answer


async def test_lists_and_joins_read_in_one_query(tenant):
    async with tenant_transaction(tenant):
        site = await make.make_site(name="Marigold Elementary")
        await make.make_placement(site=site, person=await make.make_person(given_name="Ada", languages=["en", "vi"]))
        rows = await Placement.select(Placement.person.given_name, Placement.person.languages, Placement.site.name)
        assert rows == [{"person.given_name": "Ada", "person.languages": ["en", "vi"], "site.name": "Marigold Elementary"}]
        assert await Site.count() == 1
    assert await Tenant.exists().where(Tenant.id == "alder")
    assert not await Tenant.exists().where(Tenant.id == str(uuid4()))
