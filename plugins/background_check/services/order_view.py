"""An order as staff read it: where it is, what the source said, what was decided, and what happened in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    NotAllowed,
    NotFound,
    OrderStatus,
    Outcome,
    PersonSeen,
    Result,
    Viewer,
    district,
    person_of,
    record,
    screening_providers,
    tenant_transaction,
    today,
)

from ..rules.fair_steps import PERSONS_MOVE
from ..rules.whose_move import Move, Stand, whose
from ..tables import SCHEMA
from ..tables.consents import Consent, Notice
from ..tables.decided import AdverseAction, CheckDetermination
from ..tables.orders import CheckLook, CheckOrder, Package, ProviderAccount


class PackageView(msgspec.Struct, frozen=True, kw_only=True):
    """A package as it can be ordered; ``account_title`` is whom it is ordered from."""

    id: UUID
    account: UUID
    code: str
    title: str
    kinds: tuple[str, ...]
    searches: tuple[str, ...]
    purpose: str
    jurisdiction: str
    consumer_report: bool
    youngest: int
    who_pays: str
    cost_cents: int | None
    usual_days: int | None
    good_months: int | None
    second_reviewer: bool
    how: str
    active: bool
    provider: str = ""
    account_title: str = ""
    account_state: str = ""
    way: str = ""


class DecidedView(msgspec.Struct, frozen=True, kw_only=True):
    """A determination. ``state``: ``waits_for_second``, ``final``, ``taken_back``."""

    id: UUID
    outcome: Outcome
    reason_code: str
    note: str
    conditions: tuple[str, ...]
    policy_version: str
    state: str
    decided_by: str
    decided_account: UUID | None
    decided_at: datetime
    second_by: str
    second_at: datetime | None
    valid_until: date | None


class ConsentView(msgspec.Struct, frozen=True, kw_only=True):
    """What the person was shown or signed: which text, in which language, when, and its digest."""

    kind: str
    text_id: str
    text_version: str
    language: str
    digest: str
    name_typed: str
    at: datetime


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order with everything that belongs to it, never what a report says."""

    id: UUID
    version: int
    person: PersonSeen
    package: PackageView
    placement: UUID | None
    position: UUID | None
    status: OrderStatus
    result: Result | None
    detail: str
    outcome: Outcome | None
    provider_word: str
    says: str
    order_ref: str
    report_ref: str
    link: str
    link_until: datetime | None
    searches: tuple[tuple[str, str], ...]
    eta: date | None
    requested_on: date | None
    completed_at: datetime | None
    revised_at: datetime | None
    next_try_at: datetime | None
    tries: int
    opened_again_at: datetime | None
    renews: UUID | None
    why: str
    ordered_by: str
    ordered_at: datetime
    invented: bool
    move: Move
    decided: DecidedView | None
    earlier: tuple[DecidedView, ...]
    consents: tuple[ConsentView, ...]
    notices: tuple[tuple[str, datetime, str], ...]
    action: UUID | None
    action_state: str

    @property
    def again(self) -> bool:
        """Whether what the source said changed after it was decided."""
        return changed_since(self.opened_again_at, self.decided.decided_at if self.decided else None)


def changed_since(opened_again_at: datetime | None, decided_at: datetime | None) -> bool:
    """Whether an order was opened again after its determination."""
    return opened_again_at is not None and (decided_at is None or opened_again_at > decided_at)


def may_see(viewer: Viewer) -> None:
    """Raise ``NotAllowed`` for anyone but HR, an administrator and the system."""
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("Checks are open to the district's HR clearance staff alone. Others see who is cleared, and until when.")


def package_view(row: Mapping[str, Any]) -> PackageView:
    """A package from its row, with or without its account's columns."""
    provider = row.get("account.provider") or ""
    found = screening_providers().get(provider)
    fields = {name: row[name] for name in PackageView.__struct_fields__ if name in row}
    return PackageView(
        **{**fields, "kinds": tuple(row["kinds"]), "searches": tuple(row["searches"])},
        provider=provider,
        account_title=row.get("account.title") or "",
        account_state=row.get("account.state") or "",
        way=found.way if found else "",
    )


def decided_view(row: Mapping[str, Any]) -> DecidedView:
    """A determination from its row."""
    fields = {name: row[name] for name in DecidedView.__struct_fields__}
    return DecidedView(**{**fields, "outcome": Outcome(row["outcome"]), "conditions": tuple(row["conditions"])})


async def view_of(viewer: Viewer, order: UUID) -> OrderView:
    """One order whole. Inside a ``tenant_transaction``. Raises ``NotFound``."""
    row = await CheckOrder.select().where(CheckOrder.id == order).output(load_json=True).first()
    if row is None:
        raise NotFound("There is no such check in this district.")
    package = await _package(row["package"])
    determinations = [
        decided_view(one)
        for one in await CheckDetermination.select()
        .where(CheckDetermination.order == order)
        .order_by(CheckDetermination.decided_at)
        .output(load_json=True)
    ]
    current = next((one for one in determinations if one.state != "taken_back"), None)
    action = (
        await AdverseAction.select(AdverseAction.id, AdverseAction.state)
        .where((AdverseAction.order == order) & AdverseAction.ended_at.is_null())
        .first()
    )
    consents = await Consent.select().where(Consent.order == order).order_by(Consent.at)
    notices = (
        await Notice.select(Notice.kind, Notice.made_at, Notice.delivery).where(Notice.order == order).order_by(Notice.made_at)
    )
    stand = Stand(
        status=OrderStatus(row["status"]),
        way=package.way,
        detail=row["detail"],
        decided=row["outcome"] is not None,
        again=changed_since(row["opened_again_at"], current.decided_at if current else None),
        waits_for_second=current is not None and current.state == "waits_for_second",
        answering=action is not None and action["state"] in PERSONS_MOVE,
        tries=row["tries"],
        account_off=package.account_state == "off",
        said=row["result"] is not None,
        followed=await _followed(row),
    )
    await note_looks(viewer, [order])
    own = {"person", "package", "status", "result", "outcome", "searches"}
    plain = {name: row[name] for name in OrderView.__struct_fields__ if name in row and name not in own}
    return OrderView(
        **plain,
        person=await person_of(viewer.tenant, row["person"]),
        package=package,
        status=OrderStatus(row["status"]),
        result=Result(row["result"]) if row["result"] else None,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        searches=tuple((one[0], one[1]) for one in row["searches"]),
        move=whose(stand),
        decided=current,
        earlier=tuple(one for one in determinations if one.state == "taken_back"),
        consents=tuple(
            ConsentView(
                **{name: one[name] for name in ConsentView.__struct_fields__ if name in one},
                at=one["at_time"],
                digest=bytes(one["sha256"]).hex(),
            )
            for one in consents
        ),
        notices=tuple((one["kind"], one["made_at"], one["delivery"]) for one in notices),
        action=action["id"] if action else None,
        action_state=action["state"] if action else "",
    )


async def _followed(row: Mapping[str, Any]) -> bool:
    return await CheckOrder.exists().where(
        (CheckOrder.person == row["person"])
        & (CheckOrder.package == row["package"])
        & (CheckOrder.ordered_at > row["ordered_at"])
    )


async def _package(package: UUID) -> PackageView:
    columns = (ProviderAccount.provider, ProviderAccount.title, ProviderAccount.state)
    row = await Package.select().where(Package.id == package).output(load_json=True).first()
    if row is None:
        raise NotFound("The package of this check is no longer on record.")
    account = await ProviderAccount.select(*columns).where(ProviderAccount.id == row["account"]).first()
    return package_view({**row, **{f"account.{name}": value for name, value in (account or {}).items()}})


_LOOKED = f"""
INSERT INTO {SCHEMA}.{CheckLook._meta.tablename} (id, tenant, of_order, viewer, on_day)
SELECT gen_random_uuid(), $1, unnest($2::uuid[]), $3, $4 ON CONFLICT DO NOTHING RETURNING of_order"""


async def note_looks(viewer: Viewer, orders: Iterable[UUID]) -> None:
    """Write in the journal that this viewer looked at these checks, at most once a day each. Inside a transaction.

    The system's own reading is no look.
    """
    if viewer.role == "system" or not (looked := list(orders)):
        return
    day = today((await district(viewer.tenant)).time_zone)
    async with tenant_transaction(viewer.tenant) as transaction:
        new = await transaction.connection.fetch(
            _LOOKED,
            viewer.tenant,
            looked,
            viewer.tag,
            day,
        )
        for row in new:
            await record("check:seen", f"check/{row['of_order']}", actor=viewer.tag)
