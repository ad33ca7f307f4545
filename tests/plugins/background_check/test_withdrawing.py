"""Somebody takes back their word while the company has the check: it is ended there, also if the company does not answer yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.rules.texts import AUTHORISATION, DISCLOSURE
from plugins.background_check.services import consents, own, withdrawing
from plugins.background_check.services.connections import connection_of
from plugins.background_check.services.looking import look_again
from plugins.background_check.services.sending import send
from staffing.api import ProviderTrouble, Viewer
from tests.doubles.fixture import Screening, screening
from tests.factories import make_person
from tests.plugins.background_check.checks import make_account, make_order, make_package, order_row

__all__ = ["screening"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One try a call, so that a vendor that is down is down at once."""
    monkeypatch.setattr(Checkr, "patience", Patience(tries=1))
    yield


@pytest.fixture
async def who(tenant: str) -> Viewer:
    person = await make_person(tenant, family_name="Example", born_on=date(1985, 3, 2))
    return Viewer(tenant=tenant, name="Rosa", role="volunteer", person=person, tag=f"volunteer/{person} Rosa")


@pytest.fixture
async def order(who: Viewer, screening: Screening) -> UUID:
    """A check that was read about, signed, and sent to the company."""
    account = await make_account(settings={"address": screening.address}, secrets={"api_key": "invented-alder"})
    package = await make_package(account, code="volunteer_standard", consumer_report=True)
    ident = await make_order(account, package, person=who.person, status="to_authorise")
    shown = (await consents.document(who, ident, DISCLOSURE)).shown
    await consents.read(who, ident, DISCLOSURE, digest=shown.digest)
    shown = (await consents.document(who, ident, AUTHORISATION)).shown
    await consents.authorise(who, ident, name="Rosa Example", agreed=True, digest=shown.digest)
    await send(who.tenant, str(ident))
    return ident


async def test_the_signature_sends_it_and_the_person_goes_on_at_the_company(who: Viewer, order: UUID) -> None:
    found = await own.check_of(who, order)
    assert found.stage == "go_on"
    assert found.link.startswith("http")
    assert found.can_end


async def test_it_is_ended_at_the_company_and_twice_is_harmless(who: Viewer, order: UUID, screening: Screening) -> None:
    await withdrawing.withdraw(who, order)
    for _ in range(2):
        await withdrawing.end_withdrawn(who.tenant, str(order))
    assert (await order_row(order))["status"] == "canceled"
    (invitation,) = screening.knows["invitations"].values()
    assert invitation["deleted_at"] is not None
    assert (await own.check_of(who, order)).stage == "canceled"


async def test_while_the_company_does_not_answer_it_is_kept_and_tried_again(
    who: Viewer, order: UUID, screening: Screening
) -> None:
    await withdrawing.withdraw(who, order)
    screening.faults(down=True)
    with pytest.raises(ProviderTrouble):
        await withdrawing.end_withdrawn(who.tenant, str(order))
    assert (await own.check_of(who, order)).stage == "withdrawing"
    screening.faults()
    await withdrawing.end_withdrawn(who.tenant, str(order))
    assert (await own.check_of(who, order)).stage == "canceled"


async def test_an_answer_that_came_before_it_could_be_ended_is_left_to_a_person(
    who: Viewer, order: UUID, screening: Screening
) -> None:
    await withdrawing.withdraw(who, order)
    screening.finish((await order_row(order))["order_ref"])
    await withdrawing.end_withdrawn(who.tenant, str(order))
    assert (await own.check_of(who, order)).stage == "withdrawing"
    row = await order_row(order)
    provider, connection = await connection_of(who.tenant, row["account"])
    async with provider.open(connection) as client:
        await look_again(who.tenant, order, client, why="event")
    row = await order_row(order)
    assert (row["status"], row["outcome"]) == ("complete", None)
    assert (await own.check_of(who, order)).stage == "came_anyway"


async def test_a_check_that_is_gone_is_no_trouble(tenant: str) -> None:
    await withdrawing.end_withdrawn(tenant, str(uuid4()))
