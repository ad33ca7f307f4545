"""Two sides of an invented district: people who act for them, texts of agreements, and the way from a draft to a signature."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import yaml

from plugins.union_agreement.rules.lifecycle import State
from plugins.union_agreement.services import drafts, sides, steps
from plugins.union_agreement.tables import Agreement, Step
from staffing.hookspecs import Viewer
from staffing.services import plugins
from staffing.services.actors import Actor, Role
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Journal, PluginSwitch
from tests.factories import make_tenant

SIGNERS = ["superintendent", "union_president"]
RATIO = {"id": "T1.1", "type": "ratio_cap", "params": {"max_students": 3}, "text": "A tutor works with three students at most."}
#: A clause that asks for the union's signature before a volunteer tutors.
UNIT_WORK = {
    "id": "T1.2",
    "type": "unit_work_exclusivity",
    "params": {"unit_duties": ["reading_tutoring"]},
    "roles": ["volunteer"],
}
NOTICE = {
    "id": "T1.3",
    "type": "union_notice",
    "params": {"addressee": "union_president", "lead": 10, "day_kind": "work", "content": ["site", "hours"]},
}
MEETING = {"id": "T1.4", "type": "joint_consultation", "params": {"body": "labor_management_committee"}}
LETTER = {
    "id": "T1.5",
    "type": "union_concurrence",
    "roles": ["national_service"],
    "params": {"signer_role": "union_president", "covers": {"headcount": 18}},
}


def text(**fields: Any) -> str:
    """The YAML of an agreement T1; any field may be given."""
    given: dict[str, Any] = {
        "id": "T1",
        "title": "Alder teachers (invented)",
        "kind": "cba",
        "jurisdiction": "PA",
        "units": ["teachers"],
        "effective": {"from": date(2026, 7, 1), "to": date(2029, 6, 30)},
        "signatories": SIGNERS,
        "clauses": [RATIO],
    }
    return yaml.safe_dump(given | fields, sort_keys=False)


def person(role: Role, name: str, tenant: str = "alder") -> Viewer:
    """Somebody signed in."""
    return plugins.viewer(Actor(tenant=tenant, name=name, role=role, account=uuid4()))


class Parties:
    """HR and the superintendent of a district, the president of its union, and a union member who holds no office."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.hr = person("hr", "Hana Invented", tenant)
        self.admin = person("admin", "Ada Invented", tenant)
        self.union = person("union", "Una Invented", tenant)
        self.unregistered = person("union", "Uwe Invented", tenant)

    async def register(self) -> None:
        """Register the offices."""
        for viewer, role in ((self.admin, "superintendent"), (self.union, "union_president")):
            assert viewer.account is not None
            await sides.register(self.admin, account=viewer.account, name=viewer.name, role=role, since=date(2020, 1, 1))

    def of(self, side: str) -> Viewer:
        """Who acts for a side."""
        return self.hr if side == "district" else self.union


async def district(tenant: str = "alder", jurisdiction: str = "us-pa", *, on: bool = True) -> Parties:
    """A new district with both sides, and the plugin switched on."""
    await make_tenant(tenant, jurisdiction=jurisdiction)
    return await sides_of(tenant, on=on)


async def sides_of(tenant: str, *, on: bool = True) -> Parties:
    """Both sides of a district that is there already."""
    if on:
        async with tenant_transaction(tenant):
            await PluginSwitch.insert(PluginSwitch(plugin="union_agreement", since=date(2020, 1, 1)))
    made = Parties(tenant)
    await made.register()
    return made


async def agreed(parties: Parties, ident: UUID) -> None:
    """From a draft to a tentative agreement: proposed, bargained and signed by both."""
    side = (await row(parties, ident))["side"]
    await steps.take(parties.of(side), ident, State.PROPOSED, "We need it.")
    await steps.take(parties.of("union" if side == "district" else "district"), ident, State.CONSULTING, "Let us talk.")
    await steps.sign(parties.admin, ident, "superintendent")
    await steps.sign(parties.union, ident, "union_president")
    await steps.take(parties.hr, ident, State.TENTATIVE, "Both have signed.")


async def ratified(parties: Parties, ident: UUID, on: date) -> None:
    """From a tentative agreement to one that counts: both votes, and executed."""
    await steps.take(parties.union, ident, State.UNION_RATIFICATION, "To the members.")
    await steps.vote(parties.union, ident, "union", yes=112, no=18, held_on=on)
    await steps.take(parties.union, ident, State.EMPLOYER_RATIFICATION, "Ratified.")
    await steps.vote(parties.hr, ident, "board", yes=5, no=2, held_on=on)
    await steps.take(parties.hr, ident, State.EXECUTED, "All have signed.")


async def executed(parties: Parties, yaml_text: str, on: date = date(2026, 11, 24)) -> UUID:
    """An agreement signed by everybody."""
    ident = await drafts.create(parties.hr, yaml_text)
    await agreed(parties, ident)
    await ratified(parties, ident, on)
    return ident


async def row(parties: Parties, ident: UUID) -> dict[str, Any]:
    """An agreement as it is kept."""
    async with tenant_transaction(parties.tenant):
        found: dict[str, Any] = await Agreement.select().where(Agreement.id == ident).first().output(load_json=True)
    return found


async def history(parties: Parties, ident: UUID) -> list[tuple[str, str]]:
    """The states an agreement went through."""
    async with tenant_transaction(parties.tenant):
        rows = await Step.select().where(Step.agreement == ident).order_by(Step.at)
    return [(one["before"], one["after"]) for one in rows if one["before"] != one["after"]]


async def journal(parties: Parties, *starts: str) -> list[dict[str, Any]]:
    """Entries of the journal whose action begins so."""
    async with tenant_transaction(parties.tenant):
        rows = await Journal.select().order_by(Journal.id).output(load_json=True)
    return [one for one in rows if one["action"].startswith(starts or ("",))]
