"""Who asks, and what a posted form holds: read once, wrong values told in sentences."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.response import Redirect, Template

from staffing.api import Invalid, NotAllowed, Viewer, viewer_of

Visit = Request[Any, Any, Any]
HOME = "/p/background_check/"


def staff(request: Visit, *roles: str) -> Viewer:
    """Whoever is signed in, if one of these roles (HR and administrators where none is named). Raises ``NotAllowed``."""
    found = viewer_of(request)
    if found is None:
        raise NotAllowed("Sign in to see checks.")
    if found.role not in (roles or ("hr", "admin")):
        raise NotAllowed("Checks are open to the district's HR clearance staff alone. Others see who is cleared, and until when.")
    return found


def oneself(request: Visit) -> Viewer:
    """The person signed in, on their own pages. Raises ``NotAllowed``."""
    found = viewer_of(request)
    if found is None:
        raise NotAllowed("Sign in to see your checks.")
    if found.role != "volunteer" or found.person is None:
        raise NotAllowed("These are a volunteer's own pages. Open the person's record instead.")
    return found


def shown(name: str, status: int = 200, **context: Any) -> Template:
    """A page of the plugin."""
    return Template(
        f"background_check/{name}", context={"home": HOME, **context}, status_code=status, media_type="text/html; charset=utf-8"
    )


def back(to: str = "") -> Redirect:
    """To another page of the plugin after a posted form."""
    return Redirect(HOME + to, status_code=303)


def no_day(what: str) -> str:
    """What is said of a field that holds no day."""
    return f"{what} is a day, written year-month-day, such as 2027-06-30."


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
            says = no_day(what)
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

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name).lower() in {"1", "on", "yes", "true"}

    def names(self) -> list[str]:
        """The names of all fields."""
        return list(dict.fromkeys(self.data.keys()))

    def many(self, name: str) -> tuple[str, ...]:
        """Every value ticked."""
        return tuple(value for value in self.data.getall(name, []) if isinstance(value, str) and value)

    def file(self, name: str) -> UploadFile | None:
        """A file that was chosen."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


async def form_of(request: Visit) -> Form:
    """The posted form."""
    return Form(await request.form())
