"""Accounts, packages, orders and events; consents and notices; what was decided; what follows; what is kept how long."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.date import DateNow
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import current_tenant

ID = "background_check-0001"
VERSION = "1.38.0"
DESCRIPTION = "Checks"
SCHEMA = "background_check"


class AdverseAction(Table, tablename="adverse_action", schema=SCHEMA):
    """What foreign keys point to."""

    id = UUID(primary_key=True, default=UUID4())


class CheckOrder(Table, tablename="check_order", schema=SCHEMA):
    """What foreign keys point to."""

    id = UUID(primary_key=True, default=UUID4())


class Package(Table, tablename="package", schema=SCHEMA):
    """What foreign keys point to."""

    id = UUID(primary_key=True, default=UUID4())


class ProviderAccount(Table, tablename="provider_account", schema=SCHEMA):
    """What foreign keys point to."""

    id = UUID(primary_key=True, default=UUID4())


TABLES: dict[str, tuple[str, tuple[tuple[str, type, dict[str, Any]], ...]]] = {
    "ProviderAccount": (
        "provider_account",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("provider", Text, {"default": ""}),
            ("title", Text, {"default": ""}),
            ("settings", JSONB, {"default": "{}"}),
            ("secrets", Bytea, {"default": None, "null": True}),
            ("state", Text, {"default": "connected"}),
            ("says", Text, {"default": ""}),
            ("trouble_since", Timestamptz, {"default": None, "null": True}),
            ("looked_at", Timestamptz, {"default": None, "null": True}),
            ("invented", Boolean, {"default": False}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Package": (
        "package",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("account", ForeignKey, {"references": ProviderAccount, "default": None, "null": True}),
            ("code", Text, {"default": ""}),
            ("title", Text, {"default": ""}),
            ("kinds", JSONB, {"default": "[]"}),
            ("searches", JSONB, {"default": "[]"}),
            ("purpose", Text, {"default": "volunteer"}),
            ("jurisdiction", Text, {"default": ""}),
            ("consumer_report", Boolean, {"default": False}),
            ("youngest", Integer, {"default": 18}),
            ("who_pays", Text, {"default": "district"}),
            ("cost_cents", Integer, {"default": None, "null": True}),
            ("usual_days", Integer, {"default": None, "null": True}),
            ("good_months", Integer, {"default": None, "null": True}),
            ("second_reviewer", Boolean, {"default": False}),
            ("how", Text, {"default": ""}),
            ("active", Boolean, {"default": True}),
        ),
    ),
    "CheckOrder": (
        "check_order",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("account", ForeignKey, {"references": ProviderAccount, "default": None, "null": True}),
            ("package", ForeignKey, {"references": Package, "default": None, "null": True}),
            ("placement", UUID, {"default": None, "null": True}),
            ("position", UUID, {"default": None, "null": True}),
            ("status", Text, {"default": "to_authorise"}),
            ("result", Text, {"default": None, "null": True}),
            ("detail", Text, {"default": ""}),
            ("outcome", Text, {"default": None, "null": True}),
            ("provider_word", Text, {"default": ""}),
            ("says", Text, {"default": ""}),
            ("subject_ref", Text, {"default": ""}),
            ("order_ref", Text, {"default": ""}),
            ("report_ref", Text, {"default": ""}),
            ("link", Text, {"default": ""}),
            ("link_until", Timestamptz, {"default": None, "null": True}),
            ("searches", JSONB, {"default": "[]"}),
            ("eta", Date, {"default": None, "null": True}),
            ("requested_on", Date, {"default": None, "null": True}),
            ("completed_at", Timestamptz, {"default": None, "null": True}),
            ("revised_at", Timestamptz, {"default": None, "null": True}),
            ("followed_at", Timestamptz, {"default": None, "null": True}),
            ("opened_again_at", Timestamptz, {"default": None, "null": True}),
            ("last_action_on", Date, {"default": None, "null": True}),
            ("next_try_at", Timestamptz, {"default": None, "null": True}),
            ("tries", Integer, {"default": 0}),
            ("asked", JSONB, {"default": "[]"}),
            ("given", JSONB, {"default": "[]"}),
            ("renews", UUID, {"default": None, "null": True}),
            ("why", Text, {"default": ""}),
            ("ordered_by", Text, {"default": ""}),
            ("ordered_at", Timestamptz, {"default": TimestamptzNow()}),
            ("version", Integer, {"default": 1}),
            ("invented", Boolean, {"default": False}),
        ),
    ),
    "Consent": (
        "consent",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("person", UUID, {"default": UUID4()}),
            ("kind", Text, {"default": ""}),
            ("text_id", Text, {"default": ""}),
            ("text_version", Text, {"default": ""}),
            ("language", Text, {"default": ""}),
            ("sha256", Bytea, {"default": b""}),
            ("name_typed", Text, {"default": ""}),
            ("address", Text, {"default": ""}),
            ("filled", JSONB, {"default": "{}"}),
            ("answer", Text, {"default": ""}),
            ("signed_on", Date, {"default": None, "null": True}),
            ("recorded_by", Text, {"default": ""}),
            ("at", Timestamptz, {"default": TimestamptzNow(), "db_column_name": "at_time"}),
        ),
    ),
    "Notice": (
        "notice",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("number", Integer, {"default": 0}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("person", UUID, {"default": UUID4()}),
            ("kind", Text, {"default": ""}),
            ("language", Text, {"default": ""}),
            ("text_version", Text, {"default": ""}),
            ("html", Text, {"default": ""}),
            ("letter", JSONB, {"default": "{}"}),
            ("pdf", Bytea, {"default": None, "null": True}),
            ("sha256", Bytea, {"default": b""}),
            ("channels", Text, {"default": ""}),
            ("delivery", Text, {"default": "sent"}),
            ("delivery_says", Text, {"default": ""}),
            ("sent_on", Date, {"default": DateNow()}),
            ("opened_at", Timestamptz, {"default": None, "null": True}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Accepted": (
        "accepted",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("from_tenant", Text, {"default": ""}),
            ("from_name", Text, {"default": ""}),
            ("share", UUID, {"default": UUID4()}),
            ("items", JSONB, {"default": "[]"}),
            ("given", JSONB, {"default": "[]"}),
            ("decided_by", Text, {"default": ""}),
            ("decided_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Flag": (
        "flag",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("kind", Text, {"default": ""}),
            ("source", Text, {"default": ""}),
            ("happened_on", Date, {"default": None, "null": True}),
            ("rule", Text, {"default": ""}),
            ("late", Boolean, {"default": None, "null": True}),
            ("holds", Boolean, {"default": False}),
            ("order", UUID, {"default": None, "null": True, "db_column_name": "of_order"}),
            ("received_at", Timestamptz, {"default": TimestamptzNow()}),
            ("received_by", Text, {"default": ""}),
            ("ended", Text, {"default": ""}),
            ("reason", Text, {"default": ""}),
            ("ended_by", Text, {"default": ""}),
            ("ended_at", Timestamptz, {"default": None, "null": True}),
            ("invented", Boolean, {"default": False}),
        ),
    ),
    "Reminder": (
        "reminder",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("rule", Text, {"default": ""}),
            ("runs_out", Date, {"default": DateNow()}),
            ("days", Text, {"default": ""}),
            ("channel", Text, {"default": ""}),
            ("told_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Share": (
        "share",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("digest", Bytea, {"default": b""}),
            ("items", JSONB, {"default": "[]"}),
            ("until", Date, {"default": DateNow()}),
            ("withdrawn_at", Timestamptz, {"default": None, "null": True}),
            ("looked_at", JSONB, {"default": "[]"}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "ShareTry": (
        "share_try",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("tried_by", Text, {"default": ""}),
            ("found", Boolean, {"default": False}),
            ("tried_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "AdverseAction": (
        "adverse_action",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("person", UUID, {"default": UUID4()}),
            ("state", Text, {"default": ""}),
            ("rule", Text, {"default": ""}),
            ("terms", JSONB, {"default": "{}"}),
            ("sent_on", Date, {"default": None, "null": True}),
            ("deemed_received_on", Date, {"default": None, "null": True}),
            ("deadline", Date, {"default": None, "null": True}),
            ("paused_on", Date, {"default": None, "null": True}),
            ("left_days", Integer, {"default": None, "null": True}),
            ("opened_by", Text, {"default": ""}),
            ("opened_account", UUID, {"default": None, "null": True}),
            ("opened_at", Timestamptz, {"default": TimestamptzNow()}),
            ("ended_by", Text, {"default": ""}),
            ("ended_at", Timestamptz, {"default": None, "null": True}),
            ("version", Integer, {"default": 1}),
        ),
    ),
    "Assessment": (
        "assessment",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("number", Integer, {"default": 0}),
            ("form", JSONB, {"default": "{}"}),
            ("outcome", Text, {"default": ""}),
            ("policy_version", Text, {"default": ""}),
            ("assessed_by", Text, {"default": ""}),
            ("assessed_account", UUID, {"default": None, "null": True}),
            ("assessed_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "CheckDetermination": (
        "determination",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("outcome", Text, {"default": ""}),
            ("reason_code", Text, {"default": ""}),
            ("note", Text, {"default": ""}),
            ("conditions", JSONB, {"default": "[]"}),
            ("policy_version", Text, {"default": ""}),
            ("state", Text, {"default": "final"}),
            ("decided_by", Text, {"default": ""}),
            ("decided_account", UUID, {"default": None, "null": True}),
            ("decided_at", Timestamptz, {"default": TimestamptzNow()}),
            ("second_by", Text, {"default": ""}),
            ("second_at", Timestamptz, {"default": None, "null": True}),
            ("valid_until", Date, {"default": None, "null": True}),
        ),
    ),
    "Dispute": (
        "dispute",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("action", ForeignKey, {"references": AdverseAction, "default": None, "null": True}),
            ("about", Text, {"default": ""}),
            ("papers", JSONB, {"default": "[]"}),
            ("words", Bytea, {"default": None, "null": True}),
            ("came_by", Text, {"default": "page"}),
            ("opened_on", Date, {"default": DateNow()}),
            ("opened_by", Text, {"default": ""}),
            ("ended", Text, {"default": ""}),
            ("ended_on", Date, {"default": None, "null": True}),
            ("ended_by", Text, {"default": ""}),
        ),
    ),
    "Destruction": (
        "destruction",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("number", Integer, {"default": 0}),
            ("on", Date, {"default": DateNow(), "db_column_name": "on_day"}),
            ("body", JSONB, {"default": "{}"}),
            ("digest", Bytea, {"default": b""}),
            ("pdf", Bytea, {"default": None, "null": True}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "LegalHold": (
        "legal_hold",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": None, "null": True}),
            ("matter", Text, {"default": ""}),
            ("since", Date, {"default": DateNow()}),
            ("ended_on", Date, {"default": None, "null": True}),
            ("made_by", Text, {"default": ""}),
            ("ended_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Policy": (
        "policy",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("version", Integer, {"default": 0}),
            ("body", JSONB, {"default": "{}"}),
            ("why", Text, {"default": ""}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "RetentionChoice": (
        "retention_choice",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("item", Text, {"default": ""}),
            ("months", Integer, {"default": 0}),
            ("why", Text, {"default": ""}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "CountsShown": (
        "counts_shown",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("purpose", Text, {"default": ""}),
            ("period", Text, {"default": ""}),
            ("body", JSONB, {"default": "{}"}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "SelfDescription": (
        "self_description",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("person", UUID, {"default": UUID4()}),
            ("groups", JSONB, {"default": "[]"}),
            ("told_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "TimerChoice": (
        "timer_choice",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("rule", Text, {"default": ""}),
            ("counts", Boolean, {"default": False}),
            ("body", JSONB, {"default": "{}"}),
            ("signed_off_by", Text, {"default": ""}),
            ("note", Text, {"default": ""}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
        ),
    ),
    "Batch": (
        "batch",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("account", ForeignKey, {"references": ProviderAccount, "default": None, "null": True}),
            ("way", Text, {"default": ""}),
            ("state", Text, {"default": "made"}),
            ("name", Text, {"default": ""}),
            ("sha256", Bytea, {"default": b""}),
            ("rows", JSONB, {"default": "[]"}),
            ("made_by", Text, {"default": ""}),
            ("made_at", Timestamptz, {"default": TimestamptzNow()}),
            ("invented", Boolean, {"default": False}),
        ),
    ),
    "CheckLook": (
        "check_look",
        (
            ("id", UUID, {"default": UUID4(), "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("order", ForeignKey, {"references": CheckOrder, "default": None, "null": True, "db_column_name": "of_order"}),
            ("viewer", Text, {"default": ""}),
            ("on", Date, {"default": DateNow(), "db_column_name": "on_day"}),
        ),
    ),
    "CheckEvent": (
        "check_event",
        (
            ("id", BigInt, {"default": 0, "primary_key": True}),
            ("tenant", Text, {"default": current_tenant}),
            ("account", ForeignKey, {"references": ProviderAccount, "default": None, "null": True}),
            ("provider_event", Text, {"default": ""}),
            ("type", Text, {"default": ""}),
            ("refs", JSONB, {"default": "[]"}),
            ("body_sha256", Bytea, {"default": b""}),
            ("state", Text, {"default": "new"}),
            ("says", Text, {"default": ""}),
            ("said_at", Timestamptz, {"default": None, "null": True}),
            ("received_at", Timestamptz, {"default": TimestamptzNow()}),
            ("done_at", Timestamptz, {"default": None, "null": True}),
        ),
    ),
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="background_check", description=DESCRIPTION)
    for name, (tablename, columns) in TABLES.items():
        manager.add_table(class_name=name, tablename=tablename, schema=SCHEMA, columns=None)
        for column, kind, params in columns:
            manager.add_column(
                table_class_name=name,
                tablename=tablename,
                schema=SCHEMA,
                column_name=column,
                db_column_name=params.get("db_column_name", column),
                column_class_name=kind.__name__,
                column_class=kind,
                params=params,
            )
    return manager
