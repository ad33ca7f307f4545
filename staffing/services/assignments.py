"""Sessions taken by people: never two at once, and only on a day on which the rules let them work."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from staffing.core.errors import Conflict, NotFound
from staffing.services import readiness, review_desk, standing
from staffing.services.actors import Actor
from staffing.services.placement import held, in_words, named, person_row
from staffing.store import journal
from staffing.store.engine import DB, tenant_transaction
from staffing.store.tables import Assignment, Session


async def assign(actor: Actor, person: UUID, session: UUID) -> UUID:
    """Let a placed person take a session, if the decision on that day clears; gives the assignment's id.

    Raises ``Conflict`` when the person has another session then (the database refuses it) or may not work that day.
    """
    actor.require("hr", "coordinator")
    async with tenant_transaction(actor.tenant):
        row = await person_row(person)
        found = (
            await Session.select(
                Session.id, Session.position, Session.starts_at, Session.ends_at, Session.position.title.as_alias("title")
            )
            .where((Session.id == session) & (Session.state == "planned"))
            .first()
        )
        if found is None:
            raise NotFound("There is no such session, or it was cancelled.")
        placement = await held(person, found["position"])
        if placement is None or placement["state"] != "placed":
            raise Conflict(f"{named(row)} is not placed as {found['title']}. Place them first, then plan the session.")
        district, _ = await review_desk.district(actor.tenant)
        begins = found["starts_at"].astimezone(ZoneInfo(district["time_zone"]))
        on = begins.date()
        decision = await readiness.decision_of(person, placement_id=placement["id"], on=on)
        if not decision.outcome.clears:
            what = standing.joined([standing.lower_first(t) for t in standing.missing(decision)])
            raise Conflict(f"{named(row)} may not work on {in_words(on)}: {what}. Settle that first, or ask somebody else.")
        made = Assignment(
            session=session,
            person=person,
            placement=placement["id"],
            starts_at=found["starts_at"],
            ends_at=found["ends_at"],
        )
        try:
            async with DB.transaction():
                await Assignment.insert(made)
        except asyncpg.ExclusionViolationError as exc:
            raise Conflict(
                f"{named(row)} already has a session that overlaps with {in_words(on)}, "
                f"{begins:%H:%M}. Choose another time or another person."
            ) from exc
        await journal.record(
            "assignment:planned", f"person/{person}", actor=actor.tag, session=str(session), starts_on=on.isoformat()
        )
    identity: UUID = made.id
    return identity
