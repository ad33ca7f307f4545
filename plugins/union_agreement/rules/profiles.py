"""How agreements work in a place: what binds after expiry, how long one may last, what has to happen in public first."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path

import msgspec

from staffing.api import read


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A place's profile. ``confidence`` low or medium is shown to both sides with its citation."""

    bargaining_regime: str = "collective"
    units_covered: str = ""
    max_term_years: int | None = None
    after_expiry: str = "status_quo"
    survives: tuple[str, ...] = ()
    evergreen: bool = False
    sunshine_required: bool = False
    confidence: str = "low"
    cite: str = ""
    url: str | None = None
    read_as_of: date | None = None


@functools.cache
def _all() -> tuple[Profile, dict[str, Profile]]:
    file = Path(__file__).with_name("profiles.yaml")
    data = read(file.read_text(encoding="utf-8"), file.name)
    return msgspec.convert(data["default"], Profile), {k: msgspec.convert(v, Profile) for k, v in data["places"].items()}


def profile(jurisdiction: str) -> Profile:
    """The profile of a jurisdiction (``us-pa``), or the usual one where none was researched."""
    default, places = _all()
    return places.get(jurisdiction, default)
