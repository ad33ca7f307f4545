"""Which orders an event is about."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from plugins.background_check.rules.events import Named, by_reference, orders_of

INVITED, REPORTED, OLD, STRANGER = (uuid4() for _ in range(4))
ORDERS = (
    Named(order=INVITED, order_ref="inv1", subject_ref="can1"),
    Named(order=REPORTED, order_ref="inv2", report_ref="rep2", subject_ref="can1"),
    Named(order=OLD, order_ref="inv3", report_ref="rep3", subject_ref="can3"),
    Named(order=STRANGER),
)


@pytest.mark.parametrize(
    ("refs", "orders"),
    [
        ((), ()),
        (("",), ()),
        (("rep9", "can9"), ()),
        (("inv1",), (INVITED,)),
        (("rep2", "can1"), (REPORTED,)),
        (("rep4", "can1"), (INVITED,)),  # a new report of a person, by whom alone it is known yet
        (("can1",), (INVITED,)),
        (("can3",), (OLD,)),
        (("rep2", "rep3"), (REPORTED, OLD)),
        (("inv1", "can3"), (INVITED,)),
    ],
)
def test_an_event_is_about_the_orders_that_it_names(refs: tuple[str, ...], orders: tuple[UUID, ...]) -> None:
    assert orders_of(refs, by_reference(ORDERS)) == set(orders)
