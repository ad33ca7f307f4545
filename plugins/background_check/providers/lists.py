"""Lists that are sent to a provider and come back with a word on each line, for providers without an interface of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from staffing.api import ScreeningProvider, Setting

#: The words of a provider whose lists are green, beige and yellow (OK, pending, review).
COLOURS = "Green = clear\nBeige = in_progress\nYellow = record_found"


class CsvBatch(ScreeningProvider):
    """A list goes out by hand and another is taken back; each line names our order, never only a person's name."""

    name: ClassVar[str] = "csv_batch"
    title: ClassVar[str] = "Lists sent and taken back"
    way: ClassVar[str] = "list"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            name="words",
            label="What the provider’s words mean",
            hint="One a line: Green = clear. Meanings: clear, record_found, unable, in_progress, awaiting_subject, canceled.",
        ),
        Setting(
            name="birth_dates",
            label="Do lists that go out hold the date of birth?",
            hint="Only where the provider cannot tell people apart without it.",
            choices={"no": "No", "yes": "Yes"},
        ),
    )

    def examples(self) -> dict[str, Any]:
        """What the fields may hold."""
        return {"words": COLOURS}
