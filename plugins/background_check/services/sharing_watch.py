"""What was taken over and the first district has since taken off the record: the second is told that, and nothing more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from staffing.api import district, districts, evidence_of, now, person_of, record, system_viewer, tenant_transaction, today

from ..tables.continuing import Accepted, Flag, Share
from .holding import settle
from .policies import policy_of


async def tell_of_withdrawn(tenant: str) -> int:
    """Tell every district that took something over from here what has since been taken off the record; gives how many flags.

    The other district is told only that it was, by a flag on the person there. Twice tells nobody twice.
    """
    async with tenant_transaction(tenant):
        rows: list[dict[str, Any]] = await Share.select().output(load_json=True)
    count = 0
    for row in rows:
        took = {look["district"] for look in row["looked_at"] if look["took"]}
        if not took:
            continue
        standing = {str(item.id) for item in await evidence_of(tenant, row["person"])}
        gone = [item for item in row["items"] if item["evidence"] not in standing]
        if gone:
            known = set(await districts())
            for other in sorted(took & known):
                count += await _flag_there(other, row["id"], {item["kind"] for item in gone})
    return count


async def _flag_there(tenant: str, share: UUID, kinds: set[str]) -> int:
    viewer = system_viewer(tenant)
    policy, _ = await policy_of(tenant)
    zone = (await district(tenant)).time_zone
    flagged = 0
    async with tenant_transaction(tenant):
        rows = await Accepted.select().where(Accepted.share == share).lock_rows("UPDATE").output(load_json=True)
        for row in rows:
            ours = [item for item in row["items"] if item["kind"] in kinds and not item.get("gone_on")]
            if not ours:
                continue
            day = today(zone)
            items = [{**item, "gone_on": day.isoformat()} if item in ours else item for item in row["items"]]
            await Accepted.update({Accepted.items: items}).where(Accepted.id == row["id"])
            who = await person_of(tenant, row["person"])
            flag = Flag(
                person=row["person"],
                kind="other",
                source="first_district",
                happened_on=day,
                holds=policy.hold_while_flagged,
                received_at=now(),
                received_by=viewer.tag,
                invented=who.invented,
            )
            await Flag.insert(flag)
            await settle(viewer, row["person"])
            await record(
                "flag:raised",
                f"flag/{flag.id}",
                actor=viewer.tag,
                person=str(row["person"]),
                kind="other",
                source="first_district",
                day=day,
                share=str(share),
            )
            flagged += 1
    return flagged
