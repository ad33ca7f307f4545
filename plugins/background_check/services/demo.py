"""Checks of the demonstration: invented people, and a provider that is a double on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from staffing.api import Viewer


async def load(tenant: str, jurisdiction: str, staff: Sequence[Viewer]) -> None:
    """Add what a district of the demonstration has. Inside its ``tenant_transaction``."""
