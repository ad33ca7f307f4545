"""The languages people speak: those offered to tick, and finding the tag of one written by name."""

from __future__ import annotations

#: Offered to tick, each under its own name; any other can be written.
OFFERED: dict[str, str] = {
    "en": "English",
    "es": "Español",
    "zh-Hans": "中文",
    "vi": "Tiếng Việt",
    "ar": "العربية",
    "ht": "Kreyòl ayisyen",
    "ko": "한국어",
    "ru": "Русский",
    "tl": "Tagalog",
    "pt": "Português",
    "fr": "Français",
    "so": "Soomaali",
}


def parse_language(word: str) -> str | None:
    """The BCP 47 tag of a language written by name in any language we know names in ('Cantonese', 'hmong', 'yue'), or None."""
    import langcodes

    if langcodes.tag_is_valid(word) and len(word) <= 3:
        return langcodes.standardize_tag(word)
    for language in ("en", "es", "zh", "ar", "fr", "vi"):
        try:
            return langcodes.find(word, language=language).to_tag()
        except LookupError:
            continue
    return None
