"""The page of what is kept how long, and certificates of destruction: on the page, as data and on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    District,
    NotFound,
    Sheet,
    SheetPart,
    SheetTable,
    Viewer,
    district,
    people_of,
    sheet_pdf,
    task,
    tenant_transaction,
    today,
)

from ..rules.retention import Rule
from ..tables.keeping import Destruction, LegalHold
from ..tables.orders import CheckOrder
from .keeping import AHEAD, PRINT, administrator, canonical, due_through, rules_here

#: People offered by name for a hold; in a larger district their record's address is pasted.
MOST_NAMED = 300


class DueLine(msgspec.Struct, frozen=True, kw_only=True):
    """What will be destroyed of one kind of thing, and from which day on."""

    rule: Rule
    count: int


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold; ``who`` is '' for everybody."""

    id: UUID
    person: UUID | None
    who: str
    matter: str
    since: date
    ended_on: date | None
    made_by: str
    ended_by: str


class CertificateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate in the list, or whole."""

    id: UUID
    number: int
    on: date
    count: int
    body: Mapping[str, Any]
    digest: str
    printed: bool
    made_at: datetime


class KeepingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page. ``through`` is the day to which ``due`` looks ahead; ``people`` may be put on hold by name."""

    on: date
    through: date
    rules: tuple[Rule, ...]
    due: tuple[DueLine, ...]
    holds: tuple[HoldLine, ...]
    certificates: tuple[CertificateLine, ...]
    people: tuple[tuple[UUID, str], ...]

    @property
    def stopped(self) -> bool:
        """Whether a hold on everything lasts, so that nothing is destroyed."""
        return any(one.person is None and one.ended_on is None for one in self.holds)

    @property
    def due_count(self) -> int:
        """Rows that are due by ``through``."""
        return sum(line.count for line in self.due)


async def page(viewer: Viewer) -> KeepingPage:
    """What is kept how long, what is due in the coming month, holds and certificates. For administrators."""
    administrator(viewer)
    async with tenant_transaction(viewer.tenant):
        on = today((await district(viewer.tenant)).time_zone)
        through = on + timedelta(days=AHEAD)
        counts: dict[Rule, int] = defaultdict(int)
        for due in await due_through(viewer.tenant, through):
            counts[due.rule] += len(due.ids)
        holds = await LegalHold.select().order_by(LegalHold.made_at, ascending=False)
        certificates = (
            await Destruction.select(*Destruction.all_columns(exclude=[Destruction.pdf]))
            .order_by(Destruction.number, ascending=False)
            .limit(60)
            .output(load_json=True)
        )
        printed = {row["id"] for row in await Destruction.select(Destruction.id).where(Destruction.pdf.is_not_null())}
        checked = {row["person"] for row in await CheckOrder.select(CheckOrder.person).distinct().limit(MOST_NAMED + 1)}
        known = await people_of(viewer.tenant, (checked if len(checked) <= MOST_NAMED else set()) | _held(holds))
        rules = await rules_here(viewer.tenant, on)
    named = sorted(((who.id, who.name) for who in known.values()), key=lambda one: one[1].casefold())
    return KeepingPage(
        on=on,
        through=through,
        rules=rules,
        due=tuple(DueLine(rule=rule, count=count) for rule, count in counts.items()),
        holds=tuple(
            HoldLine(
                **{name: row[name] for name in HoldLine.__struct_fields__ if name != "who"},
                who=(known[row["person"]].name if row["person"] in known else "somebody who is no longer here")
                if row["person"]
                else "",
            )
            for row in holds
        ),
        certificates=tuple(_line(row, row["id"] in printed) for row in certificates),
        people=tuple(named) if len(checked) <= MOST_NAMED else (),
    )


def _held(holds: list[dict[str, Any]]) -> set[UUID]:
    return {row["person"] for row in holds if row["person"]}


async def certificate(viewer: Viewer, ident: UUID) -> CertificateLine:
    """One certificate whole. For administrators. Raises ``NotFound``."""
    administrator(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
    return _line(row, row["pdf"] is not None)


async def pdf(viewer: Viewer, ident: UUID) -> tuple[str, bytes] | None:
    """A file name and the PDF, or None while it is being printed. For administrators."""
    administrator(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
    return (f"destruction-{row['number']}.pdf", bytes(row["pdf"])) if row["pdf"] else None


async def data(viewer: Viewer, ident: UUID) -> tuple[str, bytes]:
    """A file name and the very bytes that the digest is of, so that anybody can work it out again. For administrators."""
    administrator(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
    return f"destruction-{row['number']}.json", canonical(row["body"])


@task(PRINT)
async def print_destruction(tenant: str, destruction: str) -> None:
    """Print a certificate. Run twice it makes the same file."""
    async with tenant_transaction(tenant):
        row = await _find(UUID(destruction))
        here = await district(tenant)
    if row["pdf"] is not None:
        return
    printed = await sheet_pdf(sheet(row, here))
    async with tenant_transaction(tenant):
        await Destruction.update({Destruction.pdf: printed}).where(
            (Destruction.id == UUID(destruction)) & Destruction.pdf.is_null()
        )


async def _find(ident: UUID) -> dict[str, Any]:
    row: dict[str, Any] | None = await Destruction.select().where(Destruction.id == ident).first().output(load_json=True)
    if row is None:
        raise NotFound("There is no such certificate in this district.")
    return row


def _line(row: Mapping[str, Any], printed: bool) -> CertificateLine:
    return CertificateLine(
        id=row["id"],
        number=row["number"],
        on=row["on_day"],
        count=sum(one["count"] for one in row["body"]["items"]),
        body=row["body"],
        digest=bytes(row["digest"]).hex(),
        printed=printed,
        made_at=row["made_at"],
    )


def sheet(row: Mapping[str, Any], here: District) -> Sheet:
    """A certificate as it is printed."""
    body = row["body"]
    made_on = date.fromisoformat(body["made_on"])
    count = sum(one["count"] for one in body["items"])
    return Sheet(
        district=body["district"],
        number=f"Certificate of destruction {body['certificate']}",
        title=f"{count:,} {'record' if count == 1 else 'records'} about background checks destroyed",
        lead=(
            "These records were kept as long as the district’s rules say and were then deleted from the database in one "
            "transaction. Backups are destroyed on their own schedule. Nothing of their content is in this certificate."
        ),
        made_on=made_on,
        digest=bytes(row["digest"]).hex(),
        digest_of="the data of this certificate, as JSON with sorted keys",
        facts=(
            ("Destroyed on", f"{made_on:%B} {made_on.day}, {made_on.year}"),
            ("Records", f"{count:,}"),
            ("People on legal hold, of whom nothing was destroyed", str(body["people_on_hold"])),
        ),
        parts=(
            SheetPart(
                heading="What was destroyed, and under which rule",
                table=SheetTable(
                    caption="Kinds of records, how many, how long they were kept and since when",
                    head=("Kind", "Kept for", "Kept from", "Records"),
                    rows=tuple(
                        (
                            one["title"],
                            one["rule"],
                            one["kept_from"][0]
                            if one["kept_from"][0] == one["kept_from"][1]
                            else f"{one['kept_from'][0]} to {one['kept_from'][1]}",
                            f"{one['count']:,}",
                        )
                        for one in body["items"]
                    ),
                    numbers=3,
                ),
            ),
            SheetPart(
                heading="Digests",
                paragraphs=(
                    "Each is the SHA-256 of the digests of its rows. With a backup of the day before it proves which rows went.",
                ),
                lines=tuple(f"{one['title']}: {one['sha256']}" for one in body["items"]),
            ),
            SheetPart(
                heading="Why",
                lines=tuple(
                    f"{one['title']}: {'a default of the product' if one['because'] == 'composed' else one['because']}"
                    + (f" ({one['citation']})" if one["citation"] else "")
                    for one in body["items"]
                ),
            ),
        ),
        invented=here.invented,
    )
