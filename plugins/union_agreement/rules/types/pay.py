"""Clause types of one subject."""

from __future__ import annotations

from ..clause_type import ClauseType

TYPES: tuple[ClauseType, ...] = ()
