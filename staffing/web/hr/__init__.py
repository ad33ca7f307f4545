"""The HR console: the review queue, people, placements and the journal."""

from typing import Any

from staffing.web.hr import credentials, duties, journal, lapses, people, placements, queue, waivers, why

handlers: list[Any] = [
    *queue.handlers,
    *people.handlers,
    *duties.handlers,
    *why.handlers,
    *placements.handlers,
    *lapses.handlers,
    *waivers.handlers,
    *journal.handlers,
    *credentials.handlers,
]
