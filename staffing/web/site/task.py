"""One requirement of the volunteer's list: what, why, which rule and whose, until when, and sending in a paper."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing.core.errors import Invalid, TooLarge
from staffing.core.evidence import KINDS
from staffing.services import tasks, uploads
from staffing.services.explaining import own_ways
from staffing.web import session
from staffing.web.guards import needs, who
from staffing.web.i18n import gettext as _
from staffing.web.page import page

Visit = Request[Any, Any, Any]
VOLUNTEER = [needs("volunteer")]


async def _page(request: Visit, rule: str, status: int = 200, error: str | None = None, name: str = "site/task.html") -> Template:
    task = await tasks.task(who(request), rule)
    limit = request.app.state.settings.max_upload_bytes // 1_000_000
    ways = await _ways(request, task) if name == "site/task.html" else own_ways.NONE
    errors = {"file": error} if error else {}
    return page(request, name, status, task=task, kinds=KINDS, errors=errors, limit=limit, ways=ways)


async def _ways(request: Visit, task: tasks.Task) -> own_ways.Ways:
    """What the person can do themselves; nothing to bring where the next step is somebody else's."""
    if task.group == "done" or (task.paper is not None and task.paper.state == "waiting"):
        return own_ways.NONE
    found = await own_ways.ways(who(request), task.rule, task.placement)
    return found if task.group == "yours" else own_ways.Ways(claims=found.claims)


@get("/me/task/{rule:str}", guards=VOLUNTEER, include_in_schema=False)
async def show_task(request: Visit, rule: FromPath[str]) -> Template:
    """The requirement, and how it stands."""
    return await _page(request, rule)


@get("/me/task/{rule:str}/send", guards=VOLUNTEER, include_in_schema=False)
async def choose_file(request: Visit, rule: FromPath[str]) -> Template:
    """Take a photo or choose a file."""
    return await _page(request, rule, name="site/task_send.html")


@post("/me/task/{rule:str}/send", guards=VOLUNTEER, include_in_schema=False)
async def send_file(request: Visit, rule: FromPath[str]) -> Template | Redirect:
    """Keep the paper for review."""
    actor = who(request)
    task = await tasks.task(actor, rule)
    form = await request.form()
    kinds = task.requirement.accepts
    kind = str(form.get("kind", "")) or (kinds[0] if kinds else "")
    given = [f for name in ("photo", "file") for f in form.getall(name, []) if isinstance(f, UploadFile) and f.filename]
    if not given or kind not in kinds:
        error = _("Take a photo or choose a file first.") if not given else _("Choose which paper it is.")
        return await _page(request, rule, 422, error, "site/task_send.html")
    sent = given[0]
    try:
        await uploads.receive(
            actor,
            kind=kind,
            data=await sent.read(),
            file_name=sent.filename,
            limit=request.app.state.settings.max_upload_bytes,
            rule=rule,
            way="phone" if form.getall("photo", []) and sent in form.getall("photo", []) else "computer",
        )
    except (Invalid, TooLarge) as exc:
        return await _page(request, rule, exc.status, _(str(exc)), "site/task_send.html")
    session.say(request, _("We have it. A person looks at it, and we tell you what they find."))
    return Redirect("/me", status_code=303)


handlers = [show_task, choose_file, send_file]
