"""Whether the fair steps of a check have come to the end that an outcome needs: looked at anew where a determination is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from staffing.api import Conflict, Outcome, Viewer

from ..tables.consents import Notice
from ..tables.decided import AdverseAction, Assessment, Dispute

_FAIR = "Somebody is turned away only at the end of the fair steps, after they could answer. Begin them from the check’s page."


async def ended_fairly(order: UUID, outcome: Outcome, through: UUID | None, *, today: date) -> Mapping[str, Any] | None:
    """The adverse action that this outcome ends, or None where none is open and none is needed. Inside a transaction.

    Raises ``Conflict`` with a sentence where an open one is passed by, or where somebody would be turned away before its steps
    allow it: no notice that arrived, a deadline that has not passed, an open dispute, or no second assessment that says so.
    """
    if through is None:
        if outcome is Outcome.NOT_ELIGIBLE:
            raise Conflict(_FAIR)
        if await AdverseAction.exists().where((AdverseAction.order == order) & AdverseAction.ended_at.is_null()):
            raise Conflict("Fair steps are open for this check, so it is decided on their page. Nothing was decided.")
        return None
    action = await AdverseAction.select().where((AdverseAction.id == through) & (AdverseAction.order == order)).first()
    if action is None:
        raise Conflict("These fair steps are not about this check. Nothing was decided.")
    if outcome is not Outcome.NOT_ELIGIBLE:
        found: Mapping[str, Any] = action
        return found
    lacking = await _lacking(action, order, today)
    if lacking:
        raise Conflict(" ".join(lacking))
    found = action
    return found


async def _lacking(action: Mapping[str, Any], order: UUID, today: date) -> list[str]:
    lacking = []
    notices = await Notice.select(Notice.delivery, Notice.sent_on).where((Notice.order == order) & (Notice.kind == "pre_adverse"))
    since = action["sent_on"]
    ours = [one for one in notices if since is not None and one["sent_on"] >= since]
    if not ours:
        lacking.append("The person was not written to before, so they could not answer.")
    elif all(one["delivery"] == "not_delivered" for one in ours):
        lacking.append("The notice did not reach the person. Deliver it first; the days to answer count from then.")
    if action["deadline"] is None or action["paused_on"] is not None or today <= action["deadline"]:
        until = f" It is {action['deadline']}." if action["deadline"] and action["paused_on"] is None else ""
        lacking.append(f"The last day to answer has not passed.{until}")
    if await Dispute.exists().where((Dispute.action == action["id"]) & (Dispute.ended == "")):
        lacking.append("The person has answered, and that is not settled yet.")
    last = await Assessment.select(Assessment.outcome).where(
        (Assessment.order == order) & (Assessment.number == 2) & (Assessment.assessed_at >= action["opened_at"])
    )
    if not any(one["outcome"] == "deny" for one in last):
        lacking.append("The second assessment, after the person could answer, is missing or does not say so.")
    return lacking


async def may_deny(viewer: Viewer, order: UUID, *, two: bool) -> tuple[str, datetime | None]:
    """Who assessed besides the one who turns somebody away, and when; an empty name where two are not asked for.

    Raises ``Conflict`` where two are asked for and one person alone did it all.
    """
    rows = await Assessment.select(Assessment.assessed_by, Assessment.assessed_account, Assessment.assessed_at).where(
        Assessment.order == order
    )
    others = [row for row in rows if row["assessed_by"] != viewer.tag and row["assessed_account"] != viewer.account]
    if others:
        last = max(others, key=lambda row: row["assessed_at"])
        return last["assessed_by"], last["assessed_at"]
    if two:
        raise Conflict(
            "Two people decide before somebody is turned away, and you alone assessed this. A colleague has to end it."
        )
    return "", None
