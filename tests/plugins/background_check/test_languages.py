"""What people read about checks is in their language: whole catalogues, pages without English, and messages from the worker."""

from __future__ import annotations

import asyncio
import html.parser
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo
from litestar import Litestar

from plugins.background_check.services.onward import RENEWALS
from plugins.background_check.tables.decided import CheckDetermination
from plugins.background_check.web.spoken import sentences
from staffing import host
from staffing.api import calendar, enqueue, tenant_transaction
from staffing.app import create_app
from staffing.locale import build, pages
from staffing.settings import Settings
from staffing.store.pool import close_pool
from staffing.store.tables import PluginSwitch
from staffing.web import i18n
from tests.factories import json_text, make_account, make_evidence
from tests.plugins.background_check import checks, steps
from tests.plugins.background_check.onward import TODAY, address_of, letters, placed
from tests.plugins.background_check.processes import worker
from tests.services.cleared import make_alder
from tests.web.driving import Browser, running, visitor

ME = "/p/background_check/me/"
PLUGIN = host.load()["background_check"]
TEMPLATE = pages.template(PLUGIN)
TAGS = {"es": "es", "zh-Hans": "zh_Hans", "ar": "ar"}


# --- catalogues ------------------------------------------------------------------------------------------------------


def values(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.mark.parametrize("language", build.RELEASED)
def test_no_sentence_of_the_persons_pages_is_missing_or_fuzzy(language: str) -> None:
    written = pages.read(PLUGIN, language)
    lacking = [message.id for message in pages.said(pages.wanted(PLUGIN, language)) if not pages.spoken(written, message)]
    assert lacking == [], "run python -m staffing.locale.pages and translate what is new"


@pytest.mark.parametrize("language", build.RELEASED)
def test_nothing_stands_in_the_catalogue_that_no_page_says(language: str) -> None:
    wanted = {message.id for message in pages.said(pages.wanted(PLUGIN, language))}
    assert [message.id for message in pages.said(pages.read(PLUGIN, language)) if message.id not in wanted] == []


@pytest.mark.parametrize("language", build.RELEASED)
def test_values_and_plural_forms_agree_with_the_english(language: str) -> None:
    written = pages.read(PLUGIN, language)
    wrong = []
    for message in pages.said(written):
        english = [message.id] if isinstance(message.id, str) else list(message.id)
        said = forms(message)
        if len(said) != (1 if isinstance(message.id, str) else written.num_plurals):
            wrong.append(f"{message.id}: {len(said)} forms")
        needed, known = values(english[0]), values(" ".join(english))
        if isinstance(message.id, str) and any(values(form) != needed for form in said):
            wrong.append(f"{message.id}: a value is lost or new")
        if any(not values(form) <= known for form in said):
            wrong.append(f"{message.id}: a value that there is not")
    assert wrong == []


@pytest.mark.parametrize("language", build.RELEASED)
def test_the_compiled_catalogue_is_the_ones_in_text(language: str) -> None:
    assert pages.mo_file(PLUGIN, language).read_bytes() == build.compiled(pages.together(PLUGIN, language))


@pytest.mark.parametrize("language", build.RELEASED)
def test_every_sentence_is_heard_where_pages_ask_for_it(app: Litestar, language: str) -> None:
    """Through the product's catalogue with the plugin's behind it, as ``_`` does."""
    with pages.mo_file(PLUGIN, language).open("rb") as file:
        compiled = read_mo(file)
    tag = next(tag for tag, folder in TAGS.items() if folder == language)
    i18n.speak(tag)
    try:
        for message in pages.said(TEMPLATE):
            one = message.id if isinstance(message.id, str) else message.id[0]
            own = compiled.get(message.id)
            if isinstance(message.id, str) and own is not None and own.string and not pages.spoken(build.read(language), own):
                assert i18n.gettext(one) == own.string
    finally:
        i18n.speak("en")


def test_sentences_that_stand_in_data_are_collected_with_the_others() -> None:
    assert [sentence for sentence in sentences() if sentence and TEMPLATE.get(sentence) is None] == []


def test_every_page_of_a_persons_own_is_listed_and_every_file_that_is_listed_is_there() -> None:
    assert PLUGIN.folder is not None
    listed = pages.listed(PLUGIN)
    patterns = (*listed.files, *listed.messages)
    assert [pattern for pattern in patterns if not list(PLUGIN.folder.glob(pattern))] == []
    read = {path for pattern in listed.files for path in PLUGIN.folder.glob(pattern)}
    speak = re.compile(r"\b_\(|\bngettext\(")
    templates = [path for path in PLUGIN.folder.glob("templates/*.html") if speak.search(path.read_text(encoding="utf-8"))]
    assert len(templates) > 10
    assert [path.name for path in templates if path not in read] == []


# --- pages -----------------------------------------------------------------------------------------------------------

#: Words that stand in nearly every English sentence and in none of another language.
ENGLISH = frozenset(
    {"the", "you", "your", "is", "of", "and", "this", "that", "are", "was", "with", "for", "to", "it", "we", "not", "been"}
)
_VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "use", "line"})


class Spoken(html.parser.HTMLParser):
    """The texts of a page in the page's own language: not what is marked as another, and not names."""

    def __init__(self, tag: str) -> None:
        super().__init__()
        self.tag, self.texts, self._open = tag, [""], []  # type: str, list[str], list[bool]

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if name in _VOID:
            return
        other = given.get("lang", self.tag) != self.tag or name in {"script", "style", "bdi", "title", "textarea"}
        self._open.append(other or (bool(self._open) and self._open[-1]))
        if name in {"p", "li", "h1", "h2", "h3", "small", "dt", "dd", "b", "a", "label", "button", "div", "span", "legend"}:
            self.texts.append("")

    def handle_endtag(self, name: str) -> None:
        if name not in _VOID and self._open:
            self._open.pop()
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1]):
            self.texts[-1] += data


def texts(page: str, tag: str) -> list[str]:
    reader = Spoken(tag)
    reader.feed(page)
    return [words for text in reader.texts if (words := " ".join(text.split()))]


def in_english(page: str, tag: str) -> Iterator[str]:
    """Every text of a page that is English: a sentence of ours as it stands in the source, or one with an English word."""
    spoken = {message.id for message in pages.said(TEMPLATE) if isinstance(message.id, str)}
    i18n.speak(tag)
    try:
        ours = {sentence for sentence in spoken if i18n.gettext(sentence) != sentence}
    finally:
        i18n.speak("en")
    for text in texts(page, tag):
        if text in ours or ENGLISH & set(re.findall(r"[a-z]+", text.lower())):
            yield text


async def look(browser: Browser, address: str, tag: str) -> str:
    """Open a page and find no English on it."""
    page = (await browser.see(address)).text
    sound(page, tag)
    return page


async def send(browser: Browser, address: str, data: dict[str, Any], tag: str, status: int) -> str:
    """Post a form; on the page that answers there is no English either."""
    page = (await browser.submit(address, data, status=status)).text
    if status != 303:
        sound(page, tag)
    return page


def sound(page: str, tag: str) -> None:
    assert f'<html lang="{tag}"' in page
    assert list(in_english(page, tag)) == []


def test_english_on_a_page_is_found() -> None:
    assert list(in_english("<p>The district decides.</p><h2>Decided</h2><p lang='en'>The law.</p><bdi>You</bdi>", "es")) == [
        "The district decides.",
        "Decided",
    ]


@pytest.fixture
async def app(database: str, installation: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Litestar]:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await close_pool()
    async with running(create_app(Settings(data=installation, database_url=database, demo=True))) as started:
        yield started


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[Browser]:
    async with visitor(app) as client:
        yield client


@pytest.fixture
async def rosa(app: Litestar) -> UUID:
    """Somebody cleared and at work in "alder"."""
    await make_alder()
    return await placed(given_name="Rosa", family_name="Example")


async def enter(browser: Browser, person: UUID, tag: str) -> None:
    await browser.sign_in(await make_account("alder", role="volunteer", person=person, name="Rosa Example"))
    await browser.see(f"/me?lang={tag}")


SOON, PAST = datetime.now(UTC) + timedelta(days=6), datetime.now(UTC) - timedelta(days=1)
#: Orders in every state a person can meet, by the way of the provider.
STATES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("checkr", {"status": "to_authorise"}),
    ("checkr", {"status": "to_send"}),
    ("checkr", {"status": "to_send", "tries": 3}),
    ("csv_batch", {"status": "to_send"}),
    ("manual", {"status": "to_send"}),
    ("checkr", {"status": "refused"}),
    ("checkr", {"status": "refused", "detail": "under_age"}),
    ("checkr", {"status": "awaiting_subject", "link": "https://apply.example/1", "link_until": SOON}),
    ("checkr", {"status": "awaiting_subject", "link": "https://apply.example/1", "link_until": PAST}),
    ("checkr", {"status": "awaiting_subject"}),
    ("document_upload", {"status": "awaiting_subject"}),
    ("checkr", {"status": "in_progress", "eta": date(2026, 12, 4)}),
    ("checkr", {"status": "on_hold", "detail": "subject_must_act"}),
    ("checkr", {"status": "on_hold", "detail": "we_must_act"}),
    ("checkr", {"status": "complete", "result": "record_found", "why": "renewal"}),
    ("checkr", {"status": "disputed", "result": "record_found"}),
    ("checkr", {"status": "expired"}),
    ("checkr", {"status": "canceled"}),
)
#: Decisions: outcome, reason, conditions.
DECIDED = (
    ("eligible", "clear", ()),
    ("eligible", "not_this_person", ()),
    ("eligible_with_conditions", "assessed_with_conditions", ("in_sight", "on_campus", "no_driving", "no_money")),
    ("not_eligible", "assessed_not_suitable", ()),
    ("withdrawn", "person_withdrew", ()),
)
PAYS = ({"who_pays": "district"}, {"who_pays": "partner"}, {"who_pays": "nobody"}, {"who_pays": "person", "cost_cents": 2300})


async def make_orders(person: UUID) -> list[UUID]:
    accounts = {
        provider: await checks.make_account(provider, title="Invented Screening", settings={"opens_at": "https://forms.example/"})
        for provider in {provider for provider, _ in STATES}
    }
    made = []
    for at, (provider, columns) in enumerate(STATES):
        package = await checks.make_package(
            accounts[provider],
            code=f"p{at}",
            title="Volunteer check",
            usual_days=4,
            searches='["County criminal records", "National sex offender registry"]',
            **{"consumer_report": provider == "checkr"} | PAYS[at % len(PAYS)],
        )
        made.append(await checks.make_order(accounts[provider], package, person=person, **columns))
    for outcome, reason, conditions in DECIDED:
        order = await checks.make_order(accounts["checkr"], package, person=person, status="complete", outcome=outcome)
        async with tenant_transaction("alder"):
            await CheckDetermination.insert(
                CheckDetermination(
                    order=order,
                    outcome=outcome,
                    reason_code=reason,
                    conditions=json_text(list(conditions)),
                    policy_version="p",
                    decided_by="hr/1 Vonda",
                    valid_until=date(2028, 1, 1),
                )
            )
        made.append(order)
    return made


@pytest.mark.parametrize("tag", TAGS)
async def test_no_english_on_the_pages_of_checks_in_any_state(browser: Browser, rosa: UUID, tag: str) -> None:
    await enter(browser, rosa, tag)
    await look(browser, f"{ME}checks", tag)
    made = await make_orders(rosa)
    await look(browser, f"{ME}checks", tag)
    assert 'class="mine-panel"' in (await look(browser, "/me", tag))
    for order in made:
        await look(browser, f"{ME}checks/{order}", tag)


@pytest.mark.parametrize("tag", TAGS)
async def test_no_english_from_reading_and_signing_to_taking_it_back(browser: Browser, rosa: UUID, tag: str) -> None:
    account = await checks.make_account(title="Invented Screening")
    package = await checks.make_package(account, consumer_report=True, title="Volunteer check")
    order = await checks.make_order(account, package, person=rosa, status="to_authorise")
    page = f"{ME}checks/{order}"
    await enter(browser, rosa, tag)
    await look(browser, page, tag)
    await send(browser, f"{page}/authorise", {"name": "Rosa Example"}, tag, 409)
    await send(browser, f"{page}/disclosure", {"digest": "0"}, tag, 409)
    digest = _digest(await look(browser, f"{page}/disclosure", tag))
    await send(browser, f"{page}/disclosure", {"digest": digest}, tag, 303)
    digest = _digest(await look(browser, f"{page}/authorise", tag))
    for name in ("", "Somebody Else", "x" * 300):
        await send(browser, f"{page}/authorise", {"name": name, "digest": digest}, tag, 422)
    await send(browser, f"{page}/authorise", {"name": "Rosa Example", "agree": "yes", "digest": digest}, tag, 303)
    said = await look(browser, page, tag)
    kept = re.findall(r'href="([^"]+/kept/[^"]+)"', said)
    assert len(kept) >= 2
    for address in kept:
        await look(browser, address, tag)
    await look(browser, page, tag)
    await send(browser, f"{page}/withdraw", {}, tag, 422)
    await send(browser, f"{page}/withdraw", {"sure": "yes"}, tag, 303)
    await look(browser, page, tag)
    await send(browser, f"{page}/authorise", {"name": "Rosa Example", "digest": digest}, tag, 303)


def _digest(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("tag", TAGS)
async def test_no_english_where_one_tells_shares_and_says_of_oneself(browser: Browser, rosa: UUID, tag: str) -> None:
    await make_evidence("alder", person=rosa, kind="us-ca:ascc", issued_on=date(2026, 5, 2), jurisdiction="us-ca")
    await enter(browser, rosa, tag)
    await look(browser, f"{ME}tell", tag)
    for day in ("", "yesterday", "2030-01-01", "1999-01-01"):
        await send(browser, f"{ME}tell", {"day": day}, tag, 422)
    await send(browser, f"{ME}tell", {"day": "2026-11-23", "more": "words"}, tag, 422)
    await send(browser, f"{ME}tell", {"day": "2026-11-23"}, tag, 303)
    await look(browser, f"{ME}tell", tag)

    page = await look(browser, f"{ME}share", tag)
    item = re.findall(r'name="items" type="checkbox" value="([^"]+)"', page)
    assert len(item) > 1
    await send(browser, f"{ME}share", {}, tag, 422)
    await send(browser, f"{ME}share", {"items": str(uuid4())}, tag, 409)
    for _ in range(5):
        page = await send(browser, f"{ME}share", {"items": item[0]}, tag, 200)
    await send(browser, f"{ME}share", {"items": item[0]}, tag, 409)
    share = re.search(r'action="([^"]+/withdraw)"', page)
    assert share
    await send(browser, share[1], {}, tag, 303)
    await look(browser, f"{ME}share", tag)

    await look(browser, f"{ME}about", tag)
    await send(browser, f"{ME}about", {"groups": ["race:asian", "language:es"]}, tag, 303)
    await look(browser, f"{ME}about", tag)
    await send(browser, f"{ME}about", {"do": "erase"}, tag, 303)
    await look(browser, f"{ME}about", tag)


@pytest.mark.parametrize("tag", TAGS)
async def test_no_english_around_a_letter_and_its_answer(browser: Browser, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps.at(monkeypatch, TODAY)
    check = await steps.make_check()
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="background_check", since=date(2020, 1, 1)))
    await steps.told(check)
    notice = f"{ME}notices/{(await steps.letters(check))[0]['id']}"
    await enter(browser, check.person, tag)
    await look(browser, f"{ME}notices", tag)
    await look(browser, notice, tag)
    await look(browser, f"{notice}/answer", tag)
    await send(browser, f"{notice}/answer", {"words": "x" * 4001}, tag, 422)
    await send(browser, f"{notice}/answer", {"wrong": "yes", "words": "My number is 219-09-9999."}, tag, 422)
    await look(browser, f"{notice}/answer", tag)
    await send(browser, f"{notice}/answer", {"wrong": "yes"}, tag, 303)
    await look(browser, notice, tag)
    await look(browser, f"{notice}/answer", tag)
    await send(browser, f"{notice}/answer", {"wrong": "yes"}, tag, 409)
    await look(browser, f"{ME}checks/{check.order}", tag)
    await send(browser, f"{notice}/withdraw", {"sure": "yes"}, tag, 303)
    await look(browser, notice, tag)


@pytest.mark.parametrize("tag", TAGS)
async def test_what_is_not_there_is_told_without_english(browser: Browser, rosa: UUID, tag: str) -> None:
    await enter(browser, rosa, tag)
    for address in (f"{ME}checks/{uuid4()}", f"{ME}notices/{uuid4()}", "/p/background_check/"):
        page = (await browser.see(address, status=None)).text
        sound(page, tag)


# --- messages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "subject"),
    [
        ("es", "Una parte de su visto bueno se vence pronto"),
        ("zh-Hans", "您的审核有一部分即将到期"),
        ("ar", "تنتهي قريبًا مدة جزء من تصريحك"),
        ("vi", "Part of your clearance runs out soon"),
    ],
)
async def test_the_worker_writes_in_the_persons_language(app: Litestar, database: str, tag: str, subject: str) -> None:
    await make_alder()
    person = await placed(calendar.add_months(TODAY + timedelta(days=30), -60), language=tag)
    address = await address_of(person)
    async with tenant_transaction("alder"):
        await enqueue(RENEWALS, tenant="alder")
    with worker(database) as process:
        async with asyncio.timeout(60):
            while not (written := await letters(address)):
                assert process.poll() is None
                await asyncio.sleep(0.2)
    assert [each[0] for each in written] == [subject]
