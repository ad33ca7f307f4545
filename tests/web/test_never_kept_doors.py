"""Every door is tried with what is never kept: afterwards it is in no table of the database and in no log."""

from __future__ import annotations

import io
import logging
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pikepdf
import pytest
from litestar import Litestar

from staffing import logs
from staffing.core.errors import Invalid
from staffing.services import messages, uploads
from staffing.services.exchange.edfi_import import import_edfi
from staffing.store import journal
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Document, Message, PluginSwitch
from tests.factories import make_tenant
from tests.plugins.background_check import checks, posts
from tests.services.desk import TODAY, Desk, make_desk, send_in
from tests.web.driving import Browser, visitor

SSN = "SSN 219-09-9998"
LICENCE = "driver's license Q7654321"
REPORT = "Convicted of theft in 1998. Disposition: guilty. Docket no. 77-1234"
#: What is sent, and the part of it that must be nowhere afterwards.
PRIVATE = [(SSN, "219-09-9998"), (LICENCE, "Q7654321"), (REPORT, "Convicted of theft")]
PARTS = [part for _, part in PRIVATE]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, as a handler of the root logger writes it, also where a server has set its loggers apart."""
    logs.guard()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield out
    finally:
        root.removeHandler(handler)


async def is_kept(url: str, *parts: str) -> list[str]:
    """The tables of the whole database in which any of these parts stands, in whichever column (bytes too)."""
    admin = await asyncpg.connect(url)
    try:
        tables = await admin.fetch(
            "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        )
        wanted = [*parts, *(part.encode().hex() for part in parts)]
        found = []
        for table in tables:
            rows = await admin.fetchval(
                f"SELECT count(*) FROM {table['name']} t WHERE EXISTS "
                "(SELECT 1 FROM unnest($1::text[]) p WHERE strpos(lower(t::text), lower(p)) > 0)",
                wanted,
            )
            if rows:
                found.append(table["name"])
        return found
    finally:
        await admin.close()


def paper(*pages: str) -> bytes:
    """A PDF with a text layer."""
    out = io.BytesIO()
    with pikepdf.new() as made:
        for text in pages:
            page = made.add_blank_page(page_size=(600, 800))
            lines = " ".join(f"({line}) Tj T*" for line in text.replace("(", "").replace(")", "").splitlines())
            page.Contents = made.make_stream(f"BT /F 12 Tf 14 TL 40 740 Td {lines} ET".encode())
            font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        made.docinfo["/Title"] = pages[0][:200]
        made.save(out)
    return out.getvalue()


@pytest.fixture
async def desk(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    return await make_desk()


@pytest.fixture
async def hr(browser: Browser, desk: Desk) -> AsyncIterator[Browser]:
    await browser.sign_in(desk.hr.account)
    await browser.see("/hr/queue")
    yield browser


async def test_the_search_of_this_test_finds_what_is_there(tenant: str, database: str) -> None:
    async with tenant_transaction(tenant):
        await Message.insert(Message(tenant=tenant, recipient="a@example.org", channel="email", subject="x", body=SSN))
    assert await is_kept(database, "219-09-9998") == ["message"]
    assert await is_kept(database, "no such words") == []


# --- forms ---


@pytest.mark.parametrize("private", PRIVATE)
async def test_a_note_of_staff_is_refused_and_the_page_keeps_the_other_words(
    hr: Browser, desk: Desk, database: str, logged: io.StringIO, private: tuple[str, str]
) -> None:
    said, part = private
    document = await send_in(desk.person)
    form = {"version": 1, "kind": "child_abuse_history", "view": "all", "reason": "other", "message": f"Look: {said}"}

    answer = await hr.submit(f"/hr/documents/{document}/send-back", form, status=422)

    assert "“Message” seems to hold" in answer.text
    assert part not in answer.text
    assert 'name="reason" value="other"' in answer.text
    assert await is_kept(database, part) == []
    assert part not in logged.getvalue()
    async with tenant_transaction("alder"):
        assert await Document.exists().where((Document.id == document) & (Document.state == "waiting"))


async def test_the_form_can_be_sent_again_from_the_page_that_refused_it(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    form = {"version": 1, "kind": "child_abuse_history", "view": "all", "reason": "other", "message": f"Please send it. {SSN}"}
    refused = await hr.submit(f"/hr/documents/{document}/send-back", form, status=422)
    assert f'action="/hr/documents/{document}/send-back"' in refused.text
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', refused.text))
    words = re.search(r'name="message" value="([^"]*)"', refused.text)
    assert words
    assert words[1] == "Please send it. SSN"

    await hr.submit(f"/hr/documents/{document}/send-back", {**kept, "message": "Please send it."}, status=303)

    async with tenant_transaction("alder"):
        assert await Document.exists().where((Document.id == document) & (Document.state == "sent_back"))


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_somebody_who_signs_up_is_asked_to_take_it_out(
    browser: Browser, district: str, database: str, said: str, part: str
) -> None:
    await browser.see(f"/d/{district}/join/name")
    answer = await browser.submit(f"/d/{district}/join/name", {"given": "Rosa", "family": said, "badge": "Ms. R"}, status=422)
    assert "“Family” seems to hold" in answer.text
    assert 'name="given" value="Rosa"' in answer.text
    assert await is_kept(database, part) == []


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_a_plugin_s_form_is_behind_the_same_door(hr: Browser, desk: Desk, database: str, said: str, part: str) -> None:
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="union_agreement", since=date(2020, 1, 1)))
    answer = await hr.submit("/p/union_agreement/positions/class", {"name": f"Aide {said}", "unit": ""}, status=422)
    assert "“Name” seems to hold" in answer.text
    assert await is_kept(database, part) == []


async def test_a_program_is_told_in_problem_details(hr: Browser, desk: Desk) -> None:
    document = await send_in(desk.person)
    answer = await hr.post(
        f"/hr/documents/{document}/send-back",
        data={"_csrf_token": hr.token, "message": SSN},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["message"]
    assert "219-09-9998" not in answer.text


async def test_what_is_sent_as_json_goes_through_the_door_too(hr: Browser, desk: Desk, database: str) -> None:
    answer = await hr.post("/hr/queue/send-back", json={"note": SSN}, headers={"x-csrftoken": hr.token})
    assert answer.status_code == 422
    assert await is_kept(database, "219-09-9998") == []


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_a_list_is_refused_with_its_line(hr: Browser, desk: Desk, database: str, said: str, part: str) -> None:
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="union_agreement", since=date(2020, 1, 1)))
    body = f"kind,on,until,classification\nvacancy,2026-10-05,,Office clerk\nvacancy,2026-10-06,,{said}\n"
    answer = await hr.submit(
        "/p/union_agreement/positions/check",
        {"complete_through": "2026-11-24"},
        status=422,
        files={"upload": ("actions.csv", body.encode(), "text/csv")},
    )
    assert "The file “actions.csv” seems to hold" in answer.text
    assert "in line" in answer.text
    assert "choose the photo or file again" in answer.text
    assert await is_kept(database, part) == []


async def test_a_list_without_it_reaches_its_handler_whole(hr: Browser, desk: Desk) -> None:
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="union_agreement", since=date(2020, 1, 1)))
    head = "kind,on,until,classification,unit,site,positions,hours_before,hours_after,duties,cause\n"
    body = head + "vacancy,2026-10-05,,Office clerk,,,1,,,clerical,\n" * 3000
    answer = await hr.submit(
        "/p/union_agreement/positions/check",
        {"complete_through": "2026-11-24"},
        files={"upload": ("actions.csv", body.encode(), "text/csv")},
    )
    assert "Line 3001" in answer.text or "row can be imported" in answer.text or "rows" in answer.text
    assert "is never kept" not in answer.text


async def test_the_name_of_a_file_is_looked_at_too(hr: Browser, desk: Desk, database: str) -> None:
    answer = await hr.submit(
        "/hr/queue/send-back", {"reason": "other"}, status=422, files={"upload": (f"{SSN}.pdf", b"%PDF-1.7", "application/pdf")}
    )
    assert "The name of the file seems to hold" in answer.text
    assert await is_kept(database, "219-09-9998") == []


# --- papers ---


PAPERS = {
    "a state's certificate with a covered number": (
        "Pennsylvania State Police\nResponse for criminal record check\nSocial Security No: XXX-XX-9998\nHas no criminal record",
        "cover the number",
    ),
    "a certificate with a licence number": (f"Certificate of Rosa Example\n{LICENCE}", "cover the number"),
    "an answer of the FBI": (
        "FEDERAL BUREAU OF INVESTIGATION\nIDENTITY HISTORY SUMMARY\nhas revealed no prior arrest data at the FBI",
        "outcome only",
    ),
    "a rap sheet": ("1-ARRESTED OR RECEIVED 1999/07/01\nCHARGE 1-THEFT\nDISPOSITION-CONVICTED", "outcome only"),
    "a report": (REPORT, "outcome only"),
}


@pytest.mark.parametrize("which", PAPERS)
async def test_a_paper_is_refused_by_the_text_on_its_pages_with_what_to_do(
    desk: Desk, database: str, logged: io.StringIO, which: str
) -> None:
    text, says = PAPERS[which]
    volunteer = desk.hr.__class__(tenant="alder", name="Thùy Linh", role="volunteer", person=desk.person)
    data = paper("A first page with nothing on it", text)
    with pytest.raises(Invalid, match=says) as refused:
        await uploads.receive(volunteer, kind="tb_screening", data=data, file_name="paper.pdf", limit=10_000_000)
    assert "file" in refused.value.fields
    assert "9998" not in str(refused.value)
    async with tenant_transaction("alder"):
        assert await Document.count() == 0
    assert await is_kept(database, "XXX-XX-9998", "Q7654321", "ARRESTED OR RECEIVED") == []
    assert logged.getvalue() == ""


async def test_an_ordinary_certificate_is_kept_without_what_nobody_sees_and_under_a_name_without_numbers(
    desk: Desk, database: str
) -> None:
    volunteer = desk.hr.__class__(tenant="alder", name="Thùy Linh", role="volunteer", person=desk.person)
    data = paper("Pennsylvania State Police\nNo record exists. Control no. R12345678")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.docinfo["/Subject"] = SSN
        out = io.BytesIO()
        pdf.save(out)
    assert b"219-09-9998" in out.getvalue()
    ident = await uploads.receive(volunteer, kind="tb_screening", data=out.getvalue(), file_name=f"{SSN}.pdf", limit=10_000_000)
    async with tenant_transaction("alder"):
        row = await Document.select(Document.file_name).where(Document.id == ident).first()
    assert row is not None
    assert "219" not in row["file_name"]
    assert await is_kept(database, "219-09-9998") == []
    assert b"219-09-9998" not in uploads.clean(out.getvalue(), 10_000_000).data


# --- imports, messages, the journal, events, logs ---


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_an_ed_fi_export_with_it_is_not_imported_and_the_report_does_not_repeat_it(
    database: str, tmp_path: Path, said: str, part: str
) -> None:
    folder = Path(shutil.copytree(Path(__file__).parents[1] / "fixtures" / "ed-fi" / "small", tmp_path / "export"))
    path = folder / "StaffAssociation.xml"
    text = path.read_text(encoding="utf-8")
    assert "<FirstName>Walt</FirstName>" in text
    path.write_text(text.replace("<FirstName>Walt</FirstName>", f"<FirstName>{said}</FirstName>"), encoding="utf-8")
    report = await import_edfi(folder, commit=True)
    assert not report.committed
    assert report.errors
    assert part not in str(report)
    assert await is_kept(database, part) == []


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_a_message_goes_out_without_it(tenant: str, database: str, said: str, part: str) -> None:
    async with tenant_transaction(tenant):
        await messages.send("rosa@example.org", f"About {said}", f"You wrote: {said}. Thank you.")
        assert await Message.count() == 1
    assert await is_kept(database, part) == []


@pytest.mark.parametrize(("said", "part"), PRIVATE)
async def test_the_journal_tells_what_happened_without_it(tenant: str, database: str, said: str, part: str) -> None:
    nested = {"lines": [f"first\n{said}", {"deep": said}], "count": 5}
    async with tenant_transaction(tenant):
        await journal.record("person:told", "person/1", actor="hr/sam", why=f"because {said}", more=nested)
        await journal.record_many("person:told", [("person/2", {"why": said}), ("person/3", {"why": "fine"})], actor="hr/sam")
    assert await is_kept(database, part) == []
    assert await journal.verify(tenant) is None


async def test_a_provider_s_event_leaves_nothing_but_its_ids(app: Litestar, database: str, logged: io.StringIO) -> None:
    await make_tenant("alder")
    account = await checks.make_account(secrets={"api_key": posts.KEY})
    body = posts.event("evt1", id="rep1", candidate_id="can1", ssn="219-09-9998", note=REPORT, driver_license_number="Q7654321")
    async with visitor(app) as provider:
        for key in (posts.KEY, "another key"):
            answer = await provider.post(posts.address(account), content=body, headers=posts.signed(body, key))
            assert answer.status_code in (200, 401)
    assert await is_kept(database, "evt1") == ["background_check.check_event"]
    assert await is_kept(database, *PARTS) == []
    assert not any(part in logged.getvalue() for part in PARTS)


LOGGED: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("staffing.web", SSN, ()),
    ("staffing.web", "somebody sent %s to %d places", (SSN, 3)),
    ("asyncpg", "%(what)s failed", ({"what": LICENCE},)),
    ("uvicorn.error", "could not take %r", (REPORT,)),
    ("any.other", "number %s-%s-%s", ("219", "09", "9998")),
)


@pytest.mark.parametrize(("name", "message", "args"), LOGGED)
def test_no_logger_writes_it(logged: io.StringIO, name: str, message: str, args: tuple[Any, ...]) -> None:
    logging.getLogger(name).error(message, *args)
    said = logged.getvalue()
    assert "not kept]" in said
    assert not any(part in said for part in PARTS)


def test_the_access_log_keeps_its_arguments_in_place_and_loses_what_was_in_the_address(logged: io.StringIO) -> None:
    from uvicorn.logging import AccessFormatter

    handler = next(one for one in logging.getLogger().handlers if getattr(one, "stream", None) is logged)
    handler.setFormatter(AccessFormatter('%(client_addr)s "%(request_line)s" %(status_code)s', use_colors=False))
    where = "/hr/people?q=219-09-9998"
    logging.getLogger("uvicorn.access").error('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "GET", where, "1.1", 200)
    assert "219-09-9998" not in logged.getvalue()
    assert "/hr/people?q=" in logged.getvalue()


def test_an_error_that_is_logged_with_its_story_loses_it(logged: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot read {SSN}")
    except ValueError:
        logging.getLogger("staffing.web").exception("it failed")
    said = logged.getvalue()
    assert "it failed" in said
    assert "ValueError" in said
    assert "219-09-9998" not in said


def test_what_is_ordinary_is_logged_as_it_is(logged: io.StringIO) -> None:
    logging.getLogger("staffing.web").error("%s took %.1f s", "/hr/queue", 0.25)
    assert logged.getvalue() == "/hr/queue took 0.2 s\n"
