"""Who asks, and what a posted form holds: read once, wrong values told in sentences."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from staffing.api import Invalid, NotAllowed, Viewer, viewer_of

Visit = Request[Any, Any, Any]
HOME = "/p/union_agreement/"


def viewer(request: Visit) -> Viewer:
    """Whoever is signed in, if agreements are open to them. Raises ``NotAllowed``."""
    found = viewer_of(request)
    if found is None:
        raise NotAllowed("Sign in to see agreements.")
    if found.role not in {"hr", "admin", "union"}:
        raise NotAllowed("Agreements are open to the district's HR and to the union's registered officers.")
    return found


def back(to: str = "") -> Redirect:
    """To another page after a posted form."""
    return Redirect(HOME + to, status_code=303)


class Form:
    """A posted form. Each method raises ``Invalid`` with a sentence that names the field."""

    def __init__(self, data: FormMultiDict) -> None:
        self.data = data

    def text(self, name: str, what: str = "", *, needed: bool = False) -> str:
        """A text, without spaces around it."""
        value = self.data.get(name)
        found = value.strip() if isinstance(value, str) else ""
        if needed and not found:
            raise Invalid(f"Fill in {what or name}.", {name: f"Fill in {what or name}."})
        return found

    def day(self, name: str, what: str, *, needed: bool = True) -> date | None:
        """A day; None where it is empty and may be."""
        found = self.text(name)
        if not found and not needed:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            says = f"{what} is a day, written year-month-day, such as 2027-06-30."
            raise Invalid(says, {name: says}) from None

    def number(self, name: str, what: str, *, needed: bool = True) -> int | None:
        """A whole number that is not negative."""
        found = self.text(name)
        if not found and not needed:
            return None
        if not found.isdecimal():
            says = f"{what} is a whole number."
            raise Invalid(says, {name: says})
        return int(found)

    def ident(self, name: str, *, needed: bool = False) -> UUID | None:
        """An id."""
        found = self.text(name)
        try:
            return UUID(found) if found or needed else None
        except ValueError:
            raise Invalid("The form was changed on its way. Open the page again.") from None

    def names(self) -> list[str]:
        """The names of all fields."""
        return list(dict.fromkeys(self.data.keys()))

    def many(self, name: str) -> tuple[str, ...]:
        """Every value ticked."""
        return tuple(value for value in self.data.getall(name, []) if isinstance(value, str) and value)


async def form_of(request: Visit) -> Form:
    """The posted form."""
    return Form(await request.form())
