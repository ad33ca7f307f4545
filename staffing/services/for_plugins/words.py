"""A plugin's sentences in a person's language, for messages that leave the house. Pages have their own way (``_``)."""

from __future__ import annotations

from datetime import date
from typing import Any

import babel
import babel.dates

from staffing.services import wording


def in_language(language: str, message: str, **values: Any) -> str:
    """A sentence with ``{placeholders}`` in a language (BCP 47) by the plugin's catalogue; days are written as people write them.

    A sentence that nobody has translated stays English.
    """
    said = {name: _day(language, value) if isinstance(value, date) else value for name, value in values.items()}
    return wording.word(language, message, **said)


def _day(language: str, day: date) -> str:
    try:
        locale = babel.Locale.parse(language.replace("-", "_"))
    except (babel.UnknownLocaleError, ValueError):
        locale = babel.Locale("en", "US")
    return str(babel.dates.format_date(day, "long", locale=locale))
