"""The register of positions: files of what happened to them, read whole or not at all.

HR keeps it; both sides see what it comes to (``assurance``). It is about positions and never names anybody.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Viewer,
    ask_again,
    closed_days,
    record,
    site_names,
    tenant_transaction,
    today,
)

from ..rules import position_file
from ..rules.position_file import COLUMNS, EXAMPLES, Bad, Report
from ..rules.position_row import Read
from ..tables import Classification, PositionAction, PositionFile, Unit
from .known import changed

#: Rows of the register shown on the page, the newest first.
SHOWN = 200


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The register for HR. ``complete_through`` is the day through which it holds everything (None: nothing was imported)."""

    complete_through: date | None
    files: Sequence[Mapping[str, Any]]
    actions: Sequence[Mapping[str, Any]]
    total: int
    units: Sequence[Mapping[str, Any]]
    classes: Sequence[Mapping[str, Any]]
    closed: list[tuple[str, date, date]]
    today: date


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it would be imported. ``before`` says when the very same file was imported already."""

    report: Report
    new: list[Read]
    changed: list[Read]
    same: list[Read]
    before: datetime | None = None

    @property
    def good(self) -> bool:
        """Whether it can be imported: no row is wrong."""
        return not self.report.bad

    @property
    def notes(self) -> tuple[Bad, ...]:
        """What is worth knowing of its rows."""
        return self.report.notes


def hr_only(viewer: Viewer) -> None:
    """Raise ``NotAllowed`` for anybody but the district's HR."""
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("The district's HR keeps the register of positions. Both sides see what it comes to.")


async def page(viewer: Viewer) -> Page:
    """The register as HR sees it."""
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        files = await PositionFile.select().order_by(PositionFile.imported_at, ascending=False).limit(12)
        through = await PositionFile.select(PositionFile.complete_through).order_by(
            PositionFile.complete_through, ascending=False
        )
        actions = await PositionAction.select().order_by(PositionAction.on, ascending=False).limit(SHOWN).output(load_json=True)
        total = await PositionAction.count()
        units = await Unit.select().order_by(Unit.code).output(load_json=True)
        classes = await Classification.select().order_by(Classification.name).output(load_json=True)
        since = today() - timedelta(days=30)
        closed = {kind: sorted(await closed_days(viewer.tenant, kind, since)) for kind in ("work", "school")}
    return Page(
        complete_through=through[0]["complete_through"] if through else None,
        files=files,
        actions=actions,
        total=total,
        units=units,
        classes=classes,
        closed=_stretches(closed),
        today=today(),
    )


def _stretches(closed: Mapping[str, Iterable[date]]) -> list[tuple[str, date, date]]:
    """Closed days that follow each other as one: kind, first and last day."""
    found: list[tuple[str, date, date]] = []
    for kind, days in closed.items():
        for day in days:
            if found and found[-1][0] == kind and found[-1][2] + timedelta(days=1) == day:
                found[-1] = (kind, found[-1][1], day)
            else:
                found.append((kind, day, day))
    return sorted(found, key=lambda one: (one[1], one[0]))


def template_csv() -> str:
    """The columns with two rows as they may be."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(EXAMPLES)
    return "\ufeff" + out.getvalue()


async def check(viewer: Viewer, text: str) -> Checked:
    """What a file would do. Nothing is written. Raises ``Invalid`` for a file whose columns cannot be told."""
    hr_only(viewer)
    async with tenant_transaction(viewer.tenant):
        return (await _checked(text))[0]


async def _checked(text: str) -> tuple[Checked, list[tuple[Any, Read]]]:
    sites = {str(ident): name for ident, name in (await site_names()).items()}
    units = [row["code"] for row in await Unit.select(Unit.code)]
    report = position_file.read_file(text, sites=sites, units=units, today=today())
    held = await PositionAction.select().output(load_json=True)
    new, other, same = position_file.sorted_out(report.rows, [_as_text(row) for row in held])
    before = await PositionFile.select(PositionFile.imported_at).where(PositionFile.digest == report.digest).first()
    found = Checked(
        report=report, new=new, changed=[row for _, row in other], same=same, before=before["imported_at"] if before else None
    )
    return found, other


def _as_text(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "site": str(row["site"]) if row["site"] else ""}


async def commit(viewer: Viewer, text: str, *, name: str, complete_through: date) -> Checked:
    """Import a whole file or nothing. A file that is here already, for the same day, changes nothing.

    Raises ``Conflict`` where a row is wrong, ``Invalid`` for a day that has not come.
    """
    hr_only(viewer)
    if complete_through > today():
        words = f"Nobody can know all actions through {complete_through}: that day has not come."
        raise Invalid(words, {"complete_through": words})
    async with tenant_transaction(viewer.tenant) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", f"positions of {viewer.tenant}")
        found, other = await _checked(text)
        if not found.good:
            raise Conflict("Nothing was imported: a row of the file is wrong. Mend it and choose the file again.")
        here = (PositionFile.digest == found.report.digest) & (PositionFile.complete_through == complete_through)
        if await PositionFile.exists().where(here):
            return found
        for row in found.new:
            await PositionAction.insert(PositionAction(**_columns(row), file=name, imported_by=viewer.tag))
        for ident, row in other:
            values: dict[Any, Any] = {**_columns(row), "file": name, "imported_by": viewer.tag}
            await PositionAction.update(values).where(PositionAction.id == ident)
        file = PositionFile(
            name=name,
            digest=found.report.digest,
            complete_through=complete_through,
            rows=len(found.report.rows),
            added=len(found.new),
            changed=len(other),
            imported_by=viewer.tag,
        )
        await PositionFile.insert(file)
        await record(
            "positions:imported",
            f"position_file/{file.id}",
            actor=viewer.tag,
            file=name,
            digest=file.digest,
            rows=file.rows,
            added=file.added,
            changed=file.changed,
            complete_through=complete_through,
        )
        await changed()
        await ask_again(viewer.tenant)
    return found


def _columns(row: Read) -> dict[str, Any]:
    told = msgspec.structs.asdict(row)
    del told["line"]
    return {**told, "site": UUID(row.site) if row.site else None, "duties": _json(list(row.duties)), "digest": row.digest}


async def take_back(viewer: Viewer, action: UUID, why: str) -> None:
    """Take an action out of the register that was entered by mistake. The journal keeps what it said."""
    hr_only(viewer)
    if not why.strip():
        raise Invalid("Say in a sentence why it is taken out; the journal keeps it.")
    async with tenant_transaction(viewer.tenant):
        rows = await PositionAction.select().where(PositionAction.id == action).output(load_json=True)
        if not rows:
            raise NotFound("There is no such action in the register.")
        row = rows[0]
        await PositionAction.delete().where(PositionAction.id == action)
        told = {name: row[name] for name in ("kind", "on", "until", "classification", "unit", "site_name", "positions", "cause")}
        await record("position_action:taken_out", f"position_action/{action}", actor=viewer.tag, why=why.strip(), **told)
        await changed()
        await ask_again(viewer.tenant)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
