"""Lists that go to a provider and come back: made, fetched, read with a preview of every line, and taken whole or not at all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Invalid, StaffingError, say

from ..rules.batch_file import IN, LARGEST
from ..services import batch_taking, batches
from .asked import Visit, back, form_of, shown, staff

_SHOWN_AGAIN = frozenset({403, 409, 422})


@get("/batches", name="background_check.batches")
async def home(request: Visit) -> Template:
    """Accounts with lists, and the last lists."""
    return await _home(request)


async def _home(request: Visit, error: StaffingError | None = None) -> Template:
    accounts, lists = await batches.listed(staff(request))
    return shown(
        "batches.html",
        error.status if error else 200,
        accounts=accounts,
        lists=lists,
        columns=IN,
        problem=str(error) if error else "",
    )


@post("/batches/{account:uuid}/make", name="background_check.batch_make")
async def make(request: Visit, account: FromPath[UUID]) -> Any:
    """Put what waits on a list."""
    try:
        made = await batches.make_list(staff(request, "hr"), account)
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _home(request, error)
    say(request, "The list is made. Fetch the file and send it the way your provider asks for.")
    return back(f"batches/{made}")


@post("/batches/{account:uuid}/read", name="background_check.batch_read")
async def read(request: Visit, account: FromPath[UUID]) -> Any:
    """Read a list that came back, and show what each line would do."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        file = form.file("file")
        if file is None:
            raise Invalid("Choose the file that came back.")
        made = await batch_taking.look_at(who, account, file.filename, await file.read(LARGEST + 1))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _home(request, error)
    return back(f"batches/{made}")


@get("/batches/{batch:uuid}", name="background_check.batch")
async def one(request: Visit, batch: FromPath[UUID]) -> Template:
    """One list, line by line."""
    return await _one(request, batch)


async def _one(request: Visit, batch: UUID, error: StaffingError | None = None) -> Template:
    found = await batches.one(staff(request), batch)
    return shown("batch.html", error.status if error else 200, b=found, problem=str(error) if error else "")


@get("/batches/{batch:uuid}/file", name="background_check.batch_file")
async def file(request: Visit, batch: FromPath[UUID]) -> Response[bytes]:
    """The file of a list that goes out."""
    name, text = await batches.file_of(staff(request, "hr"), batch)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text.encode(), media_type="text/csv", headers=headers)


@post("/batches/{batch:uuid}/take", name="background_check.batch_take")
async def take(request: Visit, batch: FromPath[UUID]) -> Any:
    """Let every line count, or none."""
    try:
        changed = await batch_taking.take(staff(request, "hr"), batch)
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _one(request, batch, error)
    say(
        request,
        f"The list is taken: {changed} {'check has' if changed == 1 else 'checks have'} moved on. Nobody is cleared by it.",
    )
    return back(f"batches/{batch}")


handlers = [home, make, read, one, file, take]
