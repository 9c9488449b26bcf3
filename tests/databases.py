"""Databases for tests: lent empty, with our schema; used again when a test left their shape alone, since making one costs more
than most tests take."""

import os
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from adapters.database import apply_schema

TEMPLATE = "template_wizqbo"
SHAPE = """
    SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
        SELECT format('%s %s %s', c.relname, c.relkind, c.reloptions) AS line FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s.%s %s %s', a.attrelid::regclass, a.attname, a.atttypid, a.attnotnull) FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace WHERE a.attnum > 0
        UNION ALL SELECT format('%s %s %s %s', t.tgrelid::regclass, t.tgname, t.tgenabled, t.tgtype) FROM pg_trigger t
        UNION ALL SELECT format('%s %s', p.proname, p.prosrc) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s', c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c
            WHERE c.connamespace = 'public'::regnamespace
        UNION ALL SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%%'
        UNION ALL SELECT format('version %s', version) FROM schema_version
        UNION ALL SELECT format('setting %s', setconfig) FROM pg_db_role_setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) shape
"""
"""All that makes an empty database ours, as one text: tables, columns, triggers and whether they fire, functions, version."""


class Databases:
    """The databases of one test process on one server."""

    def __init__(self, server: str) -> None:
        self._server = server
        with psycopg.connect(server, autocommit=True) as c:
            c.execute(f"CREATE DATABASE {TEMPLATE}")
        apply_schema(self.address(TEMPLATE))
        with psycopg.connect(self.address(TEMPLATE)) as c:
            self._shape = _shape(c)
            self._emptying = _emptying(c)
        self._free: list[str] = []
        self._made = 0

    def address(self, name: str) -> str:
        return make_conninfo(self._server, dbname=name)

    def lend(self) -> Iterator[str]:
        """The address of an empty database; taken back when the borrower is done."""
        name = self._free.pop() if self._free else self._make()
        yield self.address(name)
        self._take_back(name)

    def _make(self) -> str:
        name = self._new_name()
        with psycopg.connect(self._server, autocommit=True) as c:
            c.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE}')
        return name

    def _new_name(self) -> str:
        self._made += 1
        return f"test_{os.getpid()}_{self._made}"

    def _take_back(self, used: str) -> None:
        """Emptied for the next borrower if it has our shape, dropped if not; under a name that no late-comer knows."""
        name = self._new_name()
        with psycopg.connect(self._server, autocommit=True) as c:
            c.execute(f'ALTER DATABASE "{used}" ALLOW_CONNECTIONS false')
            c.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (used,))
            c.execute(f'ALTER DATABASE "{used}" RENAME TO "{name}"')
            c.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            with psycopg.connect(self.address(name)) as emptied:
                ours = _shape(emptied) == self._shape
                if ours:
                    emptied.execute(self._emptying)
            if ours:
                self._free.append(name)
            else:
                c.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _shape(connection: psycopg.Connection) -> str:
    if connection.execute("SELECT to_regclass('schema_version')").fetchone() == (None,):
        return ""
    row = connection.execute(SHAPE).fetchone()
    assert row is not None
    return str(row[0])


def _emptying(connection: psycopg.Connection) -> sql.Composed:
    """The statements that empty every table but the version's, past the guards of the log, and count from 1 again."""
    tables = [
        r[0] for r in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    ]
    sequences = [r[0] for r in connection.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")]
    guards = [
        r[0]
        for r in connection.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'log'::regclass AND NOT tgisinternal"
        )
    ]
    statements = [
        sql.SQL("ALTER TABLE log DISABLE TRIGGER USER"),
        *(sql.SQL("DELETE FROM {}").format(sql.Identifier(t)) for t in tables if t != "schema_version"),
        *(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(s)) for s in sequences),
        *(sql.SQL("ALTER TABLE log ENABLE ALWAYS TRIGGER {}").format(sql.Identifier(g)) for g in guards),
    ]
    return sql.SQL("; ").join(statements)
