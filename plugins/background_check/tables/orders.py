"""Accounts with providers, the packages they offer, orders, and the events that tell of changes."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

from . import SCHEMA


class ProviderAccount(Table, db=DB, tablename="provider_account", schema=SCHEMA):
    """A district's account with a provider. Its id is in the address to which the provider posts events.

    ``provider`` is a name of the hook ``screening_providers``. ``secrets`` holds what is secret, sealed as one JSON text.
    ``state``: ``connected``, ``trouble`` (``says`` tells why), ``off``.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    provider = Text()
    title = Text()
    settings = JSONB(default="{}")
    secrets = Bytea(null=True, default=None)
    state = Text(default="connected")
    says = Text(default="")
    trouble_since = Timestamptz(null=True, default=None, help_text="Since when the provider does not answer.")
    looked_at = Timestamptz(null=True, default=None, help_text="When the provider last answered; written once a minute at most.")
    invented = Boolean(default=False)
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())


class Package(Table, db=DB, tablename="package", schema=SCHEMA):
    """What can be ordered: a provider's package, and which evidence a determination on it gives here.

    ``kinds`` are evidence kinds. ``searches`` says in plain words what is looked for. ``who_pays``: ``district``, ``partner``,
    ``person``, ``nobody``. ``purpose``: volunteer, employment. ``consumer_report``: disclosure, authorisation and adverse-action
    steps are asked for (15 USC 1681b). ``good_months``: the district's own limit, besides what the rules say.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    account = ForeignKey(ProviderAccount)
    code = Text()
    title = Text()
    kinds = JSONB(default="[]")
    searches = JSONB(default="[]")
    purpose = Text(default="volunteer")
    jurisdiction = Text(default="", help_text="Whose record it is, where a rule asks: us-pa.")
    consumer_report = Boolean(default=False)
    youngest = Integer(default=18, help_text="Age in years below which it cannot be ordered.")
    who_pays = Text(default="district")
    cost_cents = Integer(null=True, default=None)
    usual_days = Integer(null=True, default=None)
    good_months = Integer(null=True, default=None)
    second_reviewer = Boolean(default=False, help_text="Every determination needs a second person.")
    how = Text(default="", help_text="What the person does, for papers they get themselves.")
    active = Boolean(default=True)


class CheckOrder(Table, db=DB, tablename="check_order", schema=SCHEMA):
    """One check of one person. Status, result and determination are three columns of three meanings; none is made from another.

    ``status`` is an ``OrderStatus``, ``result`` a ``Result`` or null, ``outcome`` an ``Outcome`` or null: a copy of the
    determination that counts (table ``determination``). ``detail`` is a code of ``OrderSeen``. ``asked`` and ``given`` are the
    ids of the evidence records (product determinations) that say "asked for" and "decided".
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    account = ForeignKey(ProviderAccount)
    package = ForeignKey(Package)
    placement = UUID(null=True, default=None)
    position = UUID(null=True, default=None)
    status = Text(default="to_authorise")
    result = Text(null=True, default=None)
    detail = Text(default="")
    outcome = Text(null=True, default=None)
    provider_word = Text(default="", help_text="The provider's own word for where it is.")
    says = Text(default="", help_text="What went wrong, as a sentence.")
    subject_ref = Text(default="")
    order_ref = Text(default="")
    report_ref = Text(default="")
    link = Text(default="", help_text="Where the person goes on; cleared when it is used up.")
    link_until = Timestamptz(null=True, default=None)
    searches = JSONB(default="[]")
    eta = Date(null=True, default=None)
    requested_on = Date(null=True, default=None, help_text="The day it went to the source.")
    completed_at = Timestamptz(null=True, default=None)
    revised_at = Timestamptz(null=True, default=None)
    followed_at = Timestamptz(null=True, default=None, help_text="When the provider was last asked about it.")
    opened_again_at = Timestamptz(
        null=True, default=None, help_text="When its result changed after a decision; a later decision answers it."
    )
    last_action_on = Date(
        null=True, default=None, help_text="The last action, kept when what told of it was destroyed; retention counts from it."
    )
    next_try_at = Timestamptz(null=True, default=None)
    tries = Integer(default=0)
    asked = JSONB(default="[]")
    given = JSONB(default="[]")
    renews = UUID(null=True, default=None, help_text="The order that this one renews.")
    why = Text(default="", help_text="Why it was ordered: needed, renewal, break_in_service, flag.")
    ordered_by = Text()
    ordered_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)
    invented = Boolean(default=False)


class CheckLook(Table, db=DB, tablename="check_look", schema=SCHEMA):
    """That somebody of the staff looked at a check on a day: the journal has an entry for the first look of each day."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    viewer = Text(help_text="How the journal names who looked.")
    on = Date(db_column_name="on_day")


class CheckEvent(Table, db=DB, tablename="check_event", schema=SCHEMA):
    """An event a provider posted, kept once. Its body is not kept: only the type, the ids it names and a digest.

    ``state``: ``new``, ``done``, ``aside`` (genuine, about nothing of ours; ``says`` tells).
    """

    id = BigInt(primary_key=True)
    tenant = Text(default=current_tenant)
    account = ForeignKey(ProviderAccount)
    provider_event = Text()
    type = Text()
    refs = JSONB(default="[]")
    body_sha256 = Bytea()
    state = Text(default="new")
    says = Text(default="")
    said_at = Timestamptz(null=True, default=None)
    received_at = Timestamptz(default=TimestamptzNow())
    done_at = Timestamptz(null=True, default=None)


class Batch(Table, db=DB, tablename="batch", schema=SCHEMA):
    """A list sent to or received from a provider. The file itself is not kept; ``rows`` tell what became of each line.

    ``way``: ``out``, ``in``. ``state``: ``made``, ``tried`` (read, nothing changed), ``taken``.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    account = ForeignKey(ProviderAccount)
    way = Text()
    state = Text(default="made")
    name = Text(default="")
    sha256 = Bytea()
    rows = JSONB(default="[]")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
    invented = Boolean(default=False)
