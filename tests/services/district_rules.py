"""Rules that the invented district "alder" (Pennsylvania) makes for itself."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from staffing.services import due, readiness
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, what_if
from staffing.services.district_rules.changes import AdoptOverlay
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, Placement

TODAY = date(2026, 11, 24)

#: Every volunteer needs an orientation; a part of the policy may be waived by the board.
ORIENTATION = """\
pack: us-pa
overlay: alder-policy
title: Alder Unified, own rules
layer: district_policy
checked_on: 2026-11

requirements:
  - id: alder.orientation
    ref: ALDER-1
    title: Orientation evening
    why: In this district every volunteer comes to one evening before the first day.
    waivable:
      by: Board of Alder Unified
      under: Alder policy 1.9
      sections: [Alder policy 4.1]
    remedy:
      who: district
      what: Invite the person to the next orientation evening and record that they came.
      cost: Free
      usual_days: 14
    versions:
      - from: 2020-07-01
        citation: Alder policy 4.1
        confidence: high
        applies_when: {placement.engagement: volunteer}
        accepts:
          - kind: orientation
        valid: once
"""


def admin(tenant: str = "alder") -> Actor:
    """The district's administrator, without an account."""
    return Actor(tenant=tenant, name="Ada Example", role="admin")


async def adopt(text: str = ORIENTATION, since: date = TODAY, tenant: str = "alder") -> str:
    """Let the overlay count from a day."""
    return await changes.apply(admin(tenant), AdoptOverlay(text=text, since=since), "Adopted by the board")


async def impact(change: Any, on: date | None = None, tenant: str = "alder") -> what_if.Impact:
    """What a change would do."""
    return await what_if.impact(admin(tenant), change, on)


async def outcomes(tenant: str = "alder") -> dict[UUID, str]:
    """The current decisions' outcomes by placement, after what was due has been taken again."""
    await due.retake_in(tenant)
    async with tenant_transaction(tenant):
        rows = await Decision.select(Decision.placement, Decision.outcome).where(Decision.current.eq(True))
    return {row["placement"]: row["outcome"] for row in rows}


async def decided(placement: UUID, on: date, tenant: str = "alder") -> readiness.Decision:
    """The decision of a placement on a day."""
    async with tenant_transaction(tenant):
        row = await Placement.select(Placement.person).where(Placement.id == placement).first()
        return await readiness.decision_of(row["person"], placement_id=placement, on=on)


def stopped_by(decision: readiness.Decision) -> set[str]:
    """The rules that stop work."""
    return {finding.rule for finding in decision.findings if not finding.effect.clears}
