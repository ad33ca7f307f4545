"""What an administrator should know of checks: providers that do not answer, orders that do not move."""

from __future__ import annotations

from staffing.api import Check


async def checks() -> list[Check]:
    """Good and bad news, one line each."""
    return []
