"""The Piccolo apps of this installation: the core's, then those of every plugin that brings tables."""

from __future__ import annotations

from staffing import host

CORE = "staffing.store.piccolo_app"


def app_modules() -> list[str]:
    """Module names of all Piccolo apps, the core first. A plugin names its own with the hook ``tables``."""
    return [CORE, *host.load().table_apps().values()]
