"""Districts (tenants), the days they are closed, their organisations, sites and the positions there."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant


class Tenant(Table, db=DB, tablename="tenant"):
    """A district. Its ``id`` is a short word used in addresses ("oakland"). Not under row-level security."""

    id = Text(primary_key=True)
    name = Text()
    community = Text(help_text="The programme it belongs to, as people call it: 'Oakland', 'Lehigh Valley'.")
    jurisdiction = Text(help_text="The pack that applies: 'us-ca'.")
    time_zone = Text(default="America/New_York")
    help_phone = Text(help_text="Shown on every volunteer page, E.164.")
    promise_days = Integer(default=2, help_text="Working days in which the district promises to review a document.")
    invented = Boolean(default=False, help_text="Demonstration data: no real person or place decision.")
    created_at = Timestamptz(default=TimestamptzNow())


class Organisation(Table, db=DB, tablename="organisation"):
    """The district itself or a partner. ``kind`` is one of the words the database checks."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    name = Text()
    kind = Text(help_text="district, community_based, municipal, faith_based, private, university, philanthropic")
    external_id = Text(null=True, default=None)


class Site(Table, db=DB, tablename="site"):
    """A school, hub, library or hall. ``setting`` is 'campus' or 'off_campus'."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    organisation = ForeignKey(Organisation)
    name = Text()
    kind = Text(default="school", help_text="school, hub, library, community_centre, office")
    setting = Text(default="campus")
    address = Text(default="")
    external_id = Text(null=True, default=None)


class Position(Table, db=DB, tablename="position"):
    """Work that people are asked for. ``terms`` holds the placement facts of a scenario file (engagement, contact …)."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    site = ForeignKey(Site)
    organisation = ForeignKey(Organisation)
    title = Text()
    summary = Text(default="", help_text="One or two plain sentences for the public page.")
    terms = JSONB(default="{}")
    languages = Array(base_column=Text(), default=list)
    places = Integer(default=1, help_text="How many adults are wanted.")
    open = Boolean(default=True)


class ClosedDay(Table, db=DB, tablename="closed_day"):
    """A day that does not count as a work day (``kind`` ``work``) or has no school (``school``)."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    kind = Text()
    day = Date()
