"""``GET /health``: whether this process can do its work, for monitors."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from staffing.store.engine import DB


@get("/health", skip_session=True, include_in_schema=False)
async def health(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """``{"status", "database", "plugins"}``; 503 with ``status: "failing"`` when the database does not answer."""
    try:
        async with DB.connection() as connection:
            database = f"PostgreSQL {await connection.fetchval('SHOW server_version')}"
        status = "ok"
    except Exception as exc:
        database, status = f"does not answer ({type(exc).__name__})", "failing"
    body = {"status": status, "database": database, "plugins": request.app.state.plugin_report()}
    return Response(body, status_code=200 if status == "ok" else 503, headers={"Cache-Control": "no-store"})


handlers = [health]
