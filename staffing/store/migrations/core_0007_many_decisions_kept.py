"""Decisions for a whole district at once: see the SQL file beside this one."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.store.engine import DB

ID = "core-0007"
VERSION = "1.38.0"
DESCRIPTION = "Decisions in parts, and what keeping one costs"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)

    async def rules() -> None:
        await DB.run_script(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

    manager.add_raw(rules)
    return manager
