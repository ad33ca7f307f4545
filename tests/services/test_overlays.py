"""A district's own rules: from which day they count, what is refused, and that each district sees its own alone."""

from __future__ import annotations

from datetime import date, timedelta

import asyncpg
import pytest

from staffing import host, rulebook
from staffing.core.errors import Conflict, Invalid, NotAllowed, NotFound
from staffing.services import due
from staffing.services.actors import Actor
from staffing.services.district_rules import changes, in_force
from staffing.services.district_rules.changes import AdoptOverlay, RetireOverlay, SwitchOnOverlay, SwitchPlugin
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Decision, DistrictPack, Journal, PluginSwitch, Tenant
from tests.factories import make_evidence, make_tenant
from tests.services.cleared import cleared, make_alder
from tests.services.district_rules import ORIENTATION, TODAY, admin, adopt, decided, outcomes, stopped_by

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFFING_TODAY", TODAY.isoformat())


async def _rows(tenant: str = "alder") -> list[dict]:
    async with tenant_transaction(tenant):
        return await DistrictPack.select().order_by(DistrictPack.overlay, DistrictPack.version)


async def test_an_overlay_counts_from_its_first_day_and_not_on_the_day_before() -> None:
    await make_alder()
    placement = await cleared()
    since = date(2026, 12, 10)
    assert await adopt(since=since) == "alder-policy"
    assert "alder.orientation" not in stopped_by(await decided(placement, since - timedelta(days=1)))
    assert "alder.orientation" in stopped_by(await decided(placement, since))
    before = await decided(placement, TODAY)
    assert before.outcome.clears
    assert before.holds_until == since, "nothing is promised beyond the day on which the rules change"


async def test_everybody_is_decided_again_when_the_overlay_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    await make_alder()
    placement = await cleared()
    since = date(2026, 12, 10)
    assert (await outcomes())[placement] in {"allow", "advise"}
    await adopt(since=since)
    assert (await outcomes())[placement] in {"allow", "advise"}
    monkeypatch.setenv("STAFFING_TODAY", since.isoformat())
    assert await due.retake_in("alder") == 1
    assert (await outcomes())[placement] == "hold"
    assert await due.retake_in("alder") == 0, "twice changes nothing more"


async def test_what_the_overlay_asks_for_can_be_brought() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    assert (await outcomes())[placement] == "hold"
    async with tenant_transaction("alder"):
        row = await Decision.select(Decision.person).where(Decision.placement == placement).first()
    await make_evidence("alder", person=row["person"], kind="orientation", issued_on=date(2026, 11, 1))
    assert (await decided(placement, TODAY)).outcome.clears


async def test_a_retired_overlay_counts_on_its_last_day_and_not_the_day_after(monkeypatch: pytest.MonkeyPatch) -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    last_day = date(2026, 12, 31)
    await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=last_day), "The board ended it")
    assert "alder.orientation" in stopped_by(await decided(placement, last_day))
    assert "alder.orientation" not in stopped_by(await decided(placement, last_day + timedelta(days=1)))
    assert (await outcomes())[placement] == "hold"
    monkeypatch.setenv("STAFFING_TODAY", "2027-01-01")
    assert (await outcomes())[placement] in {"allow", "advise"}


async def test_a_last_day_of_yesterday_ends_an_overlay_at_once() -> None:
    await make_alder()
    placement = await cleared()
    await adopt()
    await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=TODAY - timedelta(days=1)), "It was a mistake")
    assert (await outcomes())[placement] in {"allow", "advise"}


async def test_a_new_version_replaces_the_old_one_and_what_was_planned_later() -> None:
    await make_alder()
    placement = await cleared()
    await adopt(since=date(2027, 3, 1))
    stricter = ORIENTATION.replace("kind: orientation", "kind: insurance")
    await adopt(stricter, since=date(2027, 1, 1))
    for day in (date(2027, 1, 1), date(2027, 3, 1)):
        found = next(f for f in (await decided(placement, day)).findings if f.rule == "alder.orientation")
        assert found.accepts == ("insurance",)
    rows = await _rows()
    assert [(row["version"], row["since"], row["retired"]) for row in rows] == [
        (1, date(2027, 3, 1), False),
        (2, date(2027, 1, 1), False),
    ], "the history stays"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ORIENTATION.replace("accepts:", "acepts:"), r"rules\.yaml:\d+: .*acepts"),
        (ORIENTATION.replace("kind: orientation", "kind: orientatoin"), r"rules\.yaml:\d+: .*Did you mean 'orientation'"),
        (ORIENTATION.replace("from: 2020-07-01", "from: 2020-02-31"), r"rules\.yaml:\d+: 2020-02-31 is not a day"),
        (ORIENTATION.replace("overlay: alder-policy\n", ""), r"rules\.yaml:\d+: "),
        (
            ORIENTATION.replace("overlay: alder-policy", "overlay: Alder Policy"),
            r"rules\.yaml:2: An overlay's name is a short word",
        ),
        (
            ORIENTATION.replace("pack: us-pa", "pack: us-ca"),
            r"rules\.yaml:1: This pack is for us-ca, and the district is in us-pa",
        ),
        (ORIENTATION.replace("alder.orientation", "pa.vol.psp"), r"rules\.yaml:8: 'pa\.vol\.psp' is a rule of "),
        (ORIENTATION[: ORIENTATION.index("requirements:")], r"rules\.yaml:1: This pack has no rules"),
        ("Please be nice to children.", r"rules\.yaml:1: A pack is a mapping"),
        ("a: [", r"rules\.yaml:\d+: This is not valid YAML"),
        (ORIENTATION + "#" * 200_000, r"longer than 200,000 characters"),
    ],
    ids=["key", "kind", "day", "no name", "name", "state", "taken id", "no rules", "no pack", "no yaml", "too long"],
)
async def test_a_bad_overlay_says_where_and_stores_nothing(text: str, sentence: str) -> None:
    await make_alder()
    with pytest.raises(Invalid, match=sentence):
        await adopt(text)
    assert await _rows() == []
    async with tenant_transaction("alder"):
        assert await Journal.count() == 0


@pytest.mark.parametrize("since", [TODAY - timedelta(days=1), date(2030, 1, 1)])
async def test_an_overlay_begins_neither_in_the_past_nor_in_the_far_future(since: date) -> None:
    await make_alder()
    with pytest.raises(Invalid, match="Choose"):
        await adopt(since=since)
    assert await _rows() == []


async def test_a_change_that_changes_nothing_is_refused() -> None:
    await make_alder()
    await adopt()
    with pytest.raises(Conflict, match="says exactly this already"):
        await adopt(since=date(2027, 1, 1))
    await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=TODAY), "Ended")
    with pytest.raises(Conflict, match="does not count after"):
        await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=date(2027, 1, 1)), "Ended")
    with pytest.raises(NotFound, match="no overlay 'oak'"):
        await changes.apply(admin(), RetireOverlay(name="oak", last_day=TODAY), "Ended")
    assert len(await _rows()) == 2


async def test_a_reason_is_needed_and_kept_in_the_journal_with_the_digest() -> None:
    await make_alder()
    with pytest.raises(Invalid, match="Say why"):
        await changes.apply(admin(), AdoptOverlay(text=ORIENTATION, since=TODAY), "  ")
    assert await _rows() == []
    await adopt()
    async with tenant_transaction("alder"):
        (entry,) = await Journal.select().where(Journal.action == "overlay:adopted").output(load_json=True)
    assert entry["subject"] == "overlay/alder-policy"
    assert entry["facts"]["reason"] == "Adopted by the board"
    assert entry["facts"]["digest"] == (await _rows())[0]["digest"]


async def test_only_an_administrator_changes_the_rules() -> None:
    await make_alder()
    hr = Actor(tenant="alder", name="Denise Example", role="hr")
    with pytest.raises(NotAllowed):
        await changes.apply(hr, AdoptOverlay(text=ORIENTATION, since=TODAY), "No")
    assert await _rows() == []


async def test_a_change_prepared_for_rules_that_have_changed_since_is_refused() -> None:
    await make_alder()
    async with tenant_transaction("alder"):
        seen = (await in_force.rules()).fingerprint
    await adopt()
    with pytest.raises(Conflict, match="have changed since you looked"):
        await changes.apply(admin(), RetireOverlay(name="alder-policy", last_day=TODAY), "Ended", seen)
    assert len(await _rows()) == 1


async def test_versions_are_never_changed_or_removed_not_even_by_a_program() -> None:
    await make_alder()
    await adopt()
    for statement in (
        DistrictPack.update({DistrictPack.text: "other"}, force=True),
        DistrictPack.delete(force=True),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with tenant_transaction("alder"):
                await statement
    assert (await _rows())[0]["text"] == ORIENTATION


async def test_a_district_neither_sees_nor_follows_the_rules_of_another() -> None:
    await make_alder()
    mine = await cleared()
    await make_tenant("birch", jurisdiction="us-pa")
    await adopt(tenant="birch")
    assert await _rows() == []
    assert (await outcomes())[mine] in {"allow", "advise"}
    async with tenant_transaction("alder"):
        assert (await in_force.here()).overlays == ()
    assert len(await _rows("birch")) == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with tenant_transaction("alder"):
            await DistrictPack.insert(
                DistrictPack(tenant="birch", overlay="x", version=1, text="x", digest="x", since=TODAY, made_by="x")
            )


async def test_an_overlay_that_can_no_longer_be_read_holds_everybody_and_is_not_passed_over() -> None:
    """Its plugin brought the fact it reads, and was switched off."""
    await make_alder()
    placement = await cleared()
    packs = rulebook.rules(host.load(), ["background_check"]).packs
    fact = next(spec for pack in packs if pack.id in ("us", "us-pa") for spec in pack.facts if spec.type.value == "bool")
    reads = f"applies_when: {{any: [{{placement.engagement: volunteer}}, {{{fact.name}: true}}]}}"
    await adopt(ORIENTATION.replace("applies_when: {placement.engagement: volunteer}", reads))
    assert (await outcomes())[placement] == "hold"
    await changes.apply(admin(), SwitchPlugin(plugin="background_check", to=False, day=TODAY), "Trying")
    found = await decided(placement, TODAY)
    assert "staffing.no_overlay" in stopped_by(found)
    assert (await outcomes())[placement] == found.outcome.value


async def test_an_overlay_of_a_plugin_is_switched_on_by_its_name_and_counts_only_then() -> None:
    overlay = next(pack for pack in rulebook.rules(host.load()).packs if pack.overlay)
    await make_alder()
    async with tenant_transaction("alder"):
        await Tenant.update({Tenant.jurisdiction: overlay.id}).where(Tenant.id == "alder")
        await PluginSwitch.insert(PluginSwitch(plugin="certification", since=date(2026, 1, 1)))
    rule = overlay.requirements[0].id
    placement = await cleared()
    assert rule not in {f.rule for f in (await decided(placement, TODAY)).findings}
    await changes.apply(admin(), SwitchOnOverlay(name=overlay.overlay, since=date(2026, 12, 1)), "Our policy")
    assert rule not in {f.rule for f in (await decided(placement, date(2026, 11, 30))).findings}
    assert rule in {f.rule for f in (await decided(placement, date(2026, 12, 1))).findings}
    with pytest.raises(Conflict, match="counts already"):
        await changes.apply(admin(), SwitchOnOverlay(name=overlay.overlay, since=date(2027, 1, 1)), "Again")
    with pytest.raises(Invalid, match="brings an overlay"):
        await adopt(ORIENTATION.replace("alder-policy", overlay.overlay).replace("us-pa", overlay.id))


async def test_an_overlay_nobody_brings_or_for_another_state_is_not_switched_on() -> None:
    await make_alder()
    overlay = next(pack for pack in rulebook.rules(host.load()).packs if pack.overlay and pack.id != "us-pa")
    with pytest.raises(NotFound, match="brings an overlay 'oak'"):
        await changes.apply(admin(), SwitchOnOverlay(name="oak", since=TODAY), "Our policy")
    with pytest.raises(Invalid, match=f"is for {overlay.id}"):
        await changes.apply(admin(), SwitchOnOverlay(name=overlay.overlay, since=TODAY), "Our policy")
    assert await _rows() == []


async def test_a_page_reads_the_text_of_an_overlay_once() -> None:
    await make_alder()
    await adopt()
    async with tenant_transaction("alder"):
        first, second = (await in_force.here()).book, (await in_force.here()).book
    assert first is second
    assert first.has_overlay("alder-policy")
