"""The double's page for the person: no field asks anything of them, and they choose what the invented courts will say."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from .checks import Checks
from .serving import Answer, Refused, Request, Routes, as_page, elsewhere
from .world import World

#: In the order of the page: what is chosen, how it is said.
CHOICES = {
    "clear": ("Nothing is found", "Every search is made and no record is found."),
    "consider": (
        "A record is found",
        "One of the searches finds an entry. Whether it is yours, and what follows, others decide.",
    ),
    "includes_canceled": ("Some searches cannot be made", "A court does not answer. The others find nothing."),
    "suspended": ("You must send one thing more", "The search stops until you have sent it."),
    "under_age": ("You are under 18", "Nothing is searched."),
}
_STYLE = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
MARK = "Invented screening provider – demonstration"


class PersonPage:
    """Handlers for ``/apply/{}`` and ``/send/{}``."""

    def __init__(self, world: World, checks: Checks) -> None:
        self.world, self.checks = world, checks

    def routes(self, routes: Routes) -> None:
        routes.add("GET", "/apply/{}", self.ask)
        routes.add("POST", "/apply/{}", self.finish)
        routes.add("GET", "/send/{}", self.ask_more)
        routes.add("POST", "/send/{}", self.send)
        routes.add("GET", "/done", self.done)

    def _order(self, ident: str) -> tuple[str, dict[str, Any]]:
        self.checks.expire()
        for kind in ("invitations", "orders"):
            if ident in self.world[kind]:
                return kind, self.world[kind][ident]
        raise Refused(404, "no such invitation")

    async def ask(self, request: Request) -> Answer:
        try:
            kind, order = self._order(request.ids[0])
        except Refused:
            return _page("There is no such invitation", "<p>Ask the district for a new link.</p>", status=404)
        if kind == "orders":
            word = "pending" if order["percentageComplete"] == 0 and order["status"] != "CANCELLED" else "completed"
        else:
            word = "deleted" if order["deleted_at"] else order["status"]
        if word != "pending":
            said = {
                "expired": "The time to use this link is over. Ask the district to invite you again.",
                "deleted": "The district has taken this invitation back. There is nothing left to do here.",
            }
            return _page("This link can no longer be used", f"<p>{said.get(word, 'You have finished already.')}</p>", status=410)
        candidate = self.world["candidates"][order["candidate_id" if kind == "invitations" else "candidateId"]]
        chosen = self.checks.expected(candidate["email"])
        options = "".join(
            f'<label><input type="radio" name="outcome" value="{value}"{" checked" if value == chosen else ""} required>'
            f"<span><b>{escape(title)}</b><span>{escape(more)}</span></span></label>"
            for value, (title, more) in CHOICES.items()
        )
        return _page(
            "Your background check",
            "<p>A real provider asks here for your name, your addresses and what it needs to search. "
            "This one asks for nothing: nobody is searched, and no court is real.</p>"
            f'<form method="post"><fieldset><legend>What the invented courts will say</legend>{options}</fieldset>'
            "<button>Finish</button></form>",
        )

    async def finish(self, request: Request) -> Answer:
        outcome = request.form.get("outcome", "")
        if outcome not in CHOICES:
            return _page("Choose one answer", "<p>Go back and say what the invented courts will say.</p>", status=422)
        kind, order = self._order(request.ids[0])
        try:
            if kind == "orders":
                self.checks.finish_order(order, outcome)
            else:
                self.checks.finish(order, outcome)
        except Refused:
            return await self.ask(request)
        return elsewhere("/done")

    async def ask_more(self, request: Request) -> Answer:
        wanted = self.world["verifications"].get(request.ids[0])
        if wanted is None or wanted["completed_at"]:
            return _page("Nothing more is wanted", "<p>What was asked for has been sent.</p>", status=410)
        return _page(
            "One thing more is wanted",
            "<p>A real provider asks here for a picture of a document. This one takes nothing: press the button, and it is as if "
            'you had sent it.</p><form method="post"><button>Send it</button></form>',
        )

    async def send(self, request: Request) -> Answer:
        wanted = self.world["verifications"].get(request.ids[0])
        if wanted is None:
            raise Refused(404, "no such thing")
        if not wanted["completed_at"]:
            self.checks.sent(wanted)
        return elsewhere("/done")

    async def done(self, request: Request) -> Answer:
        return _page(
            "You have finished here",
            '<div class="panel"><p>The district is told by itself. You can close this page and look at your own page with the '
            "district for what comes next.</p></div>",
        )


def _page(title: str, body: str, *, status: int = 200) -> Answer:
    return as_page(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} – {MARK}</title><style>{_STYLE}</style></head><body>"
        f'<header><div class="bar"><p>{MARK}</p></div>'
        '<div class="mark"><p>Nothing on this page is real. Do not write anything about yourself here.</p></div></header>'
        f"<main><h1>{escape(title)}</h1>{body}</main>"
        "<footer>This stands in for a screening provider, so that a check can be seen going through.</footer></body></html>",
        status,
    )
