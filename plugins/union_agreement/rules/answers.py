"""What a clause says of one case on one day, and how it says that something is not known."""

from __future__ import annotations

import enum
from datetime import date

import msgspec

from staffing.api import Actor, Effect, Remedy, Text


class Standing(enum.StrEnum):
    """How a clause stands (R1 of the research note's semantics)."""

    NOT_APPLICABLE = "not_applicable"
    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNKNOWN = "unknown"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A clause's answer.

    ``effect`` is given only where it differs from the clause's own (a warning, a counted exception). ``changes_on`` is the first
    later day on which the answer could change by itself. ``remedies_due`` are what the agreement says is owed for the past.
    ``settled_by_records`` is true where the clause has itself looked at signatures or notices, so that nobody looks again.
    """

    standing: Standing
    reason: Text = Text("")
    remedy: Remedy | None = None
    effect: Effect | None = None
    changes_on: date | None = None
    missing: tuple[str, ...] = ()
    remedies_due: tuple[Text, ...] = ()
    settled_by_records: bool = False


NOT_APPLICABLE = Answer(standing=Standing.NOT_APPLICABLE)


def satisfied(msgid: str, *, changes_on: date | None = None, effect: Effect | None = None, **values: object) -> Answer:
    """The clause is kept to. With an ``effect`` (advise) it warns."""
    return Answer(standing=Standing.SATISFIED, reason=Text(msgid, _plain(values)), changes_on=changes_on, effect=effect)


def violated(
    msgid: str, *, remedy: Remedy | None = None, changes_on: date | None = None, records: bool = False, **values: object
) -> Answer:
    """The clause is not kept to; ``remedy`` says who can do what about it. ``records``: signatures and notices were looked at."""
    return Answer(
        standing=Standing.VIOLATED,
        reason=Text(msgid, _plain(values)),
        remedy=remedy,
        changes_on=changes_on,
        settled_by_records=records,
    )


def unknown(*missing: str, because: str = "", remedy: Remedy | None = None, **values: object) -> Answer:
    """It cannot be told: these facts are missing, or what was told does not settle it, as ``because`` says."""
    return Answer(standing=Standing.UNKNOWN, reason=Text(because, _plain(values)), remedy=remedy, missing=missing)


def undecided(msgid: str, *, remedy: Remedy | None = None, **values: object) -> Answer:
    """The facts are told and the text of the clause leaves it open: somebody has to settle it first, so it holds and says so."""
    return Answer(standing=Standing.UNKNOWN, reason=Text(msgid, _plain(values)), remedy=remedy)


def act(who: Actor, msgid: str, *, usual_days: int | None = None, **values: object) -> Remedy:
    """The next step in words."""
    return Remedy(who, Text(msgid, _plain(values)), usual_days=usual_days)


class Unknown(Exception):
    """Facts a clause needs are not known. Raised by ``Facts.need``; the evaluator makes an answer of it."""

    def __init__(self, *names: str) -> None:
        super().__init__(", ".join(names))
        self.names = names


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
