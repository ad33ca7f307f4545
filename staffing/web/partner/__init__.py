"""The partner organisation's page: its own people, cleared or not and until when. Never what a check found."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import QueryParameter

from staffing.services import rosters
from staffing.web.guards import needs, who
from staffing.web.page import page


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

    nav = {"here": "/partner", "items": [("users", "Our people", "/partner", None)], "search": "/partner", "q": words}
    return page(request, "partner/home.html", nav=nav, found=found, words=words, link=link)


handlers: list[Any] = [home]
