"""Checkr, as a provider: how an account is connected, and which of the posted events are really Checkr's.

Only invitations hosted by Checkr are used: what a check needs of the person (number, full date of birth, licence) is told to
Checkr on its own pages and never comes here. The calls themselves are in ``checkr_client``.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from staffing.api import Client, Connection, EventSeen, ProviderTrouble, ScreeningProvider, Setting

from .checkr_answers import explain, moment
from .checkr_client import CheckrClient
from .http import Caller, Patience, address_of
from .signatures import hex_hmac

PRODUCTION = "https://api.checkr.com/v1"
STAGING = "https://api.checkr-staging.com/v1"
OAUTH = "oauth"

#: Ids as Checkr makes them; anything else in an event is not one.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPE = re.compile(r"[A-Za-z0-9_.]{1,80}")
_NAMED = ("id", "report_id", "invitation_id", "candidate_id")


class Checkr(ScreeningProvider):
    """Checkr, with a key of the district's own or as a partner application."""

    name = "checkr"
    title = "Checkr"
    way = "api"
    consumer_reports = True
    patience: ClassVar[Patience] = Patience()
    settings = (
        Setting(
            name="mode",
            label="How the account is connected",
            hint="A district's own account has an API key. A partner application has an access token and a client secret.",
            needed=False,
            choices={"api_key": "With the district's own API key", OAUTH: "As a partner application (OAuth)"},
        ),
        Setting(
            name="api_key",
            label="API key",
            hint="In Checkr under Account settings, Developer settings. Events are signed with it too.",
            secret=True,
            needed=False,
        ),
        Setting(
            name="access_token",
            label="Access token",
            hint="Only for a partner application: the token that Checkr gave for this account.",
            secret=True,
            needed=False,
        ),
        Setting(
            name="client_secret",
            label="Client secret",
            hint="Only for a partner application: events are signed with it.",
            secret=True,
            needed=False,
        ),
        Setting(name="node", label="Node", hint="Only if the account has a hierarchy: the node's custom id.", needed=False),
        Setting(
            name="address",
            label="Address",
            hint="Leave it empty for Checkr itself. Write staging to try it with Checkr's invented people.",
            needed=False,
        ),
    )

    @asynccontextmanager
    async def open(self, connection: Connection) -> AsyncIterator[Client]:
        """A client for one account. Raises ``ProviderTrouble`` where the account is not connected whole."""
        settings = connection.settings
        key = connection.secrets.get("access_token" if settings.get("mode") == OAUTH else "api_key", "").strip()
        if not key:
            raise ProviderTrouble(
                "This account with Checkr has no key yet. An administrator puts it in under Checks, Accounts; "
                "what waits is then sent by itself.",
                again=True,
                code="account",
            )
        base = address_of(settings.get("address", ""), production=PRODUCTION, staging=STAGING, path="/v1", who=self.title)
        caller = Caller(base, who=self.title, auth=(key, ""), patience=self.patience, explain=explain)
        async with caller:
            yield CheckrClient(caller, node=settings.get("node", "").strip())

    def genuine(self, connection: Connection, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether Checkr signed these bytes. A partner application's events are signed with its client secret, others with the
        account's key; an account without a key gets a sentence in place of a signature, which is none."""
        name = "client_secret" if connection.settings.get("mode") == OAUTH else "api_key"
        return hex_hmac(body, headers.get("x-checkr-signature"), connection.secrets.get(name, "").strip())

    def event(self, body: bytes) -> EventSeen:
        """What a genuine event is about. Only ids are taken, whatever else it carries. Raises ``ValueError``."""
        try:
            said = json.loads(body)
        except (UnicodeDecodeError, RecursionError) as error:
            raise ValueError("not an event") from error
        if not isinstance(said, dict) or not _is_id(said.get("id")) or not _is_type(said.get("type")):
            raise ValueError("not an event")
        data = said.get("data")
        about = data.get("object") if isinstance(data, dict) else None
        refs = [str(about[name]) for name in _NAMED if _is_id(about.get(name))] if isinstance(about, dict) else []
        return EventSeen(
            id=said["id"],
            type=said["type"],
            refs=tuple(dict.fromkeys(refs)),
            created_at=moment(said.get("created_at")),
        )

    def examples(self) -> Mapping[str, Any]:
        """Settings for trying it out."""
        return {"address": "staging", "node": "school-lincoln"}


def _is_id(given: object) -> bool:
    return isinstance(given, str) and _ID.fullmatch(given) is not None


def _is_type(given: object) -> bool:
    return isinstance(given, str) and _TYPE.fullmatch(given) is not None
