"""The people list and one person's readiness page."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid, NotFound
from staffing.core.evidence import KINDS
from staffing.services import answers, history, people, plugins, review, review_words, standing
from staffing.services.actors import Actor
from staffing.web import panels, session
from staffing.web.forms import read_form
from staffing.web.guards import needs, who
from staffing.web.hr.nav import console, time_zone
from staffing.web.i18n import language_name


class SeenForm(msgspec.Struct):
    """Evidence seen elsewhere."""

    kind: str = ""
    issued_on: date | None = None
    result: str = ""
    issuer: str | None = None
    purpose: str | None = None
    expires_on: date | None = None
    state: str = "complete"
    source: str = ""


@get("/hr/people", guards=[needs("hr", "admin")], name="hr.people")
async def listing(
    request: Request[Any, Any, Any],
    words: Annotated[str, QueryParameter(name="q")] = "",
    status: FromQuery[str | None] = None,
    show: FromQuery[str | None] = None,
    page_number: Annotated[int, QueryParameter(name="page")] = 1,
) -> Any:
    """People with how each stands."""
    actor = who(request, "hr", "admin")
    found = await people.people(actor, words, status, page_number, show)

    def link(**more: Any) -> str:
        kept = {"status": found.status, "show": found.show, "q": found.words, **more}
        return "/hr/people?" + urlencode({k: v for k, v in kept.items() if v})

    here = f"/hr/people?show={found.show}" if found.show else "/hr/people"
    return await console(request, "hr/people.html", actor, here, words=words, found=found, names=people.STATUS_NAMES, link=link)


@get("/hr/people/{person:uuid}", guards=[needs("hr", "admin")], name="hr.person")
async def record(
    request: Request[Any, Any, Any], person: FromPath[UUID], on: FromQuery[str] = "", placement: FromQuery[UUID | None] = None
) -> Any:
    """One person's readiness today, or on the day ``on``."""
    return await _record(request, who(request, "hr", "admin"), person, on, placement)


async def _record(
    request: Request[Any, Any, Any],
    actor: Actor,
    person: UUID,
    on: str = "",
    placement: UUID | None = None,
    *,
    wrong: dict[str, str] | None = None,
    given: SeenForm | None = None,
    status: int = 200,
) -> Any:
    try:
        day = date.fromisoformat(on) if on else None
    except ValueError:
        day = None
        wrong = {"on": f"{on!r} is not a day. Write it as year-month-day, for example 2027-04-10. This is how it stands today."}
    found = await people.record(actor, person, day, placement)
    return await console(
        request,
        "hr/person.html",
        actor,
        "/hr/people",
        status=status,
        r=found,
        standing_of=found.standing_of,
        as_of=found.on != found.today,
        kinds=KINDS,
        speaks=[language_name(tag) for tag in found.person["languages"] or ()],
        kind_name=history.kind_name,
        name_in=history.name_in,
        results=review_words.RESULTS,
        purposes=review_words.PURPOSES,
        outcomes=standing.OUTCOMES,
        lower_first=standing.lower_first,
        joined=standing.joined,
        wrong=wrong or {},
        given=given or SeenForm(),
        time_zone=time_zone(request),
        panels=panels.rendered(request, await plugins.person_panels(person, actor)),
    )


@post("/hr/people/{person:uuid}/evidence", guards=[needs("hr")], name="hr.record_evidence")
async def record_evidence(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Any:
    """Record evidence seen in another system or on paper."""
    actor = who(request, "hr")
    form, wrong = read_form(SeenForm, await request.form())
    if form is None:
        return await _record(request, actor, person, wrong=wrong, status=422)
    reading = review.Reading(
        kind=form.kind,
        issued_on=form.issued_on,
        result=form.result or ("clear" if form.state == "initiated" else review_words.sole_result(form.kind)),
        issuer=form.issuer,
        purpose=form.purpose,
        expires_on=form.expires_on,
        state=form.state,
    )
    try:
        made = await review.record_evidence(actor, person, reading, form.source)
    except Invalid as exc:
        return await _record(request, actor, person, wrong=exc.fields, given=form, status=exc.status)
    session.say(request, f"Recorded: {history.kind_name(form.kind)}.", undo=f"/hr/determinations/{made}/undo?person={person}")
    return Redirect(f"/hr/people/{person}", status_code=303)


@post("/hr/people/{person:uuid}/answers", guards=[needs("hr")], name="hr.answer")
async def answer(request: Request[Any, Any, Any], person: FromPath[UUID]) -> Any:
    """Answer questions that rules still ask about the person and one placement."""
    actor = who(request, "hr")
    form = await request.form()
    given = {name: [str(v) for v in form.getall(name)] for name in form if "." in name}
    try:
        placement = UUID(str(form.get("placement", "")))
    except ValueError:
        raise NotFound("There is no such placement in this district.") from None
    try:
        answered = await answers.answer(actor, person, placement, given)
    except Invalid as exc:
        return await _record(request, actor, person, placement=placement, wrong=exc.fields, status=exc.status)
    except Conflict as exc:
        session.say(request, str(exc), kind="warn")
    else:
        session.say(request, f"{len(answered)} {'answer' if len(answered) == 1 else 'answers'} saved, and decided again.")
    return Redirect(f"/hr/people/{person}?placement={placement}", status_code=303)


handlers = [listing, record, record_evidence, answer]
