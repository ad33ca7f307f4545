"""Nobody is displaced: what was compared, and the quarterly statements that both sides sign and check."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Invalid, StaffingError, now, say, today

from ..rules.quarters import quarters
from ..services import assurance, statement_words, statements
from .asked import HOME, Visit, back, form_of, viewer

#: The largest file that is looked at to check a statement, in bytes.
LARGEST = 5_000_000
#: Seconds a download waits for a statement that is being printed, and how often it looks.
PATIENCE = 5.0
LOOK = 0.1


@get("/assurance", name="union_agreement.assurance")
async def home(request: Visit) -> Template:
    """Position actions beside placements, and the statements."""
    return await _page(request)


async def _page(request: Visit, status: int = 200, **more: Any) -> Template:
    who = viewer(request)
    found = await assurance.page(who)
    told = await statements.listed(who)
    context = {
        "p": found,
        "statements": told,
        "quarters": quarters(today()),
        "problem": "",
        "checked": None,
        "many": statement_words.many,
        "home": HOME,
        **more,
    }
    return Template("union_agreement/assurance.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@post("/assurance/check", name="union_agreement.check_statement")
async def check(request: Visit) -> Template:
    """Check a statement by its digest, its PDF or its data file."""
    form = await form_of(request)
    upload = form.data.get("upload")
    data = b""
    if isinstance(upload, UploadFile) and upload.filename:
        data = await upload.read(LARGEST + 1)
    try:
        if len(data) > LARGEST:
            raise Invalid("This file is too large to be a statement.")
        found, says = await statements.verify(viewer(request), form.text("digest"), data)
    except Invalid as error:
        return await _page(request, error.status, checked=(None, str(error)))
    return await _page(request, checked=(found, says))


@post("/assurance/statements", name="union_agreement.make_statement")
async def make(request: Visit) -> Any:
    """Make the statement of a quarter."""
    form = await form_of(request)
    try:
        ident = await statements.make(viewer(request), form.text("quarter"))
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _page(request, error.status, problem=str(error))
    say(request, "The statement is made and frozen. An officer of each side signs it.")
    return back(f"statements/{ident}")


@get("/statements/{ident:uuid}", name="union_agreement.statement")
async def one(request: Visit, ident: FromPath[UUID]) -> Template:
    """One statement whole."""
    return await _statement(request, ident)


async def _statement(request: Visit, ident: UUID, problem: str = "", status: int = 200) -> Template:
    page = await statements.page(viewer(request), ident)
    context = {
        "p": page,
        "head": statement_words.HEAD,
        "rows": statement_words.rows(page.body),
        "title": statement_words.title(page.body),
        "many": statement_words.many,
        "problem": problem,
        "home": HOME,
        "at": now(),
    }
    return Template("union_agreement/statement.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@post("/statements/{ident:uuid}/sign", name="union_agreement.sign_statement")
async def sign(request: Visit, ident: FromPath[UUID]) -> Any:
    """Sign a statement in an office held today."""
    form = await form_of(request)
    try:
        await statements.sign(viewer(request), ident, form.text("role"))
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _statement(request, ident, str(error), error.status)
    say(request, "Your signature is on record, and is printed on the statement.")
    return back(f"statements/{ident}")


@get("/statements/{ident:uuid}/pdf", name="union_agreement.statement_pdf")
async def pdf(request: Visit, ident: FromPath[UUID]) -> Any:
    """The statement as it is printed, once it is."""
    who, loop = viewer(request), asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while (found := await statements.pdf(who, ident)) is None:
        if loop.time() >= until:
            return await _statement(request, ident, "The PDF is being printed. Open it again in a few seconds.", 202)
        await asyncio.sleep(LOOK)
    return _file(*found, "application/pdf", "inline")


@get("/statements/{ident:uuid}/data", name="union_agreement.statement_data")
async def data(request: Visit, ident: FromPath[UUID]) -> Response[bytes]:
    """The bytes that the digest is of."""
    return _file(*await statements.data(viewer(request), ident), "application/json", "attachment")


def _file(name: str, content: bytes, kind: str, how: str) -> Response[bytes]:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'{how}; filename="{name}"'})


handlers = [home, check, make, one, sign, pdf, data]
