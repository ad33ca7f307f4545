"""What a person chooses to say of themselves, for counts alone: kept, changed and erased by them; nobody else is shown it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from staffing.api import NotAllowed, Viewer, now, record, tenant_transaction

from ..rules.groups import told
from ..tables.keeping import SelfDescription


async def said(viewer: Viewer) -> tuple[str, ...] | None:
    """What the person signed in has said, as codes of ``rules.groups``; empty for "I would rather not say", None for nothing."""
    async with tenant_transaction(viewer.tenant):
        row = (
            await SelfDescription.select(SelfDescription.groups)
            .where(SelfDescription.person == _person(viewer))
            .output(load_json=True)
            .first()
        )
    return tuple(row["groups"]) if row else None


async def say_of_oneself(viewer: Viewer, codes: Iterable[str]) -> None:
    """Keep what the person says, in place of what they said before. The journal knows that, not what.

    Raises ``Invalid`` for a code that no question has.
    """
    person, groups = _person(viewer), told(codes)
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute(
            "INSERT INTO background_check.self_description (id, tenant, person, groups, told_at)"
            " VALUES (gen_random_uuid(), $1, $2, $3::jsonb, $4)"
            " ON CONFLICT (tenant, person) DO UPDATE SET groups = excluded.groups, told_at = excluded.told_at",
            viewer.tenant,
            person,
            msgspec.json.encode(groups).decode(),
            now(),
        )
        await record("self_description:told", f"person/{person}", actor=viewer.tag)


async def erase(viewer: Viewer) -> None:
    """Take away what the person said. Doing so twice is harmless."""
    person = _person(viewer)
    async with tenant_transaction(viewer.tenant):
        gone = await SelfDescription.delete().where(SelfDescription.person == person).returning(SelfDescription.id)
        if gone:
            await record("self_description:erased", f"person/{person}", actor=viewer.tag)


def _person(viewer: Viewer) -> UUID:
    if viewer.person is None:
        raise NotAllowed("These are a volunteer’s own pages.")
    return viewer.person
