"""Outcomes of checks by group, for HR and administrators: counted once for a stretch of time, and shown alike to everybody."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get, post
from litestar.params import FromQuery
from litestar.response import Template

from staffing.api import StaffingError, say

from ..rules import disparity as rules
from ..rules.groups import QUESTIONS, RACE
from ..services import disparity
from .asked import Visit, back, form_of, shown, staff


@get("/disparity", name="background_check.disparity")
async def home(
    request: Visit, purpose: FromQuery[str] = "volunteer", period: FromQuery[str] = "", by: FromQuery[str] = RACE.code
) -> Template:
    """The counts of one stretch of time."""
    return await _page(request, purpose, period, by)


async def _page(request: Visit, purpose: str, period: str, by: str, *, status: int = 200, problem: str = "") -> Template:
    found = await disparity.page(staff(request), purpose=purpose, code=period, by=by)
    return shown(
        "disparity.html",
        status,
        p=found,
        by=by,
        problem=problem,
        questions=QUESTIONS,
        purposes=disparity.PURPOSES,
        stages=rules.STAGE_TITLES,
        flag=rules.FLAGS[found.purpose],
        caveats=rules.CAVEATS,
        for_volunteers=rules.VOLUNTEERS if found.purpose == "volunteer" else "",
        citation=rules.CITATION,
        url=rules.URL,
        link=lambda **more: _address({"purpose": purpose, "period": period, "by": by, **more}),
    )


def _address(query: dict[str, Any]) -> str:
    return "?" + urlencode({name: value for name, value in query.items() if value})


@post("/disparity", name="background_check.count_groups")
async def count(request: Visit) -> Any:
    """Count a stretch of time, and keep what may be shown."""
    form = await form_of(request)
    purpose, period, by = form.text("purpose") or "volunteer", form.text("period"), form.text("by") or RACE.code
    try:
        await disparity.count(staff(request), purpose=purpose, code=period)
    except StaffingError as error:
        if error.status not in {409, 422}:
            raise
        return await _page(request, purpose, "", by, status=error.status, problem=str(error))
    say(request, "Counted. Everybody who may see it is shown the same table.")
    return back("disparity" + _address({"purpose": purpose, "period": period, "by": by}))


handlers: list[Any] = [home, count]
