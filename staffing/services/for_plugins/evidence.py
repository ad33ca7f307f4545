"""Evidence that a plugin's own determinations give: recorded by the one way there is, and taken back the same way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.hookspecs import Viewer
from staffing.services import review
from staffing.services.for_plugins.actors import actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Evidence


class EvidenceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An item of evidence on record. ``document`` is set where a paper was sent in for it."""

    id: UUID
    person: UUID
    kind: str
    state: str
    result: str | None
    issued_on: date | None
    requested_on: date | None
    expires_on: date | None
    purpose: str | None
    issuer: str | None
    holder: str | None
    jurisdiction: str | None
    document: UUID | None
    determination: UUID | None
    recorded_at: datetime


async def give_evidence(
    viewer: Viewer,
    person: UUID,
    kind: str,
    *,
    source: str,
    issued_on: date,
    state: str = "complete",
    result: str = "clear",
    issuer: str | None = None,
    holder: str | None = None,
    purpose: str | None = None,
    expires_on: date | None = None,
    jurisdiction: str | None = None,
) -> UUID:
    """Record evidence and give the determination's id; decisions are taken again. With ``state="initiated"`` a check was only
    asked for on ``issued_on``.

    ``source`` is a few words for the record: where it was seen, what was decided. ``result``: clear, qualified, not_clear.
    Raises ``Invalid``, ``NotFound``, and ``NotAllowed`` for anyone but HR and the system.
    """
    reading = review.Reading(
        kind=kind,
        issued_on=issued_on,
        result=result,
        issuer=issuer,
        holder=holder,
        purpose=purpose,
        expires_on=expires_on,
        state=state,
        jurisdiction=jurisdiction,
    )
    return await review.record_evidence(actor(viewer), person, reading, source)


async def take_back_evidence(viewer: Viewer, determination: UUID) -> None:
    """Evidence of this determination no longer counts; decisions are taken again. Doing so twice is harmless."""
    await review.undo(actor(viewer), determination)


async def evidence_of(tenant: str, person: UUID) -> list[EvidenceSeen]:
    """What is on record and counts, in the order in which it was recorded."""
    async with tenant_transaction(tenant):
        rows: list[dict[str, Any]] = (
            await Evidence.select()
            .where((Evidence.person == person) & (Evidence.withdrawn.eq(False)))
            .order_by(Evidence.recorded_at)
        )
    return [EvidenceSeen(**{name: row[name] for name in EvidenceSeen.__struct_fields__}) for row in rows]
