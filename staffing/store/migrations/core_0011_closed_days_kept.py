"""What the database refuses about closed days: a kind nobody knows, and the same day twice."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from staffing.store.engine import DB

ID = "core-0011"
VERSION = "1.38.0"
DESCRIPTION = "Closed days, kept"

RULES = """
ALTER TABLE closed_day ADD CONSTRAINT closed_day_kind CHECK (kind IN ('work', 'school'));
CREATE UNIQUE INDEX closed_day_once ON closed_day (tenant, kind, day);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    manager.add_raw(_rules)
    return manager


async def _rules() -> None:
    await DB.run_script(RULES)
