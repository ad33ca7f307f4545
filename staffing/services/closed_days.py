"""The days on which a district is closed: they are no work days, or have no school."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from staffing.store.engine import tenant_transaction
from staffing.store.tables import ClosedDay


async def closed_days(tenant: str, kind: str, since: date | None = None) -> frozenset[date]:
    """The closed days of a kind (``work``, ``school``), from a day on if one is given."""
    where = ClosedDay.kind == kind
    async with tenant_transaction(tenant):
        rows = await ClosedDay.select(ClosedDay.day).where(where & (ClosedDay.day >= since) if since else where)
    return frozenset(row["day"] for row in rows)


async def close_days(tenant: str, kind: str, days: Iterable[date]) -> list[date]:
    """Mark days as closed and give those that were not. Inside a ``tenant_transaction`` it counts if that commits."""
    async with tenant_transaction(tenant):
        held = await closed_days(tenant, kind)
        new = sorted(set(days) - held)
        if new:
            await ClosedDay.insert(*[ClosedDay(kind=kind, day=day) for day in new])
    return new


async def open_days(tenant: str, kind: str, first: date, last: date) -> list[date]:
    """Take closed days back and give those that were closed."""
    async with tenant_transaction(tenant):
        where = (ClosedDay.kind == kind) & (ClosedDay.day >= first) & (ClosedDay.day <= last)
        rows = await ClosedDay.delete().where(where).returning(ClosedDay.day)
    return sorted(row["day"] for row in rows)
