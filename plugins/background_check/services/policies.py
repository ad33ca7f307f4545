"""The district's policy on checks: versions, the newest counts, and every determination names the one it followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, Viewer, record, refuse_private, tenant_transaction

from ..rules.policy import STANDARD, Policy, checked, read_policy
from ..tables.keeping import Policy as PolicyRow


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was kept: who made it, when and why."""

    number: int
    policy: Policy
    why: str
    made_by: str
    made_at: datetime


async def policy_of(tenant: str) -> tuple[Policy, str]:
    """The policy that counts in a district now, and its version as determinations name it."""
    async with tenant_transaction(tenant):
        row = await PolicyRow.select().order_by(PolicyRow.version, ascending=False).first().output(load_json=True)
    return (read_policy(row["body"]), str(row["version"])) if row else (Policy(), STANDARD)


async def versions(viewer: Viewer) -> list[Version]:
    """Every version the district kept, the newest first. Raises ``NotAllowed``."""
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("The policy on checks is read by the district's HR and its administrators.")
    async with tenant_transaction(viewer.tenant):
        rows: list[dict[str, Any]] = await PolicyRow.select().order_by(PolicyRow.version, ascending=False).output(load_json=True)
    return [
        Version(
            number=row["version"],
            policy=read_policy(row["body"]),
            why=row["why"],
            made_by=row["made_by"],
            made_at=row["made_at"],
        )
        for row in rows
    ]


async def change(viewer: Viewer, policy: Policy, why: str, *, over: str) -> int:
    """Keep a further version and give its number. ``over`` is the version it was written over, as ``policy_of`` named it.

    Decisions taken before keep the version they followed. Raises ``NotAllowed`` for anyone but an administrator, ``Invalid``
    without a reason or with days that cannot be, ``Conflict`` if somebody was faster or nothing changed.
    """
    if viewer.role != "admin":
        raise NotAllowed("The policy on checks is changed by an administrator.")
    if not why.strip():
        raise Invalid("Say in a sentence why the policy changes.", {"why": "Say in a sentence why the policy changes."})
    refuse_private(why, "The reason", "why")
    policy = checked(policy)
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"policy {viewer.tenant}")
        before, version = await policy_of(viewer.tenant)
        if version != over:
            raise Conflict("Somebody changed the policy since you opened the page. Read it as it is now, then change it.")
        if policy == before:
            raise Conflict("This is how the policy reads already. Nothing was changed.")
        number = int(version) + 1 if version.isdecimal() else 1
        body = msgspec.json.encode(policy).decode()
        await PolicyRow.insert(PolicyRow(version=number, body=body, why=why.strip(), made_by=viewer.tag))
        changed = sorted(name for name in Policy.__struct_fields__ if getattr(policy, name) != getattr(before, name))
        await record(
            "check_policy:changed",
            f"check_policy/{number}",
            actor=viewer.tag,
            why=why.strip(),
            before={name: getattr(before, name) for name in changed},
            after={name: getattr(policy, name) for name in changed},
        )
    return number
