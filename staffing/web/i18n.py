"""The language of a request: chosen, stored, or asked for by the browser; and the catalogues that speak it."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from functools import cache
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send
from markupsafe import Markup, escape

from staffing.core.findings import Text
from staffing.services.wording import catalogue, translated

#: Every language we know how to write the name of: its own name and its direction. The menu shows those with a catalogue.
NAMES: dict[str, tuple[str, str]] = {
    "en": ("English", "ltr"),
    "es": ("Español", "ltr"),
    "zh-Hans": ("简体中文", "ltr"),
    "ar": ("العربية", "rtl"),
    "vi": ("Tiếng Việt", "ltr"),
    "ht": ("Kreyòl ayisyen", "ltr"),
    "ko": ("한국어", "ltr"),
    "ru": ("Русский", "ltr"),
    "tl": ("Tagalog", "ltr"),
    "pt": ("Português", "ltr"),
    "bn": ("বাংলা", "ltr"),
    "ur": ("اردو", "rtl"),
    "so": ("Soomaali", "ltr"),
    "fr": ("Français", "ltr"),
    "fa": ("فارسی", "rtl"),
    "am": ("አማርኛ", "ltr"),
}

_language: ContextVar[str] = ContextVar("staffing_language", default="en")


@cache
def languages() -> tuple[str, ...]:
    """English and every language that has a compiled catalogue, in the order of ``NAMES``."""
    return tuple(tag for tag in NAMES if tag == "en" or tag in translated())


def current() -> str:
    """The language of the page being made, BCP 47."""
    return _language.get()


def direction(tag: str | None = None) -> str:
    """``ltr`` or ``rtl``."""
    return NAMES.get(tag or current(), ("", "ltr"))[1]


def speak(tag: str) -> None:
    """Make the rest of this request (or job) speak a language; one without a catalogue becomes English."""
    _language.set(tag if tag in languages() else "en")


def closest(wanted: Iterable[str]) -> str | None:
    """The language of ours that suits the first of these tags that any of ours suits, or None."""
    wanted = list(wanted)
    for tag in wanted:
        plain = tag.partition("-")[0] if tag.startswith(("en-", "es-")) else tag
        if plain in languages():
            return plain
        break
    if not wanted:
        return None
    import langcodes  # takes 90 ms the first time; most visitors ask for what we have as it stands

    for tag in wanted:
        try:
            found = langcodes.closest_supported_match(tag, list(languages()))
        except ValueError:  # LanguageTagError is one
            continue
        if found:
            return str(found)
    return None


def accepted(header: str) -> list[str]:
    """The tags of an ``Accept-Language`` header, most wanted first."""
    weighed: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and quality > 0:
            weighed.append((-quality, tag.strip()))
    return [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]


def gettext(message: str) -> str:
    """The message in the language of the request."""
    return catalogue(current()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The message for a number of things."""
    return catalogue(current()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """The message where the same English word has two meanings."""
    return catalogue(current()).pgettext(context, message)


def npgettext(context: str, one: str, many: str, n: int) -> str:
    """The message for a number of things, in a context."""
    return catalogue(current()).npgettext(context, one, many, n)


def plain(text: Text | str | None) -> str:
    """A rule's sentence in the language of the request, without markup (falls back to English)."""
    if text is None:
        return ""
    if isinstance(text, str):
        return gettext(text)
    return gettext(text.msgid).format(**{k: worded(v) for k, v in text.values.items()})


def spoken(text: Text | str | None) -> Markup:
    """A rule's sentence; in English and marked ``lang="en"`` where the catalogue of the request does not have it."""
    said = plain(text)
    message = text.msgid if isinstance(text, Text) else (text or "")
    if not said or current() == "en" or (gettext(message) != message):
        return escape(said)
    return Markup('<span lang="en" dir="ltr">{}</span>').format(said)


def worded(value: Any) -> Any:
    """A value inside a sentence in the language of the request: dates, and names (of checks, of facts) one by one."""
    import datetime

    if isinstance(value, str) and len(value) == 10 and value[4] == "-" and value[7] == "-":
        try:
            value = datetime.date.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, datetime.date):
        return day(value)
    if not isinstance(value, str) or current() == "en":
        return value
    whole = gettext(value)
    return whole if whole != value else ", ".join(gettext(part) for part in value.split(", "))


def day(value: Any, form: str = "medium") -> str:
    """A date with its month as a word, in the language of the request ('' for None)."""
    if value is None:
        return ""
    import babel.dates

    if isinstance(value, str):
        import datetime

        value = datetime.date.fromisoformat(value[:10])
    return str(babel.dates.format_date(value, _worded_form(current(), form), locale=_locale(current())))


@cache
def _worded_form(tag: str, form: str) -> str:
    """``medium`` is all figures in some languages (03/04 means two things to our readers): ``long`` there."""
    pattern = str(_locale(tag).date_formats[form])
    return form if "MMM" in pattern or "月" in pattern or form in {"long", "full"} else "long"


def moment(value: Any, time_zone: str = "UTC") -> str:
    """A date and time of day in a time zone ('' for None)."""
    if value is None:
        return ""
    import babel.dates

    locale = _locale(current())
    local = value.astimezone(babel.dates.get_timezone(time_zone))
    date = babel.dates.format_date(local, _worded_form(current(), "medium"), locale=locale)
    return f"{date}, {babel.dates.format_time(local, 'short', locale=locale)}"


@cache
def _locale(tag: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en", "US") if tag != "en" else Locale("en")


def months() -> list[str]:
    """The twelve months' names, January first, as they stand alone."""
    import babel.dates

    names = babel.dates.get_month_names("wide", "stand-alone", _locale(current()))
    return [str(names[n]) for n in range(1, 13)]


def language_name(tag: str) -> str:
    """A language's name in the language of the request ('Spanish', 'español'); the tag where it has none."""
    names = _locale(current()).languages
    wanted = tag.replace("-", "_")
    return str(names.get(wanted) or names.get(wanted.partition("_")[0]) or tag)


class Languages:
    """Middleware: decides the language. An explicit ``?lang=`` is kept in the session.

    Order: ``?lang=``, the session (which a sign-in fills with the person's own), ``Accept-Language``, English.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the language for what comes after."""
        if scope["type"] == ScopeType.HTTP:
            speak(self._choose(scope))
            scope["state"]["language_set"] = True
        await self.app(scope, receive, send)

    def _choose(self, scope: Scope) -> str:
        from urllib.parse import parse_qs

        found = scope.get("session")
        session: dict[str, Any] = found if isinstance(found, dict) else {}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if (asked := query.get("lang", [""])[-1]) in languages():
            session["lang"] = asked
            return asked
        if (kept := session.get("lang", "")) in languages():
            return str(kept)
        header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        return closest(accepted(header)) or "en"
