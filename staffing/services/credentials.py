"""Credentials: made from a decision taken now, withdrawn at once, and never more than the decision says.

A badge is issued only to somebody placed, only while today's decision lets them work, and only through the last day that
decision is sure to hold (at most ``LONGEST``). The PDF is made by the worker; the credential is good before it is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from staffing import clock
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.core.findings import Decision
from staffing.documents import badge
from staffing.services import badge_making, readiness, standing, work
from staffing.services.actors import Actor
from staffing.store import files, jobs, journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential, Placement
from staffing.store.tables import Decision as DecisionRow

#: A badge lasts no longer than a year, even where nothing known ends the decision: somebody looks again each year.
LONGEST = timedelta(days=365)

#: Why a badge is taken back, as HR chooses it. The words go into the journal; none says what a check contained.
REASONS: dict[str, str] = {
    "lost": "The badge was lost or stolen",
    "left": "The person no longer works here",
    "changed": "The work or the place has changed",
    "clearance": "The clearance no longer holds",
    "mistake": "The badge was issued by mistake",
    "other": "Another reason",
}


async def issue(actor: Actor, placement: UUID) -> UUID:
    """Issue a badge for a placement and give its id; if one is good already, that one (a form sent twice makes one badge).

    Raises ``NotFound``, or ``Conflict`` with what stands in the way: not placed, ended, or today's decision does not clear.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant) as transaction:
        row = await _placement(placement, lock=True)
        today = (await readiness.here()).today
        if row["state"] != "placed":
            raise Conflict("Only somebody who is placed can have a badge. Place them first, then issue it.")
        if row["ends_on"] and row["ends_on"] < today:
            raise Conflict(
                f"This placement ended on {badge.long_date(row['ends_on'])}. Place the person again, then issue a badge."
            )
        before = await _issued(placement)
        if before and before["valid_through"] >= today:
            good: UUID = before["id"]
            return good
        # Locks are taken before the first journal entry, in one order everywhere, so that no two wait for each other.
        await transaction.connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"credential/{actor.tenant}"
        )
        decision_id, decision = await _decide_now(row["person"], placement, actor)
        valid_through = _last_day(decision, today, row["ends_on"])
        if before:
            await _end(before["id"], actor, "Replaced by a newer badge after its last day")
        made = await badge_making.new_badge(row, decision_id, today, valid_through, actor)
        await Credential.insert(made)
        await jobs.enqueue(work.RENDER, queueing_lock=f"credential/{made.id}", tenant=actor.tenant, credential=str(made.id))
        await journal.record(
            "credential:issued",
            f"credential/{made.id}",
            actor=actor.tag,
            number=made.number,
            person=str(row["person"]),
            placement=str(placement),
            decision=str(decision_id),
            rules=decision.rules_hash,
            outcome=decision.outcome.value,
            valid_through=valid_through.isoformat(),
            replaces=before["number"] if before else None,
        )
    identity: UUID = made.id
    return identity


async def withdraw(actor: Actor, credential: UUID, reason: str, words: str = "") -> None:
    """Take a badge back; whoever scans it a second later sees that. Doing it twice changes nothing.

    ``reason`` is a key of ``REASONS``; ``other`` needs ``words``. Raises ``Invalid`` or ``NotFound``.
    """
    actor.require("hr")
    if reason not in REASONS or (reason == "other" and not words.strip()):
        field = "words" if reason == "other" else "reason"
        why = "Say why in a few words; the journal keeps them." if reason == "other" else "Choose why the badge is withdrawn."
        raise Invalid(f"The badge was not withdrawn. {why}", {field: why})
    said = REASONS[reason] if not words.strip() else f"{REASONS[reason]}: {words.strip()}"
    async with tenant_transaction(actor.tenant):
        await _end(credential, actor, said)


async def withdraw_of_placement(actor: Actor, placement: UUID, reason: str) -> None:
    """Take back whatever badge a placement has, because the placement ends. Call it inside a ``tenant_transaction``."""
    rows = await Credential.select(Credential.id).where((Credential.placement == placement) & (Credential.state != "withdrawn"))
    for row in rows:
        await _end(row["id"], actor, reason)


async def pdf(actor: Actor, credential: UUID) -> tuple[str, bytes] | None:
    """A file name and the PDF, or None while it is being made. For HR, administrators and the badge's own holder."""
    async with tenant_transaction(actor.tenant):
        row = (
            await Credential.select(Credential.person, Credential.number, Credential.file)
            .where(Credential.id == credential)
            .first()
        )
        if row is None:
            raise NotFound("There is no such badge in this district.")
        if actor.role not in ("hr", "admin", "system") and (actor.person is None or actor.person != row["person"]):
            raise NotAllowed("This badge belongs to somebody else.")
        if row["file"] is None:
            return None
        _, data = await files.read(row["file"])
    return f"{row['number']}.pdf", data


async def _end(credential: UUID, actor: Actor, reason: str) -> None:
    moved = (
        await Credential.update(
            {
                Credential.state: "withdrawn",
                Credential.withdrawn_at: clock.now(),
                Credential.withdrawn_by: actor.name,
                Credential.reason: reason,
            }
        )
        .where((Credential.id == credential) & (Credential.state != "withdrawn"))
        .returning(Credential.number, Credential.person)
    )
    if moved:
        await journal.record(
            "credential:withdrawn",
            f"credential/{credential}",
            actor=actor.tag,
            number=moved[0]["number"],
            person=str(moved[0]["person"]),
            reason=reason,
        )
    elif not await Credential.exists().where(Credential.id == credential):
        raise NotFound("There is no such badge in this district.")


async def _placement(placement: UUID, *, lock: bool) -> dict[str, Any]:
    query = Placement.select().where(Placement.id == placement).output(load_json=True)
    found = await (query.lock_rows("UPDATE") if lock else query)
    if not found:
        raise NotFound("There is no such placement in this district.")
    row: dict[str, Any] = found[0]
    return row


async def _issued(placement: UUID) -> Mapping[str, Any] | None:
    row: dict[str, Any] | None = (
        await Credential.select(Credential.id, Credential.valid_through, Credential.number)
        .where((Credential.placement == placement) & (Credential.state == "issued"))
        .lock_rows("UPDATE")
        .first()
    )
    return row


async def _decide_now(person: UUID, placement: UUID, actor: Actor) -> tuple[UUID, Decision]:
    """Today's decision for a placement, kept. Raises ``Conflict`` with what is missing if it does not clear."""
    await readiness.refresh(person, actor, "a badge was asked for")
    row = (
        await DecisionRow.select(DecisionRow.id)
        .where((DecisionRow.placement == placement) & DecisionRow.current.eq(True))
        .first()
    )
    if row is None:
        raise NotFound("There is no decision about this placement. Open the person's page once, then issue the badge.")
    decision = (await readiness.taken([row["id"]]))[row["id"]]
    if not decision.outcome.clears:
        needs = [*dict.fromkeys(finding.title for finding in decision.standing if not finding.effect.clears)]
        raise Conflict(f"No badge can be issued today. Still needed: {standing.joined(needs) or 'the rules do not allow it'}.")
    identity: UUID = row["id"]
    return identity, decision


def _last_day(decision: Decision, today: date, ends_on: date | None) -> date:
    days = [today + LONGEST, *(day for day in (decision.valid_through, ends_on) if day)]
    return max(min(days), today)
