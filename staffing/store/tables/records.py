"""The journal, messages sent, plugin switches and encrypted files."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Bytea, Date, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant


class Journal(Table, db=DB, tablename="journal"):
    """One entry for every change: who, what, from, to, why, under which rule version. Append-only and chained.

    ``action`` reads ``subject:verb`` ("document:approved"); ``subject`` is ``kind/id``. The database sets
    ``id``, ``at``, ``previous`` and ``digest`` and refuses every change. Write with ``staffing.store.journal.record``.
    """

    id = BigInt(primary_key=True)
    at = Timestamptz(default=TimestamptzNow())
    tenant = Text(default=current_tenant)
    actor = Text()
    action = Text()
    subject = Text()
    facts = JSONB(default="{}")
    previous = Bytea(null=True, default=None)
    digest = Bytea(null=True, default=None)


class Message(Table, db=DB, tablename="message"):
    """A message to a person. The demo shows them on its outbox page."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default="")
    recipient = Text(help_text="The address it goes to.")
    channel = Text(default="email", help_text="email, sms")
    language = Text(default="en")
    subject = Text(default="")
    body = Text()
    created_at = Timestamptz(default=TimestamptzNow())
    sent_at = Timestamptz(null=True, default=None)


class PluginSwitch(Table, db=DB, tablename="plugin_switch"):
    """A plugin counts for a tenant and a jurisdiction ('us-ca', 'us' or '*') from a day, until before a day."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    jurisdiction = Text(default="*")
    plugin = Text()
    since = Date()
    until = Date(null=True, default=None)


class StoredFile(Table, db=DB, tablename="stored_file"):
    """An encrypted file. ``sha256`` is of the plain bytes, so that the same upload is recognised."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    sha256 = Bytea()
    media_type = Text()
    size = Integer()
    key_id = Text()
    nonce = Bytea()
    sealed = Bytea()
    created_at = Timestamptz(default=TimestamptzNow())
