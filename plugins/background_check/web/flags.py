"""Flags, what the district owes a state when somebody leaves, and what runs out: for HR; administrators read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from staffing.api import Conflict, Invalid, NotAllowed, StaffingError, district, people_found, person_of, say, today

from ..rules.flag_words import BY_ITSELF, ENDINGS, KINDS, SOURCES
from ..services import flags as use
from ..services.lapsing import orderable
from ..services.leaving import leavers, sent
from ..services.renewals import by_person, check_again, renewals
from .asked import Form, Visit, back, form_of, shown, staff

_TOLD = (Conflict, Invalid, NotAllowed)


@get("/flags", name="background_check.flags")
async def home(request: Visit, person: FromQuery[str] = "", q: FromQuery[str] = "") -> Template:
    """Flags that wait, notices owed to a state, and the last flags that were ended."""
    return await _home(request, person, q)


async def _home(request: Visit, person: str = "", q: str = "", error: StaffingError | None = None) -> Template:
    who = staff(request)
    place = await district(who.tenant)
    waiting, ended = await use.flags(who)
    chosen = await person_of(who.tenant, _id(person)) if person else None
    return shown(
        "flags.html",
        error.status if error else 200,
        waiting=waiting,
        ended=ended,
        leaving=await leavers(who),
        chosen=chosen,
        q=q,
        found=await people_found(who, q) if q else [],
        sources=SOURCES,
        kinds=KINDS,
        source_words=_words(),
        endings=ENDINGS,
        today=today(place.time_zone),
        time_zone=place.time_zone,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Choose a person. Open the page again if you did.", {"person": "Choose a person."}) from None


def _words() -> dict[str, str]:
    return {code: words for each in (*SOURCES.values(), BY_ITSELF) for code, words in each.items()}


@post("/flags", name="background_check.flag_raise")
async def raise_one(request: Visit) -> Any:
    """Record that word came about somebody."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        kind, _, source = form.text("source").partition(".")
        person = _id(form.text("person"))
        day = form.day("day", "The day on the notice")
        if day is None:
            raise Invalid("Give the day on the notice.", {"day": "Give the day on the notice."})
        flag = await use.raise_flag(who, person, kind, source, day)
    except _TOLD as error:
        return await _home(request, form.text("person"), "", error)
    say(request, "The flag is on record.")
    return back(f"flags/{flag}")


@post("/flags/leaving", name="background_check.flag_leaving")
async def leaving(request: Visit) -> Any:
    """The notice about somebody who left went to the state."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        await sent(who, _id(form.text("person")), form.text("notice"))
    except _TOLD as error:
        return await _home(request, error=error)
    say(request, "It is on record that the state was told.")
    return back("flags")


@get("/flags/{flag:uuid}", name="background_check.flag")
async def one(request: Visit, flag: FromPath[UUID]) -> Template:
    """One flag, with how it can end."""
    return await _one(request, flag)


async def _one(request: Visit, flag: UUID, error: StaffingError | None = None, form: Form | None = None) -> Template:
    who = staff(request)
    return shown(
        "flag.html",
        error.status if error else 200,
        f=await use.flag_of(who, flag),
        kinds=KINDS,
        source_words=_words(),
        endings=ENDINGS,
        packages=await orderable(who.tenant),
        time_zone=(await district(who.tenant)).time_zone,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
        typed={name: form.text(name) for name in form.names()} if form else {},
    )


@post("/flags/{flag:uuid}", name="background_check.flag_end")
async def end(request: Visit, flag: FromPath[UUID]) -> Any:
    """End a flag with a reason."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        order = await use.end(who, flag, form.text("ended"), form.text("reason"), package=form.ident("package"))
    except _TOLD as error:
        return await _one(request, flag, error, form)
    if order is not None:
        say(request, "The new check is ordered. Work waits until it is decided.")
        return back(f"orders/{order}")
    say(request, "The flag is ended.")
    return back("flags")


@get("/renewals", name="background_check.renewals")
async def running_out(request: Visit) -> Template:
    """What runs out, what ran out, and who needs a new check after a break."""
    return await _renewals(request)


async def _renewals(request: Visit, error: StaffingError | None = None) -> Template:
    who = staff(request)
    lines = await renewals(who)
    return shown(
        "renewals.html",
        error.status if error else 200,
        lines=lines,
        sorted={group: by_person(line for line in lines if line.group == group) for group in ("break", "lapsed", "soon")},
        packages=await orderable(who.tenant),
        time_zone=(await district(who.tenant)).time_zone,
        problem=str(error) if error else "",
    )


@post("/renewals", name="background_check.renew")
async def renew(request: Visit) -> Template | Redirect:
    """Order the new check."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        package = form.ident("package")
        if package is None:
            raise Invalid("Choose which check is ordered.", {"package": "Choose which check is ordered."})
        order = await check_again(who, _id(form.text("person")), form.text("rule"), package)
    except _TOLD as error:
        return await _renewals(request, error)
    say(request, "The new check is ordered.")
    return back(f"orders/{order}")


handlers = [home, raise_one, leaving, one, end, running_out, renew]
