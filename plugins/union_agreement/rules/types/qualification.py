"""What an adult must bring: education, a permit, training and an approval; and the checks of clearance."""

from __future__ import annotations

from ..clause_type import ClauseType
from . import clearance, training

TYPES: tuple[ClauseType, ...] = (training.TYPE, clearance.TYPE)
