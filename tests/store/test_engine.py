"""The engine's sharp edges, each of which bit somebody (Piccolo's own behaviour is the danger)."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import msgspec
import pytest

from staffing.core.errors import Conflict, StaffingError, Unusable
from staffing.store import refusals
from staffing.store.engine import DB, apart, current_tenant, tenant_transaction
from staffing.store.pool import close_pool, open_pool
from staffing.store.tables import Account, Person, Tenant
from tests import factories as make
from tests.conftest import NewDatabase

DEFERRED = """
CREATE TABLE deferred_rule (id int PRIMARY KEY, parent int REFERENCES deferred_rule (id) DEFERRABLE INITIALLY DEFERRED);
GRANT ALL ON deferred_rule TO staffing_app
"""


@pytest.fixture
async def pool_of_two(new_database: NewDatabase):
    url = await new_database()
    owner = await asyncpg.connect(url)
    await owner.execute(DEFERRED)
    await owner.close()
    await open_pool(url, min_size=2, max_size=2)
    await make.make_tenant()
    yield DB.pool
    await asyncio.wait_for(close_pool(), 10)  # hangs if a connection was never given back


def free(pool: asyncpg.Pool) -> int:
    return pool.get_idle_size() + (pool.get_max_size() - pool.get_size())


async def names() -> list[str]:
    async with tenant_transaction("alder"):
        return await Person.select(Person.given_name).order_by(Person.given_name).output(as_list=True)


async def test_an_error_in_an_inner_block_undoes_that_block_and_only_that(tenant):
    async with tenant_transaction(tenant):
        await make.make_person(given_name="Outer")
        with pytest.raises(LookupError):
            async with DB.transaction():
                await make.make_person(given_name="Inner")
                raise LookupError
        await make.make_person(given_name="Sequel")
    assert await names() == ["Outer", "Sequel"]


async def test_an_inner_block_that_ended_well_goes_with_the_outer_one_that_did_not(tenant):
    with pytest.raises(LookupError):
        async with tenant_transaction(tenant):
            async with DB.transaction():
                await make.make_person()
            raise LookupError
    assert await names() == []


async def test_a_refused_statement_in_an_inner_block_leaves_the_outer_one_usable(tenant):
    async with tenant_transaction(tenant):
        with pytest.raises(asyncpg.CheckViolationError):
            async with DB.transaction():
                await make.make_person(status="nonsense")
        await make.make_person(given_name="Later")
    assert await names() == ["Later"]


async def test_a_commit_that_fails_gives_its_connection_back(pool_of_two):
    for _ in range(4):
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            async with DB.transaction():
                await Person.raw("INSERT INTO deferred_rule VALUES (1, 99)")
        assert not DB.transaction_exists()
        assert free(pool_of_two) == 2
    assert await names() == []


async def test_gather_inside_a_transaction_fails_loudly_and_gives_its_connection_back(pool_of_two):
    for _ in range(3):
        with pytest.raises((asyncpg.InterfaceError, asyncpg.InternalClientError)):
            async with tenant_transaction("alder"):
                await asyncio.gather(*[Person.count() for _ in range(3)])
        assert not DB.transaction_exists()
        assert free(pool_of_two) == 2
    assert await names() == []


async def test_a_cancelled_transaction_gives_its_connection_back(pool_of_two):
    async def work():
        async with tenant_transaction("alder"):
            await make.make_person()
            started.set()
            await Person.raw("SELECT pg_sleep(60)")

    started = asyncio.Event()
    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert free(pool_of_two) == 2
    assert await names() == []


async def test_a_transaction_on_a_connection_the_server_dropped_fails_and_the_next_one_works(pool_of_two, server):
    admin = await asyncpg.connect(server)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'staffing' AND pid <> pg_backend_pid()"
    )
    await admin.close()
    for _ in range(4):  # asyncpg may or may not have noticed yet; either way nothing leaks
        try:
            await names()
        except (Unusable, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
            continue
    assert await names() == []
    assert free(pool_of_two) == 2


async def test_batch_is_refused_because_it_would_hide_exceptions(tenant):
    with pytest.raises(TypeError, match=r"DB\.stream"):
        await Tenant.select().batch()


async def test_stream_gives_the_rows_of_the_current_tenant_and_lets_errors_through(tenant):
    await make.make_tenant("birch")
    async with tenant_transaction(tenant):
        for _ in range(7):
            await make.make_person()
    await make.make_person("birch", given_name="Elsewhere")
    async with tenant_transaction(tenant):
        assert [row["given_name"] async for row in DB.stream(Person.select(Person.given_name), prefetch=2)] == ["Rosa"] * 7
        with pytest.raises(LookupError):
            async for _ in DB.stream(Person.select()):
                raise LookupError


async def test_a_tenant_transaction_needs_a_tenant_and_keeps_to_it(tenant):
    await make.make_tenant("birch")
    with pytest.raises(ValueError, match="needs a tenant"):
        async with tenant_transaction(""):
            pass
    async with tenant_transaction(tenant):
        with pytest.raises(ValueError, match="cannot be worked on inside it"):
            async with tenant_transaction("birch"):
                pass
        assert current_tenant() == tenant
    assert current_tenant() == ""


async def test_a_row_made_in_a_tenant_transaction_carries_the_tenant_by_itself(tenant):
    async with tenant_transaction(tenant):
        await Person.insert(Person(given_name="Ada"))
        assert await Person.select(Person.tenant).first() == {"tenant": "alder"}


async def test_the_default_tenant_of_the_database_is_the_open_one(tenant):
    async with tenant_transaction(tenant):
        await Person.raw("INSERT INTO person (given_name) VALUES ('Ada')")
        assert await Person.count() == 1


async def test_the_engine_connects_to_nothing_when_it_is_imported():
    code = "import socket; socket.socket.connect = None; import staffing.store.tables, staffing.store.jobs; print('quiet')"
    child = await asyncio.create_subprocess_exec(sys.executable, "-W", "error", "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    assert (child.returncode, out) == (0, b"quiet\n")


async def test_json_columns_come_back_as_values(tenant):
    async with tenant_transaction(tenant):
        person = await make.make_person(facts={"resident_since": "2001-06-01", "years": 3, "lives_here": True})
        row = (
            await Person.select(Person.facts, Person.consents, Person.interests).where(Person.id == person).output(load_json=True)
        )
    assert row == [{"facts": {"resident_since": "2001-06-01", "years": 3, "lives_here": True}, "consents": [], "interests": {}}]


async def test_times_come_back_in_utc(tenant):
    made = datetime(2026, 11, 24, 8, tzinfo=UTC)
    async with tenant_transaction(tenant):
        await make.make_person(created_at=made)
        row = await Person.select(Person.created_at).first()
    assert row["created_at"] == made
    assert row["created_at"].tzinfo is UTC


class Terms(msgspec.Struct):
    engagement: str
    starts_on: date


async def test_a_struct_or_a_date_in_a_json_column_is_stored_as_json_and_not_as_its_repr(tenant):
    async with tenant_transaction(tenant):
        await Person.insert(
            Person(given_name="Ada", facts=Terms("volunteer", date(2026, 9, 1)), consents=[{"at": date(2026, 9, 1)}])
        )
        row = await Person.select(Person.facts, Person.consents).output(load_json=True).first()
    assert row == {"facts": {"engagement": "volunteer", "starts_on": "2026-09-01"}, "consents": [{"at": "2026-09-01"}]}


async def test_a_value_that_is_not_json_is_refused_by_a_json_column(tenant):
    async with tenant_transaction(tenant):
        with pytest.raises(TypeError, match="object"):
            await Person.insert(Person(given_name="Ada", facts={"what": object()}))
        assert await Person.count() == 0


async def test_a_time_without_a_zone_is_refused_wherever_it_goes_in(tenant):
    naive = datetime(2026, 11, 24, 8)  # noqa: DTZ001
    async with tenant_transaction(tenant):
        person = await make.make_person()
        for query in (
            Person.insert(Person(given_name="Ada", created_at=naive)),
            Person.update({Person.created_at: naive}).where(Person.id == person),
            Person.select().where(Person.created_at < naive),
        ):
            with pytest.raises(ValueError, match="has no zone"):
                await query
        assert await Person.count() == 1


async def test_what_the_database_refused_leaves_the_outermost_block_as_a_sentence(tenant):
    with pytest.raises(Conflict, match="Somebody signs in with this e-mail address already") as caught:
        async with tenant_transaction(tenant):
            await make.make_account(email="sam@example.org")
            with pytest.raises(asyncpg.UniqueViolationError):
                async with tenant_transaction(tenant):
                    await make.make_account(email="sam@example.org")
            await make.make_account(email="sam@example.org")
    assert isinstance(caught.value.__cause__, asyncpg.UniqueViolationError)
    assert await Account.count() == 0


async def test_a_refusal_without_a_sentence_stays_as_it_is(tenant):
    with pytest.raises(asyncpg.CheckViolationError):
        async with tenant_transaction(tenant):
            await make.make_person(status="nonsense")


async def test_every_constraint_that_has_a_sentence_exists(tenant):
    async with DB.connection() as connection:
        rows = await connection.fetch("SELECT conname AS name FROM pg_constraint UNION SELECT relname FROM pg_class")
    assert refusals._CONSTRAINTS.keys() <= {row["name"] for row in rows}


async def test_a_full_disk_and_a_lost_connection_are_said_in_words(tenant, server):
    for error, words in (("disk_full", "disk that holds the database is full"), ("deadlock_detected", "try again")):
        with pytest.raises(StaffingError, match=words):
            async with tenant_transaction(tenant):
                await Person.raw(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{error}'; END $$")
    with pytest.raises(Unusable, match="connection to the database was lost"):
        async with tenant_transaction(tenant) as transaction:
            await make.make_person()
            admin = await asyncpg.connect(server)
            await admin.execute("SELECT pg_terminate_backend($1)", transaction.connection.get_server_pid())
            await admin.close()
            async with asyncio.timeout(20):
                while not transaction.is_gone():  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await Person.count()
    assert await names() == []


async def test_an_error_of_the_network_that_is_not_the_databases_goes_through_as_it_is(tenant):
    with pytest.raises(ConnectionRefusedError):
        async with tenant_transaction(tenant):
            raise ConnectionRefusedError


async def test_a_database_that_is_gone_is_said_in_words(new_database: NewDatabase):
    await open_pool(await new_database(), min_size=0, max_size=1)
    DB.pool.set_connect_args(f"postgresql://staffing@/nowhere?host={Path('/nowhere')}", timeout=5)
    try:
        with pytest.raises(Unusable, match="database does not answer"):
            async with tenant_transaction("alder"):
                pass
    finally:
        await close_pool()


async def test_what_is_written_apart_stays_though_the_transaction_around_it_fails(tenant: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with tenant_transaction(tenant):
            async with apart(tenant) as connection:
                await connection.execute("INSERT INTO decision_part (id, body) VALUES (1, '{}')")
            raise ZeroDivisionError
    async with tenant_transaction(tenant) as transaction:
        assert await transaction.connection.fetchval("SELECT tenant FROM decision_part WHERE id = 1") == tenant
