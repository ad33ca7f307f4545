"""Which counts of a table by group may be shown, so that nobody in a small group can be told from it.

A table has a row for each group and a column for each stage; whoever is counted in a stage is counted in those before. Hidden are
counts from 1 to 9; counts that would show, less another one of their row, that 1 to 9 people went no further; and as many others
as it takes that no hidden count can be worked out, even by somebody who knows the total of every stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

#: A count below this, and not zero, is never shown (WA DOH's rule for small numbers; labor research, S85).
THRESHOLD = 10
#: How many other values a hidden count must at least be able to have, as far as anybody can work out.
ROOM = 3
_FREE = 10**9


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """A row that somebody could work out from this one and a table shown before: ``sign`` times this row, plus ``offset``.

    A stage whose offset is None cannot be worked out.
    """

    sign: int
    offset: tuple[int | None, ...]


#: The row itself.
_ITSELF = Derived(sign=1, offset=())
Counts = Mapping[str, Sequence[int]]
Shown = dict[str, tuple[int | None, ...]]


def shown(
    counts: Counts, beside: Mapping[str, Sequence[Derived]] | None = None, *, threshold: int = THRESHOLD, room: int = ROOM
) -> Shown:
    """The counts of each group with None for what stays hidden. Each row goes down or stays level from stage to stage.

    ``beside``: rows that could be worked out with tables shown before, by group.
    """
    table = _Table(counts, beside or {}, threshold, room)
    while table.hide_one_more():
        pass
    return {
        group: tuple(count if stage in table.open[group] else None for stage, count in enumerate(row))
        for group, row in counts.items()
    }


def shown_row(row: Sequence[int], *, threshold: int = THRESHOLD) -> tuple[int | None, ...]:
    """A row alone (the total of all groups): its small counts and small steps hidden."""
    open_ = _open_stages(row, [_ITSELF], threshold)
    return tuple(count if stage in open_ else None for stage, count in enumerate(row))


def _small(count: int, threshold: int) -> bool:
    return 0 < abs(count) < threshold


def _open_stages(row: Sequence[int], derived: Sequence[Derived], threshold: int) -> set[int]:
    """The stages of a row that may be shown beside each other: the first and the last are tried first, they matter most."""
    last = len(row) - 1
    found: set[int] = set()
    for stage in dict.fromkeys([0, last, *range(last - 1, 0, -1)]):
        if all(_fits(row, stage, found, one, threshold) for one in derived):
            found.add(stage)
    return found


def _fits(row: Sequence[int], stage: int, others: set[int], derived: Derived, threshold: int) -> bool:
    mine = _worked_out(row, stage, derived)
    if mine is None:
        return True
    if _small(mine, threshold):
        return False
    theirs = (_worked_out(row, other, derived) for other in others)
    return not any(other is not None and _small(other - mine, threshold) for other in theirs)


def _worked_out(row: Sequence[int], stage: int, derived: Derived) -> int | None:
    if not derived.offset:
        return row[stage]
    offset = derived.offset[stage]
    return None if offset is None else derived.sign * row[stage] + offset


class _Table:
    """A table on its way to what may be shown: ``open`` are the stages of each group that still are."""

    def __init__(self, counts: Counts, beside: Mapping[str, Sequence[Derived]], threshold: int, room: int) -> None:
        self.counts, self.room = counts, room
        self.stages = max((len(row) for row in counts.values()), default=0)
        self.open = {group: _open_stages(row, [_ITSELF, *beside.get(group, ())], threshold) for group, row in counts.items()}

    def hide_one_more(self) -> bool:
        """Hide one more count if some hidden one can still be worked out too closely; False once none can."""
        for group, row in self.counts.items():
            for stage in range(len(row)):
                if stage not in self.open[group] and self.freedom(group, stage) < self.room and self._hide_for(group, stage):
                    return True
        return False

    def _hide_for(self, group: str, stage: int) -> bool:
        """Hide what gives this count more freedom: the shortest stretch of the smallest other row that does. Zeros stay.

        Where none does, the smallest count that is shown still. False where nothing is left to hide.
        """
        had = self.freedom(group, stage)
        helping = []
        for other, first, last in self._stretches(group, stage):
            stretch = [(name, place) for name in (group, other) for place in range(first, last + 1)]
            hidden = [(name, place) for name, place in stretch if place in self.open[name] and self.counts[name][place]]
            for name, place in hidden:
                self.open[name].discard(place)
            if (has := self.freedom(group, stage)) > had and hidden:
                helping.append((has < self.room, self.counts[other][stage], len(hidden), other, hidden))
            for name, place in hidden:
                self.open[name].add(place)
        left = [(count, name, place) for name, row in self.counts.items() for place, count in enumerate(row) if count]
        left = sorted(one for one in left if one[2] in self.open[one[1]])
        chosen = min(helping)[-1] if helping else [(name, place) for _, name, place in left[:1]]
        for name, place in chosen:
            self.open[name].discard(place)
        return bool(chosen)

    def _stretches(self, group: str, stage: int) -> Iterator[tuple[str, int, int]]:
        for other, row in self.counts.items():
            if other != group and row[stage]:
                for first in range(stage + 1):
                    for last in range(stage, self.stages):
                        yield other, first, last

    def freedom(self, group: str, stage: int) -> int:
        """How many other values a hidden count can have: people moved between its row and another one, the totals as they are.

        A lower bound. Moved are whole stretches of stages that are hidden in both rows.
        """
        up = down = 0
        for other in self.counts:
            if other == group:
                continue
            for first in range(stage + 1):
                for last in range(stage, self.stages):
                    if any(place in self.open[group] or place in self.open[other] for place in range(first, last + 1)):
                        continue
                    up = max(up, min(self._rises(group, first), self._falls(other, last)))
                    down = max(down, min(self._rises(other, first), self._falls(group, last)))
        return up + down

    def _rises(self, group: str, first: int) -> int:
        """By how much the counts of a row from a stage on can rise: not above the stage before."""
        row = self.counts[group]
        return _FREE if first == 0 else row[first - 1] - row[first]

    def _falls(self, group: str, last: int) -> int:
        """By how much they can fall: not below the stage after, and not to zero, which would be shown."""
        row = self.counts[group]
        after = row[last + 1] if last + 1 < len(row) else 0
        return max(0, row[last] - max(after, 1))
