"""The decision of everybody here, a line each: what ``staffing decide --all`` prints."""

from __future__ import annotations

from datetime import date

import msgspec

from staffing.core.errors import NotFound
from staffing.core.findings import Actor as NextActor
from staffing.core.findings import Decision
from staffing.core.names import full_name
from staffing.services import readiness
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Placement, Tenant

_ACTORS = {
    NextActor.PERSON: "the person",
    NextActor.DISTRICT: "the district",
    NextActor.PARTNER: "the partner",
    NextActor.SITE: "the site",
    NextActor.STATE_AGENCY: "a state agency",
    NextActor.UNION: "the union",
    NextActor.ADMINISTRATOR: "an administrator",
}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One person in one placement. ``holds_until`` is the first day on which the outcome may change by itself."""

    tenant: str
    name: str
    position: str
    site: str
    outcome: str
    reason: str
    next: str
    holds_until: date | None

    def __str__(self) -> str:
        parts = [f"{self.name}, {self.position}, {self.site}: {self.outcome}"]
        if self.reason:
            parts.append(self.reason)
        if self.next:
            parts.append(f"Next: {self.next}.")
        return " ".join((f"{parts[0]}.", *parts[1:]))


async def decide_everyone(tenant: str | None = None) -> list[Line]:
    """Decide every placement that has not ended, in one district or in all, by name. Raises ``NotFound``."""
    wanted = Tenant.select(Tenant.id).order_by(Tenant.id)
    rows = await (wanted.where(Tenant.id == tenant) if tenant else wanted)
    if tenant and not rows:
        raise NotFound(f"There is no district called {tenant!r} here.")
    lines: list[Line] = []
    for row in rows:
        lines += await _district(row["id"])
    return lines


async def _district(tenant: str) -> list[Line]:
    async with tenant_transaction(tenant):
        placements = (
            await Placement.select(
                Placement.id,
                Placement.person,
                Placement.person.given_name,
                Placement.person.family_name,
                Placement.person.search_name,
                Placement.position.title,
                Placement.site.name,
            )
            .where(Placement.state.not_in(["ended"]))
            .output(nested=False)
        )
        lines = []
        for row in sorted(placements, key=lambda r: (r["person.search_name"], r["position.title"])):
            decision = await readiness.decision_of(row["person"], placement_id=row["id"])
            lines.append(
                _line(
                    decision,
                    tenant=tenant,
                    name=full_name(row["person.given_name"], row["person.family_name"]),
                    position=row["position.title"],
                    site=row["site.name"],
                )
            )
    return lines


def _line(decision: Decision, *, tenant: str, name: str, position: str, site: str) -> Line:
    first = next(iter(decision.standing), None)
    return Line(
        tenant=tenant,
        name=name,
        position=position,
        site=site,
        outcome=decision.outcome.value,
        reason=str(first.reason) if first else "",
        next=_ACTORS[first.remedy.who] if first and first.remedy else "",
        holds_until=decision.holds_until,
    )
