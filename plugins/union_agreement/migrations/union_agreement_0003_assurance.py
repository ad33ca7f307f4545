"""Files of position actions, classifications, what a waiver is about, and statements that are kept as they were made."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSONB, UUID, Boolean, Date, Integer, Text, Timestamptz
from piccolo.columns.defaults.date import DateNow
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4

from staffing.api import current_tenant

ID = "union_agreement-0003"
VERSION = "1.38.0"
DESCRIPTION = "Assurance"
SCHEMA = "union_agreement"

TABLES: dict[str, tuple[str, tuple[tuple[str, type, dict[str, Any]], ...]]] = {
    "Classification": (
        "classification",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("name", Text, {"default": ""}),
            ("unit", Text, {"default": ""}),
            ("duties", JSONB, {"default": "[]"}),
        ),
    ),
    "PositionFile": (
        "position_file",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("name", Text, {"default": ""}),
            ("digest", Text, {"default": ""}),
            ("complete_through", Date, {"default": DateNow()}),
            ("rows", Integer, {"default": 0}),
            ("added", Integer, {"default": 0}),
            ("changed", Integer, {"default": 0}),
            ("imported_by", Text, {"default": ""}),
            ("imported_at", Timestamptz, {"default": TimestamptzNow()}),
            ("invented", Boolean, {"default": False}),
        ),
    ),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="union_agreement", description=DESCRIPTION)
    for name, (tablename, columns) in TABLES.items():
        manager.add_table(class_name=name, tablename=tablename, schema=SCHEMA, columns=None)
        for column, kind, params in columns:
            manager.add_column(
                table_class_name=name,
                tablename=tablename,
                schema=SCHEMA,
                column_name=column,
                column_class_name=kind.__name__,
                column_class=kind,
                params=params,
            )
    manager.add_column(
        table_class_name="WaiverFile",
        tablename="waiver_file",
        schema=SCHEMA,
        column_name="subject",
        column_class_name="Text",
        column_class=Text,
        params={"default": ""},
    )
    return manager
