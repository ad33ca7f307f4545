"""What one person can do: every position by site, and the shortest way to those not open to them yet."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath, FromQuery

from staffing.services.ahead import by_duty, steps
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console


@get("/hr/people/{person:uuid}/duties", guards=[needs("hr", "admin")], name="hr.duties")
async def duties(
    request: Request[Any, Any, Any], person: FromPath[UUID], on: FromQuery[str] = "", site: FromQuery[str] = ""
) -> Any:
    """Every position for a person today, or on the day ``on``; at one site, or at all."""
    actor, problem = who(request, "hr", "admin"), None
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        day, problem = None, f"{on!r} is not a day. Write it as year-month-day. This is how it stands today."
    try:
        where = UUID(site) if site else None
    except ValueError:
        where, problem = None, problem or "There is no such site. These are all of them."
    found = await by_duty.of_person(actor, person, day, where)
    later = [(place, duty) for place in found.places for duty in place.later]
    near = min(later, key=lambda pair: (pair[1].ways[0].rank, pair[0].name), default=None)
    return await console(
        request, "hr/duties.html", actor, "/hr/people", d=found, near=near, problem=problem, dollars=steps.dollars
    )


handlers: list[Any] = [duties]
