"""Accounts with providers: connecting one, trying it, switching it off. Administrators do it; HR reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from staffing.api import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    PackageSeen,
    ProviderTrouble,
    ScreeningProvider,
    Setting,
    Viewer,
    base_url,
    record,
    refuse_private,
    screening_providers,
    seal,
    tenant_transaction,
    unseal,
)

from ..rules.batch_file import read_words
from ..tables.orders import CheckOrder, Package, ProviderAccount
from .connections import answers, connection_of, in_trouble, sealed_for
from .order_view import PackageView, package_view
from .orders import provider_of

#: What every account may say besides what its provider asks for: notices to the person name who made the report.
AGENCY: tuple[Setting, ...] = (
    Setting(
        name="agency_name", label="Name of the agency, as notices give it", hint="Where it is not the title above.", needed=False
    ),
    Setting(name="agency_address", label="Its address, as notices give it", needed=False),
    Setting(name="agency_phone", label="Its phone number, as notices give it", hint="Toll-free if it has one.", needed=False),
    Setting(name="agency_site", label="Its web address, as notices give it", needed=False),
)
_LONGEST = 2000


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account as its page shows it: never its secrets, only which of them are kept."""

    id: UUID
    provider: str
    provider_title: str
    way: str
    title: str
    settings: dict[str, str]
    secrets: tuple[str, ...]
    asks: tuple[Setting, ...]
    state: str
    says: str
    looked_at: datetime | None
    invented: bool
    hook: str
    packages: tuple[PackageView, ...]
    waiting: int
    examples: dict[str, Any]
    missing: bool


def _admin(viewer: Viewer) -> None:
    if viewer.role not in {"admin", "system"}:
        raise NotAllowed("Accounts with providers are connected and changed by an administrator.")


def _reader(viewer: Viewer) -> None:
    if viewer.role not in {"hr", "admin", "system"}:
        raise NotAllowed("Accounts with providers are open to the district's HR and its administrators.")


def asked(provider: ScreeningProvider) -> tuple[Setting, ...]:
    """Everything that an account with this provider is asked for."""
    own = {setting.name for setting in provider.settings}
    return (*provider.settings, *(setting for setting in AGENCY if setting.name not in own))


async def listed(viewer: Viewer) -> list[AccountView]:
    """Every account of the district, by title. Raises ``NotAllowed``."""
    _reader(viewer)
    async with tenant_transaction(viewer.tenant):
        rows = await ProviderAccount.select().order_by(ProviderAccount.title).output(load_json=True)
        return [await _view(viewer.tenant, row) for row in rows]


async def one(viewer: Viewer, account: UUID) -> AccountView:
    """One account. Raises ``NotFound``, ``NotAllowed``."""
    _reader(viewer)
    async with tenant_transaction(viewer.tenant):
        return await _view(viewer.tenant, await _row(account))


async def _row(account: UUID, *, lock: bool = False) -> dict[str, Any]:
    query = ProviderAccount.select().where(ProviderAccount.id == account).output(load_json=True)
    row: dict[str, Any] | None = await (query.lock_rows("UPDATE") if lock else query).first()
    if row is None:
        raise NotFound("There is no such account with a provider in this district.")
    return row


async def _view(tenant: str, row: Mapping[str, Any]) -> AccountView:
    provider = screening_providers().get(row["provider"])
    packages = await Package.select().where(Package.account == row["id"]).order_by(Package.title).output(load_json=True)
    of = {"account.provider": row["provider"], "account.title": row["title"], "account.state": row["state"]}
    waiting = await CheckOrder.count().where((CheckOrder.account == row["id"]) & (CheckOrder.status == "to_send"))
    sealed = unseal(row["secrets"], sealed_for(row["id"])) if row["secrets"] is not None else "{}"
    return AccountView(
        id=row["id"],
        provider=row["provider"],
        provider_title=provider.title if provider else row["provider"],
        way=provider.way if provider else "",
        title=row["title"],
        settings=row["settings"],
        secrets=tuple(sorted(name for name, value in msgspec.json.decode(sealed).items() if value)),
        asks=asked(provider) if provider else (),
        state=row["state"],
        says=row["says"],
        looked_at=row["looked_at"],
        invented=row["invented"],
        hook=f"{base_url()}/p/background_check/hooks/{tenant}/{row['id']}" if provider and provider.way == "api" else "",
        packages=tuple(package_view({**one, **of}) for one in packages),
        waiting=waiting,
        examples=dict(provider.examples()) if provider else {},
        missing=provider is None,
    )


async def connect(viewer: Viewer, provider: str, title: str, values: Mapping[str, str], *, invented: bool = False) -> UUID:
    """Connect an account and give its id. ``values`` hold what the provider's settings and ``AGENCY`` ask for, secrets too.

    Raises ``Invalid`` with a sentence for each field, ``Conflict``, ``NotAllowed``.
    """
    _admin(viewer)
    found = provider_of(provider)
    settings, secrets = _checked(found, title, values, kept=())
    async with tenant_transaction(viewer.tenant):
        await _refuse_title(title)
        account = ProviderAccount(
            provider=provider, title=title.strip(), settings=settings, invented=invented, made_by=viewer.tag, secrets=None
        )
        await ProviderAccount.insert(account)
        ident: UUID = account.id
        if secrets:
            sealed = seal(msgspec.json.encode(secrets).decode(), sealed_for(ident))
            await ProviderAccount.update({ProviderAccount.secrets: sealed}).where(ProviderAccount.id == ident)
        await record(
            "check_account:made",
            f"check_account/{ident}",
            actor=viewer.tag,
            provider=provider,
            title=title.strip(),
            settings=sorted(settings),
            secrets=sorted(secrets),
        )
    return ident


async def change(viewer: Viewer, account: UUID, title: str, values: Mapping[str, str]) -> None:
    """Change an account. A secret left empty stays as it is. Raises ``Invalid``, ``Conflict``, ``NotFound``, ``NotAllowed``."""
    _admin(viewer)
    async with tenant_transaction(viewer.tenant):
        row = await _row(account, lock=True)
        before = {}
        if row["secrets"] is not None:
            before = msgspec.json.decode(unseal(row["secrets"], sealed_for(account)), type=dict[str, str])
        settings, new = _checked(provider_of(row["provider"]), title, values, kept=tuple(before))
        if title.strip() != row["title"]:
            await _refuse_title(title)
        secrets = {**before, **new}
        sealed = seal(msgspec.json.encode(secrets).decode(), sealed_for(account)) if secrets else None
        await ProviderAccount.update(
            {ProviderAccount.title: title.strip(), ProviderAccount.settings: settings, ProviderAccount.secrets: sealed}
        ).where(ProviderAccount.id == account)
        await record(
            "check_account:changed",
            f"check_account/{account}",
            actor=viewer.tag,
            title=title.strip(),
            settings=sorted(name for name in settings if settings[name] != row["settings"].get(name)),
            secrets_replaced=sorted(new),
        )


def _checked(
    provider: ScreeningProvider, title: str, values: Mapping[str, str], *, kept: Sequence[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Settings and new secrets. Raises ``Invalid``."""
    wrong: dict[str, str] = {}
    if not title.strip():
        wrong["title"] = "Give the account a name, as people should read it."
    refuse_private(title, "The name", "title")
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for setting in asked(provider):
        value = values.get(setting.name, "").replace("\r\n", "\n").strip()
        if not value:
            if setting.needed and setting.name not in kept:
                wrong[setting.name] = f"Fill in: {setting.label}."
            continue
        if len(value) > _LONGEST:
            wrong[setting.name] = f"{setting.label}: this is longer than {_LONGEST:,} letters."
        elif setting.choices and value not in setting.choices:
            wrong[setting.name] = f"{setting.label}: choose one of {', '.join(setting.choices.values())}."
        elif setting.secret:
            secrets[setting.name] = value
        else:
            settings[setting.name] = value
    if provider.way == "list" and "words" in settings:
        try:
            read_words(settings["words"])
        except Invalid as error:
            wrong |= error.fields
    if wrong:
        raise Invalid("The account is not saved yet. " + " ".join(wrong.values()), wrong)
    return settings, secrets


async def _refuse_title(title: str) -> None:
    if await ProviderAccount.exists().where(ProviderAccount.title == title.strip()):
        says = f"There is an account called “{title.strip()}” already. Give this one another name."
        raise Conflict(says)


async def switch(viewer: Viewer, account: UUID, on: bool, why: str) -> None:
    """Switch an account off, or on again. Orders that were not sent wait meanwhile; what the provider has goes on.

    Raises ``Invalid`` without a reason, ``NotFound``, ``NotAllowed``. Doing so twice is harmless.
    """
    _admin(viewer)
    if not why.strip():
        raise Invalid("Say in a sentence why.", {"why": "Say in a sentence why."})
    refuse_private(why, "The reason", "why")
    async with tenant_transaction(viewer.tenant):
        row = await _row(account, lock=True)
        if (row["state"] != "off") == on:
            return
        await ProviderAccount.update({ProviderAccount.state: "connected" if on else "off", ProviderAccount.says: ""}).where(
            ProviderAccount.id == account
        )
        await record(
            "check_account:on" if on else "check_account:off", f"check_account/{account}", actor=viewer.tag, why=why.strip()
        )


async def try_it(viewer: Viewer, account: UUID) -> list[PackageSeen]:
    """Ask the provider, over the network, what the account may order: the proof that it works.

    Raises ``ProviderTrouble`` with the reason, ``Conflict`` for an account without an interface or one that is off.
    """
    _admin(viewer)
    found = await one(viewer, account)
    if found.way != "api":
        raise Conflict("This account has no interface over the network, so there is nothing to try.")
    if found.state == "off":
        raise Conflict("This account is switched off. Switch it on, then try it.")
    provider, connection = await connection_of(viewer.tenant, account)
    try:
        async with provider.open(connection) as client:
            packages = await client.packages()
    except ProviderTrouble as trouble:
        await in_trouble(viewer.tenant, account, trouble)
        raise
    await answers(viewer.tenant, account)
    async with tenant_transaction(viewer.tenant):
        await record("check_account:tried", f"check_account/{account}", actor=viewer.tag, packages=len(packages))
    return sorted(packages, key=lambda package: package.title)
