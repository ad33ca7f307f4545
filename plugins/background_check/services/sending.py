"""Orders go to their provider: at once, and again by themselves for as long as it does not answer.

Our order's id goes with the order, so asking twice places one: a worker that is killed between the provider's answer and our
writing it down asks again and is told the same.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from staffing.api import (
    Conflict,
    NotFound,
    OrderAsk,
    OrderSeen,
    OrderStatus,
    ProviderTrouble,
    Subject,
    Unusable,
    district,
    enqueue,
    person_of,
    record,
    system_viewer,
    task,
    tenant_transaction,
)

from ..rules.following import WITH_PROVIDER
from ..tables.orders import CheckOrder, Package
from .connections import OF_THE_ACCOUNT, answers, as_trouble, connection_of, in_trouble
from .events import work_soon
from .exclusive import alone
from .following import follow, known_to_provider

log = logging.getLogger(__name__)

SEND = "background_check:send"
TAKE_BACK = "background_check:take_back"
#: What stands on an order that a fault of ours, or of a provider's plugin, keeps from being sent.
FAULT = "Something went wrong here while the order was being sent. It was noted, and we try again by ourselves; nothing is lost."
#: Seconds until the second try; each further wait is twice as long, up to the longest. It goes on until the order is ended.
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0


async def send_soon(tenant: str, order: UUID) -> None:
    """Have an order sent once the open transaction is committed (or at once where none is open)."""
    async with tenant_transaction(tenant):
        await enqueue(SEND, queueing_lock=f"{SEND}/{order}", tenant=tenant, order=str(order))


@task(SEND)
async def send(tenant: str, order: str) -> None:
    """Send an order that waits to be sent. Twice sends it once."""
    ident = UUID(order)
    async with alone(f"send check {order}") as mine:
        if mine:
            await _send(tenant, ident)


@task(TAKE_BACK, tries=8)
async def take_back(tenant: str, order: str) -> None:
    """End at its provider an order that was ended here while it was on its way. Tried for some hours if it does not answer."""
    ident = UUID(order)
    async with tenant_transaction(tenant):
        row = await CheckOrder.select().where(CheckOrder.id == ident).output(load_json=True).first()
    if row is None or not row["order_ref"] or OrderStatus(row["status"]) in WITH_PROVIDER:
        return
    provider, connection = await connection_of(tenant, row["account"])
    try:
        async with provider.open(connection) as client:
            seen = await client.cancel(known_to_provider(row))
    except ProviderTrouble as trouble:
        if trouble.again:
            raise
        log.warning("an order that was ended while it was being sent goes on at its provider: %s", trouble)
        return
    await follow(system_viewer(tenant), ident, seen, why="ended while it was being sent")


async def _send(tenant: str, ident: UUID) -> None:
    row = await _waiting(tenant, ident)
    if row is None or row["account.state"] == "off":  # an account that is switched on again has its orders swept up
        return
    viewer = system_viewer(tenant)
    try:
        provider, connection = await connection_of(tenant, row["account"])
        if provider.way != "api":
            return
        ask = await _ask(tenant, row)
        async with provider.open(connection) as client:
            seen = await client.order(ask)
            await follow(viewer, ident, seen, why="sent")
        if await _ended_meanwhile(tenant, ident):
            async with tenant_transaction(tenant):
                await enqueue(TAKE_BACK, tenant=tenant, order=str(ident))
    except NotFound as exc:
        await _refused(tenant, ident, ProviderTrouble(str(exc), again=False, code="gone"))
    except (ProviderTrouble, Unusable, Conflict) as exc:
        trouble = as_trouble(exc)
        if trouble.again:
            await _try_later(tenant, ident, row["account"], trouble)
        else:
            await _refused(tenant, ident, trouble)
    except Exception:  # a provider of somebody else's plugin may raise anything; the order must show that it is stuck
        log.exception("the order %s of %s could not be sent", ident, tenant)
        await _try_later(tenant, ident, row["account"], ProviderTrouble(FAULT, again=True, code="fault"))
    else:
        await answers(tenant, row["account"])
        await work_soon(tenant, row["account"])  # its events may have been faster than our writing down its references


async def _waiting(tenant: str, ident: UUID) -> dict[str, Any] | None:
    async with tenant_transaction(tenant):
        row: dict[str, Any] | None = (
            await CheckOrder.select(*CheckOrder.all_columns(), CheckOrder.account.state, CheckOrder.account.title)
            .where((CheckOrder.id == ident) & (CheckOrder.status == OrderStatus.TO_SEND.value))
            .first()
        )
    return row


async def _ask(tenant: str, row: dict[str, Any]) -> OrderAsk:
    """What the provider is asked, with the reference it gave the person before, if it did."""
    async with tenant_transaction(tenant):
        package = await Package.select(Package.code).where(Package.id == row["package"]).first()
        if package is None:
            raise NotFound("The package of this order is no longer there. Order it again with another one.")
        before = (
            await CheckOrder.select(CheckOrder.subject_ref)
            .where((CheckOrder.person == row["person"]) & (CheckOrder.account == row["account"]) & (CheckOrder.subject_ref != ""))
            .order_by(CheckOrder.ordered_at, ascending=False)
            .first()
        )
        person = await person_of(tenant, row["person"])
        where = await district(tenant)
    country, _, state = where.jurisdiction.partition("-")
    return OrderAsk(
        ref=str(row["id"]),
        subject=Subject(
            ref=str(person.id),
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            phone=person.phone,
            born_on=person.born_on,
        ),
        package=package["code"],
        state=state[:2].upper() if country == "us" else "",
        city=where.community,
        subject_ref=before["subject_ref"] if before else "",
    )


async def _ended_meanwhile(tenant: str, ident: UUID) -> bool:
    """Whether somebody ended the order while it was on its way: the provider must then not ask the person for anything."""
    async with tenant_transaction(tenant):
        row = await CheckOrder.select(CheckOrder.status).where(CheckOrder.id == ident).first()
    return row is not None and OrderStatus(row["status"]) not in WITH_PROVIDER


async def _refused(tenant: str, ident: UUID, trouble: ProviderTrouble) -> None:
    detail = "under_age" if trouble.code == "under_age" else ""
    seen = OrderSeen(order_ref="", status=OrderStatus.REFUSED, raw=trouble.code or "refused", detail=detail)
    await follow(system_viewer(tenant), ident, seen, why="refused", says=str(trouble))


async def _try_later(tenant: str, ident: UUID, account: UUID, trouble: ProviderTrouble) -> None:
    """Leave the order to be sent, say why, and queue the next try."""
    async with tenant_transaction(tenant):
        row = (
            await CheckOrder.select(CheckOrder.status, CheckOrder.tries, CheckOrder.version)
            .where(CheckOrder.id == ident)
            .lock_rows("UPDATE")
            .first()
        )
        if row is None or row["status"] != OrderStatus.TO_SEND:
            return
        says = await in_trouble(tenant, account, trouble) if trouble.code in OF_THE_ACCOUNT else str(trouble)
        seconds = max(trouble.wait, min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(row["tries"], 20)))
        # The queue runs by the real clock, whatever day the installation is told to take for today.
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        await CheckOrder.update(
            {
                CheckOrder.says: says,
                CheckOrder.tries: row["tries"] + 1,
                CheckOrder.next_try_at: at,
                CheckOrder.version: row["version"] + 1,
            }
        ).where(CheckOrder.id == ident)
        await enqueue(SEND, queueing_lock=f"{SEND}/{ident}/{row['tries'] + 1}", at=at, tenant=tenant, order=str(ident))
        await record(
            "check:not_sent",
            f"check/{ident}",
            actor=system_viewer(tenant).tag,
            tries=row["tries"] + 1,
            next_try=at.isoformat(timespec="seconds"),
            says=str(trouble),
            code=trouble.code,
        )
