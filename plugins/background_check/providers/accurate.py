"""Accurate Background (v3), as a provider: interactive orders, so that the person tells Accurate everything on its own pages.

Accurate publishes how candidates, orders and packages are made and read. Two things it does not publish, and both are settings of
the account: its events are not signed, so they are believed only with a secret word in their address and never for more than that
something changed; and ``orderResult`` is a label of the customer's own, so what each label means is written down once, and a
label that nobody wrote down is read by a person.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from staffing.api import Client, Connection, EventSeen, ProviderTrouble, ScreeningProvider, Setting

from ..rules.status import labels_of
from .accurate_client import AccurateClient, explain, moment
from .http import Caller, Patience, address_of
from .signatures import same_secret

PRODUCTION = "https://api.accuratebackground.com/v3"
#: The name under which the secret word of the posted address is among the headers: no header can have it.
TOKEN = "?token"  # noqa: S105 - the name of a parameter, not its value

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPE = re.compile(r"[A-Za-z0-9_.]{1,80}")


class Accurate(ScreeningProvider):
    """Accurate Background, with the district's own client id and secret."""

    name = "accurate"
    title = "Accurate"
    way = "api"
    consumer_reports = True
    patience: ClassVar[Patience] = Patience()
    settings = (
        Setting(name="client_id", label="Client ID", hint="From Accurate's developer portal.", secret=True),
        Setting(name="client_secret", label="Client secret", secret=True),
        Setting(
            name="token",
            label="Secret word in the address for events",
            hint="A long word that only Accurate knows. Add ?token= and the word to the address that you give to Accurate.",
            secret=True,
            needed=False,
        ),
        Setting(
            name="results",
            label="What Accurate's result words mean",
            hint="One a line: MEETS REQUIREMENTS = clear. The meanings are clear, record_found and unable. "
            "A word that is not here is shown to a person and is never clear.",
            needed=False,
        ),
        Setting(name="county", label="County of the work", hint="Accurate asks for it with every order.", needed=False),
        Setting(name="address", label="Address", hint="Leave it empty for Accurate itself.", needed=False),
    )

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[Client]:
        """A client for one account. Raises ``ProviderTrouble`` where the account is not connected whole."""
        settings, secrets = connection.settings, connection.secrets
        ident, secret = secrets.get("client_id", "").strip(), secrets.get("client_secret", "").strip()
        if not ident or not secret:
            raise ProviderTrouble(
                "This account with Accurate has no client id and secret yet. An administrator puts them in under Checks, "
                "Accounts; what waits is then sent by itself.",
                again=True,
                code="account",
            )
        try:
            labels = labels_of(settings.get("results", ""))
        except ValueError as error:
            raise ProviderTrouble(str(error), again=True, code="settings") from None
        base = address_of(settings.get("address", ""), production=PRODUCTION, staging=PRODUCTION, path="/v3", who=self.title)
        caller = Caller(base, who=self.title, auth=(ident, secret), patience=self.patience, explain=explain)
        async with caller:
            yield AccurateClient(caller, labels=labels, county=settings.get("county", "").strip())

    def genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the sender knows the secret word: at the end of the address (``?token=``), or as its password."""
        secret = connection.secrets.get("token", "").strip()
        given = headers.get(TOKEN) or _password(headers.get("authorization", ""))
        return same_secret(given, secret)

    def event(self, body: bytes) -> EventSeen:
        """That something of an order changed. State and result in it are not read. Raises ``ValueError``."""
        try:
            said = json.loads(body)
        except (UnicodeDecodeError, RecursionError) as error:
            raise ValueError("not an event") from error
        about = said.get("eventInfo") if isinstance(said, dict) else None
        if not isinstance(about, dict) or not _fits(_ID, said.get("id")) or not _fits(_TYPE, said.get("eventType")):
            raise ValueError("not an event")
        refs = (about["orderId"],) if _fits(_ID, about.get("orderId")) else ()
        return EventSeen(id=said["id"], type=said["eventType"], refs=refs, created_at=moment(said.get("created")))

    def examples(self) -> Mapping[str, Any]:
        """Settings for trying it out."""
        return {"results": "MEETS REQUIREMENTS = clear\nNEEDS REVIEW = record_found", "county": "Montgomery"}


def _fits(pattern: re.Pattern[str], given: object) -> bool:
    return isinstance(given, str) and pattern.fullmatch(given) is not None


def _password(header: str) -> str:
    scheme, _, given = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    except (ValueError, binascii.Error):
        return ""
