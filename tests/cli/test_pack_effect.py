"""``staffing packs effect`` and ``apply``, as commands in processes of their own on a real database."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from staffing.services import due
from staffing.store.engine import tenant_transaction
from staffing.store.jobs import run_waiting
from staffing.store.tables import Decision, DistrictPack
from tests.cli.test_work import command
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import ORIENTATION


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    file = tmp_path / "policy.yaml"
    file.write_text(ORIENTATION, encoding="utf-8")
    return file


@pytest.fixture
async def _alder(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", "2026-11-24")
    await make_alder()
    await cleared(given_name="Bo", family_name="Birch")
    await due.retake_in("alder")


async def _versions() -> int:
    async with tenant_transaction("alder"):
        return await DistrictPack.count()


@pytest.mark.usefixtures("_alder")
async def test_the_effect_is_printed_for_people_and_for_programs_and_nothing_is_written(database: str, pack: Path) -> None:
    code, out, err = await command(database, "packs", "effect", str(pack), "--tenant", "alder", "--on", "2026-12-01")
    assert (code, err) == (0, "")
    assert "On 2026-12-01, of 1 placements:\n       1  no longer ready" in out
    assert "district: Invite the person to the next orientation evening" in out
    assert "Bo Birch, Reading tutor, Marigold Elementary: Orientation evening" in out
    code, out, err = await command(database, "packs", "effect", str(pack), "--tenant", "alder", "--json")
    assert (code, err) == (0, "")
    found = msgspec.json.decode(out)
    assert (found["on"], found["stopped"], found["rules"][0]["rule"]) == ("2026-11-24", 1, "alder.orientation")
    assert await _versions() == 0


@pytest.mark.usefixtures("_alder")
async def test_a_pack_is_applied_from_a_day_and_decisions_follow(database: str, pack: Path) -> None:
    arguments = ("packs", "apply", str(pack), "--tenant", "alder", "--from", "2026-11-24", "--reason", "Board decision 12")
    code, out, err = await command(database, *arguments)
    assert (code, err) == (0, "")
    assert out.startswith("alder-policy counts in alder from 2026-11-24 on.")
    await run_waiting(database)
    async with tenant_transaction("alder"):
        (row,) = await Decision.select(Decision.outcome).where(Decision.current.eq(True))
    assert row["outcome"] == "hold"
    code, _, err = await command(database, *arguments)
    assert code == 2
    assert "says exactly this already" in err
    assert await _versions() == 1


@pytest.mark.usefixtures("_alder")
async def test_a_bad_pack_an_unknown_district_and_a_past_day_are_sentences_and_store_nothing(database: str, pack: Path) -> None:
    bad = pack.with_name("bad.yaml")
    bad.write_text(ORIENTATION.replace("accepts:", "acepts:"), encoding="utf-8")
    for arguments, words in (
        (("effect", str(bad), "--tenant", "alder"), f"{bad}:"),
        (("apply", str(bad), "--tenant", "alder", "--from", "2026-12-01", "--reason", "x"), f"{bad}:"),
        (("effect", str(pack), "--tenant", "oak"), "no district called 'oak'"),
        (("apply", str(pack), "--tenant", "alder", "--from", "2026-01-01", "--reason", "x"), "Choose today or a later day"),
        (("effect", str(pack.with_name("none.yaml")), "--tenant", "alder"), "cannot be read"),
    ):
        code, out, err = await command(database, "packs", *arguments)
        assert (code, out) == (2, ""), err
        assert words in err
    assert await _versions() == 0
