"""The district's own rules: which overlays count from which day."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant


class DistrictPack(Table, db=DB, tablename="district_pack"):
    """What a district's overlay is from a day on. Append-only: a change is a further version, never an edit.

    On a day the newest version whose ``since`` has come counts. ``text`` is the YAML of the district's own pack; empty stands
    for the pack of that name which a plugin brings. With ``retired`` the overlay no longer counts from ``since`` on.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    overlay = Text(help_text="The name in the pack's 'overlay:'.")
    version = Integer(help_text="1, 2, 3 … for one overlay of a district.")
    text = Text(default="")
    digest = Text(default="", help_text="SHA-256 of the text, in hexadecimal; empty where a plugin brings the pack.")
    since = Date()
    retired = Boolean(default=False)
    reason = Text(default="")
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
