"""Law about labor that is always on where the facts that trigger it are there (section 4b). No agreement relaxes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from staffing.api import Finding

from .agreement import Agreement
from .clause import Clause
from .facts import Facts
from .in_force import Stands

Judge = Callable[[Clause, Agreement, Stands, Facts], Finding | None]


def findings(facts: Facts, judge: Judge) -> Iterator[Finding]:
    """What the built-in law says of a case."""
    yield from ()


def concerns(facts: Facts) -> bool:
    """Whether any of it could have something to say."""
    return False
