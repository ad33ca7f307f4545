"""The web application: the one place that wires settings, plugins, pages and the database together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.core import MsgspecDIPlugin
from litestar.template.config import TemplateConfig

from staffing import __version__, clock, host, logs
from staffing import settings as settings_module
from staffing.core.errors import NotFound, StaffingError, Unusable
from staffing.services import plugins as plugin_list
from staffing.services import switches, wording
from staffing.services.directory import District
from staffing.settings import Settings
from staffing.store import pool
from staffing.store.engine import tenant_transaction
from staffing.web import (
    admin,
    cabinet,
    coordinator,
    errors,
    health,
    hr,
    i18n,
    labor,
    page,
    partner,
    security,
    session,
    shell,
    sign_in,
    site,
    static_files,
    verify,
)
from staffing.web.session_store import DatabaseStore, SessionConfig

#: The product's own pages.
SURFACES: tuple[Any, ...] = (
    *site.handlers,
    *sign_in.handlers,
    *hr.handlers,
    *partner.handlers,
    *coordinator.handlers,
    *labor.handlers,
    *cabinet.handlers,
    *admin.handlers,
    *verify.handlers,
)

#: What a request may carry besides an upload of ``max_upload_bytes``: the form's other fields.
FORM_ROOM = 200_000


class _App(Litestar):
    """Litestar without its plugins for pydantic and attrs, which we do not use: they cost a tenth of a second at every start."""

    @staticmethod
    def _get_default_plugins(plugins: list[Any]) -> list[Any]:
        return [*plugins, MsgspecDIPlugin()]


def create_app(settings: Settings | None = None) -> Litestar:
    """The application, for any ASGI server (``uvicorn --factory staffing.app:create_app``)."""
    settings = settings or settings_module.load()
    logs.guard()
    plugins = host.load()
    plugins.table_apps()  # a plugin whose tables cannot be used is left out before its pages are
    folders = plugins.folders("templates")
    wording.add_plugin_catalogues(plugins.folders("locale"))
    secure = settings.base_url.startswith("https:")
    sessions = SessionConfig(key="__Host-session" if secure else "session", secure=secure)
    return _App(
        [*static_files.handlers, *health.handlers, *SURFACES, *_plugin_routes(plugins)],
        lifespan=[_database(settings)],
        middleware=[
            sessions.middleware,
            DefineMiddleware(i18n.Languages),
            DefineMiddleware(security.FormGuard, secret=settings.secrets().web, secure=secure),
        ],
        stores={"sessions": DatabaseStore()},
        before_send=[security.security_headers],
        exception_handlers={HTTPException: errors.handle, StaffingError: errors.handle, Exception: errors.handle},
        template_config=TemplateConfig(instance=page.PageEngine.from_environment(page.environment(folders))),
        openapi_config=OpenAPIConfig(
            title="staffing", version=__version__, path="/api/docs", render_plugins=[JsonRenderPlugin()]
        ),
        state=State(
            {
                "settings": settings,
                "host": plugins,
                "assets": static_files.Assets(plugins.folders("static")),
                "plugin_report": plugin_list.status,
                "say": lambda connection, text, kind: session.say(connection, i18n.gettext(text), kind=kind),
            }
        ),
        request_max_body_size=settings.max_upload_bytes + FORM_ROOM,
        include_in_schema=False,
        logging_config=None,
    )


def _database(settings: Settings) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        if settings.database_url is None:
            raise Unusable(
                "No database was given. Start with `staffing run`, which brings its own, or set STAFFING_DATABASE_URL."
            )
        await pool.open_pool(settings.database_url)
        try:
            yield
        finally:
            await pool.close_pool()

    return lifespan


def _plugin_routes(plugins: host.Host) -> list[Router]:
    """Each plugin's pages under ``/p/<plugin>/``; they answer 404 in a district where the plugin is switched off."""
    routers = []
    for answer in plugins.ask("routes"):
        if answer.error or not answer.value:
            continue
        try:
            routers.append(
                Router(path=f"/p/{answer.plugin}", route_handlers=list(answer.value), guards=[_switched_on(answer.plugin)])
            )
        except Exception as error:  # one plugin's bad handler does not stop the start
            plugins.fail(answer.plugin, error)
    return routers


def _switched_on(plugin: str) -> Any:
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        who = session.actor(connection)
        if who is None:
            return
        district: District = connection.scope["state"]["district"]
        async with tenant_transaction(who.tenant):
            on = await switches.active(who.tenant, district.jurisdiction, clock.today(district.time_zone))
        if plugin not in on:
            raise NotFound("There is no page at this address in your district.")
        # A form that was not taken shows its page again, so a post needs the menu too.
        connection.scope["state"]["nav"] = await shell.menu_of(who, connection.scope["path"])

    return guard
