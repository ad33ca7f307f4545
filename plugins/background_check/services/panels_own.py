"""The panel of checks on a person's own list."""

from __future__ import annotations

from staffing.api import Panel, Text, Viewer

from .own import checks_of


async def of_oneself(viewer: Viewer) -> list[Panel]:
    """One's own checks, those that wait on oneself first; nothing for somebody who has none."""
    if viewer.person is None:
        return []
    checks = await checks_of(viewer)
    return [Panel(Text("Your background checks"), "background_check/panel_own.html", {"checks": checks})] if checks else []
