"""What staff record of a check that has no interface: that it was asked for, and later what the source said, in one word."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    OrderSeen,
    OrderStatus,
    Result,
    Viewer,
    district,
    now,
    record,
    tenant_transaction,
    today,
)

from ..tables.orders import ProviderAccount
from .following import follow
from .orders import locked, provider_of

#: What staff can record, and how it is read.
SAID: dict[str, str] = {
    "clear": "Nothing was found",
    "record_found": "Something was found",
    "unable": "It could not say",
    "under_review": "It is still being looked at",
}


async def asked_for(viewer: Viewer, order: UUID, on: date, *, version: int) -> None:
    """Record the day on which the source was asked. The same again is harmless.

    Raises ``Invalid`` for a day ahead or before the order, ``Conflict``, ``NotFound``, ``NotAllowed``.
    """
    async with tenant_transaction(viewer.tenant):
        row, zone = await _open(viewer, order, version)
        if row["requested_on"] == on:
            return
        if OrderStatus(row["status"]) is not OrderStatus.TO_SEND:
            raise Conflict(f"It is on record already that it was asked for on {row['requested_on']}.")
        _possible(on, today(zone), "asked_on", "It cannot have been asked for")
        seen = OrderSeen(order_ref="", status=OrderStatus.IN_PROGRESS, raw="asked for")
        await follow(viewer, order, seen, why="recorded by staff", asked_on=on)
        await record("check:asked_for", f"check/{order}", actor=viewer.tag, on=on)


async def said(viewer: Viewer, order: UUID, what: str, on: date, *, version: int) -> None:
    """Record in one word what the source said and on which day it said so; a later word corrects an earlier one.

    Never what a record says. Raises ``Invalid``, ``Conflict``, ``NotFound``, ``NotAllowed``.
    """
    if what not in SAID:
        raise Invalid("Choose what the source said.", {"said": "Choose what the source said."})
    async with tenant_transaction(viewer.tenant):
        row, zone = await _open(viewer, order, version)
        day = today(zone)
        _possible(on, day, "said_on", "The source cannot have said so")
        if row["requested_on"] is not None and on < row["requested_on"]:
            says = f"The source was asked on {row['requested_on']} and cannot have answered on {on}. Check the dates."
            raise Invalid(says, {"said_on": says})
        complete = what != "under_review"
        if not complete and row["status"] in {OrderStatus.COMPLETE, OrderStatus.DISPUTED}:
            raise Conflict("An answer is on record already. Record the new answer when it comes.")
        moment = now() if on == day else datetime.combine(on, time(12), ZoneInfo(zone))
        seen = OrderSeen(
            order_ref="",
            status=OrderStatus.COMPLETE if complete else OrderStatus.IN_PROGRESS,
            raw=SAID[what].lower(),
            result=Result(what) if complete else None,
            completed_at=moment if complete else None,
            revised_at=now() if complete and row["completed_at"] is not None else None,
        )
        await follow(viewer, order, seen, why="recorded by staff", asked_on=row["requested_on"] or on)
        await record("check:said", f"check/{order}", actor=viewer.tag, said=what, on=on, before=row["result"])


async def _open(viewer: Viewer, order: UUID, version: int) -> tuple[dict[str, Any], str]:
    if viewer.role != "hr":
        raise NotAllowed("What a source said is recorded by the district's HR clearance staff.")
    row = await locked(order)
    account = await ProviderAccount.select(ProviderAccount.provider).where(ProviderAccount.id == row["account"]).first()
    if provider_of(account["provider"] if account else "").way != "record":
        raise Conflict("This check is followed by itself, so nothing is recorded by hand.")
    status = OrderStatus(row["status"])
    if status is OrderStatus.TO_AUTHORISE:
        raise Conflict("The person has not authorised this check yet, so nobody may be asked.")
    if status.over:
        raise Conflict("This check has ended. Order it again if it is still needed.")
    if row["version"] != version:
        raise Conflict("The check has changed since you opened it. Read it as it is now. Nothing was recorded.")
    return row, (await district(viewer.tenant)).time_zone


def _possible(on: date, day: date, field: str, says: str) -> None:
    if on > day:
        raise Invalid(f"{says} on {on}: that day has not come.", {field: "That day has not come."})
    if (day - on).days > _OLDEST:
        raise Invalid(f"{says} on {on}: that is too long ago for this order. Check the year.", {field: "Check the year."})


#: Days back that staff may date what they record.
_OLDEST = 366
