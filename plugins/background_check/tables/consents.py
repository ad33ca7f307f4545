"""What a person was shown and agreed to, and the letters written to them."""

from __future__ import annotations

from piccolo.columns import JSONB, UUID, Bytea, Date, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from staffing.api import DB, current_tenant

from . import SCHEMA
from .orders import CheckOrder


class Consent(Table, db=DB, tablename="consent", schema=SCHEMA):
    """A disclosure shown, or an authorisation signed, for one order: which text, in which language, and its digest.

    ``kind``: ``disclosure``, ``authorisation``, the id of a further text that a place asks for, or ``reading_help`` (a
    translation shown beside the English that counts).
    ``name_typed``, ``address`` (network address) only for an authorisation. ``filled``
    are the names put into the text, so that it can be read again as it was; ``answer`` is what was ticked on a further text:
    ``copy_wanted``, ``no_copy``. ``signed_on`` and ``recorded_by`` are set for a paper signed by hand. Never changed; an
    authorisation can be withdrawn, which is a row of its own (``kind`` ``authorisation_withdrawn``).
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    person = UUID()
    kind = Text()
    text_id = Text()
    text_version = Text()
    language = Text()
    sha256 = Bytea()
    name_typed = Text(default="")
    address = Text(default="")
    filled = JSONB(default="{}")
    answer = Text(default="")
    signed_on = Date(null=True, default=None)
    recorded_by = Text(default="")
    at = Timestamptz(default=TimestamptzNow(), db_column_name="at_time")


class Notice(Table, db=DB, tablename="notice", schema=SCHEMA):
    """A letter about a check as it was written: its page and its PDF, in the person's language with the English beside it.

    ``kind``: ``pre_adverse``, ``final_adverse``, ``resolved``, ``renewal``. ``delivery``: ``sent``, ``delivered``,
    ``handed_over``, ``not_delivered``. ``number`` is what people call it: N-12. ``letter`` is a ``staffing.api.Letter`` as plain
    values, from which the PDF is printed.
    """

    id = UUID(primary_key=True, default=UUID4())
    tenant = Text(default=current_tenant)
    number = Integer()
    order = ForeignKey(CheckOrder, db_column_name="of_order")
    person = UUID()
    kind = Text()
    language = Text()
    text_version = Text(default="")
    html = Text()
    letter = JSONB(default="{}")
    pdf = Bytea(null=True, default=None)
    sha256 = Bytea()
    channels = Text(default="", help_text="email, mail, hand: with commas.")
    delivery = Text(default="sent")
    delivery_says = Text(default="")
    sent_on = Date()
    opened_at = Timestamptz(null=True, default=None)
    made_by = Text()
    made_at = Timestamptz(default=TimestamptzNow())
