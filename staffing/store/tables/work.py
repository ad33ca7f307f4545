"""Placements (a person in a position) and the sessions they take."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant
from staffing.store.tables.people import Person
from staffing.store.tables.places import Position, Site


class Placement(Table, db=DB, tablename="placement"):
    """A person asked for, wanted in or working in a position.

    ``state``: wished (the person asked), placed (HR placed them), ended. ``terms`` are the placement facts the
    decision reads, copied from the position and changed where this placement differs.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    position = ForeignKey(Position)
    site = ForeignKey(Site)
    state = Text(default="wished")
    terms = JSONB(default="{}")
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    placed_by = Text(default="")
    external_id = Text(null=True, default=None)
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())


class Undecided(Table, db=DB, tablename="undecided"):
    """A note, made by the database when a placement begins to count, that its person may have no decision yet."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = UUID()


class Session(Table, db=DB, tablename="session"):
    """A stretch of time at a site for which a position needs adults."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    position = ForeignKey(Position)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    adults = Integer(default=1)
    state = Text(default="planned", help_text="planned, cancelled")


class Assignment(Table, db=DB, tablename="assignment"):
    """A person taking a session. The database refuses two at once for one person."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    session = ForeignKey(Session)
    person = ForeignKey(Person)
    placement = ForeignKey(Placement, null=True, default=None)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    state = Text(default="planned", help_text="planned, cancelled")
