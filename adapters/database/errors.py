"""The three ways a database can be of no use. Each text is for a person: why, what next, no password."""


class DatabaseUnavailable(Exception):
    """There is no PostgreSQL to talk to, and this is why."""


class WrongSchema(Exception):
    """The database answers, but what it holds is not the schema this program was written for."""


class UnsafeDatabase(Exception):
    """The database answers, but is set up so that it may lose what it has acknowledged."""
