"""Whether somebody's work waits on their checks, read anew from everything that is open about them.

Flags, adverse actions, records nobody has decided about, and decided checks whose result changed may each hold work, several at
once. Nobody sets the person's
fact by themselves: whoever opens or ends one of them calls ``settle`` in the same transaction, so that the end of one never
frees a hold that another still needs.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from staffing.api import OrderStatus, Outcome, Result, Viewer, system_viewer, tell_of_person, tenant_transaction

from ..rules.fair_steps import PERSONS_MOVE
from ..rules.under_review import FACT
from ..tables.continuing import Flag
from ..tables.decided import AdverseAction, CheckDetermination
from ..tables.orders import CheckOrder
from .policies import policy_of

#: Outcomes under which somebody works.
DECIDED = (Outcome.ELIGIBLE.value, Outcome.WITH_CONDITIONS.value)
_SAYS = {
    "answering": "The person has been asked to answer before the district decides.",
    "deciding": "The district decides about a check.",
    "flag": "Word came that something may have changed; the district looks at it.",
    None: "Nothing about the person's checks is open any more.",
}


async def settle(viewer: Viewer, person: UUID) -> str | None:
    """Set the person's fact ``check_under_review`` to what is open now, and give it: answering, deciding, flag, or None.

    Call it inside the ``tenant_transaction`` of the change, after its rows are written and before ``record``. Any viewer may: a
    person who answers a notice too. Decisions are taken again if the fact changed. Raises ``NotFound``.
    """
    who = viewer if viewer.role in {"hr", "admin", "system"} else system_viewer(viewer.tenant)
    async with tenant_transaction(viewer.tenant) as transaction:
        # Two changes at once would each read what was before the other: one waits here until the other is committed.
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"checks of {person}")
        why = await held_because(viewer.tenant, person)
        await tell_of_person(who, person, {FACT: why}, _SAYS[why])
    return why


async def held_because(tenant: str, person: UUID) -> str | None:
    """What holds the person's work now, as a key of ``rules.under_review.WHY``; what waits on the person comes first."""
    async with tenant_transaction(tenant):
        actions = await AdverseAction.select(AdverseAction.state).where(
            (AdverseAction.person == person) & AdverseAction.ended_at.is_null()
        )
        if any(row["state"] in PERSONS_MOVE for row in actions):
            return "answering"
        if actions or await _opened_again(person) or await _record_waits(tenant, person):
            return "deciding"
        return "flag" if await _flagged(person) else None


async def _record_waits(tenant: str, person: UUID) -> bool:
    """Whether a source found a record and nobody has decided about it yet, and the district lets work wait for that."""
    found = (CheckOrder.person == person) & (CheckOrder.result == Result.RECORD_FOUND.value) & CheckOrder.outcome.is_null()
    return await CheckOrder.exists().where(found) and (await policy_of(tenant))[0].hold_on_record


async def _flagged(person: UUID) -> bool:
    """Whether a flag that holds work is open, or the check that was ordered for it is not decided yet."""
    holding = (Flag.person == person) & Flag.holds.eq(True)
    if await Flag.exists().where(holding & (Flag.ended == "")):
        return True
    checks = await Flag.select(Flag.order.as_alias("order")).where(
        holding & (Flag.ended == "new_check") & Flag.order.is_not_null()
    )
    ordered = [row["order"] for row in checks]
    return bool(ordered) and await CheckOrder.exists().where(CheckOrder.id.is_in(ordered) & CheckOrder.outcome.is_null())


async def _opened_again(person: UUID) -> bool:
    """Whether a check that cleared the person is disputed, or its result changed and nobody has decided about that yet."""
    rows: list[dict[str, Any]] = await CheckOrder.select(CheckOrder.id, CheckOrder.status, CheckOrder.opened_again_at).where(
        (CheckOrder.person == person) & CheckOrder.outcome.is_in(list(DECIDED))
    )
    if any(row["status"] == OrderStatus.DISPUTED for row in rows):
        return True
    since = {row["id"]: row["opened_again_at"] for row in rows if row["opened_again_at"]}
    if not since:
        return False
    decided = await CheckDetermination.select(CheckDetermination.order.as_alias("order"), CheckDetermination.decided_at).where(
        CheckDetermination.order.is_in(list(since)) & (CheckDetermination.state == "final")
    )
    last = {order: max(row["decided_at"] for row in decided if row["order"] == order) for order in {r["order"] for r in decided}}
    return any(order not in last or last[order] < at for order, at in since.items())
