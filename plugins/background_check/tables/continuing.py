"""What happens after a check: flags, reminders, and a clearance shown to another district."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

from . import SCHEMA


class Flag(Table, db=DB, tablename="flag", schema=SCHEMA):
    """Word that something may have happened since the check: a state's rap-back, or the person's own notice.

    ``kind``: ``rap_back``, ``self_notice``, ``other``. Never what happened. ``happened_on`` and ``received_at`` show whether a
    notice came in time (``rule`` and ``hours`` name who asks for it). ``holds``: whether work waits meanwhile. ``ended``: '',
    ``nothing_changes``, ``new_check``, ``not_eligible``, ``not_this_person``.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    kind = Text()
    source = Text(default="")
    happened_on = Date(null=True, default=None)
    rule = Text(default="")
    late = Boolean(null=True, default=None)
    holds = Boolean(default=False)
    order = UUID(null=True, default=None, db_column_name="of_order")
    received_at = Timestamptz(default=TimestamptzNow())
    received_by = Text()
    ended = Text(default="")
    reason = Text(default="")
    ended_by = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
    invented = Boolean(default=False)


class Reminder(Table, db=DB, tablename="reminder", schema=SCHEMA):
    """That both sides were told of evidence running out: once for each of 60, 30 and 7 days before."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    rule = Text()
    runs_out = Date()
    days = Text(help_text="60, 30, 7")
    channel = Text(default="")
    told_at = Timestamptz(default=TimestamptzNow())


class Share(Table, db=DB, tablename="share", schema=SCHEMA):
    """A person's own leave that another district may see that they were cleared, and until when: nothing else.

    ``digest`` is SHA-256 of the code the person gives them. ``items`` as they stood: kind, issued_on, issuer, purpose, holder.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    digest = Bytea()
    items = JSONB(default="[]")
    until = Date()
    withdrawn_at = Timestamptz(null=True, default=None)
    looked_at = JSONB(default="[]", help_text="Which district, when, and whether it took it.")
    made_at = Timestamptz(default=TimestamptzNow())


class ShareTry(Table, db=DB, tablename="share_try", schema=SCHEMA):
    """That somebody of this district typed a code, so that nobody can try many. The code itself is not kept."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    tried_by = Text()
    found = Boolean(default=False)
    tried_at = Timestamptz(default=TimestamptzNow())


class Accepted(Table, db=DB, tablename="accepted", schema=SCHEMA):
    """Evidence of another district that this one took over, with the determinations that record it here."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    from_tenant = Text()
    from_name = Text()
    share = UUID()
    items = JSONB(default="[]")
    given = JSONB(default="[]")
    decided_by = Text()
    decided_at = Timestamptz(default=TimestamptzNow())
