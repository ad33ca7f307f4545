"""What the plugin does by itself: agreements begin, near their end and end; proposals are tried out."""

from __future__ import annotations

from staffing.api import districts, task

from .services import steps
from .services.statements import print_statement
from .services.trying import simulate

__all__ = ["NIGHT", "by_itself", "print_statement", "simulate"]

NIGHT = "union_agreement:by_itself"


@task(NIGHT, every="23 3 * * *")
async def by_itself(tenant: str = "", timestamp: int = 0) -> None:
    """Move agreements of one district, or of all, to the state that time has brought. Twice changes nothing more."""
    for district in [tenant] if tenant else await districts():
        await steps.by_itself(district)
