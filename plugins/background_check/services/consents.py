"""What a person is shown and signs before a check: the disclosure, what a place adds, and the authorisation.

English is what counts and is kept with its digest; a translation shown beside it to help with reading is kept as such.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    OrderStatus,
    Viewer,
    calendar,
    district,
    person_of,
    record,
    refuse_private,
    tenant_transaction,
    today,
)

from ..rules import signing_words as words
from ..rules.signed_name import is_a_name, resembles
from ..rules.texts import AUTHORISATION, Filled, asked_before, current, helps
from ..tables.consents import Consent
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .orders import authorised, locked
from .policies import policy_of

#: Every column by the name it has here.
COLUMNS = (*Consent.all_columns(), Consent.order.as_alias("order"), Consent.at.as_alias("at"))
WITHDRAWN, HELP = "authorisation_withdrawn", "reading_help"
_LONGEST_NAME = 200
_NOT_THEIRS = "This is not the name on record. Give it as it stands on the paper; if the record is wrong, correct that first."


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be read, or to be signed, before a check is asked for. ``done_at`` is None while it is not."""

    ident: str
    title: str
    done_at: datetime | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A text as the person is to see it now. ``helps`` are translations beside it, by language; none of them is signed."""

    order: UUID
    package: str
    ident: str
    shown: Filled
    helps: dict[str, Filled]
    step: int
    steps: int
    done_at: datetime | None


async def steps_of(tenant: str, row: Mapping[str, Any]) -> list[Step]:
    """The texts of an order, in order, each with the moment it was read or signed. Inside a ``tenant_transaction``."""
    policy, _ = await policy_of(tenant)
    done = {one["text_id"]: one["at"] for one in await rows_of(row["id"]) if one["kind"] == one["text_id"]}
    place = await district(tenant)
    asked = asked_before(policy.extra_texts)
    # What was signed is not asked for again, whatever the district has switched on since.
    asked = tuple(ident for ident in asked if ident in done) if AUTHORISATION in done else asked
    return [Step(ident=one, title=current(one, today(place.time_zone)).title, done_at=done.get(one)) for one in asked]


async def document(viewer: Viewer, order: UUID, ident: str) -> Document:
    """A text of one's own check, when it is its turn. Raises ``NotFound``, and ``Conflict`` if another comes first."""
    async with tenant_transaction(viewer.tenant):
        row = await own_row(viewer, order)
        return await document_for(viewer.tenant, row, ident)


async def read(viewer: Viewer, order: UUID, ident: str, *, digest: str, help_language: str = "", copy: bool = False) -> None:
    """The person says that they have read a text. Saying so twice is harmless.

    ``digest`` is of the words they had before them, ``help_language`` of the translation beside them, ``copy`` the box ticked.
    Raises ``NotFound``, and ``Conflict`` out of turn, for words that have changed, and for a check that has ended.
    """
    async with tenant_transaction(viewer.tenant):
        row = await own_row(viewer, order, lock=True)
        found = await document_for(viewer.tenant, row, ident)
        if found.done_at is not None:
            return
        if ident == AUTHORISATION:
            raise Conflict("The authorisation is signed with your name. Open its page, type your name and tick the box.")
        await _ready(viewer.tenant, row)
        _same(found, digest)
        answer = ("copy_wanted" if copy else "no_copy") if found.shown.box else ""
        await _keep(row, found, help_language, answer=answer)
        await record("check:text_read", f"check/{order}", actor=viewer.tag, **_facts(found, answer=answer))


async def authorise(
    viewer: Viewer, order: UUID, *, name: str, agreed: bool, digest: str, help_language: str = "", address: str = ""
) -> None:
    """The person signs: their name typed and the box ticked. The check then goes on by itself; signing twice is harmless.

    Raises ``NotFound``, ``Invalid`` with the fields, and ``Conflict`` before the disclosure was read, for words that have
    changed, for a check that has ended and for somebody too young.
    """
    async with tenant_transaction(viewer.tenant):
        row = await own_row(viewer, order, lock=True)
        if any(one["kind"] == AUTHORISATION for one in await rows_of(order)):
            return
        found = await document_for(viewer.tenant, row, AUTHORISATION)
        await _ready(viewer.tenant, row)
        typed = " ".join(name.split())
        await _check_name(viewer.tenant, row["person"], typed, agreed=agreed, not_theirs=words.NOT_YOURS)
        _same(found, digest)
        await _keep(row, found, help_language, name_typed=typed, address=address)
        await authorised(viewer.tenant, order)
        await record("check:signed", f"check/{order}", actor=viewer.tag, **_facts(found))


async def record_paper(viewer: Viewer, order: UUID, *, name: str, signed_on: date, seen: bool) -> None:
    """HR has the texts on paper, signed by the person's own hand. The check then goes on. Doing so twice is harmless.

    Raises ``NotAllowed`` for anyone but HR, ``NotFound``, ``Invalid`` with the fields, ``Conflict``.
    """
    if viewer.role != "hr":
        raise NotAllowed("A signed paper is recorded by the district's HR clearance staff.")
    async with tenant_transaction(viewer.tenant):
        row = await locked(order)
        if any(one["kind"] == AUTHORISATION for one in await rows_of(order)):
            return
        place = await district(viewer.tenant)
        day = today(place.time_zone)
        await _ready(viewer.tenant, row)
        wrong: dict[str, str] = {}
        if not seen:
            wrong["seen"] = "Tick that you have the signed papers before you. Without them nothing is recorded."
        if signed_on > day:
            wrong["signed_on"] = "The day of signing lies ahead. Give the day that stands on the paper."
        if wrong:
            raise Invalid(" ".join(wrong.values()), wrong)
        typed = " ".join(name.split())
        await _check_name(viewer.tenant, row["person"], typed, agreed=True, not_theirs=_NOT_THEIRS)
        for step in await steps_of(viewer.tenant, row):
            if step.done_at is None:
                found = await document_for(viewer.tenant, row, step.ident, out_of_turn=True)
                named = typed if step.ident == AUTHORISATION else ""
                await _keep(row, found, "", name_typed=named, signed_on=signed_on, recorded_by=viewer.tag)
        await authorised(viewer.tenant, order)
        await record("check:signed", f"check/{order}", actor=viewer.tag, on_paper=True, signed_on=signed_on)


async def name_of(viewer: Viewer) -> str:
    """The name on record of the person signed in, as they sign with it."""
    if viewer.person is None:
        raise NotFound("There is no such check on your list.")
    return (await person_of(viewer.tenant, viewer.person)).name


async def own_row(viewer: Viewer, order: UUID, *, lock: bool = False) -> dict[str, Any]:
    """The row of one's own check. Inside a ``tenant_transaction``. Raises ``NotFound``, also for somebody else's."""
    found = CheckOrder.select().where(CheckOrder.id == order)
    row: dict[str, Any] | None = await (found.lock_rows("UPDATE") if lock else found).output(load_json=True).first()
    if row is None or viewer.person is None or row["person"] != viewer.person:
        raise NotFound("There is no such check on your list.")
    return row


async def names_for(tenant: str, row: Mapping[str, Any]) -> dict[str, str]:
    """What is put into the texts of an order: the district's name, and the company's with its address. In a transaction."""
    account = await ProviderAccount.select().where(ProviderAccount.id == row["account"]).output(load_json=True).first()
    settings: Mapping[str, Any] = account["settings"] if account else {}
    return {
        "district": (await district(tenant)).name,
        "agency": agency_in(settings, account["title"] if account else ""),
        "agency_address": str(settings.get("agency_address") or ""),
        "agency_phone": str(settings.get("agency_phone") or ""),
        "agency_site": str(settings.get("agency_site") or ""),
    }


def agency_in(settings: Mapping[str, Any], title: str) -> str:
    """What people call whoever makes the check: the name for notices, the office or system that is asked, or the account."""
    return str(settings.get("agency_name") or settings.get("office") or settings.get("system") or title)


async def document_for(tenant: str, row: Mapping[str, Any], ident: str, *, out_of_turn: bool = False) -> Document:
    """A text of an order as it is shown now. Inside a ``tenant_transaction``. Raises ``NotFound``, ``Conflict`` out of turn."""
    steps = await steps_of(tenant, row)
    place = next((n for n, step in enumerate(steps) if step.ident == ident), None)
    if place is None:
        raise NotFound("There is no such text for this check. Go back to your check.")
    if not out_of_turn and any(step.done_at is None for step in steps[:place]):
        if ident == AUTHORISATION and steps[0].done_at is None:
            raise Conflict(words.DISCLOSURE_FIRST)
        raise Conflict(words.OTHER_FIRST)
    package = await Package.select(Package.title).where(Package.id == row["package"]).first()
    text = current(ident, today((await district(tenant)).time_zone))
    names = await names_for(tenant, row)
    return Document(
        order=row["id"],
        package=package["title"] if package else "",
        ident=ident,
        shown=text.filled(names),
        helps={language: found.filled(names) for language, found in helps(text).items()},
        step=place + 1,
        steps=len(steps),
        done_at=steps[place].done_at,
    )


async def _ready(tenant: str, row: Mapping[str, Any]) -> None:
    """Raise ``Conflict`` unless the order waits to be authorised by somebody old enough."""
    if OrderStatus(row["status"]).over:
        raise Conflict(words.ENDED)
    if row["status"] != OrderStatus.TO_AUTHORISE:
        raise Conflict(words.NOT_NOW)
    package = await Package.select(Package.youngest).where(Package.id == row["package"]).first()
    person = await person_of(tenant, row["person"])
    day = today((await district(tenant)).time_zone)
    if package and person.born_on and calendar.age_on(person.born_on, day) < package["youngest"]:
        raise Conflict(words.TOO_YOUNG)


def _same(found: Document, digest: str) -> None:
    if digest != found.shown.digest:
        raise Conflict(words.CHANGED)


async def _check_name(tenant: str, person: UUID, typed: str, *, agreed: bool, not_theirs: str) -> None:
    """Raise ``Invalid`` with the fields if the name is none, is not the person's, or the box is not ticked."""
    wrong: dict[str, str] = {}
    if not is_a_name(typed):
        wrong["name"] = words.NO_NAME
    elif len(typed) > _LONGEST_NAME:
        wrong["name"] = words.LONG_NAME
    else:
        refuse_private(typed, "The name", "name")
        who = await person_of(tenant, person)
        if not resembles(typed, who.given_name, who.family_name, who.latin_name):
            wrong["name"] = not_theirs
    if not agreed:
        wrong["agree"] = words.NOT_AGREED
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)


async def _keep(
    row: Mapping[str, Any],
    found: Document,
    help_language: str,
    *,
    name_typed: str = "",
    address: str = "",
    answer: str = "",
    signed_on: date | None = None,
    recorded_by: str = "",
) -> None:
    await Consent.insert(
        _row(row, found.ident, found.shown, name_typed, address, answer=answer, signed_on=signed_on, recorded_by=recorded_by)
    )
    if help_language in found.helps:
        await Consent.insert(_row(row, HELP, found.helps[help_language]))


def _row(order: Mapping[str, Any], kind: str, shown: Filled, name_typed: str = "", address: str = "", **more: Any) -> Consent:
    return Consent(
        order=order["id"],
        person=order["person"],
        kind=kind,
        text_id=shown.text.id,
        text_version=shown.text.version,
        language=shown.text.language,
        sha256=bytes.fromhex(shown.digest),
        name_typed=name_typed,
        address=address,
        filled=msgspec.json.encode(shown.values).decode(),
        **more,
    )


def _facts(found: Document, **more: Any) -> dict[str, Any]:
    text = found.shown.text
    return {"text": text.id, "version": text.version, "language": text.language, "sha256": found.shown.digest, **more}


async def rows_of(order: UUID) -> list[dict[str, Any]]:
    """The rows of an order's texts, oldest first. Inside a ``tenant_transaction``."""
    found: list[dict[str, Any]] = (
        await Consent.select(*COLUMNS).where(Consent.order == order).order_by(Consent.at).output(load_json=True)
    )
    return found
