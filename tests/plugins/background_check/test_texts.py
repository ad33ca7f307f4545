"""The texts a person is shown: whole, in order, never changed after they were shown, and English is what counts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from plugins.background_check.rules import texts
from staffing.api import Invalid, NotFound

ON = date(2026, 11, 24)
NAMES = {
    "district": "Alder Unified",
    "agency": "Invented Screening",
    "agency_address": "1 Invented Way, Alder",
    "agency_phone": "510-555-0199",
    "agency_site": "screening.example",
}
#: Digests of versions that people were shown. A line is added with a version; none is ever changed or taken away.
SHOWN = {
    ("authorisation", "1", "en"): "5a22303b",
    ("authorisation", "1", "es"): "00767b62",
    ("disclosure", "1", "en"): "a7d8a833",
    ("disclosure", "1", "es"): "41c23dfa",
    ("us_ca_copy", "1", "en"): "a8b5f9d0",
    ("us_ma_notice", "1", "en"): "a4164c45",
    ("us_mn_copy", "1", "en"): "6c8ea44d",
    ("us_ny_article_23a", "1", "en"): "1e290fa1",
    ("us_ok_copy", "1", "en"): "3d4563a7",
}
SOUND = """\
id: disclosure
language: en
citation: 15 USC 1681b(b)(2)(A)
confidence: medium
versions:
  - version: "1"
    from: 2026-11-24
    title: A title
    says:
      - "{district} may ask."
    sha256: 0
"""


def with_digest(source: str) -> str:
    """The file with the digest that its words have, as the error names it."""
    with pytest.raises(Invalid) as refused:
        texts.texts_in(source, "disclosure.en.yaml")
    digest = re.search(r"it would be ([0-9a-f]{64})", str(refused.value))
    assert digest, refused.value
    return source.replace("sha256: 0", f"sha256: {digest[1]}")


def test_every_text_is_there_in_english_and_names_the_law_it_follows() -> None:
    for ident in texts.IDS:
        text = texts.current(ident, ON)
        assert text.citation
        assert text.confidence in texts.CONFIDENCE
        assert text.filled(NAMES).says


@pytest.mark.parametrize("key", texts.shipped())
def test_a_version_that_was_shown_still_has_its_words(key: tuple[str, str, str]) -> None:
    assert texts.shipped()[key].sha256[:8] == SHOWN[key]


def test_the_disclosure_consists_solely_of_the_disclosure() -> None:
    text = texts.current(texts.DISCLOSURE, ON)
    words = " ".join((text.title, *text.says)).casefold()
    assert "may obtain a consumer report about you for employment purposes" in words
    assert not text.box
    for extra in ("authoriz", "release", "liab", "waive", "hold harmless", "i agree", "california", "new york", "copy"):
        assert extra not in words, extra


def test_the_authorisation_claims_no_more_than_one_check() -> None:
    words = " ".join(texts.current(texts.AUTHORISATION, ON).says).casefold()
    assert "for this check" in words
    assert "release" not in words
    assert "liab" not in words


@pytest.mark.parametrize("ident", texts.FURTHER)
def test_what_a_place_adds_is_never_surer_than_what_was_read_of_its_law(ident: str) -> None:
    text = texts.current(ident, ON)
    assert text.confidence in {"low", "unconfirmed"}
    assert text.jurisdiction.startswith("us-")
    assert text.note


@pytest.mark.parametrize(
    ("place", "offered"),
    [("us-ca", ["us_ca_copy"]), ("us-ny", ["us_ny_article_23a"]), ("us-pa", []), ("us-mn", ["us_mn_copy"])],
)
def test_a_district_is_offered_the_texts_of_its_own_state(place: str, offered: list[str]) -> None:
    assert [text.id for text in texts.offered(place, ON)] == offered


@pytest.mark.parametrize(
    ("switched_on", "asked"),
    [
        ((), ("disclosure", "authorisation")),
        (("us_ca_copy",), ("disclosure", "us_ca_copy", "authorisation")),
        (("us_ok_copy", "us_ca_copy", "no_text_of_ours"), ("disclosure", "us_ca_copy", "us_ok_copy", "authorisation")),
    ],
)
def test_the_disclosure_comes_first_and_the_signature_last(switched_on: tuple[str, ...], asked: tuple[str, ...]) -> None:
    assert texts.asked_before(switched_on) == asked


def test_a_translation_helps_to_read_and_counts_only_once_a_lawyer_has_reviewed_it() -> None:
    english = texts.current(texts.DISCLOSURE, ON)
    spanish = texts.helps(english)["es"]
    assert english.counts
    assert not spanish.counts
    assert spanish.places == english.places
    assert len(spanish.says) == len(english.says)
    assert "en" not in texts.helps(english)


def test_names_are_put_into_the_words_and_the_digest_is_of_what_was_seen() -> None:
    text = texts.current(texts.DISCLOSURE, ON)
    here, elsewhere = text.filled(NAMES), text.filled({**NAMES, "district": "Birch {agency} Schools"})
    assert "Alder Unified may obtain" in here.says[0]
    assert "Birch {agency} Schools may obtain" in elsewhere.says[0]
    assert here.digest != elsewhere.digest
    assert texts.as_shown(text.id, text.version, "en", here.values) == here


def test_a_text_without_the_names_it_needs_is_not_shown_with_holes() -> None:
    text = texts.current("us_ca_copy", ON)
    with pytest.raises(Invalid, match="address and the telephone number of the company"):
        text.filled({"district": "Alder Unified", "agency": "Invented Screening"})
    assert texts.as_shown(text.id, text.version, "en", {"agency": "Invented Screening"}) is None


def test_a_version_that_is_no_longer_here_is_not_made_up() -> None:
    assert texts.as_shown("disclosure", "0", "en", NAMES) is None
    with pytest.raises(NotFound):
        texts.current("disclosure", date(2020, 1, 1))
    with pytest.raises(NotFound):
        texts.current("no_text_of_ours", ON)


def test_the_newest_version_of_a_day_is_shown_and_older_ones_stay() -> None:
    second = with_digest(SOUND)
    other = second.replace('version: "1"', 'version: "2"').replace("2026-11-24", "2027-01-01").split("versions:\n")[1]
    both = second + re.sub(r"sha256: \w+", "sha256: 0", other)
    found = texts.texts_in(with_digest(both), "disclosure.en.yaml")
    assert [(text.version, text.since) for text in found] == [("1", ON), ("2", date(2027, 1, 1))]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("may ask.", "may ask us."), "do not fit their digest"),
        (("{district}", "{school}"), "cannot be put into a text"),
        (("confidence: medium", "confidence: sure"), "confidence is one of"),
        (("citation: 15 USC 1681b(b)(2)(A)\n", ""), "citation names the law"),
        (("id: disclosure", "id: disclosing"), "make the name of the file"),
        (("title: A title", "titel: A title"), "'titel' is not a field of a version"),
        (("language: en", "language: en\nwaiver: yes"), "'waiver' is not a field of a text"),
        (('      - "{district} may ask."\n', ""), "says lists the paragraphs"),
        (("2026-11-24", "soon"), "the day from which it is shown"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(change: tuple[str, str], says: str) -> None:
    sound = with_digest(SOUND)
    assert texts.texts_in(sound, "disclosure.en.yaml")
    with pytest.raises(Invalid, match=r"disclosure\.en\.yaml:\d+: ") as refused:
        texts.texts_in(sound.replace(*change), "disclosure.en.yaml")
    assert says in str(refused.value)


@pytest.mark.parametrize("source", ["just words", "id: disclosure\nlanguage: en\ncitation: x\nconfidence: low\nversions: none\n"])
def test_a_file_that_is_no_text_is_refused(source: str) -> None:
    with pytest.raises(Invalid, match=r"disclosure\.en\.yaml:\d+: "):
        texts.texts_in(source, "disclosure.en.yaml")
