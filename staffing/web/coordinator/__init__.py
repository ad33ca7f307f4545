"""The site coordinator's page: who may be here today, and who may not yet."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from staffing.services import rosters
from staffing.web.guards import needs, who
from staffing.web.i18n import language_name
from staffing.web.page import page


@get("/site", guards=[needs("coordinator")], name="coordinator.home")
async def home(request: Request[Any, Any, Any]) -> Any:
    """Today's roster at the account's site."""
    found = await rosters.site_day(who(request, "coordinator"))
    nav = {"here": "/site", "items": [("calendar-days", "Today", "/site", None)]}
    return page(request, "coordinator/home.html", nav=nav, found=found, spoken=language_name)


handlers: list[Any] = [home]
