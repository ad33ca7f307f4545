"""Checks of the demonstration: invented people, and a provider that is a double on this machine.

What there is, is told in ``demonstration/checks.yaml``. The double, where it runs, is told where to send its events.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from staffing.api import Unusable, Viewer, base_url, people_found, read, system_viewer, today

from . import accounts, packages, recording
from .connections import DEMONSTRATION_AT
from .order_view import view_of
from .orders import place_order

FILE = Path(__file__).resolve().parents[1] / "demonstration" / "checks.yaml"
#: Seconds the double may take to answer; it may still be starting.
PATIENCE = 30


async def load(tenant: str, jurisdiction: str, staff: Sequence[Viewer]) -> None:
    """Add what a district of the demonstration has. Inside its ``tenant_transaction``."""
    data = read(FILE.read_text(encoding="utf-8"), FILE.name)
    words = {"tenant": tenant, "jurisdiction": jurisdiction}
    double = os.environ.get(DEMONSTRATION_AT, "")
    made: dict[str, UUID] = {}
    for account in data["accounts"]:
        if account.get("needs_double") and not double:
            continue
        values = {name: _filled(value, words) for name, value in account["values"].items()}
        ident = await accounts.connect(system_viewer(tenant), account["provider"], account["title"], values, invented=True)
        if account.get("needs_double"):
            await _tell_double(double, values["api_key"], f"{base_url()}/p/background_check/hooks/{tenant}/{ident}")
        for package in account["packages"]:
            made[package["key"]] = await packages.save(system_viewer(tenant), ident, _form(package, words))
    hr = next((one for one in staff if one.role == "hr"), None)
    for order in data["orders"].get(tenant, ()):
        if hr is not None and order["package"] in made:
            await _order(hr, order, made[order["package"]])


def _filled(value: Any, words: Mapping[str, str]) -> str:
    return str(value).format_map(words)


def _form(package: Mapping[str, Any], words: Mapping[str, str]) -> packages.Form:
    given = {name: value for name, value in package.items() if name != "key"}
    lists = {name: tuple(given[name]) for name in ("kinds", "searches")}
    return packages.Form(**given | lists | {"jurisdiction": _filled(given.get("jurisdiction", ""), words)})


async def _tell_double(address: str, key: str, hook: str) -> None:
    try:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False) as client:
            (await client.put(f"/_double/accounts/{key}", json={"hooks": [hook]})).raise_for_status()
    except httpx.HTTPError as error:
        raise Unusable(
            f"The invented screening provider at {address} does not answer ({type(error).__name__}), so the demonstration is not "
            f"loaded. Start again, or without it: staffing run"
        ) from error


async def _order(hr: Viewer, order: Mapping[str, Any], package: UUID) -> None:
    people = await people_found(hr, order["person"])
    if not people:
        return
    ident = await place_order(hr, people[0].id, package, why=order.get("why", "needed"))
    if "asked" in order:
        day = today() - timedelta(days=order["asked"])
        await recording.asked_for(hr, ident, day, version=(await view_of(hr, ident)).version)
    if "said" in order:
        day = today() - timedelta(days=order["answered"])
        await recording.said(hr, ident, order["said"], day, version=(await view_of(hr, ident)).version)
