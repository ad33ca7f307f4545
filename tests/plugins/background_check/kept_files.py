"""Files of checks that are over, with everything that can hang on them, for tests of what is kept how long."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from plugins.background_check.rules import retention
from plugins.background_check.tables.consents import Consent, Notice
from plugins.background_check.tables.continuing import Accepted, Flag, Reminder, Share, ShareTry
from plugins.background_check.tables.decided import AdverseAction, Assessment, CheckDetermination, Dispute
from plugins.background_check.tables.keeping import Destruction, SelfDescription
from plugins.background_check.tables.orders import Batch, CheckLook, CheckOrder
from staffing.hookspecs import Viewer
from staffing.store.engine import tenant_transaction
from tests.factories import make_person
from tests.plugins.background_check.checks import make_account, make_order, make_package

TODAY = date(2036, 11, 24)
ADMIN = Viewer(tenant="alder", name="Ada Invented", role="admin", account=uuid4(), tag="admin/- Ada")
HR = Viewer(tenant="alder", name="Hana Invented", role="hr", account=uuid4(), tag="hr/- Hana")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 15, tzinfo=UTC)


def months_ago(months: int, days: int = 0) -> date:
    return retention.last_day(TODAY, -months) - timedelta(days=days)


class File:
    """A check with everything that can hang on it."""

    def __init__(self, order: UUID, person: UUID, action: UUID | None) -> None:
        self.order, self.person, self.action = order, person, action


async def make_file(
    last: date, *, outcome: str = "not_eligible", person: UUID | None = None, adverse: bool = True, **columns: Any
) -> File:
    """A closed check of somebody, the last action on it on a day."""
    account = await make_account()
    package = columns.pop("package", None) or await make_package(account)
    person = person or await make_person("alder")
    values = {
        "status": "complete",
        "outcome": outcome,
        "ordered_at": at(last - timedelta(days=30)),
        "order_ref": f"ord{uuid4().hex}",
    }
    order = await make_order(account, package, person=person, **values | columns)
    action = None
    async with tenant_transaction("alder"):
        await Consent.insert(
            Consent(
                order=order, person=person, kind="authorisation", text_id="fcra", text_version="1", language="en", sha256=b"1",
                name_typed="Rosa Example", at=at(last - timedelta(days=29)),
            )
        )  # fmt: skip
        await CheckLook.insert(CheckLook(order=order, viewer="hr/- Hana", on=last))
        if outcome != "withdrawn":
            await CheckDetermination.insert(
                CheckDetermination(
                    order=order, outcome=outcome, reason_code="x", policy_version="1", decided_by="hr/- Hana", decided_at=at(last)
                )
            )
        if adverse:
            made = AdverseAction(
                order=order, person=person, state="closed", rule="default", opened_by="hr", ended_by="hr",
                opened_at=at(last - timedelta(days=9)), ended_at=at(last),
            )  # fmt: skip
            await AdverseAction.insert(made)
            action = made.id
            await Dispute.insert(
                Dispute(action=action, about="context", opened_on=last, opened_by="own", ended="heard", ended_on=last)
            )
            await Assessment.insert(
                Assessment(order=order, number=1, outcome="deny", policy_version="1", assessed_by="hr", assessed_at=at(last))
            )
            number = 1 + await Notice.count()
            await Notice.insert(
                Notice(
                    number=number, order=order, person=person, kind="final_adverse", language="en", html="<p>invented</p>",
                    sha256=b"1", sent_on=last, made_by="hr", made_at=at(last),
                )
            )  # fmt: skip
    return File(order, person, action)


TABLES = {
    "check_order": CheckOrder, "consent": Consent, "determination": CheckDetermination, "assessment": Assessment,
    "adverse_action": AdverseAction, "dispute": Dispute, "notice": Notice, "check_look": CheckLook, "flag": Flag,
    "accepted": Accepted, "share": Share, "share_try": ShareTry, "reminder": Reminder, "batch": Batch,
    "self_description": SelfDescription,
}  # fmt: skip


async def left() -> dict[str, int]:
    """How many rows there are in each table that has any."""
    async with tenant_transaction("alder") as transaction:
        names = [*TABLES, "check_event"]
        counts = {name: await transaction.connection.fetchval(f"SELECT count(*) FROM background_check.{name}") for name in names}
    return {name: count for name, count in counts.items() if count}


async def destroyed() -> list[dict[str, Any]]:
    """The certificates, in their order."""
    async with tenant_transaction("alder"):
        rows: list[dict[str, Any]] = await Destruction.select().order_by(Destruction.number).output(load_json=True)
    return rows


WHOLE = {
    "check_order": 1, "consent": 1, "determination": 1, "assessment": 1, "adverse_action": 1, "dispute": 1, "notice": 1,
    "check_look": 1,
}  # fmt: skip


async def alone(person: UUID) -> None:
    """One row of each thing that hangs on no check, old enough to go."""
    account = await make_account()
    old = months_ago(100)
    async with tenant_transaction("alder") as transaction:
        await Flag.insert(
            Flag(person=person, kind="other", received_by="hr", received_at=at(old), ended="nothing_changes", ended_at=at(old))
        )
        await Accepted.insert(
            Accepted(person=person, from_tenant="birch", from_name="Birch", share=uuid4(), decided_by="hr", decided_at=at(old))
        )
        await Share.insert(Share(person=person, digest=b"1", until=old, made_at=at(old)))
        await ShareTry.insert(ShareTry(tried_by="hr", tried_at=at(old)))
        await Reminder.insert(Reminder(person=person, rule="r", runs_out=old, days="60", told_at=at(old)))
        await SelfDescription.insert(SelfDescription(person=person, told_at=at(old)))
        await Batch.insert(Batch(account=account, way="out", sha256=b"1", made_by="hr", made_at=at(old)))
        await transaction.connection.executemany(
            "INSERT INTO background_check.check_event"
            " (tenant, account, provider_event, type, refs, body_sha256, state, says, received_at)"
            " VALUES ('alder', $1, $2, 'report.completed', '[]', '', $3, '', $4)",
            [(account, "evt1", "done", at(old)), (account, "evt2", "new", at(old)), (account, "evt3", "done", at(months_ago(3)))],
        )
