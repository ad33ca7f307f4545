"""The panel of checks on a person's own list."""

from __future__ import annotations

from staffing.api import Panel, Text, Viewer

from .own import checks_of
from .sharing import choices


async def of_oneself(viewer: Viewer) -> list[Panel]:
    """One's own checks, those that wait on oneself first; the way on for somebody cleared before there were orders here.

    Nothing for somebody who has neither.
    """
    if viewer.person is None:
        return []
    checks = await checks_of(viewer)
    if checks:
        return [Panel(Text("Your background checks"), "background_check/panel_own.html", {"checks": checks})]
    return [Panel(Text("Your background checks"), "background_check/panel_after.html")] if await choices(viewer) else []
