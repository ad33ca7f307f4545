"""The plugin's tables and migrations, as Piccolo wants to be told of them."""

from __future__ import annotations

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="background_check",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=table_finder(
        [f"{__package__}.tables.{part}" for part in ("orders", "consents", "decided", "continuing", "keeping")]
    ),
    migration_dependencies=["staffing.store.piccolo_app"],
)
