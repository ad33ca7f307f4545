"""``staffing forecast`` as a real command on a real database."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import timedelta

import pytest

from tests.factories import make_evidence, make_position, make_site
from tests.services.own_rules import BY_TERMS, TODAY, a_year_before, decide, make_own_rules, make_placed, make_taken


async def run(url: str, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "staffing", "forecast", *arguments),
        env={**os.environ, "STAFFING_DATABASE_URL": url, "STAFFING_TODAY": TODAY.isoformat()},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_command_tells_what_lapses_in_words_and_as_json(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())
    await make_own_rules()
    site = await make_site("alder", name="Marigold Elementary")
    position = await make_position("alder", site=site, title="Online reader", terms=BY_TERMS["remote"])
    person, placement = await make_placed(position, site)
    await make_evidence(
        "alder", person=person, kind="orientation", result=None, issued_on=a_year_before(TODAY + timedelta(days=10))
    )
    await decide(person)
    await make_taken(position, TODAY + timedelta(days=12), (person, placement))

    code, out, err = await run(database, "--tenant", "alder")
    assert (code, err) == (0, "")
    assert "2026-11-24 through 2026-12-24 (30 days)" in out
    assert "1 person loses a clearance" in out
    assert "1 session left short, 1 of them with nobody, 0 as it stands today." in out
    assert "2026-12-04  Rosa" in out
    assert "Safety talk (Alder policy 5.1); 1 session from 2026-12-06" in out
    assert "3 days, free: keeps 1 session, start by 2026-12-03" in out

    code, out, err = await run(database, "--tenant", "alder", "--days", "9")
    assert (code, err) == (0, "")
    assert "Nothing lapses, and every session planned keeps its adults." in out

    code, out, err = await run(database, "--tenant", "alder", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["sessions"] == 1
    assert told["lapses"][0]["placement"] == str(placement)
    assert told["fixes"][0]["step"]["rule"] == "alder.talk"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--tenant", "atlantis"), "There is no district called 'atlantis' here."),
        (("--tenant", "alder", "--days", "0"), "A forecast looks 1 to 366 days ahead, not 0."),
        (("--tenant", "alder", "--days", "soon"), "'soon' is not a valid integer"),
    ],
)
async def test_a_wrong_district_or_window_is_refused_with_a_sentence(
    tenant: str, database: str, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = await run(database, *arguments)
    assert (code, out) == (2, "")
    assert words in err
