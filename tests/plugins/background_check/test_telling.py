"""The provider is told whom the district took, once, and never of anybody turned away."""

from __future__ import annotations

from uuid import UUID

import pytest

from plugins.background_check.providers.checkr import Checkr
from plugins.background_check.providers.http import Patience
from plugins.background_check.services.connections import connection_of
from plugins.background_check.services.determining import determine, take_back
from plugins.background_check.services.looking import look_again
from plugins.background_check.services.sending import send
from plugins.background_check.services.telling import TELL, tell
from staffing.api import Outcome, ProviderTrouble, tenant_transaction
from tests.doubles.fixture import Screening, screening
from tests.plugins.background_check.checks import journal_of, make_account, make_order, make_package, order_row
from tests.plugins.background_check.district_desk import viewer

__all__ = ["screening"]

KEY = "invented-alder"


@pytest.fixture
async def answered(tenant: str, screening: Screening, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A complete order with a clear answer."""
    monkeypatch.setattr(Checkr, "patience", Patience(tries=1))
    account = await make_account(settings={"address": screening.address}, secrets={"api_key": KEY})
    order = await make_order(account, await make_package(account, code="volunteer_standard"))
    await send(tenant, str(order))
    screening.finish((await order_row(order))["order_ref"], "clear")
    provider, connection = await connection_of(tenant, account)
    async with provider.open(connection) as client:
        await look_again(tenant, order, client, why="test")
    return order


async def _queued() -> list[str]:
    async with tenant_transaction("alder") as transaction:
        rows = await transaction.connection.fetch("SELECT args->>'order' AS o FROM procrastinate_jobs WHERE task_name = $1", TELL)
    return [row["o"] for row in rows]


async def _decide(order: UUID, outcome: Outcome, reason: str) -> UUID:
    return await determine(viewer("hr", "Vonda Invented"), order, outcome, reason, version=(await order_row(order))["version"])


async def test_a_decision_for_the_person_is_told_to_the_provider_and_twice_is_harmless(
    answered: UUID, screening: Screening
) -> None:
    await _decide(answered, Outcome.ELIGIBLE, "clear")
    assert await _queued() == [str(answered)]
    await tell("alder", str(answered))
    await tell("alder", str(answered))
    (report,) = screening.knows["reports"].values()
    assert report["adjudication"] == "engaged"
    assert ("check:told", {"provider": "checkr"}) in await journal_of(f"check/{answered}")


async def test_a_provider_that_is_down_is_told_later_and_holds_nothing_up(answered: UUID, screening: Screening) -> None:
    await _decide(answered, Outcome.ELIGIBLE, "clear")
    assert (await order_row(answered))["outcome"] == "eligible"
    screening.faults(down=True)
    with pytest.raises(ProviderTrouble):
        await tell("alder", str(answered))
    screening.faults()
    await tell("alder", str(answered))
    assert [each["adjudication"] for each in screening.knows["reports"].values()] == ["engaged"]


async def test_what_was_taken_back_before_it_was_told_is_not_told(answered: UUID, screening: Screening) -> None:
    made = await _decide(answered, Outcome.ELIGIBLE, "clear")
    await take_back(viewer("hr", "Vonda Invented"), made, "It was the wrong person.")
    await tell("alder", str(answered))
    assert [each["adjudication"] for each in screening.knows["reports"].values()] == [None]
