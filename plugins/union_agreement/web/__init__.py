"""The pages of both sides. Each handler reads a form, calls one use case and shows a page."""

from __future__ import annotations

from typing import Any

from . import agreements, assurance, officers, positions, records, simulation, waivers, work

handlers: list[Any] = [
    *agreements.handlers,
    *officers.handlers,
    *work.handlers,
    *assurance.handlers,
    *positions.handlers,
    *records.handlers,
    *simulation.handlers,
    *waivers.handlers,
]
