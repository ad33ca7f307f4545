"""What paid tutors and partner staff are paid at least, and whether a volunteer may be one."""

from __future__ import annotations

from ..clause_type import ClauseType
from . import floor, volunteers

TYPES: tuple[ClauseType, ...] = (floor.TYPE, volunteers.TYPE)
