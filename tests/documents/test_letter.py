"""A letter on paper and as a page: accessible and archival in every script we write, and nothing in it is read as markup."""

from __future__ import annotations

import io
import re
from datetime import date

import msgspec
import pikepdf
import pypdfium2
import pytest

from staffing.documents.conformance import faults
from staffing.documents.letter import Enclosure, EnclosurePoint, Letter, LetterPart, Said, day_in, html_of, page_of
from staffing.documents.render import letter_pdf

DIGEST = "0123456789abcdef" * 4
OWN = {
    "es": ("Asunto de la carta", "Hola, Rosa:", "No hemos decidido."),
    "ar": ("موضوع الرسالة", "تحية طيبة", "لم نقرر بعد."),
    "zh-Hans": ("信件主题", "您好：", "我们还没有作出决定。"),
}


def letter(language: str = "en", **fields) -> Letter:
    own = OWN.get(language, ("", "", ""))
    values = {
        "district": "Alder Unified",
        "sender": ("Volunteer office",),
        "to": ("Rosa Invented",),
        "made_on": date(2026, 11, 24),
        "number": "N-12",
        "language": language,
        "subject": Said("What the letter is about", own[0]),
        "greeting": Said("Dear Rosa,", own[1]),
        "help": Said("English counts.", own[2]) if language != "en" else None,
        "parts": (
            LetterPart(heading=Said("Last day", own[0]), paragraphs=(Said("December 2, 2026", own[1]),), strong=True),
            LetterPart(items=(Said("one", own[0]), Said("two", own[1])), facts=((Said("Name", own[2]), "Invented, Inc."),)),
        ),
        "closing": Said("Sincerely,", own[1]),
        "signer": ("Hana Invented", "HR clearance"),
        "enclosures": (
            Enclosure(
                title="A text word for word",
                note="Para información en español",
                note_language="es",
                paragraphs=("A first paragraph.",),
                points=(EnclosurePoint(lead="You may.", text="And more.", items=("an item",), after=("After it.",)),),
                closing="The end.",
                head=("Business", "Contact"),
                rows=(("Air carriers", "An office"),),
            ),
        ),
        "digest": DIGEST,
        "invented": True,
    }
    return Letter(**(values | fields))


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return re.sub(r"\s+", " ", "\n".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()


@pytest.mark.parametrize("language", ["en", *OWN])
def test_a_letter_is_an_accessible_archival_pdf_and_the_same_bytes_each_time(language: str) -> None:
    pdf = letter_pdf(letter(language))
    assert faults(pdf) == []
    assert letter_pdf(letter(language)) == pdf


@pytest.mark.parametrize("language", ["es", "zh-Hans"])
def test_both_languages_are_in_it(language: str) -> None:
    said = words(letter_pdf(letter(language)))
    for text in ("What the letter is about", *OWN[language], "Invented for the demonstration", "Page 1 of"):
        assert text in said


@pytest.mark.parametrize("language", list(OWN))
def test_the_page_has_the_same_words_each_in_its_language_and_direction(language: str) -> None:
    page = page_of(letter(language))
    direction = "rtl" if language == "ar" else "ltr"
    for text in OWN[language]:
        assert text in page
    assert f'lang="{language}" dir="{direction}"' in page
    assert (page.count("<h1"), page.count("<h2")) == (0, 1)  # it stands under the heading of the page
    assert html_of(letter(language)).count("<h1") == 1
    assert "<style" not in page and "style=" not in page


def test_the_column_of_a_language_written_from_the_right_stands_on_the_right() -> None:
    document = pypdfium2.PdfDocument(letter_pdf(letter("ar")))
    page = document[0]
    found = page.get_textpage().search("What the letter is about")
    at = found.get_next()
    left, _, right, _ = page.get_textpage().get_charbox(at[0])
    document.close()
    assert right < 300 and left < 300  # the English stands in the left half of 612 points


def test_a_letter_in_english_alone_has_one_column() -> None:
    assert "lt-pair" not in page_of(letter())
    assert "lt-help" not in page_of(letter())


def test_a_language_without_words_of_ours_is_written_in_english() -> None:
    assert "lt-pair" not in page_of(letter("so", subject=Said("What the letter is about")))


def test_an_enclosure_begins_a_page_of_its_own_and_its_table_has_a_head() -> None:
    document = pypdfium2.PdfDocument(letter_pdf(letter()))
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    assert len(pages) == 2
    assert "A text word for word" in pages[1] and "A text word for word" not in pages[0]
    assert '<th scope="col">Business</th>' in page_of(letter())


def test_its_digest_and_its_title_are_in_its_metadata() -> None:
    with pikepdf.open(io.BytesIO(letter_pdf(letter()))) as document:
        xmp = document.Root.Metadata.read_bytes().decode()
    assert f"sha256:{DIGEST}" in xmp
    assert "What the letter is about: N-12, Alder Unified" in xmp


def test_nothing_in_a_letter_is_read_as_markup() -> None:
    evil = '<img src="http://127.0.0.1:9/x"><script>1</script>'
    made = letter(subject=Said(evil), to=(evil,), greeting=Said(evil), signer=(evil,))
    for html in (page_of(made), html_of(made)):
        assert "<img" not in html and "<script" not in html
        assert "&lt;script&gt;" in html


def test_a_letter_keeps_everything_when_it_is_kept_as_plain_values() -> None:
    made = letter("ar")
    assert msgspec.json.decode(msgspec.json.encode(made), type=Letter) == made


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "December 2, 2026"),
        ("es", "2 de diciembre de 2026"),
        ("zh-Hans", "2026年12月2日"),
        ("ar", "2 ديسمبر 2026"),
        ("xx", "December 2, 2026"),
        ("not a language", "December 2, 2026"),
    ],
)
def test_a_day_is_written_as_its_readers_write_it(language: str, says: str) -> None:
    assert day_in(date(2026, 12, 2), language) == says
