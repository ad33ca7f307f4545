"""The administrator reads which rules count, sees the effect of a change, and makes it; HR does the same with waivers."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from litestar import Litestar

from staffing.services import due
from staffing.store.engine import tenant_transaction
from staffing.store.jobs import run_waiting
from staffing.store.tables import Decision, DistrictPack, Journal, PluginSwitch, Waiver
from tests.services.desk import TODAY, Desk, give_papers, make_desk, make_hr
from tests.services.district_rules import ORIENTATION
from tests.web.driving import Browser

LATER = date(2026, 12, 1)


@pytest.fixture
async def desk(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    made = await make_desk()
    await give_papers(made.person)
    return made


@pytest.fixture
async def admin(browser: Browser, desk: Desk) -> Browser:
    await browser.sign_in((await make_hr("Ada Example", role="admin")).account)
    return browser


async def _outcome(desk: Desk) -> str:
    async with tenant_transaction("alder"):
        rows = await Decision.select(Decision.outcome).where(Decision.current.eq(True) & (Decision.person == desk.person))
    return rows[0]["outcome"]


async def _stored() -> tuple[int, int, int]:
    async with tenant_transaction("alder"):
        return await DistrictPack.count(), await Waiver.count(), await Journal.count()


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of the form at the foot of the effect page."""
    form = page[page.rindex("<form") :]
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    found |= dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', form, re.DOTALL))
    return {name: html.unescape(value) for name, value in found.items() if name != "_csrf_token"}


async def test_the_page_counts_the_rules_by_pack_and_tells_what_changes_when(admin: Browser) -> None:
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="certification", since=date(2027, 1, 1)))
    page = (await admin.see("/admin/rules")).text
    assert re.search(r"<h1[^>]*>\d+ rules decide here today</h1>", page)
    assert "The district has no rules of its own" in page
    assert "Jan 1, 2027" in page
    assert "us-pa" in page


async def test_rules_are_checked_shown_with_their_effect_and_applied_from_a_day(
    admin: Browser, desk: Desk, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due.retake_in("alder")
    assert await _outcome(desk) in {"allow", "advise", "provisional"}
    await admin.see("/admin/rules")
    before = await _stored()
    given = {"kind": "adopt", "text": ORIENTATION.replace("\n", "\r\n"), "since": LATER.isoformat()}
    shown = (await admin.submit("/admin/rules/effect", given, status=200)).text
    assert "1 person would no longer be ready" in shown
    assert "Orientation evening" in shown
    assert "Invite the person to the next orientation evening" in shown
    assert "Apply from Dec 1, 2026" in shown
    assert await _stored() == before, "looking writes nothing"

    fields = _fields(shown)
    no_reason = await admin.submit("/admin/rules/apply", {**fields, "reason": " "}, status=422)
    assert "Say why" in no_reason.text
    assert await _stored() == before
    await admin.submit("/admin/rules/apply", {**_fields(no_reason.text), "reason": "The board’s decision 12"}, status=303)
    async with tenant_transaction("alder"):
        (row,) = await DistrictPack.select()
    assert row["text"] == ORIENTATION
    assert row["since"] == LATER
    assert row["made_by"].endswith("Ada Example")
    await run_waiting(database)
    assert await _outcome(desk) in {"allow", "advise", "provisional"}, "not before its day"
    monkeypatch.setenv("STAFFING_TODAY", LATER.isoformat())
    await due.retake_in("alder")
    assert await _outcome(desk) == "hold"
    await admin.sign_in((await make_hr("Bea Example", role="admin")).account)  # a week later nobody is signed in any more
    page = (await admin.see("/admin/rules")).text
    assert "Alder Unified, own rules" in page
    assert "The board’s decision 12" in page
    edit = (await admin.see("/admin/rules?edit=alder-policy")).text
    assert "id: alder.orientation" in html.unescape(edit[edit.index("<textarea") :])


async def test_a_bad_text_is_shown_with_its_lines_and_nothing_is_stored(admin: Browser) -> None:
    await admin.see("/admin/rules")
    before = await _stored()
    bad = ORIENTATION.replace("kind: orientation", "kind: orientatoin")
    line = next(n for n, text in enumerate(bad.splitlines(), 1) if "orientatoin" in text)
    page = html.unescape(
        (await admin.submit("/admin/rules/effect", {"kind": "adopt", "text": bad, "since": LATER.isoformat()}, status=422)).text
    )
    assert "Nothing was stored" in page
    assert f"rules.yaml:{line}" in page
    assert "<code>- kind: orientatoin</code>" in page
    assert "kind: orientatoin" in page[page.index("<textarea") :], "the text is still there to be mended"
    assert await _stored() == before


async def test_a_file_can_be_sent_instead_and_names_itself_in_errors(admin: Browser) -> None:
    await admin.see("/admin/rules")
    data = {"_csrf_token": admin.token, "kind": "adopt", "text": "", "since": LATER.isoformat()}
    fine = await admin.post("/admin/rules/effect", data=data, files={"upload": ("policy.yaml", ORIENTATION.encode())})
    assert fine.status_code == 200
    assert _fields(fine.text)["text"].rstrip() == ORIENTATION.rstrip()
    bad = await admin.post("/admin/rules/effect", data=data, files={"upload": ("policy.yaml", b"pack: us-pa\npack: us")})
    assert bad.status_code == 422
    assert "policy.yaml:2" in bad.text
    binary = await admin.post("/admin/rules/effect", data=data, files={"upload": ("policy.yaml", b"\xff\xfe\x00")})
    assert binary.status_code == 422
    assert "not a UTF-8 text" in binary.text
    nothing = await admin.submit("/admin/rules/effect", {"kind": "adopt", "text": "", "since": LATER.isoformat()}, status=422)
    assert "Paste the pack" in nothing.text


async def test_an_effect_that_no_longer_holds_is_shown_anew_before_it_can_be_applied(admin: Browser) -> None:
    await admin.see("/admin/rules")
    given = {"kind": "adopt", "text": ORIENTATION, "since": LATER.isoformat()}
    fields = _fields((await admin.submit("/admin/rules/effect", given, status=200)).text)
    async with tenant_transaction("alder"):
        await PluginSwitch.insert(PluginSwitch(plugin="certification", since=date(2026, 1, 1)))
    again = await admin.submit("/admin/rules/apply", {**fields, "reason": "Board"}, status=422)
    assert "have changed since you looked" in again.text
    assert (await _stored())[0] == 0
    await admin.submit("/admin/rules/apply", {**_fields(again.text), "reason": "Board"}, status=303)
    assert (await _stored())[0] == 1


async def test_rules_are_ended_after_their_effect_was_seen(admin: Browser, desk: Desk, database: str) -> None:
    await admin.see("/admin/rules")
    given = {"kind": "adopt", "text": ORIENTATION, "since": TODAY.isoformat()}
    fields = _fields((await admin.submit("/admin/rules/effect", given, status=200)).text)
    await admin.submit("/admin/rules/apply", {**fields, "reason": "Board"}, status=303)
    await admin.see("/admin/rules")
    end = {"kind": "retire", "name": "alder-policy", "last_day": "2026-11-23"}
    shown = await admin.submit("/admin/rules/effect", end, status=200)
    assert "1 person would become ready" in shown.text
    await admin.submit("/admin/rules/apply", {**_fields(shown.text), "reason": "Board, again"}, status=303)
    await run_waiting(database)
    assert await _outcome(desk) in {"allow", "advise", "provisional"}
    assert "Ended" in (await admin.see("/admin/rules")).text


async def test_the_effect_of_a_plugin_is_seen_before_it_is_switched(admin: Browser, desk: Desk) -> None:
    page = (await admin.see("/admin/plugins")).text
    assert 'formaction="/admin/rules/effect"' in page
    given = {"kind": "plugin", "plugin": "background_check", "day": TODAY.isoformat(), "jurisdiction": "*", "to": "off"}
    shown = (await admin.submit("/admin/rules/effect", given, status=200)).text
    assert "background_check is switched off from November 24, 2026" in shown
    async with tenant_transaction("alder"):
        assert await PluginSwitch.count().where(PluginSwitch.until.is_not_null()) == 0
    answer = await admin.submit("/admin/rules/apply", {**_fields(shown), "reason": "Trying"}, status=303)
    assert answer.headers["location"] == "/admin/plugins"
    async with tenant_transaction("alder"):
        assert await PluginSwitch.count().where(PluginSwitch.until == TODAY) == 1


async def test_what_cannot_be_is_said_on_the_page(admin: Browser) -> None:
    await admin.see("/admin/rules")
    for given, words in (
        ({"kind": "retire", "name": "oak", "last_day": LATER.isoformat()}, "no overlay 'oak'"),
        ({"kind": "switch_on", "name": "oak", "since": LATER.isoformat()}, "brings an overlay 'oak'"),
        ({"kind": "retire", "name": "oak", "last_day": "soon"}, "Last day: Write a real date"),
        ({"kind": "adopt", "text": ORIENTATION, "since": "2020-01-01"}, "Choose today or a later day"),
    ):
        answer = await admin.submit("/admin/rules/effect", given)
        assert answer.status_code in {404, 422}
        assert words in html.unescape(answer.text)
    assert (await _stored())[0] == 0
    await admin.see("/admin/rules?edit=oak", status=404)


async def test_hr_records_a_waiver_after_seeing_its_effect_and_revokes_it(
    browser: Browser, desk: Desk, database: str, admin: Browser
) -> None:
    await admin.see("/admin/rules")
    given = {"kind": "adopt", "text": ORIENTATION, "since": TODAY.isoformat()}
    fields = _fields((await admin.submit("/admin/rules/effect", given, status=200)).text)
    await admin.submit("/admin/rules/apply", {**fields, "reason": "Board"}, status=303)
    await browser.sign_in(desk.hr.account)
    page = (await browser.see("/hr/waivers")).text
    assert "No waiver counts today" in page
    assert 'value="Alder policy 4.1"' in page
    new = {
        "kind": "record",
        "sections": "Alder policy 4.1",
        "other": "",
        "granted_by": "Board of Alder Unified",
        "starts_on": TODAY.isoformat(),
        "ends_on": "2027-06-30",
        "site": str(desk.site),
        "url": "https://board.example/12",
        "conditions": "A phone call with the coordinator.",
    }
    shown = await browser.submit("/hr/waivers/effect", new, status=200)
    assert "1 person would become ready" in shown.text
    assert (await _stored())[1] == 0
    await browser.submit("/hr/waivers/apply", {**_fields(shown.text), "reason": "Meeting of November 20"}, status=303)
    await run_waiting(database)
    assert await _outcome(desk) in {"allow", "advise", "provisional"}
    page = (await browser.see("/hr/waivers")).text
    assert "1 waiver counts today" in page
    assert "Relaxes: Orientation evening" in page
    shown = await browser.submit("/hr/waivers/effect", {"kind": "revoke", "number": "W-1", "on": TODAY.isoformat()}, status=200)
    assert "1 person would no longer be ready" in shown.text
    await browser.submit("/hr/waivers/apply", {**_fields(shown.text), "reason": "Conditions not kept"}, status=303)
    await run_waiting(database)
    assert await _outcome(desk) == "hold"
    assert "revoked from Nov 24, 2026" in (await browser.see("/hr/waivers")).text
    assert "revoked a waiver" in (await browser.see("/hr/journal")).text


async def test_a_waiver_that_cannot_be_is_shown_again_with_what_is_wrong(browser: Browser, desk: Desk) -> None:
    await browser.sign_in(desk.hr.account)
    await browser.see("/hr/waivers")
    wrong = {"kind": "record", "other": "", "granted_by": "The Board", "starts_on": "2026-12-01", "ends_on": "2026-11-30"}
    page = html.unescape((await browser.submit("/hr/waivers/effect", wrong, status=422)).text)
    assert "Name the sections waived" in page
    assert "It cannot end on 2026-11-30" in page
    assert 'value="The Board"' in page
    assert (await _stored())[1] == 0


async def test_only_administrators_open_the_rules_and_only_staff_the_waivers(browser: Browser, desk: Desk) -> None:
    await browser.see("/admin/rules", status=303)
    await browser.sign_in(desk.hr.account)
    await browser.see("/admin/rules", status=403)
    await browser.submit("/admin/rules/effect", {"kind": "adopt", "text": ORIENTATION, "since": LATER.isoformat()}, status=403)
    await browser.sign_in((await make_hr("Vera", role="coordinator", site=desk.site)).account)
    await browser.see("/hr/waivers", status=403)
