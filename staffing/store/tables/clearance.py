"""What is held, what was sent in, what a person decided about it, and what the rules said."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, BigInt, Boolean, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.store.engine import DB, current_tenant
from staffing.store.tables.people import Person
from staffing.store.tables.places import Site
from staffing.store.tables.records import StoredFile
from staffing.store.tables.work import Placement


class Document(Table, db=DB, tablename="document"):
    """A paper or photo somebody sent in for an evidence kind, waiting for a person to look at it.

    ``state``: waiting, approved, sent_back, withdrawn. ``file`` points at the encrypted bytes.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    kind = Text(help_text="The evidence kind it is meant to prove.")
    rule = Text(default="", help_text="The rule the person was answering.")
    file = ForeignKey(StoredFile)
    file_name = Text(default="")
    media_type = Text()
    size = Integer()
    state = Text(default="waiting")
    received_at = Timestamptz(default=TimestamptzNow())
    received_by = Text(default="", help_text="How it came: phone, computer, office.")
    version = Integer(default=1)


class Determination(Table, db=DB, tablename="determination"):
    """What a member of staff decided about a document or an outside result, with the reason in words."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    document = ForeignKey(Document, null=True, default=None)
    kind = Text()
    outcome = Text(help_text="accepted, sent_back, not_accepted")
    reason = Text(default="")
    message = Text(default="", help_text="What the person was told.")
    checks = JSONB(default="[]", help_text="What the reviewer confirmed.")
    rule = Text(default="")
    rule_version = Text(default="")
    decided_by = Text()
    decided_at = Timestamptz(default=TimestamptzNow())


class Evidence(Table, db=DB, tablename="evidence"):
    """One item of evidence; the columns are the fields of ``staffing.core.evidence.Evidence``."""

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    kind = Text()
    state = Text(default="complete")
    result = Text(null=True, default=None)
    issued_on = Date(null=True, default=None)
    requested_on = Date(null=True, default=None)
    expires_on = Date(null=True, default=None)
    purpose = Text(null=True, default=None)
    issuer = Text(null=True, default=None)
    holder = Text(null=True, default=None)
    jurisdiction = Text(null=True, default=None)
    detail = JSONB(default="{}")
    document = ForeignKey(Document, null=True, default=None)
    determination = ForeignKey(Determination, null=True, default=None)
    withdrawn = Boolean(default=False)
    external_id = Text(null=True, default=None)
    recorded_at = Timestamptz(default=TimestamptzNow())


class Decision(Table, db=DB, tablename="decision"):
    """A decision as taken, stored whole so that it can be explained years later. The newest per placement is current.

    Read its findings with SQL's ``decision_body(decision)``: a decision taken with a whole district's is kept in parts, in
    columns of its own (``parts``, ``named``, ``facts``), and its ``body`` is empty.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    person = ForeignKey(Person)
    placement = ForeignKey(Placement, null=True, default=None)
    on = Date(db_column_name="on_day")
    outcome = Text()
    holds_until = Date(null=True, default=None)
    body = JSONB(help_text="staffing.core.findings.Decision as plain values.")
    case_hash = Text()
    rules_hash = Text()
    current = Boolean(default=True)
    made_at = Timestamptz(default=TimestamptzNow())


class DecisionPart(Table, db=DB, tablename="decision_part"):
    """What many decisions have in common: a finding, or the facts of a kind of work. ``decision_body`` puts a decision together.

    ``id`` is made of the text, so that the same text is kept once; nothing here is a person's own.
    """

    id = BigInt(primary_key=True)
    tenant = Text(default=current_tenant)
    body = JSONB()


class Waiver(Table, db=DB, tablename="waiver"):
    """A dated permission, from whoever may give it, to do without the rules whose sections it names, at one site or everywhere.

    ``ends_on`` is its last day (None: a standing flexibility); from ``revoked_on`` on it no longer counts. ``conditions`` is
    what must be done instead, in words.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    number = Text(help_text="What people call it: W-1, W-2 …")
    rule = Text(help_text="Not used since sections name what is waived.")
    sections = JSONB(default="[]", help_text="Exactly the sections waived, as the law is cited.")
    citation = Text(default="", help_text="The law under which it was granted.")
    granted_by = Text()
    url = Text(default="", help_text="Where it is published.")
    conditions = Text(default="")
    site = ForeignKey(Site, null=True, default=None)
    starts_on = Date()
    ends_on = Date(null=True, default=None)
    revoked_on = Date(null=True, default=None)
    digest = Bytea(null=True, default=None, help_text="SHA-256 of the signed text.")
    recorded_by = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())
