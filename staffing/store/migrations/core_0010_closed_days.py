"""Days on which a district is closed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import UUID, Date, Text
from piccolo.columns.defaults.date import DateNow
from piccolo.columns.defaults.uuid import UUID4

from staffing.store.engine import current_tenant

ID = "core-0010"
VERSION = "1.38.0"
DESCRIPTION = "Closed days"

COLUMNS = (
    ("id", UUID, {"default": UUID4(), "primary_key": True}),
    ("tenant", Text, {"default": current_tenant}),
    ("kind", Text, {"default": ""}),
    ("day", Date, {"default": DateNow()}),
)


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="core", description=DESCRIPTION)
    manager.add_table(class_name="ClosedDay", tablename="closed_day", schema=None, columns=None)
    for column, kind, params in COLUMNS:
        manager.add_column(
            table_class_name="ClosedDay",
            tablename="closed_day",
            schema=None,
            column_name=column,
            db_column_name=column,
            column_class_name=kind.__name__,
            column_class=kind,
            params=params,
        )
    return manager
