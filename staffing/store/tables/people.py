"""People: who they are, how to reach them, and the facts they told us that rules read."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Array, Boolean, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant
from staffing.store.tables.places import Organisation


class Person(Table, db=DB, tablename="person"):
    """A volunteer, tutor or member of staff. Never a student.

    ``given_name``/``family_name`` are as written, in any script; ``latin_name`` as on an identity document;
    ``called`` is the name to use. ``facts`` holds what rules read besides the columns (``resident_since``,
    ``relationship`` …) with plain values. ``search_name`` is the folded form that search and sorting use.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    given_name = Text()
    family_name = Text(default="")
    latin_name = Text(default="")
    called = Text(default="")
    search_name = Text(default="")
    born_on = Date(null=True, default=None)
    email = Text(default="")
    phone = Text(default="", help_text="E.164, not unique: families share phones.")
    language = Text(default="en", help_text="The language we write in.")
    languages = Array(base_column=Text(), default=list, help_text="Languages spoken, BCP 47.")
    organisation = ForeignKey(Organisation, null=True, default=None, help_text="The partner they come with, if any.")
    interests = JSONB(default="{}", help_text="What they said they would like to do and where: position and site ids.")
    facts = JSONB(default="{}")
    consents = JSONB(default="[]", help_text="Each with wording, language and time.")
    status = Text(default="active", help_text="active, left")
    invented = Boolean(default=False)
    external_id = Text(null=True, default=None)
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
