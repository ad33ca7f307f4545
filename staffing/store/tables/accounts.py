"""Who may sign in, one-time codes, and web sessions. Nothing usable is stored: codes and session ids are digests."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB
from staffing.store.tables.places import Tenant


class Account(Table, db=DB, tablename="account"):
    """A sign-in. Not under row-level security, as it is looked up before the tenant is known.

    ``role``: volunteer, hr, coordinator, partner, union, cabinet, admin. ``person``/``organisation``/``site`` are ids of
    rows inside the tenant that narrow what the account sees.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = ForeignKey(Tenant)
    email = Text(help_text="Lower case, as written otherwise.")
    phone = Text(default="")
    name = Text()
    role = Text()
    person = UUID(null=True, default=None)
    organisation = UUID(null=True, default=None)
    site = UUID(null=True, default=None)
    active = Boolean(default=True)
    invented = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())


class SignInCode(Table, db=DB, tablename="sign_in_code"):
    """A six-digit code sent to an address: kept as a digest, used once, for fifteen minutes."""

    id = UUID(primary_key=True, default=UUID4())
    address = Text()
    digest = Bytea()
    tries = Integer(default=0)
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())


class WebSession(Table, db=DB, tablename="web_session"):
    """A browser session; ``digest`` is SHA-256 of the cookie."""

    digest = Bytea(primary_key=True)
    data = Bytea()
    expires_at = Timestamptz()
