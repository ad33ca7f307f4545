"""What lapses in the coming days, the sessions that break by it, and the cheapest ways to keep them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Response

from staffing.services.ahead import forecast, steps
from staffing.services.ahead.lapses import Lapse
from staffing.web.downloads import csv_file
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console

PAGE = 50
#: Fixes shown at once; the file has them all beside each person.
FIXES = 12

COLUMNS = (
    "Person",
    "Position",
    "Site",
    "Partner",
    "Placed",
    "Last good day",
    "Then",
    "Already not cleared",
    "Rules",
    "Citations",
    "Evidence",
    "Who acts",
    "What",
    "Cost",
    "Usual days",
    "Sessions without them",
    "First of these",
    "Page",
)


def window(days: str) -> int:
    """One of the windows the page offers; anything else is the usual one."""
    return int(days) if days in {str(n) for n in forecast.WINDOWS} else forecast.USUAL


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _behind(found: forecast.Forecast, site: str, partner: str) -> tuple[list[Lapse], str]:
    """The lapses behind a number that was followed, and the name of it ('' for all)."""
    every = [*found.already, *found.lapses]
    if where := _uuid(site):
        name = next((c.name for c in found.sites if c.id == where), "")
        return [x for x in every if where in {x.site_id, *(a.site_id for a in x.sessions)}], name
    if partner:
        wanted = _uuid(partner)
        name = next((c.name for c in found.partners if c.id == wanted), "")
        return [x for x in every if x.partner_id == wanted], name or "No partner: the district’s own"
    return every, ""


@get("/hr/lapses", guards=[needs("hr", "admin")], name="hr.lapses")
async def page(
    request: Request[Any, Any, Any],
    days: FromQuery[str] = "",
    site: FromQuery[str] = "",
    partner: FromQuery[str] = "",
    page_number: Annotated[int, QueryParameter(name="page")] = 1,
) -> Any:
    """The forecast for a window of days."""
    actor = who(request, "hr", "admin")
    found = await forecast.forecast(actor, window(days))
    rows, name = _behind(found, site, partner)
    at = max(1, page_number)

    def link(**more: Any) -> str:
        kept = {"days": found.days, "site": site, "partner": partner, **more}
        return "/hr/lapses?" + urlencode({k: v for k, v in kept.items() if v})

    return await console(
        request,
        "hr/lapses.html",
        actor,
        "/hr/lapses",
        f=found,
        rows=rows[PAGE * (at - 1) : PAGE * at],
        total=len(rows),
        behind=name,
        fixes=found.fixes[:FIXES],
        windows=forecast.WINDOWS,
        link=link,
        found={"page": at, "pages": max(1, -(-len(rows) // PAGE))},
        dollars=steps.dollars,
    )


@get("/hr/lapses.csv", guards=[needs("hr", "admin")], name="hr.lapses_file")
async def file(request: Request[Any, Any, Any], days: FromQuery[str] = "") -> Response[bytes]:
    """The same as a file, a line for each placement."""
    found = await forecast.exported(who(request, "hr", "admin"), window(days))
    name = f"lapses-{found.today.isoformat()}-{found.days}-days"
    return csv_file(name, COLUMNS, _lines(found, str(request.base_url).rstrip("/")))


def _lines(found: forecast.Forecast, address: str) -> Iterator[tuple[Any, ...]]:
    for lapse in (*found.already, *found.lapses):
        needed = [cause.step for cause in lapse.causes]
        yield (
            lapse.name,
            lapse.title,
            lapse.site,
            lapse.partner,
            lapse.placed,
            None if lapse.already else lapse.through,
            lapse.word,
            lapse.already,
            "; ".join(step.title for step in needed),
            "; ".join(step.citation for step in needed if step.citation),
            "; ".join(c.evidence for c in lapse.causes if c.evidence),
            "; ".join(dict.fromkeys(step.who.replace("_", " ") for step in needed)),
            "; ".join(str(step.what) for step in needed if step.what),
            "; ".join(step.cost or "not known" for step in needed),
            "; ".join(str(step.days) if step.days is not None else "not known" for step in needed),
            len({ahead.session for ahead in lapse.sessions}),
            min((ahead.day for ahead in lapse.sessions), default=None),
            f"{address}/hr/people/{lapse.person}?placement={lapse.placement}",
        )


handlers: list[Any] = [page, file]
