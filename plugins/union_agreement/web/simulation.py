"""Trying an agreement out: asking for it, watching it, reading what it found. Plain pages that work without scripts."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from staffing.api import Conflict, say

from ..rules.report import CHANGES
from ..services import simulation
from .asked import HOME, Visit, back, viewer

#: Seconds until a page that shows a run under way is loaded again.
AGAIN = 3

#: What a change is called: a heading, and how it continues "this many placements …".
WORDS = {
    "blocked": ("Newly stopped", "would be stopped"),
    "hold": ("Newly on hold", "would wait for a fact"),
    "cosign": ("Newly need a co-signature", "would need a co-signature"),
    "notice": ("Newly need notice", "would need notice"),
    "eased": ("Eased", "would be held to less"),
    "shown": ("Newly shown", "would show something, and go on"),
    "same": ("Unchanged", "would stay as they are"),
}
EFFECTS = {
    "allow": "allowed",
    "advise": "allowed, with something shown",
    "provisional": "allowed for now",
    "needs_notice": "needs notice",
    "needs_cosign": "needs a co-signature",
    "hold": "on hold",
    "block": "stopped",
}
ACTORS = {
    "person": "the person",
    "district": "the district",
    "partner": "the partner",
    "site": "the site",
    "state_agency": "a state agency",
    "union": "the union",
    "administrator": "an administrator",
}


@post("/agreements/{ident:uuid}/simulate", name="union_agreement.simulate")
async def simulate(request: Visit, ident: FromPath[UUID]) -> Redirect:
    """Have an agreement tried out, or show the run that still holds."""
    try:
        asked = await simulation.ask(viewer(request), ident)
    except Conflict as error:
        say(request, str(error), "warn")
        return back(f"agreements/{ident}")
    if asked.because:
        say(request, asked.because, "info")
    return back(f"simulations/{asked.run}")


@get("/simulations/{ident:uuid}", name="union_agreement.simulation")
async def one(request: Visit, ident: FromPath[UUID], still: FromQuery[bool] = False) -> Template:
    """A run: how far it is, why it failed, or what it found. ``still``: it does not load itself again."""
    page = await simulation.page(viewer(request), ident)
    moving = page.run.state in {"queued", "running"}
    context = {
        "p": page,
        "again": AGAIN if moving and not still else None,
        "still": still,
        "changes": CHANGES,
        "words": WORDS,
        "effects": EFFECTS,
        "actors": ACTORS,
        "home": HOME,
    }
    return Template("union_agreement/simulation.html", context=context, media_type="text/html; charset=utf-8")


handlers = [simulate, one]
