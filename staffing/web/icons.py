"""The shapes of the icons we use (Lucide, ISC), as they go inside an ``<svg>``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from markupsafe import Markup


@cache
def _shapes() -> dict[str, Markup]:
    raw = (files("staffing.web") / "static" / "icons.json").read_bytes()
    return {name: Markup(shape) for name, shape in msgspec.json.decode(raw, type=dict[str, str]).items()}  # noqa: S704


def lucide(name: str) -> Markup:
    """The inside of one icon. Raises ``KeyError`` for one we do not carry."""
    return _shapes()[name]
