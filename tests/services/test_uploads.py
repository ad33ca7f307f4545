"""Files that people send in: what is taken, what is not and why, and what is left of it."""

from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from staffing.core.errors import Invalid, TooLarge
from staffing.services import uploads
from staffing.services.actors import Actor
from staffing.store import files
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Document, Journal
from tests.factories import make_person

LIMIT = 10_000_000


def photo(form: str = "JPEG", size: tuple[int, int] = (320, 200), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#7799bb").save(out, form, **options)
    return out.getvalue()


def pdf(pages: int = 1, **root: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        for _ in range(pages):
            made.add_blank_page(page_size=(200, 200))
        for name, value in root.items():
            made.Root[f"/{name}"] = value
        made.save(out)
    return out.getvalue()


def heic() -> bytes:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    return photo("HEIF")


def test_a_photo_keeps_its_picture_and_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A phone"
    exif.get_ifd(0x8825)[2] = (37.8, 0, 0)
    sent = photo(exif=exif)
    assert Image.open(io.BytesIO(sent)).getexif()
    kept = uploads.clean(sent, LIMIT)
    assert kept.media_type == "image/jpeg"
    assert not Image.open(io.BytesIO(kept.data)).getexif()


def test_a_photo_lying_on_its_side_is_set_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = uploads.clean(photo(size=(300, 100), exif=exif), LIMIT)
    assert Image.open(io.BytesIO(kept.data)).size == (100, 300)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_png_and_webp_are_taken(form: str) -> None:
    assert uploads.clean(photo(form), LIMIT).media_type in {"image/png", "image/jpeg"}


def test_a_phones_heic_becomes_a_jpeg() -> None:
    kept = uploads.clean(heic(), LIMIT)
    assert kept.media_type == "image/jpeg"
    assert Image.open(io.BytesIO(kept.data)).format == "JPEG"


def test_a_large_photo_is_made_smaller() -> None:
    kept = uploads.clean(photo(size=(6000, 2000)), LIMIT)
    assert max(Image.open(io.BytesIO(kept.data)).size) == uploads.LONG_EDGE


def test_a_pdf_loses_what_acts_by_itself() -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS="app.alert(1)")
    kept = uploads.clean(pdf(OpenAction=action), LIMIT)
    assert kept.media_type == "application/pdf"
    assert b"JavaScript" in pdf(OpenAction=action)
    with pikepdf.open(io.BytesIO(kept.data)) as opened:
        assert "/OpenAction" not in opened.Root


def test_what_was_filled_into_a_pdf_form_stays_on_the_page() -> None:
    out = io.BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(200, 200))
        font = made.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        field = made.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T="name",
                V="Rosa Example",
                Rect=[10, 10, 190, 40],
                DA="/F 12 Tf 0 g",
                P=page.obj,
            )
        )
        page.obj.Annots = made.make_indirect(pikepdf.Array([field]))
        made.Root.AcroForm = pikepdf.Dictionary(
            Fields=[field], DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font)), NeedAppearances=True
        )
        made.save(out)
    kept = uploads.clean(out.getvalue(), LIMIT)
    with pikepdf.open(io.BytesIO(kept.data)) as opened:
        assert "/AcroForm" not in opened.Root
        page = opened.pages[0]
        drawn = b"".join(form.read_bytes() for form in page.Resources.XObject.values())
        assert b"Rosa Example" in drawn


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<html><script>alert(1)</script></html>", "cannot use this kind of file"),
        (b"MZ" + b"\0" * 400, "cannot use this kind of file"),
        (b"PK\x03\x04" + b"\0" * 100, "cannot use this kind of file"),
        (b"%PDF-1.7\nnot really", "does not open"),
        (photo()[:200], "does not open"),
    ],
    ids=["empty", "page", "program", "zip", "broken pdf", "broken photo"],
)
def test_what_cannot_be_kept_is_refused_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        uploads.clean(data, LIMIT)
    assert "file" in refused.value.fields


def test_a_locked_pdf_is_refused_with_what_to_do() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.save(out, encryption=pikepdf.Encryption(user="x", owner="y"))
    with pytest.raises(Invalid, match="locked with a password"):
        uploads.clean(out.getvalue(), LIMIT)


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge, match="too large"):
        uploads.clean(b"x" * 1_000_001, 1_000_000)


def test_a_file_name_keeps_no_folder() -> None:
    assert uploads.plain_name("C:\\Users\\x\\..\\tb\x00 form.jpg") == "tb form.jpg"


async def test_the_same_file_twice_is_one_document(tenant: str) -> None:
    person = await make_person()
    actor = Actor(tenant=tenant, name="Rosa", role="volunteer", person=person)
    first = await uploads.receive(actor, kind="tb_screening", data=photo(), file_name="a.jpg", limit=LIMIT)
    again = await uploads.receive(actor, kind="tb_screening", data=photo(), file_name="b.jpg", limit=LIMIT)
    assert first == again
    async with tenant_transaction(tenant):
        rows = await Document.select()
        assert [(row["kind"], row["state"], row["media_type"]) for row in rows] == [("tb_screening", "waiting", "image/jpeg")]
        media_type, data = await files.read(rows[0]["file"])
        assert (media_type, len(data)) == ("image/jpeg", rows[0]["size"])
        assert await Journal.count().where(Journal.action == "document:received") == 1


async def test_the_file_that_was_sent_back_is_not_taken_again(tenant: str) -> None:
    actor = Actor(tenant=tenant, name="Rosa", role="volunteer", person=await make_person())
    document = await uploads.receive(actor, kind="tb_screening", data=photo(), file_name="a.jpg", limit=LIMIT)
    async with tenant_transaction(tenant):
        await Document.update({Document.state: "sent_back"}).where(Document.id == document)
    with pytest.raises(Invalid, match="same file that was sent back"):
        await uploads.receive(actor, kind="tb_screening", data=photo(), file_name="a.jpg", limit=LIMIT)
