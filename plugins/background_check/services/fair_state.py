"""What every fair step needs: the action locked, where it stands, what it lacks, and its change written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Conflict, NotAllowed, NotFound, Viewer, district, now, record, today

from ..rules import fair_steps
from ..rules.fair_steps import Act, Standing, Step
from ..tables.consents import Notice
from ..tables.decided import AdverseAction, Assessment, Dispute
from .orders import locked
from .policies import policy_of


async def standing(tenant: str, row: Mapping[str, Any]) -> Standing:
    """An action as far as its next step asks. Inside a ``tenant_transaction``."""
    policy, _ = await policy_of(tenant)
    disputes = await Dispute.select(Dispute.ended).where(Dispute.action == row["id"])
    first = await Assessment.select(Assessment.assessed_account, Assessment.assessed_by).where(
        (Assessment.order == row["of_order"]) & (Assessment.number == 1) & (Assessment.assessed_at >= row["opened_at"])
    )
    terms = row["terms"]
    delivery = ""
    if notice := terms.get("notice"):
        kept = await Notice.select(Notice.delivery).where(Notice.id == UUID(notice)).first()
        delivery = kept["delivery"] if kept else ""
    return Standing(
        step=Step(row["state"]),
        deadline=row["deadline"],
        delivery=delivery,
        reported=bool(terms.get("copy")),
        answer_open=any(not one["ended"] for one in disputes),
        answers=sum(one["ended"] not in {"", "taken_back"} for one in disputes),
        assessed_by=frozenset(str(one["assessed_account"] or one["assessed_by"]) for one in first),
        reassessed=row["state"] == Step.TO_FINISH,
        two_person=policy.two_person_final,
    )


def who(viewer: Viewer) -> str:
    """The account that acts, as two-person rules compare it."""
    return str(viewer.account or viewer.tag)


def hr_alone(viewer: Viewer) -> None:
    """Raise ``NotAllowed`` for anyone but HR and the system."""
    if viewer.role not in {"hr", "system"}:
        raise NotAllowed("Fair steps are taken by the district's HR clearance staff.")


async def day_here(tenant: str) -> date:
    """Today where the district is."""
    return today((await district(tenant)).time_zone)


async def opened(
    viewer: Viewer, action: UUID, version: int | None, *, own: bool = False, ended_is_fine: bool = False
) -> tuple[dict[str, Any], date]:
    """The action, its order and itself locked, and today. Raises ``NotFound``, ``NotAllowed``, ``Conflict`` if it has changed."""
    if not own:
        hr_alone(viewer)
    row = await AdverseAction.select(AdverseAction.order, AdverseAction.person).where(AdverseAction.id == action).first()
    if row is None or (own and row["person"] != viewer.person):
        raise NotFound("There is no such letter for you." if own else "There are no such steps in this district.")
    await locked(row["of_order"])
    found: dict[str, Any] | None = await AdverseAction.select().where(AdverseAction.id == action).output(load_json=True).first()
    if found is None:
        raise NotFound("There are no such steps in this district.")
    if version is not None and found["version"] != version:
        raise Conflict("Somebody was faster: this has changed since you opened it. Read it as it is now. Nothing was done.")
    return found, await day_here(viewer.tenant)


def require(now_: Standing, act: Act, on: date, *, by: str = "", good: bool = False) -> None:
    """Raise ``Conflict`` with everything that an act lacks."""
    says = fair_steps.lacking(now_, act, on, by=by, good=good)
    if says:
        raise Conflict(" ".join(says))


async def close(viewer: Viewer, row: Mapping[str, Any], to: Step) -> None:
    """End the steps."""
    await move(row, to, {AdverseAction.ended_by: viewer.tag, AdverseAction.ended_at: now()})


async def move(row: Mapping[str, Any], to: Step, values: Mapping[Any, Any] | None = None) -> None:
    """Take the action to a step, with further columns."""
    changes: dict[Any, Any] = {AdverseAction.state: to.value, AdverseAction.version: row["version"] + 1, **(values or {})}
    await AdverseAction.update(changes).where(AdverseAction.id == row["id"])


async def write_down(viewer: Viewer, row: Mapping[str, Any], act: str, **facts: Any) -> None:
    """One entry of the journal about the check. Call it last."""
    await record(act, f"check/{row['of_order']}", actor=viewer.tag, steps=str(row["id"]), **facts)


def as_json(value: Any) -> str:
    """What goes into a JSONB column."""
    return msgspec.json.encode(value).decode()
