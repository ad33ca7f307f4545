"""A clause that asks several things at once: what is certainly broken is said, whatever else is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from .answers import NOT_APPLICABLE, Answer, Standing, Unknown

#: One thing a clause asks. It answers None where there is nothing to say, and raises ``Unknown`` where a fact is missing.
Part = Callable[[], Answer | None]


def together(parts: Iterable[Part], good: Answer | None = None) -> Answer:
    """What the parts say: the first broken one; else what is unknown; else the first warning, else ``good`` (or the last said).

    The day of the next change is the first of all. Raises ``Unknown`` naming every missing fact.
    """
    said: list[Answer] = []
    missing: list[str] = []
    for part in parts:
        try:
            answer = part()
        except Unknown as unknown:
            missing.extend(unknown.names)
            continue
        if answer is None:
            continue
        if answer.standing is Standing.VIOLATED:
            return answer
        said.append(answer)
    if missing:
        raise Unknown(*dict.fromkeys(missing))
    for answer in said:
        if answer.standing is Standing.UNKNOWN:
            return answer
    every = said if good is None else [*said, good]
    if not every:
        return NOT_APPLICABLE
    first = next((answer for answer in said if answer.effect is not None), every[-1])
    days = [answer.changes_on for answer in every if answer.changes_on is not None]
    return msgspec.structs.replace(first, changes_on=min(days, default=None))
