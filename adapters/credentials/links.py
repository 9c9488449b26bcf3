"""Links that may be sent to a company's administrator, and the OAuth `state` made when one is opened.

Only hashes are kept: a copy of the database opens nothing. Source for `state`: QuickBooks reference, sections 1.2
and 10.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Literal

from psycopg.rows import tuple_row

from adapters.credentials.rows import Pool
from engine.clock import Clock

LINK_LIFETIME = timedelta(days=7)
STATE_LIFETIME = timedelta(minutes=10)
REMEMBERED = timedelta(days=30)
"""How long an ended link or state is kept, so that we can still say why it does not work."""


class LinkProblem(Exception):
    """A link or state that does not work. `sentence` and `next_step` are for the person who opened it."""

    def __init__(self, reason: Literal["unknown", "used", "expired"], sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.next_step = next_step


ASK_AGAIN = "Ask whoever sent you the link for a new one (`wizqbo connect` prints it)."
OPEN_AGAIN = "Open the link you were sent once more; it makes a fresh start."


class Links:
    """Over tables connect_links and oauth_states."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def make_link(self, connection: str, by: str) -> str:
        """The secret part of a link, valid for 7 days and for any number of openings. `by` is who made it."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        with self._pool.connection() as db:
            db.execute("DELETE FROM connect_links WHERE expires_at < %s", (now - REMEMBERED,))
            db.execute(
                "INSERT INTO connect_links (hash, connection, made_by, expires_at) VALUES (%s, %s, %s, %s)",
                (_hash(token), connection, by, now + LINK_LIFETIME),
            )
        return token

    def open_link(self, token: str) -> tuple[str, str]:
        """(state, connection): a new `state`, usable once within 10 minutes. Raises LinkProblem."""
        now = self._clock.now()
        with self._pool.connection() as db:
            found = db.cursor(row_factory=tuple_row).execute(
                "SELECT connection, made_by, expires_at FROM connect_links WHERE hash = %s", (_hash(token),)
            )
            row = found.fetchone()
            if row is None:
                raise LinkProblem("unknown", "This link is not one of ours, or was cut short.", ASK_AGAIN)
            connection, by, expires_at = row
            if expires_at <= now:
                raise LinkProblem("expired", "This link has expired: it was valid for 7 days.", ASK_AGAIN)
            state = secrets.token_urlsafe(32)
            db.execute("DELETE FROM oauth_states WHERE expires_at < %s", (now - REMEMBERED,))
            db.execute(
                "INSERT INTO oauth_states (hash, connection, made_by, expires_at) VALUES (%s, %s, %s, %s)",
                (_hash(state), connection, by, now + STATE_LIFETIME),
            )
        return state, connection

    def use_state(self, state: str) -> tuple[str, str]:
        """(connection, who made the link), once. Raises LinkProblem when unknown, used before or expired."""
        now = self._clock.now()
        with self._pool.connection() as db:
            used = db.cursor(row_factory=tuple_row).execute(
                "UPDATE oauth_states SET used_at = %(now)s WHERE hash = %(hash)s AND used_at IS NULL"
                " AND expires_at > %(now)s RETURNING connection, made_by",
                {"now": now, "hash": _hash(state)},
            )
            row = used.fetchone()
            if row is not None:
                return str(row[0]), str(row[1])
            why = (
                db.cursor(row_factory=tuple_row)
                .execute("SELECT used_at FROM oauth_states WHERE hash = %s", (_hash(state),))
                .fetchone()
            )
        if why is None:
            raise LinkProblem("unknown", "This answer from QuickBooks does not belong to a link we made.", OPEN_AGAIN)
        if why[0] is not None:
            raise LinkProblem("used", "This answer from QuickBooks was used already.", OPEN_AGAIN)
        raise LinkProblem("expired", "It took longer than 10 minutes to answer in QuickBooks.", OPEN_AGAIN)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
