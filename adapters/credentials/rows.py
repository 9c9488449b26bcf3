"""The rows of table credentials: sealed whole, and moved forward only from the generation they were read at."""

import secrets as randomness
from typing import Any

import msgspec
import psycopg
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool

from adapters.credentials.master_key import MasterKey
from adapters.credentials.tokens import QuickBooksSecrets, TenantSecrets
from engine.domain.values import System

Secrets = QuickBooksSecrets | TenantSecrets
Database = psycopg.Connection[Any]
Pool = ConnectionPool[psycopg.Connection[Any]]


class Rows:
    """Reads and writes sealed rows over a connection it is handed (autocommit)."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master

    def fingerprint(self, system: System, remote: str) -> str:
        """Of a company's or tenant's id: to find its connection without keeping the id in the clear."""
        return self._master.fingerprint(f"{system}:{remote}")

    def quickbooks(self, db: Database, connection: str) -> tuple[QuickBooksSecrets, int] | None:
        """The company's secrets and the row's generation; None when nothing is connected."""
        plain = self._read(db, connection, "quickbooks")
        return None if plain is None else (msgspec.json.decode(plain[0], type=QuickBooksSecrets), plain[1])

    def tenant(self, db: Database, connection: str) -> TenantSecrets | None:
        plain = self._read(db, connection, "wizcommerce")
        return None if plain is None else msgspec.json.decode(plain[0], type=TenantSecrets)

    def put(self, db: Database, connection: str, secrets: Secrets) -> None:
        """Write the row, whatever was there. A new row's generation is one that no earlier row of this name had."""
        system, remote = _whose(secrets)
        first = randomness.randbits(48)
        db.execute(
            "INSERT INTO credentials AS c (connection, system, fingerprint, sealed, generation)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (connection, system) DO UPDATE"
            " SET fingerprint = excluded.fingerprint, sealed = excluded.sealed, generation = c.generation + 1",
            (connection, system, self.fingerprint(system, remote), self._sealed(connection, secrets), first),
        )

    def move_forward(self, db: Database, connection: str, secrets: QuickBooksSecrets, generation: int) -> bool:
        """Write the row if it is still at `generation`; False when it is not, or is gone."""
        done = db.execute(
            "UPDATE credentials SET sealed = %s, generation = generation + 1"
            " WHERE connection = %s AND system = 'quickbooks' AND generation = %s",
            (self._sealed(connection, secrets), connection, generation),
        )
        return done.rowcount == 1

    def forget(self, db: Database, connection: str, system: System) -> None:
        db.execute("DELETE FROM credentials WHERE connection = %s AND system = %s", (connection, system))

    def connection_of(self, db: Database, system: System, remote: str) -> str | None:
        found = db.cursor(row_factory=tuple_row).execute(
            "SELECT connection FROM credentials WHERE system = %s AND fingerprint = %s ORDER BY connection LIMIT 1",
            (system, self.fingerprint(system, remote)),
        )
        row = found.fetchone()
        return None if row is None else str(row[0])

    def _read(self, db: Database, connection: str, system: System) -> tuple[bytes, int] | None:
        found = db.cursor(row_factory=tuple_row).execute(
            "SELECT sealed, generation FROM credentials WHERE connection = %s AND system = %s", (connection, system)
        )
        row = found.fetchone()
        return None if row is None else (self._master.unseal(bytes(row[0]), _bound_to(connection, system)), int(row[1]))

    def _sealed(self, connection: str, secrets: Secrets) -> bytes:
        return self._master.seal(msgspec.json.encode(secrets), _bound_to(connection, _whose(secrets)[0]))


def _whose(secrets: Secrets) -> tuple[System, str]:
    if isinstance(secrets, QuickBooksSecrets):
        return "quickbooks", secrets.realm
    return "wizcommerce", secrets.tenant


def _bound_to(connection: str, system: System) -> str:
    return f"credentials of {connection} for {system}"
