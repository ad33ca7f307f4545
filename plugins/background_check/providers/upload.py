"""Certificates that the person holds: they send a copy in, and the product's own review looks at it."""

from __future__ import annotations

from typing import Any, ClassVar

from staffing.api import ScreeningProvider, Setting


class DocumentUpload(ScreeningProvider):
    """The person asks an office themselves, gets a certificate, and sends it in on their own list."""

    name: ClassVar[str] = "document_upload"
    title: ClassVar[str] = "Certificates the person sends in"
    way: ClassVar[str] = "upload"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="office", label="The office that issues them", hint="As it stands on the certificate."),
        Setting(name="opens_at", label="Where the person asks for one", hint="A web address.", needed=False),
    )

    def examples(self) -> dict[str, Any]:
        """What the fields may hold."""
        return {"office": "Pennsylvania Department of Human Services, ChildLine"}
