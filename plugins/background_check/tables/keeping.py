"""The district's policy, how long things are kept, what was destroyed, and what people said of themselves for counts alone."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

from . import SCHEMA


class Policy(Table, db=DB, tablename="policy", schema=SCHEMA):
    """A version of how the district decides about checks; the newest counts. Determinations name the version they followed.

    ``body`` is ``rules.policy.Policy`` as plain values.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    version = Integer()
    body = JSONB(default="{}")
    why = Text(default="")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())


class TimerChoice(Table, db=DB, tablename="timer_choice", schema=SCHEMA):
    """What a district said of a timer: that it counts here or not, with counsel's word for it; or a timer of its own.

    The newest row of a ``rule`` counts. ``body`` is a whole ``rules.timers.Timer`` where the district wrote its own.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    rule = Text()
    counts = Boolean()
    body = JSONB(default="{}")
    signed_off_by = Text()
    note = Text(default="")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())


class RetentionChoice(Table, db=DB, tablename="retention_choice", schema=SCHEMA):
    """How long a district keeps one thing, where it is not the default. The newest row of an ``item`` counts."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    item = Text()
    months = Integer()
    why = Text()
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())


class LegalHold(Table, db=DB, tablename="legal_hold", schema=SCHEMA):
    """Nothing about this person (or, without one, about anybody) is destroyed while it lasts."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID(null=True, default=None)
    matter = Text(help_text="What people call it, never what it is about.")
    since = Date()
    ended_on = Date(null=True, default=None)
    made_by = Text()
    ended_by = Text(default="")
    made_at = Timestamptz(default=TimestamptzNow())


class Destruction(Table, db=DB, tablename="destruction", schema=SCHEMA):
    """A certificate that things were destroyed: which kinds, how many, under which rule; their digests, never their content."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    number = Integer()
    on = Date(db_column_name="on_day")
    body = JSONB(default="{}")
    digest = Bytea()
    pdf = Bytea(null=True, default=None)
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())


class SelfDescription(Table, db=DB, tablename="self_description", schema=SCHEMA):
    """What a person chose to say of themselves, for counts alone. No page shows it but their own; no rule and no person reads it.

    ``groups`` are codes of ``rules.groups``; empty after "I would rather not say".
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()
    groups = JSONB(default="[]")
    told_at = Timestamptz(default=TimestamptzNow())


class CountsShown(Table, db=DB, tablename="counts_shown", schema=SCHEMA):
    """Counts by group as they were shown for a stretch of time: what was hidden is not here either.

    Kept so that the same counts are shown to everybody, and later ones are made so that nothing follows from both. ``period``
    is a code of ``rules.periods``; ``body`` is question → group → counts (null: hidden), and the totals.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    purpose = Text()
    period = Text()
    body = JSONB(default="{}")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
