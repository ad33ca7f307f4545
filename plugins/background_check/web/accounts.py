"""Accounts with providers, their packages, and the district's policy on checks. Administrators change them; HR reads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from staffing.api import Invalid, NotFound, PackageSeen, StaffingError, say, screening_providers

from ..rules.kinds import KIND_NAMES, kind_name
from ..rules.policy import QUESTIONS, Policy
from ..services import accounts, packages, policies
from .asked import Form, Visit, back, form_of, shown, staff

_SHOWN_AGAIN = frozenset({403, 409, 422, 502, 503})
#: Each way of a provider in a few words.
WAYS = {
    "api": "over the network, by itself",
    "record": "staff record what they see",
    "upload": "the person sends a certificate",
    "list": "lists sent and taken back",
}
STATES = {"connected": ("ok", "Connected"), "trouble": ("bad", "In trouble"), "off": ("mute", "Switched off")}


@get("/accounts", name="background_check.accounts")
async def home(request: Visit) -> Template:
    """Every account, and the policy."""
    return await _home(request)


async def _home(request: Visit, error: StaffingError | None = None, given: Form | None = None) -> Template:
    who = staff(request)
    policy, version = await policies.policy_of(who.tenant)
    return shown(
        "accounts.html",
        error.status if error else 200,
        accounts=await accounts.listed(who),
        providers=sorted(screening_providers().values(), key=lambda one: one.title),
        policy=policy,
        version=version,
        versions=await policies.versions(who),
        questions=QUESTIONS,
        ways=WAYS,
        states=STATES,
        given=given,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


@post("/accounts/policy", name="background_check.policy")
async def policy(request: Visit) -> Any:
    """Keep a further version of the policy."""
    form, who = await form_of(request), staff(request, "admin")
    before, _ = await policies.policy_of(who.tenant)
    try:
        days = form.text("remind_days").replace(",", " ").split()
        if not all(day.isdecimal() for day in days):
            raise Invalid("Write the reminders as days, such as 60, 30, 7.", {"remind_days": "Write days, such as 60, 30, 7."})
        made = Policy(
            **{name: form.ticked(name) for name in QUESTIONS},
            remind_days=tuple(int(day) for day in days),
            reconcile_hours=form.number("reconcile_hours", "The number of hours") or 0,
            extra_texts=before.extra_texts,
        )
        number = await policies.change(who, made, form.text("why"), over=form.text("over"))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _home(request, error, form)
    say(request, f"Version {number} of the policy counts from now on.")
    return back("accounts#policy")


@get("/accounts/new", name="background_check.account_new")
async def new(request: Visit, provider: FromQuery[str] = "") -> Template:
    """Connect an account with a provider."""
    return await _new(request, provider)


async def _new(request: Visit, provider: str, error: StaffingError | None = None, given: Form | None = None) -> Template:
    staff(request, "admin")
    found = screening_providers().get(provider)
    if found is None:
        raise NotFound("No such provider is installed here. Choose one under Accounts.")
    return shown(
        "account.html",
        error.status if error else 200,
        a=None,
        provider=found,
        asks=accounts.asked(found),
        examples=dict(found.examples()),
        given=given,
        ways=WAYS,
        states=STATES,
        tried=None,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


def _values(form: Form) -> dict[str, str]:
    return {name.removeprefix("s-"): form.text(name) for name in form.names() if name.startswith("s-")}


@post("/accounts/new", name="background_check.connect")
async def connect(request: Visit) -> Any:
    """Keep a new account."""
    form, who = await form_of(request), staff(request, "admin")
    try:
        made = await accounts.connect(who, form.text("provider"), form.text("title"), _values(form))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _new(request, form.text("provider"), error, form)
    say(request, "The account is connected. Add the packages that can be ordered from it.")
    return back(f"accounts/{made}")


@get("/accounts/{account:uuid}", name="background_check.account")
async def one(request: Visit, account: FromPath[UUID]) -> Template:
    """One account with its packages."""
    return await _one(request, account)


async def _one(
    request: Visit,
    account: UUID,
    error: StaffingError | None = None,
    given: Form | None = None,
    tried: list[PackageSeen] | None = None,
) -> Template:
    who = staff(request)
    found = await accounts.one(who, account)
    return shown(
        "account.html",
        error.status if error else 200,
        a=found,
        provider=screening_providers().get(found.provider),
        asks=found.asks,
        examples=found.examples,
        given=given,
        ways=WAYS,
        states=STATES,
        tried=tried,
        payers=packages.PAYERS,
        kind_name=kind_name,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


@post("/accounts/{account:uuid}", name="background_check.account_change")
async def change(request: Visit, account: FromPath[UUID]) -> Any:
    """Change an account; a secret left empty stays."""
    form, who = await form_of(request), staff(request, "admin")
    try:
        await accounts.change(who, account, form.text("title"), _values(form))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _one(request, account, error, form)
    say(request, "The account is saved.")
    return back(f"accounts/{account}")


@post("/accounts/{account:uuid}/try", name="background_check.account_try")
async def try_it(request: Visit, account: FromPath[UUID]) -> Any:
    """Ask the provider what may be ordered: the proof that the account works."""
    who = staff(request, "admin")
    try:
        return await _one(request, account, tried=await accounts.try_it(who, account))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _one(request, account, error)


@post("/accounts/{account:uuid}/switch", name="background_check.account_switch")
async def switch(request: Visit, account: FromPath[UUID]) -> Any:
    """Switch an account off, or on again."""
    form, who = await form_of(request), staff(request, "admin")
    on = form.text("on") == "yes"
    try:
        await accounts.switch(who, account, on, form.text("why"))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _one(request, account, error, form)
    say(request, "The account is on again." if on else "The account is switched off. Nothing new is ordered with it.")
    return back(f"accounts/{account}")


@get("/accounts/{account:uuid}/package", name="background_check.package")
async def package(
    request: Visit, account: FromPath[UUID], id: FromQuery[str] = "", code: FromQuery[str] = "", title: FromQuery[str] = ""
) -> Template:
    """A package to write: a new one (``code`` and ``title`` as the provider lists it) or one that is kept (``id``)."""
    return await _package(request, account, id, code=code, title=title)


async def _package(
    request: Visit,
    account: UUID,
    ident: str,
    error: StaffingError | None = None,
    given: Form | None = None,
    *,
    code: str = "",
    title: str = "",
) -> Template:
    who = staff(request, "admin")
    found = await accounts.one(who, account)
    kept = next((one for one in found.packages if str(one.id) == ident), None)
    if ident and kept is None:
        raise NotFound("There is no such package of this account.")
    provider = screening_providers().get(found.provider)
    return shown(
        "account_package.html",
        error.status if error else 200,
        a=found,
        k=kept,
        code=code,
        title=title,
        kinds=KIND_NAMES,
        kind_name=kind_name,
        consumer=provider is not None and provider.consumer_reports,
        purposes=packages.PURPOSES,
        payers=packages.PAYERS,
        given=given,
        problem=str(error) if error else "",
        wrong=error.fields if isinstance(error, Invalid) else {},
    )


@post("/accounts/{account:uuid}/package", name="background_check.package_save")
async def save_package(request: Visit, account: FromPath[UUID]) -> Any:
    """Keep a package."""
    form, who = await form_of(request), staff(request, "admin")
    try:
        await packages.save(who, account, _package_form(form), form.ident("id"))
    except StaffingError as error:
        if error.status not in _SHOWN_AGAIN:
            raise
        return await _package(request, account, form.text("id"), error, form)
    say(request, "The package is saved.")
    return back(f"accounts/{account}#packages")


def _package_form(form: Form) -> packages.Form:
    others = form.text("other_kinds").replace(",", " ").split()
    searches = tuple(line.strip() for line in form.text("searches").splitlines() if line.strip())
    return packages.Form(
        code=form.text("code"),
        title=form.text("title"),
        kinds=tuple(dict.fromkeys([*form.many("kinds"), *others])),
        searches=searches,
        purpose=form.text("purpose"),
        jurisdiction=form.text("jurisdiction").lower(),
        consumer_report=form.ticked("consumer_report"),
        youngest=form.number("youngest", "The youngest age", needed=False) or 0,
        who_pays=form.text("who_pays"),
        cost_cents=_cents(form.text("cost")),
        usual_days=form.number("usual_days", "The number of days", needed=False),
        good_months=form.number("good_months", "The number of months", needed=False),
        second_reviewer=form.ticked("second_reviewer"),
        how=form.text("how"),
    )


def _cents(text: str) -> int | None:
    """An amount in dollars as cents: 22, 22.6 or 22.60."""
    text = text.strip().removeprefix("$").strip()
    if not text:
        return None
    whole, _, part = text.partition(".")
    if not whole.isdecimal() or (part and not part.isdecimal()) or len(part) > 2 or len(whole) > 6:
        says = "Write the price in dollars, such as 22 or 22.60."
        raise Invalid(says, {"cost": says})
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


@post("/accounts/{account:uuid}/package/switch", name="background_check.package_switch")
async def switch_package(request: Visit, account: FromPath[UUID]) -> Any:
    """Offer a package, or no more."""
    form, who = await form_of(request), staff(request, "admin")
    ident = form.ident("id", needed=True)
    on = form.text("on") == "yes"
    await packages.switch(who, account, ident or account, on)
    say(request, "The package can be ordered again." if on else "The package is no longer offered. Open orders go on.")
    return back(f"accounts/{account}#packages")


handlers = [
    home,
    policy,
    new,
    connect,
    one,
    change,
    try_it,
    switch,
    package,
    save_package,
    switch_package,
]
