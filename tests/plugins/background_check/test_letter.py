"""What letters about a check say: that nothing is decided, the rights the law gives and no other, in every language we have."""

from __future__ import annotations

import re
from datetime import date
from string import Formatter

import msgspec
import pytest

from plugins.background_check.rules import letters, timers
from plugins.background_check.rules.letters import About
from staffing.api import Letter
from staffing.documents.conformance import faults
from staffing.documents.letter import page_of
from staffing.documents.render import letter_pdf

LANGUAGES = ["es", "ar", "zh-Hans"]
ABOUT = About(
    district="Alder Unified",
    phone="(510) 555-0100",
    name="Rosa Invented",
    language="en",
    number="N-12",
    made_on=date(2026, 11, 24),
    signer=("Hana Invented", "HR clearance"),
    report=True,
    agency="Invented Screening, Inc.",
    agency_address="1 Invented Street, Springfield",
    agency_phone="(844) 555-0100",
    position="Reading tutor",
    link="https://staff.example.org/p/background_check/me/notices/1",
    items=("item 1", "item 3"),
    why="The work handles money alone.",
    copy="portal",
    deadline=date(2026, 12, 2),
    first_sent=date(2026, 11, 24),
    first_number="N-11",
)


def about(**fields) -> About:
    return msgspec.structs.replace(ABOUT, **fields)


def english(letter: Letter) -> str:
    """The English words of a letter, as its page has them."""
    text = re.sub(r"<[^>]+>", " ", page_of(msgspec.structs.replace(letter, language="en")))
    return re.sub(r"\s+", " ", text.replace("&#39;", "’").replace("\u2068", "").replace("\u2069", ""))


# --- the summary of rights ---


def test_the_summary_is_the_bureau_s_current_form() -> None:
    text = letters.summary()
    assert text.title == "A Summary of Your Rights Under the Fair Credit Reporting Act"
    contacts = dict(text.contacts)
    assert "Office of Aviation Consumer Protection" in contacts["3. Air carriers"]
    limited = next(one for one in text.rights if one.lead.startswith("You may limit"))
    assert limited.text.endswith("You may opt out with the nationwide credit bureaus at 1-888-567-8688.")
    assert (len(text.rights), len(text.contacts)) == (12, 13)
    assert text.url.startswith("https://files.consumerfinance.gov/")


def test_the_summary_goes_out_word_for_word_with_a_report_and_not_at_all_with_a_record() -> None:
    said = english(letters.before(about()))
    text = letters.summary()
    sentences = [text.spanish, text.title, *text.intro, text.closing, *(cell for row in text.contacts for cell in row)]
    sentences += [part for one in text.rights for part in (one.lead, one.text, *one.items, *one.after)]
    for sentence in sentences:
        assert sentence in said
    assert text.title not in english(letters.before(about(report=False, copy="agency")))


def test_the_version_of_a_letter_names_the_words_and_the_summary() -> None:
    assert letters.version(about()) == f"{letters.english().version}+{letters.summary().version}"
    assert letters.version(about(report=False)) == letters.english().version


# --- before a decision ---


@pytest.mark.parametrize(
    "says",
    [
        "We have not decided.",
        "with your permission, for your work as Reading tutor",
        "These items, by their number on your copy: item 1, item 3.",
        "The work handles money alone.",
        "in your account with Invented Screening, Inc.",
        "December 2, 2026",
        "the clock stops",
        "https://staff.example.org/p/background_check/me/notices/1",
        "1 Invented Street, Springfield",
        "(844) 555-0100",
        "15 USC 1681b(b)(3)(A)",
    ],
)
def test_the_letter_before_a_decision_says(says: str) -> None:
    assert says in english(letters.before(about()))


@pytest.mark.parametrize("kind", [letters.before, letters.decision])
def test_a_record_straight_from_an_agency_claims_no_right_of_the_credit_reporting_act(kind) -> None:
    said = english(kind(about(report=False, copy="agency", agency="State Bureau of Invented Records")))
    assert "challenge" in said
    for word in ("1681", "60 days", "Fair Credit", "consumer report", "dispute"):
        assert word not in said


def test_a_letter_to_be_handed_over_says_from_which_day_the_days_count() -> None:
    said = english(letters.before(about(handed=date(2026, 11, 25))))
    assert "December 2, 2026, if this letter reaches you on November 25, 2026" in said
    assert "as many days more" in said


@pytest.mark.parametrize("copy", list(letters.COPIES))
def test_each_way_to_a_copy_has_its_words(copy: str) -> None:
    report = copy in letters.REPORT_COPIES
    assert letters.before(about(copy=copy, report=report)).parts


# --- the decision, and a good end ---


@pytest.mark.parametrize(
    "says",
    [
        "On November 24, 2026 we wrote to you (N-11)",
        "We received no answer through December 2, 2026.",
        "Invented Screening, Inc. did not make this decision and cannot tell you why",
        "free copy of your report from Invented Screening, Inc. if you ask within 60 days",
        "You can dispute with Invented Screening, Inc.",
        "15 USC 1681m(a)",
        "1 Invented Street, Springfield",
        "(844) 555-0100",
    ],
)
def test_the_final_letter_says(says: str) -> None:
    assert says in english(letters.decision(about()))


def test_the_final_letter_says_that_an_answer_was_heard() -> None:
    said = english(letters.decision(about(answered=True)))
    assert "We looked at what you told us." in said
    assert "no answer" not in said


def test_a_good_end_names_its_conditions_and_nothing_of_a_record() -> None:
    said = english(letters.good_end(about(conditions=("in_sight", "no_money"))))
    assert "staff can see you at all times" in said
    assert "item 1" not in said and "handles money alone" not in said


# --- places ---


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("us_ca", "2 CCR 11017.1", "Civil Rights Department"),
        ("us_il", "775 ILCS 5/2-103.1", "Department of Human Rights"),
        ("us_ca_la_county", "Fair Chance Ordinance", ""),
        ("us_ny_nyc", "Article 23-A", ""),
        ("us_pa_philadelphia", "Philadelphia Code Chapter 9-3500", ""),
    ],
)
def test_a_place_s_sentences_are_in_the_letters_where_its_rule_counts_and_nowhere_else(key, before, after) -> None:
    assert before in english(letters.before(about(extras=(key,))))
    assert before not in english(letters.before(about()))
    if after:
        assert after in english(letters.decision(about(extras=(key,))))
        assert after not in english(letters.decision(about()))


def test_every_place_that_a_timer_names_has_words() -> None:
    named = {key for timer in timers.shipped() for key in timer.extras}
    assert named == set(letters.english().extras)
    assert set(letters.attachments(sorted(named))) == {"us_ca_la_county", "us_ny_nyc", "us_pa_philadelphia"}


# --- languages ---


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_every_sentence_with_the_same_things_put_in(language: str) -> None:
    own, en = letters.words(language), letters.english()
    assert own is not None
    assert set(own.says) == set(en.says)
    assert own.version == en.version
    for key, text in en.says.items():
        names = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert {name for _, name, _, _ in Formatter().parse(own.says[key]) if name} == names, key
    assert {key: set(parts) - {"attach"} for key, parts in en.extras.items()} == {k: set(v) for k, v in own.extras.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_that_nobody_reviewed_says_that_the_english_counts(language: str) -> None:
    made = letters.before(about(language=language))
    assert made.help is not None and made.help.en.startswith("English counts.")
    assert letters.english().says["pre_undecided"] in english(made)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
@pytest.mark.parametrize("kind", [letters.before, letters.decision, letters.good_end])
def test_every_letter_is_an_accessible_archival_pdf_in_every_language(language: str, kind) -> None:
    assert faults(letter_pdf(kind(about(language=language, extras=("us_ca",), conditions=("in_sight",))))) == []


def test_a_language_that_we_do_not_write_gets_the_english_alone() -> None:
    made = letters.before(about(language="so"))
    assert made.language == "en" and not made.two
