"""Credentials: badges made from a decision, checkable by anyone, withdrawn in a second."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant
from staffing.store.tables.clearance import Decision
from staffing.store.tables.people import Person
from staffing.store.tables.records import StoredFile
from staffing.store.tables.work import Placement


class Credential(Table, db=DB, tablename="credential"):
    """A badge. ``cti`` is the random id inside its QR token; ``token`` the whole text after ``/v/``.

    ``state``: issued, withdrawn, on_hold. Expiry is not a state: it follows from ``valid_through``.
    ``card`` is the plain data printed on it; ``file`` the PDF once the worker has made it.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    placement = ForeignKey(Placement)
    decision = ForeignKey(Decision)
    kind = Text(default="badge")
    number = Text()
    cti = Bytea()
    status_index = Integer()
    token = Text()
    state = Text(default="issued")
    issued_on = Date()
    valid_through = Date()
    card = JSONB()
    file = ForeignKey(StoredFile, null=True, default=None)
    issued_by = Text(default="")
    withdrawn_at = Timestamptz(null=True, default=None)
    withdrawn_by = Text(default="")
    reason = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())
