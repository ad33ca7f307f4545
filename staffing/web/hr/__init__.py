"""The HR console: the review queue, people, placements and the journal."""

from typing import Any

from staffing.web.hr import credentials, journal, people, placements, queue

handlers: list[Any] = [*queue.handlers, *people.handlers, *placements.handlers, *journal.handlers, *credentials.handlers]
