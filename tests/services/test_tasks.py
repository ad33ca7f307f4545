"""A volunteer's list: worst finding of all their work, their own only, and equal work decided the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from staffing import clock
from staffing.core.errors import NotFound
from staffing.services import tasks
from staffing.services.actors import Actor
from tests.factories import make_account, make_document, make_evidence, make_person, make_placement
from tests.services.test_registration import TERMS, maple

__all__ = ["maple"]


async def rosa(tenant: str) -> Actor:
    person = await make_person(tenant, given_name="Rosa", called="Ms. Rosa", facts={"resident_since": "2001-06-01"})
    await make_placement(tenant, person=person, terms=TERMS, state="wished", starts_on=None)
    return Actor(
        tenant=tenant,
        name="Rosa",
        role="volunteer",
        person=person,
        account=await make_account(tenant, person=person, role="volunteer"),
    )


async def test_the_first_thing_to_do_comes_first_and_is_marked(maple: str) -> None:
    mine = await tasks.mine(await rosa(maple))
    assert mine.called == "Ms. Rosa"
    assert mine.next is not None
    assert mine.next.look == "now"
    assert [t.group for t in mine.tasks] == sorted((t.group for t in mine.tasks), key=["yours", "waiting", "done"].index)
    assert mine.work[0].lacking


async def test_a_paper_waiting_for_review_waits_for_others(maple: str) -> None:
    actor = await rosa(maple)
    await make_document(maple, person=actor.person, kind="child_abuse_history")
    task = await tasks.task(actor, "pa.vol.child_abuse")
    assert (task.group, task.look, task.takes_paper) == ("waiting", "wait", False)


async def test_what_is_held_is_done(maple: str) -> None:
    actor = await rosa(maple)
    await make_evidence(maple, person=actor.person, kind="child_abuse_history", purpose="volunteer", issued_on=date(2026, 5, 2))
    task = await tasks.task(actor, "pa.vol.child_abuse")
    assert task.group == "done"
    assert (await tasks.mine(actor)).done >= 1


async def test_a_rule_that_no_work_of_theirs_has_is_not_there(maple: str) -> None:
    actor = await rosa(maple)
    with pytest.raises(NotFound, match="not on your list"):
        await tasks.task(actor, "pa.emp.fbi")


async def test_an_account_without_a_person_has_no_list(maple: str) -> None:
    with pytest.raises(NotFound, match="no volunteer's"):
        await tasks.mine(Actor(tenant=maple, name="Sam", role="hr"))


async def at_work(tenant: str, **terms: object) -> Actor:
    """Somebody placed with these terms instead of the usual ones."""
    person = await make_person(tenant, given_name="Kenji", facts={"resident_since": "2001-06-01"})
    await make_placement(tenant, person=person, terms=TERMS | terms, state="placed")
    return Actor(
        tenant=tenant,
        name="Kenji",
        role="volunteer",
        person=person,
        account=await make_account(tenant, person=person, role="volunteer"),
    )


async def test_how_many_children_are_there_is_no_task_of_a_volunteer(maple: str) -> None:
    actor = await at_work(maple, employer="partner", setting="off_campus", programme="child_care", grade_band="k-5")
    assert "pa.childcare.ratio" not in {task.rule for task in (await tasks.mine(actor)).tasks}


async def test_what_the_district_has_to_renew_is_not_put_on_the_persons_own_list(maple: str) -> None:
    actor = await at_work(maple, engagement="substitute", duties=["substitute_teaching"], supervision="none", supervised_by=None)
    soon = clock.today() + timedelta(days=20)
    await make_evidence(maple, person=actor.person, kind="substitute_permit", issued_on=date(2026, 1, 5), expires_on=soon)
    task = await tasks.task(actor, "pa.sub.permit")
    assert (task.group, task.look) == ("waiting", "wait")
