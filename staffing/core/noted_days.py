"""A day that notes what it is asked, so that what was worked out with it is known to hold for other days, too.

As long as a day is only compared with other days, every day for which the comparisons come out the same gives the same answer.
"""

from __future__ import annotations

from datetime import date
from typing import Any


class NotedDay(date):
    """A day that is known by the comparisons made with it: they come out the same for all days from ``first`` to ``last``.

    Whoever asks anything else of it (its year, its text, another day counted from it) needs exactly this day.
    """

    first: int = date.min.toordinal()
    last: int = date.max.toordinal()

    @classmethod
    def of(cls, day: date) -> NotedDay:
        """The same day, of which nothing has been asked yet."""
        return cls.fromordinal(day.toordinal())

    def _plain(self) -> date:
        """The day itself, which is asked for: no other will do."""
        number = self.first = self.last = date.toordinal(self)
        return date.fromordinal(number)

    def _before(self, other: date, number: int) -> bool:
        """Whether it comes before the day with this number, noting so."""
        if other is self:
            return number > date.toordinal(self)
        if before := date.toordinal(self) < number:
            self.last = min(self.last, number - 1)
        else:
            self.first = max(self.first, number)
        return before

    def __lt__(self, other: date) -> bool:
        return self._before(other, date.toordinal(other))

    def __ge__(self, other: date) -> bool:
        return not self._before(other, date.toordinal(other))

    def __le__(self, other: date) -> bool:
        return self._before(other, date.toordinal(other) + 1)

    def __gt__(self, other: date) -> bool:
        return not self._before(other, date.toordinal(other) + 1)

    def __getattribute__(self, name: str) -> Any:
        return super().__getattribute__(name) if name in _OWN else getattr(self._plain(), name)

    def __eq__(self, other: object) -> bool:
        return self._plain() == other

    def __ne__(self, other: object) -> bool:
        return self._plain() != other

    def __hash__(self) -> int:
        return hash(self._plain())

    def __add__(self, other: Any) -> Any:
        return self._plain() + other

    def __radd__(self, other: Any) -> Any:
        return other + self._plain()

    def __sub__(self, other: Any) -> Any:
        return self._plain() - other

    def __rsub__(self, other: Any) -> Any:
        return other - self._plain()

    def __str__(self) -> str:
        return str(self._plain())

    def __repr__(self) -> str:
        return repr(self._plain())

    def __format__(self, spec: str) -> str:
        return format(self._plain(), spec)

    def __reduce__(self) -> Any:
        return self._plain().__reduce__()


_OWN = frozenset({"first", "last", "_before", "_plain", "__class__"})
