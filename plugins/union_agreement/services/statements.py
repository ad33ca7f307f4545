"""Quarterly statements: frozen when made, signed by an officer of each side, printed, and checked by their SHA-256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Viewer,
    district,
    enqueue,
    now,
    record,
    sheet_pdf,
    task,
    tenant_transaction,
    today,
)

from ..rules.quarters import quarter
from ..rules.records import spoken
from ..tables import Statement
from . import statement_words
from .assurance import compared
from .sides import Office, offices, require_office, require_officer, side_of

PRINT = "union_agreement:print_statement"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A statement in a list."""

    id: UUID
    quarter: str
    version: int
    digest: str
    made_at: datetime
    conflicts: int
    unknown: int
    placements: int
    district_by: str
    district_at: datetime | None
    union_by: str
    union_at: datetime | None
    printed: bool


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A statement whole. ``file_digest`` is the SHA-256 of its PDF as kept now, ``mine`` the offices in which one may sign."""

    line: Line
    body: Mapping[str, Any]
    lead: str
    side: str
    mine: list[Office]
    file_digest: str
    versions: Sequence[Mapping[str, Any]]


async def listed(viewer: Viewer) -> list[Line]:
    """Every statement, the newest first. For both sides."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Statement.select(*_COLUMNS)
            .order_by(Statement.quarter, ascending=False)
            .order_by(Statement.version, ascending=False)
            .output(load_json=True)
        )
        printed = {row["id"] for row in await Statement.select(Statement.id).where(Statement.pdf.is_not_null())}
    return [_line(row, row["id"] in printed) for row in rows]


async def page(viewer: Viewer, ident: UUID) -> Page:
    """A statement whole. For both sides. Raises ``NotFound``."""
    side = side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
        mine = [one for one in await offices(viewer) if one.side == side]
        versions = (
            await Statement.select(Statement.id, Statement.version, Statement.made_at)
            .where(Statement.quarter == row["quarter"])
            .order_by(Statement.version, ascending=False)
        )
    return Page(
        line=_line(row, row["pdf"] is not None),
        body=row["body"],
        lead=statement_words.lead(row["body"]),
        side=side,
        mine=mine,
        file_digest=hashlib.sha256(row["pdf"]).hexdigest() if row["pdf"] else "",
        versions=versions,
    )


def canonical(body: Any) -> bytes:
    """The bytes that a statement's digest is of: its content as JSON with sorted keys."""
    return msgspec.json.encode(body, order="deterministic")


async def make(viewer: Viewer, name: str) -> UUID:
    """Make the statement of a quarter that is over, or a further version of it. The district's HR makes it.

    Raises ``Conflict`` where the register does not reach its last day, or a version says the same already.
    """
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("The district makes the statement; an officer of the union reads it, checks it and signs it.")
    asked = quarter(name, today())
    if asked.until >= today():
        raise Conflict(f"{asked.name} is not over. Its statement can be made from {asked.until + timedelta(days=1)} on.")
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"statements of {viewer.tenant}")
        found = await compared(viewer.tenant, asked.since, asked.until)
        through = found.register.complete_through
        if through is None or through < asked.until:
            have = f"It is complete through {through}." if through else "Nothing was imported yet."
            raise Conflict(
                f"The register of positions does not reach {asked.until}. {have} Import what happened until then first."
            )
        content = statement_words.content(found, asked.since, asked.until)
        before = (
            await Statement.select(Statement.version, Statement.body)
            .where(Statement.quarter == asked.name)
            .order_by(Statement.version, ascending=False)
            .output(load_json=True)
        )
        if before and before[0]["body"]["content"] == msgspec.to_builtins(content):
            raise Conflict(f"Version {before[0]['version']} of {asked.name} says the same. Nothing was made.")
        here = await district(viewer.tenant)
        version = before[0]["version"] + 1 if before else 1
        body = {
            "statement": asked.name,
            "version": version,
            "district": here.name,
            "made_on": today().isoformat(),
            "content": content,
        }
        data = canonical(body)
        made = Statement(
            quarter=asked.name,
            version=version,
            body=data.decode(),
            digest=hashlib.sha256(data).hexdigest(),
            made_by=viewer.tag,
        )
        await Statement.insert(made)
        await _print(viewer.tenant, made.id)
        await record(
            "statement:made", f"statement/{made.id}", actor=viewer.tag, quarter=asked.name, version=version, digest=made.digest
        )
    ident: UUID = made.id
    return ident


async def sign(viewer: Viewer, ident: UUID, role: str) -> None:
    """Sign a statement in an office held today, for the office's side. Raises ``NotAllowed``, ``Conflict``."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        office = await require_office(viewer, role)
        if office.side != side:
            raise NotAllowed(
                f"{spoken(role).capitalize()} does not sign for {'the district' if side == 'district' else 'the union'}."
            )
        row = await _find(ident)
        if row[f"{side}_by"]:
            raise Conflict(f"It is signed for this side already, by {row[f'{side}_by']}.")
        who = f"{office.name}, {spoken(role)}"
        columns = {
            "district": {Statement.district_by: who, Statement.district_at: now(), Statement.pdf: None},
            "union": {Statement.union_by: who, Statement.union_at: now(), Statement.pdf: None},
        }
        values: dict[Any, Any] = columns[side]
        await Statement.update(values).where(Statement.id == ident)
        await _print(viewer.tenant, ident)
        await record(
            "statement:signed", f"statement/{ident}", actor=viewer.tag, quarter=row["quarter"], version=row["version"], role=role
        )


async def _print(tenant: str, ident: UUID) -> None:
    await enqueue(PRINT, queueing_lock=f"statement/{ident}", lock=f"statement/{ident}", tenant=tenant, statement=str(ident))


@task(PRINT)
async def print_statement(tenant: str, statement: str) -> None:
    """Print a statement with the signatures it has. Run twice it makes the same file."""
    async with tenant_transaction(tenant):
        row = await _find(UUID(statement))
        here = await district(tenant)
    if row["pdf"] is not None:
        return
    pdf = await sheet_pdf(statement_words.sheet(row, here))
    async with tenant_transaction(tenant):
        signed = (Statement.district_by == row["district_by"]) & (Statement.union_by == row["union_by"])
        await Statement.update({Statement.pdf: pdf}).where((Statement.id == UUID(statement)) & signed)


async def pdf(viewer: Viewer, ident: UUID) -> tuple[str, bytes] | None:
    """A file name and the PDF, or None while it is being printed. For both sides."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
    return (f"{_file_name(row)}.pdf", row["pdf"]) if row["pdf"] else None


async def data(viewer: Viewer, ident: UUID) -> tuple[str, bytes]:
    """A file name and the very bytes that the digest is of, so that anybody can work it out again."""
    side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _find(ident)
    return f"{_file_name(row)}.json", canonical(row["body"])


def _file_name(row: Mapping[str, Any]) -> str:
    return f"nobody-displaced-{row['quarter']}-v{row['version']}"


async def verify(viewer: Viewer, digest: str, upload: bytes = b"") -> tuple[Line | None, str]:
    """The statement that a digest, a PDF or a data file is of, and a sentence about it."""
    side_of(viewer)
    word = re.sub(r"\s+", "", digest).lower()
    if upload:
        word = hashlib.sha256(upload).hexdigest()
    if not re.fullmatch(r"[0-9a-f]{64}", word):
        raise Invalid("Type the 64 letters and digits printed on it (SHA-256), or choose its file.")
    async with tenant_transaction(viewer.tenant):
        rows = await Statement.select().order_by(Statement.made_at, ascending=False).output(load_json=True)
    for row in rows:
        name = f"the statement of {row['quarter']}, version {row['version']}"
        if hashlib.sha256(canonical(row["body"])).hexdigest() == word:
            return _line(row, row["pdf"] is not None), f"It matches {name}, as it was made. Nothing in it was changed."
        if row["pdf"] and hashlib.sha256(row["pdf"]).hexdigest() == word:
            return _line(row, True), f"This file is {name}, with the signatures it has today."
    if upload:
        return None, (
            "This file is not one that is kept here. If it was downloaded before a signature was added, type the SHA-256 that is "
            "printed on it."
        )
    return None, "No statement here has this SHA-256. Compare it letter by letter, or ask where the paper came from."


async def _find(ident: UUID) -> dict[str, Any]:
    row = await Statement.select().where(Statement.id == ident).first().output(load_json=True)
    if row is None:
        raise NotFound("There is no such statement here.")
    found: dict[str, Any] = row
    return found


_COLUMNS = (
    Statement.id,
    Statement.quarter,
    Statement.version,
    Statement.body,
    Statement.digest,
    Statement.made_at,
    Statement.district_by,
    Statement.district_at,
    Statement.union_by,
    Statement.union_at,
)


def _line(row: Mapping[str, Any], printed: bool) -> Line:
    content = row["body"]["content"]
    names = ("id", "quarter", "version", "digest", "made_at", "district_by", "district_at", "union_by", "union_at")
    return Line(
        **{name: row[name] for name in names},
        conflicts=content["conflicts"],
        unknown=content["not_known"],
        placements=content["compared"]["placements"],
        printed=printed,
    )
