"""The clause types, by name. Each module holds those of one subject."""

from __future__ import annotations

from ..clause_type import ClauseType
from . import (
    contracting,
    displacement,
    joint,
    notices,
    offers,
    pay,
    qualification,
    ratios,
    service,
    staffing_credit,
    supervision,
    time_windows,
    unit_work,
    vacancies,
)

_MODULES = (
    displacement,
    vacancies,
    unit_work,
    supervision,
    ratios,
    staffing_credit,
    service,
    offers,
    notices,
    joint,
    contracting,
    pay,
    qualification,
    time_windows,
)

TYPES: dict[str, ClauseType] = {one.name: one for module in _MODULES for one in module.TYPES}
