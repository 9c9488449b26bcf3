"""What the web room needs from the rest of the house. Whoever wires it gives an object with these."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
import psycopg
from psycopg_pool import ConnectionPool

from engine.clock import Clock

Pool = ConnectionPool[psycopg.Connection[Any]]
Genuine = Callable[[Mapping[str, str], bytes], bool]
"""(headers with lower-case names, raw body) → made by someone who knows the secret. Constant time."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How an attempt to connect ended, as the person in the browser is told.

    `outcome` is a short word for the address bar, letters and hyphens only, such as `granted`, `regained`, `denied`,
    `other-company`, `link-expired`, `state-used`. `ok` says whether the company is connected now. Neither text holds a
    token, a code or a state.
    """

    outcome: str
    ok: bool
    sentence: str
    next_step: str = ""


class HealthNow(msgspec.Struct, frozen=True, kw_only=True):
    """Whether everything works, and what anybody may know about it: no names, no tokens, no texts of errors."""

    ok: bool
    facts: Mapping[str, str | int | float | bool | None]


class Parts(Protocol):
    """Everything the web room calls. Each method may block: it is called on a thread, never on the event loop."""

    @property
    def pool(self) -> Pool:
        """Autocommit connections to our database."""
        ...

    @property
    def clock(self) -> Clock: ...

    def seal(self, text: str) -> bytes:
        """`text` encrypted by the master key."""
        ...

    def quickbooks_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether `intuit-signature` fits the body."""
        ...

    def wizcommerce_check(self, connection: str) -> Genuine | None:
        """How this connection's deliveries are checked; None when there is no such connection or it takes none."""
        ...

    def wizcommerce_decoy(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The same work with a secret nobody knows, for unknown connections: the time tells nobody who our clients are.
        What it returns is not looked at."""
        ...

    def wizcommerce_digest(self, body: bytes) -> str:
        """What makes a delivery the same one again (A-11)."""
        ...

    def open_link(self, token: str) -> str | Ending:
        """Opens one of our links: makes a `state` and returns the address of the consent page, or says why not.

        May raise a GatewayError when that address cannot be found out now."""
        ...

    def complete_connection(self, state: str, code: str, realm: str) -> Ending:
        """Uses `state` (once, ever), exchanges `code`, stores the tokens and records what became of it.

        May raise a GatewayError when the other side cannot answer."""
        ...

    def refuse_connection(self, state: str, error: str) -> Ending:
        """Uses `state` and records that the person, or QuickBooks, said no. `error` is QuickBooks' word for it."""
        ...

    def health(self) -> HealthNow:
        """How everything is now, from a few cheap looks."""
        ...
