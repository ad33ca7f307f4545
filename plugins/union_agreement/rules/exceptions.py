"""Exceptions of a clause and how many have been used (R16): within the cap it advises, beyond it the clause acts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from staffing.api import Actor, Effect, Text

from .answers import Answer, Standing, act
from .clause import Cap, Clause, Exception_
from .facts import Facts
from .records import spoken


def excused(clause: Clause, answer: Answer, facts: Facts) -> Answer:
    """The answer of a violated clause, or a milder one where an exception of it applies."""
    cap = getattr(clause.params, "exceptions_cap", None)
    if cap is not None and (milder := _counted(clause, cap, Effect.ADVISE, answer, facts)) is not None:
        return milder
    for exception in clause.exceptions:
        if facts.get(exception.when) is True:
            if lacking := [one for one in exception.must_record if not facts.get(one)]:
                what = ", ".join(spoken(one) for one in lacking)
                remedy = act(Actor.SITE, "Record: {what}. Then the exception counts.", what=what)
                return msgspec.structs.replace(answer, remedy=remedy)
            if exception.cap is None:
                return _advised(answer, exception.effect, Text("{says} An exception applies: {when}.", _words(answer, exception)))
            if (milder := _counted(clause, exception.cap, exception.effect, answer, facts)) is not None:
                return milder
    return answer


def used(clause: Clause, facts: Facts) -> int | None:
    """How many exceptions of a clause are on record in this period; None where none is claimed.

    ``context.exceptions_used`` is a number, or ``{clause id: number}``.
    """
    told = facts.get("exceptions_used")
    if isinstance(told, Mapping):
        told = told.get(clause.id)
    return told if isinstance(told, int) and not isinstance(told, bool) else None


def _counted(clause: Clause, cap: Cap, effect: Effect, answer: Answer, facts: Facts) -> Answer | None:
    so_far = used(clause, facts)
    if so_far is None or so_far >= cap.n:
        return None
    words = {"says": str(answer.reason), "n": so_far + 1, "cap": cap.n, "per": spoken(cap.per)}
    return _advised(answer, effect, Text("{says} It is exception {n} of {cap} in a {per}.", words))


def _advised(answer: Answer, effect: Effect, reason: Text) -> Answer:
    return Answer(standing=Standing.VIOLATED, reason=reason, effect=effect, changes_on=answer.changes_on, settled_by_records=True)


def _words(answer: Answer, exception: Exception_) -> dict[str, Any]:
    return {"says": str(answer.reason), "when": spoken(exception.when)}
