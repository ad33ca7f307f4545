"""Who has an eye on the adult: a licensed employee, to a stated standard; and how long somebody may be alone with students."""

from __future__ import annotations

from ..clause_type import ClauseType
from . import alone, certificated

TYPES: tuple[ClauseType, ...] = (certificated.TYPE, alone.TYPE)
