"""How one requirement was decided for one person, for staff to read and check."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.params import FromPath, FromQuery

from staffing.services import history
from staffing.services.explaining import why as reasons
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console


@get("/hr/people/{person:uuid}/why/{rule:str}", guards=[needs("hr", "admin")], name="hr.why")
async def why(
    request: Request[Any, Any, Any],
    person: FromPath[UUID],
    rule: FromPath[str],
    *,
    on: FromQuery[str] = "",
    placement: FromQuery[UUID | None] = None,
    position: FromQuery[UUID | None] = None,
) -> Any:
    """One rule's answer today, or on the day ``on``, for a placement (the main one, if none is named) or a position."""
    actor, problem = who(request, "hr", "admin"), None
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        day, problem = None, f"{on!r} is not a day. Write it as year-month-day. This is how it stands today."
    found = await reasons.why(actor, person, rule, placement=placement, position=position, on=day)
    return await console(
        request, "hr/why.html", actor, "/hr/people", w=found, problem=problem, kind_name=history.kind_name, shown=_shown
    )


def _shown(value: Any) -> tuple[str, Any]:
    """A fact's value for the page: ``("day", …)``, ``("words", …)``, or ``("unknown", None)``."""
    return ("unknown", None) if value is None else ("day", value) if isinstance(value, date) else ("words", value)


handlers: list[Any] = [why]
