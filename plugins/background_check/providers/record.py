"""What staff see in a state's system, recorded as one word. Nothing of it is automatic: such systems have no interface."""

from __future__ import annotations

from typing import Any, ClassVar

from staffing.api import ScreeningProvider, Setting


class Manual(ScreeningProvider):
    """Staff ask in a state's system and record what it said: nothing found, something found, or that it could not say."""

    name: ClassVar[str] = "manual"
    title: ClassVar[str] = "Recorded by staff"
    way: ClassVar[str] = "record"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(name="system", label="The system that is asked", hint="As staff call it, such as PATCH or Live Scan."),
        Setting(name="opens_at", label="Its address on the web", hint="Staff go there from the check’s page.", needed=False),
    )

    def examples(self) -> dict[str, Any]:
        """What the fields may hold."""
        return {"system": "Pennsylvania Access to Criminal History (PATCH)"}
