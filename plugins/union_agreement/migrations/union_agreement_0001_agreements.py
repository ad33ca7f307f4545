"""Agreements and their steps, units, officers, records, position actions, simulations, statements and waiver files."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.defaults.date import DateNow
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import current_tenant

ID = "union_agreement-0001"
VERSION = "1.38.0"
DESCRIPTION = "Agreements"
SCHEMA = "union_agreement"


class Agreement(Table, tablename="agreement", schema=SCHEMA):
    """What foreign keys point to."""

    id = UUID(primary_key=True, default=UUID4())


TABLES: dict[str, tuple[str, tuple[tuple[str, type, dict[str, Any]], ...]]] = {
    "Agreement": (
        "agreement",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("code", Text, {"default": ""}),
            ("version", Integer, {"default": 1}),
            ("previous", UUID, {"default": None, "null": True}),
            ("title", Text, {"default": ""}),
            ("kind", Text, {"default": ""}),
            ("side", Text, {"default": ""}),
            ("state", Text, {"default": "draft"}),
            ("body", JSONB, {"default": "{}"}),
            ("digest", Text, {"default": ""}),
            ("since", Date, {"default": DateNow()}),
            ("until", Date, {"default": None, "null": True}),
            ("frozen_at", Timestamptz, {"default": None, "null": True}),
            ("frozen_digest", Text, {"default": ""}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
            ("changed_at", Timestamptz, {"default": TimestamptzNow()}),
            ("invented", Boolean, {"default": False}),
        ),
    ),
    "Step": (
        "step",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("agreement", ForeignKey, {"references": Agreement, "default": None, "null": True}),
            ("before", Text, {"default": ""}),
            ("after", Text, {"default": ""}),
            ("side", Text, {"default": ""}),
            ("by", Text, {"default": ""}),
            ("role", Text, {"default": ""}),
            ("why", Text, {"default": ""}),
            ("record", JSONB, {"default": "{}"}),
            ("at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Unit": (
        "unit",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("code", Text, {"default": ""}),
            ("name", Text, {"default": ""}),
            ("represented_by", Text, {"default": ""}),
            ("duties", JSONB, {"default": "[]"}),
        ),
    ),
    "Officer": (
        "officer",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("account", UUID, {"default": UUID4()}),
            ("name", Text, {"default": ""}),
            ("side", Text, {"default": ""}),
            ("role", Text, {"default": ""}),
            ("unit", Text, {"default": ""}),
            ("since", Date, {"default": DateNow()}),
            ("until", Date, {"default": None, "null": True}),
            ("registered_by", Text, {"default": ""}),
            ("registered_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Record": (
        "record",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("kind", Text, {"default": ""}),
            ("agreement", ForeignKey, {"references": Agreement, "default": None, "null": True}),
            ("clause", Text, {"default": ""}),
            ("role", Text, {"default": ""}),
            ("on", Date, {"default": DateNow()}),
            ("placement", UUID, {"default": None, "null": True}),
            ("body", JSONB, {"default": "{}"}),
            ("made_by", Text, {"default": ""}),
            ("withdrawn_on", Date, {"default": None, "null": True}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Ask": (
        "ask",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("agreement", ForeignKey, {"references": Agreement, "default": None, "null": True}),
            ("clause", Text, {"default": ""}),
            ("role", Text, {"default": ""}),
            ("placement", UUID, {"default": None, "null": True}),
            ("work", Text, {"default": ""}),
            ("scope", JSONB, {"default": "{}"}),
            ("why", Text, {"default": ""}),
            ("asked_by", Text, {"default": ""}),
            ("asked_at", Timestamptz, {"default": TimestamptzNow()}),
            ("answer", Text, {"default": ""}),
            ("says", Text, {"default": ""}),
            ("answered_by", Text, {"default": ""}),
            ("answered_at", Timestamptz, {"default": None, "null": True}),
            ("record", UUID, {"default": None, "null": True}),
        ),
    ),
    "Happening": (
        "happening",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("agreement", ForeignKey, {"references": Agreement, "default": None, "null": True}),
            ("event", Text, {"default": ""}),
            ("on", Date, {"default": DateNow()}),
            ("told_by", Text, {"default": ""}),
            ("told_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "PositionAction": (
        "position_action",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("kind", Text, {"default": ""}),
            ("on", Date, {"default": DateNow()}),
            ("until", Date, {"default": None, "null": True}),
            ("classification", Text, {"default": ""}),
            ("unit", Text, {"default": ""}),
            ("site", UUID, {"default": None, "null": True}),
            ("site_name", Text, {"default": ""}),
            ("positions", Integer, {"default": 1}),
            ("hours_before", Numeric, {"default": None, "null": True}),
            ("hours_after", Numeric, {"default": None, "null": True}),
            ("duties", JSONB, {"default": "[]"}),
            ("cause", Text, {"default": ""}),
            ("digest", Text, {"default": ""}),
            ("file", Text, {"default": ""}),
            ("imported_by", Text, {"default": ""}),
            ("imported_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "ClosedDay": (
        "closed_day",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("kind", Text, {"default": ""}),
            ("day", Date, {"default": DateNow()}),
        ),
    ),
    "Simulation": (
        "simulation",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("agreement", ForeignKey, {"references": Agreement, "default": None, "null": True}),
            ("digest", Text, {"default": ""}),
            ("side", Text, {"default": ""}),
            ("asked_by", Text, {"default": ""}),
            ("state", Text, {"default": "queued"}),
            ("done", Integer, {"default": 0}),
            ("total", Integer, {"default": 0}),
            ("result", JSONB, {"default": "{}"}),
            ("says", Text, {"default": ""}),
            ("asked_at", Timestamptz, {"default": TimestamptzNow()}),
            ("finished_at", Timestamptz, {"default": None, "null": True}),
        ),
    ),
    "Statement": (
        "statement",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("quarter", Text, {"default": ""}),
            ("version", Integer, {"default": 1}),
            ("body", JSONB, {"default": "{}"}),
            ("digest", Text, {"default": ""}),
            ("pdf", Bytea, {"default": None, "null": True}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
            ("district_by", Text, {"default": ""}),
            ("district_at", Timestamptz, {"default": None, "null": True}),
            ("union_by", Text, {"default": ""}),
            ("union_at", Timestamptz, {"default": None, "null": True}),
        ),
    ),
    "WaiverFile": (
        "waiver_file",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("waiver", UUID, {"default": UUID4()}),
            ("kind", Text, {"default": "waiver"}),
            ("authority", Text, {"default": ""}),
            ("applicant", Text, {"default": ""}),
            ("hearing_on", Date, {"default": None, "null": True}),
            ("union_step", Text, {"default": "none"}),
            ("union_step_on", Date, {"default": None, "null": True}),
            ("union_step_says", Text, {"default": ""}),
            ("conditions_kept", JSONB, {"default": "[]"}),
            ("renewal_lead_days", Integer, {"default": 90}),
            ("renewal_asked_on", Date, {"default": None, "null": True}),
            ("posted_url", Text, {"default": ""}),
            ("changed_by", Text, {"default": ""}),
            ("changed_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Revision": (
        "revision",
        (
            ("tenant", Text, {"default": current_tenant, "primary_key": True}),
            ("n", Integer, {"default": 0}),
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
    return manager
