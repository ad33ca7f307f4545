"""Jobs: queued with a transaction, done after it, by a real worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from staffing.store import jobs
from staffing.store.engine import DB, tenant_transaction
from staffing.store.pool import close_pool
from staffing.store.tables import Person
from tests import factories as make

done: asyncio.Queue[tuple] = asyncio.Queue()


@jobs.task("test:by_itself", every="* * * * *")
async def by_itself(**_: object) -> None:
    """On a timetable, so that the worker also has its timekeeper to lose a connection."""


@jobs.task("test:add_person")
async def add_person(*, tenant: str, given_name: str) -> None:
    async with tenant_transaction(tenant):
        await make.make_person(given_name=given_name)
    await done.put((tenant, given_name))


@jobs.task("test:echo")
async def echo(**args: object) -> None:
    await done.put(tuple(sorted(args.items())))


@jobs.task("test:fail_once", wait=1)
async def fail_once(*, key: str) -> None:
    tries.append(key)
    if len(tries) == 1:
        raise LookupError("not yet")
    await done.put((key,))


@jobs.task("test:wait")
async def wait_for_the_gate(*, key: str) -> None:
    await done.put(("started", key))
    await gate.wait()
    await done.put(("ended", key))


@jobs.task("test:who")
async def who() -> None:
    async with DB.connection() as connection:
        await done.put(tuple(await connection.fetchrow("SELECT current_user::text, current_setting('timezone')")))


#: What another process's ``enqueue`` says.
QUEUE = """SELECT procrastinate_defer_jobs_v1(ARRAY[
  ROW('default', $1, 0, NULL, NULL, $2::jsonb, NULL)::procrastinate_job_to_defer_v1])"""

tries: list[str] = []
gate = asyncio.Event()


@pytest.fixture(autouse=True)
def _nothing_done_yet():
    tries.clear()
    gate.clear()
    while not done.empty():
        done.get_nowait()


@pytest.fixture
async def worker(database: str) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run_worker(database, stop=stop))
    yield stop
    stop.set()
    gate.set()
    await asyncio.wait_for(running, 20)


async def next_done() -> tuple:
    return await asyncio.wait_for(done.get(), 20)


async def queued(url: str) -> list[tuple[str, str]]:
    """The jobs of these tests; what runs on a timetable may come and go beside them."""
    owner = await asyncpg.connect(url)
    rows = await owner.fetch(
        "SELECT task_name, status::text FROM procrastinate_jobs WHERE task_name LIKE 'test:%' AND task_name <> $1 ORDER BY id",
        "test:by_itself",
    )
    await owner.close()
    return [tuple(row) for row in rows]


async def test_a_job_runs_after_the_transaction_that_queued_it(tenant, database, worker):
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:add_person", tenant=tenant, given_name="Ada")
    assert await next_done() == (tenant, "Ada")
    async with tenant_transaction(tenant):
        assert await Person.select(Person.given_name) == [{"given_name": "Ada"}]


async def test_a_job_goes_with_the_transaction_that_did_not_commit(tenant, database, worker):
    with pytest.raises(LookupError):
        async with tenant_transaction(tenant):
            await jobs.enqueue("test:add_person", tenant=tenant, given_name="Never")
            raise LookupError
    assert await queued(database) == []
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:add_person", tenant=tenant, given_name="Ada")
    assert await next_done() == (tenant, "Ada")
    async with tenant_transaction(tenant):
        assert await Person.count() == 1


async def test_what_waits_is_done_when_it_is_asked_for_and_then_it_returns(tenant, database):
    async with tenant_transaction(tenant):
        for name in ("Ada", "Bo"):
            await jobs.enqueue("test:add_person", tenant=tenant, given_name=name)
    assert await queued(database) == [("test:add_person", "todo")] * 2
    await jobs.run_waiting(database)
    assert (done.get_nowait(), done.get_nowait()) == ((tenant, "Ada"), (tenant, "Bo"))
    assert await queued(database) == []


async def test_ids_and_dates_arrive_as_text(tenant, database):
    person = UUID("0197f3a0-0000-7000-8000-000000000001")
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:echo", person=person, on=date(2026, 11, 24))
    await jobs.run_waiting(database)
    assert done.get_nowait() == (("on", "2026-11-24"), ("person", str(person)))


async def test_a_job_that_waits_already_is_not_queued_again_and_the_transaction_goes_on(tenant, database):
    await make.make_tenant("birch")
    async with tenant_transaction(tenant):
        first = await jobs.enqueue("test:echo", queueing_lock="nightly", number=1)
        second = await jobs.enqueue("test:echo", queueing_lock="nightly", number=2)
        await make.make_person()
    assert first is not None
    assert second is None
    async with tenant_transaction("birch"):
        assert await jobs.enqueue("test:echo", queueing_lock="nightly", number=3) is not None
    assert await queued(database) == [("test:echo", "todo")] * 2
    async with tenant_transaction(tenant):
        assert await Person.count() == 1


async def test_a_job_that_fails_is_tried_again_later(tenant, database, worker):
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:fail_once", key="again")
    assert await next_done() == ("again",)
    assert tries == ["again", "again"]


async def test_a_job_of_a_later_time_waits_for_it(tenant, database):
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:echo", at=datetime.now(UTC) + timedelta(days=1))
    await jobs.run_waiting(database)
    assert done.empty()
    assert await queued(database) == [("test:echo", "todo")]


async def test_a_worker_that_stops_lets_the_job_it_works_on_end(tenant, database):
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run_worker(database, stop=stop))
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:wait", key="a")
    assert await next_done() == ("started", "a")
    stop.set()
    await asyncio.sleep(0)
    assert not running.done()
    gate.set()
    await asyncio.wait_for(running, 20)
    assert done.get_nowait() == ("ended", "a")
    assert await queued(database) == []


async def test_the_job_of_a_worker_that_was_killed_is_given_to_another(tenant, database):
    async with tenant_transaction(tenant):
        number = await jobs.enqueue("test:echo", key="rescued")
    owner = await asyncpg.connect(database)
    worker = await owner.fetchval(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
    )
    taken = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = $1 WHERE id = $2"
    await owner.execute(taken, worker, number)
    await owner.close()
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run_worker(database, stop=stop))
    assert await next_done() == (("key", "rescued"),)
    stop.set()
    await asyncio.wait_for(running, 20)


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("test:nothing", {}, "there is no task called test:nothing"),
        ("test:echo", {"at": datetime(2026, 11, 24)}, "no time zone"),  # noqa: DTZ001
    ],
)
async def test_a_job_that_could_never_run_is_refused_at_once(tenant, name, args, words):
    async with tenant_transaction(tenant):
        with pytest.raises(ValueError, match=words):
            await jobs.enqueue(name, **args)


async def test_a_job_outside_a_transaction_is_refused(tenant):
    with pytest.raises(ValueError, match="inside a transaction"):
        await jobs.enqueue("test:echo")


async def test_a_task_name_has_one_function():
    def other() -> Callable:
        async def another() -> None: ...

        return another

    with pytest.raises(ValueError, match="two tasks are called test:echo"):
        jobs.task("test:echo")(other())


async def test_a_worker_and_its_tasks_work_as_the_applications_role(tenant, database):
    await close_pool()  # so that the worker opens its own
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run_worker(database, stop=stop))
    owner = await asyncpg.connect(database)
    await owner.execute(QUEUE, "test:who", "{}")
    assert await next_done() == ("staffing_app", "UTC")
    assert await owner.fetchval("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'staffing worker'") > 0
    stop.set()
    await asyncio.wait_for(running, 20)
    await owner.close()
    assert DB.pool is None


async def test_a_worker_goes_on_after_the_server_dropped_its_connections(tenant, database, worker):
    async with tenant_transaction(tenant):
        await jobs.enqueue("test:echo", number=1)
    assert await next_done() == (("number", 1),)
    owner = await asyncpg.connect(database)
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await owner.execute(QUEUE, "test:echo", '{"number": 2}')
    await owner.close()
    assert await next_done() == (("number", 2),)
