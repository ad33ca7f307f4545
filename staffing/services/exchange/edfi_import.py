"""Importing an Ed-Fi export: a dry run that reports every row, and a commit that writes all of it or nothing."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from piccolo.table import Table

from staffing import host
from staffing.core.errors import Conflict, Invalid
from staffing.services import readiness
from staffing.services.actors import Actor, system
from staffing.services.exchange import edfi, edfi_facts, edfi_plan
from staffing.services.exchange.edfi_plan import Change
from staffing.services.exchange.edfi_rows import District
from staffing.services.exchange.report import Report
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Account, Decision, Person, Placement, PluginSwitch, Tenant

#: A row's columns that PostgreSQL takes as JSON text.
_JSON = {"facts", "terms", "detail"}

#: PostgreSQL takes at most 32,767 parameters a statement.
_PARAMETERS = 32_767


async def import_edfi(
    folder: Path,
    *,
    tenant: str | None = None,
    jurisdiction: str | None = None,
    time_zone: str | None = None,
    commit: bool = False,
) -> Report:
    """Compare an export with what is here and, if asked, write the difference in one transaction.

    :param tenant: the district to import into; by default the short form of the export's district name. It is made,
        with one sign-in for HR, when there is none of that name.
    :param jurisdiction: the pack that applies to a new district (``us-tx``); by default from the state of its address.
    :param time_zone: the IANA zone of a new district; by default that of most of its state.
    :param commit: write. Without it nothing is changed and the report says what would be.

    A report with errors was not written, whatever was asked. Raises ``Invalid`` for an export that cannot be read and
    ``Conflict`` when the tenant is another district.
    """
    export = edfi.read(folder)
    if export.problems:
        report = Report(tenant=tenant or "", not_kept=dict(export.not_kept), not_used=dict(export.not_used))
        for where, sentence in sorted(export.problems, key=_place):
            report.add(where, "row", "error", sentence)
        return report
    district = export.districts[0]
    tenant_id = tenant or edfi_facts.slug(district.name)
    _check_words(tenant_id, time_zone)
    report = Report(tenant=tenant_id, next_steps=list(export.notes))
    async with tenant_transaction(tenant_id) as transaction:
        await transaction.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"import/{tenant_id}")
        new = await _tenant(tenant_id, district, jurisdiction, time_zone)
        stored = await edfi_plan.stored()
        _same_district(stored, district, tenant_id, given=tenant is not None)
        if new:
            report.add(district.where, f"district {tenant_id}", "create", f"rules of {new.jurisdiction}")
        changes = edfi_plan.plan(export, stored, report)
        if commit and not report.errors:
            actor = system(tenant_id)
            if new:
                await _open_tenant(new, report)
            await _write(changes)
            await _tell_journal(changes, report, actor, folder)
            await _decide(changes, actor)
            report.committed = True
    return report


def _check_words(tenant: str, time_zone: str | None) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", tenant):
        raise Invalid(
            f"{tenant!r} cannot be the short name of a district. Give --tenant a word of small letters, digits and -, "
            "for example grand-bend."
        )
    if time_zone is not None and time_zone not in zoneinfo.available_timezones():
        raise Invalid(f"{time_zone!r} is no time zone. Give one such as America/Chicago.")


def _place(problem: tuple[str, str]) -> tuple[str, int]:
    file_name, _, line = problem[0].rpartition(":")
    return file_name, int(line) if line.isdigit() else 0


class _NewTenant(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    jurisdiction: str
    time_zone: str
    phone: str


async def _tenant(tenant: str, district: District, jurisdiction: str | None, time_zone: str | None) -> _NewTenant | None:
    """The tenant to make, or None when it is here already. Raises ``Invalid`` when its rules or phone cannot be told."""
    here = await Tenant.select(Tenant.jurisdiction).where(Tenant.id == tenant)
    if here:
        if jurisdiction and jurisdiction != here[0]["jurisdiction"]:
            raise Conflict(
                f"{tenant} is here under the rules of {here[0]['jurisdiction']}; an import does not move a district to "
                f"{jurisdiction}. Leave --jurisdiction out, or choose another --tenant."
            )
        return None
    if not jurisdiction and not district.state:
        raise Invalid(
            f"{district.where}: the district has no state in its address, so its rules are not known. "
            "Add --jurisdiction, for example us-pa."
        )
    return _NewTenant(
        id=tenant,
        name=district.name,
        jurisdiction=jurisdiction or f"us-{district.state.lower()}",
        time_zone=time_zone or edfi_facts.time_zone(district.state),
        phone=district.phone,
    )


def _same_district(stored: edfi_plan.Stored, district: District, tenant: str, *, given: bool) -> None:
    """Refuse to mix two districts: the one here came from another export, or is another one of the same short name."""
    own = stored.district
    key = f"ed-fi:{district.key}"
    if own is None or own["external_id"] == key or (given and not own["external_id"]):
        return
    which = f"came from an export as {own['external_id']}" if own["external_id"] else "was not imported from Ed-Fi"
    raise Conflict(
        f"The district {tenant} here is {own['name']}, which {which}; the export is of {district.name} ({key}). "
        "Give the district to import into with --tenant."
    )


async def _open_tenant(new: _NewTenant, report: Report) -> None:
    """Make the district, switch every plugin on for it, and make one sign-in for HR."""
    await Tenant.insert(
        Tenant(
            id=new.id,
            name=new.name,
            community=new.name,
            jurisdiction=new.jurisdiction,
            time_zone=new.time_zone,
            help_phone=new.phone,
        )
    )
    since = date(2020, 1, 1)  # decisions about earlier days of service are asked for too
    switches = [PluginSwitch(jurisdiction="*", plugin=name, since=since) for name in host.load().names()]
    if switches:
        await PluginSwitch.insert(*switches)
    email = f"hr@{new.id}.example"
    await Account.insert(Account(tenant=new.id, email=email, name=f"{new.name} HR", role="hr"))
    report.next_steps.append(f"Sign in as {email} with the code that arrives at that address (in the demo, at /outbox).")


async def _write(changes: Iterable[Change]) -> None:
    fresh: dict[type[Table], list[Table]] = {}
    for change in changes:
        if change.fresh:
            fresh.setdefault(change.table, []).append(change.table(id=change.id, **_columns(change.values)))
    for table, rows in fresh.items():  # in the order of the plan: what is referred to comes first
        size = _PARAMETERS // len(table._meta.columns)
        for start in range(0, len(rows), size):
            await table.insert(*rows[start : start + size])
    for change in changes:
        if change.changed:
            await _update(change)


async def _update(change: Change) -> None:
    table: Any = change.table
    values: dict[Any, Any] = {table._meta.get_column_by_name(name): value for name, value in _columns(change.values).items()}
    where = table.id == change.id
    if change.version is not None:
        values[table.version] = change.version + 1
        where = where & (table.version == change.version)
    if not await table.update(values).where(where).returning(table.id):
        raise Conflict("Somebody changed these rows while the import ran. Nothing was written; run it again.")


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name: msgspec.json.encode(value).decode() if name in _JSON else value for name, value in values.items()}


def _people(changes: Iterable[Change]) -> dict[UUID, list[str]]:
    """Who is touched by the changes, and by which: a new or changed person, evidence or placement."""
    owners: dict[UUID, list[str]] = {}
    for change in changes:
        if not change.needed:
            continue
        word = edfi_plan.WORDS[change.table]
        if change.table is Person:
            owners.setdefault(change.id, []).append(word)
        elif person := change.owner:
            owners.setdefault(person, []).append(word)
    return owners


async def _tell_journal(changes: list[Change], report: Report, actor: Actor, folder: Path) -> None:
    """One entry for each person touched and one for the import; none when nothing changed."""
    fresh = {change.id for change in changes if change.table is Person and change.fresh}
    for person, words in _people(changes).items():
        action = "person:created" if person in fresh else "person:changed"
        await journal.record(action, f"person/{person}", actor=actor.tag, source="ed-fi", rows=sorted(words))
    if report.changes:
        await journal.record("import:committed", "import/ed-fi", actor=actor.tag, folder=folder.name, counts=report.counts())


async def _decide(changes: list[Change], actor: Actor) -> None:
    """Take the decisions of everybody touched, and of whoever has none yet."""
    touched = set(_people(changes))
    undecided = await Placement.select(Placement.person).where(
        Placement.state.not_in(["ended"])
        & Placement.external_id.like("ed-fi:%")
        & Placement.id.not_in(Decision.select(Decision.placement).where(Decision.current.eq(True)))
    )
    for person in sorted(touched | {row["person"] for row in undecided}, key=str):
        await readiness.refresh(person, actor, why="Ed-Fi import")
