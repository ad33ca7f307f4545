"""The menu of the HR console, with the numbers beside its entries."""

from __future__ import annotations

from typing import Any

from litestar import Request

from staffing.services import people, plugins
from staffing.services.actors import Actor
from staffing.web import page


async def menu(actor: Actor, here: str = "", words: str = "") -> dict[str, Any]:
    """What ``hr_base.html`` shows beside a page at the address ``here``. ``words`` stay in the search box."""
    n = await people.numbers(actor)
    items = [
        ("inbox", "Review queue", "/hr/queue", n["waiting"]),
        ("users", "People", "/hr/people", f"{n['people']:,}"),
        ("map-pin", "Placements", "/hr/placements", f"{n['placed']:,}"),
        ("badge-check", "Credentials", "/hr/credentials", None),
        ("calendar-clock", "What lapses", "/hr/lapses", None),
    ]
    items += [("puzzle", str(link.title), link.url, None) for link in await plugins.menu(actor)]
    views = [
        ("bad", "Starting, not ready", "/hr/people?show=starting", n["starting"]),
        ("warn", "Lapsing in 30 days", "/hr/people?status=expiring", n["lapsing"]),
        ("ok", "Ready, not placed", "/hr/people?show=unplaced", n["unplaced"]),
    ]
    foot = [("scroll-text", "Waivers", "/hr/waivers"), ("history", "Journal", "/hr/journal")]
    if actor.role == "admin":
        foot.append(("scale", "Rules", "/admin/rules"))
        foot.append(("puzzle", "Plugins", "/admin/plugins"))
    return {"here": here, "items": items, "views": views, "foot": foot, "search": "/hr/people", "q": words}


async def console(
    request: Request[Any, Any, Any], name: str, actor: Actor, here: str, *, status: int = 200, words: str = "", **context: Any
) -> Any:
    """Answer with a page in the console shell."""
    return page.page(request, name, status, nav=await menu(actor, here, words), **context)


def time_zone(request: Request[Any, Any, Any]) -> str:
    """The district's time zone, for moments on a page."""
    district = request.scope["state"].get("district")
    return district.time_zone if district else "UTC"
