"""What every test may ask for: a real PostgreSQL, and in it a migrated database of one's own.

``database``  a fresh, migrated database with the engine's pool open on it as the application's role; gives its address
``tenant``    the same with one invented district in it; gives the district's id, "alder" (us-ca)
``new_database``  makes further databases, migrated or empty, without opening the pool
``installation``  (always on) a data folder of this test run's own, so that no test touches the repository's

Rows are made with the plain functions in ``tests/factories.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from staffing.store.engine import DB
from staffing.store.migrate import up_to_date
from staffing.store.pool import close_pool, open_pool
from staffing.store.server import serve
from tests.factories import make_tenant

#: PostgreSQL for tests: nothing has to survive a power cut, and copies of the template are made from files.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60", "shared_buffers": "32MB"}

NewDatabase = Callable[..., Awaitable[str]]


# Where a change is judged, the same examples are tried each time, so that it is not stopped by a mistake it did not bring;
# everywhere else they are new ones each time.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

#: Copying the template is ten times as fast in memory; a container's own 64 MB of it would not do.
MEMORY = Path("/dev/shm")
ROOM = 1_000_000_000


def short_folder() -> Path:
    """A new folder that PostgreSQL's user may pass through, with a path short enough for a socket."""
    in_memory = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="staffing-test-", dir=MEMORY if in_memory else "/tmp")).resolve()
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session", autouse=True)
def installation() -> Iterator[Path]:
    """The data folder of this test run (one per worker), named by STAFFING_DATA; no database address is set."""
    folder = short_folder()
    changed = {
        name: os.environ.pop(name, None)
        for name in ("STAFFING_DATA", "STAFFING_DATABASE_URL", "STAFFING_TODAY", "STAFFING_DEMO", "STAFFING_PLUGINS_OFF")
    }
    os.environ["STAFFING_DATA"] = str(folder)
    try:
        yield folder
    finally:
        del os.environ["STAFFING_DATA"]
        os.environ.update({name: value for name, value in changed.items() if value is not None})
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def server(installation: Path) -> Iterator[str]:
    """The address of the empty database ``postgres`` on a server of this worker's own."""
    with serve(installation / "postgres", database="template_of_tests", settings=FAST) as url:
        yield url.replace("/template_of_tests?", "/postgres?")


@pytest.fixture(scope="session")
async def template(server: str) -> str:
    """The name of a migrated database to copy."""
    await up_to_date(server.replace("/postgres?", "/template_of_tests?"))
    return "template_of_tests"


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return itertools.count(1)


@pytest.fixture
async def new_database(server: str, template: str, _numbers: Iterator[int]) -> AsyncIterator[NewDatabase]:
    """``await new_database()`` gives the address of a migrated database, ``new_database(migrated=False)`` of an empty one."""
    made: list[str] = []
    admin = await asyncpg.connect(server)

    async def make(*, migrated: bool = True) -> str:
        name = f"test_{next(_numbers)}"
        await admin.execute(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy" if migrated else f"CREATE DATABASE {name}"
        )
        made.append(name)
        return server.replace("/postgres?", f"/{name}?")

    try:
        yield make
    finally:
        for name in made:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncIterator[str]:
    """A migrated database with the pool open on it as ``staffing_app``. Its address goes to another process as
    STAFFING_DATABASE_URL."""
    url = await new_database()
    _drop_the_pool()
    await open_pool(url, min_size=1, max_size=6)
    try:
        yield url
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(close_pool(), 10)
        _drop_the_pool()


def _drop_the_pool() -> None:
    """Leave no pool of a test that failed to the next one."""
    if DB.pool is not None:
        DB.pool.terminate()
        DB.pool = None


@pytest.fixture
async def tenant(database: str) -> str:
    """An invented district in California, id "alder", in a fresh database."""
    return await make_tenant("alder", name="Alder Unified", community="Alder", jurisdiction="us-ca")
