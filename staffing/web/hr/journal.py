"""The journal page: the newest entries, and whether the chain of digests is whole."""

from __future__ import annotations

from typing import Any

from litestar import Request, get
from litestar.params import FromQuery

from staffing.services import history
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console, time_zone

PAGE = 60


@get("/hr/journal", guards=[needs("hr", "admin")], name="hr.journal")
async def journal(request: Request[Any, Any, Any], before: FromQuery[int | None] = None, check: FromQuery[bool] = False) -> Any:
    """The district's newest entries."""
    actor = who(request, "hr", "admin")
    entries = await history.latest(actor, PAGE, before)
    chain = await history.chain(actor, check)
    older = entries[-1].number if len(entries) == PAGE else None
    return await console(
        request,
        "hr/journal.html",
        actor,
        "/hr/journal",
        entries=entries,
        chain=chain,
        older=older,
        before=before,
        time_zone=time_zone(request),
    )


handlers = [journal]
