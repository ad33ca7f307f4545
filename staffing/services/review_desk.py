"""The reviewer's desk: the queue of documents, and one document open beside the rule that asks for it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing import clock
from staffing.core.errors import NotFound
from staffing.core.findings import Decision, Finding
from staffing.core.names import fold, full_name
from staffing.services import history, readiness, review_words
from staffing.services.actors import Actor
from staffing.store import files
from staffing.store.engine import tenant_transaction
from staffing.store.queries import review_queue
from staffing.store.tables import Decision as DecisionRow
from staffing.store.tables import Determination, Document, Tenant

VIEW_NAMES: dict[str, str] = {
    "mine": "My people",
    "all": "All waiting",
    "soon": "Starts within 7 days",
    "sent_back": "Sent back to volunteer",
}
SOON = timedelta(days=7)
PAGE = 50


class FirstCheck(msgspec.Struct, frozen=True):
    """Advice from what is known about a file, never from reading it. ``level``: ok, warn, bad. The first word counts."""

    level: str
    words: str
    more: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the queue."""

    id: UUID
    person: UUID
    name: str
    work: str
    kind: str
    what: str
    how: str
    first_check: FirstCheck
    starts_on: date | None
    starts_in: int | None
    waited: int
    late: bool
    received_at: datetime
    state: str
    version: int
    invented: bool


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """One view of the queue: its rows, the counts of every view, and how the promise is kept."""

    view: str
    rows: list[Row]
    counts: dict[str, int]
    oldest_days: int
    promise_days: int
    page: int
    pages: int
    words: str
    sort: str


class WhyAsked(msgspec.Struct, frozen=True, kw_only=True):
    """The rule a document answers, as the current decision cites it."""

    rule: str
    title: str
    layer: str
    citation: str
    url: str | None
    purpose: str
    version: str


class OpenDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document open for review beside the fields taken from it."""

    row: Row
    language: str
    called: str
    born_on: date | None
    latin_name: str
    media_type: str
    file_name: str
    size: int
    why: WhyAsked | None
    checks: tuple[review_words.Check, ...]
    fields: tuple[str, ...]
    decided: str | None = None
    determination: UUID | None = None


async def queue(actor: Actor, view: str = "all", words: str = "", page: int = 1, sort: str = "starts") -> Queue:
    """The documents to review, soonest start first (or longest wait, ``sort="waiting"``). For HR."""
    actor.require("hr")
    view = view if view in VIEW_NAMES else "all"
    sort = sort if sort in ("starts", "waiting") else "starts"
    async with tenant_transaction(actor.tenant) as transaction:
        tenant, today = await district(actor.tenant)
        soon = today + SOON
        counted, oldest = await review_queue.counts(transaction, reviewer=actor.tag, soon=soon)
        pages = max(1, -(-counted[view] // PAGE))
        page = min(max(1, page), pages)
        found = await review_queue.rows(
            transaction,
            view=view,
            reviewer=actor.tag,
            soon=soon,
            words=fold(words),
            sort=sort,
            limit=PAGE,
            offset=PAGE * (page - 1),
        )
    promise = tenant["promise_days"]
    return Queue(
        view=view,
        rows=[_row(r, today, promise) for r in found],
        counts=counted,
        oldest_days=working_days(oldest.date(), today) if oldest else 0,
        promise_days=promise,
        page=page,
        pages=pages,
        words=words,
        sort=sort,
    )


async def waiting(actor: Actor) -> int:
    """How many documents wait for a look, for the number beside the menu entry. Staff of the district only."""
    actor.require("hr", "admin")
    async with tenant_transaction(actor.tenant):
        return int(await Document.count().where(Document.state == "waiting"))


async def open_document(actor: Actor, document: UUID) -> OpenDocument:
    """A document with everything needed to decide about it. Raises ``NotFound``."""
    actor.require("hr")
    async with tenant_transaction(actor.tenant) as transaction:
        row = await review_queue.one(transaction, document)
        if row is None:
            raise NotFound("There is no such document in this district. It may have been withdrawn by the person.")
        tenant, today = await district(actor.tenant)
        finding = await asked_by(row["person"], row["placement"], row["kind"], row["rule"])
        last = await last_determination(document) if row["state"] != "waiting" else None
    return OpenDocument(
        row=_row(row, today, tenant["promise_days"]),
        language=row["language"],
        called=row["called"] or row["given_name"],
        born_on=row["born_on"],
        latin_name=row["latin_name"],
        media_type=row["media_type"],
        file_name=row["file_name"],
        size=row["size"],
        why=_why(finding) if finding else None,
        checks=review_words.checks_for(row["kind"]),
        fields=_fields(row["kind"]),
        decided=decided(last) if last else None,
        determination=last["id"] if last else None,
    )


async def document_bytes(actor: Actor, document: UUID) -> tuple[str, bytes, str]:
    """The media type, the plain bytes and the file's name. For HR, and for the person whose document it is."""
    actor.require("hr", "volunteer")
    async with tenant_transaction(actor.tenant):
        found = await Document.select(Document.file, Document.file_name, Document.person).where(Document.id == document).first()
        if found is None or (actor.role == "volunteer" and found["person"] != actor.person):
            raise NotFound("There is no such document here.")
        media_type, data = await files.read(found["file"])
    return media_type, data, found["file_name"]


def working_days(start: date, end: date) -> int:
    """Mondays to Fridays after ``start`` up to and with ``end``: 1 from a Friday to the next Monday. Holidays count."""
    days, day = 0, start
    while day < end:
        day += timedelta(days=1)
        days += day.weekday() < 5
    return days


async def district(tenant: str) -> tuple[dict[str, Any], date]:
    """The district's row and what day it is there. Inside a tenant_transaction. Raises ``NotFound``."""
    row = (
        await Tenant.select(Tenant.promise_days, Tenant.time_zone, Tenant.jurisdiction, Tenant.community)
        .where(Tenant.id == tenant)
        .first()
    )
    if row is None:
        raise NotFound("There is no such district here.")
    return row, clock.today(row["time_zone"])


def _row(row: dict[str, Any], today: date, promise: int) -> Row:
    waited = working_days(row["received_at"].date(), today)
    work = ", ".join(part for part in (row["title"], row["site"]) if part) or row["organisation"] or "No work chosen yet"
    form = {"application/pdf": "PDF"}.get(row["media_type"], "Photo")
    return Row(
        id=row["id"],
        person=row["person"],
        name=full_name(row["given_name"], row["family_name"]),
        work=work,
        kind=row["kind"],
        what=history.kind_name(row["kind"]),
        how=f"{form}, {row['received_by']}" if row["received_by"] else form,
        first_check=first_check(row),
        starts_on=row["starts_on"],
        starts_in=(row["starts_on"] - today).days if row["starts_on"] else None,
        waited=waited,
        late=row["state"] == "waiting" and waited > promise,
        received_at=row["received_at"],
        state=row["state"],
        version=row["version"],
        invented=row["invented"],
    )


def first_check(row: dict[str, Any]) -> FirstCheck:
    """What the facts about a file and its person suggest looking at. It never claims to have read the document."""
    notes: list[tuple[str, str]] = []
    if row["sent_by_others"]:
        notes.append(("bad", "Same file from another person"))
    if row["sent_before"]:
        notes.append(("warn", "Same file sent before"))
    if row["media_type"].startswith("image/") and row["size"] < 20_000:
        notes.append(("warn", "Very small photo"))
    if row["born_on"] is None:
        notes.append(("warn", "Birth date not known"))
    if row["earlier"]:
        notes.append(("ok", "A newer copy" if row["state"] == "waiting" else "Sent again"))
    if not notes:
        return FirstCheck("ok", "Nothing unusual")
    return FirstCheck(notes[0][0], notes[0][1], tuple(words for _, words in notes[1:]))


async def last_determination(document: UUID) -> dict[str, Any] | None:
    """The newest determination about a document, with who made it and when."""
    found: dict[str, Any] | None = (
        await Determination.select(
            Determination.id, Determination.outcome, Determination.decided_by, Determination.decided_at, Determination.reason
        )
        .where(Determination.document == document)
        .order_by(Determination.decided_at, ascending=False)
        .first()
    )
    return found


def decided(last: dict[str, Any]) -> str:
    """Who decided what and when: "Denise Okafor approved this 2 minutes ago"."""
    did = {"accepted": "approved this", "sent_back": "asked for a new copy of this", "not_accepted": "did not accept this"}
    return f"{history.name_in(last['decided_by'])} {did[last['outcome']]} {history.ago(last['decided_at'])}"


async def asked_by(person: UUID, placement: UUID | None, kind: str, rule: str) -> Finding | None:
    """The finding, among the person's current decisions, that this kind of evidence answers."""
    rows = (
        await DecisionRow.select(DecisionRow.id, DecisionRow.placement)
        .where((DecisionRow.person == person) & (DecisionRow.current.eq(True)))
        .order_by(DecisionRow.made_at, ascending=False)
    )
    rows = sorted(rows, key=lambda r: r["placement"] != placement)
    decisions = await readiness.taken([row["id"] for row in rows])
    for row in rows:
        if found := asking(decisions[row["id"]], kind, rule):
            return found
    return None


def asking(decision: Decision, kind: str, rule: str = "") -> Finding | None:
    """The finding of a decision that asks for this kind: the named rule if it is there, else the most severe that accepts it."""
    named = next((f for f in decision.findings if rule and f.rule == rule), None)
    able = sorted((f for f in decision.findings if kind in f.accepts), key=lambda f: -f.effect.severity)
    return named or (able[0] if able else None)


def _why(finding: Finding) -> WhyAsked:
    return WhyAsked(
        rule=finding.rule,
        title=finding.title,
        layer=finding.layer.value,
        citation=finding.citation,
        url=finding.url,
        purpose=finding.purpose,
        version=str(finding.version or ""),
    )


def _fields(kind: str) -> tuple[str, ...]:
    """Which fields the reviewer fills in, besides the date: those that rules about this kind read."""
    fields = ["issued_on"]
    if kind not in review_words.FINISHED:
        fields.append("result")
    fields.append("issuer")
    if kind in {"state_criminal_history", "child_abuse_history", "fbi_fingerprint"}:
        fields.append("purpose")
    if kind in {"insurance", "aide_permit", "substitute_permit", "teaching_licence", "approval"}:
        fields.append("expires_on")
    return tuple(fields)
