"""What the plugin keeps: agreements and their steps, officers, records, position actions, simulations and statements.

No table says who is a member of a union. Officers are accounts that act for a side in a role.
"""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Date, ForeignKey, Integer, Numeric, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

SCHEMA = "union_agreement"


class Agreement(Table, db=DB, tablename="agreement", schema=SCHEMA):
    """One version of an agreement. A change after the text is frozen is a further version with ``previous`` set.

    ``side`` drafts it (``district`` or ``union``); nobody else sees a draft. ``body`` is the agreement in the shape of its
    YAML; ``frozen_digest`` is SHA-256 of that text at tentative agreement. ``state`` is one of ``rules.lifecycle``.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    code = Text(help_text="What people call it: A1, SEIU-2024.")
    version = Integer(default=1)
    previous = UUID(null=True, default=None)
    title = Text()
    kind = Text()
    side = Text()
    state = Text(default="draft")
    body = JSONB(default="{}")
    digest = Text()
    since = Date()
    until = Date(null=True, default=None)
    frozen_at = Timestamptz(null=True, default=None)
    frozen_digest = Text(default="")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
    changed_at = Timestamptz(default=TimestamptzNow())
    invented = Boolean(default=False)


class Step(Table, db=DB, tablename="step", schema=SCHEMA):
    """A step of an agreement's life. Append-only. ``record`` holds what the step rests on (a vote's result, never ballots)."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    agreement = ForeignKey(Agreement)
    before = Text()
    after = Text()
    side = Text(default="")
    by = Text()
    role = Text(default="", help_text="The office in which it was taken.")
    why = Text(default="")
    record = JSONB(default="{}")
    at = Timestamptz(default=TimestamptzNow())


class Unit(Table, db=DB, tablename="unit", schema=SCHEMA):
    """A bargaining unit: positions and duties, never people. ``duties`` are the codes that are its work."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    code = Text()
    name = Text()
    represented_by = Text(default="")
    duties = JSONB(default="[]")


class Officer(Table, db=DB, tablename="officer", schema=SCHEMA):
    """An account that may act for a side in a role, from a day through a day. ``unit`` empty: for every unit."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    account = UUID()
    name = Text()
    side = Text()
    role = Text()
    unit = Text(default="")
    since = Date()
    until = Date(null=True, default=None)
    registered_by = Text()
    registered_at = Timestamptz(default=TimestamptzNow())


class Record(Table, db=DB, tablename="record", schema=SCHEMA):
    """A co-signature, notice, consultation, concurrence or grievance. Never changed; ``withdrawn_on`` ends it.

    ``body`` holds the rest in the words the clauses read (``rules/records.py``): scope, items, votes, proof of delivery.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    kind = Text()
    agreement = ForeignKey(Agreement, null=True, default=None)
    clause = Text(default="")
    role = Text(default="", help_text="Who signed, was told, or filed: an office.")
    on = Date()
    placement = UUID(null=True, default=None)
    body = JSONB(default="{}")
    made_by = Text()
    withdrawn_on = Date(null=True, default=None)
    made_at = Timestamptz(default=TimestamptzNow())


class Ask(Table, db=DB, tablename="ask", schema=SCHEMA):
    """A co-signature asked of an office. ``answer``: empty while open, ``signed`` or ``declined``; ``record``: the signature."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    agreement = ForeignKey(Agreement)
    clause = Text()
    role = Text()
    placement = UUID(null=True, default=None)
    work = Text(help_text="The work and its place in words, without a name.")
    scope = JSONB(default="{}")
    why = Text(default="")
    asked_by = Text()
    asked_at = Timestamptz(default=TimestamptzNow())
    answer = Text(default="")
    says = Text(default="")
    answered_by = Text(default="")
    answered_at = Timestamptz(null=True, default=None)
    record = UUID(null=True, default=None)


class Happening(Table, db=DB, tablename="happening", schema=SCHEMA):
    """The day on which something an agreement waits for came about: a sunset event, a condition, an appropriation."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    agreement = ForeignKey(Agreement)
    event = Text()
    on = Date()
    told_by = Text()
    told_at = Timestamptz(default=TimestamptzNow())


class PositionAction(Table, db=DB, tablename="position_action", schema=SCHEMA):
    """What happened to positions of a classification: a layoff, hours cut, a vacancy, a recall list, a leave, a strike.

    Positions, not people: a row names no employee. ``digest`` names the row's content, so that a file sent twice counts once.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    kind = Text()
    on = Date()
    until = Date(null=True, default=None)
    classification = Text()
    unit = Text(default="")
    site = UUID(null=True, default=None)
    site_name = Text(default="")
    positions = Integer(default=1)
    hours_before = Numeric(null=True, default=None)
    hours_after = Numeric(null=True, default=None)
    duties = JSONB(default="[]")
    cause = Text(default="")
    digest = Text()
    file = Text(default="")
    imported_by = Text()
    imported_at = Timestamptz(default=TimestamptzNow())


class PositionFile(Table, db=DB, tablename="position_file", schema=SCHEMA):
    """A file of position actions as it was read. It says that every action through ``complete_through`` is on record.

    ``rows`` it held, ``added`` were new, ``changed`` took the place of an earlier row about the same thing.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    name = Text()
    digest = Text(help_text="SHA-256 of its text.")
    complete_through = Date()
    rows = Integer(default=0)
    added = Integer(default=0)
    changed = Integer(default=0)
    imported_by = Text()
    imported_at = Timestamptz(default=TimestamptzNow())
    invented = Boolean(default=False)


class Classification(Table, db=DB, tablename="classification", schema=SCHEMA):
    """A class of positions with the duties that are its work. It is listed with 0 where nothing happened to it."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    name = Text()
    unit = Text(default="")
    duties = JSONB(default="[]")


class Simulation(Table, db=DB, tablename="simulation", schema=SCHEMA):
    """A proposal tried on the past and on what is planned. ``state``: queued, running, done, failed."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    agreement = ForeignKey(Agreement)
    digest = Text()
    side = Text()
    asked_by = Text()
    state = Text(default="queued")
    done = Integer(default=0)
    total = Integer(default=0)
    result = JSONB(default="{}")
    says = Text(default="")
    asked_at = Timestamptz(default=TimestamptzNow())
    finished_at = Timestamptz(null=True, default=None)


class Statement(Table, db=DB, tablename="statement", schema=SCHEMA):
    """A quarterly statement that nobody was displaced, as printed, and who signed it for each side."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    quarter = Text(help_text="2026-Q3")
    version = Integer(default=1)
    body = JSONB(default="{}")
    digest = Text()
    pdf = Bytea(null=True, default=None)
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
    district_by = Text(default="")
    district_at = Timestamptz(null=True, default=None)
    union_by = Text(default="")
    union_at = Timestamptz(null=True, default=None)


class WaiverFile(Table, db=DB, tablename="waiver_file", schema=SCHEMA):
    """What belongs to a waiver besides the waiver itself: its authority, the union's step, its conditions and its renewal.

    ``waiver`` is the id of the product's waiver. ``kind``: waiver, standing_flexibility, pilot.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    waiver = UUID()
    kind = Text(default="waiver")
    subject = Text(default="", help_text="What is waived, as a word of rules/waiver_terms.yaml.")
    authority = Text(default="")
    applicant = Text(default="")
    hearing_on = Date(null=True, default=None)
    union_step = Text(default="none", help_text="none, notice, participation_recorded, written_consent_required, member_vote")
    union_step_on = Date(null=True, default=None)
    union_step_says = Text(default="")
    conditions_kept = JSONB(default="[]")
    renewal_lead_days = Integer(default=90)
    renewal_asked_on = Date(null=True, default=None)
    posted_url = Text(default="")
    changed_by = Text()
    changed_at = Timestamptz(default=TimestamptzNow())


class Revision(Table, db=DB, tablename="revision", schema=SCHEMA):
    """Counts the changes of what decisions read, so that what is known of a district is read again only after one."""

    tenant = Text(primary_key=True, default=current_tenant)
    n = Integer(default=0)
