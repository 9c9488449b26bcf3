"""The inbox: every genuine delivery, once, as it came, encrypted."""

import base64
from datetime import datetime

import msgspec

from adapters.web.parts import Pool
from engine.domain.values import System

CHANNEL = "inbox"
POOL_SECONDS = 1.0
"""How long a delivery waits for a connection of the pool before its sender is asked to come again."""

_STORE = """
    WITH stored AS (
        INSERT INTO inbox (system, digest, sealed, received_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (system, digest) DO UPDATE SET repeats = inbox.repeats + 1
        RETURNING 1
    )
    SELECT pg_notify(%s, '') FROM stored
"""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it came. `connection` is '' where the body itself says whom it concerns (QuickBooks)."""

    body: bytes
    connection: str = ""
    content_type: str = ""


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    connection: str
    content_type: str
    text: str | None = None
    base64: str | None = None


def text_of_envelope(envelope: Envelope) -> str:
    """The envelope as JSON text; a body that is not UTF-8 goes in as base64."""
    try:
        text, encoded = envelope.body.decode(), None
    except UnicodeDecodeError:
        text, encoded = None, base64.b64encode(envelope.body).decode()
    written = _Written(connection=envelope.connection, content_type=envelope.content_type, text=text, base64=encoded)
    return msgspec.json.encode(written).decode()


def envelope_from_text(text: str) -> Envelope:
    """What `text_of_envelope` made the text from, byte for byte. Raises msgspec.DecodeError when it did not."""
    written = msgspec.json.decode(text, type=_Written)
    body = base64.b64decode(written.base64) if written.base64 is not None else (written.text or "").encode()
    return Envelope(body=body, connection=written.connection, content_type=written.content_type)


def store(pool: Pool, system: System, digest: str, sealed: bytes, received_at: datetime) -> None:
    """One statement, so stored and told of, or neither. A repeat is counted and told of again.

    Raises psycopg.Error when the database cannot do it now.
    """
    with pool.connection(POOL_SECONDS) as db:
        db.execute(_STORE, (system, digest, sealed, received_at, CHANNEL))
