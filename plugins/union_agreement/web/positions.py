"""The register of positions, for HR: a file tried first and then imported whole, units and classifications, closed days."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Template

from staffing.api import Invalid, StaffingError, say, today

from ..rules.position_file import COLUMNS, LARGEST, text_of
from ..rules.position_row import CAUSES, KINDS
from ..services import positions, register
from ..services.statement_words import many
from .asked import HOME, Form, Visit, back, form_of, viewer


@get("/positions", name="union_agreement.positions")
async def home(request: Visit) -> Template:
    """The register."""
    return await _page(request)


async def _page(request: Visit, status: int = 200, **more: Any) -> Template:
    found = await positions.page(viewer(request))
    context = {
        "p": found,
        "columns": COLUMNS,
        "kinds": KINDS,
        "causes": CAUSES,
        "problem": "",
        "checked": None,
        "many": many,
        "home": HOME,
        **more,
    }
    return Template("union_agreement/positions.html", context=context, status_code=status, media_type="text/html; charset=utf-8")


@get("/positions/template", name="union_agreement.positions_template")
async def template(request: Visit) -> Response[bytes]:
    """A file with the columns and two rows as they may be."""
    positions.hr_only(viewer(request))
    headers = {"Content-Disposition": 'attachment; filename="position-actions.csv"'}
    return Response(positions.template_csv().encode(), media_type="text/csv", headers=headers)


@post("/positions/check", name="union_agreement.positions_check")
async def check(request: Visit) -> Template:
    """Try a file. Nothing is written."""
    form = await form_of(request)
    try:
        name, text = await _text(form)
        through = form.day("complete_through", "The day through which it holds everything") or today()
        checked = await positions.check(viewer(request), text)
    except Invalid as error:
        return await _page(request, error.status, problem=str(error))
    status = 200 if checked.good else 422
    return await _page(request, status, checked=checked, text=text, name=name, through=through)


@post("/positions/import", name="union_agreement.positions_import")
async def commit(request: Visit) -> Any:
    """Import what was tried, whole or not at all."""
    form = await form_of(request)
    try:
        _, text = await _text(form)
        through = form.day("complete_through", "The day through which it holds everything") or today()
        found = await positions.commit(viewer(request), text, name=form.text("name")[:120] or "file", complete_through=through)
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, error.status, problem=str(error))
    if found.new or found.changed:
        say(request, f"Imported: {many(len(found.new), 'new row')}, {len(found.changed)} changed. Everybody is decided again.")
    else:
        say(request, "The file holds nothing new. The register is as it was.")
    return back("positions")


async def _text(form: Form) -> tuple[str, str]:
    upload = form.data.get("upload")
    if isinstance(upload, UploadFile) and upload.filename:
        return upload.filename, text_of(await upload.read(LARGEST + 1))
    told = form.data.get("text")
    if not isinstance(told, str) or not told.strip():
        raise Invalid("Choose the file first.")
    return form.text("name"), text_of(told.encode())


@post("/positions/unit", name="union_agreement.unit")
async def unit(request: Visit) -> Any:
    """Register a unit or change it."""
    form = await form_of(request)
    work = register.keep_unit(
        viewer(request),
        code=form.text("code"),
        name=form.text("name"),
        represented_by=form.text("represented_by"),
        duties=_duties(form),
    )
    return await _done(request, work, "The unit is registered.", "units")


@post("/positions/class", name="union_agreement.class")
async def class_(request: Visit) -> Any:
    """Register a classification or change it."""
    form = await form_of(request)
    work = register.keep_class(viewer(request), name=form.text("name"), unit=form.text("unit"), duties=_duties(form))
    return await _done(request, work, "The classification is registered.", "classes")


@post("/positions/drop", name="union_agreement.drop")
async def drop(request: Visit) -> Any:
    """Take a unit or a classification out."""
    form = await form_of(request)
    ident = form.ident("id", needed=True)
    assert ident is not None  # noqa: S101 - needed
    return await _done(request, register.drop(viewer(request), form.text("what"), ident), "It is out of the register.")


@post("/positions/take-back", name="union_agreement.take_back")
async def take_back(request: Visit) -> Any:
    """Take an action out that was entered by mistake."""
    form = await form_of(request)
    ident = form.ident("id", needed=True)
    assert ident is not None  # noqa: S101 - needed
    work = positions.take_back(viewer(request), ident, form.text("why"))
    return await _done(request, work, "It is out of the register; the journal keeps it.", "actions")


@post("/positions/days", name="union_agreement.days")
async def days(request: Visit) -> Any:
    """Close days, or open them again."""
    form = await form_of(request)
    try:
        first = form.day("first", "The first day") or date.max
        last = form.day("last", "The last day", needed=False)
    except Invalid as error:
        return await _page(request, error.status, problem=str(error))
    who, kind = viewer(request), form.text("kind")
    if form.text("open"):
        return await _done(request, register.open_(who, kind, first, last or first), "These days count again.", "days")
    return await _done(request, register.close(who, kind, first, last), "These days are closed.", "days")


async def _done(request: Visit, work: Awaitable[Any], says: str, where: str = "") -> Any:
    try:
        await work
    except StaffingError as error:
        if error.status not in {404, 409, 422}:
            raise
        return await _page(request, error.status, problem=str(error))
    say(request, says)
    return back(f"positions#{where}" if where else "positions")


def _duties(form: Form) -> list[str]:
    return [one for line in form.text("duties").splitlines() for one in line.replace(";", ",").split(",")]


handlers = [home, template, check, commit, unit, class_, drop, take_back, days]
