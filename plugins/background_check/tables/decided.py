"""What people of the district decided: determinations, assessments, and adverse action with its clock and disputes."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

from . import SCHEMA
from .orders import CheckOrder


class CheckDetermination(Table, db=DB, tablename="determination", schema=SCHEMA):
    """What the district decided on one check. Only a ``final`` one gives evidence.

    ``state``: ``waits_for_second``, ``final``, ``taken_back``. ``reason_code`` is a key of ``rules.reasons``; ``conditions`` are
    plain words for the placement, never about a record.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    outcome = Text()
    reason_code = Text()
    note = Text(default="")
    conditions = JSONB(default="[]")
    policy_version = Text()
    state = Text(default="final")
    decided_by = Text()
    decided_account = UUID(null=True, default=None)
    decided_at = Timestamptz(default=TimestamptzNow())
    second_by = Text(default="")
    second_at = Timestamptz(null=True, default=None)
    valid_until = Date(null=True, default=None)


class Assessment(Table, db=DB, tablename="assessment", schema=SCHEMA):
    """An individualised assessment (EEOC guidance 915.002, V.B.6 and 9): factors and reasons, never the words of a record.

    ``number`` 1 is written before a notice, 2 after the person could answer. ``form`` is ``rules.assessing.Form`` as plain
    values.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    number = Integer()
    form = JSONB(default="{}")
    outcome = Text(help_text="eligible, eligible_with_conditions, may_deny, deny")
    policy_version = Text()
    assessed_by = Text()
    assessed_account = UUID(null=True, default=None)
    assessed_at = Timestamptz(default=TimestamptzNow())


class AdverseAction(Table, db=DB, tablename="adverse_action", schema=SCHEMA):
    """One way from a pre-adverse notice to its end. ``state`` is one of ``rules.fair_steps``.

    ``rule`` names the timer that was the longest of those that matched, with its texts in ``terms``; ``deadline`` is the day
    computed when the clock was started or went on, kept and never computed again. ``left_days`` are those left while it is
    paused.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    person = UUID()
    state = Text()
    rule = Text()
    terms = JSONB(default="{}")
    sent_on = Date(null=True, default=None)
    deemed_received_on = Date(null=True, default=None)
    deadline = Date(null=True, default=None)
    paused_on = Date(null=True, default=None)
    left_days = Integer(null=True, default=None)
    opened_by = Text()
    opened_account = UUID(null=True, default=None)
    opened_at = Timestamptz(default=TimestamptzNow())
    ended_by = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)


class Dispute(Table, db=DB, tablename="dispute", schema=SCHEMA):
    """What a person answered to a pre-adverse notice: that something is not right, or what speaks for them.

    ``about``: ``accuracy`` (the report is wrong), ``context`` (it is right, and there is more to say), ``both``. ``papers`` are
    kinds of papers sent or brought. ``words`` are the person's own, sealed; the scanner refuses what is never kept.
    ``ended``: '', ``report_changed``, ``report_stands``, ``heard``, ``taken_back``.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    action = ForeignKey(AdverseAction)
    about = Text()
    papers = JSONB(default="[]")
    words = Bytea(null=True, default=None)
    came_by = Text(default="page", help_text="page, office, mail")
    opened_on = Date()
    opened_by = Text()
    ended = Text(default="")
    ended_on = Date(null=True, default=None)
    ended_by = Text(default="")
