"""The review queue: see what waits, open one document beside its fields, decide, and take a decision back."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid, NotFound, StaffingError
from staffing.services import history, review, review_desk, review_words, standing
from staffing.services.actors import Actor
from staffing.web import security, session
from staffing.web.forms import read_form
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console, time_zone

#: A document may run nothing and reach nothing, and only our own pages may frame it.
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
#: What a browser may show inline; anything else is offered as a download.
INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


class DecisionForm(msgspec.Struct):
    """The form beside a document: one for both decisions, the button pressed says which."""

    version: int
    kind: str = ""
    issued_on: date | None = None
    result: str = ""
    issuer: str | None = None
    purpose: str | None = None
    expires_on: date | None = None
    checks: list[str] = []
    reason: str = ""
    message: str = ""
    view: str = "all"
    next: str = ""


@get(["/hr", "/hr/"], guards=[needs("hr", "admin")], name="hr.home")
async def home(request: Request[Any, Any, Any]) -> Redirect:
    """The queue is where the day starts; an administrator has none and sees the people."""
    return Redirect("/hr/queue" if who(request).role == "hr" else "/hr/people", status_code=303)


@get("/hr/queue", guards=[needs("hr")], name="hr.queue")
async def queue(
    request: Request[Any, Any, Any],
    *,
    view: FromQuery[str] = "all",
    document: FromQuery[UUID | None] = None,
    words: Annotated[str, QueryParameter(name="q")] = "",
    page_number: Annotated[int, QueryParameter(name="page")] = 1,
    sort: FromQuery[str] = "starts",
) -> Any:
    """One view of the queue with one document open (the first, if none is named)."""
    return await _queue(request, who(request, "hr"), view, document, words=words, number=page_number, sort=sort)


async def _queue(
    request: Request[Any, Any, Any],
    actor: Actor,
    view: str,
    document: UUID | None,
    *,
    words: str = "",
    number: int = 1,
    sort: str = "starts",
    problem: str | None = None,
    wrong: dict[str, str] | None = None,
    given: DecisionForm | None = None,
    status: int = 200,
) -> Any:
    found = await review.queue(actor, view, words, number, sort)
    chosen = document or (found.rows[0].id if found.rows else None)
    opened = await review.open_document(actor, chosen) if chosen else None
    order = [row.id for row in found.rows]
    follows = order[order.index(chosen) + 1 :][:1] if chosen in order else []
    given = given or (_prefilled(opened) if opened else None)
    answer = await console(
        request,
        "hr/queue.html",
        actor,
        "/hr/queue",
        status=status,
        queue=found,
        views=review.VIEW_NAMES,
        opened=opened,
        asked=document is not None,
        next=follows[0] if follows else None,
        given=given,
        wrong=wrong or {},
        problem=problem,
        results=review_words.RESULTS,
        purposes=review_words.PURPOSES,
        reasons=review_words.REASONS,
        layers=standing.LAYER_NAMES,
        finished=review_words.FINISHED,
        link=lambda **more: _address(found, **more),
        time_zone=time_zone(request),
        inline=opened is not None and opened.media_type in INLINE and opened.media_type.startswith("image/"),
    )
    if opened is not None and opened.media_type == "application/pdf":  # the browser's own viewer, beside the fields
        answer.headers["Content-Security-Policy"] = f"{security.POLICY}; frame-src 'self'"
    return answer


def _prefilled(opened: review_desk.OpenDocument) -> DecisionForm:
    return DecisionForm(version=opened.row.version, kind=opened.row.kind)


def _address(found: review_desk.Queue, **more: Any) -> str:
    kept = {"view": found.view, "sort": found.sort if found.sort != "starts" else "", "q": found.words, **more}
    return "/hr/queue?" + urlencode({k: str(v) for k, v in kept.items() if v})


@post("/hr/documents/{document:uuid}/approve", guards=[needs("hr")], name="hr.approve")
async def approve(request: Request[Any, Any, Any], document: FromPath[UUID]) -> Any:
    """Accept the document with what was read from it."""
    return await _decide(request, document, "approve")


@post("/hr/documents/{document:uuid}/send-back", guards=[needs("hr")], name="hr.send_back")
async def send_back(request: Request[Any, Any, Any], document: FromPath[UUID]) -> Any:
    """Ask the person for a new copy."""
    return await _decide(request, document, "send_back")


async def _decide(request: Request[Any, Any, Any], document: UUID, what: str) -> Any:
    actor = who(request, "hr")
    form, wrong = read_form(DecisionForm, await request.form())
    if form is None:
        sentence = "That could not be read: " + " ".join(wrong.values())
        return await _queue(request, actor, "all", document, problem=sentence, wrong=wrong, status=422)
    try:
        if what == "approve":
            reading = review.Reading(
                kind=form.kind,
                issued_on=form.issued_on,
                result=form.result or review_words.sole_result(form.kind),
                issuer=form.issuer,
                purpose=form.purpose,
                expires_on=form.expires_on,
            )
            made = await review.approve(actor, document, form.version, reading, form.checks)
            said = f"Approved: {history.kind_name(form.kind)}."
        else:
            made = await review.send_back(actor, document, form.version, form.reason, form.message)
            said = f"Asked for a new copy: {history.kind_name(form.kind)}."
    except (Invalid, Conflict) as exc:
        fields = exc.fields if isinstance(exc, Invalid) else {}
        kept = form if isinstance(exc, Invalid) else None
        return await _queue(request, actor, form.view, document, problem=str(exc), wrong=fields, given=kept, status=exc.status)
    session.say(request, said, undo=f"/hr/determinations/{made}/undo?view={quote(form.view)}")
    after = f"&document={form.next}" if form.next else ""
    return Redirect(f"/hr/queue?view={quote(form.view)}{after}", status_code=303)


@post("/hr/determinations/{determination:uuid}/undo", guards=[needs("hr")], name="hr.undo")
async def undo(
    request: Request[Any, Any, Any],
    determination: FromPath[UUID],
    view: FromQuery[str] = "all",
    person: FromQuery[UUID | None] = None,
) -> Redirect:
    """Take a decision back, then show its document again (or the person's record)."""
    actor = who(request, "hr")
    try:
        document = await review.undo(actor, determination)
    except Conflict as exc:
        session.say(request, str(exc), kind="warn")
        return Redirect(f"/hr/queue?view={quote(view)}", status_code=303)
    session.say(request, "Taken back. Nothing counts that was decided.")
    back = f"/hr/people/{person}" if person or document is None else f"/hr/queue?view=all&document={document}"
    return Redirect(back, status_code=303)


@get("/hr/documents/{document:uuid}/file", guards=[needs("hr")], name="hr.document_file")
async def document_file(request: Request[Any, Any, Any], document: FromPath[UUID]) -> Response[bytes]:
    """The document itself, in a sandbox of its own: it can run nothing and reach nothing."""
    media_type, data, name = await review.document_bytes(who(request, "hr"), document)
    if not data:
        raise NotFound("The file of this document is empty.")
    shown = "inline" if media_type in INLINE else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(name or 'document')}",
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type=media_type, headers=headers)


@post("/hr/queue/send-back", guards=[needs("hr")], name="hr.send_back_several")
async def send_back_several(request: Request[Any, Any, Any]) -> Redirect:
    """Ask for a new copy of every selected document, and say which were passed over and why."""
    actor = who(request, "hr")
    form = await request.form()
    view, reason = str(form.get("view", "all")), str(form.get("reason", ""))
    done, passed = 0, []
    for item in form.getall("document", []):
        try:
            identity, _, version = str(item).partition(":")
            await review.send_back(actor, UUID(identity), int(version), reason)
            done += 1
        except StaffingError as exc:
            passed.append(str(exc))
        except ValueError:
            passed.append("One row could not be read.")
    said = f"Asked for {done} new {'copy' if done == 1 else 'copies'}."
    if passed:
        said += f" {len(passed)} passed over: {passed[0]}"
    if not done and not passed:
        said = "Nothing was selected. Tick the rows first."
    session.say(request, said, kind="ok" if not passed and done else "warn")
    return Redirect(f"/hr/queue?view={quote(view)}", status_code=303)


handlers = [home, queue, approve, send_back, send_back_several, undo, document_file]
