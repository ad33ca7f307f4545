"""The door of every form: what is never kept is refused before a handler sees it, and the visitor keeps their other words.

The page that answers shows what was wrong with which field, with their words as they were but for what was taken out, and sends
them to the same place again.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from staffing.core.errors import Invalid
from staffing.core.never_kept import MARKS, Kind, private_in, redacted
from staffing.core.never_kept_files import private_in_text_file, text_in
from staffing.web.i18n import gettext as _

#: Letters from which on a text is scanned beside the event loop and not in it.
_LONG = 20_000
#: Bytes of a file that show whether it is text.
_HEAD = 4096
_FORMS = frozenset({RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART})


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A field (or file) that held what is never kept. ``left`` is the text without it, '' for a file."""

    name: str
    label: str
    says: str
    left: str
    is_file: bool = False


def _named(kind: Kind) -> str:
    return {
        Kind.SSN: _("a Social Security number"),
        Kind.LICENCE: _("a driver’s licence number"),
        Kind.REPORT: _("what a criminal record says"),
    }[kind]


async def refusal(request: Request[Any, Any, Any], token_field: str) -> Response[Any] | None:
    """The answer to a form (or JSON) that holds what is never kept, or None for one that may go on to its handler."""
    kind = request.content_type[0]
    if kind in _FORMS:
        sent = [(name, value) for name, value in (await request.form()).multi_items() if name != token_field]
    elif kind == RequestEncodingType.JSON:
        sent = [("body", (await request.body()).decode("utf-8", "replace"))]
    else:
        return None
    refused: list[Refused] = []
    for name, value in sent:
        found = await (_in_file(name, value) if isinstance(value, UploadFile) else _in_text(name, str(value)))
        if found:
            refused.append(found)
    if not refused:
        return None
    answer = _answer(request, sent, refused)
    for _name, value in sent:
        if isinstance(value, UploadFile):
            await value.close()
    return answer


async def _in_text(name: str, value: str) -> Refused | None:
    found = private_in(value) if len(value) < _LONG else await asyncio.to_thread(private_in, value)
    if not found:
        return None
    label = _label(name)
    says = _("“%(field)s” seems to hold %(it)s. That is never kept here, so nothing was saved. Take it out and send again.")
    left = redacted(value)
    for mark in MARKS.values():
        left = left.replace(mark, "").strip()
    return Refused(name=name, label=label, says=says % {"field": label, "it": _named(found[0].kind)}, left=left)


async def _in_file(name: str, file: UploadFile) -> Refused | None:
    """A file's name, and its lines where it is text; papers and photos are looked at where they are kept."""
    if not file.filename:
        return None
    if found := private_in(file.filename):
        says = _("The name of the file seems to hold %(it)s. Nothing was saved. Give the file another name and choose it again.")
        return Refused(name=name, label=_label(name), says=says % {"it": _named(found[0].kind)}, left="", is_file=True)
    head = await file.read(_HEAD)
    rest = b"" if text_in(head) is None else head + await file.read()
    await file.seek(0)
    text = text_in(rest) if rest else None
    if not text:
        return None
    hit = await asyncio.to_thread(private_in_text_file, text)
    if hit is None:
        return None
    says = _(
        "The file “%(file)s” seems to hold %(it)s in line %(line)s. Nothing was saved. Take it out and choose the file again."
    )
    values = {"file": file.filename, "it": _named(hit[0]), "line": hit[1]}
    return Refused(name=name, label=_label(name), says=says % values, left="", is_file=True)


def _label(name: str) -> str:
    """A field's name as a word: "note_redacted" reads "Note redacted"."""
    return name.replace("_", " ").replace("-", " ").strip().capitalize() or name


def _answer(request: Request[Any, Any, Any], sent: list[tuple[str, Any]], refused: list[Refused]) -> Response[Any]:
    from staffing.web.errors import error_response, wants_html
    from staffing.web.page import render

    error = Invalid(" ".join(each.says for each in refused), {each.name: each.says for each in refused})
    if not wants_html(request):
        return error_response(request, error)
    bad = {each.name for each in refused}
    query = request.scope.get("query_string", b"").decode("latin-1")
    context = {
        "title": _("Something here is never kept"),
        "refused": refused,
        "kept": [(name, value) for name, value in sent if name not in bad and not isinstance(value, UploadFile)],
        "files": any(isinstance(value, UploadFile) and value.filename for _name, value in sent),
        "again": request.scope["path"] + (f"?{query}" if query else ""),
        "came_from": _came_from(request),
    }
    body = render(request, "never_kept.html", context)
    return Response(body.encode(), status_code=error.status, media_type="text/html; charset=utf-8")


def _came_from(request: Request[Any, Any, Any]) -> str:
    """The page on which the form stood, if it is one of ours."""
    page = urlsplit(request.headers.get("referer", ""))
    if not page.path.startswith("/") or page.path.startswith("//") or page.netloc != request.headers.get("host", ""):
        return "/"
    return page.path + (f"?{page.query}" if page.query else "")
