"""Steps of an agreement's life: proposing, signing, voting, freezing, ending. Each is kept with who took it and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    Viewer,
    ask_again,
    current_tenant,
    now,
    record,
    tenant_transaction,
    today,
)

from ..rules import lifecycle
from ..rules.library import is_master, overlapping
from ..rules.lifecycle import State
from ..rules.records import spoken
from ..tables import Agreement, Happening, Step
from .drafts import find, frozen_digest, parsed
from .known import COUNTS, changed
from .sides import require_office, require_officer

#: What can be recorded as done before a step, and how people say it.
TELLABLE = {
    "sunshine": "The proposal was presented at a public meeting",
    "cost_disclosure": "The cost was disclosed at a public meeting",
    "union_delegated": "The union delegated the authority to ratify",
    "counsel_signed_off": "Counsel signed off",
    "appropriated": "The money was appropriated",
    "notice_served": "Notice to end it was served",
    "tribunal_decision": "A tribunal or court decided",
}


#: States after the last day in which terms still bind.
_BINDS_ON = frozenset({State.STATUS_QUO, State.EVERGREEN, State.PARTIAL_SURVIVAL})


async def standing(row: Mapping[str, Any]) -> lifecycle.Standing:
    """An agreement as far as its next step asks. Inside a transaction."""
    steps = await Step.select().where(Step.agreement == row["id"]).order_by(Step.at).output(load_json=True)
    return standing_of(row, steps)


def standing_of(row: Mapping[str, Any], steps: Iterable[Mapping[str, Any]]) -> lifecycle.Standing:
    """The same from its steps. What was signed, voted or told before the text went back to bargaining counts no more, nor does
    a signature under another text."""
    texts = {row["digest"], row["frozen_digest"]}
    signed: set[str] = set()
    votes: dict[str, dict[str, int]] = {}
    told: set[str] = set()
    for step in steps:
        kept = step["record"]
        if step["after"] == State.CONSULTING and step["before"] != step["after"]:
            signed.clear()
            votes.clear()
        if "signed" in kept and kept.get("text", row["digest"]) in texts:
            signed.add(kept["signed"])
        if "vote" in kept:
            votes[kept["vote"]] = {"for": kept["for"], "against": kept["against"]}
        if "told" in kept:
            told.add(kept["told"])
    return lifecycle.Standing(
        agreement=parsed(row),
        state=State(row["state"]),
        side=row["side"],
        signed=frozenset(signed),
        votes=votes,
        told=frozenset(told),
    )


async def take(viewer: Viewer, ident: UUID, to: State, why: str) -> None:
    """Take a step. Raises ``Conflict`` with everything that is lacking, in sentences."""
    if not why.strip():
        raise Invalid("Say in a sentence why; both sides read it.")
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        lacking = lifecycle.step(await standing(row), to, side, today())
        if lacking:
            raise Conflict(" ".join(lacking))
        if to in {State.EXECUTED, State.IMPOSED, State.PARTIALLY_FUNDED}:
            await _refuse_a_second(row)
        await _move(row, to, side=side, by=viewer.tag, why=why)
        if to in COUNTS and row["state"] not in COUNTS:
            await _supersede(row, viewer.tag)


async def _move(row: Mapping[str, Any], to: State, *, side: str, by: str, why: str, role: str = "") -> None:
    ident = row["id"]
    values: dict[Any, Any] = {Agreement.state: to.value, Agreement.changed_at: now()}
    if to is State.TENTATIVE:
        values |= {Agreement.frozen_at: now(), Agreement.frozen_digest: frozen_digest(row["body"])}
    await Agreement.update(values).where(Agreement.id == ident)
    await Step.insert(Step(agreement=ident, before=row["state"], after=to.value, side=side, by=by, role=role, why=why))
    await record(
        "agreement:moved", f"agreement/{ident}", actor=by, code=row["code"], before=row["state"], after=to.value, why=why
    )
    if to in COUNTS or row["state"] in COUNTS:
        await changed()
        await ask_again(current_tenant())


async def _counting() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        await Agreement.select().where(Agreement.state.is_in(sorted(COUNTS))).order_by(Agreement.made_at).output(load_json=True)
    )
    return found


async def _refuse_a_second(row: Mapping[str, Any]) -> None:
    """Two master agreements for one unit on the same days would let nobody be decided. Raises ``Conflict``."""
    others = [parsed(one) for one in await _counting() if one["code"] != row["code"]]
    said = [says for second, says in overlapping([*others, parsed(row)]) if second.id == row["code"]]
    if said:
        raise Conflict(" ".join(said))


async def _supersede(row: Mapping[str, Any], by: str) -> None:
    """From the day the new one begins it replaces every version before it that still stands, and a master agreement of its units
    that has ended and binds on."""
    if row["since"] > today():
        return
    made = parsed(row)
    for old in await _counting():
        earlier = old["code"] == row["code"] and old["version"] < row["version"]
        binds_on = old["state"] in _BINDS_ON and old["code"] != row["code"] and is_master(made)
        if earlier or (binds_on and is_master(ended := parsed(old)) and set(ended.units) <= set(made.units)):
            which = f"Version {row['version']} of {row['code']}" if row["version"] > 1 else row["code"]
            why = f"{which} was signed and is in effect."
            await _move(old, State.SUPERSEDED, side=row["side"], by=by, why=why)


async def sign(viewer: Viewer, ident: UUID, role: str) -> None:
    """Sign in an office held today. Raises ``NotAllowed`` for somebody who does not hold it."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        now_ = await standing(row)
        office = await require_office(viewer, role, now_.agreement.units)
        wanted = {one.role for one in now_.agreement.signatories} | {"district_lead_negotiator", "union_lead_negotiator"}
        if role not in wanted:
            raise Invalid(f"{spoken(role).capitalize()} does not sign this agreement.")
        if role in now_.signed:
            raise Conflict(f"It is signed by {spoken(role)} already.")
        if State(row["state"]) in {State.DRAFT, State.WITHDRAWN, State.VOID, State.REJECTED}:
            raise Conflict("There is nothing to sign yet: it has to be proposed first.")
        kept = {"signed": role, "text": row["frozen_digest"] or row["digest"]}
        await _note(row, viewer, side, office.role, f"Signed as {spoken(role)}.", kept)


async def vote(viewer: Viewer, ident: UUID, body: str, *, yes: int, no: int, held_on: date) -> None:
    """Record a vote's result (never ballots): the union's for its members or delegates, HR for the board."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        if body not in {"union", "board"}:
            raise Invalid("A vote is the union's or the board's.")
        if (body == "union") != (side == "union"):
            raise Conflict("Each side records its own vote.")
        if not row["frozen_digest"]:
            raise Conflict("There is no text to vote on yet: it is frozen once both sides have signed a tentative agreement.")
        if yes < 0 or no < 0 or yes + no == 0:
            raise Invalid("Give how many voted for and how many against; both cannot be 0.")
        if held_on > today():
            raise Invalid(f"The vote cannot have been on {held_on}: that day has not come.")
        words = f"Vote on {held_on}: {yes} for, {no} against."
        await _note(row, viewer, side, "", words, {"vote": body, "for": yes, "against": no, "on": held_on.isoformat()})


async def tell(viewer: Viewer, ident: UUID, what: str, on: date) -> None:
    """Record that something a step waits for was done, with its day."""
    if what not in TELLABLE:
        raise Invalid(f"There is nothing to record by the name {what}.")
    if on > today():
        raise Invalid(f"It cannot have been done on {on}: that day has not come.")
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        if what == "union_delegated" and side != "union":
            raise NotAllowed("Whether the union delegated its authority is the union's to say.")
        row = await find(viewer, ident, side)
        await _note(row, viewer, side, "", f"{TELLABLE[what]} on {on}.", {"told": what, "on": on.isoformat()})


async def happened(viewer: Viewer, ident: UUID, event: str, on: date) -> None:
    """Record the day on which an event came that the agreement, or one of its clauses, waits for."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        made = parsed(row)
        waits = {*made.ends.events, *(c.condition.event for c in made.clauses if c.condition is not None)}
        if event not in waits:
            raise Invalid(f"It waits for no such event. It names: {', '.join(sorted(waits)) or 'none'}.")
        known = await Happening.select(Happening.on).where((Happening.agreement == ident) & (Happening.event == event))
        if known:
            raise Conflict(f"It is on record already: {spoken(event)} on {known[0]['on']}.")
        await Happening.insert(Happening(agreement=ident, event=event, on=on, told_by=viewer.tag))
        await _note(row, viewer, side, "", f"{spoken(event).capitalize()} on {on}.", {"event": event, "on": on.isoformat()})
        await changed()
        await ask_again(viewer.tenant)


async def _note(  # noqa: PLR0917 - who, in which office, what and why
    row: Mapping[str, Any], viewer: Viewer, side: str, role: str, why: str, kept: Mapping[str, Any]
) -> None:
    """A step that leaves the state as it is."""
    text = msgspec.json.encode(kept).decode()
    made = Step(
        agreement=row["id"], before=row["state"], after=row["state"], side=side, by=viewer.tag, role=role, why=why, record=text
    )
    await Step.insert(made)
    await record("agreement:noted", f"agreement/{row['id']}", actor=viewer.tag, code=row["code"], why=why, **kept)


async def by_itself(tenant: str) -> int:
    """Bring every agreement of a district to the state that time has given it; gives how many moved."""
    moved = 0
    async with tenant_transaction(tenant):
        rows = await Agreement.select().where(Agreement.state.is_in(sorted(COUNTS))).output(load_json=True)
        days = await Happening.select()
        for row in rows:
            told = {one["event"]: one["on"] for one in days if one["agreement"] == row["id"]}
            to = lifecycle.by_itself(parsed(row), State(row["state"]), today(), told)
            if to.value != row["state"]:
                await _move(row, to, side="", by="system/- staffing", why=_because(to))
                moved += 1
                if to is State.IN_EFFECT:
                    await _supersede(row, "system/- staffing")
    return moved


def _because(to: State) -> str:
    return {
        State.IN_EFFECT: "Its first day has come.",
        State.EXPIRING: "It ends in less than 180 days.",
        State.EXPIRED: "It ended by its own terms.",
        State.LAPSED: "It ended, and here an ended memorandum binds nobody.",
        State.STATUS_QUO: "It ended; its terms are frozen while the parties bargain.",
        State.EVERGREEN: "It ended and goes on by its evergreen clause.",
        State.PARTIAL_SURVIVAL: "It ended; some of its terms go on.",
    }.get(to, "Its day has come.")
