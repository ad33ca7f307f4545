"""A district's account with a provider, opened for use; and whether the provider answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from staffing.api import (
    Conflict,
    Connection,
    NotFound,
    ProviderTrouble,
    ScreeningProvider,
    Unusable,
    district,
    now,
    record,
    screening_providers,
    system_viewer,
    tenant_transaction,
    unseal,
)

from ..tables.orders import ProviderAccount

#: What an account's setting ``address`` says to use the demonstration's provider; where that is, the environment says.
DEMONSTRATION = "demonstration"
DEMONSTRATION_AT = "STAFFING_DEMO_SCREENING"
#: "Last answered" is written no more often than this.
TOUCH = timedelta(minutes=1)
#: Troubles of a provider that does not answer: they pass by themselves.
PASSES = frozenset({"", "down", "answer"})
#: Troubles of a whole account: those that pass, and those that an administrator has to mend. Others are of one order alone.
OF_THE_ACCOUNT = PASSES | {"account", "settings"}


async def connection_of(tenant: str, account_id: UUID) -> tuple[ScreeningProvider, Connection]:
    """The provider of an account, and the connection to open, with its secrets.

    Raises ``NotFound``, ``Conflict`` where the provider's plugin is gone, ``Unusable`` where the secrets cannot be opened.
    """
    async with tenant_transaction(tenant):
        row = await ProviderAccount.select().where(ProviderAccount.id == account_id).output(load_json=True).first()
        if row is None:
            raise NotFound("There is no such account with a provider in this district.")
        return provider_named(row["provider"]), connection(tenant, row)


def provider_named(name: str) -> ScreeningProvider:
    """A provider of the running plugins. Raises ``Conflict``."""
    found = screening_providers().get(name)
    if found is None:
        raise Conflict(f"The provider {name} is not installed here any more. An administrator has to put its plugin back.")
    return found


def connection(tenant: str, row: Mapping[str, Any]) -> Connection:
    """The connection of an account's row (JSON loaded). Inside its district's transaction. Raises ``Unusable``."""
    settings = {str(name): str(value) for name, value in row["settings"].items()}
    if settings.get("address") == DEMONSTRATION:
        settings["address"] = os.environ.get(DEMONSTRATION_AT, "")
        if not settings["address"]:
            raise Unusable(
                "This account is with the demonstration's provider, which does not run here. Start it with `make run`, "
                "or connect a provider of your own under Accounts."
            )
    secrets: dict[str, str] = {}
    if row["secrets"] is not None:
        secrets = msgspec.json.decode(unseal(row["secrets"], sealed_for(row["id"])), type=dict[str, str])
    return Connection(tenant=tenant, account=str(row["id"]), settings=settings, secrets=secrets)


def sealed_for(account: UUID) -> str:
    """What an account's secrets are sealed for."""
    return f"background_check/{account}"


async def answers(tenant: str, account: UUID) -> None:
    """The provider has answered: an account in trouble is connected again."""
    async with tenant_transaction(tenant):
        row = (
            await ProviderAccount.select(ProviderAccount.state, ProviderAccount.looked_at, ProviderAccount.title)
            .where(ProviderAccount.id == account)
            .first()
        )
        if row is None or row["state"] == "off":
            return
        if row["state"] == "connected":
            if row["looked_at"] is None or now() - row["looked_at"] > TOUCH:
                await ProviderAccount.update({ProviderAccount.looked_at: now()}).where(ProviderAccount.id == account)
            return
        changed = (
            await ProviderAccount.update(
                {
                    ProviderAccount.state: "connected",
                    ProviderAccount.says: "",
                    ProviderAccount.trouble_since: None,
                    ProviderAccount.looked_at: now(),
                }
            )
            .where((ProviderAccount.id == account) & (ProviderAccount.state == "trouble"))
            .returning(ProviderAccount.id)
        )
        if changed:
            await record("check_account:connected", f"check_account/{account}", actor=system_viewer(tenant).tag)


async def in_trouble(tenant: str, account: UUID, trouble: Exception) -> str:
    """Note that the provider does not answer, and give the sentence for those who wait: since when, and what comes next."""
    async with tenant_transaction(tenant):
        row = (
            await ProviderAccount.select(ProviderAccount.state, ProviderAccount.trouble_since, ProviderAccount.title)
            .where(ProviderAccount.id == account)
            .lock_rows("UPDATE")
            .first()
        )
        if row is None:
            raise NotFound("There is no such account with a provider in this district.")
        moment = row["trouble_since"] or now()
        since = in_words(moment.astimezone(ZoneInfo((await district(tenant)).time_zone)))
        if getattr(trouble, "code", "") in PASSES:
            says = f"{row['title']} does not answer since {since}. We try again by ourselves; nothing is lost."
        else:
            says = f"Since {since}: {trouble}"
        if row["state"] == "connected":
            await ProviderAccount.update(
                {
                    ProviderAccount.state: "trouble",
                    ProviderAccount.says: says,
                    ProviderAccount.trouble_since: moment,
                }
            ).where(ProviderAccount.id == account)
            await record(
                "check_account:trouble",
                f"check_account/{account}",
                actor=system_viewer(tenant).tag,
                says=str(trouble),
                code=getattr(trouble, "code", ""),
            )
    return says


def in_words(moment: datetime) -> str:
    """A moment as staff read it, in the zone it has: 9:40 AM on November 24."""
    return f"{moment:%I:%M %p}".lstrip("0") + f" on {moment:%B} {moment.day}"


def as_trouble(error: Exception) -> ProviderTrouble:
    """What keeps an account from being opened, as the trouble it is: an administrator can mend it, so it is tried again."""
    return error if isinstance(error, ProviderTrouble) else ProviderTrouble(str(error), again=True, code="account")
