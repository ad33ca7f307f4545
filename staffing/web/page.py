"""Pages: the Jinja environment, what every page may use, and ``page()``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import phonenumbers
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, pass_context
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from markupsafe import Markup

from staffing.services.actors import ROLE_NAMES
from staffing.settings import REPOSITORY, Settings
from staffing.web import i18n, security, session
from staffing.web.icons import lucide

#: Names that GOV.UK's macros use without defining them.
_MACROS_SAY = frozenset({"undefined", "null", "caller"})


class Careful(ChainableUndefined):
    """A misspelt variable, or a misspelt attribute of one of our values, is an error; a key that a mapping lacks is nothing.

    GOV.UK's macros look up keys that may be missing in the mapping they are given, so Jinja's ``StrictUndefined`` refuses them.
    """

    __slots__ = ()

    def _strict(self) -> None:
        if not isinstance(self._undefined_obj, Mapping) and self._undefined_name not in _MACROS_SAY:
            self._fail_with_undefined_error()

    def __getattr__(self, name: str) -> Any:
        if name[:2] == name[-2:] == "__":
            raise AttributeError(name)
        self._strict()
        return self

    def __getitem__(self, name: Any) -> Any:
        self._strict()
        return self

    def __str__(self) -> str:
        self._strict()
        return ""

    def __html__(self) -> str:
        return str(self)

    def __iter__(self) -> Iterator[Any]:
        self._strict()
        return iter(())

    def __len__(self) -> int:
        self._strict()
        return 0

    def __bool__(self) -> bool:
        self._strict()
        return False

    def __eq__(self, other: object) -> bool:
        self._strict()
        return type(self) is type(other)

    def __hash__(self) -> int:
        self._strict()
        return id(type(self))


def template_folder() -> Path:
    """The product's templates: inside the installed package, else beside it in the repository."""
    inside = Path(str(files("staffing"))) / "templates"
    return inside if inside.is_dir() else REPOSITORY / "templates"


def environment(plugins: Mapping[str, Path]) -> Environment:
    """The product's templates, then each plugin's under its name (``background_check/card.html``), then GOV.UK's macros."""
    env = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(template_folder()),
                PrefixLoader({name: FileSystemLoader(folder) for name, folder in plugins.items()}),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=Careful,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=True, pgettext=i18n.pgettext, npgettext=i18n.npgettext
    )
    env.globals.update(
        lucide=lucide,
        csrf=csrf_field,
        lang_url=lang_url,
        say=i18n.spoken,
        plain=i18n.plain,
        role_name=lambda role: i18n.gettext(ROLE_NAMES[role]),
        language_name=i18n.language_name,
    )
    env.filters.update(plain=i18n.plain, day=i18n.day, moment=i18n.moment, phone=phone, initials=initials)
    return env


@pass_context
def csrf_field(context: Mapping[str, Any]) -> Markup:
    """``{{ csrf() }}``: the hidden field that every posted form carries."""
    scope = context["request"].scope
    scope["state"]["csrf_used"] = True
    return Markup('<input type="hidden" name="{}" value="{}">').format(security.FIELD, security.token_of(scope))


@pass_context
def lang_url(context: Mapping[str, Any], tag: str) -> str:
    """This page's address in another language."""
    scope = context["request"].scope
    query = [(k, v) for k, v in parse_qsl(scope.get("query_string", b"").decode("latin-1")) if k != "lang"]
    path = scope["path"] if scope["method"] in {"GET", "HEAD"} else scope.get("state", {}).get("get_path", scope["path"])
    return f"{path}?{urlencode([*query, ('lang', tag)])}"


def phone(number: str) -> str:
    """A phone number the way people write it: '(510) 555-0142' at home, '+44 20 …' from abroad."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return number
    home = parsed.country_code == 1
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def initials(name: str) -> str:
    """Up to two letters for an avatar."""
    words = [word for word in name.split() if word[0].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def page_context(request: ASGIConnection[Any, Any, Any, Any]) -> dict[str, Any]:
    """What every page may use without its handler giving it. Works where no middleware ran, too."""
    state = request.scope.get("state", {})
    settings: Settings = request.app.state.settings
    return {
        "lang": i18n.current(),
        "dir": i18n.direction(),
        "langs": [(tag, *i18n.NAMES[tag]) for tag in i18n.languages()],
        "actor": session.actor(request),
        "district": state.get("district"),
        "demo": settings.demo,
        "flashes": session.take_flashes(request),
        "path": request.scope["path"],
        "nav": state.get("nav"),
        "static": request.app.state.assets.url,
        "csp_nonce": None,
    }


class _Page:
    """A Jinja template that adds ``page_context`` to what it is given."""

    def __init__(self, template: Any) -> None:
        self._template = template

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The page as text."""
        given = {**dict(*args), **kwargs}
        text: str = self._template.render({**page_context(given["request"]), **given})
        return text


class PageEngine(JinjaTemplateEngine):
    """Litestar's engine; pages of plugins, which return a plain ``Template``, get the same context as ours."""

    def get_template(self, template_name: str) -> Any:
        """A template by its name."""
        return _Page(super().get_template(template_name))


def page(request: Request[Any, Any, Any], name: str, status: int = 200, **context: Any) -> Template:
    """Answer with a page. ``context`` adds to ``page_context`` (and may replace ``district`` or ``nav``)."""
    return Template(name, context=context, status_code=status, media_type="text/html; charset=utf-8")


def render(request: ASGIConnection[Any, Any, Any, Any], name: str, context: Mapping[str, Any]) -> str:
    """A page as text."""
    engine: Any = request.app.template_engine
    text: str = engine.get_template(name).render({**context, "request": request})
    return text
