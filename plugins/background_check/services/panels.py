"""Panels about checks on other pages: a person's record, and their own list."""

from __future__ import annotations

from uuid import UUID

from staffing.api import Panel, Text, Viewer

from ..rules.reasons import OUTCOMES
from ..rules.whose_move import RESULT_WORDS, STATUS_WORDS
from .desk import of_person as checks_of
from .order_view import note_looks
from .panels_own import of_oneself

__all__ = ["of_oneself", "of_person"]

#: Checks shown on a person's record; the rest are on the desk.
SHOWN = 8


async def of_person(person: UUID, viewer: Viewer) -> list[Panel]:
    """The checks of one person, for HR and administrators: that they looked is in the journal."""
    if viewer.role not in {"hr", "admin"}:
        return []
    found = await checks_of(viewer, person)
    await note_looks(viewer, [line.id for line in found[:SHOWN]])
    data = {
        "person": person,
        "lines": found[:SHOWN],
        "more": max(0, len(found) - SHOWN),
        "hr": viewer.role == "hr",
        "status_words": STATUS_WORDS,
        "result_words": RESULT_WORDS,
        "outcomes": OUTCOMES,
    }
    return [Panel(Text("Background checks"), "background_check/panel_person.html", data)]
