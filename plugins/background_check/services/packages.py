"""Packages: what can be ordered from an account, and which evidence a determination on it gives. Administrators write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import Conflict, Invalid, NotAllowed, NotFound, Viewer, record, refuse_private, tenant_transaction

from ..rules.kinds import known
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .order_view import PackageView, package_view

PURPOSES = {"volunteer": "Volunteering", "employment": "Employment"}
PAYERS = {
    "district": "The district",
    "partner": "The partner organisation",
    "person": "The person",
    "nobody": "Nobody, it is free",
}
#: Highest figures a form takes: years of age, days, months, cents.
_OLDEST, _LONGEST_DAYS, _LONGEST_MONTHS, _DEAREST = 99, 365, 240, 100_000
_PLACE = re.compile(r"us(-[a-z]{2})?")


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A package as an administrator writes it. See ``tables.orders.Package`` for what each means."""

    code: str
    title: str
    kinds: tuple[str, ...]
    searches: tuple[str, ...] = ()
    purpose: str = "volunteer"
    jurisdiction: str = ""
    consumer_report: bool = False
    youngest: int = 18
    who_pays: str = "district"
    cost_cents: int | None = None
    usual_days: int | None = None
    good_months: int | None = None
    second_reviewer: bool = False
    how: str = ""


def _values(form: Form) -> dict[str, Any]:
    """The columns of a package, as its row gives them back."""
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(form))
    return values


def _wrong(form: Form) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not form.code:
        wrong["code"] = "Give the provider’s code of the package, or a word of your own where it has none."
    if not form.title:
        wrong["title"] = "Give the package a name, as people should read it."
    if not form.kinds:
        wrong["kinds"] = "Choose at least one kind of evidence that it gives."
    elif unknown := sorted(kind for kind in form.kinds if not known(kind)):
        wrong["kinds"] = f"No rule knows the kind {', '.join(unknown)}."
    if form.purpose not in PURPOSES:
        wrong["purpose"] = "Choose what it is made for."
    if form.who_pays not in PAYERS:
        wrong["who_pays"] = "Choose who pays."
    if form.jurisdiction and not _PLACE.fullmatch(form.jurisdiction):
        wrong["jurisdiction"] = "Write whose record it is as us or us and two letters, such as us-pa."
    if not 0 <= form.youngest <= _OLDEST:
        wrong["youngest"] = f"The age lies between 0 and {_OLDEST}."
    if form.cost_cents is not None and form.cost_cents > _DEAREST:
        wrong["cost"] = "That is too much for a check. Check the price."
    if form.who_pays == "nobody" and form.cost_cents:
        wrong["cost"] = "It has a price, so choose who pays."
    if form.usual_days is not None and form.usual_days > _LONGEST_DAYS:
        wrong["usual_days"] = f"It usually takes at most {_LONGEST_DAYS} days."
    if form.good_months is not None and not 1 <= form.good_months <= _LONGEST_MONTHS:
        wrong["good_months"] = f"It is good for 1 to {_LONGEST_MONTHS} months, or as long as the rules say: leave it empty."
    return wrong


async def save(viewer: Viewer, account: UUID, form: Form, package: UUID | None = None) -> UUID:
    """Keep a new package, or another form of one, and give its id. Orders placed before keep going by the new form.

    Raises ``Invalid`` with a sentence for each field, ``Conflict`` for a code in use, ``NotFound``, ``NotAllowed``.
    """
    if viewer.role not in {"admin", "system"}:
        raise NotAllowed("Packages are written by an administrator.")
    for name, what, text in (("title", "The name", form.title), ("how", "What the person does", form.how)):
        refuse_private(text, what, name)
    refuse_private("\n".join(form.searches), "What is looked for", "searches")
    if wrong := _wrong(form):
        raise Invalid("The package is not saved yet. " + " ".join(wrong.values()), wrong)
    async with tenant_transaction(viewer.tenant):
        if not await ProviderAccount.exists().where(ProviderAccount.id == account):
            raise NotFound("There is no such account with a provider in this district.")
        same = await Package.select(Package.id, Package.title).where((Package.account == account) & (Package.code == form.code))
        if any(row["id"] != package for row in same):
            raise Conflict(f"The code {form.code} is the package “{same[0]['title']}” already. Change that one.")
        values = _values(form)
        if package is None:
            row = Package(account=account, **values)
            await Package.insert(row)
            package = row.id
            changed = sorted(values)
        else:
            before = await _row(account, package)
            changed = sorted(name for name in values if values[name] != before[name])
            if not changed:
                return package
            await _refuse_other_evidence(package, form, before)
            await Package.update({getattr(Package, name): value for name, value in values.items()}).where(Package.id == package)
        await record(
            "check_package:saved",
            f"check_package/{package}",
            actor=viewer.tag,
            account=str(account),
            code=form.code,
            title=form.title,
            kinds=list(form.kinds),
            changed=changed,
        )
    return package


async def _row(account: UUID, package: UUID) -> dict[str, Any]:
    row: dict[str, Any] | None = (
        await Package.select()
        .where((Package.id == package) & (Package.account == account))
        .lock_rows("UPDATE")
        .output(load_json=True)
        .first()
    )
    if row is None:
        raise NotFound("There is no such package of this account.")
    return row


async def _refuse_other_evidence(package: UUID, form: Form, before: Mapping[str, Any]) -> None:
    """What an open order was authorised for does not change under it. Raises ``Conflict``."""
    meaning = ("kinds", "purpose", "jurisdiction", "consumer_report", "code")
    values = _values(form)
    if all(values[name] == before[name] for name in meaning):
        return
    open_ = await CheckOrder.count().where(
        (CheckOrder.package == package)
        & CheckOrder.outcome.is_null()
        & CheckOrder.status.not_in(["canceled", "expired", "refused"])
    )
    if open_:
        raise Conflict(
            f"Orders of this package are open ({open_}), so what it is for cannot change under them. Make a new package, and "
            "switch this one off."
        )


async def switch(viewer: Viewer, account: UUID, package: UUID, active: bool) -> None:
    """Offer a package, or offer it no more; open orders go on. Twice is harmless. Raises ``NotFound``, ``NotAllowed``."""
    if viewer.role not in {"admin", "system"}:
        raise NotAllowed("Packages are switched by an administrator.")
    async with tenant_transaction(viewer.tenant):
        row = await _row(account, package)
        if row["active"] == active:
            return
        await Package.update({Package.active: active}).where(Package.id == package)
        await record(
            "check_package:on" if active else "check_package:off", f"check_package/{package}", actor=viewer.tag, code=row["code"]
        )


async def offered(viewer: Viewer) -> list[PackageView]:
    """Every package that can be ordered now, by title: active ones of accounts that are not off."""
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("Packages are open to the district's HR and its administrators.")
    async with tenant_transaction(viewer.tenant):
        rows = (
            await Package.select(*Package.all_columns(), Package.account.provider, Package.account.title, Package.account.state)
            .where(Package.active.eq(True) & (Package.account.state != "off"))
            .order_by(Package.title)
            .output(load_json=True)
        )
    return [package_view(row) for row in rows]
