"""The desk of checks: by whose move, with filters and a search by name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import get
from litestar.datastructures import FormMultiDict
from litestar.params import FromQuery
from litestar.response import Template

from staffing.api import Invalid

from ..rules.reasons import OUTCOMES
from ..rules.whose_move import RESULT_WORDS, STATUS_WORDS, TITLES, Move
from ..services import desk as use
from ..services import papers
from .asked import HOME, Form, Visit, shown, staff


def query(**values: str) -> Form:
    """What an address asks for, read as a form is."""
    return Form(FormMultiDict(list(values.items())))


def words() -> dict[str, Any]:
    """The words of the three axes, for templates."""
    return {"status_words": STATUS_WORDS, "result_words": RESULT_WORDS, "outcomes": OUTCOMES, "Move": Move}


@get("/", name="background_check.desk")
async def desk(
    request: Visit,
    move: FromQuery[str] = "",
    q: FromQuery[str] = "",
    package: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Template:
    """The lines of one move, the oldest first."""
    who = staff(request)
    try:
        chosen = Move(move) if move else None
        wanted = query(package=package).ident("package")
    except (ValueError, Invalid):
        chosen, wanted = None, None
    await papers.follow_all(who.tenant)
    found = await use.desk(who, chosen, words=q, package=wanted, page=page)

    def link(**changed: Any) -> str:
        values = {"move": found.move.value, "q": q, "package": str(wanted or ""), "page": 1} | changed
        kept = {name: value for name, value in values.items() if value not in {"", 1}}
        return f"{HOME}?{urlencode(kept)}" if kept else HOME

    return shown("desk.html", d=found, q=q, package=wanted, link=link, titles=TITLES, **words())


handlers = [desk]
