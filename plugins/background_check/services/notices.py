"""Letters about a check: written once, sent, printed by a task, read by the person and by HR, and whether they arrived."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from staffing.api import (
    Invalid,
    NotAllowed,
    NotFound,
    PersonSeen,
    Viewer,
    base_url,
    current_tenant,
    enqueue,
    in_language,
    letter_pdf,
    now,
    page_of,
    record,
    task,
    tenant_transaction,
    write_to,
)

from ..rules.timers import CHANNELS
from ..tables.consents import Notice

if TYPE_CHECKING:
    from staffing.api import Letter

PRINT = "background_check:print_notice"
KINDS = {
    "pre_adverse": "Before a decision",
    "final_adverse": "The decision",
    "resolved": "A good end",
    "renewal": "A renewal",
}
DELIVERIES = {
    "sent": "Sent",
    "delivered": "Delivered",
    "handed_over": "Handed over",
    "not_delivered": "Did not reach them",
}


class NoticeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A letter. ``html`` is its page, ``digest`` the SHA-256 of that, ``printed`` whether its PDF is there."""

    id: UUID
    number: int
    order: UUID
    person: UUID
    kind: str
    language: str
    html: str
    digest: str
    channels: tuple[str, ...]
    delivery: str
    delivery_says: str
    sent_on: date
    opened_at: datetime | None
    made_by: str
    printed: bool

    @property
    def name(self) -> str:
        """What people call it."""
        return f"N-{self.number}"


def own_page(notice: UUID) -> str:
    """The address of the person's page of a letter."""
    return f"{base_url()}/p/background_check/me/notices/{notice}"


async def next_number(tenant: str) -> int:
    """The number of the next letter. Inside the transaction that writes it: others wait here until it is committed."""
    async with tenant_transaction(tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"letters of {tenant}")
        row = await Notice.select(Notice.number).order_by(Notice.number, ascending=False).first()
    return (row["number"] if row else 0) + 1


async def send(
    viewer: Viewer,
    order: UUID,
    person: PersonSeen,
    kind: str,
    letter: Letter,
    *,
    ident: UUID,
    number: int,
    channels: Sequence[str],
    text_version: str,
    sent_on: date,
) -> None:
    """Keep a letter, have it printed, and tell the person by e-mail where that was chosen. Inside a ``tenant_transaction``.

    Raises ``Invalid`` for an unknown way, for none, and for e-mail to somebody of whom no address is known.
    """
    problem = ""
    if not channels or any(channel not in CHANNELS for channel in channels):
        problem = "Choose how the letter goes out: by e-mail, by mail, or handed over."
    elif "email" in channels and not person.email:
        problem = f"There is no e-mail address of {person.name}. Choose mail, or hand it over."
    if problem:
        raise Invalid(problem, {"channels": problem})
    html = page_of(letter)
    digest = hashlib.sha256(html.encode())
    printed = msgspec.structs.replace(letter, digest=digest.hexdigest())
    await Notice.insert(
        Notice(
            id=ident,
            number=number,
            order=order,
            person=person.id,
            kind=kind,
            language=letter.language,
            text_version=text_version,
            html=html,
            letter=msgspec.json.encode(printed).decode(),
            sha256=digest.digest(),
            channels=",".join(channels),
            sent_on=sent_on,
            made_by=viewer.tag,
            made_at=now(),
        )
    )
    await enqueue(PRINT, queueing_lock=f"notice/{ident}", tenant=viewer.tenant, notice=str(ident))
    if "email" in channels:
        await _tell(viewer.tenant, person, ident)


async def _tell(tenant: str, person: PersonSeen, ident: UUID) -> None:
    """Say that there is a letter, and nothing of what is in it."""
    language = person.language
    subject = in_language(language, "A letter for you about your check")
    body = in_language(
        language,
        "There is a letter for you about your check. It says what happens next and what you can do, with a last day if there is "
        "one. Sign in to read it: {link}",
        link=own_page(ident),
    )
    await write_to(
        tenant, person.id, subject, body, in_language(language, "There is a letter for you. Please sign in to read it.")
    )


@task(PRINT)
async def print_notice(tenant: str, notice: str) -> None:
    """Print a letter. Run twice it makes the same file; one that is printed is left."""
    from staffing.api import Letter

    async with tenant_transaction(tenant):
        row = await Notice.select(Notice.letter, Notice.pdf).where(Notice.id == UUID(notice)).first()
    if row is None or row["pdf"] is not None:
        return
    pdf = await letter_pdf(msgspec.json.decode(row["letter"], type=Letter))
    async with tenant_transaction(tenant):
        await Notice.update({Notice.pdf: pdf}).where((Notice.id == UUID(notice)) & Notice.pdf.is_null())


async def found(notice: UUID) -> dict[str, Any]:
    """The row of a letter, without its PDF. Inside a ``tenant_transaction``. Raises ``NotFound``."""
    row: dict[str, Any] | None = await Notice.select(*_COLUMNS).where(Notice.id == notice).first()
    if row is None:
        raise NotFound("There is no such letter in this district.")
    return row


async def of_order(order: UUID) -> list[NoticeSeen]:
    """The letters about a check, in the order in which they were written. Inside a ``tenant_transaction``."""
    rows = await Notice.select(*_COLUMNS).where(Notice.order == order).order_by(Notice.number)
    printed = {row["id"] for row in await Notice.select(Notice.id).where((Notice.order == order) & Notice.pdf.is_not_null())}
    return [_seen(row, row["id"] in printed) for row in rows]


async def read(viewer: Viewer, notice: UUID) -> NoticeSeen:
    """A letter, for HR, an administrator, and the person it was written to; their first look is on record as its delivery.

    Raises ``NotFound``, also for somebody else's letter, and ``NotAllowed``.
    """
    async with tenant_transaction(viewer.tenant):
        row = await found(notice)
        await _may_read(viewer, row)
        if viewer.role == "volunteer" and row["opened_at"] is None:
            values: dict[Any, Any] = {Notice.opened_at: now()}
            if row["delivery"] == "sent" and "hand" not in row["channels"].split(","):
                values |= {Notice.delivery: "delivered", Notice.delivery_says: "They opened it on their page."}
            await Notice.update(values).where(Notice.id == notice)
            row = await found(notice)
            await record("notice:opened", f"check/{row['order']}", actor=viewer.tag, notice=f"N-{row['number']}")
        printed = await Notice.exists().where((Notice.id == notice) & Notice.pdf.is_not_null())
    return _seen(row, printed)


async def pdf(viewer: Viewer, notice: UUID) -> tuple[str, bytes] | None:
    """A file name and the PDF, or None while it is being printed. For whoever may read it."""
    async with tenant_transaction(viewer.tenant):
        row = await found(notice)
        await _may_read(viewer, row)
        file = await Notice.select(Notice.pdf).where(Notice.id == notice).first()
    return (f"letter-N-{row['number']}.pdf", bytes(file["pdf"])) if file and file["pdf"] else None


async def _may_read(viewer: Viewer, row: Mapping[str, Any]) -> None:
    if viewer.role == "volunteer":
        if viewer.person != row["person"]:
            raise NotFound("There is no such letter for you.")
    elif viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("Letters about a check are open to the district's HR clearance staff and to the person alone.")


async def own_letters(viewer: Viewer) -> list[NoticeSeen]:
    """The letters to the person signed in, the newest first. Raises ``NotAllowed``."""
    if viewer.role != "volunteer" or viewer.person is None:
        raise NotAllowed("These are a volunteer's own letters.")
    async with tenant_transaction(viewer.tenant):
        rows = await Notice.select(*_COLUMNS).where(Notice.person == viewer.person).order_by(Notice.number, ascending=False)
    return [_seen(row, False) for row in rows]


_COLUMNS = (
    Notice.id,
    Notice.number,
    Notice.order.as_alias("order"),
    Notice.person,
    Notice.kind,
    Notice.language,
    Notice.html,
    Notice.sha256,
    Notice.channels,
    Notice.delivery,
    Notice.delivery_says,
    Notice.sent_on,
    Notice.opened_at,
    Notice.made_by,
)


def _seen(row: Mapping[str, Any], printed: bool) -> NoticeSeen:
    own = {"channels", "digest", "printed"}
    plain = {name: row[name] for name in NoticeSeen.__struct_fields__ if name not in own}
    channels = tuple(filter(None, row["channels"].split(",")))
    return NoticeSeen(**plain, channels=channels, digest=bytes(row["sha256"]).hex(), printed=printed)


def new_id() -> UUID:
    """The id of a letter to be, known before it is written because its page is named in it."""
    return uuid4()


async def set_delivery(notice: UUID, delivery: str, says: str) -> None:
    """Record whether a letter arrived. Inside a ``tenant_transaction``; the caller writes the journal."""
    if delivery not in DELIVERIES or delivery == "sent":
        raise Invalid("Say whether it was delivered, handed over, or did not reach them.")
    if not current_tenant():
        raise ValueError("a delivery is recorded inside a tenant_transaction")
    await Notice.update({Notice.delivery: delivery, Notice.delivery_says: says}).where(Notice.id == notice)
