"""Keys of streams: one each, wrapped by the master key. Destroying one erases what it sealed, everywhere it was
copied to."""

import base64
import binascii
import secrets
import threading
from collections import OrderedDict
from collections.abc import Collection

from psycopg.rows import tuple_row

from adapters.credentials.master_key import KEY_BYTES, Box, KeyProblem, MasterKey
from adapters.credentials.rows import Pool
from engine.clock import Clock

CACHED_KEYS = 5000
FEW = 2
"""Below this, each key is got when it is needed."""
CACHED_SECONDS = 60.0
"""How long a process may still read with a key that another one has destroyed."""


class Keyring:
    """Implements `engine.ports.Sealer` over table data_keys."""

    def __init__(self, pool: Pool, master: MasterKey, clock: Clock) -> None:
        self._pool = pool
        self._master = master
        self._clock = clock
        self._lock = threading.Lock()
        self._cache: OrderedDict[str, tuple[float, Box | None]] = OrderedDict()

    def seal(self, stream: str, text: str) -> str:
        """`text` encrypted with the stream's key (made on first use) as base64; '' when the key was destroyed."""
        box = self._box(stream, make=True)
        if box is None:
            return ""
        return base64.b64encode(box.seal(text.encode(), stream)).decode("ascii")

    def unseal(self, stream: str, sealed: str) -> str | None:
        """The text; None when the key was destroyed. Raises KeyProblem when the text does not fit the stream's key, or
        the stream never had one."""
        if sealed == "":
            return None  # sealed after the key was destroyed
        box = self._box(stream, make=False)
        if box is None:
            return None
        try:
            return box.unseal(base64.b64decode(sealed, validate=True), stream).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise KeyProblem(f"A sealed text of {stream} is damaged.") from None

    def prepare(self, streams: Collection[str], *, make: bool) -> None:
        """Gets the keys of many streams with two questions, and makes those that are missing in one transaction (`make`)."""
        now = self._clock.boottime()
        with self._lock:
            wanted = sorted({s for s in streams if s not in self._cache or self._cache[s][0] <= now})
        if len(wanted) < FEW:
            return
        select = "SELECT stream, wrapped FROM data_keys WHERE stream = ANY(%s)"
        with self._pool.connection() as db:
            found: dict[str, bytes | None] = dict(
                db.cursor(row_factory=tuple_row).execute(select, (wanted,)).fetchall()
            )
            missing = [stream for stream in wanted if stream not in found]
            if make and missing:
                made = [self._master.seal(secrets.token_bytes(KEY_BYTES), _bound_to(stream)) for stream in missing]
                db.execute(
                    "INSERT INTO data_keys (stream, wrapped, made_at) SELECT stream, wrapped, %s "
                    "FROM unnest(%s::text[], %s::bytea[]) AS k(stream, wrapped) ON CONFLICT DO NOTHING",
                    (self._clock.now(), missing, made),
                )
                found |= dict(db.cursor(row_factory=tuple_row).execute(select, (missing,)).fetchall())
        for stream, wrapped in found.items():
            box = None if wrapped is None else Box(self._master.unseal(bytes(wrapped), _bound_to(stream)))
            self._remember(stream, box)

    def fingerprint(self, text: str) -> str:
        """A keyed hash, 32 hex digits."""
        return self._master.fingerprint(text)

    def destroy(self, stream: str) -> None:
        """The stream's key is gone for ever, and it never gets another. Other processes forget it within a minute."""
        with self._pool.connection() as db:
            db.execute(
                "INSERT INTO data_keys (stream, wrapped, destroyed_at) VALUES (%(stream)s, NULL, %(now)s)"
                " ON CONFLICT (stream) DO UPDATE SET wrapped = NULL,"
                " destroyed_at = coalesce(data_keys.destroyed_at, excluded.destroyed_at)",
                {"stream": stream, "now": self._clock.now()},
            )
        self._remember(stream, None)

    def _box(self, stream: str, *, make: bool) -> Box | None:
        with self._lock:
            found = self._cache.get(stream)
            if found is not None and self._clock.boottime() < found[0]:
                self._cache.move_to_end(stream)
                return found[1]
        box = self._read(stream, make=make)
        self._remember(stream, box)
        return box

    def _remember(self, stream: str, box: Box | None) -> None:
        with self._lock:
            self._cache[stream] = (self._clock.boottime() + CACHED_SECONDS, box)
            self._cache.move_to_end(stream)
            while len(self._cache) > CACHED_KEYS:
                self._cache.popitem(last=False)

    def _read(self, stream: str, *, make: bool) -> Box | None:
        select = "SELECT wrapped FROM data_keys WHERE stream = %s"
        with self._pool.connection() as db:
            row = db.cursor(row_factory=tuple_row).execute(select, (stream,)).fetchone()
            if row is None and make:
                wrapped = self._master.seal(secrets.token_bytes(KEY_BYTES), _bound_to(stream))
                db.execute(
                    "INSERT INTO data_keys (stream, wrapped, made_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    (stream, wrapped, self._clock.now()),
                )
                row = (
                    db.cursor(row_factory=tuple_row).execute(select, (stream,)).fetchone()
                )  # ours, or that of whoever was first
        if row is None:
            raise KeyProblem(f"The key of {stream} is missing from this database: was an older copy restored?")
        return None if row[0] is None else Box(self._master.unseal(bytes(row[0]), _bound_to(stream)))


def _bound_to(stream: str) -> str:
    return f"data key of {stream}"
