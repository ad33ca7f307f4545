"""Panels about checks on other pages: a person's record, and their own list."""

from __future__ import annotations

from uuid import UUID

from staffing.api import Panel, Viewer


async def of_person(person: UUID, viewer: Viewer) -> list[Panel]:
    """The checks of one person, for HR."""
    return []


async def of_oneself(viewer: Viewer) -> list[Panel]:
    """One's own checks."""
    return []
