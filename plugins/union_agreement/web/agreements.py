"""The desk of agreements, one agreement, its draft, and the steps both sides take."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing.api import Conflict, Invalid, NotAllowed, StaffingError, say

from ..rules.lifecycle import WORDS, State
from ..services import asks, drafts, shown, steps
from ..services.sides import side_of
from .asked import HOME, Form, Visit, back, form_of, viewer

LARGEST = 400_000


@get("/", name="union_agreement.desk")
async def desk(request: Visit) -> Template:
    """Every agreement this side sees, and what is coming."""
    who = viewer(request)
    lines = await shown.desk(who)
    ahead = await shown.ahead(who)
    asked = len(await asks.waiting(who))
    return _page(request, "desk", lines=lines, ahead=ahead, side=side_of(who), asked=asked)


@get("/agreements/{ident:uuid}", name="union_agreement.agreement")
async def one(request: Visit, ident: FromPath[UUID]) -> Template:
    """One agreement: the text both sides read, and what may follow."""
    return await _agreement(request, ident)


async def _agreement(request: Visit, ident: UUID, problem: str = "", status: int = 200) -> Template:
    page = await shown.page(viewer(request), ident)
    told = {name: words for name, words in steps.TELLABLE.items() if name not in page.told}
    return _page(request, "agreement", status, p=page, words=WORDS, tellable=told, problem=problem, State=State)


@get("/new", name="union_agreement.new")
async def new(request: Visit) -> Template:
    """An empty draft."""
    who = viewer(request)
    return _page(request, "draft", text="", ident=None, marked=[], side=side_of(who), problem="")


@get("/agreements/{ident:uuid}/edit", name="union_agreement.edit")
async def edit(request: Visit, ident: FromPath[UUID]) -> Template:
    """The text of an agreement that is still open."""
    who = viewer(request)
    _, text = await drafts.text_of(who, ident)
    return _page(request, "draft", text=text, ident=ident, marked=[], side=side_of(who), problem="")


@post("/new", name="union_agreement.create")
async def create(request: Visit) -> Any:
    """Keep a new draft."""
    return await _kept(request, None)


@post("/agreements/{ident:uuid}/edit", name="union_agreement.change")
async def change(request: Visit, ident: FromPath[UUID]) -> Any:
    """Keep another text."""
    return await _kept(request, ident)


async def _kept(request: Visit, ident: UUID | None) -> Any:
    who = viewer(request)
    form = await form_of(request)
    text = await _text(form)
    try:
        if len(text) > LARGEST:
            raise Invalid(f"The text is longer than {LARGEST:,} letters. An agreement is its clauses, not the whole contract.")
        if ident is None:
            ident = await drafts.create(who, text, "line")
            say(request, "The draft is kept. Only your side sees it until you propose it.")
        else:
            await drafts.change(who, ident, text, "line")
            say(request, "The text is kept.")
    except (Invalid, Conflict, NotAllowed) as error:
        marked = _marked(str(error), text)
        return _page(
            request,
            "draft",
            error.status,
            text=text,
            ident=ident,
            marked=marked,
            side=side_of(who),
            problem="" if marked else str(error),
        )
    return back(f"agreements/{ident}")


async def _text(form: Form) -> str:
    upload = form.data.get("upload")
    if isinstance(upload, UploadFile) and upload.filename:
        try:
            return (await upload.read()).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Invalid("The file is not a UTF-8 text. Save it as UTF-8 and choose it again.") from None
    value = form.data.get("text")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def _marked(says: str, text: str) -> list[tuple[int, str, str]]:
    """Each mistake with the line it is on: number, sentence, the line."""
    lines = text.splitlines()
    found = []
    for sentence in says.splitlines():
        match = re.match(r"line:(\d+): (.*)", sentence)
        if match:
            n = int(match[1])
            found.append((n, match[2], lines[n - 1].strip() if 0 < n <= len(lines) else ""))
    return found


@get("/agreements/{ident:uuid}/yaml", name="union_agreement.export")
async def export(request: Visit, ident: FromPath[UUID]) -> Response[bytes]:
    """The agreement as a YAML file for version control."""
    code, text = await drafts.text_of(viewer(request), ident)
    name = re.sub(r"[^\w.-]+", "-", code) or "agreement"
    headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"'}
    return Response(text.encode(), media_type="application/yaml", headers=headers)


@post("/agreements/{ident:uuid}/step", name="union_agreement.step")
async def step(request: Visit, ident: FromPath[UUID]) -> Any:
    """Take a step."""
    form = await form_of(request)
    to = _state(form.text("to"))
    return await _done(
        request, ident, steps.take(viewer(request), ident, to, form.text("why")), f"It is now: {WORDS[to].lower()}."
    )


def _state(word: str) -> State:
    try:
        return State(word)
    except ValueError:
        raise Invalid("The form was changed on its way. Open the page again.") from None


@post("/agreements/{ident:uuid}/sign", name="union_agreement.sign")
async def sign(request: Visit, ident: FromPath[UUID]) -> Any:
    """Sign in an office."""
    form = await form_of(request)
    return await _done(request, ident, steps.sign(viewer(request), ident, form.text("role")), "Your signature is on record.")


@post("/agreements/{ident:uuid}/vote", name="union_agreement.vote")
async def vote(request: Visit, ident: FromPath[UUID]) -> Any:
    """Record a vote's result."""
    form = await form_of(request)
    try:
        yes, no = form.number("yes", "The number for"), form.number("no", "The number against")
        day = form.day("on", "The day of the vote")
    except Invalid as error:
        return await _agreement(request, ident, str(error), error.status)
    work = steps.vote(viewer(request), ident, form.text("body"), yes=yes or 0, no=no or 0, held_on=day or date.max)
    return await _done(request, ident, work, "The result is on record.")


@post("/agreements/{ident:uuid}/tell", name="union_agreement.tell")
async def tell(request: Visit, ident: FromPath[UUID]) -> Any:
    """Record that something was done, or that an event came."""
    form = await form_of(request)
    try:
        day = form.day("on", "The day") or date.max
    except Invalid as error:
        return await _agreement(request, ident, str(error), error.status)
    who, event = viewer(request), form.text("event")
    work = steps.happened(who, ident, event, day) if event else steps.tell(who, ident, form.text("what"), day)
    return await _done(request, ident, work, "It is on record.")


@post("/agreements/{ident:uuid}/version", name="union_agreement.version")
async def version(request: Visit, ident: FromPath[UUID]) -> Any:
    """A further version as a draft."""
    try:
        made = await drafts.new_version(viewer(request), ident)
    except (Conflict, NotAllowed) as error:
        return await _agreement(request, ident, str(error), error.status)
    say(request, "A new version is begun as a draft of your side, with the same text.")
    return back(f"agreements/{made}/edit")


async def _done(request: Visit, ident: UUID, work: Any, says: str) -> Template | Redirect:
    """Do it and go back to the agreement, or show there why not."""
    try:
        await work
    except StaffingError as error:
        if error.status not in {403, 409, 422}:
            raise
        return await _agreement(request, ident, str(error), error.status)
    say(request, says)
    return back(f"agreements/{ident}")


def _page(request: Visit, name: str, status: int = 200, **context: Any) -> Template:
    return Template(
        f"union_agreement/{name}.html",
        context={**context, "home": HOME},
        status_code=status,
        media_type="text/html; charset=utf-8",
    )


handlers = [desk, one, new, edit, create, change, export, step, sign, vote, tell, version]
