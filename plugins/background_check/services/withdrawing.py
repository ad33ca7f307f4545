"""A person takes back their word: the check is ended, at the provider too, and nothing of it counts."""

from __future__ import annotations

from uuid import UUID

from staffing.api import (
    Conflict,
    NotFound,
    OrderStatus,
    ProviderTrouble,
    Viewer,
    enqueue,
    now,
    record,
    system_viewer,
    task,
    tenant_transaction,
)

from ..tables.consents import Consent
from .consents import WITHDRAWN, own_row
from .orders import cancel_order

END = "background_check:end_withdrawn"
_WHY = "The person withdrew their authorisation."


async def withdraw(viewer: Viewer, order: UUID) -> None:
    """The person does not want this check (any more). It is ended; where a provider has it, by a task that tries until it is.

    Doing so twice is harmless. Raises ``NotFound``, and ``Conflict`` once the answer is in.
    """
    async with tenant_transaction(viewer.tenant):
        row = await own_row(viewer, order, lock=True)
        status = OrderStatus(row["status"])
        if status.over or await Consent.exists().where((Consent.order == order) & (Consent.kind == WITHDRAWN)):
            return
        if status in (OrderStatus.COMPLETE, OrderStatus.DISPUTED):
            raise Conflict(
                "The answer has come already, so the check cannot be taken back. Nothing is decided yet without you: call the "
                "volunteer office if you no longer want this work."
            )
        signed = await Consent.select().where((Consent.order == order) & (Consent.kind == "authorisation")).first()
        if signed:
            await Consent.insert(
                Consent(
                    order=order,
                    person=row["person"],
                    kind=WITHDRAWN,
                    text_id=signed["text_id"],
                    text_version=signed["text_version"],
                    language=signed["language"],
                    sha256=bytes(signed["sha256"]),
                    filled=signed["filled"],
                    at=now(),
                )
            )
        if row["order_ref"]:
            await enqueue(END, tenant=viewer.tenant, order=str(order), queueing_lock=f"{END}:{order}")
        else:
            await cancel_order(system_viewer(viewer.tenant), order, _WHY)
        await record("check:withdrawn", f"check/{order}", actor=viewer.tag, signed=bool(signed), status=status.value)


@task(END, tries=12, wait=3)
async def end_withdrawn(tenant: str, order: str) -> None:
    """End a withdrawn order where the provider has it. Twice is harmless; one that is complete meanwhile is left to HR."""
    try:
        await cancel_order(system_viewer(tenant), UUID(order), _WHY)
    except (Conflict, NotFound):
        return
    except ProviderTrouble as trouble:
        if trouble.again:
            raise
