"""Evidence as the rules see it: everything but its id. Many people hold pieces that are alike in this, and share one pattern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from staffing.core.evidence import Evidence

_encode = msgspec.json.Encoder(order="deterministic").encode


class Pattern:
    """One way a piece of evidence can be.

    ``shape`` is what it has besides the day of issue; ``day`` is that day as a number where a newer piece of the same shape
    makes this one needless (complete, dated, and not a result that says no), else 0. ``kin`` is the same for pieces of which
    the newest makes the others needless.
    """

    __slots__ = ("day", "evidence", "kin", "kind", "shape")

    def __init__(self, evidence: Evidence, shape: Shape) -> None:
        self.evidence = evidence
        self.kind = evidence.kind
        self.shape = shape
        settled = evidence.state == "complete" and evidence.result != "not_clear"
        self.day = evidence.issued_on.toordinal() if settled and evidence.issued_on else 0
        self.kin: Any = shape if self.day else self

    def is_ahead(self, today: date) -> bool:
        """Whether it comes into being only after a day."""
        evidence = self.evidence
        begins = evidence.issued_on if evidence.state == "complete" else evidence.requested_on
        return begins is not None and begins > today


class Shape:
    """What patterns that differ in the day of issue alone have in common, and those patterns by their day."""

    __slots__ = ("_made", "sample")

    def __init__(self, sample: Evidence) -> None:
        self.sample = sample
        self._made: dict[date | None, Pattern] = {}

    def on(self, issued_on: date | None) -> Pattern:
        """The pattern of this shape that was issued on a day."""
        found = self._made.get(issued_on)
        if found is None:
            found = self._made[issued_on] = Pattern(msgspec.structs.replace(self.sample, issued_on=issued_on), self)
        return found


class Patterns:
    """Every pattern met so far, each once."""

    def __init__(self) -> None:
        self._shapes: dict[bytes, Shape] = {}

    def of(self, evidence: Evidence) -> Pattern:
        """The pattern of a piece of evidence."""
        bare = msgspec.structs.replace(evidence, issued_on=None, id=None)
        key: bytes = _encode(bare)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = Shape(bare)
        return shape.on(evidence.issued_on)

    def held(self, evidence: Iterable[Evidence]) -> list[Held]:
        """Pieces of evidence as patterns with their ids, in their order."""
        return [(self.of(one), one.id) for one in evidence]


#: A piece of evidence: its pattern and its id (of whatever type the caller keeps ids in).
Held = tuple[Pattern, Any]


def needed(held: Sequence[Held], today: int) -> list[Held]:
    """The pieces of one kind without those that a newer one of the same shape makes needless, in their order.

    No rule is answered otherwise without them: of pieces alike, the newer is good as long or longer, and of several good
    equally long the newest is the one named. ``today`` is the day decided for, as a number.
    """
    newest: dict[Shape, Pattern] = {}
    for pattern, _ in held:
        if 0 < pattern.day <= today:
            known = newest.get(pattern.shape)
            if known is None or pattern.day > known.day:
                newest[pattern.shape] = pattern
    kept = []
    for pattern, name in held:
        if 0 < pattern.day <= today:
            if newest.get(pattern.shape) is not pattern:
                continue
            del newest[pattern.shape]  # of two issued on one day the first counts
        kept.append((pattern, name))
    return kept
