"""The rules that count in the district, its own among them, and what a change of them would do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromQuery
from litestar.response import Redirect

from staffing.core.errors import Conflict, Invalid, NotFound, StaffingError
from staffing.services.district_rules import overlays, rule_list
from staffing.services.district_rules.changes import AdoptOverlay, Change, RetireOverlay, SwitchOnOverlay, SwitchPlugin
from staffing.web import session
from staffing.web.guards import needs, who
from staffing.web.hr import effects
from staffing.web.hr.nav import console, time_zone

Visit = Request[Any, Any, Any]
ADMIN = [needs("admin")]


class AdoptForm(msgspec.Struct):
    """The day from which the district's own pack counts; its text is read apart."""

    since: date


class SwitchOnForm(msgspec.Struct):
    """An overlay that a plugin brings, and its first day."""

    name: str
    since: date


class RetireForm(msgspec.Struct):
    """An overlay and its last day."""

    name: str
    last_day: date


class PluginForm(msgspec.Struct):
    """A plugin, on or off from a day."""

    plugin: str
    day: date
    to: str = "on"
    jurisdiction: str = "*"


@get("/admin/rules", guards=ADMIN, name="admin.rules")
async def home(request: Visit, edit: FromQuery[str] = "") -> Any:
    """The rules, and a form for the district's own; ``edit`` puts the newest text of one into it."""
    text = await rule_list.text_of(who(request, "admin"), edit) if edit else ""
    return await _page(request, text=text, file=f"{edit}.yaml" if edit else "")


@post("/admin/rules/effect", guards=ADMIN, name="admin.rules_effect")
async def effect(request: Visit) -> Any:
    """What a change would do. Nothing is written."""
    return await _handled(request, apply=False)


@post("/admin/rules/apply", guards=ADMIN, name="admin.rules_apply")
async def apply(request: Visit) -> Any:
    """Make the change that was looked at."""
    return await _handled(request, apply=True)


async def _handled(request: Visit, *, apply: bool) -> Any:
    actor = who(request, "admin")
    form = await request.form()
    text, file = "", ""
    try:
        change, words = await _change(form)
        if isinstance(change, AdoptOverlay):
            text, file = change.text, change.file
        problem = ""
        if apply:
            name, problem = await effects.make(actor, change, form)
            if not problem:
                session.say(request, f"Done: {name}. Everybody in the district is being decided again.")
                return Redirect("/admin/plugins" if isinstance(change, SwitchPlugin) else "/admin/rules", status_code=303)
        return await effects.effect_page(
            request,
            actor,
            change,
            words=words,
            action="/admin/rules/apply",
            back="/admin/plugins" if isinstance(change, SwitchPlugin) else "/admin/rules",
            fields=effects.kept(form, **({"text": text, "file": file} if text else {})),
            problem=problem,
            reason=str(form.get("reason", "")),
            status=422 if problem else 200,
        )
    except (Invalid, Conflict, NotFound) as exc:
        given = text or str(form.get("text", ""))
        return await _page(
            request, text=given, file=file or str(form.get("file", "")), problem=exc, since=str(form.get("since", ""))
        )


async def _change(form: FormMultiDict) -> tuple[Change, str]:
    """The change a form asks for, and what it is in words."""
    match form.get("kind"):
        case "switch_on":
            on = effects.read(SwitchOnForm, form)
            return SwitchOnOverlay(name=on.name, since=on.since), f"The rules “{on.name}” count from {_day(on.since)}"
        case "retire":
            off = effects.read(RetireForm, form)
            return RetireOverlay(name=off.name, last_day=off.last_day), f"The rules “{off.name}” end after {_day(off.last_day)}"
        case "plugin":
            plugin = effects.read(PluginForm, form)
            change = SwitchPlugin(plugin=plugin.plugin, to=plugin.to == "on", day=plugin.day, jurisdiction=plugin.jurisdiction)
            return change, f"The plugin {plugin.plugin} is switched {'on' if change.to else 'off'} from {_day(plugin.day)}"
    text, file = await effects.text_in(form, overlays.LONGEST)
    if not text.strip():
        raise Invalid("Paste the pack, or choose its file.", {"text": "Paste the pack, or choose its file."})
    own = effects.read(AdoptForm, form)
    return AdoptOverlay(text=text, since=own.since, file=file), f"The district’s own rules in {file} count from {_day(own.since)}"


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


async def _page(request: Visit, *, text: str = "", file: str = "", problem: StaffingError | None = None, since: str = "") -> Any:
    actor = who(request, "admin")
    found = await rule_list.rule_list(actor)
    marked = _marked(str(problem), text) if problem else []
    return await console(
        request,
        "admin/rules.html",
        actor,
        "/admin/rules",
        status=problem.status if problem else 200,
        found=found,
        text=text,
        file=file,
        since=since or found.today.isoformat(),
        problem=str(problem) if problem and not marked else "",
        marked=marked,
        time_zone=time_zone(request),
    )


def _marked(problem: str, text: str) -> list[tuple[str, str, str]]:
    """Each problem of a text: where it is (``rules.yaml:12``), what is wrong, and the line itself. Empty for other problems."""
    lines = text.splitlines()
    found = []
    for sentence in problem.splitlines():
        match = re.match(r"(.+?:(\d+)): (.+)", sentence)
        if match is None:
            return []
        number = int(match[2])
        found.append((match[1], match[3], lines[number - 1].strip() if 0 < number <= len(lines) else ""))
    return found


handlers: list[Any] = [home, effect, apply]
