"""Counts by group are made by hand for a time that is over, and one table of them is shown to everybody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from plugins.background_check.rules.groups import LANGUAGE, NOT_TOLD
from plugins.background_check.services import disparity
from plugins.background_check.tables.consents import Consent
from plugins.background_check.tables.keeping import CountsShown, SelfDescription
from plugins.background_check.tables.orders import CheckOrder
from staffing.core.errors import Conflict, Invalid, NotAllowed
from staffing.hookspecs import Viewer
from staffing.store.engine import tenant_transaction
from tests.factories import json_text
from tests.plugins.background_check.checks import journal_of, make_account, make_package

TODAY = date(2026, 11, 24)
HR = Viewer(tenant="alder", name="Hana Invented", role="hr", account=uuid4(), tag="hr/- Hana Invented")
UNION = Viewer(tenant="alder", name="Una Invented", role="union", account=uuid4(), tag="union/- Una")


@pytest.fixture(autouse=True)
def pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


# --- counting ---


async def make_people(
    package: UUID, account: UUID, many: int, *, group: str = "", on: date = date(2026, 8, 12), **order: Any
) -> None:
    """So many people with one order each, placed on a day, who said that they are of a group."""
    people = [uuid4() for _ in range(many)]
    values = {"status": "complete", "outcome": "eligible", "ordered_by": "hr/- Hana", "requested_on": on} | order
    async with tenant_transaction("alder"):
        await CheckOrder.insert(
            *(
                CheckOrder(
                    person=one,
                    account=account,
                    package=package,
                    ordered_at=datetime(on.year, on.month, on.day, 18, tzinfo=UTC),
                    **values,
                )
                for one in people
            )
        )
        if group:
            await SelfDescription.insert(*(SelfDescription(person=one, groups=json_text([group])) for one in people))


@pytest.fixture
async def package(tenant: str) -> tuple[UUID, UUID]:
    account = await make_account()
    return await make_package(account), account


OPEN = {"status": "in_progress", "outcome": None}
AT_THE_START = {"status": "to_authorise", "outcome": None, "requested_on": None}
TURNED_DOWN = {"outcome": "not_eligible"}


async def of(code: str = "2026-08-m", by: str = "race", purpose: str = "volunteer") -> disparity.Page:
    return await disparity.page(HR, purpose=purpose, code=code, by=by)


async def table_of(code: str = "2026-08-m", by: str = "race") -> dict[str, tuple[int | None, ...]]:
    found = await of(code, by)
    assert found.table is not None
    return {line.group: line.counts for line in found.table.lines}


async def test_people_are_counted_by_how_far_their_check_came(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 20, group="race:white", **TURNED_DOWN)
    await make_people(*package, 15, group="race:white", **OPEN)
    await make_people(*package, 12, group="race:white", **AT_THE_START)
    await make_people(*package, 40, group="race:asian")
    await make_people(*package, 20, group="race:asian", **TURNED_DOWN)
    await make_people(*package, 60)
    await make_people(*package, 50, group="race:white", on=date(2026, 9, 1))
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    found = await table_of()
    assert found["race:white"] == (147, 135, 120, 100)
    assert found["race:asian"] == (60, 60, 60, 40)
    assert found[NOT_TOLD] == (60, 60, 60, 60)
    assert found["race:black"] == (0, 0, 0, 0)
    page = await of()
    assert page.table is not None
    assert page.table.totals == (267, 255, 240, 200)
    assert page.counted_by == "Hana Invented"
    assert await table_of(by="language") == {**dict.fromkeys(LANGUAGE.groups, (0, 0, 0, 0)), NOT_TOLD: (267, 255, 240, 200)}
    ((action, facts),) = await journal_of("counts/volunteer/2026-08-m")
    assert (action, facts["again"]) == ("counts:made", False)


async def test_somebody_with_two_checks_is_as_far_as_the_one_that_is_behind_and_an_order_given_again_counts_once(
    package: tuple[UUID, UUID],
) -> None:
    other = await make_package(package[1], code="fbi")
    await make_people(*package, 60)
    async with tenant_transaction("alder"):
        people = [row["person"] for row in await CheckOrder.select(CheckOrder.person)]
        at = datetime(2026, 8, 20, tzinfo=UTC)
        common = {"account": package[1], "ordered_by": "hr", "ordered_at": at}
        await CheckOrder.insert(
            *(
                CheckOrder(person=one, package=other, **common, status="in_progress", requested_on=at.date())
                for one in people[:20]
            ),
            *(
                CheckOrder(person=one, package=package[0], **common, status="complete", outcome="eligible")
                for one in people[20:40]
            ),
        )
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await of()).table.totals == (60, 60, 40, 40)  # type: ignore[union-attr]


async def test_a_check_that_ended_before_it_was_authorised_came_no_further_and_one_that_was_signed_did(
    package: tuple[UUID, UUID],
) -> None:
    await make_people(*package, 40, status="canceled", outcome=None, requested_on=None)
    await make_people(*package, 30)
    async with tenant_transaction("alder"):
        rows = await CheckOrder.select(CheckOrder.id, CheckOrder.person).where(CheckOrder.status == "canceled").limit(20)
        await Consent.insert(
            *(
                Consent(
                    order=row["id"],
                    person=row["person"],
                    kind="authorisation",
                    text_id="t",
                    text_version="1",
                    language="en",
                    sha256=b"",
                )
                for row in rows
            )
        )
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await of()).table.totals == (70, 50, 30, 30)  # type: ignore[union-attr]


async def test_volunteers_and_employees_are_counted_apart(package: tuple[UUID, UUID]) -> None:
    employment = await make_package(package[1], code="staff", purpose="employment")
    await make_people(*package, 40)
    await make_people(employment, package[1], 30)
    for purpose, many in (("volunteer", 40), ("employment", 30)):
        await disparity.count(HR, purpose=purpose, code="2026-08-m")
        page = await of(purpose=purpose)
        assert page.table is not None
        assert page.table.totals[0] == many


async def test_only_what_is_shown_is_kept(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 30, group="race:black")
    await make_people(*package, 7, group="race:asian")
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    async with tenant_transaction("alder"):
        (row,) = await CountsShown.select().output(load_json=True)
    by = row["body"]["by"]["race"]
    assert by["race:asian"] == [None] * 4
    assert by["race:black"] == [None] * 4
    assert by["race:white"] == [100] * 4


async def test_the_same_time_again_shows_the_same_table_until_at_least_ten_have_moved_in_every_number(
    package: tuple[UUID, UUID],
) -> None:
    await make_people(*package, 100, group="race:white")
    await make_people(*package, 40, group="race:white", **OPEN)
    await make_people(*package, 60, group="race:black")
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    before = await table_of()
    assert before["race:white"] == (140, 140, 100, 100)

    async def decide(many: int) -> None:
        async with tenant_transaction("alder"):
            rows = await CheckOrder.select(CheckOrder.id).where(CheckOrder.status == "in_progress").limit(many)
            await CheckOrder.update({CheckOrder.status: "complete", CheckOrder.outcome: "eligible"}).where(
                CheckOrder.id.is_in([row["id"] for row in rows])
            )

    await decide(3)
    with pytest.raises(Conflict, match="only a few people have moved"):
        await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert await table_of() == before
    await decide(20)
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:white"] == (140, 140, 123, 123)


async def test_a_longer_time_hides_what_a_shorter_one_inside_it_would_give_away(package: tuple[UUID, UUID]) -> None:
    for group in ("race:white", "race:black", "race:hispanic"):
        await make_people(*package, 60, group=group)
    await make_people(*package, 4, group="race:black", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:white", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:hispanic", on=date(2026, 9, 10))
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:black"] == (60,) * 4
    await disparity.count(HR, purpose="volunteer", code="2026-07-q")
    quarter = await table_of("2026-07-q")
    assert quarter["race:black"] == (None,) * 4  # 64 less 60 would be the four of September
    assert sum(row[0] is None for row in quarter.values()) >= 2


async def test_a_shorter_time_hides_what_a_longer_one_around_it_would_give_away(package: tuple[UUID, UUID]) -> None:
    for group in ("race:white", "race:black", "race:hispanic"):
        await make_people(*package, 60, group=group)
    await make_people(*package, 4, group="race:black", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:white", on=date(2026, 9, 10))
    await make_people(*package, 30, group="race:hispanic", on=date(2026, 9, 10))
    await disparity.count(HR, purpose="volunteer", code="2026-07-q")
    assert (await table_of("2026-07-q"))["race:black"] == (64,) * 4
    await disparity.count(HR, purpose="volunteer", code="2026-08-m")
    assert (await table_of())["race:black"] == (None,) * 4


async def test_three_months_and_their_quarter_give_nothing_away_together(package: tuple[UUID, UUID]) -> None:
    days = (date(2026, 7, 7), date(2026, 8, 12), date(2026, 9, 10))
    for day in days:
        for group in ("race:white", "race:black", "race:hispanic"):
            await make_people(*package, 20, group=group, on=day)
    await make_people(*package, 20, group="race:asian", on=days[0])
    await make_people(*package, 20, group="race:asian", on=days[1])
    await make_people(*package, 5, group="race:asian", on=days[2])
    codes = ("2026-07-m", "2026-08-m", "2026-09-m", "2026-07-q")
    for code in codes:
        await disparity.count(HR, purpose="volunteer", code=code)
    july, august, september, quarter = [(await table_of(code))["race:asian"][0] for code in codes]
    assert september is None
    assert None in (july, august, quarter)


@pytest.mark.parametrize(
    ("purpose", "code", "error", "says"),
    [
        ("volunteer", "2026-11-m", Invalid, "November 2026 is not over"),
        ("volunteer", "2026-07-y", Invalid, "is not over"),
        ("volunteer", "2026-05-m", Conflict, "Nobody was asked for a check"),
        ("volunteer", "2026-08-q", Invalid, "from the list"),
        ("students", "2026-08-m", Invalid, "volunteers or employees"),
    ],
)
async def test_what_cannot_be_counted_is_told_in_a_sentence(
    package: tuple[UUID, UUID], purpose: str, code: str, error: type[Exception], says: str
) -> None:
    await make_people(*package, 40)
    with pytest.raises(error, match=says):
        await disparity.count(HR, purpose=purpose, code=code)


async def test_only_hr_and_administrators_count_and_look(tenant: str) -> None:
    with pytest.raises(NotAllowed):
        await disparity.count(UNION, purpose="volunteer", code="2026-08-m")
    with pytest.raises(NotAllowed):
        await disparity.page(UNION, purpose="volunteer", code="", by="race")


async def test_looking_makes_no_counts(package: tuple[UUID, UUID]) -> None:
    await make_people(*package, 40)
    page = await of("")
    assert page.table is None
    assert "2026-08-m" in [one.code for one in page.offered]
    async with tenant_transaction("alder"):
        assert await CountsShown.count() == 0
