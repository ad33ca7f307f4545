"""A person's own pages after a check: to tell that something happened, and to let another district see that they were cleared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Template

from staffing.api import Conflict, Invalid, StaffingError, district, say, today

from ..rules.notices_in_time import duty_of, last_sure_day
from ..rules.portable import GOOD_DAYS
from ..services import own_notices, sharing
from .asked import Form, Visit, back, form_of, oneself, shown

DAY = "The day it happened"
#: All that the form of a notice holds. Whatever else is posted was added to it, and details are not taken.
_FIELDS = frozenset({"_csrf_token", "day"})


@get("/me/tell", name="background_check.own_tell")
async def tell(request: Visit) -> Template:
    """Something happened that my rules ask me to tell."""
    return await _tell(request)


async def _tell(request: Visit, error: StaffingError | None = None, typed: str = "") -> Template:
    who = oneself(request)
    place = await district(who.tenant)
    day = today(place.time_zone)
    duty = duty_of(await own_notices.binding(who), day)
    return shown(
        "own_tell.html",
        error.status if error else 200,
        had=await own_notices.own_notices(who),
        duty=duty,
        sure=last_sure_day(day, duty.hours) if duty else None,
        today=day,
        time_zone=place.time_zone,
        typed=typed,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


@post("/me/tell", name="background_check.own_tell_sent")
async def told(request: Visit) -> Any:
    """Take the day, and nothing else."""
    form, who = await form_of(request), oneself(request)
    try:
        _nothing_else(form)
        day = form.day("day", DAY, needed=False)
        if day is None:
            raise Invalid("Give the day it happened.", {"day": "Give the day it happened."})
        await own_notices.tell(who, day)
    except (Conflict, Invalid) as error:
        return await _tell(request, _on_the_day(error), form.text("day"))
    return back("me/tell#had")


def _nothing_else(form: Form) -> None:
    if any(name not in _FIELDS and form.text(name) for name in form.names()):
        raise Invalid(
            "Only the day is taken here. What happened is not wanted and was not kept. Send the day alone; the district asks "
            "you for the rest where it must."
        )


def _on_the_day(error: StaffingError) -> StaffingError:
    if isinstance(error, Invalid) and "happened_on" in error.fields:
        return Invalid(str(error), {"day": error.fields["happened_on"]})
    return error


@get("/me/share", name="background_check.own_share")
async def share(request: Visit) -> Template:
    """Choose what another district may see, and the codes made before."""
    return await _share(request)


async def _share(request: Visit, error: StaffingError | None = None, code: str = "", until: Any = None) -> Template:
    who = oneself(request)
    return shown(
        "own_share.html",
        error.status if error else 200,
        choices=await sharing.choices(who),
        shares=await sharing.own_shares(who),
        days=GOOD_DAYS,
        time_zone=(await district(who.tenant)).time_zone,
        code=code,
        until=until,
        problem=str(error) if error else "",
    )


@post("/me/share", name="background_check.own_share_made")
async def made(request: Visit) -> Template:
    """Make a code. It is on this one answer and never again, so it is not sent on to another page."""
    form, who = await form_of(request), oneself(request)
    try:
        code, until = await sharing.make(who, [_id(each) for each in form.many("items")])
    except (Conflict, Invalid) as error:
        return await _share(request, error)
    page = await _share(request, code=code, until=until)
    page.headers["Cache-Control"] = "no-store"
    return page


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("The form was changed on its way. Open the page again.") from None


@post("/me/share/{ident:uuid}/withdraw", name="background_check.own_share_withdrawn")
async def withdrawn(request: Visit, ident: FromPath[UUID]) -> Any:
    """Take a code back."""
    await sharing.withdraw(oneself(request), ident)
    say(request, "The code is withdrawn. Nobody sees anything by it any more.")
    return back("me/share")


handlers = [tell, told, share, made, withdrawn]
