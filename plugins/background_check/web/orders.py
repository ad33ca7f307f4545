"""One check, and ordering one: the three axes, what happened, the next form."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from staffing.api import (
    Invalid,
    Outcome,
    StaffingError,
    Viewer,
    district,
    places_of,
    say,
    screening_providers,
    today,
)

from ..rules.conditions import CONDITIONS
from ..rules.kinds import kind_name
from ..rules.reasons import FAVOURABLE, REASONS, offered, stands
from ..services import accounts, determining, ordering, orders, papers, recording
from ..services.effects import latest_day
from ..services.order_view import OrderView, PackageView
from ..services.packages import PAYERS
from ..services.timeline import name_in, timeline
from .asked import Form, Visit, back, form_of, shown, staff
from .desk import query, words

_SHOWN_AGAIN = frozenset({403, 409, 422, 502})


@get("/orders/{order:uuid}", name="background_check.order")
async def one(request: Visit, order: FromPath[UUID]) -> Template:
    """One check."""
    return await _order(request, order)


async def _order(request: Visit, order: UUID, error: StaffingError | None = None, given: Form | None = None) -> Template:
    who = staff(request)
    view = await orders.order_of(who, order)
    if view.package.way == "upload" and await papers.follow_one(who.tenant, order):
        view = await orders.order_of(who, order)
    where = await district(who.tenant)
    day = today(where.time_zone)
    places = await places_of(who.tenant, [one for one in (view.placement, view.position) if one])
    before = stands(view.result, view.detail)
    return shown(
        "order.html",
        error.status if error else 200,
        o=view,
        before=before,
        place=places.get(view.placement or UUID(int=0)) or places.get(view.position or UUID(int=0)),
        opens_at=await _opens_at(who, view),
        happened=timeline(view),
        reasons={outcome: offered(view.result, view.detail, [outcome]) for outcome in (*FAVOURABLE, Outcome.WITHDRAWN)},
        order_of_outcomes=[Outcome.ELIGIBLE, Outcome.WITH_CONDITIONS],
        REASONS=REASONS,
        conditions=CONDITIONS,
        said=recording.SAID,
        kind_name=kind_name,
        name_in=name_in,
        latest=await latest_day(who.tenant, view) if view.result else None,
        zone=ZoneInfo(where.time_zone),
        today=day,
        mine=bool(view.decided and view.decided.decided_account == who.account),
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
        given=given,
        payers=PAYERS,
        **words(),
    )


async def _opens_at(who: Viewer, view: OrderView) -> str:
    """Where staff or the person go for it, where the account says so and it is an address of the web."""
    found = (await accounts.one(who, view.package.account)).settings.get("opens_at", "")
    return found if found.startswith(("https://", "http://")) else ""


async def _done(request: Visit, order: UUID, form: Form, work: Awaitable[Any], says: str) -> Template | Redirect:
    """Do it and show the check, or show there why not."""
    try:
        await work
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _order(request, order, error, form)
    say(request, says)
    return back(f"orders/{order}")


def _version(form: Form) -> int:
    return form.number("version", "The version") or 0


@post("/orders/{order:uuid}/decide", name="background_check.decide")
async def decide(request: Visit, order: FromPath[UUID]) -> Any:
    """Decide on a check. ``as`` holds the outcome and the reason, because each reason belongs to an outcome."""
    form, who = await form_of(request), staff(request, "hr")

    async def work() -> None:
        outcome, _, reason = form.text("as").partition(".")
        if outcome not in set(Outcome):
            raise Invalid("Choose what you decide and why.", {"as": "Choose what you decide and why."})
        await determining.determine(
            who,
            order,
            Outcome(outcome),
            reason,
            note=form.text("note"),
            conditions=form.many("conditions") if outcome == Outcome.WITH_CONDITIONS else (),
            valid_until=form.day("valid_until", "The last good day", needed=False),
            version=_version(form),
        )

    return await _done(request, order, form, work(), "It is decided and on record.")


@post("/orders/{order:uuid}/second", name="background_check.second")
async def second(request: Visit, order: FromPath[UUID]) -> Any:
    """Agree with a colleague's decision, or send it back."""
    form, who = await form_of(request), staff(request)
    agrees = form.text("agrees") == "yes"

    async def work() -> None:
        ident = form.ident("determination", needed=True)
        await determining.second(who, ident or order, agrees, form.text("note"))

    return await _done(request, order, form, work(), "You agreed: it counts now." if agrees else "It goes back to be decided.")


@post("/orders/{order:uuid}/take-back", name="background_check.take_back")
async def take_back(request: Visit, order: FromPath[UUID]) -> Any:
    """Take a decision back."""
    form, who = await form_of(request), staff(request, "hr")

    async def work() -> None:
        ident = form.ident("determination", needed=True)
        await determining.take_back(who, ident or order, form.text("why"))

    return await _done(request, order, form, work(), "The decision is taken back. The check stands undecided again.")


@post("/orders/{order:uuid}/cancel", name="background_check.cancel")
async def cancel(request: Visit, order: FromPath[UUID]) -> Any:
    """End an order that has no answer."""
    form, who = await form_of(request), staff(request, "hr")
    return await _done(request, order, form, orders.cancel_order(who, order, form.text("why")), "The order is ended.")


@post("/orders/{order:uuid}/again", name="background_check.again")
async def again(request: Visit, order: FromPath[UUID]) -> Any:
    """Order the same once more, after one that ended without a result or that is decided."""
    form, who = await form_of(request), staff(request, "hr")
    before = await orders.order_of(who, order)
    try:
        made = await orders.place_order(
            who,
            before.person.id,
            before.package.id,
            placement=before.placement,
            position=before.position,
            why="renewal" if before.outcome in FAVOURABLE else "again",
            renews=order if before.outcome in FAVOURABLE else None,
        )
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _order(request, order, error, form)
    say(request, "It is ordered again. The earlier one stays on record.")
    return back(f"orders/{made}")


@post("/orders/{order:uuid}/asked", name="background_check.asked_for")
async def asked(request: Visit, order: FromPath[UUID]) -> Any:
    """Record on which day the source was asked."""
    form, who = await form_of(request), staff(request, "hr")

    async def work() -> None:
        day = form.day("asked_on", "The day it was asked for")
        if day:
            await recording.asked_for(who, order, day, version=_version(form))

    return await _done(request, order, form, work(), "It is on record that the source was asked.")


@post("/orders/{order:uuid}/said", name="background_check.said")
async def said(request: Visit, order: FromPath[UUID]) -> Any:
    """Record in one word what the source said."""
    form, who = await form_of(request), staff(request, "hr")

    async def work() -> None:
        day = form.day("said_on", "The day of the answer")
        if day:
            await recording.said(who, order, form.text("said"), day, version=_version(form))

    return await _done(request, order, form, work(), "The answer is on record. It is not a decision yet.")


@get("/people/{person:uuid}/order", name="background_check.order_new")
async def new(
    request: Visit,
    person: FromPath[UUID],
    rule: FromQuery[str] = "",
    placement: FromQuery[str] = "",
    position: FromQuery[str] = "",
) -> Template:
    """What can be ordered for a person's work."""
    form = query(rule=rule, placement=placement, position=position)
    return await _new(request, person, form)


async def _new(request: Visit, person: UUID, form: Form, error: StaffingError | None = None) -> Template:
    who = staff(request)
    placement, position = form.ident("placement"), form.ident("position")
    found = await ordering.options(who, person, placement=placement, position=position, rule=form.text("rule"))
    return shown(
        "order_new.html",
        error.status if error else 200,
        c=found,
        placement=placement or "",
        position=position or "",
        rule=form.text("rule"),
        chosen=set(form.many("packages")),
        why=form.text("why") or "needed",
        reasons=orders.WHY,
        kind_name=kind_name,
        payers=PAYERS,
        asks=_asks,
        problem=str(error) if error else "",
    )


def _asks(package: PackageView) -> str:
    """What a person is asked for, in a sentence."""
    provider = screening_providers().get(package.provider)
    consent = package.consumer_report or (provider is not None and provider.consumer_reports)
    sentences = {
        "api": "They go through the provider’s own page, on a phone if they like.",
        "record": "Nothing more: staff ask the state’s system.",
        "upload": package.how or "They ask for the certificate themselves and send a copy in on their own page.",
        "list": "Nothing more: they are on the next list to the provider.",
    }
    first = "They read a disclosure and authorise the check. " if consent else ""
    return first + sentences.get(package.way, "")


@post("/people/{person:uuid}/order", name="background_check.order_place")
async def place(request: Visit, person: FromPath[UUID]) -> Any:
    """Order what was chosen."""
    form, who = await form_of(request), staff(request, "hr")
    try:
        chosen = [one for one in (query(one=text).ident("one") for text in form.many("packages")) if one]
        made = await ordering.place_several(
            who,
            person,
            chosen,
            placement=form.ident("placement"),
            position=form.ident("position"),
            why=form.text("why") or "needed",
        )
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _new(request, person, form, error)
    say(request, "The check is ordered." if len(made) == 1 else f"{len(made)} checks are ordered.")
    return back(f"orders/{made[0]}") if len(made) == 1 else back("")


handlers = [one, decide, second, take_back, cancel, again, asked, said, new, place]
