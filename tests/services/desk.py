"""An invented district in Pennsylvania with one person, one position and a reviewer: what the HR screens are tested on."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from PIL import Image

from staffing.core.names import search_name
from staffing.services import readiness
from staffing.services.actors import Actor, system
from staffing.store import files
from staffing.store.engine import tenant_transaction
from tests.factories import (
    make_account,
    make_document,
    make_evidence,
    make_organisation,
    make_person,
    make_placement,
    make_position,
    make_site,
)
from tests.services.cleared import PAPERS, TERMS, make_alder

TODAY = date(2026, 11, 24)


class Desk(msgspec.Struct, kw_only=True):
    """Who and what there is."""

    hr: Actor
    organisation: UUID
    site: UUID
    position: UUID
    person: UUID
    wish: UUID


def picture(shade: int = 200, size: int = 400) -> bytes:
    """A real, noisy JPEG of more than 20 KB."""
    image = Image.effect_noise((size, size), shade)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


async def make_hr(name: str = "Denise Okafor", role: Any = "hr", **columns: Any) -> Actor:
    """Somebody of the district's staff, with an account."""
    account = await make_account("alder", name=name, role=role, **columns)
    narrowing = {k: v for k, v in columns.items() if k in ("person", "organisation", "site")}
    return Actor(tenant="alder", name=name, role=role, account=account, **narrowing)


async def make_volunteer(
    position: UUID, site: UUID, *, given: str = "Thùy Linh", family: str = "Đặng", **columns: Any
) -> tuple[UUID, UUID]:
    """Somebody who asked for a position from December 1 and has sent nothing yet; gives the person and the placement."""
    person = await make_person(
        "alder",
        given_name=given,
        family_name=family,
        called=given,
        search_name=search_name(given, family),
        facts={"resident_since": "2001-06-01", "relationship": "community"},
        **columns,
    )
    wish = await make_placement(
        "alder", person=person, site=site, position=position, state="wished", starts_on=date(2026, 12, 1), terms=TERMS
    )
    async with tenant_transaction("alder"):
        await readiness.refresh(person, system("alder"))
    return person, wish


async def make_desk() -> Desk:
    """The district; "Đặng Thùy Linh" asked to be a reading tutor from December 1."""
    await make_alder()
    hr = await make_hr()
    organisation = await make_organisation("alder", name="Valley Reads", kind="community_based")
    site = await make_site("alder", organisation=organisation)
    position = await make_position("alder", site=site, organisation=organisation, terms=TERMS, places=1)
    person, wish = await make_volunteer(position, site, organisation=organisation)
    return Desk(hr=hr, organisation=organisation, site=site, position=position, person=person, wish=wish)


async def send_in(person: UUID, kind: str = "child_abuse_history", data: bytes | None = None, **columns: Any) -> UUID:
    """A paper of this person, really sealed and stored; gives the document."""
    data = data or picture()
    async with tenant_transaction("alder"):
        file = await files.keep(data, "image/jpeg")
    values = {"media_type": "image/jpeg", "size": len(data), "file_name": "photo.jpg", "received_by": "phone"}
    return await make_document("alder", person=person, file=file, kind=kind, **values | columns)


async def give_papers(person: UUID, *but: str, issued_on: date = date(2026, 5, 2)) -> None:
    """Everything the Pennsylvania rules ask a volunteer for, except the kinds named."""
    for kind in PAPERS:
        if kind not in but:
            await make_evidence("alder", person=person, kind=kind, issued_on=issued_on, jurisdiction="us-pa", purpose="volunteer")
    async with tenant_transaction("alder"):
        await readiness.refresh(person, system("alder"))
