"""Who is asking: the account behind a request or a command, and what it may do."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

from staffing.core.errors import NotAllowed

Role = Literal["volunteer", "hr", "coordinator", "partner", "union", "cabinet", "admin", "system"]

ROLE_NAMES: dict[str, str] = {
    "volunteer": "Volunteer",
    "hr": "HR clearance",
    "coordinator": "Site coordinator",
    "partner": "Partner organisation",
    "union": "Union officer",
    "cabinet": "Children's cabinet",
    "admin": "District administrator",
    "system": "The system",
}


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The one who acts. ``person``, ``organisation`` and ``site`` narrow what a volunteer, partner or coordinator sees."""

    tenant: str
    name: str
    role: Role
    account: UUID | None = None
    person: UUID | None = None
    organisation: UUID | None = None
    site: UUID | None = None

    @property
    def tag(self) -> str:
        """How the journal names the actor."""
        return f"{self.role}/{self.account or self.person or '-'} {self.name}"

    def require(self, *roles: Role) -> None:
        """Raise ``NotAllowed`` unless the actor has one of these roles (the system always may)."""
        if self.role not in (*roles, "system"):
            wanted = " or ".join(ROLE_NAMES[r] for r in roles)
            raise NotAllowed(f"This needs the role {wanted}; you are signed in as {ROLE_NAMES[self.role]}.")


def system(tenant: str) -> Actor:
    """The actor of jobs, imports and the demo."""
    return Actor(tenant=tenant, name="staffing", role="system")
