"""Lists that go to a provider, made from the orders that wait; and every list with its lines, as its page shows it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    NotAllowed,
    NotFound,
    OrderSeen,
    OrderStatus,
    PersonSeen,
    Viewer,
    district,
    now,
    people_of,
    record,
    tenant_transaction,
    today,
)

from ..rules.batch_file import written
from ..tables.orders import Batch, CheckOrder, ProviderAccount
from .following import follow
from .orders import provider_of


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a line. ``says`` is the preview's sentence; ``wrong`` keeps the whole list from being taken."""

    number: int
    order: UUID
    word: str = ""
    on: date | None = None
    says: str = ""
    wrong: bool = False
    changes: bool = False


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A list as its page shows it. ``names`` are the people of its lines as they are called now, by order."""

    id: UUID
    account: UUID
    account_title: str
    way: str
    state: str
    name: str
    rows: tuple[Row, ...]
    names: dict[UUID, str]
    made_by: str
    made_at: datetime
    invented: bool

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The lines for which the list cannot be taken."""
        return tuple(row for row in self.rows if row.wrong)


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An account with lists: how many orders wait for the next one."""

    id: UUID
    title: str
    state: str
    waiting: int


def hr_only(viewer: Viewer) -> None:
    """Raise ``NotAllowed`` for anyone but HR."""
    if viewer.role != "hr":
        raise NotAllowed("Lists are sent and taken back by the district's HR clearance staff.")


async def list_account(account: UUID) -> dict[str, Any]:
    """An account that lists are sent to, locked. Raises ``NotFound``, and ``Conflict`` for one of another way."""
    row = await ProviderAccount.select().where(ProviderAccount.id == account).lock_rows("UPDATE").output(load_json=True).first()
    if row is None:
        raise NotFound("There is no such account with a provider in this district.")
    if provider_of(row["provider"]).way != "list":
        raise Conflict("No lists are sent to this account or taken back from it.")
    found: dict[str, Any] = row
    return found


async def make_list(viewer: Viewer, account: UUID) -> UUID:
    """Put every order that waits on a list to be sent, and give the list's id. The orders are then with the provider.

    Raises ``Conflict`` where none waits or the account is off, ``NotFound``, ``NotAllowed``.
    """
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await list_account(account)
        if row["state"] == "off":
            raise Conflict(f"The account “{row['title']}” is switched off. An administrator can switch it on under Accounts.")
        orders = (
            await CheckOrder.select(CheckOrder.id, CheckOrder.invented)
            .where((CheckOrder.account == account) & (CheckOrder.status == OrderStatus.TO_SEND.value))
            .order_by(CheckOrder.ordered_at)
            .lock_rows("UPDATE")
        )
        if not orders:
            raise Conflict("No order waits for a list of this account. One that the person has yet to authorise comes later.")
        rows = [Row(number=number, order=order["id"]) for number, order in enumerate(orders, 2)]
        digest = hashlib.sha256(b"".join(one.order.bytes for one in rows)).digest()
        day = today((await district(viewer.tenant)).time_zone)
        batch = Batch(
            account=account,
            way="out",
            state="taken",
            name=f"orders-{day}.csv",
            sha256=digest,
            rows=msgspec.json.encode(rows).decode(),
            made_by=viewer.tag,
            made_at=now(),
            invented=any(order["invented"] for order in orders),
        )
        await Batch.insert(batch)
        for one in rows:
            seen = OrderSeen(order_ref="", status=OrderStatus.IN_PROGRESS, raw="on a list")
            await follow(viewer, one.order, seen, why=f"list of {day}")
        await record("check_list:made", f"check_list/{batch.id}", actor=viewer.tag, account=str(account), orders=len(rows))
    ident: UUID = batch.id
    return ident


async def file_of(viewer: Viewer, batch: UUID) -> tuple[str, str]:
    """The name and the text of a list that went out, written anew from what is on record. Raises ``NotFound``, ``NotAllowed``."""
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await Batch.select().where((Batch.id == batch) & (Batch.way == "out")).output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such list to send.")
        account = await list_account(row["account"])
        lines = msgspec.convert(row["rows"], list[Row])
        orders = await orders_of(row["account"], [line.order for line in lines])
        people = await people_of(viewer.tenant, {order["person"] for order in orders.values()})
        cells = [
            _cells(line.order, orders[line.order], people[orders[line.order]["person"]]) for line in lines if line.order in orders
        ]
        text = written(cells, birth_dates=account["settings"].get("birth_dates") == "yes")
        await record("check_list:fetched", f"check_list/{batch}", actor=viewer.tag, orders=len(cells))
    return row["name"], text


def _cells(order: UUID, row: Mapping[str, Any], person: PersonSeen) -> dict[str, str]:
    return {
        "our_reference": str(order),
        "family_name": person.family_name,
        "given_name": person.given_name,
        "born_on": person.born_on.isoformat() if person.born_on else "",
        "package": row["code"],
    }


async def orders_of(account: UUID, ids: Sequence[UUID], *, lock: bool = False) -> dict[UUID, dict[str, Any]]:
    """The orders of an account by id; ids of anything else are left out."""
    if lock and ids:
        await CheckOrder.select(CheckOrder.id).where(CheckOrder.id.is_in(list(ids))).order_by(CheckOrder.id).lock_rows("UPDATE")
    rows = (
        await CheckOrder.select(
            CheckOrder.id,
            CheckOrder.person,
            CheckOrder.status,
            CheckOrder.result,
            CheckOrder.detail,
            CheckOrder.completed_at,
            CheckOrder.requested_on,
            CheckOrder.ordered_at,
            CheckOrder.provider_word,
            CheckOrder.invented,
            CheckOrder.package.code.as_alias("code"),
        ).where((CheckOrder.account == account) & CheckOrder.id.is_in(list(ids)))
        if ids
        else []
    )
    return {row["id"]: row for row in rows}


async def listed(viewer: Viewer) -> tuple[list[Waiting], list[BatchView]]:
    """Accounts with lists, and the lists of the last time, the newest first. For HR and administrators."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Lists are open to the district's HR and its administrators.")
    async with tenant_transaction(viewer.tenant):
        accounts = [
            Waiting(
                id=row["id"],
                title=row["title"],
                state=row["state"],
                waiting=await CheckOrder.count().where(
                    (CheckOrder.account == row["id"]) & (CheckOrder.status == OrderStatus.TO_SEND.value)
                ),
            )
            for row in await ProviderAccount.select().order_by(ProviderAccount.title)
            if _is_list(row["provider"])
        ]
        rows = await Batch.select().order_by(Batch.made_at, ascending=False).limit(_SHOWN).output(load_json=True)
        titles = {one.id: one.title for one in accounts}
    return accounts, [_view(row, titles.get(row["account"], ""), {}) for row in rows]


#: Lists shown at once.
_SHOWN = 50


def _is_list(name: str) -> bool:
    try:
        return provider_of(name).way == "list"
    except Conflict:
        return False


async def one(viewer: Viewer, batch: UUID) -> BatchView:
    """One list with its lines. Raises ``NotFound``, ``NotAllowed``."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("Lists are open to the district's HR and its administrators.")
    async with tenant_transaction(viewer.tenant):
        row = await Batch.select().where(Batch.id == batch).output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such list.")
        account = await ProviderAccount.select(ProviderAccount.title).where(ProviderAccount.id == row["account"]).first()
        lines = msgspec.convert(row["rows"], list[Row])
        orders = await orders_of(row["account"], [line.order for line in lines])
        people = await people_of(viewer.tenant, {order["person"] for order in orders.values()})
    names = {order: people[found["person"]].name for order, found in orders.items() if found["person"] in people}
    return _view(row, account["title"] if account else "", names)


def _view(row: Mapping[str, Any], title: str, names: dict[UUID, str]) -> BatchView:
    return BatchView(
        id=row["id"],
        account=row["account"],
        account_title=title,
        way=row["way"],
        state=row["state"],
        name=row["name"],
        rows=tuple(msgspec.convert(row["rows"], list[Row])),
        names=names,
        made_by=row["made_by"].partition(" ")[2],
        made_at=row["made_at"],
        invented=row["invented"],
    )
