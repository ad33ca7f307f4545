"""Where an order goes when it is seen somewhere: whatever the looks' order, it ends where the provider has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules.following import REPORTED, Axes, after, asks_again
from staffing.core.screening import OrderSeen, OrderStatus, Result

S = OrderStatus
BEGAN = Axes(status=S.TO_SEND)
T0 = datetime(2026, 11, 2, 9, tzinfo=UTC)


def seen(status: OrderStatus, **more: object) -> OrderSeen:
    return OrderSeen(**{"order_ref": "inv1", "status": status, "raw": str(status), "subject_ref": "can1", **more})


def complete(result: Result | None, at: int, revised: int | None = None, **more: object) -> OrderSeen:
    moments = {"completed_at": T0 + timedelta(hours=at), "revised_at": revised and T0 + timedelta(hours=revised)}
    return seen(S.COMPLETE, **{"report_ref": "rep1", "result": result, **moments, **more})


def follow(*sightings: OrderSeen, known: Axes = BEGAN) -> Axes:
    for each in sightings:
        known = after(known, each)
    return known


@st.composite
def histories(draw: st.DrawFn, *, revised: bool = False) -> list[OrderSeen]:
    """What a provider shows from the invitation to the end, in its own order. ``revised``: each dispute changes the report."""
    shown = [seen(S.AWAITING_SUBJECT, link="https://provider.example/apply/1")]
    end = draw(st.sampled_from(["expired", "canceled", "report"]))
    if end != "report":
        return [*shown, seen(OrderStatus(end))]
    between = draw(st.lists(st.sampled_from([S.IN_PROGRESS, S.ON_HOLD]), min_size=1, max_size=4))
    shown += [seen(each, report_ref="rep1") for each in between]
    if draw(st.booleans()) and draw(st.booleans()):
        return [*shown, seen(S.CANCELED, report_ref="rep1", result=Result.UNABLE, detail="all_canceled")]
    results = st.sampled_from(list(Result))
    last = complete(draw(results), 1, detail=draw(st.sampled_from(["", "includes_canceled"])))
    shown.append(last)
    for turn in range(draw(st.integers(0, 3))):
        shown.append(msgspec.structs.replace(last, status=S.DISPUTED, raw="dispute"))
        changes = revised or draw(st.booleans())
        last = complete(draw(results), 1, 2 + turn) if changes else msgspec.structs.replace(last, raw="complete again")
        shown.append(last)
    return shown


def at_the_end(axes: Axes) -> tuple[object, ...]:
    return (axes.status, axes.result, axes.detail, axes.raw, axes.report_ref, axes.completed_at, axes.revised_at, axes.says)


@given(histories(), st.data())
def test_a_last_look_brings_the_order_to_where_the_provider_has_it_whatever_came_before(
    history: list[OrderSeen], data: st.DataObject
) -> None:
    before = data.draw(st.lists(st.sampled_from(history), max_size=12))
    assert at_the_end(follow(*before, history[-1])) == at_the_end(follow(*history))
    assert follow(*before, history[-1]).status == history[-1].status


@given(histories(revised=True), st.data())
def test_looks_that_arrive_in_any_order_and_more_than_once_end_in_the_same_place(
    history: list[OrderSeen], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=6))
    shuffled = data.draw(st.permutations([*history, *again]))
    found = follow(*shuffled)
    assert (found.status, found.result, found.detail) == (history[-1].status, history[-1].result, history[-1].detail)


@given(histories(), st.data())
def test_the_same_look_twice_says_nothing_new(history: list[OrderSeen], data: st.DataObject) -> None:
    known = follow(*data.draw(st.lists(st.sampled_from(history), max_size=8)))
    look = data.draw(st.sampled_from(history))
    assert after(after(known, look), look) == after(known, look)


@given(histories(), st.data())
def test_an_order_with_a_report_keeps_one(history: list[OrderSeen], data: st.DataObject) -> None:
    known = BEGAN
    for look in data.draw(st.lists(st.sampled_from(history), max_size=12)):
        had = known.status in REPORTED
        known = after(known, look)
        assert not had or known.status in REPORTED


CASES: dict[str, tuple[list[OrderSeen], OrderStatus, Result | None]] = {
    "a complete order may be disputed": (
        [complete(Result.RECORD_FOUND, 1), seen(S.DISPUTED, report_ref="rep1")],
        S.DISPUTED,
        Result.RECORD_FOUND,
    ),
    "and be complete again as it was": (
        [complete(Result.RECORD_FOUND, 1), seen(S.DISPUTED, report_ref="rep1"), complete(Result.RECORD_FOUND, 1)],
        S.COMPLETE,
        Result.RECORD_FOUND,
    ),
    "and be complete again with another result": (
        [complete(Result.RECORD_FOUND, 1), seen(S.DISPUTED, report_ref="rep1"), complete(Result.CLEAR, 1, 5)],
        S.COMPLETE,
        Result.CLEAR,
    ),
    "an older report does not take the place of a revised one": (
        [complete(Result.RECORD_FOUND, 1, 5), complete(Result.CLEAR, 1)],
        S.COMPLETE,
        Result.RECORD_FOUND,
    ),
    "a report that is not read whole yet keeps its result": (
        [complete(Result.RECORD_FOUND, 1), complete(None, 1)],
        S.COMPLETE,
        Result.RECORD_FOUND,
    ),
    "a complete order does not go back to pending": ([complete(Result.CLEAR, 1), seen(S.IN_PROGRESS)], S.COMPLETE, Result.CLEAR),
    "nor is it canceled": ([complete(Result.CLEAR, 1), seen(S.CANCELED)], S.COMPLETE, Result.CLEAR),
    "a hold ends": ([seen(S.ON_HOLD), seen(S.IN_PROGRESS)], S.IN_PROGRESS, None),
    "a canceled order stays canceled": ([seen(S.CANCELED), seen(S.AWAITING_SUBJECT)], S.CANCELED, None),
    "an expired invitation stays expired": ([seen(S.EXPIRED), seen(S.AWAITING_SUBJECT)], S.EXPIRED, None),
    "unless there is a report after all": ([seen(S.EXPIRED), seen(S.IN_PROGRESS, report_ref="rep1")], S.IN_PROGRESS, None),
    "also one that is done": ([seen(S.CANCELED), complete(Result.CLEAR, 1)], S.COMPLETE, Result.CLEAR),
    "a canceled report is not begun anew by an old look": (
        [seen(S.CANCELED, report_ref="rep1"), seen(S.IN_PROGRESS, report_ref="rep1")],
        S.CANCELED,
        None,
    ),
    "a refused order stays refused": ([seen(S.REFUSED), seen(S.AWAITING_SUBJECT)], S.REFUSED, None),
    "a result is of a report alone": ([seen(S.IN_PROGRESS, result=Result.CLEAR)], S.IN_PROGRESS, None),
}


@pytest.mark.parametrize("name", CASES)
def test_where_an_order_goes(name: str) -> None:
    sightings, status, result = CASES[name]
    found = follow(*sightings)
    assert (found.status, found.result) == (status, result)


def test_the_link_is_kept_while_it_is_of_use_and_then_forgotten() -> None:
    invited = follow(seen(S.AWAITING_SUBJECT, link="https://provider.example/apply/1", link_until=T0))
    assert (invited.link, invited.link_until) == ("https://provider.example/apply/1", T0)
    assert after(invited, seen(S.AWAITING_SUBJECT)).link == invited.link
    begun = after(invited, seen(S.IN_PROGRESS))
    assert (begun.link, begun.link_until) == ("", None)


def test_what_ends_an_order_is_said_in_a_sentence() -> None:
    assert "ran out before the person finished" in follow(seen(S.EXPIRED)).says
    assert "None of the searches" in follow(seen(S.CANCELED, detail="all_canceled")).says
    assert after(BEGAN, seen(S.REFUSED), "There is no package called pro.").says == "There is no package called pro."
    assert "not made" in follow(complete(Result.CLEAR, 1, detail="includes_canceled")).says


@pytest.mark.parametrize(
    ("before", "now", "again"),
    [
        (complete(Result.CLEAR, 1), complete(Result.RECORD_FOUND, 1, 2), True),
        (complete(Result.RECORD_FOUND, 1), complete(Result.CLEAR, 1, 2), True),
        (complete(Result.CLEAR, 1), complete(Result.CLEAR, 1, 2, detail="includes_canceled"), True),
        (complete(Result.CLEAR, 1, detail="includes_canceled"), complete(Result.CLEAR, 1, 2), False),
        (complete(Result.CLEAR, 1), seen(S.DISPUTED, report_ref="rep1"), False),
        (complete(Result.CLEAR, 1), complete(Result.CLEAR, 1, 2), False),
    ],
)
def test_only_another_word_of_the_source_asks_people_to_decide_again(before: OrderSeen, now: OrderSeen, again: bool) -> None:
    known = follow(before)
    assert asks_again(known, after(known, now)) is again
