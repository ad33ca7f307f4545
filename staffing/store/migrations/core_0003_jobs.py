"""The job queue: procrastinate's own tables and functions, usable by the application's role."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from procrastinate.schema import SchemaManager

from staffing.store.engine import DB

ID = "core-0003"
VERSION = "1.38.0"
DESCRIPTION = "The job queue (procrastinate 3.10)"

RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE
  ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers TO staffing_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO staffing_app;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)

    async def queue() -> None:
        await DB.run_script(SchemaManager.get_schema())
        await DB.run_script(RIGHTS)

    manager.add_raw(queue)
    return manager
