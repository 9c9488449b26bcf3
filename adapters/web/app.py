"""The web application: its routes, and nothing else it would answer to."""

import anyio
import psycopg
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.web.consent import Consent
from adapters.web.guard import Guard, Threads
from adapters.web.parts import HealthNow, Parts
from adapters.web.webhooks import Endpoint, Webhooks

HEALTH_SECONDS = 3.0
"""A health that is not known in this time is not good."""


def web_app(parts: Parts) -> Starlette:
    """The application over `parts`. It starts nothing and keeps no connection of its own."""
    webhooks, consent = Webhooks(parts), Consent(parts)
    app = Starlette(
        routes=[
            _route("POST", "/webhooks/quickbooks", webhooks.quickbooks),
            _route("POST", "/webhooks/wizcommerce/{connection}", webhooks.wizcommerce),
            _route("GET", "/connect/{token}", consent.connect),
            _route("GET", "/oauth/quickbooks/callback", consent.callback),
            _route("GET", "/connected", consent.connected),
            _route("GET", "/health", _health(parts)),
        ],
        middleware=[Middleware(Guard)],
    )
    app.router.redirect_slashes = False  # such a redirect would repeat the query string in an address
    return app


def _route(method: str, path: str, endpoint: Endpoint) -> Route:
    """Exactly this method: starlette would answer HEAD wherever GET is answered, and a HEAD would open a link."""
    route = Route(path, endpoint, methods=[method])
    route.methods = {method}
    return route


def _health(parts: Parts) -> Endpoint:
    threads = Threads(4)

    async def health(request: Request) -> Response:
        """200 when all is well, 503 when not, or when nobody can say."""
        found = HealthNow(ok=False, facts={"answer": "late"})
        with anyio.move_on_after(HEALTH_SECONDS):
            try:
                found = await threads.run(parts.health)
            except psycopg.Error:
                found = HealthNow(ok=False, facts={"database": "cannot be reached"})
        return JSONResponse({"ok": found.ok, **found.facts}, 200 if found.ok else 503)

    return health
