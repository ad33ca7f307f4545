"""An invented check with something found, and the people who take its fair steps: what their tests share."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from plugins.background_check.rules.assessing import Duties, Form, Item, Weighed, factors_asked
from plugins.background_check.rules.fair_steps import Step
from plugins.background_check.services import adverse, fair_letters
from plugins.background_check.tables.consents import Notice
from plugins.background_check.tables.decided import AdverseAction
from staffing.hookspecs import Viewer
from staffing.services import plugins
from staffing.services.actors import Actor, Role
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Person
from tests.factories import make_person, make_tenant
from tests.plugins.background_check.checks import make_account, make_order, make_package

TODAY = date(2026, 11, 24)
AGENCY = {
    "agency_name": "Invented Screening, Inc.",
    "agency_address": "1 Invented Street, Springfield",
    "agency_phone": "(844) 555-0100",
}


class Check(msgspec.Struct, kw_only=True):
    """A check, the person it is of, two people of HR and an administrator."""

    order: UUID
    person: UUID
    hr: Viewer
    second: Viewer
    admin: Viewer
    own: Viewer
    tenant: str = "alder"


def viewer(role: Role, name: str, tenant: str = "alder", **narrow: Any) -> Viewer:
    """Somebody signed in."""
    return plugins.viewer(Actor(tenant=tenant, name=name, role=role, account=uuid4(), **narrow))


async def make_check(
    *, jurisdiction: str = "us-oh", report: bool = True, language: str = "en", tenant: str = "alder", **columns: Any
) -> Check:
    """A complete check with something found; a consumer report unless said otherwise."""
    await make_tenant(tenant, name="Alder Unified", jurisdiction=jurisdiction, time_zone="America/New_York")
    account = await make_account(settings=AGENCY, title="Invented Screening", tenant=tenant)
    package = await make_package(account, consumer_report=report, tenant=tenant)
    person = await make_person(tenant, given_name="Rosa", family_name="Invented", language=language)
    values = {"status": "complete", "result": "record_found", "completed_at": datetime(2026, 11, 20, 15, tzinfo=UTC)} | columns
    order = await make_order(account, package, person=person, tenant=tenant, **values)
    return Check(
        order=order,
        person=person,
        hr=viewer("hr", "Hana Invented", tenant),
        second=viewer("hr", "Sol Invented", tenant),
        admin=viewer("admin", "Ada Invented", tenant),
        own=viewer("volunteer", "Rosa Invented", tenant, person=person),
        tenant=tenant,
    )


def form(outcome: str = "may_deny", *, further: tuple[str, ...] = (), **fields: Any) -> Form:
    """A form that can be kept."""
    values: dict[str, Any] = {
        "duties": Duties(contact="alone", tasks=("reading_tutoring",)),
        "items": (Item(ref="item 1", offence="money", standing="conviction", happened_on=date(2024, 3, 1)),),
        "factors": {key: Weighed(rating="against", reason="It is recent.") for key in factors_asked(further)},
        "related": outcome in {"may_deny", "deny"},
        "related_reason": "The work handles money alone.",
    }
    return Form(outcome=outcome, **(values | fields))


def short(outcome: str = "deny") -> Form:
    """The second form where nothing came."""
    return Form(duties=Duties(contact="alone"), outcome=outcome, short=True, reason="Nothing came that changes it.")


def sending(*channels: str, copy: str = "portal", **fields: Any) -> fair_letters.Sending:
    """A letter as HR send it."""
    values = {
        "agency": AGENCY["agency_name"],
        "agency_address": AGENCY["agency_address"],
        "agency_phone": AGENCY["agency_phone"],
    } | fields
    return fair_letters.Sending(channels=channels or ("email",), copy=copy, **values)


async def action(check: Check) -> dict[str, Any]:
    """The newest action of a check as it stands."""
    async with tenant_transaction(check.tenant):
        rows = await AdverseAction.select().order_by(AdverseAction.opened_at, ascending=False).output(load_json=True)
    return rows[0]


async def letters(check: Check) -> list[dict[str, Any]]:
    """The letters of a check, in their order."""
    async with tenant_transaction(check.tenant):
        return await Notice.select().where(Notice.order == check.order).order_by(Notice.number)


async def fact(check: Check) -> Any:
    """Why the person's work waits, as rules read it."""
    async with tenant_transaction(check.tenant):
        row = await Person.select(Person.facts).where(Person.id == check.person).first().output(load_json=True)
    return row["facts"].get("check_under_review")


async def told(check: Check, *channels: str, **fields: Any) -> UUID:
    """Begun, assessed and written to; gives the action."""
    ident = await adverse.begin(check.hr, check.order)
    further = fields.pop("further", ())
    await adverse.assess(check.hr, ident, form(further=further), version=1)
    await adverse.send_pre_notice(check.hr, ident, sending(*channels, **fields), version=2)
    return ident


async def to_finish(check: Check, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """As far as the final letter, nothing having come."""
    ident = await told(check)
    deadline = (await action(check))["deadline"]
    at(monkeypatch, deadline.replace(day=deadline.day + 1))
    await adverse.by_itself(check.tenant)
    row = await action(check)
    assert await adverse.reassess(check.hr, ident, short(), version=row["version"]) is Step.TO_FINISH
    return ident


def at(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """Make it this day."""
    monkeypatch.setenv("STAFFING_TODAY", day.isoformat())
