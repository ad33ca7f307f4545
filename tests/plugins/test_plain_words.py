"""What packs say to people: plain enough to be read, and in Spanish as well as in English."""

from __future__ import annotations

import re

import pytest
from babel.messages.mofile import read_mo

from staffing import host, rulebook
from staffing.locale import packs as catalogues
from staffing.locale import pages
from tests.plugins.reading_grade import grade

RULES = rulebook.rules(host.load())
REQUIREMENTS = [requirement for pack in RULES.packs for requirement in pack.requirements]
BY_PLUGIN = catalogues.templates()
PACKS = [(plugin, pack, every) for plugin, packs in BY_PLUGIN.items() for pack, every in packs]


def test_a_hard_sentence_is_told_from_a_plain_one():
    assert grade("Read the card. Sign it.") < 2
    assert grade("Supplementary documentation demonstrating eligibility must be obtained from the administering authority.") > 14


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.id)
def test_why_a_rule_asks_is_said_for_the_eighth_grade_at_most(requirement):
    assert grade(requirement.why) <= 8.0


def test_on_average_the_sixth_grade_is_enough():
    assert sum(grade(requirement.why) for requirement in REQUIREMENTS) / len(REQUIREMENTS) <= 6.0


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda r: r.id)
def test_what_to_do_and_what_is_said_of_a_case_stays_below_the_eleventh_grade(requirement):
    said = [str(requirement.remedy.what)]
    for version in requirement.versions:
        said += [exemption.reason for exemption in version.unless] + [must.otherwise for must in version.must]
        said += [version.no_rule] if version.no_rule else []
    assert {sentence: grade(sentence) for sentence in said if grade(sentence) > 10.5} == {}


@pytest.mark.parametrize(("plugin", "pack", "every"), PACKS, ids=[f"{p}/{catalogues.name(pack)}" for p, pack, _ in PACKS])
def test_every_sentence_of_a_pack_is_there_in_spanish_with_its_values(plugin, pack, every):
    spoken = catalogues.read(pack, "es")
    for message in every:
        if message.id:
            found = spoken.get(message.id)
            assert found is not None and found.string, message.id
            assert sorted(re.findall(r"\{\w+\}", str(found.string))) == sorted(re.findall(r"\{\w+\}", str(message.id)))


@pytest.mark.parametrize("plugin", BY_PLUGIN)
def test_what_is_compiled_is_what_the_texts_say(plugin):
    pack = BY_PLUGIN[plugin][0][0]
    compiled = catalogues.po_file(pack, "es").parent / "LC_MESSAGES" / f"{plugin}.mo"
    with compiled.open("rb") as file:
        spoken = said(read_mo(file))
    written = {id_: words for pack, _ in BY_PLUGIN[plugin] for id_, words in said(catalogues.read(pack, "es")).items()}
    of_pages = said(pages.read(host.load()[plugin], "es"))
    assert not written.keys() & of_pages.keys()
    assert spoken == written | of_pages


def said(catalog):
    """Message → its words; with plurals a pair → all its forms."""
    return {_key(message.id): _key(message.string) for message in catalog if message.id}


def _key(words):
    return words if isinstance(words, str) else tuple(words)
