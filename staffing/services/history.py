"""What has happened, told in sentences: the journal of one person, and of the district, as staff read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core.evidence import KINDS
from staffing.services.actors import Actor
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Journal

#: Journal actions as a reader would say them; ``{what}`` is the evidence kind or subject of the entry.
SENTENCES: dict[str, str] = {
    "person:registered": "signed up",
    "person:created": "was added",
    "person:changed": "changed the details",
    "person:answered": "answered questions",
    "document:received": "sent in: {what}",
    "document:uploaded": "sent in: {what}",
    "document:approved": "approved: {what}",
    "document:sent_back": "asked for a new copy: {what}",
    "document:undone": "took back the decision about: {what}",
    "evidence:recorded": "recorded: {what}",
    "evidence:withdrawn": "took back: {what}",
    "placement:wished": "asked for a place",
    "placement:placed": "placed",
    "placement:ended": "ended the placement",
    "placement:undone": "took back the placement",
    "assignment:planned": "planned a session",
    "credential:issued": "issued a badge",
    "credential:withdrawn": "withdrew a badge",
    "decision:taken": "decided again",
    "import:committed": "imported data from another system",
    "forecast:exported": "downloaded what lapses",
    "account:signed_in": "signed in",
    "plugin:switched_on": "switched a plugin on",
    "plugin:switched_off": "switched a plugin off",
    "overlay:adopted": "changed the district’s own rules",
    "overlay:switched_on": "switched district rules on",
    "overlay:retired": "ended district rules",
    "waiver:recorded": "recorded a waiver",
    "waiver:revoked": "revoked a waiver",
}

#: Facts of an entry worth a reader's time, and how they are called.
FACT_NAMES: dict[str, str] = {
    "reason": "Why",
    "from_state": "From",
    "to_state": "To",
    "citation": "Rule",
    "rule": "Rule",
    "rule_version": "Version",
    "issued_on": "Issued",
    "starts_on": "Starts",
    "ends_on": "Last day",
    "outcome": "Outcome",
    "before": "Before",
    "after": "Now",
    "why": "Why",
    "position": "Position",
    "site": "Site",
    "number": "Badge",
    "overlay": "Rules",
    "waiver": "Waiver",
    "since": "From",
    "sections": "Sections",
    "granted_by": "Granted by",
}


#: A journal of up to this many entries is checked whenever its page is opened.
CHECKED_AT_ONCE = 300


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One journal entry for a reader: when, who, what they did, and the facts behind it."""

    number: int
    at: datetime
    who: str
    role: str
    did: str
    action: str
    subject: str
    facts: tuple[tuple[str, str], ...] = ()


#: Outcomes and document states as facts of an entry say them.
_OUTCOMES = {
    "allow": "ready",
    "advise": "ready",
    "provisional": "ready for now",
    "needs_notice": "notice needed",
    "needs_cosign": "co-signature needed",
    "hold": "not ready yet",
    "block": "not ready yet",
    "sent_back": "sent back",
    "not_accepted": "not accepted",
}


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries the district's journal has, and what the last check of its chain of digests found.

    ``whole`` is None when the chain was not checked; ``broken_at`` numbers the first entry that does not fit.
    """

    entries: int
    whole: bool | None
    broken_at: int | None = None
    reason: str = ""


def name_in(tag: str) -> str:
    """The person's name in an actor's tag (``hr/uuid Denise Okafor`` gives ``Denise Okafor``)."""
    head, _, name = tag.partition(" ")
    return name or head


def ago(then: datetime, now: datetime | None = None) -> str:
    """How long ago, in the largest unit that says enough: ``just now``, ``2 minutes ago``, ``3 hours ago``, ``5 days ago``."""
    past = (now or clock.now()) - then
    if past < timedelta(minutes=1):
        return "just now"
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if past >= length:
            count = past // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def kind_name(kind: str) -> str:
    """An evidence kind as people call it. A pack's own kind (``ca:ascc``) is read from its last part."""
    return KINDS.get(kind) or kind.rpartition(":")[2].replace("_", " ").capitalize()


def _worded(value: Any) -> str:
    """A fact for a reader: outcomes in words, ISO dates with the month as a word."""
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    if text in _OUTCOMES:
        return _OUTCOMES[text]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day:%b} {day.day}, {day.year}"


def _entry(row: dict[str, Any]) -> Entry:
    facts = row["facts"] or {}
    kind = facts.get("kind")
    what = kind_name(str(kind)) if kind else row["subject"].partition("/")[0]
    template = SENTENCES.get(row["action"])
    did = template.format(what=what) if template else row["action"].replace(":", " ").replace("_", " ")
    if row["action"] == "person:registered" and row["actor"].startswith("system/"):
        did = "added a person"
    shown = tuple(
        (name, _worded(facts[k]))
        for k, name in FACT_NAMES.items()
        if facts.get(k) and not (k == "rule" and facts.get("citation"))
    )
    role = row["actor"].partition("/")[0]
    return Entry(
        number=row["id"],
        at=row["at"],
        who=name_in(row["actor"]),
        role=role,
        did=did,
        action=row["action"],
        subject=row["subject"],
        facts=shown,
    )


async def of_subjects(subjects: Iterable[str], limit: int = 60) -> list[Entry]:
    """The entries about these subjects (``document/<id>`` …), newest first. Call inside a ``tenant_transaction``."""
    wanted = list(subjects)
    if not wanted:
        return []
    rows = (
        await Journal.select(Journal.id, Journal.at, Journal.actor, Journal.action, Journal.subject, Journal.facts)
        .where(Journal.subject.is_in(wanted))
        .order_by(Journal.id, ascending=False)
        .limit(limit)
        .output(load_json=True)
    )
    return [_entry(row) for row in rows]


async def latest(actor: Actor, limit: int = 100, before: int | None = None) -> list[Entry]:
    """The district's newest entries, older than entry ``before`` if given. For HR and administrators."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        query = Journal.select(Journal.id, Journal.at, Journal.actor, Journal.action, Journal.subject, Journal.facts)
        if before is not None:
            query = query.where(Journal.id < before)
        rows = await query.order_by(Journal.id, ascending=False).limit(limit).output(load_json=True)
    return [_entry(row) for row in rows]


async def chain(actor: Actor, check: bool = False) -> Chain:
    """The length of the journal and whether its chain is whole; a long one is only checked when asked (``check``)."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        entries = await Journal.count()
        if not check and entries > CHECKED_AT_ONCE:
            return Chain(entries=entries, whole=None)
        broken = await journal.verify(actor.tenant)
    if broken is None:
        return Chain(entries=entries, whole=True)
    return Chain(entries=entries, whole=False, broken_at=broken.entry, reason=broken.reason)


def subjects_of(person: UUID, **kinds: Iterable[UUID]) -> list[str]:
    """The journal subjects of a person and of the rows that are theirs: ``subjects_of(id, document=[…], placement=[…])``."""
    return [f"person/{person}", *(f"{kind}/{row}" for kind, rows in kinds.items() for row in rows)]
