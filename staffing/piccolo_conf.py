"""What Piccolo imports to find the engine and the apps; ``staffing.store.migrate`` sets PICCOLO_CONF to this module."""

from __future__ import annotations

import os

from piccolo.conf.apps import AppRegistry

from staffing.store.apps import app_modules
from staffing.store.engine import DB

if not DB.config and (url := os.environ.get("STAFFING_DATABASE_URL")):
    DB.configure(dsn=url)

APP_REGISTRY = AppRegistry(apps=app_modules())
