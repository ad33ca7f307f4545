"""Writing an agreement: drafts that only their own side sees, their text, and what changed between two versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, now, read, record, tenant_transaction

from ..rules import agreement as model
from ..rules import yaml_text
from ..rules.lifecycle import OPEN_TEXT, OWN_SIDE, State
from ..rules.reader import agreement as read_agreement
from ..rules.reader import plain
from ..tables import Agreement, Step
from .sides import require_officer


async def create(viewer: Viewer, text: str, file: str = "agreement") -> UUID:
    """Keep a new draft from its YAML. Raises ``Invalid`` with each mistake and its line, ``Conflict`` for a code in use."""
    value, made = _read(text, file, await _clause_ids(viewer))
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        if await Agreement.exists().where(Agreement.code == made.id):
            raise Conflict(f"There is an agreement {made.id} already. Change that one, or give this one another id.")
        row = _row(made, value, side, viewer)
        await Agreement.insert(row)
        await record("agreement:drafted", f"agreement/{row.id}", actor=viewer.tag, code=made.id, side=side, digest=row.digest)
    ident: UUID = row.id
    return ident


async def change(viewer: Viewer, ident: UUID, text: str, file: str = "agreement") -> None:
    """Give an agreement that is still open another text. Raises ``Conflict`` once it is frozen."""
    value, made = _read(text, file, await _clause_ids(viewer, but=ident))
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        if row["frozen_digest"] or State(row["state"]) not in OPEN_TEXT:
            raise Conflict("Its text is frozen since both sides agreed. Make a new version of it instead.")
        if State(row["state"]) in OWN_SIDE and row["side"] != side:
            raise NotAllowed("This draft belongs to the other side.")
        if made.id != row["code"]:
            raise Invalid(f"It is called {row['code']}; the text says {made.id}. Keep the id.")
        new = _row(made, value, row["side"], viewer)
        await Agreement.update(
            {
                Agreement.body: new.body,
                Agreement.digest: new.digest,
                Agreement.title: new.title,
                Agreement.kind: new.kind,
                Agreement.since: new.since,
                Agreement.until: new.until,
                Agreement.changed_at: now(),
            }
        ).where(Agreement.id == ident)
        if State(row["state"]) not in OWN_SIDE:  # both sides read it, so both sides see that it changed
            kept = msgspec.json.encode({"text": new.digest}).decode()
            told = {"before": row["state"], "after": row["state"], "side": side, "by": viewer.tag, "why": "Changed the text."}
            await Step.insert(Step(agreement=ident, record=kept, **told))
        await record(
            "agreement:changed", f"agreement/{ident}", actor=viewer.tag, before=row["digest"], after=new.digest, side=side
        )


async def new_version(viewer: Viewer, ident: UUID) -> UUID:
    """A further version of an agreement, as a draft of the viewer's side with the same text."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await find(viewer, ident, side)
        names = (Agreement.id, Agreement.version, Agreement.state, Agreement.frozen_digest)
        newest = await Agreement.select(*names).where(Agreement.code == row["code"])
        last = max(newest, key=lambda one: one["version"])
        if State(last["state"]) in OPEN_TEXT and not last["frozen_digest"]:  # a frozen text that was rejected is bargained anew
            raise Conflict(f"Version {last['version']} of {row['code']} is open already. Change that one.")
        fresh = Agreement(
            **{name: row[name] for name in ("code", "title", "kind", "digest", "since", "until")},
            body=msgspec.json.encode(row["body"]).decode(),
            version=last["version"] + 1,
            previous=last["id"],
            side=side,
            made_by=viewer.tag,
        )
        await Agreement.insert(fresh)
        await record("agreement:drafted", f"agreement/{fresh.id}", actor=viewer.tag, code=row["code"], version=fresh.version)
    made: UUID = fresh.id
    return made


async def find(viewer: Viewer, ident: UUID, side: str) -> dict[str, Any]:
    """The row of an agreement this side may see. Inside a transaction. Raises ``NotFound``, for a foreign draft too."""
    rows = await Agreement.select().where(Agreement.id == ident).output(load_json=True)
    if not rows or (State(rows[0]["state"]) in OWN_SIDE and rows[0]["side"] != side):
        raise NotFound("There is no such agreement here, or it is a draft of the other side.")
    found: dict[str, Any] = rows[0]
    return found


async def text_of(viewer: Viewer, ident: UUID) -> tuple[str, str]:
    """The code and the YAML of an agreement, for version control."""
    async with tenant_transaction(viewer.tenant):
        row = await find(viewer, ident, await require_officer(viewer))
    return row["code"], yaml_text.write(row["body"])


async def _clause_ids(viewer: Viewer, but: UUID | None = None) -> set[str]:
    """Ids of clauses that a side letter may supersede: those of agreements both sides see."""
    async with tenant_transaction(viewer.tenant):
        rows = await Agreement.select(Agreement.id, Agreement.body, Agreement.state).output(load_json=True)
    return {
        str(clause.get("id"))
        for row in rows
        if row["id"] != but and State(row["state"]) not in OWN_SIDE
        for clause in row["body"].get("clauses", ())
    }


def _read(text: str, file: str, known: set[str]) -> tuple[Mapping[str, Any], model.Agreement]:
    value = read(text, file)
    return value, read_agreement(value, file, known)


def _row(made: model.Agreement, value: Any, side: str, viewer: Viewer) -> Agreement:
    return Agreement(
        code=made.id,
        title=made.title,
        kind=made.kind.value,
        side=side,
        body=msgspec.json.encode(plain(value)).decode(),
        digest=made.digest,
        since=made.since,
        until=made.ends.on,
        made_by=viewer.tag,
    )


def frozen_digest(body: Any) -> str:
    """SHA-256 of the text as it is frozen: its JSON with sorted keys."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


def parsed(row: Mapping[str, Any], on: date | None = None) -> model.Agreement:
    """The agreement of a row. Its text was read strictly when it was kept; clauses it supersedes elsewhere are taken as known."""
    body = row["body"]
    named = {*body.get("supersedes", ()), *(i for c in body.get("clauses", ()) for i in c.get("supersedes", ()))}
    return read_agreement({**body, "status": row["state"]}, row["code"], named)
