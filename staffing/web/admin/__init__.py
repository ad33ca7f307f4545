"""The administrator's page of plugins: which run, which do not and why, and where each is switched on."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from staffing.services import plugins
from staffing.web.guards import needs, who
from staffing.web.hr.nav import menu
from staffing.web.page import page


@get("/admin/plugins", guards=[needs("admin")], name="admin.plugins")
async def home(request: Request[Any, Any, Any]) -> Any:
    """Every plugin with its state."""
    actor = who(request, "admin")
    found = await plugins.listed(actor)
    return page(request, "admin/plugins.html", nav=await menu(actor, "/admin/plugins"), found=found)


handlers: list[Any] = [home]
