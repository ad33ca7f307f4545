"""What must never happen, said to the database: see the SQL file beside this one."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.store.engine import DB

ID = "core-0002"
VERSION = "1.38.0"
DESCRIPTION = "Roles, row-level security, checks, the journal's chain, no double booking"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)

    async def rules() -> None:
        await DB.run_script(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

    manager.add_raw(rules)
    return manager
