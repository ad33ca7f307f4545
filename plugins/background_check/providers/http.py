"""How a provider is called over HTTP: with timeouts, retries where a second try can do no harm, and sentences when it fails.

A request is sent again only if it changes nothing (GET), carries an idempotency key, or certainly never arrived. What a provider
answers to a refused request may name a person, so it is read to tell one refusal from another and never repeated.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec

from staffing.api import ProviderTrouble

Auth = httpx.Auth | tuple[str, str]
#: Reads a refusal (status, text in lower case) and names it, or None for one that means nothing more.
Explain = Callable[[int, str], ProviderTrouble | None]

_TOO_MANY = 429
_SERVER = 500
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST_PAGES = 1000
_random = random.SystemRandom()


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long a call may take. All in seconds.

    ``most_wait`` is the longest that a call waits for a limit to be lifted or before it tries again; what takes longer is for the
    caller to come back to.
    """

    connect: float = 5.0
    answer: float = 20.0
    tries: int = 3
    first_pause: float = 0.25
    most_wait: float = 4.0


def address_of(given: str, *, production: str, staging: str, path: str, who: str) -> str:
    """The base address that a setting names: '' production, ``staging``, or an address of one's own. Raises ``ProviderTrouble``.

    A key goes to this address, so it must be ``https``, or a machine's own loopback.
    """
    named = {"": production, "production": production, "staging": staging}.get(given.strip())
    if named:
        return named
    parts = urlsplit(given.strip())
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        base = given.strip().rstrip("/")
        return base if parts.path.rstrip("/") else base + path
    raise ProviderTrouble(
        f"The address of this account with {who} is not one that a key may be sent to. "
        "An administrator leaves it empty, or writes staging, or an address beginning with https.",
        again=True,
        code="settings",
    )


class Caller:
    """An open connection to one account of a provider. ``who`` is what people call the provider.

    Every method raises ``ProviderTrouble``. Use it with ``async with``.
    """

    def __init__(
        self, base: str, *, who: str, auth: Auth, patience: Patience | None = None, explain: Explain = lambda status, text: None
    ) -> None:
        self.who, self.base, self.patience = who, base, patience or Patience()
        self._explain = explain
        self._free_at: float | None = None
        self._client = httpx.AsyncClient(
            base_url=base,
            auth=auth,
            timeout=httpx.Timeout(self.patience.answer, connect=self.patience.connect),
            headers={"Accept": "application/json", "User-Agent": "staffing"},
            follow_redirects=False,
            trust_env=urlsplit(base).hostname not in _LOOPBACK,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._client.aclose()

    async def get(self, path: str, **params: str | int) -> Any:
        """Read something."""
        return await self._ask("GET", path, params=params)

    async def found(self, path: str, **params: str | int) -> Any:
        """Read something that may not be there: then None."""
        return await self._ask("GET", path, params=params, missing=True)

    async def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> Any:
        """Make or change something; with an idempotency ``key`` it may be sent more than once and is done once."""
        return await self._ask("POST", path, body=body, key=key)

    async def delete(self, path: str) -> Any:
        """End something. A second time does no more than the first."""
        return await self._ask("DELETE", path)

    async def pages(self, path: str, *, per_page: int = 100, **params: str | int) -> AsyncIterator[Mapping[str, Any]]:
        """Every object of a list in the envelope ``{data, next_href}``, page after page.

        Only what ``next_href`` asks for is used, never where it points: a key is sent to no other address.
        """
        asked: dict[str, str | int] = {**params, "per_page": per_page}
        for _ in range(_MOST_PAGES):
            page = await self.get(path, **asked)
            data = page.get("data") if isinstance(page, dict) else None
            if not isinstance(data, list):
                raise self._trouble("answered with something other than a list", again=True, code="answer")
            for each in data:
                if isinstance(each, dict):
                    yield each
            further = dict(parse_qsl(urlsplit(str(page.get("next_href") or "")).query))
            if not further or not data:
                return
            asked = {**asked, **further}
        raise self._trouble("has a list without an end", again=False, code="answer")

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
        missing: bool = False,
    ) -> Any:
        harmless = method in ("GET", "DELETE") or bool(key)
        for tried in range(1, self.patience.tries + 1):
            await self._until_free()
            last = tried == self.patience.tries
            try:
                answer = await self._client.request(
                    method,
                    path,
                    params=dict(params or {}),
                    json=body,
                    headers={"Idempotency-Key": key} if key else {},
                )
            except httpx.TransportError as error:
                if last or not (harmless or isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))):
                    raise self._unanswered(error) from None
                await self._pause(tried)
                continue
            self._note_limit(answer)
            if missing and answer.status_code == httpx.codes.NOT_FOUND:
                return None
            if answer.is_success:
                return self._read(answer)
            trouble = self._refused(answer, gone_is_done=method == "DELETE" and tried > 1)
            if trouble is None:
                return {}
            transient = trouble.code == "limit" or (harmless and trouble.code in ("down", "running"))
            if last or not transient or trouble.wait > self.patience.most_wait:
                raise trouble
            await self._pause(tried, at_least=trouble.wait)
        raise AssertionError("the last try raises or returns")

    def _read(self, answer: httpx.Response) -> Any:
        if not answer.content:
            return {}
        try:
            return answer.json()
        except ValueError:
            raise self._trouble("answered with something that is not JSON", again=True, code="answer") from None

    def _refused(self, answer: httpx.Response, *, gone_is_done: bool) -> ProviderTrouble | None:
        """What a refusal means; None if it says that a repeated deletion had been done before."""
        status = answer.status_code
        explained = self._explain(status, answer.text[:4000].lower())
        if explained is not None:
            return explained
        if status == _TOO_MANY:
            wait = _wait_of(answer)
            return self._trouble(f"takes no more requests for {_spoken(wait)}", again=True, code="limit", wait=wait)
        if status == httpx.codes.UNAUTHORIZED:
            return self._trouble(
                "does not accept the key of this account",
                again=True,
                code="account",
                then="An administrator puts in the right one under Checks, Accounts; what waits is then sent by itself.",
            )
        if status == httpx.codes.FORBIDDEN:
            return self._trouble(
                "does not let this account do this",
                again=True,
                code="account",
                then="An administrator asks the provider what the account may do; what waits is then sent by itself.",
            )
        if status in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
            if gone_is_done:
                return None
            return self._trouble("does not know what was asked for", again=False, code="unknown")
        if status == httpx.codes.CONFLICT:
            return self._trouble("is still working on the same request", again=True, code="running", wait=1)
        if status >= _SERVER:
            return self._trouble("has a problem of its own at the moment", again=True, code="down", wait=_retry_after(answer))
        if answer.is_redirect:
            return self._trouble(
                "answers from another address", again=True, code="settings", then="An administrator corrects the address."
            )
        return self._trouble("did not accept what was sent", again=False, code="refused", then=f"It answered {status}.")

    def _unanswered(self, error: httpx.TransportError) -> ProviderTrouble:
        said = "did not answer in time" if isinstance(error, httpx.TimeoutException) else "cannot be reached"
        return self._trouble(said, again=True, code="down")

    def _trouble(self, said: str, *, again: bool, code: str, wait: float = 0, then: str = "") -> ProviderTrouble:
        more = then or ("It is tried again; nothing is lost." if again else "Look at the order with the provider.")
        return ProviderTrouble(f"{self.who} {said}. {more}", again=again, wait=wait, code=code)

    def _note_limit(self, answer: httpx.Response) -> None:
        """Remember when the account may ask again, if nothing is left of its limit."""
        if answer.headers.get("x-ratelimit-remaining") == "0":
            wait = _wait_of(answer, otherwise=0)
            self._free_at = time.monotonic() + wait if wait else None
        elif answer.status_code != _TOO_MANY:
            self._free_at = None

    async def _until_free(self) -> None:
        if self._free_at is None:
            return
        wait = self._free_at - time.monotonic()
        if wait > self.patience.most_wait:
            raise self._trouble(f"takes no more requests for {_spoken(wait)}", again=True, code="limit", wait=wait)
        self._free_at = None
        if wait > 0:
            await asyncio.sleep(wait)

    async def _pause(self, tried: int, *, at_least: float = 0) -> None:
        """Wait before the next try: twice as long each time, and not for all callers alike."""
        longest = min(self.patience.first_pause * 2 ** (tried - 1), self.patience.most_wait)
        await asyncio.sleep(at_least + longest * _random.uniform(0.5, 1))


def _wait_of(answer: httpx.Response, *, otherwise: float = 60) -> float:
    """Seconds until a limit is lifted: ``Retry-After``, else ``X-Ratelimit-Reset`` as seconds, as a moment or as a date."""
    wait = _retry_after(answer)
    if wait:
        return wait
    reset = answer.headers.get("x-ratelimit-reset", "").strip()
    seconds = _number(reset)
    if seconds is None:
        return _until(reset) or otherwise
    return max(seconds - time.time() if seconds > 1e9 else seconds, 0.1)


def _retry_after(answer: httpx.Response) -> float:
    given = answer.headers.get("retry-after", "").strip()
    seconds = _number(given)
    return seconds if seconds is not None else _until(given)


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found < 1e12 else None


def _until(text: str) -> float:
    """Seconds until a date in ISO 8601 or in the words of HTTP; 0 if it is none. By the vendor's calendar, not a pinned day."""
    for reads in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = reads(text)
        except ValueError:
            continue
        return max((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.1)
    return 0.0


def _spoken(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "a moment"
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"
