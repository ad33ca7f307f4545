"""What a piece of evidence is besides whose and which it is, named in one column: see the SQL file beside this one."""

from pathlib import Path

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.store.engine import DB

ID = "core-0009"
VERSION = "1.38.0"
DESCRIPTION = "Patterns of evidence, and what keeping a decision costs"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)

    async def rules() -> None:
        await DB.run_script(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

    manager.add_raw(rules)
    return manager
