"""What the worker does: tasks queued by services inside their transactions and done after those have committed."""

from __future__ import annotations

from uuid import UUID

import msgspec

from staffing.documents.badge import Card
from staffing.documents.letter import Letter
from staffing.documents.render import Renderer
from staffing.documents.sheet import Sheet
from staffing.store import files, jobs
from staffing.store.engine import tenant_transaction
from staffing.store.tables import Credential

RENDER = "credentials:render"

_renderer: Renderer | None = None


def renderer() -> Renderer:
    """This process's renderer, made when first needed."""
    global _renderer  # noqa: PLW0603
    if _renderer is None:
        _renderer = Renderer()
    return _renderer


def close_renderer() -> None:
    """End the renderer's process, if there is one."""
    global _renderer  # noqa: PLW0603
    if _renderer is not None:
        _renderer.close()
        _renderer = None


async def sheet_pdf(sheet: Sheet) -> bytes:
    """The PDF of a statement (``staffing.documents.sheet``). Call it in a task: the worker holds the process that makes PDFs.

    Raises ``Unusable`` if Pango or a font is missing, ``RenderFailed`` if it took too long.
    """
    return await renderer().sheet(sheet)


async def letter_pdf(letter: Letter) -> bytes:
    """The PDF of a letter (``staffing.documents.letter``). Call it in a task, as ``sheet_pdf``; it raises the same."""
    return await renderer().letter(letter)


@jobs.task(RENDER)
async def render_credential(tenant: str, credential: str) -> None:
    """Make the PDF of a badge and keep it. Run twice it makes the same file; one already made, or withdrawn, is left."""
    wanted = Credential.id == UUID(credential)
    async with tenant_transaction(tenant):
        row = await Credential.select(Credential.card, Credential.file, Credential.state).where(wanted).first()
    if row is None or row["file"] is not None or row["state"] == "withdrawn":
        return
    pdf = await renderer().badge(msgspec.json.decode(row["card"], type=Card))
    async with tenant_transaction(tenant):
        file = await files.keep(pdf, "application/pdf")
        await Credential.update({Credential.file: file}).where(wanted & Credential.file.is_null())
