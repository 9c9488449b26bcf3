"""Consent in a browser: our link, QuickBooks' callback, and the page that tells how it ended.

The callback always ends in a redirect to a page without code or state in its address, as QuickBooks demands of a
success. The words of that page are kept here for ten minutes under a name nobody can guess: they may name companies, so
they are not in the address.
"""

import logging
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

import psycopg
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.web.guard import Threads
from adapters.web.pages import FALLBACK, NOTHING_KNOWN, page
from adapters.web.parts import Ending, Parts
from engine.clock import Clock
from engine.ports import GatewayError, Unavailable

T = TypeVar("T")

AT_ONCE = 8
"""People connecting at the same time, each waiting for QuickBooks."""
KEPT_SECONDS = 600.0
MOST_KEPT = 500
LONGEST = {"code": 512, "state": 512, "realmId": 32, "error": 64}
"""Characters. Source for the code: QuickBooks reference, section 1.2; the others are ours, and generous."""
STATUS = {"link-unknown": 404, "link-expired": 410, "try-again": 503}

_BAD_CALLBACK = Ending(
    outcome="not-understood",
    ok=False,
    sentence="This address was not opened by QuickBooks, or only in part.",
    next_step="Open the link you were sent again.",
)
_DATABASE_AWAY = Ending(
    outcome="try-again",
    ok=False,
    sentence="Our own database cannot be reached right now.",
    next_step="Wait a minute and open the link you were sent again.",
)
_OUTCOME = re.compile(r"[a-z]+(-[a-z]+)*")

log = logging.getLogger("wizqbo.web")


class Endings:
    """How the latest attempts ended, each under a random name, for ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Ending]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, ending: Ending) -> str:
        """The name it is found under."""
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._kept[name] = (self._clock.boottime() + KEPT_SECONDS, ending)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return name

    def find(self, name: str) -> Ending | None:
        with self._lock:
            until, ending = self._kept.get(name, (0.0, None))
        return ending if self._clock.boottime() < until else None


class Consent:
    """The routes a person's browser comes to."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._threads = Threads(AT_ONCE)
        self._endings = Endings(parts.clock)

    async def connect(self, request: Request) -> Response:
        """Our own link: on to QuickBooks' consent page, or a page that says why not."""
        token = request.path_params["token"]
        found = await self._threads.run(_ending_of, lambda: self._parts.open_link(token))
        if isinstance(found, Ending):
            return page(found, STATUS.get(found.outcome, 404))
        return RedirectResponse(found, 302)

    async def callback(self, request: Request) -> Response:
        """Where QuickBooks sends the browser back to. Everything ends on `/connected`."""
        sent = _single_values(request)
        if sent is None or "state" not in sent:
            return self._redirect(_BAD_CALLBACK)
        state = sent["state"]
        if "error" in sent:
            error = sent["error"]
            ending = await self._threads.run(_ending_of, lambda: self._parts.refuse_connection(state, error))
        elif sent.get("code") and re.fullmatch(r"[0-9]+", sent.get("realmId", "")):
            code, realm = sent["code"], sent["realmId"]
            ending = await self._threads.run(_ending_of, lambda: self._parts.complete_connection(state, code, realm))
        else:
            ending = _BAD_CALLBACK
        return self._redirect(ending)

    async def connected(self, request: Request) -> Response:
        """How it ended, in words."""
        known = self._endings.find(request.query_params.get("note", ""))
        return page(known or FALLBACK.get(request.query_params.get("outcome", ""), NOTHING_KNOWN))

    def _redirect(self, ending: Ending) -> Response:
        outcome = ending.outcome if _OUTCOME.fullmatch(ending.outcome) else "ended"
        return RedirectResponse(
            f"/connected?{urlencode({'outcome': outcome, 'note': self._endings.keep(ending)})}", 302
        )


def _ending_of(act: Callable[[], T]) -> T | Ending:
    """What `act` returns; a call that ended badly becomes the words for it."""
    try:
        return act()
    except GatewayError as fault:
        outcome = "try-again" if isinstance(fault, Unavailable) else "failed"
        return Ending(outcome=outcome, ok=False, sentence=fault.sentence, next_step=fault.next_step)
    except psycopg.Error as fault:
        log.warning("Nobody could connect now: the database is away (%s).", type(fault).__name__)
        return _DATABASE_AWAY


def _single_values(request: Request) -> dict[str, str] | None:
    """The query's values; None when one we read comes twice or is longer than it can be."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name in LONGEST]
    found = dict(pairs)
    if len(found) != len(pairs) or any(len(value) > LONGEST[name] for name, value in pairs):
        return None
    return found
