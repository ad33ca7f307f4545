"""What a person was shown and signed, read again as it was; and the same texts for a signature on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Invalid, NotAllowed, NotFound, OrderStatus, Viewer, person_of, tenant_transaction

from ..rules.texts import Filled, as_shown
from ..tables.consents import Consent
from ..tables.orders import CheckOrder, Package
from .consents import COLUMNS, WITHDRAWN, Document, document_for, own_row, rows_of, steps_of
from .order_view import note_looks


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One text somebody was shown or signed, as it was. ``shown`` is None where the words are no longer here.

    ``same`` says whether the words fit the digest kept then.
    """

    id: UUID
    order: UUID
    kind: str
    text_id: str
    text_version: str
    language: str
    digest: str
    name_typed: str
    answer: str
    signed_on: date | None
    recorded_by: str
    at: datetime
    shown: Filled | None
    same: bool


async def kept_of(viewer: Viewer, order: UUID) -> list[Kept]:
    """Every text of a check that somebody was shown or signed, oldest first: for the person, HR and administrators."""
    async with tenant_transaction(viewer.tenant):
        await _may_read(viewer, order)
        return [_kept(row) for row in await rows_of(order) if row["kind"] != WITHDRAWN]


async def kept(viewer: Viewer, consent: UUID) -> Kept:
    """One text as it was shown or signed. Raises ``NotFound``, also for somebody else's."""
    async with tenant_transaction(viewer.tenant):
        row = await Consent.select(*COLUMNS).where(Consent.id == consent).output(load_json=True).first()
        if row is None or row["kind"] == WITHDRAWN:
            raise NotFound("There is no such text. Go back to your check.")
        await _may_read(viewer, row["order"])
        return _kept(row)


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What HR needs to have a check signed on paper: the words, and what is on record of them already."""

    order: UUID
    person: UUID
    name: str
    package: str
    waits: bool
    documents: tuple[Document, ...]
    kept: tuple[Kept, ...]
    cannot: str = ""


async def paper_of(viewer: Viewer, order: UUID) -> Paper:
    """The texts of a check as they are printed and signed, and those on record. For HR and administrators."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("What a person signed is open to the district's HR clearance staff.")
    async with tenant_transaction(viewer.tenant):
        row = await CheckOrder.select().where(CheckOrder.id == order).output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such check in this district.")
        who = await person_of(viewer.tenant, row["person"])
        package = await Package.select(Package.title).where(Package.id == row["package"]).first()
        waits, documents, cannot = row["status"] == OrderStatus.TO_AUTHORISE, [], ""
        if waits:
            try:
                for step in await steps_of(viewer.tenant, row):
                    documents.append(await document_for(viewer.tenant, row, step.ident, out_of_turn=True))
            except Invalid as error:
                documents, cannot = [], str(error)
        await note_looks(viewer, [order])
        return Paper(
            order=order,
            person=row["person"],
            name=who.name,
            package=package["title"] if package else "",
            waits=waits and not cannot,
            documents=tuple(documents),
            kept=tuple(await kept_of(viewer, order)),
            cannot=cannot,
        )


async def _may_read(viewer: Viewer, order: UUID) -> None:
    if viewer.role in {"hr", "admin", "system"}:
        if not await CheckOrder.exists().where(CheckOrder.id == order):
            raise NotFound("There is no such check in this district.")
        return
    await own_row(viewer, order)


def _kept(row: Mapping[str, Any]) -> Kept:
    digest = bytes(row["sha256"]).hex()
    shown = as_shown(row["text_id"], row["text_version"], row["language"], row["filled"])
    plain = {name: row[name] for name in Kept.__struct_fields__ if name in row}
    return Kept(**plain, digest=digest, shown=shown, same=shown is not None and shown.digest == digest)
