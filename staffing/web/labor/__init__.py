"""The union officer's page: placements counted by duty and site. No names, and nobody's membership is known here."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from litestar import Request, get

from staffing.services import rosters
from staffing.web import shell
from staffing.web.guards import needs, who
from staffing.web.page import page


@get("/labor", guards=[needs("union")], name="labor.home")
async def home(request: Request[Any, Any, Any]) -> Any:
    """Duties and counts, site by site."""
    found = await rosters.duties(who(request, "union"))
    sites = [(site, list(rows)) for site, rows in groupby(found, key=lambda d: d.site)]
    nav = await shell.labor_menu(who(request, "union"), "/labor")
    return page(request, "labor/home.html", nav=nav, sites=sites, placed=sum(d.placed for d in found))


handlers: list[Any] = [home]
