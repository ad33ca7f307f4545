"""The plugins are loaded before any module of one is imported: its module ``tables`` would hide its hook of that name."""

from __future__ import annotations

from staffing import host

host.load()
