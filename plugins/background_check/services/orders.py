"""Orders of checks: placing one, moving it on once it is authorised, ending it, and reading it whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    OrderSeen,
    OrderStatus,
    PersonSeen,
    ScreeningProvider,
    Viewer,
    calendar,
    district,
    now,
    person_of,
    record,
    refuse_private,
    screening_providers,
    system_viewer,
    tenant_transaction,
    today,
)

from ..tables.orders import CheckOrder, Package, ProviderAccount
from .order_view import OrderView, may_see, view_of

__all__ = ["WHY", "OrderView", "authorised", "cancel_order", "order_of", "place_order", "provider_of", "why_impossible"]

#: Why an order was placed.
WHY = {
    "needed": "The work asks for it",
    "renewal": "An earlier check runs out",
    "break_in_service": "They come back after a break",
    "flag": "Word came of a possible change",
    "again": "An earlier order ended without a result",
}
#: States in which an order of the same package is still on its way.
OPEN = tuple(status.value for status in OrderStatus if not status.over and status is not OrderStatus.COMPLETE)


def provider_of(name: str) -> ScreeningProvider:
    """The provider of an account. Raises ``Conflict`` if no running plugin brings it."""
    found = screening_providers().get(name)
    if found is None:
        raise Conflict(f"The provider {name} is not installed here any more. An administrator has to put its plugin back.")
    return found


def _staff(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "system"}:
        raise NotAllowed("Checks are ordered by the district's HR clearance staff.")


async def place_order(
    viewer: Viewer,
    person: UUID,
    package: UUID,
    *,
    placement: UUID | None = None,
    position: UUID | None = None,
    why: str = "needed",
    renews: UUID | None = None,
) -> UUID:
    """Order a package for a person and give the order's id. What the person is asked for then shows on their own pages.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` (too young, no date of birth, somebody who left) and ``Conflict`` (a package
    or account that is off, or an order of the same package that is still open).
    """
    _staff(viewer)
    if why not in WHY:
        raise Invalid("Choose why the check is ordered.", {"why": "Choose why the check is ordered."})
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        row = await _package(package)
        provider = provider_of(row["account.provider"])
        who = await person_of(viewer.tenant, person)
        await _possible(viewer.tenant, who, row)
        if renews is not None and not await CheckOrder.exists().where((CheckOrder.id == renews) & (CheckOrder.person == person)):
            raise NotFound("The check to renew is not one of this person's.")
        order = CheckOrder(
            person=person,
            account=row["account"],
            package=package,
            placement=placement,
            position=position,
            status=_first(row, provider).value,
            renews=renews,
            why=why,
            ordered_by=viewer.tag,
            ordered_at=now(),
            invented=who.invented,
        )
        await CheckOrder.insert(order)
        ident: UUID = order.id
        if order.status == OrderStatus.TO_SEND and provider.way == "api":
            await _send_soon(viewer.tenant, ident)
        await record(
            "check:ordered",
            f"check/{ident}",
            actor=viewer.tag,
            person=str(person),
            package=row["code"],
            account=row["account.title"],
            placement=str(placement) if placement else None,
            why=why,
            renews=str(renews) if renews else None,
        )
    return ident


async def _package(package: UUID) -> dict[str, Any]:
    row: dict[str, Any] | None = (
        await Package.select(
            *Package.all_columns(),
            Package.account.provider,
            Package.account.title,
            Package.account.state,
        )
        .where(Package.id == package)
        .output(load_json=True)
        .first()
    )
    if row is None:
        raise NotFound("There is no such package in this district.")
    if not row["active"]:
        raise Conflict(f"The package “{row['title']}” is no longer ordered here. Choose another one.")
    if row["account.state"] == "off":
        raise Conflict(
            f"The account “{row['account.title']}” is switched off, so nothing is ordered with it. "
            f"An administrator can switch it on under Accounts."
        )
    return row


async def _possible(tenant: str, who: PersonSeen, package: dict[str, Any]) -> None:
    """Raise with a sentence if this cannot be ordered for this person now."""
    if who.status == "left":
        raise Invalid(f"{who.name} has left. Bring their record back first if they return.")
    youngest = package["youngest"]
    if youngest:
        if who.born_on is None:
            raise Invalid(
                f"The day on which {who.name} was born is not known, and “{package['title']}” can be ordered from {youngest} "
                f"years on. Ask for it on their record, then order."
            )
        day = today((await district(tenant)).time_zone)
        if calendar.age_on(who.born_on, day) < youngest:
            birthday = calendar.birthday(who.born_on, youngest)
            raise Invalid(
                f"{who.name} is under {youngest}, and “{package['title']}” can be ordered from the birthday on {birthday} on. "
                f"Nothing was ordered. Choose a package for younger people, or wait."
            )
    still = await CheckOrder.select(CheckOrder.id, CheckOrder.status).where(
        (CheckOrder.person == who.id)
        & (CheckOrder.package == package["id"])
        & (CheckOrder.status.is_in(list(OPEN)) | ((CheckOrder.status == "complete") & CheckOrder.outcome.is_null()))
    )
    if still:
        says = "waits to be decided" if still[0]["status"] == "complete" else "is still on its way"
        raise Conflict(f"An order of “{package['title']}” for {who.name} {says}, so no second one is ordered.")


async def why_impossible(viewer: Viewer, who: PersonSeen, package: UUID) -> str:
    """Why a package cannot be ordered for somebody now, as a sentence; '' if it can."""
    try:
        async with tenant_transaction(viewer.tenant):
            await _possible(viewer.tenant, who, await _package(package))
    except (Conflict, Invalid) as error:
        return str(error)
    return ""


def _first(package: dict[str, Any], provider: ScreeningProvider) -> OrderStatus:
    """Where an order begins."""
    if package["consumer_report"] or provider.consumer_reports:
        return OrderStatus.TO_AUTHORISE
    return OrderStatus.AWAITING_SUBJECT if provider.way == "upload" else OrderStatus.TO_SEND


async def _send_soon(tenant: str, order: UUID) -> None:
    from .sending import send_soon

    await send_soon(tenant, order)


async def locked(order: UUID) -> dict[str, Any]:
    """An order's row, locked until the open transaction ends. Raises ``NotFound``."""
    row: dict[str, Any] | None = (
        await CheckOrder.select().where(CheckOrder.id == order).lock_rows("UPDATE").output(load_json=True).first()
    )
    if row is None:
        raise NotFound("There is no such check in this district.")
    return row


async def authorised(tenant: str, order: UUID) -> None:
    """The person has authorised it: it goes on. Doing so twice is harmless. Call it inside the transaction of the consent.

    Raises ``NotFound``, and ``Conflict`` for an order that has ended meanwhile.
    """
    async with tenant_transaction(tenant):
        row = await locked(order)
        if OrderStatus(row["status"]).over:
            raise Conflict("This check was ended before it was authorised. Nothing goes out; the district can order it again.")
        if row["status"] != OrderStatus.TO_AUTHORISE:
            return
        account = await ProviderAccount.select(ProviderAccount.provider).where(ProviderAccount.id == row["account"]).first()
        provider = provider_of(account["provider"] if account else "")
        to = OrderStatus.AWAITING_SUBJECT if provider.way == "upload" else OrderStatus.TO_SEND
        await CheckOrder.update({CheckOrder.status: to.value, CheckOrder.version: row["version"] + 1}).where(
            CheckOrder.id == order
        )
        if provider.way == "api":
            await _send_soon(tenant, order)
        await record("check:authorised", f"check/{order}", actor=system_viewer(tenant).tag, status=to.value)


async def cancel_order(viewer: Viewer, order: UUID, why: str) -> None:
    """End an order that has no result. With a provider that has it, it is ended there first; twice is harmless.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` without a reason, ``Conflict`` once there is a result, ``ProviderTrouble``
    (then nothing changed).
    """
    _staff(viewer)
    if not why.strip():
        raise Invalid("Say in a sentence why it is canceled.", {"why": "Say in a sentence why it is canceled."})
    refuse_private(why, "The reason", "why")
    async with tenant_transaction(viewer.tenant):
        row = await CheckOrder.select().where(CheckOrder.id == order).output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such check in this district.")
        account = await ProviderAccount.select(ProviderAccount.provider).where(ProviderAccount.id == row["account"]).first()
    status = OrderStatus(row["status"])
    if status in (OrderStatus.CANCELED, OrderStatus.EXPIRED, OrderStatus.REFUSED):
        return
    if status in (OrderStatus.COMPLETE, OrderStatus.DISPUTED):
        raise Conflict("The source has answered already, so there is nothing to cancel. Decide about it, or record a withdrawal.")
    seen = OrderSeen(
        order_ref=row["order_ref"],
        subject_ref=row["subject_ref"],
        report_ref=row["report_ref"],
        status=OrderStatus.CANCELED,
        raw="canceled here",
    )
    if row["order_ref"] and account and provider_of(account["provider"]).way == "api":
        seen = await _ended_there(viewer.tenant, row, seen)
    from .following import follow

    async with tenant_transaction(viewer.tenant):
        changed = await follow(viewer, order, seen, why=why.strip())
        after = await locked(order)
        if not OrderStatus(after["status"]).over:
            raise Conflict("The source answered just now, so it was not canceled. Open it again to see the answer.")
        if changed:
            await record("check:canceled", f"check/{order}", actor=viewer.tag, before=row["status"], why=why.strip())


async def _ended_there(tenant: str, row: dict[str, Any], seen: OrderSeen) -> OrderSeen:
    """End it with the provider, outside every transaction: the network may take its time."""
    from .connections import connection_of

    provider, connection = await connection_of(tenant, row["account"])
    there = OrderSeen(
        order_ref=row["order_ref"],
        subject_ref=row["subject_ref"],
        report_ref=row["report_ref"],
        status=OrderStatus(row["status"]),
        raw=row["provider_word"],
    )
    async with provider.open(connection) as client:
        return await client.cancel(there)


async def order_of(viewer: Viewer, order: UUID) -> OrderView:
    """One order whole, for HR and administrators; that they looked is in the journal, once a day.

    Raises ``NotAllowed`` and ``NotFound``.
    """
    may_see(viewer)
    async with tenant_transaction(viewer.tenant):
        return await view_of(viewer, order)
