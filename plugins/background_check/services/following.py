"""An order follows what its provider is seen to have: the only writer of status, result, detail, references, link and dates.

What a person decided (``outcome``) is never written here. If a source changes its word after that, the question is open again
and the person's work waits (``holding.settle``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    NotFound,
    OrderSeen,
    OrderStatus,
    Result,
    Viewer,
    district,
    give_evidence,
    now,
    record,
    screening_providers,
    system_viewer,
    take_back_evidence,
    tenant_transaction,
    today,
)

from ..rules.following import WITH_PROVIDER, Axes, after, asks_again
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .holding import DECIDED, settle


async def follow(
    viewer: Viewer,
    order_id: UUID,
    seen: OrderSeen,
    *,
    why: str,
    says: str = "",
    asked_on: date | None = None,
    version: int | None = None,
) -> bool:
    """Bring an order to where its provider was seen to have it; True if that changed anything. The same again changes nothing.

    ``why`` is for the journal ("event", "nightly", "sent"). ``says``: why the provider refused, a sentence of ours. ``asked_on``:
    the day it was asked for at the source, where that is not today. ``version``: the order's version before the provider was
    looked at; where it has changed since, the look may be old and ``Conflict`` is raised. Raises ``NotFound``.
    """
    async with tenant_transaction(viewer.tenant):
        row = await CheckOrder.select().where(CheckOrder.id == order_id).lock_rows("UPDATE").output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such order in this district.")
        if version is not None and row["version"] != version:
            raise Conflict("The order has changed while its provider was asked. It is looked at again.")
        known = axes_of(row)
        found = after(known, seen, says)
        if found == known:
            await CheckOrder.update({CheckOrder.followed_at: now()}).where(CheckOrder.id == order_id)
            return False
        system = viewer if viewer.role in {"hr", "system"} else system_viewer(viewer.tenant)
        values = _columns(found) | {
            CheckOrder.version: row["version"] + 1,
            CheckOrder.followed_at: now(),
            CheckOrder.tries: 0,
            CheckOrder.next_try_at: None,
        }
        if row["requested_on"] is None and found.status in WITH_PROVIDER:
            row["requested_on"] = asked_on or today((await district(viewer.tenant)).time_zone)
            values[CheckOrder.requested_on] = row["requested_on"]
        again = row["outcome"] in DECIDED and asks_again(known, found)
        if again:
            values[CheckOrder.opened_again_at] = now()
        await CheckOrder.update(values).where(CheckOrder.id == order_id)
        asked = await _evidence_of_asking(system, row, found.status)
        if asked is not None:
            await CheckOrder.update({CheckOrder.asked: asked}).where(CheckOrder.id == order_id)
        disputed = OrderStatus.DISPUTED in (known.status, found.status) and known.status != found.status
        waits = row["outcome"] is None and Result.RECORD_FOUND in (known.result, found.result) and known.result != found.result
        if again or waits or (disputed and row["outcome"] in DECIDED):
            await settle(viewer, row["person"])
        await record(
            "check:followed",
            f"check/{order_id}",
            actor=viewer.tag,
            why=why,
            before=known.status.value,
            after=found.status.value,
            result=found.result.value if found.result else None,
            detail=found.detail,
            word=found.raw,
            opened_again=again,
        )
    return True


def axes_of(row: Mapping[str, Any]) -> Axes:
    """What the machine knows of an order, from its row (JSON loaded)."""
    return Axes(
        status=OrderStatus(row["status"]),
        result=Result(row["result"]) if row["result"] else None,
        raw=row["provider_word"],
        searches=tuple((str(kind), str(state)) for kind, state in row["searches"]),
        **{name: row[name] for name in _SAME},
    )


def known_to_provider(row: Mapping[str, Any]) -> OrderSeen:
    """The order as a provider is asked about it: by its references. From its row (JSON loaded)."""
    axes = axes_of(row)
    return OrderSeen(
        order_ref=axes.order_ref,
        status=axes.status,
        raw=axes.raw,
        result=axes.result,
        detail=axes.detail,
        subject_ref=axes.subject_ref,
        report_ref=axes.report_ref,
        link=axes.link,
        link_until=axes.link_until,
        eta=axes.eta,
        completed_at=axes.completed_at,
        revised_at=axes.revised_at,
        searches=axes.searches,
    )


#: Columns that ``Axes`` has under the same name and as the same value.
_SAME = (
    "detail",
    "says",
    "subject_ref",
    "order_ref",
    "report_ref",
    "link",
    "link_until",
    "eta",
    "completed_at",
    "revised_at",
)


def _columns(axes: Axes) -> dict[Any, Any]:
    values: dict[Any, Any] = {getattr(CheckOrder, name): getattr(axes, name) for name in _SAME}
    return values | {
        CheckOrder.status: axes.status.value,
        CheckOrder.result: axes.result.value if axes.result else None,
        CheckOrder.provider_word: axes.raw,
        CheckOrder.searches: msgspec.json.encode(axes.searches).decode(),
    }


async def _evidence_of_asking(viewer: Viewer, row: Mapping[str, Any], status: OrderStatus) -> str | None:
    """Record that the check was asked for, or take that back; gives the new ``asked`` as JSON, None if it stays.

    Once a person has decided, their determination is the evidence and this one has done its work. A paper that the person sends
    themselves is asked of nobody.
    """
    if status.over:
        for determination in row["asked"]:
            await take_back_evidence(viewer, UUID(determination))
        return "[]" if row["asked"] else None
    if row["asked"] or row["outcome"] or status not in WITH_PROVIDER:
        return None
    package = await Package.select().where(Package.id == row["package"]).output(load_json=True).first()
    account = (
        await ProviderAccount.select(ProviderAccount.provider, ProviderAccount.title)
        .where(ProviderAccount.id == row["account"])
        .first()
    )
    if package is None or account is None or not package["kinds"]:
        return None
    provider = screening_providers().get(account["provider"])
    if provider is not None and provider.way == "upload":
        return None
    given = [
        await give_evidence(
            viewer,
            row["person"],
            kind,
            source=f"asked for at {account['title']}",
            issued_on=row["requested_on"],
            state="initiated",
            issuer=account["title"],
            purpose=package["purpose"],
            jurisdiction=package["jurisdiction"] or None,
        )
        for kind in package["kinds"]
    ]
    return msgspec.json.encode([str(each) for each in given]).decode()
