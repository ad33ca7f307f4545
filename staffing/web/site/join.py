"""The question pages of signing up, one subject a page; answers stay in the session until they are sent."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect, Template

from staffing import clock
from staffing.core.errors import Conflict, Invalid
from staffing.services import directory, questions, registration
from staffing.services.registration import Consent, Draft
from staffing.web import i18n, session
from staffing.web.forms import values_of
from staffing.web.i18n import gettext as _
from staffing.web.page import page
from staffing.web.site import draft as drafts
from staffing.web.site.spoken import OFFERED, parse_language

Visit = Request[Any, Any, Any]


async def _page(request: Visit, draft: Draft, step: str, errors: dict[str, str] | None = None, **context: Any) -> Template:
    district = await directory.district(draft.tenant)
    steps = drafts.STEPS
    before = steps[steps.index(step) - 1] if step != "do" else None
    change = bool(request.query_params.get("change"))
    to = "check" if change else before
    back = drafts.address(draft.tenant, to) if to else f"/d/{draft.tenant}"
    return page(
        request,
        f"site/join_{step}.html",
        422 if errors else 200,
        district=district,
        draft=draft,
        step=steps.index(step) + 1,
        steps=len(steps),
        step_name=step,
        back=back,
        saved=drafts.has_draft(request, draft.tenant),
        errors=errors or {},
        **context,
    )


@get("/d/{tenant:str}/join", include_in_schema=False)
async def go_on(request: Visit, tenant: FromPath[str]) -> Redirect:
    """To the first page that has no answer yet."""
    return Redirect(drafts.address(tenant, drafts.first_open(drafts.draft_of(request, tenant))), status_code=303)


@get("/d/{tenant:str}/join/do", include_in_schema=False)
async def ask_do(request: Visit, tenant: FromPath[str]) -> Template:
    """What would you like to do, and where?"""
    draft = drafts.draft_of(request, tenant)
    positions = await directory.open_positions(tenant)
    asked_for = request.query_params.get("position")
    chosen = {str(p) for p in draft.positions} | ({asked_for} if asked_for else set())
    return await _page(request, draft, "do", positions=positions, chosen=chosen)


@post("/d/{tenant:str}/join/do", include_in_schema=False)
async def answer_do(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Keep the choice."""
    draft = drafts.draft_of(request, tenant)
    positions = await directory.open_positions(tenant)
    ticked = set((await request.form()).getall("positions", []))
    draft.positions = [position.id for position in positions if str(position.id) in ticked]
    if not draft.positions:
        errors = {"positions": _("Choose at least one thing you would like to do.")}
        return await _page(request, draft, "do", errors, positions=positions, chosen=ticked)
    drafts.keep(request, draft)
    return drafts.onward(request, draft, "do")


@get("/d/{tenant:str}/join/name", include_in_schema=False)
async def ask_name(request: Visit, tenant: FromPath[str]) -> Template:
    """What is your name?"""
    draft = drafts.draft_of(request, tenant)
    typed = {"given": draft.given_name, "family": draft.family_name, "badge": draft.called}
    return await _page(request, draft, "name", typed=typed)


@post("/d/{tenant:str}/join/name", include_in_schema=False)
async def answer_name(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Keep the names as they are written, in any script; a single name is a name."""
    draft = drafts.draft_of(request, tenant)
    form = await request.form()
    given, family, badge = (" ".join(str(form.get(name, "")).split()) for name in ("given", "family", "badge"))
    errors = {}
    if not given and not family:
        errors["given"] = _("Write your name.")
    for field, value in (("given", given), ("family", family), ("badge", badge)):
        if len(value) > 200 or any(not c.isprintable() for c in value):
            errors[field] = _("This is longer than a name can be, or has signs that cannot be printed. Write it again.")
    if errors:
        return await _page(request, draft, "name", errors, typed={"given": given, "family": family, "badge": badge})
    draft.given_name, draft.family_name, draft.called = (given, family, badge) if given else (family, "", badge)
    drafts.keep(request, draft)
    return drafts.onward(request, draft, "name")


@get("/d/{tenant:str}/join/contact", include_in_schema=False)
async def ask_contact(request: Visit, tenant: FromPath[str]) -> Template:
    """How can we reach you?"""
    draft = drafts.draft_of(request, tenant)
    texts = any(consent.what == "texts" for consent in draft.consents)
    typed = {"email": draft.email, "phone": draft.phone, "texts": "yes" if texts else ""}
    return await _page(request, draft, "contact", typed=typed)


@post("/d/{tenant:str}/join/contact", include_in_schema=False)
async def answer_contact(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Keep an e-mail address, a phone number, or both, and the consent to texts with its wording."""
    draft = drafts.draft_of(request, tenant)
    district = await directory.district(tenant)
    form = await request.form()
    errors = await _read_contact(form, draft)
    if errors:
        return await _page(request, draft, "contact", errors, typed={"email": "", "phone": "", "texts": "", **values_of(form)})
    draft.consents = [consent for consent in draft.consents if consent.what != "texts"]
    if form.get("texts") == "yes" and draft.phone:
        wording = _(registration.TEXTS_WORDING).format(district=district.name)
        draft.consents.append(Consent("texts", wording, i18n.current(), clock.now().isoformat(timespec="seconds")))
    drafts.keep(request, draft)
    return drafts.onward(request, draft, "contact")


async def _read_contact(form: FormMultiDict, draft: Draft) -> dict[str, str]:
    errors: dict[str, str] = {}
    read: dict[str, str] = {}
    for field, reader in (("email", registration.email_of), ("phone", registration.phone_of)):
        given = str(form.get(field, "")).strip()
        try:
            read[field] = reader(given) if given else ""
        except Invalid as exc:
            errors[field] = _(str(exc))
    if not errors and not any(read.values()):
        errors["email"] = _("Give an e-mail address or a phone number, so that we can reach you.")
    if not errors and await registration.is_known(draft.tenant, read["email"]):
        errors["email"] = _("Somebody has signed up with this e-mail address already. Sign in with it, or give another one.")
    if not errors:
        draft.email, draft.phone = read["email"], read["phone"]
    return errors


@get("/d/{tenant:str}/join/languages", include_in_schema=False)
async def ask_languages(request: Visit, tenant: FromPath[str]) -> Template:
    """Which languages do you speak?"""
    draft = drafts.draft_of(request, tenant)
    other = ", ".join(i18n.language_name(tag) for tag in draft.languages if tag not in OFFERED)
    return await _page(request, draft, "languages", offered=OFFERED, chosen=set(draft.languages), other=other)


@post("/d/{tenant:str}/join/languages", include_in_schema=False)
async def answer_languages(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Keep the languages; those written by name are looked up."""
    draft = drafts.draft_of(request, tenant)
    form = await request.form()
    ticked = [tag for tag in form.getall("languages", []) if tag in OFFERED]
    other = str(form.get("other", "")).strip()
    tags = list(ticked)
    unknown: list[str] = []
    for word in [
        part.strip() for part in other.replace(";", ",").replace("،", ",").replace("、", ",").split(",") if part.strip()
    ]:
        tag = parse_language(word)
        (tags if tag else unknown).append(tag or word)
    if unknown:
        errors = {
            "other": _("We do not know this language: %s. Write its name in English, with commas between.") % ", ".join(unknown)
        }
        return await _page(request, draft, "languages", errors, offered=OFFERED, chosen=set(ticked), other=other)
    draft.languages = list(dict.fromkeys(tags))
    draft.asked = sorted({*draft.asked, "languages"})
    drafts.keep(request, draft)
    return drafts.onward(request, draft, "languages")


@get("/d/{tenant:str}/join/check", include_in_schema=False)
async def check_answers(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Everything said, with a way to change each."""
    draft = drafts.draft_of(request, tenant)
    if (open_step := drafts.first_open(draft)) != "about":
        return Redirect(drafts.address(tenant, open_step), status_code=303)
    return await _check(request, draft)


async def _check(request: Visit, draft: Draft, errors: dict[str, str] | None = None) -> Template:
    chosen = await directory.positions(draft.tenant, draft.positions)
    asked = await questions.questions(draft.tenant, chosen, draft.facts, draft.asked)
    return await _page(request, draft, "check", errors, chosen=chosen, questions=asked, shown=shown_fact)


def shown_fact(spec: Any, value: Any) -> str:
    """An answer in words."""
    if value is None:
        return _("I do not know")
    if spec.type == "bool":
        return _("Yes") if value else _("No")
    if spec.type == "date":
        return i18n.day(value)
    return _(spec.choices.get(value, str(value)))


@post("/d/{tenant:str}/join/check", include_in_schema=False)
async def send_answers(request: Visit, tenant: FromPath[str]) -> Template | Redirect:
    """Send: the person is made (once, however often this is sent) and signed in."""
    if not drafts.has_draft(request, tenant):
        if session.actor(request) is not None:
            return Redirect("/me", status_code=303)
        session.say(request, _("Your sign-up was sent before, or too long ago. Sign in to see it, or start again."), kind="info")
        return Redirect("/sign-in", status_code=303)
    draft = drafts.draft_of(request, tenant)
    try:
        actor = await registration.register(draft)
    except (Invalid, Conflict) as exc:
        return await _check(request, draft, exc.fields if isinstance(exc, Invalid) else {"email": _(str(exc))})
    session.sign_in(request, actor)
    session.say(request, _("Thank you. We have your sign-up, and we wrote to you about what happens next."))
    return Redirect("/me", status_code=303)


handlers = [
    go_on,
    ask_do,
    answer_do,
    ask_name,
    answer_name,
    ask_contact,
    answer_contact,
    ask_languages,
    answer_languages,
    check_answers,
    send_answers,
]
