"""The children's cabinet's page: how many people are at each stage. Small groups are hidden."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from staffing.services import rosters
from staffing.web.guards import needs, who
from staffing.web.page import page


@get("/cabinet", guards=[needs("cabinet")], name="cabinet.home")
async def home(request: Request[Any, Any, Any]) -> Any:
    """The district by stage."""
    found = await rosters.stages(who(request, "cabinet"))
    nav = {"here": "/cabinet", "items": [("chart-column", "People by stage", "/cabinet", None)]}
    return page(request, "cabinet/home.html", nav=nav, found=found, smallest=rosters.SMALLEST)


handlers: list[Any] = [home]
