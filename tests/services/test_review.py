"""Reviewing papers: the queue, deciding, undoing, and evidence seen elsewhere, on the real Pennsylvania rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from staffing import clock
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.services import readiness, review, review_words
from staffing.services.actors import Actor
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, Determination, Document, Evidence, Journal, Message
from tests.factories import make_tenant
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_hr, make_volunteer, picture, send_in

ALL_CHECKS = [c.name for c in review_words.checks_for("child_abuse_history")]
READ = review.Reading(kind="child_abuse_history", issued_on=date(2026, 11, 2), purpose="volunteer", issuer="PA DHS")


@pytest.fixture
async def desk(database: str, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


async def outcome(desk: Desk) -> str:
    async with tenant_transaction("alder"):
        row = (
            await Decision.select(Decision.outcome).where((Decision.placement == desk.wish) & (Decision.current.eq(True))).first()
        )
    assert row is not None
    return str(row["outcome"])


async def test_the_queue_shows_the_soonest_start_first_and_counts_every_view(desk: Desk) -> None:
    later, _ = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad")
    first, _ = await make_volunteer(desk.position, desk.site, given="Ana", family="Cruz")
    async with tenant_transaction("alder"):
        from staffing.store.tables import Placement

        await Placement.update({Placement.starts_on: date(2026, 11, 26)}).where(Placement.person == first)
        await Placement.update({Placement.starts_on: date(2027, 1, 11)}).where(Placement.person == later)
    for person in (later, desk.person, first):
        await send_in(person, data=picture(int(person) % 90 + 100))

    found = await review.queue(desk.hr)

    assert [r.name for r in found.rows] == ["Ana Cruz", "Thùy Linh Đặng", "Nour Haddad"]
    assert found.counts == {"mine": 0, "all": 3, "soon": 2, "sent_back": 0}
    assert found.rows[0].starts_in == 2
    assert [r.name for r in (await review.queue(desk.hr, "all", "dang")).rows] == ["Thùy Linh Đặng"]


async def test_waiting_is_counted_in_working_days_against_the_promise(desk: Desk) -> None:
    assert review.working_days(date(2026, 11, 20), date(2026, 11, 23)) == 1  # Friday to Monday
    assert review.working_days(date(2026, 11, 21), date(2026, 11, 22)) == 0  # a weekend
    await send_in(desk.person, received_at=datetime(2026, 11, 19, 15, tzinfo=UTC))

    row = (await review.queue(desk.hr)).rows[0]

    assert row.waited == 3
    assert row.late


async def test_the_first_check_speaks_of_the_file_and_never_of_its_text(desk: Desk) -> None:
    other, _ = await make_volunteer(desk.position, desk.site, given="Nour", family="Haddad", born_on=None)
    same = picture()
    await send_in(desk.person, data=same)
    small = await send_in(other, data=same, kind="tb_screening")

    rows = {r.id: r for r in (await review.queue(desk.hr)).rows}

    assert rows[small].first_check.level == "bad"
    assert rows[small].first_check.words == "Same file from another person"
    assert "Birth date not known" in rows[small].first_check.more


async def test_an_open_document_names_the_rule_that_asks_for_it(desk: Desk) -> None:
    document = await send_in(desk.person)

    opened = await review.open_document(desk.hr, document)

    assert opened.why is not None
    assert opened.why.rule == "pa.vol.child_abuse"
    assert opened.why.citation.startswith("23 Pa.C.S.")
    assert opened.why.layer == "state_law"
    assert "purpose" in opened.fields


async def test_the_bytes_of_a_document_come_back_as_they_were_sent(desk: Desk) -> None:
    data = picture()
    document = await send_in(desk.person, data=data)

    media_type, back, name = await review.document_bytes(desk.hr, document)

    assert (media_type, back, name) == ("image/jpeg", data, "photo.jpg")


async def test_approving_makes_evidence_decides_again_tells_the_person_and_writes_the_journal(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    assert await outcome(desk) == "block"
    document = await send_in(desk.person)

    made = await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)

    assert await outcome(desk) == "allow"
    async with tenant_transaction("alder"):
        evidence = await Evidence.select().where(Evidence.determination == made).first()
        determination = await Determination.select().where(Determination.id == made).output(load_json=True).first()
        entry = await Journal.select().where(Journal.action == "document:approved").output(load_json=True).first()
        state = await Document.select(Document.state, Document.version).where(Document.id == document).first()
        told = await Message.select().where(Message.tenant == "alder")
    assert evidence is not None
    assert (evidence["kind"], evidence["issued_on"], evidence["purpose"]) == (
        "child_abuse_history",
        date(2026, 11, 2),
        "volunteer",
    )
    assert determination is not None
    assert (determination["rule"], determination["checks"]) == ("pa.vol.child_abuse", sorted(ALL_CHECKS))
    assert entry is not None
    assert entry["actor"] == desk.hr.tag
    assert entry["facts"]["rule"] == "pa.vol.child_abuse"
    assert state == {"state": "approved", "version": 2}
    assert len(told) == 1
    assert "Child abuse history check" in told[0]["body"]


async def test_a_date_in_the_future_and_a_missing_confirmation_are_named_and_nothing_is_written(desk: Desk) -> None:
    document = await send_in(desk.person)
    tomorrow = review.Reading(kind="child_abuse_history", issued_on=TODAY + timedelta(days=1))

    with pytest.raises(Invalid) as caught:
        await review.approve(desk.hr, document, 1, tomorrow, ["names_person"])

    assert "is in the future" in caught.value.fields["issued_on"]
    assert "can be read on it" in caught.value.fields["checks"]
    async with tenant_transaction("alder"):
        assert await Evidence.count() == 0
        assert await Determination.count() == 0


async def test_the_second_reviewer_is_told_who_was_faster_and_when(desk: Desk) -> None:
    document = await send_in(desk.person)
    second = await make_hr("Sam Rivera")
    await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)
    async with tenant_transaction("alder"):
        await Determination.update({Determination.decided_at: clock.now() - timedelta(minutes=2)}, force=True)

    with pytest.raises(Conflict, match=r"^Denise Okafor approved this 2 minutes ago\."):
        await review.approve(second, document, 1, READ, ALL_CHECKS)


async def test_approving_twice_is_harmless(desk: Desk) -> None:
    document = await send_in(desk.person)

    first = await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)
    second = await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)

    assert first == second
    async with tenant_transaction("alder"):
        assert await Evidence.count() == 1
        assert await Journal.count().where(Journal.action == "document:approved") == 1


async def test_sending_back_needs_a_reason_and_tells_the_person_what_to_do(desk: Desk) -> None:
    document = await send_in(desk.person)
    with pytest.raises(Invalid, match="Choose why it goes back"):
        await review.send_back(desk.hr, document, 1, "")

    await review.send_back(desk.hr, document, 1, "unreadable")

    async with tenant_transaction("alder"):
        told = await Message.select().where(Message.tenant == "alder").first()
    assert told is not None
    assert "take the photo again in good light" in told["body"]
    assert (await review.queue(desk.hr)).counts == {"mine": 0, "all": 0, "soon": 0, "sent_back": 1}
    again = await send_in(desk.person, data=picture(150))
    counts = (await review.queue(desk.hr)).counts
    assert counts == {"mine": 1, "all": 1, "soon": 1, "sent_back": 0}
    assert [r.id for r in (await review.queue(desk.hr, "mine")).rows] == [again]


async def test_undoing_an_approval_takes_the_evidence_out_and_puts_the_paper_back(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    document = await send_in(desk.person)
    made = await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)

    assert await review.undo(desk.hr, made) == document
    await review.undo(desk.hr, made)  # a second press changes nothing

    assert await outcome(desk) == "block"
    assert (await review.queue(desk.hr)).counts["all"] == 1
    async with tenant_transaction("alder"):
        assert await Evidence.count().where((Evidence.determination == made) & (Evidence.withdrawn.eq(True))) == 1
        assert await Journal.count().where(Journal.action == "document:undone") == 1
    await review.approve(desk.hr, document, 3, READ, ALL_CHECKS)
    assert await outcome(desk) == "allow"


async def test_an_old_decision_cannot_be_undone_once_there_is_a_newer_one(desk: Desk) -> None:
    document = await send_in(desk.person)
    old = await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)
    await review.undo(desk.hr, old)
    await review.send_back(desk.hr, document, 3, "cut_off")

    with pytest.raises(Conflict, match="Denise Okafor asked for a new copy of this"):
        await review.undo(desk.hr, old)


async def test_evidence_seen_in_the_state_system_counts_and_can_be_taken_back(desk: Desk) -> None:
    await give_papers(desk.person, "child_abuse_history")
    with pytest.raises(Invalid, match="Say where you saw it"):
        await review.record_evidence(desk.hr, desk.person, READ, " ")

    made = await review.record_evidence(desk.hr, desk.person, READ, "seen in the state system")

    assert await outcome(desk) == "allow"
    assert await review.undo(desk.hr, made) is None
    assert await outcome(desk) == "block"


async def test_a_check_asked_for_waits_without_a_result(desk: Desk) -> None:
    started = review.Reading(kind="child_abuse_history", issued_on=date(2026, 11, 20), state="initiated")

    await review.record_evidence(desk.hr, desk.person, started, "the person's receipt")

    async with tenant_transaction("alder"):
        row = await Evidence.select().first()
        decision = await readiness.decision_of(desk.person, placement_id=desk.wish)
    assert row is not None
    assert (row["state"], row["result"], row["issued_on"], row["requested_on"]) == ("initiated", None, None, date(2026, 11, 20))
    assert next(f.state for f in decision.findings if f.rule == "pa.vol.child_abuse") == "pending"


async def test_only_hr_of_the_same_district_reaches_a_document(desk: Desk) -> None:
    document = await send_in(desk.person)
    await make_tenant("birch", jurisdiction="us-pa")
    stranger = Actor(tenant="birch", name="Elsewhere", role="hr", account=uuid4())
    partner = await make_hr("Pat Lee", role="partner")

    with pytest.raises(NotFound):
        await review.open_document(stranger, document)
    with pytest.raises(NotFound):
        await review.document_bytes(stranger, document)
    with pytest.raises(NotFound):
        await review.approve(stranger, document, 1, READ, ALL_CHECKS)
    with pytest.raises(NotAllowed):
        await review.open_document(partner, document)


@pytest.mark.parametrize(("consents", "sent"), [("[]", 0), ('[{"what": "texts"}]', 1)])
async def test_a_phone_gets_word_that_there_is_news_only_with_consent_and_never_the_result(
    desk: Desk, consents: str, sent: int
) -> None:
    other, _ = await make_volunteer(
        desk.position, desk.site, given="Nour", family="Haddad", email="", phone="+15105550123", consents=consents
    )
    document = await send_in(other)

    await review.approve(desk.hr, document, 1, READ, ALL_CHECKS)

    async with tenant_transaction("alder"):
        told = await Message.select().where(Message.recipient == "+15105550123")
    assert [(m["channel"], "Sign in to read it" in m["body"], "hild abuse" in m["body"]) for m in told] == [
        ("sms", True, False)
    ] * sent


def test_a_letter_is_written_whole_in_one_language() -> None:
    english = review_words.accepted("en", "Linh", "Tuberculosis screening")
    unknown = review_words.accepted("xx", "Linh", "Tuberculosis screening")

    assert english.language == "en"
    assert unknown == english
    assert "Linh" in english.body
