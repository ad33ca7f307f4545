"""Reviewing what people send in: one queue, a person's decision with its reason, and a way back from it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.findings import Finding
from staffing.services import history, messages, readiness, review_words
from staffing.services.actors import Actor
from staffing.services.review_desk import (
    VIEW_NAMES,
    asked_by,
    decided,
    district,
    document_bytes,
    last_determination,
    open_document,
    queue,
    waiting,
    working_days,
)
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Determination, Document, Evidence, Person

__all__ = [
    "VIEW_NAMES",
    "Reading",
    "approve",
    "document_bytes",
    "open_document",
    "queue",
    "record_evidence",
    "send_back",
    "tell",
    "undo",
    "waiting",
    "working_days",
]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a reviewer reads from a paper or an outside system. ``state`` is ``initiated`` for a check still running.

    ``holder`` is the organisation it was issued to, where it is not the district; ``jurisdiction`` whose it is, where it is not
    the district's own.
    """

    kind: str
    issued_on: date | None = None
    result: str = "clear"
    issuer: str | None = None
    purpose: str | None = None
    expires_on: date | None = None
    state: str = "complete"
    holder: str | None = None
    jurisdiction: str | None = None


async def approve(actor: Actor, document: UUID, version: int, reading: Reading, checks: Collection[str]) -> UUID:
    """Accept a document as evidence and give the determination's id. A second identical submit changes nothing.

    Raises ``Invalid`` (fields or confirmations missing), ``Conflict`` (somebody was faster), ``NotFound``.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        row = await _document(document)
        if again := await _already(actor, row, "approved"):
            return again
        tenant, today = await district(actor.tenant)
        wrong = _wrong(reading, today, row["born_on"])
        missing = [c for c in review_words.checks_for(reading.kind) if c.name not in checks]
        if missing:
            wrong["checks"] = "Confirm these first, or ask for a new copy: " + "; ".join(c.words.lower() for c in missing) + "."
        if wrong:
            raise Invalid("The document is not approved yet. " + " ".join(wrong.values()), wrong)
        await _move(row, version, "approved")
        finding = await asked_by(row["person"], None, reading.kind, row["rule"])
        determination = await _determine(actor, row, reading.kind, "accepted", finding, checks=sorted(checks))
        evidence = _evidence(row["person"], reading, tenant["jurisdiction"], determination, document)
        await Evidence.insert(evidence)
        what = history.kind_name(reading.kind)
        clear = reading.result == "clear"
        await tell(row, lambda tag, name: review_words.accepted(tag, name, what) if clear else review_words.news(tag, name))
        await readiness.refresh(row["person"], actor, "document approved")
        await journal.record(
            "document:approved",
            f"document/{document}",
            actor=actor.tag,
            kind=reading.kind,
            issued_on=str(reading.issued_on),
            determination=str(determination),
            evidence=str(evidence.id),
            **_rule_facts(finding),
        )
    return determination


async def send_back(actor: Actor, document: UUID, version: int, reason: str, message: str = "") -> UUID:
    """Ask for a new copy, with a reason from ``review_words.REASONS`` and a message in plain words.

    Raises ``Invalid``, ``Conflict`` or ``NotFound``. A second identical submit changes nothing.
    """
    actor.require("hr")
    if reason not in review_words.REASONS:
        words = "Choose why it goes back, so that the person knows what to do."
        raise Invalid(words, {"reason": words})
    if reason == "other" and not message.strip():
        words = "Write in the message what is wrong and what to send instead."
        raise Invalid(words, {"message": words})
    async with tenant_transaction(actor.tenant):
        row = await _document(document)
        if again := await _already(actor, row, "sent_back"):
            return again
        await _move(row, version, "sent_back")
        label, sentence = review_words.REASONS[reason]
        text = message.strip() or sentence
        finding = await asked_by(row["person"], None, row["kind"], row["rule"])
        determination = await _determine(actor, row, row["kind"], "sent_back", finding, reason=label, message=text)
        what = history.kind_name(row["kind"])
        await tell(row, lambda tag, name: review_words.sent_back(tag, name, what, text))
        await readiness.refresh(row["person"], actor, "new copy asked for")
        await journal.record(
            "document:sent_back",
            f"document/{document}",
            actor=actor.tag,
            kind=row["kind"],
            reason=label,
            determination=str(determination),
            **_rule_facts(finding),
        )
    return determination


async def undo(actor: Actor, determination: UUID) -> UUID | None:
    """Take back a decision: its evidence no longer counts and its document waits again. Doing so twice is harmless.

    Gives the document's id (None for evidence seen elsewhere). Raises ``NotFound``, or ``Conflict`` if the
    document has been decided about again since.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        found = await Determination.select().where(Determination.id == determination).first()
        if found is None:
            raise NotFound("There is no such decision in this district.")
        document: UUID | None = found["document"]
        withdrawn = (
            await Evidence.update({Evidence.withdrawn: True})
            .where((Evidence.determination == determination) & (Evidence.withdrawn.eq(False)))
            .returning(Evidence.id)
        )
        moved = False
        if document is not None:
            row = await _document(document)
            last = await last_determination(document)
            if last and last["id"] != determination:
                raise Conflict(f"{decided(last)}. Look at the document again before changing it.")
            if row["state"] != "waiting":
                await _move(row, row["version"], "waiting")
                moved = True
        if withdrawn or moved:
            await readiness.refresh(found["person"], actor, "decision taken back")
            await journal.record(
                "document:undone" if document else "evidence:withdrawn",
                f"document/{document}" if document else f"person/{found['person']}",
                actor=actor.tag,
                kind=found["kind"],
                determination=str(determination),
                before=found["outcome"],
                evidence=[str(r["id"]) for r in withdrawn],
            )
    return document


async def record_evidence(actor: Actor, person: UUID, reading: Reading, source: str) -> UUID:
    """Record evidence seen elsewhere (``source``: "seen in the state system"); gives the determination's id.

    With ``state="initiated"`` it records that a check was asked for on ``issued_on`` and has no result yet.
    Raises ``Invalid`` or ``NotFound``.
    """
    actor.require("hr")
    async with tenant_transaction(actor.tenant):
        found = await Person.select(Person.id, Person.born_on).where(Person.id == person).first()
        if found is None:
            raise NotFound("There is no such person in this district.")
        tenant, today = await district(actor.tenant)
        wrong = _wrong(reading, today, found["born_on"])
        if not source.strip():
            wrong["source"] = "Say where you saw it, for example: in the state system."
        if wrong:
            raise Invalid("Nothing was recorded yet. " + " ".join(wrong.values()), wrong)
        finding = await asked_by(person, None, reading.kind, "")
        row = {"person": person, "id": None, "kind": reading.kind}
        determination = await _determine(actor, row, reading.kind, "accepted", finding, reason=source.strip())
        evidence = _evidence(person, reading, tenant["jurisdiction"], determination, None)
        await Evidence.insert(evidence)
        await readiness.refresh(person, actor, "evidence recorded")
        await journal.record(
            "evidence:recorded",
            f"person/{person}",
            actor=actor.tag,
            kind=reading.kind,
            reason=source.strip(),
            issued_on=str(reading.issued_on),
            determination=str(determination),
            evidence=str(evidence.id),
            **_rule_facts(finding),
        )
    return determination


async def _document(document: UUID) -> dict[str, Any]:
    row = (
        await Document.select(
            Document.id,
            Document.person,
            Document.kind,
            Document.rule,
            Document.state,
            Document.version,
            Document.person.born_on.as_alias("born_on"),
            Document.person.given_name.as_alias("given_name"),
            Document.person.called.as_alias("called"),
            Document.person.language.as_alias("language"),
            Document.person.email.as_alias("email"),
            Document.person.phone.as_alias("phone"),
            Document.person.consents.as_alias("consents"),
        )
        .where(Document.id == document)
        .first()
    )
    if row is None:
        raise NotFound("There is no such document in this district. It may have been withdrawn by the person.")
    found: dict[str, Any] = row
    return found


async def _move(row: dict[str, Any], version: int, state: str) -> None:
    moved: list[Any] = []
    if state == "waiting" or row["state"] == "waiting":
        moved = (
            await Document.update({Document.state: state, Document.version: version + 1})
            .where((Document.id == row["id"]) & (Document.version == version) & (Document.state == row["state"]))
            .returning(Document.id)
        )
    if not moved:
        last = await last_determination(row["id"])
        words = decided(last) if last else "This document has changed since you opened it"
        raise Conflict(f"{words}. Nothing was changed; open the document again to see it as it is now.")


async def _already(actor: Actor, row: dict[str, Any], state: str) -> UUID | None:
    """The determination this same reviewer made a moment ago, when a form is sent twice."""
    if row["state"] != state:
        return None
    last = await last_determination(row["id"])
    return last["id"] if last and last["decided_by"] == actor.tag else None


async def _determine(
    actor: Actor,
    row: dict[str, Any],
    kind: str,
    outcome: str,
    finding: Finding | None,
    *,
    reason: str = "",
    message: str = "",
    checks: Collection[str] = (),
) -> UUID:
    made = Determination(
        person=row["person"],
        document=row["id"],
        kind=kind,
        outcome=outcome,
        reason=reason,
        message=message,
        checks=msgspec.json.encode(list(checks)).decode(),
        rule=finding.rule if finding else row.get("rule", ""),
        rule_version=str(finding.version or "") if finding else "",
        decided_by=actor.tag,
        decided_at=clock.now(),
    )
    await Determination.insert(made)
    identity: UUID = made.id
    return identity


def _evidence(person: UUID, reading: Reading, jurisdiction: str, determination: UUID, document: UUID | None) -> Evidence:
    started = reading.state == "initiated"
    return Evidence(
        person=person,
        kind=reading.kind,
        state=reading.state,
        result=None if started else reading.result,
        issued_on=None if started else reading.issued_on,
        requested_on=reading.issued_on if started else None,
        expires_on=reading.expires_on,
        purpose=reading.purpose,
        issuer=reading.issuer,
        holder=reading.holder,
        jurisdiction=reading.jurisdiction
        or (jurisdiction if reading.kind.startswith(("state_", "child_abuse_history", "sex_offender")) else None),
        document=document,
        determination=determination,
    )


def _wrong(reading: Reading, today: date, born_on: date | None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if reading.issued_on is None:
        wrong["issued_on"] = "Enter the date on it."
    elif reading.issued_on > today:
        wrong["issued_on"] = f"The date on it, {reading.issued_on:%B} {reading.issued_on.day}, is in the future. Check the year."
    elif born_on and reading.issued_on < born_on:
        wrong["issued_on"] = "The date on it is before the person was born. Check the year."
    if reading.expires_on and reading.issued_on and reading.expires_on <= reading.issued_on:
        wrong["expires_on"] = "It cannot run out before it was issued. Check both dates."
    if reading.result not in review_words.RESULTS:
        wrong["result"] = "Choose the result."
    if reading.state not in ("complete", "initiated"):
        wrong["state"] = "Choose whether there is a result yet."
    if reading.purpose and reading.purpose not in review_words.PURPOSES:
        wrong["purpose"] = "Choose what it was issued for."
    if not reading.kind:
        wrong["kind"] = "Choose what it is."
    return wrong


def _rule_facts(finding: Finding | None) -> dict[str, str]:
    if finding is None:
        return {}
    return {"rule": finding.rule, "citation": finding.citation, "rule_version": str(finding.version or "")}


async def tell(row: dict[str, Any], letter: Callable[[str, str], review_words.Letter]) -> None:
    """Send a letter to a person (``language``, ``called``, ``given_name``, ``email``, ``phone``, ``consents``).

    ``letter`` makes it from a language and a name. A phone gets only word that there is news, and only if the person
    agreed to texts. Inside a tenant_transaction.
    """
    name = row["called"] or row["given_name"]
    if row["email"]:
        said = letter(row["language"], name)
        await messages.send(row["email"], said.subject, said.body, language=said.language, channel="email")
    elif row["phone"] and '"texts"' in row["consents"]:
        said = review_words.news(row["language"], name)
        await messages.send(row["phone"], said.subject, said.body, language=said.language, channel="sms")
