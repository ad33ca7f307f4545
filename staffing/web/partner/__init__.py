"""The partner organisation's page: its own people, cleared or not and until when. Never what a check found."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import FromQuery, QueryParameter

from staffing.services import rosters
from staffing.services.ahead import forecast
from staffing.web.guards import needs, who
from staffing.web.page import page


def _nav(here: str, words: str = "") -> dict[str, Any]:
    items = [("users", "Our people", "/partner", None), ("calendar-clock", "What lapses", "/partner/lapses", None)]
    return {"here": here, "items": items, "search": "/partner", "q": words}


@get("/partner", guards=[needs("partner")], name="partner.home")
async def home(
    request: Request[Any, Any, Any],
    words: Annotated[str, QueryParameter(name="q")] = "",
    page_number: Annotated[int, QueryParameter(name="page")] = 1,
) -> Any:
    """The roster of the account's organisation."""
    found = await rosters.partner(who(request, "partner"), words, page_number)

    def link(**more: Any) -> str:
        return "/partner?" + urlencode({k: v for k, v in {"q": words, **more}.items() if v})

    return page(request, "partner/home.html", nav=_nav("/partner", words), found=found, words=words, link=link)


@get("/partner/lapses", guards=[needs("partner")], name="partner.lapses")
async def lapses(request: Request[Any, Any, Any], days: FromQuery[str] = "") -> Any:
    """Who of the organisation's own people loses a clearance in the coming days, and how many sessions that touches."""
    offered = {str(n): n for n in forecast.WINDOWS}
    found = await forecast.partner(who(request, "partner"), offered.get(days, forecast.USUAL))
    return page(request, "partner/lapses.html", nav=_nav("/partner/lapses"), f=found, windows=forecast.WINDOWS)


handlers: list[Any] = [home, lapses]
