"""Everything the double knows: accounts, people, orders, faults. A JSON file keeps it from one demonstration to the next."""

from __future__ import annotations

import asyncio
import json
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: Keys that begin so are accounts at once; any other key has to be made known first.
INVENTED = "invented-"

PACKAGES = [
    {
        "name": "Volunteer: national and county records",
        "slug": "volunteer_standard",
        "screenings": [
            "ssn_trace",
            "sex_offender_search",
            "global_watchlist_search",
            "national_criminal_search",
            "county_criminal_search",
        ],
    },
    {
        "name": "Volunteer: registries only",
        "slug": "volunteer_registries",
        "screenings": ["sex_offender_search", "global_watchlist_search"],
    },
    {
        "name": "Driving volunteer",
        "slug": "volunteer_driver",
        "screenings": ["ssn_trace", "sex_offender_search", "national_criminal_search", "motor_vehicle_report"],
    },
]


def stamp(at: datetime | None = None) -> str:
    """A moment as Checkr writes it."""
    return (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def past(moment: str) -> bool:
    return datetime.fromisoformat(moment) < datetime.now(UTC)


def days(number: float) -> str:
    return stamp(datetime.now(UTC) + timedelta(days=number))


def new_id() -> str:
    """An id of 24 hexadecimal letters, as both vendors make them."""
    return secrets.token_hex(12)


class World:
    """The state, and its file. ``pace``: seconds until a report is complete; None leaves it until somebody completes it."""

    def __init__(self, path: Path | None = None, pace: float | None = 0) -> None:
        self.path = path
        self._soon: asyncio.TimerHandle | None = None
        self.data: dict[str, Any] = {
            "accounts": {},
            "packages": PACKAGES,
            "nodes": [],
            "candidates": {},
            "invitations": {},
            "reports": {},
            "searches": {},
            "verifications": {},
            "actions": {},
            "orders": {},
            "keys": {},
            "people": {},
            "faults": {},
            "events": [],
            "calls": [],
            "pace": pace,
            "wide": False,
        }
        if path is not None and path.exists():
            self.data |= json.loads(path.read_text(encoding="utf-8"))

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    def changed(self) -> None:
        """Have the file written, with whatever else changes in this moment."""
        if self.path is not None and self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(0.2, self.save)

    def save(self) -> None:
        """Write the file in one go: a reader never sees half of it."""
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        if self.path is None:
            return
        kept = {name: value for name, value in self.data.items() if name not in ("calls", "events")}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        new.replace(self.path)

    def account(self, key: str) -> dict[str, Any] | None:
        """The account of a key, if it is one."""
        found: dict[str, Any] | None = self["accounts"].get(key)
        if found is None and key.startswith(INVENTED):
            found = self["accounts"][key] = {"hooks": []}
        return found

    def took(self, name: str, request_line: str = "") -> dict[str, Any] | None:
        """A fault that is to happen now, if one is set for this request (``METHOD path``); counts it down."""
        fault: dict[str, Any] | None = self["faults"].get(name)
        if not fault or fault.get("times", 1) <= 0 or not request_line.startswith(fault.get("on", "")):
            return None
        if "times" in fault:
            fault["times"] -= 1
        return fault
