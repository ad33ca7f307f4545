"""Where the sources of documents are: templates, style sheets, fonts and pictures, and nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

from staffing.core.errors import Unusable
from staffing.settings import REPOSITORY

#: In a checkout beside ``staffing``, in an installed wheel inside it.
_PLACES = (REPOSITORY / "templates" / "documents", Path(__file__).resolve().parents[1] / "templates" / "documents")


@cache
def folder() -> Path:
    """The folder of document sources. Raises ``Unusable`` if it was not installed."""
    for place in _PLACES:
        if place.is_dir():
            return place
    raise Unusable(f"The document templates are missing (looked in {_PLACES[0]}). Install staffing again.")


@cache
def environment() -> jinja2.Environment:
    """Jinja2 over that folder: everything escaped, a missing value is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def text(name: str) -> str:
    """A source file as text."""
    return (folder() / name).read_text(encoding="utf-8")
