"""Languages: how one is chosen, right to left, and catalogues that are whole."""

from __future__ import annotations

import re

import pytest
from litestar import Litestar

from staffing.core import reasons
from staffing.core.findings import Text
from staffing.core.standard_facts import STANDARD
from staffing.locale import build
from staffing.web import i18n
from tests.factories import make_account, make_person
from tests.web.driving import Browser, visitor


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("es-419", "es"),
        ("ar-EG", "ar"),
        ("de,es;q=0.5", "es"),
        ("xx", "en"),
        ("", "en"),
        ("en-GB", "en"),
    ],
)
async def test_the_browsers_wish_is_met_with_the_closest_language_we_have(app: Litestar, asked: str, given: str) -> None:
    async with visitor(app, **{"Accept-Language": asked}) as client:
        assert f'<html lang="{given}"' in (await client.see("/")).text


async def test_a_choice_in_the_address_is_kept_and_wins(browser: Browser, district: str) -> None:
    assert '<html lang="es"' in (await browser.see(f"/d/{district}?lang=es")).text
    assert '<html lang="es"' in (await browser.see("/")).text
    assert '<html lang="en"' in (await browser.see("/?lang=en")).text
    assert '<html lang="en"' in (await browser.see("/?lang=klingon")).text


async def test_the_persons_own_language_speaks_after_signing_in(browser: Browser, district: str) -> None:
    person = await make_person(district, language="es")
    account = await make_account(district, role="volunteer", person=person)
    await browser.sign_in(account)
    assert '<html lang="es"' in (await browser.see("/me")).text


async def test_arabic_runs_right_to_left_with_its_own_style_sheet(browser: Browser, district: str) -> None:
    text = (await browser.see(f"/d/{district}/join/name?lang=ar")).text
    assert '<html lang="ar" dir="rtl"' in text
    assert "vendor.rtl.css" in text
    assert "ما اسمك؟" in text


async def test_the_menu_lists_languages_that_have_a_catalogue_under_their_own_names(browser: Browser) -> None:
    text = (await browser.see("/")).text
    assert re.findall(r'hreflang="([^"]+)"', text) == ["en", "es", "zh-Hans", "ar"]
    assert "العربية" in text
    assert "Tiếng Việt" not in text


async def test_names_of_places_are_isolated_and_marked_as_english(browser: Browser, district: str) -> None:
    text = (await browser.see("/?lang=ar")).text
    assert '<bdi lang="en">Maple Ridge</bdi>' in text


def test_a_rules_sentence_without_translation_is_marked_as_english() -> None:
    i18n.speak("es")
    try:
        assert i18n.spoken(Text("A sentence of a pack.")) == '<span lang="en" dir="ltr">A sentence of a pack.</span>'
        assert i18n.spoken(Text("On record, good through {through}.", {"through": "2027-03-02"})) == (
            "Registrado, válido hasta el 2 mar 2027."
        )
        assert i18n.spoken("<b>") == '<span lang="en" dir="ltr">&lt;b&gt;</span>'
    finally:
        i18n.speak("en")


@pytest.mark.parametrize(
    ("tag", "day"), [("en", "Mar 2, 2027"), ("es", "2 mar 2027"), ("zh-Hans", "2027年3月2日"), ("ar", "2 مارس 2027")]
)
def test_months_are_words_in_every_language(tag: str, day: str) -> None:
    i18n.speak(tag)
    try:
        assert i18n.day("2027-03-02") == day
    finally:
        i18n.speak("en")


@pytest.mark.parametrize("language", build.RELEASED)
def test_the_compiled_catalogue_is_the_one_in_text(language: str) -> None:
    compiled = build.po_file(language).with_suffix(".mo").read_bytes()
    assert compiled == build.compiled(build.read(language)), "run python -m staffing.locale.build"


@pytest.mark.parametrize("language", build.RELEASED)
def test_every_sentence_of_the_volunteers_pages_is_translated_with_its_values(language: str) -> None:
    catalog = build.read(language)
    lacking = []
    for file, message, context in build.sentences(build.COMPLETE):
        one = message if isinstance(message, str) else message[0]
        found = catalog.get(one, context)
        said = () if found is None else (found.string,) if isinstance(found.string, str) else tuple(found.string)
        if not said or not all(said):
            lacking.append(f"{file}: {one}")
        elif isinstance(message, str) and set(re.findall(r"%\(\w+\)s|\{\w+\}", one)) != set(
            re.findall(r"%\(\w+\)s|\{\w+\}", said[0])
        ):
            lacking.append(f"{file}: {one} loses a value")
    assert not lacking


@pytest.mark.parametrize(
    ("tag", "name"), [("es", "Spanish"), ("zh-Hans", "Simplified Chinese"), ("hmn", "Hmong"), ("qqq", "qqq")]
)
def test_a_language_has_a_name_even_if_it_is_only_its_tag(tag: str, name: str) -> None:
    assert i18n.language_name(tag) == name


@pytest.mark.parametrize(
    ("written", "tag"), [("Hmong", "hmn"), ("español", "es"), ("yue", "yue"), ("xyzzyplugh", None), ("x", None)]
)
def test_a_language_is_found_by_the_name_people_write(written: str, tag: str | None) -> None:
    from staffing.web.site.spoken import parse_language

    assert parse_language(written) == tag


def test_a_finding_is_spoken_in_spanish_with_the_names_inside_it() -> None:
    i18n.speak("es")
    try:
        said = i18n.plain(Text("Not on record: {kinds}.", {"kinds": "FBI fingerprint check, Tuberculosis screening"}))
        assert "FBI fingerprint check" not in said
        assert "Tuberculosis screening" not in said
        known = i18n.plain(Text("Not known yet: {facts}.", {"facts": "date of birth, living in the state since"}))
        assert known.endswith("fecha de nacimiento, vive en el estado desde.")
    finally:
        i18n.speak("en")


def test_every_sentence_the_kernel_says_of_a_rule_is_there_in_spanish() -> None:
    spoken = build.read("es")
    kernel = [*reasons.NOTES.values(), *(spec.label for spec in STANDARD.values() if spec.label)]
    for _, message, _ in build.sentences(tuple(f for f in build.FURTHER if f.startswith("staffing/core/"))):
        kernel.append(str(message))
    missing = [sentence for sentence in kernel if not (found := spoken.get(sentence)) or not found.string]
    assert missing == []
