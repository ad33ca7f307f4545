"""The volunteer's own pages: the list, a requirement with its source, sending a paper, answering a question."""

from __future__ import annotations

import io
import re
from datetime import date
from uuid import UUID

import msgspec
from litestar import Litestar
from PIL import Image

from staffing.store.engine import tenant_transaction
from staffing.store.tables import Determination, Document, Person, Placement, Position
from tests.factories import make_account, make_person, make_placement
from tests.web.conftest import TERMS
from tests.web.driving import Browser, visitor

PAPER = "pa.vol.child_abuse"


async def volunteer(district: str, **columns: object) -> tuple[UUID, object]:
    """A person who wishes to be a reading tutor, and their account."""
    values = {"born_on": date(1985, 3, 2), "facts": {"resident_since": "2001-06-01"}, "given_name": "Rosa"} | columns
    person = await make_person(district, **values)
    async with tenant_transaction(district):
        position = await Position.select(Position.id, Position.site).first()
    await make_placement(
        district, person=person, position=position["id"], site=position["site"], state="wished", terms=TERMS, starts_on=None
    )
    return person, await make_account(district, role="volunteer", person=person, name="Rosa Example")


def photo(colour: str = "#7799bb") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "JPEG")
    return out.getvalue()


async def send(browser: Browser, file: bytes, name: str, status: int, field: str = "file") -> str:
    await browser.see(f"/me/task/{PAPER}/send")
    answer = await browser.submit(f"/me/task/{PAPER}/send", files={field: (name, file, "image/jpeg")}, status=status)
    return answer.text


async def test_the_list_says_what_waits_on_whom(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    text = (await browser.see("/me")).text
    assert "What you can do today" in text
    assert "Not yet:" in text
    assert "Waiting for you" in text
    assert f"/me/task/{PAPER}" in text
    assert re.search(r"\d+ of \d+ done", text)


async def test_a_requirement_names_its_rule_whose_it_is_and_who_sees_it(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    text = (await browser.see(f"/me/task/{PAPER}")).text
    assert "State law" in text
    assert "Pa.C.S." in text
    assert "Why this is asked" in text
    assert "Who can see it" in text


async def test_a_paper_sent_is_kept_once_and_shown_as_waiting(browser: Browser, district: str) -> None:
    person, account = await volunteer(district)
    await browser.sign_in(account)
    await send(browser, photo(), "my paper.jpg", 303)
    assert "We are looking at it" in (await browser.see(f"/me/task/{PAPER}")).text
    await send(browser, photo(), "again.jpg", 303, field="photo")
    async with tenant_transaction(district):
        (document,) = await Document.select()
    assert (document["person"], document["kind"], document["rule"], document["file_name"]) == (
        person,
        "child_abuse_history",
        PAPER,
        "my paper.jpg",
    )


async def test_a_disguised_file_is_refused_on_the_page_with_a_sentence(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    text = await send(browser, b"<script>alert(1)</script>", "photo.jpg", 422)
    assert "We cannot use this kind of file" in text
    assert 'href="#file"' in text
    async with tenant_transaction(district):
        assert await Document.count() == 0


async def test_a_file_over_the_limit_is_refused_with_a_sentence(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    assert "too large" in await send(browser, b"\xff\xd8\xff" + b"x" * 10_050_000, "big.jpg", 413)
    assert "up to 10 MB" in await send(browser, b"x" * 12_000_000, "huge.jpg", 413)


async def test_sending_without_a_file_asks_for_one(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    await browser.see(f"/me/task/{PAPER}/send")
    answer = await browser.submit(f"/me/task/{PAPER}/send", files={"file": ("", b"", "")}, status=422)
    assert "Take a photo or choose a file first." in answer.text


async def test_a_paper_sent_back_shows_the_reviewers_words(browser: Browser, district: str) -> None:
    person, account = await volunteer(district)
    await browser.sign_in(account)
    await send(browser, photo(), "a.jpg", 303)
    async with tenant_transaction(district):
        document = await Document.select().first()
        await Document.update({Document.state: "sent_back"}).where(Document.id == document["id"])
        await Determination.insert(
            Determination(
                person=person,
                document=document["id"],
                kind="child_abuse_history",
                outcome="sent_back",
                message="The date cannot be read.",
                decided_by="Sam",
            )
        )
    assert "The date cannot be read." in (await browser.see("/me")).text
    assert "Please send it again" in (await browser.see(f"/me/task/{PAPER}")).text
    await send(browser, photo("#334455"), "b.jpg", 303)
    assert "We are looking at it" in (await browser.see(f"/me/task/{PAPER}")).text


async def test_a_missing_fact_can_be_told_later_and_decides_again(browser: Browser, district: str) -> None:
    person, account = await volunteer(district, facts={})
    await browser.sign_in(account)
    assert "/me/question/person.resident_since" in (await browser.see("/me")).text
    page = await browser.see("/me/question/person.resident_since")
    assert "Why we ask" in page.text
    form = {"answer-day": "1", "answer-month": "6", "answer-year": "2001"}
    await browser.submit("/me/question/person.resident_since", form, status=303)
    assert "/me/question/person.resident_since" not in (await browser.see("/me")).text
    async with tenant_transaction(district):
        row = await Person.select(Person.facts, Person.version).where(Person.id == person).output(load_json=True).first()
    assert row == {"facts": {"resident_since": "2001-06-01"}, "version": 2}


async def test_somebody_elses_task_is_not_there(app: Litestar, district: str) -> None:
    _, mine = await volunteer(district)
    other = await make_person(district, given_name="Ana", family_name="Example")
    theirs = await make_account(district, role="volunteer", person=other, name="Ana Example")
    async with visitor(app) as rosa, visitor(app) as ana:
        await rosa.sign_in(mine)
        await rosa.see(f"/me/task/{PAPER}")
        await ana.sign_in(theirs)
        await ana.see(f"/me/task/{PAPER}", 404)
        await ana.see("/me/task/pa.emp.psp", 404)
        await ana.see("/me/question/placement.supervision", 404)
        assert "Rosa" not in (await ana.see("/me")).text


async def test_a_question_that_is_not_asked_of_people_is_not_there(browser: Browser, district: str) -> None:
    _, account = await volunteer(district)
    await browser.sign_in(account)
    await browser.see("/me/question/person.age", 404)
    await browser.see("/me/question/nonsense", 404)


async def test_every_page_has_a_title_one_heading_and_a_language(browser: Browser, district: str) -> None:
    _, account = await volunteer(district, facts={})
    addresses = ["/", f"/d/{district}", f"/d/{district}/join/do", f"/d/{district}/join/name", f"/d/{district}/join/contact"]
    addresses += [f"/d/{district}/join/languages", "/privacy", "/accessibility", "/sign-in", "/demo", "/outbox"]
    pages = {address: (await browser.see(address)).text for address in addresses}
    await browser.sign_in(account)
    for address in ("/me", f"/me/task/{PAPER}", f"/me/task/{PAPER}/send", "/me/question/person.resident_since"):
        pages[address] = (await browser.see(address)).text
    for address, text in pages.items():
        assert re.search(r"<title>\s*\S+", text), address
        assert len(re.findall(r"<h1[ >]", text)) == 1, address
        assert '<html lang="en" dir="ltr"' in text, address
        assert not re.search(r"\{\{|\{%|%\(\w+\)s|Undefined", text), address


async def test_facts_of_the_placement_go_where_rules_read_them(district: str) -> None:
    from staffing.services import registration
    from staffing.services.actors import Actor

    person, account = await volunteer(district)
    actor = Actor(tenant=district, name="Rosa", role="volunteer", account=account, person=person)
    await registration.answer(actor, {"placement.grade_band": "k-5", "person.relationship": "parent"})
    async with tenant_transaction(district):
        row = await Placement.select(Placement.terms).output(load_json=True).first()
        facts = await Person.select(Person.facts).where(Person.id == person).output(load_json=True).first()
    assert row["terms"] == {**TERMS, "grade_band": "k-5"}
    assert msgspec.json.encode(facts["facts"]) == b'{"relationship":"parent","resident_since":"2001-06-01"}'
