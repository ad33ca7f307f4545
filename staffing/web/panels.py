"""Panels of plugins as HTML. One whose template fails is left out and told to administrators; the page goes on without it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar.connection import ASGIConnection
from markupsafe import Markup

from staffing import host
from staffing.hookspecs import Panel
from staffing.web import i18n


def rendered(
    request: ASGIConnection[Any, Any, Any, Any], panels: Iterable[Panel], hook: str = "person_panels"
) -> list[tuple[str, Markup]]:
    """Each panel's title and body. A template finds its data as ``data``, and ``request``, ``lang``, ``dir`` and ``static``."""
    environment = request.app.template_engine.engine  # type: ignore[union-attr]
    around = {"request": request, "lang": i18n.current(), "dir": i18n.direction(), "static": request.app.state.assets.url}
    found = []
    for panel in panels:
        try:
            body = environment.get_template(panel.template).render(around, data=panel.data)
        except Exception as error:  # a plugin's template may raise anything
            host.load().report(panel.template.partition("/")[0], hook, error)
        else:
            found.append((i18n.plain(panel.title), Markup(body)))  # noqa: S704  the environment has escaped it
    return found
