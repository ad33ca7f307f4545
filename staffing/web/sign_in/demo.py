"""The demonstration's own pages: sign in as anybody invented, and read the messages that would have been sent."""

from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.response import Redirect, Template

from staffing.core.errors import NotFound
from staffing.services import accounts, messages
from staffing.web.page import page
from staffing.web.sign_in.pages import enter

Visit = Request[Any, Any, Any]


def _only_in_the_demonstration(request: Visit) -> None:
    if not request.app.state.settings.demo:
        raise NotFound("There is no such page here. Check the address, or start again from the first page.")


@get("/demo", include_in_schema=False)
async def choose_anybody(request: Visit) -> Template:
    """Every invented sign-in, by community."""
    _only_in_the_demonstration(request)
    found = await accounts.demo_accounts()
    communities = [(community, list(group)) for community, group in groupby(found, key=lambda account: account.community)]
    return page(request, "sign_in/demo.html", communities=communities)


@post("/demo", include_in_schema=False)
async def enter_as(request: Visit) -> Redirect:
    """Sign in as an invented account without a code. Never for a real one."""
    _only_in_the_demonstration(request)
    chosen = str((await request.form()).get("account", ""))
    if chosen not in {str(account.id) for account in await accounts.demo_accounts()}:
        raise NotFound("There is no such person in the demonstration. Choose one on the page before.")
    actor = await accounts.actor_of(UUID(chosen))
    if actor is None:
        raise NotFound("This sign-in has been switched off.")
    return Redirect(enter(request, actor), status_code=303)


@get("/outbox", include_in_schema=False)
async def read_outbox(request: Visit) -> Template:
    """The newest messages; in the demonstration none leaves the machine."""
    _only_in_the_demonstration(request)
    return page(request, "sign_in/outbox.html", sent=await messages.outbox())


demo_handlers = [choose_anybody, enter_as, read_outbox]
