"""A clearance shown to another district by its person's own code: what is seen, what the rules there make of it, and its end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from plugins.background_check.rules.portable import Shown, typed
from plugins.background_check.services.flags import flags
from plugins.background_check.services.sharing import MOST, choices, make, own_shares, withdraw
from plugins.background_check.services.sharing_watch import tell_of_withdrawn
from plugins.background_check.services.taking_over import UNKNOWN, WRONG_CODES, accept, look, would
from plugins.background_check.tables.continuing import Accepted, Share, ShareTry
from staffing.api import Conflict, Effect, Invalid, NotAllowed, NotFound, evidence_of, take_back_evidence, tenant_transaction
from staffing.core.names import search_name
from staffing.store.tables import Evidence
from tests.factories import make_evidence, make_person
from tests.plugins.background_check.checks import journal_of
from tests.plugins.background_check.onward import (
    TODAY,
    decided,
    held,
    hr,
    make_california,
    make_second_district,
    newcomer,
    oneself,
    outcome,
    placed,
    somebody,
)
from tests.services.cleared import TERMS, make_alder

NAME = {"given_name": "María José", "family_name": "Núñez-Example"}
SAME = {"given_name": "Maria Jose", "family_name": "Nunez Example"}
AWAY = hr("birch", "Denise Example")


@pytest.fixture
async def maria(database: str, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Somebody cleared in "alder"; "birch" is the other district, in the same state."""
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_alder()
    await make_second_district()
    return await placed(**NAME)


async def share_all(person: UUID) -> str:
    code, _ = await make(oneself(person), [one.evidence for one in await choices(oneself(person))])
    return code


async def arrived(**columns: Any) -> UUID:
    """The same person in "birch", with the papers that are not checks."""
    who = {**SAME, "born_on": date(1985, 3, 2), **columns}
    person = await newcomer("birch", TERMS, search_name=search_name(who["given_name"], who["family_name"]), **who)
    for kind in ("affirmation", "tb_screening", "notice_acknowledgement"):
        await make_evidence(
            "birch", person=person, kind=kind, issued_on=date(2026, 11, 1), jurisdiction="us-pa", purpose="volunteer"
        )

    await decided(person, "birch")
    return person


async def test_a_person_may_show_checks_that_stand_and_nothing_else(maria: UUID) -> None:
    for more in (
        {"kind": "fbi_fingerprint", "result": "not_clear"},
        {"kind": "sex_offender_registry", "state": "initiated", "result": None, "issued_on": None, "requested_on": TODAY},
        {"kind": "national_sex_offender_registry", "expires_on": date(2026, 11, 1)},
        {"kind": "out_of_state_checks", "withdrawn": True},
    ):
        await make_evidence("alder", person=maria, **{"issued_on": date(2026, 5, 2), **more})
    assert sorted(one.what.kind for one in await choices(oneself(maria))) == ["child_abuse_history", "state_criminal_history"]


async def test_the_other_district_sees_kind_day_issuer_purpose_holder_and_until_and_not_whose_it_is(maria: UUID) -> None:
    code = await share_all(maria)
    found = await look(AWAY, code)
    assert found.district == "Alder Unified"
    assert sorted(found.items, key=lambda one: one.kind) == [
        Shown(
            kind=kind,
            issued_on=date(2026, 5, 2),
            issuer=None,
            purpose="volunteer",
            holder="Alder Unified",
            jurisdiction="us-pa",
            until=None,
        )
        for kind in ("child_abuse_history", "state_criminal_history")
    ]
    assert found.people == (), "nobody there has the name, and the name is not told"


async def test_what_was_chosen_is_shown_and_nothing_more(maria: UUID) -> None:
    offered = await choices(oneself(maria))
    code, until = await make(oneself(maria), [offered[0].evidence])
    assert until == TODAY + timedelta(days=30)
    assert [item.kind for item in (await look(AWAY, code)).items] == [offered[0].what.kind]


async def test_only_the_digest_of_a_code_is_kept(maria: UUID) -> None:
    code = await share_all(maria)
    secret = typed(code)
    assert secret is not None
    async with tenant_transaction("alder") as transaction:
        row = await transaction.connection.fetchrow("SELECT share::text AS all, digest FROM background_check.share")
        journal = await transaction.connection.fetch("SELECT facts::text AS facts FROM journal")
    assert row["digest"] == secret.digest
    kept = row["all"] + " ".join(entry["facts"] for entry in journal)
    assert secret.secret not in kept and code not in kept


async def test_both_districts_journals_tell_of_a_look_and_the_person_sees_who_looked(maria: UUID) -> None:
    found = await look(AWAY, await share_all(maria))
    subject = f"share/{found.share}"
    assert [action for action, _ in await journal_of(subject)] == ["share:made", "share:looked"]
    ((action, facts),) = await journal_of(subject, "birch")
    assert (action, facts["district"]) == ("share:looked", "alder")
    (mine,) = await own_shares(oneself(maria))
    assert [(seen.district, seen.took) for seen in mine.looks] == [("Birch Area Schools", False)]


async def wrong_codes(person: UUID) -> dict[str, str]:
    code = await share_all(person)
    withdrawn = await share_all(person)
    (share, *_) = await own_shares(oneself(person))
    await withdraw(oneself(person), share.id)
    over = await share_all(person)
    async with tenant_transaction("alder"):
        await Share.update({Share.until: TODAY - timedelta(days=1)}).where(Share.digest == typed(over).digest)  # type: ignore[union-attr]
    return {
        "mistyped": code[:-1] + ("2" if code[-1] != "2" else "3"),
        "withdrawn": withdrawn,
        "past its day": over,
        "no such district": code.replace("alder.", "elm."),
        "no code": "hello",
        "": "",
    }


async def test_wrong_withdrawn_and_expired_codes_cannot_be_told_apart(maria: UUID) -> None:
    for code in (await wrong_codes(maria)).values():
        with pytest.raises(Invalid) as caught:
            await look(AWAY, code)
        assert (str(caught.value), caught.value.fields) == (UNKNOWN, {"code": UNKNOWN})


async def test_after_many_wrong_codes_even_a_right_one_waits_an_hour(maria: UUID) -> None:
    code = await share_all(maria)
    for _ in range(WRONG_CODES):
        with pytest.raises(Invalid):
            await look(AWAY, "alder." + "A" * 25)
    with pytest.raises(Conflict, match="Wait an hour"):
        await look(AWAY, code)
    async with tenant_transaction("birch") as transaction:
        await transaction.connection.execute("UPDATE background_check.share_try SET tried_at = tried_at - interval '61 minutes'")
    assert (await look(AWAY, code)).items
    async with tenant_transaction("birch"):
        assert await ShareTry.count().where(ShareTry.found.eq(True)) == 1


async def test_right_codes_are_not_counted_against_anybody(maria: UUID) -> None:
    code = await share_all(maria)
    for _ in range(WRONG_CODES + 2):
        await look(AWAY, code)


async def test_where_the_rules_let_it_count_it_is_taken_over_as_the_first_districts_and_work_may_begin(maria: UUID) -> None:
    person = await arrived()
    assert await outcome(person, "birch") == "block"
    code = await share_all(maria)
    found = await look(AWAY, code)
    assert [one.id for one in found.people] == [person]

    (means,) = await would(AWAY, found)
    assert [(each.now.outcome, each.then.outcome) for each in means.work] == [(Effect.BLOCK, Effect.ALLOW)]
    assert {item.kind for item in means.counts} == {"state_criminal_history", "child_abuse_history"}
    assert set(means.rules) == {"pa.vol.psp", "pa.vol.child_abuse"}
    assert await outcome(person, "birch") == "block", "looking changes nothing"

    given = await accept(AWAY, code, person)
    assert await outcome(person, "birch") == "allow"
    records = [item for item in await evidence_of("birch", person) if item.determination in given]
    assert {(item.kind, item.holder, item.issued_on, item.purpose, item.jurisdiction) for item in records} == {
        (kind, "Alder Unified", date(2026, 5, 2), "volunteer", "us-pa")
        for kind in ("state_criminal_history", "child_abuse_history")
    }
    (mine,) = await own_shares(oneself(maria))
    assert [seen.took for seen in mine.looks] == [False, True]


async def test_taking_over_twice_records_nothing_twice(maria: UUID) -> None:
    person = await arrived()
    code = await share_all(maria)
    given = await accept(AWAY, code, person)
    before = await evidence_of("birch", person)
    assert await accept(AWAY, code, person) == given
    assert await evidence_of("birch", person) == before
    async with tenant_transaction("birch"):
        assert await Accepted.count() == 1


async def test_where_the_rules_forbid_passing_it_on_nothing_is_taken_over(maria: UUID) -> None:
    await make_california()
    away = hr("sierra")
    terms = {"engagement": "employee", "employer": "district", "setting": "campus", "contact": "routine", "gives_care": True}
    person = await newcomer("sierra", terms, **SAME, search_name="maria jose nunez example", born_on=date(1985, 3, 2))
    await make_evidence("alder", person=maria, kind="fbi_fingerprint", issued_on=date(2026, 5, 2))
    code = await share_all(maria)
    found = await look(away, code)
    (means,) = await would(away, found)
    assert means.counts == ()
    said = {f.rule: str(f.reason) for f in means.work[0].then.findings}
    assert "may not be passed on" in " ".join(said.values())
    before = await evidence_of("sierra", person)
    with pytest.raises(Conflict, match="do not let this count"):
        await accept(away, code, person)
    assert await evidence_of("sierra", person) == before
    (mine,) = await own_shares(oneself(maria))
    assert not any(seen.took for seen in mine.looks)


@pytest.mark.parametrize(
    "other", [{"family_name": "Nunez"}, {"given_name": "Maria"}, {"born_on": date(1985, 3, 3)}], ids=["family", "given", "birth"]
)
async def test_names_must_agree_and_two_people_of_one_name_are_told_apart_by_their_birthday(
    maria: UUID, other: dict[str, Any]
) -> None:
    person = await arrived(**other)
    code = await share_all(maria)
    assert (await look(AWAY, code)).people == ()
    with pytest.raises(Conflict, match="does not agree"):
        await accept(AWAY, code, person)


async def test_a_clearance_for_volunteering_does_not_count_for_paid_work(maria: UUID) -> None:
    paid = {**TERMS, "engagement": "employee"}
    await newcomer("birch", paid, **SAME, search_name="maria jose nunez example", born_on=date(1985, 3, 2))
    code = await share_all(maria)
    (means,) = await would(AWAY, await look(AWAY, code))
    assert means.counts == ()


async def test_ones_own_districts_code_is_said_to_be_so(maria: UUID) -> None:
    with pytest.raises(Invalid, match="your own district"):
        await look(hr("alder"), await share_all(maria))


async def test_what_was_taken_over_cannot_be_passed_on_again(maria: UUID) -> None:
    person = await arrived()
    await accept(AWAY, await share_all(maria), person)
    assert await choices(oneself(person, "birch")) == []


async def test_evidence_withdrawn_after_the_code_was_made_is_not_shown(maria: UUID) -> None:
    code = await share_all(maria)
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(
            (Evidence.person == maria) & (Evidence.kind == "child_abuse_history")
        )
    assert [item.kind for item in (await look(AWAY, code)).items] == ["state_criminal_history"]
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(Evidence.person == maria)
    with pytest.raises(Invalid, match="Nothing is shown"):
        await look(AWAY, code)


async def test_when_the_first_district_takes_it_off_the_record_the_second_is_told_once_and_work_waits(maria: UUID) -> None:
    person = await arrived()
    await accept(AWAY, await share_all(maria), person)
    assert await tell_of_withdrawn("alder") == 0
    async with tenant_transaction("alder"):
        await Evidence.update({Evidence.withdrawn: True}).where(
            (Evidence.person == maria) & (Evidence.kind == "state_criminal_history")
        )
    assert await tell_of_withdrawn("alder") == 1
    assert await tell_of_withdrawn("alder") == 0
    (flag,), _ = await flags(AWAY)
    assert (flag.person, flag.kind, flag.source) == (person, "other", "first_district")
    assert await held(person, "birch") == "flag"
    assert await flags(hr("alder")) == ([], []), "the first district has no flag of it"


async def test_a_code_taken_back_shows_nothing_and_leaves_what_was_taken_over(maria: UUID) -> None:
    person = await arrived()
    code = await share_all(maria)
    await accept(AWAY, code, person)
    (mine,) = await own_shares(oneself(maria))
    await withdraw(oneself(maria), mine.id)
    await withdraw(oneself(maria), mine.id)
    with pytest.raises(Invalid):
        await look(AWAY, code)
    assert await outcome(person, "birch") == "allow"
    assert await tell_of_withdrawn("alder") == 0


async def test_the_second_district_can_take_back_what_it_took_over(maria: UUID) -> None:
    person = await arrived()
    for determination in await accept(AWAY, await share_all(maria), person):
        await take_back_evidence(AWAY, determination)
    assert await outcome(person, "birch") == "block"


async def test_a_code_needs_a_choice_and_only_of_ones_own(maria: UUID) -> None:
    other = await make_evidence("alder", person=await make_person("alder"), kind="state_criminal_history")
    with pytest.raises(Invalid, match="at least one"):
        await make(oneself(maria), [])
    with pytest.raises(Conflict, match="cannot be shown"):
        await make(oneself(maria), [other])
    assert await own_shares(oneself(maria)) == []


async def test_nobody_has_more_open_codes_than_they_can_keep_in_mind(maria: UUID) -> None:
    for _ in range(MOST):
        await share_all(maria)
    with pytest.raises(Conflict, match="codes already"):
        await share_all(maria)
    newest, *_ = await own_shares(oneself(maria))
    await withdraw(oneself(maria), newest.id)
    await share_all(maria)


async def test_a_code_is_made_seen_and_withdrawn_by_its_person_alone(maria: UUID) -> None:
    await share_all(maria)
    (mine,) = await own_shares(oneself(maria))
    other = oneself(await make_person("alder"))
    with pytest.raises(NotFound):
        await withdraw(other, mine.id)
    for refused in (choices(hr()), make(hr(), []), own_shares(hr()), withdraw(hr(), mine.id)):
        with pytest.raises(NotAllowed):
            await refused
    assert await own_shares(other) == []


@pytest.mark.parametrize("role", ["volunteer", "partner", "coordinator", "union", "cabinet", "admin"])
async def test_codes_are_read_by_hr_alone(maria: UUID, role: str) -> None:
    code = await share_all(maria)
    for refused in (look(somebody(role, "birch"), code), accept(somebody(role, "birch"), code, maria)):
        with pytest.raises(NotAllowed):
            await refused
