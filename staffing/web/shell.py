"""The menu beside a page, by who looks: plugins' pages stand in the same shell as the product's."""

from __future__ import annotations

from typing import Any

from staffing.services import plugins
from staffing.services.actors import Actor
from staffing.web.hr import nav as hr_nav


async def menu_of(actor: Actor, here: str) -> dict[str, Any] | None:
    """The menu for whoever is signed in; None for those whose pages have none."""
    if actor.role in {"hr", "admin"}:
        return _marked(await hr_nav.menu(actor, here), here)
    if actor.role == "union":
        return _marked(await labor_menu(actor, here), here)
    return None


def _marked(menu: dict[str, Any], path: str) -> dict[str, Any]:
    """The menu with the entry marked whose pages this address belongs to."""
    urls = [url for _, _, url, _ in menu["items"] if f"{path.rstrip('/')}/".startswith(f"{url.rstrip('/')}/")]
    return {**menu, "here": max(urls, key=len, default=path)}


async def labor_menu(actor: Actor, here: str) -> dict[str, Any]:
    """The union officer's menu: counts, and what plugins add."""
    items = [("scale", "Duties and counts", "/labor", None)]
    items += [("file-text", str(link.title), link.url, None) for link in await plugins.menu(actor)]
    return {"here": here, "items": items}
