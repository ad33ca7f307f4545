"""Work for later: queued inside the transaction that asks for it, done by a worker once that has committed.

A task is an async function under a name; it gets the arguments it was queued with, as JSON has them (ids and dates are
text), and must bear being run twice: a worker may be killed between the work and saying that it is done. Tasks open their
own ``tenant_transaction``; the tenant is an argument like any other.

The queue is procrastinate's; its tables are in our database, and ``enqueue`` calls its SQL function over our connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
import msgspec

from staffing.store.engine import DB, current_tenant
from staffing.store.pool import ROLE, close_pool, open_pool

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger(__name__)

#: Seconds between looks at the queue for retries and jobs of a later time; new jobs wake the worker at once.
POLL = 1.0
#: Seconds a stopping worker gives to jobs that run.
GRACE = 10.0
#: Seconds without a sign of life after which a worker's jobs are given to others.
STALLED = 30.0

_ENQUEUE = """SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[
  ROW($1, $2, $3, $4, $5, $6::jsonb, $7)::procrastinate_job_to_defer_v1]))"""
_ALREADY_QUEUED = "procrastinate_jobs_queueing_lock_idx_v1"


class Task(msgspec.Struct, frozen=True):
    """A registered task: its function, how often it is tried, the seconds whose powers it waits between tries, its timetable."""

    function: Callable[..., Awaitable[None]]
    tries: int
    wait: int
    every: str | None


_tasks: dict[str, Task] = {}
_Function = TypeVar("_Function", bound=Callable[..., Awaitable[None]])


def task(name: str, *, tries: int = 5, wait: int = 4, every: str | None = None) -> Callable[[_Function], _Function]:
    """Register an async function as the task ``name`` ("credentials:render"); plugins put their own name first.

    A task that raises is tried again after ``wait``, ``wait``², ``wait``³ … seconds, ``tries`` times in all; then it stays
    in the queue as failed. ``every`` is a timetable in cron's form ("7 * * * *"): the task then also runs by itself, once
    over all workers, with the argument ``timestamp``. Raises ``ValueError`` for a name that another function has.
    """

    def register(function: _Function) -> _Function:
        known = _tasks.get(name)
        if known and (known.function.__module__, known.function.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"two tasks are called {name}: {known.function.__qualname__} and {function.__qualname__}")
        _tasks[name] = Task(function, tries, wait, every)
        return function

    return register


async def enqueue(
    name: str, *, queueing_lock: str | None = None, lock: str | None = None, at: datetime | None = None, **args: Any
) -> int | None:
    """Queue a task inside the open transaction and give the job's number: it runs only if the transaction commits.

    ``queueing_lock``: while a job with the same one waits, nothing is queued and None is given. ``lock``: jobs with the same
    one run one after the other. Both count within the district. ``at``: not before this moment (with a time zone). Raises
    ``ValueError`` outside a transaction, for an unknown task and for a moment without a time zone.
    """
    transaction = DB.current_transaction.get()
    if transaction is None:
        raise ValueError(f"the task {name} must be queued inside a transaction")
    if name not in _tasks:
        raise ValueError(f"there is no task called {name}; known are {', '.join(sorted(_tasks)) or 'none'}")
    if at is not None and at.tzinfo is None:
        raise ValueError(f"the task {name} is to run at {at}, which has no time zone")
    values = ("default", name, 0, _in_tenant(lock), _in_tenant(queueing_lock), msgspec.json.encode(args).decode(), at)
    try:
        async with transaction.connection.transaction():  # a savepoint: a job that waits already must not spoil the rest
            number: int = await transaction.connection.fetchval(_ENQUEUE, *values)
            return number
    except asyncpg.UniqueViolationError as exc:
        if exc.constraint_name == _ALREADY_QUEUED:
            return None
        raise


async def run_worker(url: str, *, stop: asyncio.Event | None = None, concurrency: int = 4, signals: bool = False) -> None:
    """Work until ``stop`` is set or the task is cancelled, then let running jobs end (at most ``GRACE`` seconds).

    Opens the engine's pool if it is not open. ``signals=True`` also stops on SIGINT and SIGTERM.
    """
    async with _open_app(url, concurrency) as app:
        rescue = asyncio.create_task(_rescue_until_cancelled(app))
        stopping = asyncio.create_task((stop or asyncio.Event()).wait())
        try:
            while await _work_until(stopping, app, concurrency, signals):
                log.warning("the worker lost its connection to the database and begins again")
                await asyncio.wait({stopping}, timeout=POLL)
        finally:
            for each in (rescue, stopping):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await each


async def _work_until(stopping: asyncio.Task[Any], app: App, concurrency: int, signals: bool) -> bool:
    """Work until ``stopping`` is done; True if the database went away instead, as when it is restarted."""
    from procrastinate.exceptions import ConnectorException

    worker = asyncio.create_task(
        app.run_worker_async(
            concurrency=concurrency,
            install_signal_handlers=signals,
            fetch_job_polling_interval=POLL,
            abort_job_polling_interval=60,
            shutdown_graceful_timeout=GRACE,
            stalled_worker_timeout=STALLED,
            delete_jobs="successful",
        )
    )
    try:
        await asyncio.wait({worker, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        worker.cancel()
        try:
            await worker
        except asyncio.CancelledError:
            pass
        except ConnectorException:
            log.debug("the worker ended with its connection", exc_info=True)
    if stopping.done() or worker.cancelled():
        return False
    # procrastinate ends quietly, not with an error, when its timekeeper or its listener lost the connection
    return worker.exception() is not None or not signals


async def run_waiting(url: str) -> None:
    """Do what waits in the queue now, one job after the other, and return."""
    async with _open_app(url, 1) as app:
        await app.run_worker_async(
            wait=False, concurrency=1, install_signal_handlers=False, listen_notify=False, delete_jobs="successful"
        )


@contextlib.asynccontextmanager
async def _open_app(url: str, concurrency: int) -> AsyncIterator[App]:
    """procrastinate on connections of its own, and the engine's pool for what the tasks do."""
    from procrastinate import App, PsycopgConnector, RetryStrategy  # a quarter of a second that a web process does not need

    opened = DB.pool is None
    if opened:
        await open_pool(url, max_size=2 * concurrency + 2)
    try:
        session = {"options": f"-c role={ROLE} -c timezone=UTC", "application_name": "staffing worker"}
        connector = PsycopgConnector(conninfo=url, kwargs=session, min_size=1, max_size=concurrency + 2)
        app = App(connector=connector)
        for name, each in _tasks.items():
            registered = app.task(name=name, retry=RetryStrategy(max_attempts=each.tries, exponential_wait=each.wait))(
                each.function
            )
            if each.every:
                app.periodic(cron=each.every)(registered)
        async with app.open_async():
            yield app
    finally:
        if opened:
            await close_pool()


async def _rescue_until_cancelled(app: App) -> None:
    """Give the jobs of workers that died back to the queue."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
                await app.job_manager.retry_job(job)
        except Exception:  # the next look may succeed; the worker itself reports a database that is gone
            log.exception("stalled jobs could not be looked for")
        await asyncio.sleep(STALLED)


def _in_tenant(lock: str | None) -> str | None:
    return f"{current_tenant()}/{lock}" if lock else None
