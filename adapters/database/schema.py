"""schema.sql and its version: put it into an empty database, and refuse any other than ours.

The first line of schema.sql reads `-- schema version: N`. An installed database says its version in the table
`schema_version(version, applied_at)`, of one row.
"""

import re
from functools import cache
from importlib.resources import files

import psycopg

from adapters.database.errors import UnsafeDatabase, WrongSchema

SCHEMA_LOCK = 0x77697A71  # any fixed number; two processes applying the schema at once meet here

_FIRST_LINE = re.compile(r"-- schema version: (\d+)\s*$")
_TABLE_NAMES = b"""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
      AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname LIMIT 3
"""
_RISKS = {
    "fsync": "an acknowledged fact can vanish when the machine stops",
    "full_page_writes": "a page half written when the machine stops cannot be repaired",
}


@cache
def schema_sql() -> str:
    """The text of schema.sql, as this program was installed with."""
    return (files("adapters.database") / "schema.sql").read_text(encoding="utf-8")


def schema_version(sql: str | None = None) -> int:
    """The version a schema text claims in its first line; schema.sql's own if no text is given.

    Raises ValueError if the first line is not `-- schema version: N`.
    """
    first_line = (schema_sql() if sql is None else sql).partition("\n")[0]
    found = _FIRST_LINE.match(first_line)
    if not found:
        raise ValueError(f"The first line of schema.sql must read '-- schema version: N', not '{first_line[:60]}'.")
    return int(found[1])


def apply_schema(conninfo: str, sql: str | None = None) -> bool:
    """Puts the schema into an empty database; True if it did, False if it was there already.

    All of it or nothing, and once, however many processes ask at the same time. Raises WrongSchema if the database
    holds another version, or tables but no version; psycopg.Error if the text is not accepted.
    """
    text = schema_sql() if sql is None else sql
    wanted = schema_version(text)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        found = _installed_version(connection)
        if found is not None:
            _require(found, wanted)
            return False
        _require_empty(connection)
        connection.execute(text.encode())
        _record_version(connection, wanted)
    return True


def check_schema(conninfo: str, wanted: int | None = None) -> None:
    """Raises WrongSchema unless the database holds the wanted version (schema.sql's own if none is given)."""
    version = schema_version() if wanted is None else wanted
    with psycopg.connect(conninfo) as connection:
        found = _installed_version(connection)
        if found is None:
            raise WrongSchema(
                f"This database holds no schema of wizqbo; this program wants version {version}. "
                "Run any command that starts the engine (`wizqbo run`), which puts it into an empty database."
            )
        _require(found, version)


def require_fsync(conninfo: str) -> None:
    """Raises UnsafeDatabase if the server may lose a commit it has acknowledged (fsync or full_page_writes off)."""
    with psycopg.connect(conninfo) as connection:
        for name, risk in _RISKS.items():
            row = connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
            if row != ("on",):
                raise UnsafeDatabase(
                    f"This PostgreSQL runs with {name} = off: {risk}. Set {name} = on in its configuration."
                )


def _installed_version(connection: psycopg.Connection) -> int | None:
    """The version the database says it has; None if it has none."""
    row = connection.execute("SELECT to_regclass('schema_version') IS NOT NULL").fetchone()
    if row != (True,):
        return None
    version = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    return version[0] if version else None


def _record_version(connection: psycopg.Connection, wanted: int) -> None:
    """Writes the version down, unless the schema text has done so itself."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL, applied_at timestamptz NOT NULL)"
    )
    if _installed_version(connection) is None:
        connection.execute("INSERT INTO schema_version (version, applied_at) VALUES (%s, now())", (wanted,))
    _require(_installed_version(connection), wanted)


def _require(found: int | None, wanted: int) -> None:
    if found == wanted:
        return
    step = (
        "Use the release of wizqbo that wrote it, or a newer one."
        if found is not None and found > wanted
        else "Start this release on an empty database, or go on with the release that made this one."
    )
    raise WrongSchema(f"This database holds schema version {found}; this program wants version {wanted}. {step}")


def _require_empty(connection: psycopg.Connection) -> None:
    names = [str(row[0]) for row in connection.execute(_TABLE_NAMES)]
    if names:
        raise WrongSchema(
            f"This database holds tables of something else ({', '.join(names)}, …) and no schema of wizqbo. "
            "Name an empty database in DATABASE_URL."
        )
