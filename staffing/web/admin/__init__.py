"""The administrator's page of plugins: which run, which do not and why, and where each is switched on."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.response import Redirect

from staffing import clock
from staffing.core.errors import StaffingError
from staffing.services import plugins
from staffing.web import session
from staffing.web.admin import rules
from staffing.web.forms import read_form
from staffing.web.guards import needs, who
from staffing.web.hr.nav import menu, time_zone
from staffing.web.page import page


class SwitchForm(msgspec.Struct):
    """Switch ``plugin`` on (or off) from the day ``day``, in ``jurisdiction`` ("*": everywhere)."""

    plugin: str
    day: date
    jurisdiction: str = "*"
    to: str = "on"


@get("/admin/plugins", guards=[needs("admin")], name="admin.plugins")
async def home(request: Request[Any, Any, Any]) -> Any:
    """Every plugin with its state."""
    return await _page(request)


@post("/admin/plugins", guards=[needs("admin")], name="admin.switch_plugin")
async def switch(request: Request[Any, Any, Any]) -> Any:
    """Switch a plugin on or off here from a day; the district's decisions are then taken again."""
    actor = who(request, "admin")
    form, wrong = read_form(SwitchForm, await request.form())
    if form is None:
        return await _page(request, 422, "Nothing was switched. " + " ".join(wrong.values()))
    try:
        await plugins.switch(actor, form.plugin, form.to == "on", form.day, form.jurisdiction)
    except StaffingError as exc:
        return await _page(request, exc.status, str(exc))
    session.say(request, f"{form.plugin} is switched {form.to} from {form.day:%b %-d, %Y}. Decisions are being taken again.")
    return Redirect("/admin/plugins", status_code=303)


async def _page(request: Request[Any, Any, Any], status: int = 200, problem: str = "") -> Any:
    actor = who(request, "admin")
    return page(
        request,
        "admin/plugins.html",
        status,
        nav=await menu(actor, "/admin/plugins"),
        found=await plugins.listed(actor),
        today=clock.today(time_zone(request)),
        problem=problem,
    )


handlers: list[Any] = [home, switch, *rules.handlers]
