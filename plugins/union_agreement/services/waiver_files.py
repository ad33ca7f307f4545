"""What belongs to a waiver besides the waiver itself, who relies on it, and what happens on the day after its last.

The product records and revokes waivers; here is their authority, the union's step, what was promised instead, and renewal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    ListedWaiver,
    NotAllowed,
    NotFound,
    Relying,
    Viewer,
    district,
    listed_waivers,
    now,
    record,
    relying,
    tenant_transaction,
    today,
)

from ..rules import waiver_terms
from ..rules.waiver_terms import KINDS, OF_THE_UNION, STEPS, Terms
from ..tables import WaiverFile
from . import waiver_todo
from .sides import require_officer, side_of
from .waiver_todo import Todo

#: Ended waivers are looked at for so long: those who relied on them may be on hold still.
LOOKED_BACK = timedelta(days=365)


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What HR enters about a waiver."""

    kind: str = "waiver"
    subject: str = ""
    authority: str = ""
    applicant: str = ""
    hearing_on: date | None = None
    union_step: str = "none"
    renewal_lead_days: int = 90
    renewal_asked_on: date | None = None
    posted_url: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A waiver with everything known about it. ``kept`` says whether HR has entered its details."""

    waiver: ListedWaiver
    details: Details
    kept: bool
    step_on: date | None
    step_says: str
    conditions: Sequence[Mapping[str, Any]]
    usual_end: date | None
    renew_by: date | None
    todo: tuple[Todo, ...]
    relying: Relying
    places: tuple[tuple[str, str, int], ...]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The waivers as one side sees them."""

    side: str
    waivers: tuple[Shown, ...]
    place: Terms | None
    jurisdiction: str
    subjects: dict[str, str]
    refused: dict[str, str]
    today: date


async def page(viewer: Viewer, number: str | None = None) -> Page:
    """Every waiver of the district, or one. For both sides; where and how many rely on one, and nobody's name.

    Raises ``NotFound`` for a number that is not there.
    """
    side = side_of(viewer)
    async with tenant_transaction(viewer.tenant):
        here = await district(viewer.tenant)
        files = {row["waiver"]: row for row in await WaiverFile.select().output(load_json=True)}
        shown = [
            await _shown(one, files.get(one.id), here.jurisdiction)
            for one in await listed_waivers()
            if number in (None, one.number)
        ]
    if number is not None and not shown:
        raise NotFound(f"This district has no waiver {number}.")
    subjects = waiver_terms.subjects()
    refused = {word: waiver_terms.refusal(word, here.jurisdiction) for word in subjects}
    return Page(
        side=side,
        waivers=tuple(shown),
        place=waiver_terms.terms(here.jurisdiction),
        jurisdiction=here.jurisdiction,
        subjects=subjects,
        refused={word: says for word, says in refused.items() if says},
        today=today(),
    )


async def _shown(waiver: ListedWaiver, row: Mapping[str, Any] | None, jurisdiction: str) -> Shown:
    place = waiver_terms.terms(jurisdiction)
    details = _details(row, place, waiver)
    last = _last_day(waiver)
    looked = waiver.state == "in force" or (last is not None and waiver.state != "to come" and last >= today() - LOOKED_BACK)
    found = await relying(waiver.number) if looked else Relying(number=waiver.number, total=0, day_after=None)
    renew_by = last - timedelta(days=details.renewal_lead_days) if last and details.kind != "standing_flexibility" else None
    usual = place.usual_end(waiver.starts_on) if place and details.kind != "standing_flexibility" else None
    shown = Shown(
        waiver=waiver,
        details=details,
        kept=row is not None,
        step_on=row["union_step_on"] if row else None,
        step_says=row["union_step_says"] if row else "",
        conditions=row["conditions_kept"] if row else (),
        usual_end=usual,
        renew_by=renew_by,
        todo=(),
        relying=found,
        places=_places(found),
    )
    return msgspec.structs.replace(shown, todo=waiver_todo.of(shown, place, today()))


def _details(row: Mapping[str, Any] | None, place: Terms | None, waiver: ListedWaiver) -> Details:
    """What is kept, or what is usual in the place until somebody enters it."""
    if row is not None:
        return Details(**{name: row[name] for name in Details.__struct_fields__})
    if place is None:
        return Details(authority=waiver.citation)
    return Details(
        kind=place.kind,
        authority=waiver.citation or place.authority,
        union_step=place.union.step,
        renewal_lead_days=place.renewal_lead_days,
    )


def _last_day(waiver: ListedWaiver) -> date | None:
    if waiver.revoked_on is None:
        return waiver.ends_on
    revoked = waiver.revoked_on - timedelta(days=1)
    return min(revoked, waiver.ends_on) if waiver.ends_on else revoked


def _places(found: Relying) -> tuple[tuple[str, str, int], ...]:
    """Where the placements are and what they are, with how many."""
    counted: dict[tuple[str, str], int] = {}
    for one in found.placements:
        counted[one.site_name, one.title] = counted.get((one.site_name, one.title), 0) + 1
    return tuple((site, title, n) for (site, title), n in sorted(counted.items()))


async def keep(viewer: Viewer, number: str, details: Details) -> None:
    """Enter or change what belongs to a waiver. HR does. Raises ``Invalid`` for what cannot be, by field."""
    _hr(viewer)
    async with tenant_transaction(viewer.tenant):
        here = await district(viewer.tenant)
        waiver = await _waiver(number)
        wrong = _wrong(details, here.jurisdiction)
        if wrong:
            raise Invalid("Nothing was kept. " + " ".join(wrong.values()), wrong)
        row = await WaiverFile.select().where(WaiverFile.waiver == waiver.id).first()
        values = {**msgspec.structs.asdict(details), "changed_by": viewer.tag, "changed_at": now()}
        if row is None:
            await WaiverFile.insert(WaiverFile(waiver=waiver.id, **values))
        else:
            if row["union_step"] != details.union_step:
                values |= {"union_step_on": None, "union_step_says": ""}
            new: dict[Any, Any] = {getattr(WaiverFile, name): value for name, value in values.items()}
            await WaiverFile.update(new).where(WaiverFile.waiver == waiver.id)
        told = {name: value for name, value in msgspec.structs.asdict(details).items() if value not in (None, "")}
        told["about"] = told.pop("subject")
        await record("waiver:details", f"waiver/{number}", actor=viewer.tag, waiver=number, **told)


def _wrong(details: Details, jurisdiction: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if details.kind not in KINDS:
        wrong["kind"] = "Choose whether it is a waiver, a pilot or a standing flexibility."
    if details.subject not in waiver_terms.subjects():
        wrong["subject"] = "Choose what it is about."
    elif says := waiver_terms.refusal(details.subject, jurisdiction):
        wrong["subject"] = f"{says} Revoke the waiver, and follow the rule."
    elif not details.authority.strip():
        wrong["authority"] = "Name the law that lets somebody grant it."
    if details.union_step not in STEPS:
        wrong["union_step"] = "Choose the union's step."
    if not 0 <= details.renewal_lead_days <= 730:
        wrong["renewal_lead_days"] = "Give the days before its end by which renewal is asked for: 0 to 730."
    if details.renewal_asked_on is not None and details.renewal_asked_on > today():
        wrong["renewal_asked_on"] = f"Renewal cannot have been asked for on {details.renewal_asked_on}: that day has not come."
    if details.posted_url and not re.fullmatch(r"https?://\S+", details.posted_url):
        wrong["posted_url"] = "Give the whole address, starting with https://."
    return wrong


async def step_taken(viewer: Viewer, number: str, on: date, says: str) -> None:
    """Record that the union's step was taken, with its day and words. Consent and votes are the union's to record."""
    async with tenant_transaction(viewer.tenant):
        side = await require_officer(viewer)
        row = await _file(number)
        step = row["union_step"]
        if step == "none":
            raise Conflict("No step of the union is asked for here. Choose one first.")
        if step in OF_THE_UNION and side != "union":
            raise NotAllowed(f"{STEPS[step]}: an officer of the union records it, not the district.")
        if not says.strip():
            raise Invalid(
                "Say in a sentence what was done: who was told, how it was put on record, or the result.", {"says": "Say it."}
            )
        if on > today():
            raise Invalid(f"It cannot have been on {on}: that day has not come.", {"on": "That day has not come."})
        values: dict[Any, Any] = {
            WaiverFile.union_step_on: on,
            WaiverFile.union_step_says: says.strip(),
            WaiverFile.changed_by: viewer.tag,
            WaiverFile.changed_at: now(),
        }
        await WaiverFile.update(values).where(WaiverFile.id == row["id"])
        await record(
            "waiver:union_step", f"waiver/{number}", actor=viewer.tag, waiver=number, step=step, on=on, says=says.strip()
        )


async def condition_kept(viewer: Viewer, number: str, on: date, says: str) -> None:
    """Record that what was promised instead of the rule is kept. HR does; both sides read it."""
    _hr(viewer)
    if not says.strip():
        raise Invalid("Say in a sentence which condition is kept, and how that is known.")
    if on > today():
        raise Invalid(f"It cannot have been on {on}: that day has not come.")
    async with tenant_transaction(viewer.tenant):
        row = await _file(number)
        kept = [*row["conditions_kept"], {"on": on.isoformat(), "says": says.strip()}]
        values: dict[Any, Any] = {
            WaiverFile.conditions_kept: msgspec.json.encode(kept).decode(),
            WaiverFile.changed_by: viewer.tag,
            WaiverFile.changed_at: now(),
        }
        await WaiverFile.update(values).where(WaiverFile.id == row["id"])
        await record("waiver:condition_kept", f"waiver/{number}", actor=viewer.tag, waiver=number, on=on, says=says.strip())


def _hr(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("The district's HR keeps the details of waivers. The union's officer records the union's step.")


async def _waiver(number: str) -> ListedWaiver:
    for one in await listed_waivers():
        if one.number == number:
            return one
    raise NotFound(f"This district has no waiver {number}.")


async def _file(number: str) -> dict[str, Any]:
    waiver: UUID = (await _waiver(number)).id
    row = await WaiverFile.select().where(WaiverFile.waiver == waiver).first().output(load_json=True)
    if row is None:
        raise Conflict("HR has not entered what belongs to this waiver yet. That comes first.")
    found: dict[str, Any] = row
    return found
