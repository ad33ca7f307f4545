"""The effect of a change of the rules, shown before it is made: one page for overlays, plugins and waivers."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile

from staffing.core.errors import Conflict, Invalid
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, what_if
from staffing.services.district_rules.changes import Change
from staffing.web.forms import read_form
from staffing.web.hr.nav import console

S = TypeVar("S", bound=msgspec.Struct)

#: What is applied, with the reason, after its effect was seen.
_OWN = frozenset({"reason", "seen", "_csrf_token"})


class Reason(msgspec.Struct):
    """Why, and the rules the effect was shown for."""

    reason: str = ""
    seen: str = ""


def read(struct: type[S], form: FormMultiDict) -> S:
    """The form as a Struct. Raises ``Invalid`` by field."""
    found, wrong = read_form(struct, form)
    if found is None:
        raise Invalid("Nothing was changed. " + " ".join(f"{_label(name)}: {says}" for name, says in wrong.items()), wrong)
    return found


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


async def text_in(form: FormMultiDict, limit: int) -> tuple[str, str]:
    """A pack's text from an upload, else from the box ``text``, and what errors call it. Raises ``Invalid``."""
    sent = next((f for f in form.getall("upload", []) if isinstance(f, UploadFile) and f.filename), None)
    if sent is None:
        return str(form.get("text", "")), PurePath(str(form.get("file", "")) or "rules.yaml").name[-60:]
    name = PurePath(sent.filename.replace("\\", "/")).name[-60:]
    data = await sent.read()
    if len(data) > limit:
        raise Invalid(f"{name}:1: This file is too large. A pack has at most {limit:,} characters.")
    try:
        return data.decode("utf-8"), name
    except UnicodeDecodeError:
        raise Invalid(f"{name}:1: This is not a UTF-8 text. Save it as UTF-8.") from None


def kept(form: FormMultiDict, **instead: str) -> list[tuple[str, str]]:
    """What was filled in, to be sent again with the reason. ``instead`` replaces fields of the same name."""
    given = [(k, v) for k, v in form.multi_items() if isinstance(v, str) and k not in _OWN and k not in instead]
    return [*given, *instead.items()]


async def effect_page(
    request: Request[Any, Any, Any],
    actor: Actor,
    change: Change,
    *,
    words: str,
    action: str,
    back: str,
    fields: list[tuple[str, str]],
    problem: str = "",
    reason: str = "",
    status: int = 200,
) -> Any:
    """Show what the change would do, with a form to make it. Raises what ``what_if.impact`` raises."""
    found = await what_if.impact(actor, change)
    return await console(
        request,
        "admin/effect.html",
        actor,
        back,
        status=status,
        found=found,
        saying=words,
        action=action,
        back=back,
        fields=fields,
        problem=problem,
        reason=reason,
        ahead=what_if.AHEAD,
    )


async def make(actor: Actor, change: Change, form: FormMultiDict) -> tuple[str, str]:
    """Make the change: its name, and a sentence if it could not be made as it stands (then nothing was changed).

    A sentence comes for what the page itself can mend: no reason, or other rules than those shown. Else raises.
    """
    given = read(Reason, form)
    try:
        return await changes.apply(actor, change, given.reason, given.seen), ""
    except (Invalid, Conflict) as exc:
        if isinstance(exc, Conflict) or "reason" in exc.fields:
            return "", str(exc)
        raise
