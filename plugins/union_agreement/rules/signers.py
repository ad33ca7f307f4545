"""Which side a signing role stands on. Only roles are known here, never who is a member of a union."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .agreement import Signatory

_DISTRICT = (
    "superintendent",
    "assistant_superintendent",
    "board",
    "school_committee",
    "chief_business",
    "chief_executive",
    "chief_academic",
    "chief_of",
    "director_of_schools",
    "treasurer",
    "ceo",
    "principal",
    "district",
    "hr",
)
_THIRD = ("city_council", "county_commission", "legislature", "state_agency", "americorps", "appropriating_body")
_JOINT = ("task_force", "joint")


def side_of(role: str) -> str:
    """``district``, ``union``, ``joint`` or ``third``, by the first words of a role (section 5.2, signing roles)."""
    for side, starts in (("third", _THIRD), ("joint", _JOINT), ("district", _DISTRICT)):
        if role.startswith(starts):
            return side
    return "union"


def read(given: Iterable[Any]) -> tuple[Signatory, ...]:
    """Signatories from role names, or from ``{role, side}`` where the name does not tell the side."""
    found = []
    for one in given:
        if isinstance(one, Mapping):
            role = str(one.get("role") or "")
            found.append(Signatory(role, str(one.get("side") or side_of(role))))
        else:
            found.append(Signatory(str(one), side_of(str(one))))
    return tuple(found)
