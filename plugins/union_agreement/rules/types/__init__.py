"""The clause types, by name. Each module holds those of one subject."""

from __future__ import annotations

from ..clause_type import ClauseType
from . import contracting, displacement, joint, notices, offers, pay, qualification, ratios, service, supervision, unit_work

_MODULES = (displacement, unit_work, supervision, ratios, service, offers, notices, joint, contracting, pay, qualification)

TYPES: dict[str, ClauseType] = {one.name: one for module in _MODULES for one in module.TYPES}
