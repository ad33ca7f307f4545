"""Before signing up: find your district, see what you could do there and what it asks of you."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from staffing.core.names import fold
from staffing.services import directory, questions
from staffing.web.page import page
from staffing.web.site import draft

Visit = Request[Any, Any, Any]


@get("/", include_in_schema=False)
async def find_district(request: Visit, q: FromQuery[str] = "") -> Template:
    """A search box and every community; a search shows those whose names hold its words."""
    everywhere = await directory.districts()
    words = fold(q).split()
    found = [d for d in everywhere if all(word in fold(f"{d.name} {d.community} {d.jurisdiction}") for word in words)]
    return page(request, "site/find.html", q=q, found=found, total=len(everywhere))


@get("/d/{tenant:str}", include_in_schema=False)
async def start_page(request: Visit, tenant: FromPath[str]) -> Template:
    """What one could do here, what each piece of work asks, how long it takes, and the button to start."""
    district = await directory.district(tenant)
    positions = await directory.open_positions(tenant)
    asks = await questions.asked_of_newcomers(tenant, positions)
    days = [a.usual_days for asked in asks.values() for a in asked if a.usual_days]
    return page(
        request,
        "site/start.html",
        district=district,
        positions=positions,
        asks=asks,
        longest=max(days, default=None),
        begun=draft.has_draft(request, tenant),
    )


@get("/privacy", include_in_schema=False)
async def privacy(request: Visit) -> Template:
    """What is kept, who sees it, and what is never asked."""
    return page(request, "site/privacy.html")


@get("/accessibility", include_in_schema=False)
async def accessibility(request: Visit) -> Template:
    """How these pages are meant to work for everybody, and whom to tell when they do not."""
    return page(request, "site/accessibility.html")


handlers = [find_district, start_page, privacy, accessibility]
