"""Migrations: all or nothing, one process at a time, every name once, and the tables as the classes say."""

from __future__ import annotations

import asyncio
import importlib
import sys
import textwrap
from pathlib import Path

import asyncpg
import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import AppRegistry
from procrastinate.schema import SchemaManager

from staffing import piccolo_conf
from staffing.core.errors import Unusable
from staffing.store import freshness, journal, migrate
from staffing.store.apps import CORE, app_modules
from staffing.store.engine import DB, tenant_transaction
from staffing.store.pool import close_pool, open_pool
from staffing.store.tables import Person
from tests import factories as make
from tests.conftest import NewDatabase

CORE_MIGRATIONS = [
    f"core core-{path.name[5:9]}" for path in sorted((Path(migrate.__file__).parent / "migrations").glob("core_*.py"))
]


async def relations(url: str) -> set[str]:
    owner = await asyncpg.connect(url)
    rows = await owner.fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    await owner.close()
    return {row["relname"] for row in rows}


@pytest.fixture
def app_in_a_plugin(tmp_path, monkeypatch):
    """Write a plugin's Piccolo app with these migrations (name to body) and put it beside the core's."""

    def write(**migrations: str) -> None:
        name = f"invented_{tmp_path.name.replace('-', '_')}"
        folder = tmp_path / name
        (folder / "migrations").mkdir(parents=True)
        (folder / "__init__.py").write_text("")
        (folder / "piccolo_app.py").write_text(
            "from pathlib import Path\nfrom piccolo.conf.apps import AppConfig\n"
            "APP_CONFIG = AppConfig(app_name='invented', migrations_folder_path=str(Path(__file__).parent / 'migrations'),"
            f" table_classes=[], migration_dependencies=['{CORE}'])\n"
        )
        for number, (migration, sql) in enumerate(migrations.items(), 1):
            (folder / "migrations" / f"{name}_{migration}.py").write_text(
                textwrap.dedent(f"""
                from piccolo.apps.migrations.auto.migration_manager import MigrationManager
                from staffing.store.engine import DB, tenant_transaction
                ID = "invented-{number:04}"
                async def forwards():
                    manager = MigrationManager(migration_id=ID, app_name="invented", description="")
                    async def run():
                        await DB.run_script({sql!r})
                    manager.add_raw(run)
                    return manager
                """)
            )
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(piccolo_conf, "APP_REGISTRY", AppRegistry(apps=[*app_modules(), f"{name}.piccolo_app"]))

    return write


async def test_an_empty_database_gets_every_migration_and_a_second_time_none(new_database: NewDatabase):
    url = await new_database(migrated=False)
    applied = await migrate.up_to_date(url)
    assert applied[: len(CORE_MIGRATIONS)] == CORE_MIGRATIONS
    assert await migrate.up_to_date(url) == []
    await open_pool(url)
    assert await migrate.pending() == []
    await close_pool()


async def test_a_migration_that_fails_is_named_and_undoes_all_of_them(new_database: NewDatabase, app_in_a_plugin):
    url = await new_database(migrated=False)
    app_in_a_plugin(fine="CREATE TABLE fine (id int)", wrong="CREATE TABLE wrong (id no_such_type)")
    with pytest.raises(Unusable, match=r"in migration invented-0002: type \"no_such_type\" does not exist. Nothing was changed"):
        await migrate.up_to_date(url)
    assert DB.pool is None
    assert await relations(url) == set()


async def test_a_plugins_tables_of_districts_are_protected_without_its_doing(new_database: NewDatabase, app_in_a_plugin):
    url = await new_database()
    app_in_a_plugin(
        one="CREATE SCHEMA invented; CREATE TABLE invented.thing (id int, tenant text); CREATE TABLE invented.list (id int)"
    )
    assert await migrate.up_to_date(url) == ["invented invented-0001"]
    await open_pool(url)
    try:
        assert await migrate.unprotected() == []
        async with DB.transaction() as transaction:
            run = transaction.connection
            await run.execute("SELECT set_config('staffing.tenant', 'alder', true)")
            await run.execute("INSERT INTO invented.thing (id) VALUES (1); INSERT INTO invented.list VALUES (1)")
            await run.execute("SELECT set_config('staffing.tenant', 'birch', true)")
            assert await run.fetchval("SELECT count(*) FROM invented.thing") == 0
            assert await run.fetchval("SELECT count(*) FROM invented.list") == 1
    finally:
        await close_pool()


async def test_a_database_of_a_newer_version_is_refused_and_one_of_a_plugin_that_is_gone_is_not(new_database: NewDatabase):
    url = await new_database()
    owner = await asyncpg.connect(url)
    note = "INSERT INTO migration (name, app_name, ran_on) VALUES ($1, $2, now())"
    await owner.execute(note, "vanished-0001", "vanished")
    assert await migrate.up_to_date(url) == []
    await owner.execute(note, "core-9999", "core")
    await owner.close()
    with pytest.raises(Unusable, match=r"a newer version of staffing: core core-9999 is not known here"):
        await migrate.up_to_date(url)


async def test_three_processes_that_migrate_at_once_apply_each_migration_once(new_database: NewDatabase):
    url = await new_database(migrated=False)
    code = f"import asyncio; from staffing.store.migrate import up_to_date; print(len(asyncio.run(up_to_date({url!r}))))"
    children = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE) for _ in range(3)
    ]
    answers = sorted([int((await child.communicate())[0]) for child in children])
    assert answers[:2] == [0, 0]
    assert answers[2] >= len(CORE_MIGRATIONS)
    assert [child.returncode for child in children] == [0, 0, 0]


async def test_waiting_for_another_migrator_that_is_stuck_ends_with_a_sentence(new_database: NewDatabase, monkeypatch):
    url = await new_database(migrated=False)
    stuck = await asyncpg.connect(url)
    await stuck.execute("SELECT pg_advisory_lock($1)", migrate.LOCK)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "50ms")
    with pytest.raises(Unusable, match="another process holds what it needs"):
        await migrate.up_to_date(url)
    await stuck.close()
    assert await relations(url) == set()


async def test_a_login_that_may_not_make_tables_gets_a_sentence(new_database: NewDatabase):
    url = await new_database(migrated=False)
    await open_pool(url, role="pg_read_all_data")
    try:
        with pytest.raises(Unusable, match=r"permission denied.*Nothing was changed.*needs to own the database"):
            await migrate.migrate()
    finally:
        await close_pool()


async def test_a_login_that_is_no_superuser_may_own_the_database(new_database: NewDatabase, server: str):
    """As on a managed server: the rules bind the owner too, and badges are still found without a district."""
    admin = await asyncpg.connect(server)
    await admin.execute("CREATE ROLE plain_owner LOGIN CREATEROLE; GRANT staffing_app TO plain_owner")
    url = await new_database(migrated=False)
    name = url.rpartition("/test_")[2].partition("?")[0]
    await admin.execute(f"ALTER DATABASE test_{name} OWNER TO plain_owner")
    try:
        await open_pool(url, role="plain_owner")
        await migrate.migrate()
        await migrate.migrate()
        assert await DB.pool.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        await close_pool()
        await open_pool(url)
        await make.make_tenant()
        await make.make_credential(cti=b"0123456789abcdef")
        assert await DB.pool.fetchval("SELECT count(*) FROM credential") == 0
        assert await DB.pool.fetchval("SELECT tenant FROM credential_by_cti('0123456789abcdef')") == "alder"
        async with tenant_transaction("alder"):
            await journal.record("person:added", "person/1", actor="hr/- Sam")
        assert await journal.verify() is None
    finally:
        await close_pool()
        await admin.execute(f"ALTER DATABASE test_{name} OWNER TO staffing")
        await admin.execute(f"DROP DATABASE test_{name} WITH (FORCE)")
        await admin.execute("DROP OWNED BY plain_owner; DROP ROLE plain_owner")
        await admin.close()


async def test_the_tables_in_the_migrations_are_those_of_the_classes():
    """A change of a table class needs a migration; this says which one is missing."""
    manager = AutoMigrationManager()
    for name, config in piccolo_conf.APP_REGISTRY.app_configs.items():
        changes = [line for group in await manager.get_alter_statements(config) for line in group.statements]
        assert changes == [], (
            f"the app {name} needs a migration: PICCOLO_CONF=staffing.piccolo_conf piccolo migrations new {name} --auto"
        )


def test_migration_files_and_ids_are_unique_over_all_apps_and_carry_the_apps_name():
    """Piccolo imports migrations by bare file name and runs whichever it finds first."""
    files: list[str] = []
    ids: list[str] = []
    for name, config in piccolo_conf.APP_REGISTRY.app_configs.items():
        for path in sorted(Path(config.resolved_migrations_folder_path).glob("*.py")):
            if path.stem != "__init__":
                assert path.stem.startswith(f"{name}_"), path
                spec = importlib.util.spec_from_file_location(f"checked.{path.stem}", path)
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                assert module.ID.startswith(f"{name}-"), path
                files.append(path.stem)
                ids.append(module.ID)
    assert len(files) == len(set(files)) >= len(CORE_MIGRATIONS)
    assert len(ids) == len(set(ids))


def test_every_table_names_its_engine_and_a_plugins_tables_are_in_its_schema():
    for name, config in piccolo_conf.APP_REGISTRY.app_configs.items():
        for table in config.table_classes:
            assert table._meta._db is DB, table
            assert table._meta.schema == (None if name == "core" else name), table
    assert Person in piccolo_conf.APP_REGISTRY.app_configs["core"].table_classes


def test_the_job_queues_schema_is_the_one_that_was_migrated():
    """procrastinate brings its own schema; a new version of it needs a new migration with what has changed since 3.10."""
    newest = max(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    assert newest == "03.04.00_50_post_add_retry_failed_job_procedure.sql"


async def test_a_database_that_is_current_is_known_without_asking_piccolo(new_database: NewDatabase) -> None:
    url = await new_database(migrated=False)
    assert not await freshness.is_current(url)
    assert (await freshness.bring_up_to_date(url))[: len(CORE_MIGRATIONS)] == CORE_MIGRATIONS
    assert await freshness.is_current(url)
    assert await freshness.bring_up_to_date(url) == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM migration WHERE name = 'core-0003'",
        "INSERT INTO migration (name, app_name) VALUES ('core-9999', 'core')",
        "CREATE TABLE forgotten (tenant text)",
    ],
    ids=["one has not run", "a newer version ran one", "a table is not protected"],
)
async def test_whatever_is_not_certain_is_looked_at_properly(new_database: NewDatabase, change: str) -> None:
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute(change)
    await connection.close()
    assert not await freshness.is_current(url)
