"""The pages of checks. Each handler reads a form, calls one use case and shows a page."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: The modules that have pages; each has a list ``handlers``.
PAGES = (
    "desk",
    "orders",
    "accounts",
    "batches",
    "hooks",
    "own",
    "adverse",
    "answers",
    "flags",
    "sharing",
    "own_notice",
    "keeping",
    "disparity",
)

handlers: list[Any] = [handler for page in PAGES for handler in import_module(f"{__name__}.{page}").handlers]
