"""Where one's own check is: every status of an order has a stage of its own, and a source's answer is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.background_check.rules.own_stage import TURNS, Stage, Stand, Turn, stage_of
from staffing.api import OrderStatus as O
from staffing.api import Outcome

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(days=7), NOW - timedelta(minutes=1)

CASES: list[tuple[dict[str, object], Stage]] = [
    ({"status": O.TO_AUTHORISE, "unread": True}, Stage.READ),
    ({"status": O.TO_AUTHORISE}, Stage.SIGN),
    ({"status": O.TO_SEND}, Stage.SENDING),
    ({"status": O.TO_SEND, "tries": 1}, Stage.LATE),
    ({"status": O.TO_SEND, "way": "list"}, Stage.LISTED),
    ({"status": O.TO_SEND, "way": "record"}, Stage.ASKING),
    ({"status": O.REFUSED}, Stage.REFUSED),
    ({"status": O.REFUSED, "detail": "under_age"}, Stage.UNDER_AGE),
    ({"status": O.AWAITING_SUBJECT, "link": "https://x.example", "link_until": LATER}, Stage.GO_ON),
    ({"status": O.AWAITING_SUBJECT, "link": "https://x.example"}, Stage.GO_ON),
    ({"status": O.AWAITING_SUBJECT, "link": "https://x.example", "link_until": BEFORE}, Stage.LINK_OVER),
    ({"status": O.AWAITING_SUBJECT, "link": "https://x.example", "link_until": NOW}, Stage.LINK_OVER),
    ({"status": O.AWAITING_SUBJECT}, Stage.LINK_BY_MAIL),
    ({"status": O.AWAITING_SUBJECT, "way": "upload"}, Stage.SEND_PAPER),
    ({"status": O.AWAITING_SUBJECT, "way": "list"}, Stage.ASKING),
    ({"status": O.IN_PROGRESS}, Stage.LOOKING),
    ({"status": O.ON_HOLD, "detail": "subject_must_act"}, Stage.SOURCE_WAITS),
    ({"status": O.ON_HOLD, "detail": "we_must_act"}, Stage.PAUSED),
    ({"status": O.COMPLETE}, Stage.DECIDING),
    ({"status": O.COMPLETE, "second": True}, Stage.SECOND),
    ({"status": O.COMPLETE, "notice": "answer"}, Stage.ANSWER),
    ({"status": O.DISPUTED, "notice": "answered"}, Stage.ANSWERED),
    ({"status": O.DISPUTED}, Stage.DISPUTED),
    ({"status": O.DISPUTED, "outcome": Outcome.ELIGIBLE}, Stage.DISPUTED),
    ({"status": O.COMPLETE, "outcome": Outcome.ELIGIBLE}, Stage.CLEARED),
    ({"status": O.COMPLETE, "outcome": Outcome.WITH_CONDITIONS}, Stage.WITH_CONDITIONS),
    ({"status": O.COMPLETE, "outcome": Outcome.NOT_ELIGIBLE}, Stage.NOT_CLEARED),
    ({"status": O.IN_PROGRESS, "outcome": Outcome.WITHDRAWN}, Stage.ENDED),
    ({"status": O.COMPLETE, "outcome": Outcome.ELIGIBLE, "again": True}, Stage.AGAIN),
    ({"status": O.COMPLETE, "outcome": Outcome.ELIGIBLE, "again": True, "notice": "answer"}, Stage.ANSWER),
    ({"status": O.IN_PROGRESS, "withdrawn": True}, Stage.WITHDRAWING),
    ({"status": O.COMPLETE, "withdrawn": True}, Stage.CAME_ANYWAY),
    ({"status": O.CANCELED, "withdrawn": True}, Stage.CANCELED),
    ({"status": O.CANCELED}, Stage.CANCELED),
    ({"status": O.EXPIRED}, Stage.EXPIRED),
]


@pytest.mark.parametrize(("stand", "stage"), CASES)
def test_a_check_is_at_the_stage_that_its_order_says(stand: dict[str, object], stage: Stage) -> None:
    assert stage_of(Stand(**stand), NOW) is stage  # type: ignore[arg-type]


def test_every_stage_is_reached_and_has_somebody_whose_move_it_is() -> None:
    assert {stage for _, stage in CASES} == set(Stage) == set(TURNS)


def test_every_status_is_somewhere() -> None:
    assert {stand["status"] for stand, _ in CASES} == set(O)


@given(
    st.builds(
        Stand,
        status=st.sampled_from(list(O)),
        way=st.sampled_from(["api", "record", "upload", "list"]),
        detail=st.sampled_from(["", "under_age", "subject_must_act", "we_must_act", "includes_canceled"]),
        outcome=st.none() | st.sampled_from(list(Outcome)),
        unread=st.booleans(),
        again=st.booleans(),
        second=st.booleans(),
        notice=st.sampled_from(["", "answer", "answered"]),
        withdrawn=st.booleans(),
        tries=st.integers(0, 3),
        link=st.sampled_from(["", "https://x.example"]),
        link_until=st.none() | st.sampled_from([LATER, BEFORE]),
    )
)
def test_nobody_reads_that_they_are_cleared_before_a_person_decided_so(stand: Stand) -> None:
    stage = stage_of(stand, NOW)
    assert stage in TURNS
    if stage in {Stage.CLEARED, Stage.WITH_CONDITIONS, Stage.NOT_CLEARED}:
        assert stand.outcome is not None
        assert not (stand.second or stand.again or stand.notice)
    if TURNS[stage] is Turn.DONE:
        assert stand.outcome is not None or stand.status is O.CANCELED
