"""What the district decides on a check: by a person, for a reason, under a policy, where asked by two people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Outcome,
    Viewer,
    now,
    record,
    refuse_private,
    tenant_transaction,
)

from ..rules.policy import Policy
from ..rules.reasons import FAVOURABLE, stands, why_not
from ..tables.decided import AdverseAction, CheckDetermination
from .effects import Ordered, ordered, take_effect, undo_effect
from .fair_end import ended_fairly, may_deny
from .may_determine import APPROVED, PAPER, already, asked, assessed, last_day, ready, same
from .order_view import changed_since
from .orders import locked
from .policies import policy_of


def _hr(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "system"}:
        raise NotAllowed("Checks are decided by the district's HR clearance staff.")


async def determine(
    viewer: Viewer,
    order: UUID,
    outcome: Outcome,
    reason_code: str,
    *,
    note: str = "",
    conditions: Sequence[str] = (),
    valid_until: date | None = None,
    version: int,
    through: UUID | None = None,
) -> UUID:
    """Decide on a check and give the determination's id. The same again by the same person changes nothing.

    ``version`` is the order's as the one who decides saw it. While an adverse action is open every outcome needs ``through``, its
    id; ``NOT_ELIGIBLE`` always does. Where the policy or the package asks for two, nothing counts until ``second``. A decision
    that the source's new word has overtaken is replaced. Raises ``Invalid``, ``Conflict``, ``NotFound``, ``NotAllowed``.
    """
    _hr(viewer)
    reason = asked(outcome, reason_code, note, conditions)
    async with tenant_transaction(viewer.tenant):
        row = await locked(order)
        current = await _current(order)
        if current and same(current, viewer, outcome, reason_code):
            ident: UUID = current["id"]
            return ident
        if row["version"] != version:
            raise Conflict("The check has changed since you opened it. Read it as it is now, then decide. Nothing was decided.")
        if current and not changed_since(row["opened_again_at"], current["decided_at"]):
            raise Conflict(already(current))
        if current and current["reason_code"] == APPROVED:
            raise Conflict(PAPER)
        ready(row, outcome, fair=through is not None)
        if wrong := why_not(reason, outcome, row["result"], row["detail"]):
            raise Invalid(wrong, {"reason": wrong})
        of = await ordered(viewer.tenant, row)
        last = last_day(outcome, valid_until, of)
        action = await ended_fairly(order, outcome, through, today=of.today)
        if reason.assessed and outcome in FAVOURABLE:
            await assessed(order)
        policy, policy_version = await policy_of(viewer.tenant)
        second = await _second(viewer, row, outcome, of, policy, action)
        made = CheckDetermination(
            order=order,
            outcome=outcome.value,
            reason_code=reason_code,
            note=note.strip(),
            conditions=list(conditions),
            policy_version=policy_version,
            state="waits_for_second" if second is None else "final",
            decided_by=viewer.tag,
            decided_account=viewer.account,
            decided_at=now(),
            second_by=second[0] if second else "",
            second_at=second[1] if second else None,
            valid_until=last,
        )
        if current:
            await CheckDetermination.update({CheckDetermination.state: "taken_back"}).where(
                CheckDetermination.id == current["id"]
            )
        await CheckDetermination.insert(made)
        if made.state == "final":
            await take_effect(viewer, row, {"outcome": made.outcome, "valid_until": last}, of)
        else:
            await _touch(row)
        await record(
            "check:decided",
            f"check/{order}",
            actor=viewer.tag,
            person=str(row["person"]),
            determination=str(made.id),
            outcome=outcome.value,
            reason=reason_code,
            result=row["result"],
            detail=row["detail"],
            conditions=list(conditions),
            valid_until=last,
            policy=policy_version,
            state=made.state,
            through=str(through) if through else None,
            replaces=str(current["id"]) if current else None,
        )
    made_id: UUID = made.id
    return made_id


async def _second(  # noqa: PLR0917 - everything that two people may be asked for by
    viewer: Viewer, row: Mapping[str, Any], outcome: Outcome, of: Ordered, policy: Policy, action: Mapping[str, Any] | None
) -> tuple[str, Any] | None:
    """Who agreed as the second and when (an empty name where nobody is asked to); None if a second has yet to agree."""
    if outcome is Outcome.NOT_ELIGIBLE and action is not None:
        return await may_deny(viewer, row["id"], two=policy.two_person_final or of.second_reviewer)
    before = stands(row["result"], row["detail"])
    asked = (
        of.second_reviewer
        or (before == "record_found" and policy.second_reviewer_for_record_found)
        or (before in {"unable", "clear_with_gaps"} and policy.second_reviewer_for_unable)
    )
    if outcome is Outcome.WITHDRAWN or not asked:
        return "", None
    return None


async def _current(order: UUID) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        await CheckDetermination.select()
        .where((CheckDetermination.order == order) & (CheckDetermination.state != "taken_back"))
        .output(load_json=True)
        .first()
    )
    return found


async def _touch(row: Mapping[str, Any]) -> None:
    from ..tables.orders import CheckOrder

    await CheckOrder.update({CheckOrder.version: row["version"] + 1}).where(CheckOrder.id == row["id"])


async def _found(determination: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """A determination and its order, both locked for this transaction."""
    row = (
        await CheckDetermination.select(CheckDetermination.order.as_alias("order"))
        .where(CheckDetermination.id == determination)
        .first()
    )
    if row is None:
        raise NotFound("There is no such decision in this district.")
    order = await locked(row["order"])
    made = await CheckDetermination.select().where(CheckDetermination.id == determination).output(load_json=True)
    return made[0], order


async def second(viewer: Viewer, determination: UUID, agrees: bool, note: str = "") -> None:
    """Agree with a colleague's determination, so that it counts, or send it back with a sentence why.

    The second is another person than the first, of HR or an administrator. Agreeing twice is harmless. Raises ``NotAllowed``,
    ``NotFound``, ``Invalid`` and ``Conflict``.
    """
    if viewer.role not in {"hr", "admin"}:
        raise NotAllowed("The second reviewer is one of HR's clearance staff or an administrator.")
    refuse_private(note, "The note", "note")
    if not agrees and not note.strip():
        raise Invalid("Say in a sentence what is missing, so that it can be decided anew.", {"note": "Say what is missing."})
    async with tenant_transaction(viewer.tenant):
        made, row = await _found(determination)
        if made["state"] == "final" and agrees and made["second_by"] == viewer.tag:
            return
        if made["state"] != "waits_for_second":
            raise Conflict("This decision does not wait for a second person any more. Open the check to see it as it is.")
        if made["decided_by"] == viewer.tag or (viewer.account is not None and made["decided_account"] == viewer.account):
            raise NotAllowed("You decided this yourself. A second person has to look at it: ask a colleague or an administrator.")
        if agrees:
            await _agree(viewer, made, row)
        else:
            await CheckDetermination.update({CheckDetermination.state: "taken_back"}).where(
                CheckDetermination.id == determination
            )
            await _touch(row)
        await record(
            "check:seconded" if agrees else "check:sent_back",
            f"check/{row['id']}",
            actor=viewer.tag,
            person=str(row["person"]),
            determination=str(determination),
            outcome=made["outcome"],
            note=note.strip(),
        )


async def _agree(viewer: Viewer, made: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    if changed_since(row["opened_again_at"], made["decided_at"]) or _answered_after(row, made):
        raise Conflict(
            "The source changed its word after this was decided. Send it back, so that it is decided on what it says now."
        )
    ready(row, Outcome(made["outcome"]))
    if await AdverseAction.exists().where((AdverseAction.order == row["id"]) & AdverseAction.ended_at.is_null()):
        raise Conflict("Fair steps have begun for this check since. It is decided at their end.")
    of = await ordered(viewer.tenant, row)
    last = made["valid_until"]
    if last is not None and last <= of.today:
        raise Conflict("The last good day of this decision has passed. Send it back, so that it is decided anew.")
    await CheckDetermination.update(
        {CheckDetermination.state: "final", CheckDetermination.second_by: viewer.tag, CheckDetermination.second_at: now()}
    ).where(CheckDetermination.id == made["id"])
    await take_effect(viewer, row, made, of)


def _answered_after(row: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether a result that nobody had decided on yet came or changed after the first one decided."""
    return any(at is not None and at > made["decided_at"] for at in (row["completed_at"], row["revised_at"]))


async def take_back(viewer: Viewer, determination: UUID, why: str) -> None:
    """Take a determination back: its evidence no longer counts and the check stands undecided. Twice is harmless.

    Raises ``Invalid`` without a reason, ``NotAllowed``, ``NotFound``.
    """
    _hr(viewer)
    if not why.strip():
        raise Invalid("Say in a sentence why it is taken back.", {"why": "Say in a sentence why it is taken back."})
    refuse_private(why, "The reason", "why")
    async with tenant_transaction(viewer.tenant):
        made, row = await _found(determination)
        if made["state"] == "taken_back":
            return
        if made["reason_code"] == APPROVED:
            raise Conflict(PAPER)
        await CheckDetermination.update({CheckDetermination.state: "taken_back"}).where(CheckDetermination.id == determination)
        if made["state"] == "final":
            await undo_effect(viewer, row, await ordered(viewer.tenant, row))
        else:
            await _touch(row)
        await record(
            "check:undecided",
            f"check/{row['id']}",
            actor=viewer.tag,
            person=str(row["person"]),
            determination=str(determination),
            before=made["outcome"],
            why=why.strip(),
        )
