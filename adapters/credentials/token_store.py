"""Tokens at rest and in use: read, refreshed ahead of their end by one process only, stored before they are used.

A refresh token that is posted twice can end the consent for good (QuickBooks reference, 1.4), and a rotated one that
is not stored is lost for good. So: take the connection's turn, look again, refresh, store until stored, use.
"""

import logging
import threading
from datetime import datetime, timedelta

import psycopg
from psycopg_pool import PoolTimeout

from adapters.credentials.master_key import MasterKey
from adapters.credentials.refresh_lock import RefreshLock
from adapters.credentials.rows import Database, Pool, Rows
from adapters.credentials.tokens import QuickBooksSecrets, Refresher, TenantSecrets, Tokens
from engine.clock import Clock
from engine.domain.values import System
from engine.ports import Disconnected, Unavailable

EARLY = timedelta(seconds=60)
"""A token with less than this to live is refreshed first."""
STORE_TRIES = 6
FIRST_PAUSE_SECONDS = 0.2
RECONNECT = "Connect QuickBooks again: `wizqbo connect` prints a link for the company's administrator."

Held = tuple[QuickBooksSecrets, int]

_log = logging.getLogger("wizqbo.credentials")


class TokenStore:
    """Implements `engine.ports.Credentials` over table credentials. Safe to share between threads."""

    def __init__(self, pool: Pool, master: MasterKey, refresher: Refresher, clock: Clock) -> None:
        self._pool = pool
        self._rows = Rows(master)
        self._refresher = refresher
        self._clock = clock
        self._lock = RefreshLock(pool)
        self._unsaved: dict[str, Held] = {}
        self._unsaved_guard = threading.Lock()

    # ---- QuickBooks, in use ----

    def bearer(self, connection: str) -> str:
        """An access token with at least a minute to live. Raises Disconnected, or Unavailable when it cannot be had
        now."""
        with self._pool.connection() as db:
            held = self._read(db, connection)
        if self._lives(held[0].tokens) and not self._has_unsaved(connection):
            return held[0].tokens.access_token
        return self._refreshed(connection, rejected=None)

    def rejected(self, connection: str, token: str) -> str:
        """QuickBooks answered 401 to `token`: another one, by one refresh over all processes. Raises as `bearer`."""
        return self._refreshed(connection, rejected=token)

    def realm(self, connection: str) -> str:
        """The company id. Raises Disconnected when nothing is connected."""
        with self._pool.connection() as db:
            return self._read(db, connection)[0].realm

    def company(self, connection: str) -> str:
        """The company's name as it was at connect. Raises Disconnected when nothing is connected."""
        with self._pool.connection() as db:
            return self._read(db, connection)[0].company

    def refresh_token(self, connection: str) -> str:
        """For revoking. Raises Disconnected when nothing is connected."""
        with self._pool.connection() as db:
            return self._read(db, connection)[0].tokens.refresh_token

    def refresh_expires_at(self, connection: str) -> datetime | None:
        """When the consent lapses unless it is used; None when nothing is connected."""
        with self._pool.connection() as db:
            found = self._rows.quickbooks(db, connection)
        return None if found is None else found[0].tokens.refresh_expires_at

    # ---- QuickBooks, connecting ----

    def save_company(self, connection: str, realm: str, company: str, tokens: Tokens) -> None:
        """Consent was given: these tokens replace any older ones, which QuickBooks has ended by now."""
        with self._lock.held(connection) as db:
            self._rows.put(db, connection, QuickBooksSecrets(realm=realm, company=company, tokens=tokens))
            self._drop_unsaved(connection)

    def connection_of_realm(self, realm: str) -> str | None:
        """Which connection holds this company's tokens; None when none does."""
        with self._pool.connection() as db:
            return self._rows.connection_of(db, "quickbooks", realm)

    def forget(self, connection: str, system: System) -> None:
        """Remove the row: nothing of the tokens remains."""
        with self._lock.held(connection) as db:
            self._rows.forget(db, connection, system)
            if system == "quickbooks":
                self._drop_unsaved(connection)

    # ---- WizCommerce ----

    def save_tenant(
        self,
        connection: str,
        tenant: str,
        token: str,
        expires_at: datetime | None,
        email: str = "",
        password: str = "",
    ) -> None:
        """The tenant's token, and its log-in when a person chose to leave it here."""
        secrets = TenantSecrets(tenant=tenant, token=token, expires_at=expires_at, email=email, password=password)
        with self._pool.connection() as db:
            self._rows.put(db, connection, secrets)

    def api_key(self, connection: str) -> str:
        """The WizCommerce token. Raises Disconnected when there is none or it has lapsed."""
        found = self._tenant(connection)
        if found is None:
            raise Disconnected(
                "WizCommerce is not connected.",
                code="not-connected",
                next_step="Give a WizCommerce token: `wizqbo connect` asks for it.",
            )
        if found.expires_at is not None and found.expires_at <= self._clock.now():
            raise Disconnected(
                "The WizCommerce token has lapsed.",
                code="token-lapsed",
                next_step="Make a new token in WizCommerce and give it with `wizqbo connect`.",
            )
        return found.token

    def tenant_expires_at(self, connection: str) -> datetime | None:
        """When the WizCommerce token lapses; None when it does not, or nothing is connected."""
        found = self._tenant(connection)
        return None if found is None else found.expires_at

    def expiries(self, connection: str) -> tuple[datetime | None, datetime | None]:
        """When the QuickBooks consent and the WizCommerce token end by themselves; None when unknown."""
        return self.refresh_expires_at(connection), self.tenant_expires_at(connection)

    def tenant_login(self, connection: str) -> tuple[str, str] | None:
        """(e-mail, password) when a person left them here, for renewing the token; else None."""
        found = self._tenant(connection)
        return (found.email, found.password) if found is not None and found.email and found.password else None

    def connection_of_tenant(self, tenant: str) -> str | None:
        """Which connection holds this tenant's token; None when none does."""
        with self._pool.connection() as db:
            return self._rows.connection_of(db, "wizcommerce", tenant)

    def _tenant(self, connection: str) -> TenantSecrets | None:
        with self._pool.connection() as db:
            return self._rows.tenant(db, connection)

    # ---- refreshing ----

    def _lives(self, tokens: Tokens) -> bool:
        return tokens.access_expires_at - self._clock.now() > EARLY

    def _read(self, db: Database, connection: str) -> Held:
        found = self._rows.quickbooks(db, connection)
        if found is None:
            raise Disconnected("QuickBooks is not connected.", code="not-connected", next_step=RECONNECT)
        return found

    def _refreshed(self, connection: str, rejected: str | None) -> str:
        with self._lock.held(connection) as db:
            held = self._saved(db, connection, self._read(db, connection))  # look again: someone may have been faster
            tokens = held[0].tokens
            if self._lives(tokens) and tokens.access_token != rejected:
                return tokens.access_token
            try:
                tokens = self._refresher.refresh(tokens.refresh_token)
            except Disconnected:
                instead = self._stored_meanwhile(connection, held)
                if instead is None:
                    raise
                return instead
            return self._stored(db, connection, held, tokens).tokens.access_token

    def _stored_meanwhile(self, connection: str, held: Held) -> str | None:
        """A living access token that someone stored after `held` was read (our session, and the turn with it, was
        lost)."""
        with self._pool.connection() as db:
            now_held = self._read(db, connection)
        return now_held[0].tokens.access_token if now_held[1] != held[1] and self._lives(now_held[0].tokens) else None

    def _stored(self, db: Database, connection: str, held: Held, tokens: Tokens) -> QuickBooksSecrets:
        """Store until stored. If the database stays away the tokens stay in this process, and its next call stores
        them."""
        secrets = QuickBooksSecrets(realm=held[0].realm, company=held[0].company, tokens=tokens)
        with self._unsaved_guard:
            self._unsaved[connection] = (secrets, held[1])
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(STORE_TRIES):
            try:
                if attempt == 0:
                    return self._store(db, connection, secrets, held[1])
                with self._pool.connection() as another:
                    return self._store(another, connection, secrets, held[1])
            except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout):
                self._clock.wait(threading.Event(), pause)
                pause *= 2
        _log.critical("renewed QuickBooks tokens of %s could not be stored: do not stop this process", connection)
        raise Unavailable(
            "QuickBooks gave new tokens, but our own database could not store them. They are kept in this process.",
            code="tokens-not-stored",
            next_step="Bring the database back before this process stops; else QuickBooks must be connected again.",
        )

    def _store(self, db: Database, connection: str, secrets: QuickBooksSecrets, generation: int) -> QuickBooksSecrets:
        stored = self._rows.move_forward(db, connection, secrets, generation)
        kept = secrets if stored else self._read(db, connection)[0]  # a new consent came between: it is newer
        self._drop_unsaved(connection)
        return kept

    def _saved(self, db: Database, connection: str, read: Held) -> Held:
        """What was read; or what this process still has to store, stored now."""
        with self._unsaved_guard:
            unsaved = self._unsaved.get(connection)
        if unsaved is None:
            return read
        if unsaved[1] != read[1]:  # stored after all before the answer was lost, or replaced by a new consent
            self._drop_unsaved(connection)
            return read
        self._stored(db, connection, unsaved, unsaved[0].tokens)
        return self._read(db, connection)

    def _has_unsaved(self, connection: str) -> bool:
        with self._unsaved_guard:
            return connection in self._unsaved

    def _drop_unsaved(self, connection: str) -> None:
        with self._unsaved_guard:
            self._unsaved.pop(connection, None)
