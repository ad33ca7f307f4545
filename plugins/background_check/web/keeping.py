"""How long things are kept, legal holds, and certificates of what was destroyed: for administrators."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Invalid, StaffingError, say

from ..rules.retention import items, spoken
from ..services import certificates, keeping
from .asked import Form, Visit, back, form_of, shown, staff

#: Seconds a download waits for a certificate that is being printed, and how often it looks.
PATIENCE = 5.0
LOOK = 0.1
_IDENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@get("/keeping", name="background_check.keeping")
async def home(request: Visit) -> Template:
    """What is kept how long, what is due, holds and certificates."""
    return await _page(request)


async def _page(request: Visit, status: int = 200, **more: Any) -> Template:
    found = await certificates.page(staff(request, "admin"))
    return shown("keeping.html", status, p=found, spoken=spoken, **{"problem": "", "wrong": "", "given": {}, **more})


@post("/keeping/rules/{item:str}", name="background_check.keep")
async def choose(request: Visit, item: FromPath[str]) -> Any:
    """Keep one kind of thing for another time."""
    form = await form_of(request)
    try:
        months = form.number("months", "The time, in months,")
        await keeping.choose(staff(request, "admin"), item, months or 0, form.text("why"))
    except StaffingError as error:
        return await _again(request, error, item, form, ("months", "why"))
    say(request, "The rule is changed. What is due under it is destroyed tonight.")
    return back("keeping#rules")


@post("/keeping/holds", name="background_check.hold")
async def hold(request: Visit) -> Any:
    """Begin a legal hold."""
    form = await form_of(request)
    try:
        whom = form.text("person")
        found = _IDENT.search(whom)
        if whom and not found:
            says = "Paste the address of the person's record, or leave it empty for a hold on everything."
            raise Invalid(says, {"person": says})
        await keeping.hold(staff(request, "admin"), form.text("matter"), person=UUID(found[0]) if found else None)
    except StaffingError as error:
        return await _again(request, error, "hold", form, ("person", "matter"))
    say(request, "The hold is on record. Nothing it is about is destroyed while it lasts.")
    return back("keeping#holds")


@post("/keeping/holds/{ident:uuid}/end", name="background_check.end_hold")
async def end_hold(request: Visit, ident: FromPath[UUID]) -> Any:
    """End a legal hold."""
    await keeping.end_hold(staff(request, "admin"), ident)
    say(request, "The hold has ended. What is due by now is destroyed tonight.")
    return back("keeping#holds")


async def _again(request: Visit, error: StaffingError, which: str, form: Form, names: tuple[str, ...]) -> Template:
    if error.status not in {404, 409, 422}:
        raise error
    known = {"hold", *(item.item for item in items())}  # each has its form on the page, and shows its own problem
    which = which if which in known else ""
    return await _page(request, error.status, problem=str(error), wrong=which, given={name: form.text(name) for name in names})


@get("/keeping/destructions/{ident:uuid}", name="background_check.destruction")
async def one(request: Visit, ident: FromPath[UUID]) -> Template:
    """A certificate whole."""
    return await _certificate(request, ident)


async def _certificate(request: Visit, ident: UUID, problem: str = "", status: int = 200) -> Template:
    return shown("destruction.html", status, c=await certificates.certificate(staff(request, "admin"), ident), problem=problem)


@get("/keeping/destructions/{ident:uuid}/pdf", name="background_check.destruction_pdf")
async def pdf(request: Visit, ident: FromPath[UUID]) -> Any:
    """The certificate on paper, once it is printed."""
    who, loop = staff(request, "admin"), asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while (found := await certificates.pdf(who, ident)) is None:
        if loop.time() >= until:
            return await _certificate(request, ident, "The PDF is being printed. Open it again in a few seconds.", 202)
        await asyncio.sleep(LOOK)
    return _file(*found, "application/pdf", "inline")


@get("/keeping/destructions/{ident:uuid}/data", name="background_check.destruction_data")
async def data(request: Visit, ident: FromPath[UUID]) -> Response[bytes]:
    """The bytes that the digest is of."""
    return _file(*await certificates.data(staff(request, "admin"), ident), "application/json", "attachment")


def _file(name: str, content: bytes, kind: str, how: str) -> Response[bytes]:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})


handlers: list[Any] = [home, choose, hold, end_hold, one, pdf, data]
