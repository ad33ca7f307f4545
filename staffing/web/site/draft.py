"""The sign-up being filled in: kept in the visitor's session, so that it survives days, and where it is at."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import msgspec
from litestar import Request
from litestar.response import Redirect

from staffing.services.registration import Draft
from staffing.web import i18n
from staffing.web.session import session_of

#: The steps in their order; ``about`` is left out where the rules ask nothing.
STEPS = ("do", "name", "contact", "languages", "about", "check")


def draft_of(request: Request[Any, Any, Any], tenant: str) -> Draft:
    """The visitor's draft for this district, or a new one (not kept until ``keep``)."""
    kept = session_of(request).get("draft")
    if kept and kept.get("tenant") == tenant:
        return msgspec.convert(kept, Draft)
    return Draft(id=uuid4(), tenant=tenant, language=i18n.current())


def has_draft(request: Request[Any, Any, Any], tenant: str) -> bool:
    """Whether something was filled in here before."""
    kept = session_of(request).get("draft")
    return bool(kept and kept.get("tenant") == tenant)


def keep(request: Request[Any, Any, Any], draft: Draft) -> None:
    """Keep the draft; "Saved" is true from the moment the answer leaves."""
    draft.language = i18n.current()
    session_of(request)["draft"] = msgspec.to_builtins(draft)


def drop(request: Request[Any, Any, Any]) -> None:
    """Forget the draft."""
    session_of(request).pop("draft", None)


def done(draft: Draft) -> set[str]:
    """The steps that have been answered."""
    found = set()
    if draft.positions:
        found.add("do")
    if draft.given_name:
        found.add("name")
    if draft.email or draft.phone:
        found.add("contact")
    if "languages" in draft.asked:
        found.add("languages")
    return found


def first_open(draft: Draft) -> str:
    """The first step that has no answer; ``about`` once all before it have."""
    have = done(draft)
    return next((step for step in STEPS[:4] if step not in have), "about")


def address(tenant: str, step: str) -> str:
    """A step's address."""
    return f"/d/{tenant}/join/{step}"


def onward(request: Request[Any, Any, Any], draft: Draft, after: str) -> Redirect:
    """Where Continue leads: to the check page for somebody who came from it, else to the next step."""
    if request.query_params.get("change") and first_open(draft) == "about":
        return Redirect(address(draft.tenant, "about"), status_code=303)
    return Redirect(address(draft.tenant, STEPS[STEPS.index(after) + 1]), status_code=303)
