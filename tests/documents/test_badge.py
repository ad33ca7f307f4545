from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest
import zxingcpp

from staffing.core.errors import Unusable
from staffing.documents import badge, conformance, press, qr, render
from tests.documents.cards import PEOPLE, address, card


@pytest.fixture(scope="module")
def machine() -> press.Press:
    return press.press()


@pytest.fixture(scope="module", params=PEOPLE)
def printed(request: pytest.FixtureRequest) -> tuple[badge.Card, bytes]:
    asked = card(**PEOPLE[request.param])
    return asked, render.badge_pdf(asked)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_every_badge_conforms(printed: tuple[badge.Card, bytes]) -> None:
    assert conformance.faults(printed[1]) == []


@pytest.mark.parametrize("dpi", [96, 150, 200, 300])
def test_the_printed_code_is_read_at_screen_and_print_resolutions(printed: tuple[badge.Card, bytes], dpi: int) -> None:
    asked, pdf = printed
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [asked.address]


def test_a_badge_is_a_bank_card_with_two_sides(printed: tuple[badge.Card, bytes]) -> None:
    document = pypdfium2.PdfDocument(printed[1])
    assert len(document) == 2
    for page in document:
        width, height = (points * 25.4 / 72 for points in page.get_size())
        assert (round(width, 1), round(height, 1)) == (85.6, 54.0)


def test_the_names_and_the_last_day_are_on_it(printed: tuple[badge.Card, bytes]) -> None:
    asked, pdf = printed
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        assert asked.name in metadata["dc:title"]
    text = text_of(pdf)
    assert asked.number in text
    assert "June 30, 2027" in text
    if asked.latin_name:
        assert asked.latin_name in text
    assert ("Invented for the demonstration" in text) is asked.invented


def test_no_text_runs_over_the_line_below_it_or_off_the_card() -> None:
    longest = card(**PEOPLE["very long"])
    page = pypdfium2.PdfDocument(render.badge_pdf(longest))[0]
    words = page.get_textpage()
    height = page.get_height()
    boxes = [words.get_rect(n) for n in range(words.count_rects())]
    millimetres = [
        (left * 25.4 / 72, (height - bottom) * 25.4 / 72, right * 25.4 / 72, (height - top) * 25.4 / 72)
        for left, bottom, right, top in boxes
    ]
    column = [box for box in millimetres if box[0] > 20 and box[3] > 13 and box[1] < 44 and box[2] < 58]
    assert len(column) >= 6
    assert max(box[1] for box in column) < 42.2
    assert max(box[2] for box in millimetres) < 84


def test_the_same_card_gives_the_same_bytes() -> None:
    asked = card()
    assert render.badge_pdf(asked) == render.badge_pdf(asked)


def test_the_code_is_at_least_twenty_millimetres_and_its_modules_a_third_of_one() -> None:
    with pikepdf.open(io.BytesIO(render.badge_pdf(card()))) as document:
        page = pypdfium2.PdfDocument(render.badge_pdf(card()))[0]
        (picture,) = [found for found in page.get_objects(max_depth=4) if found.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        left, _, right, _ = picture.get_bounds()
        side = (right - left) * 25.4 / 72
        assert side >= 20
        assert side / qr.modules(address()) >= 0.33
        assert len(document.pages) == 2


def test_the_picture_of_the_code_is_described() -> None:
    with pikepdf.open(io.BytesIO(render.badge_pdf(card()))) as document:
        figures = [e for e in conformance._elements(document.Root.StructTreeRoot) if e.get("/S") == pikepdf.Name.Figure]
        assert [str(figure.Alt) for figure in figures] == [badge.QR_ALT]


def test_what_a_plugin_adds_is_printed_on_the_back() -> None:
    added = card(sections=(badge.Section(title="Hub orientation", lines=("Completed November 3, 2026.",)),))
    document = pypdfium2.PdfDocument(render.badge_pdf(added))
    assert "Hub orientation\r\nCompleted November 3, 2026." in document[1].get_textpage().get_text_bounded()


def test_text_that_looks_like_html_is_printed_as_it_is() -> None:
    assert "<b>Ana</b>" in text_of(render.badge_pdf(card(called="<b>Ana</b>", name="<b>Ana</b>")))


def test_a_letter_no_font_has_stops_the_badge_and_says_what_to_install(machine: press.Press) -> None:
    with pytest.raises(Unusable, match=r"No installed font has these letters: \U000F1234\. .*fonts-noto"):
        render.badge_pdf(card(called="\U000f1234", name="\U000f1234"))


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Đặng Thùy Linh", "ĐL"),
        ("Marisol", "M"),
        ("陈丽华", "陈"),
        ("ليلى حداد", "لح"),
        ("Ana-María de la O", "AO"),
        ("", "·"),
        ("3", "·"),
    ],
)
def test_initials_stand_for_a_name_in_its_own_script(name: str, initials: str) -> None:
    assert badge.initials_of(name) == initials


def test_the_screen_version_of_the_code_holds_the_same_address() -> None:
    picture = qr.svg("HTTPS://EXAMPLE.ORG/V/ABC", "A code")
    assert "<title>A code</title>" in picture
    assert 'viewBox="0 0 33 33"' in picture


def test_a_hundred_codes_are_all_read() -> None:
    from base64 import b64decode

    from PIL import Image

    for _ in range(100):
        asked = address("http://127.0.0.1:8000")
        picture = Image.open(io.BytesIO(b64decode(qr.data_uri(asked).partition(",")[2])))
        # only QR codes are looked for: now and then four modules in a row look like a striped code of another kind
        assert [found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)] == [asked]
