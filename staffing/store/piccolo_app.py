"""The core's tables and migrations, as Piccolo wants to be told of them."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig

from staffing.store import tables

APP_CONFIG = AppConfig(
    app_name="core",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=[getattr(tables, name) for name in tables.__all__],
    migration_dependencies=[],
    commands=[],
)
