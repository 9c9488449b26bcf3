"""The web room: webhooks in, consent given or refused in a browser, and health.

A webhook is checked, stored encrypted in the inbox, and answered; nothing else happens before the answer. What cannot
be understood is stored as well, for whoever makes it out later. While the database is away the answer is 503, so that
the sender tries again. No address this room makes holds a token, and nothing it logs holds a query string.
"""

from adapters.web.app import web_app
from adapters.web.inbox import Envelope, envelope_from_text
from adapters.web.parts import Ending, Genuine, HealthNow, Parts
from adapters.web.server import RunningServer, serve

__all__ = [
    "Ending",
    "Envelope",
    "Genuine",
    "HealthNow",
    "Parts",
    "RunningServer",
    "envelope_from_text",
    "serve",
    "web_app",
]
