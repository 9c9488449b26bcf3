"""Addresses of databases, and what one attempt to connect tells. No text made here repeats a given address: it may hold
a password, and a password with an unescaped @ or / ends up in libpq's own messages too."""

import enum
import re
from pathlib import Path
from urllib.parse import quote

import psycopg

from adapters.database.errors import DatabaseUnavailable

DATABASE = "wizqbo"
ROLE = "wizqbo"
CONNECT_TIMEOUT_SECONDS = 10

_FROM_THE_SERVER = re.compile(r"FATAL:\s+(.*)")
_LIBPQ_SAYS = (
    ("failed to resolve host", "its host name is not known"),
    ("could not translate host name", "its host name is not known"),
    ("Connection refused", "nothing listens at its host and port"),
    ("No such file or directory", "there is no socket at its path"),
    ("timeout expired", f"it did not answer within {CONNECT_TIMEOUT_SECONDS} s"),
    ("no password supplied", "it asks for a password and the address has none"),
)


class Answer(enum.Enum):
    """What our own server says to a new connection."""

    YES = "it takes connections, or has as many as it can take"
    NO_DATABASE = "it runs, without our database in it"
    NOT_YET = "it is starting, recovering, stopping or gone"


_ANSWERS = (
    ("does not exist", Answer.NO_DATABASE),
    ("too many clients", Answer.YES),
    ("connection slots are reserved", Answer.YES),
    ("starting up", Answer.NOT_YET),
    ("shutting down", Answer.NOT_YET),
    ("recovery mode", Answer.NOT_YET),
    ("not yet accepting", Answer.NOT_YET),
    ("No such file", Answer.NOT_YET),
    ("Connection refused", Answer.NOT_YET),
    ("server closed the connection", Answer.NOT_YET),
)


def own_address(socket_folder: Path, database: str = DATABASE) -> str:
    """The address of our own server, as a libpq URL: also `psql` takes it."""
    return f"postgresql://{ROLE}@/{database}?host={quote(str(socket_folder), safe='')}&port=5432"


def ask(address: str) -> Answer:
    """Knocks at our own server. Raises DatabaseUnavailable if it refuses us for a reason that waiting does not cure."""
    try:
        psycopg.connect(address, connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.OperationalError as error:
        text = str(error)
        for sign, answer in _ANSWERS:
            if sign in text:
                return answer
        raise DatabaseUnavailable(f"The PostgreSQL of wizqbo runs but refuses us: {text.strip()}") from error
    return Answer.YES


def create_database(socket_folder: Path) -> None:
    """Creates our database in our own, new server."""
    with psycopg.connect(own_address(socket_folder, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}".encode())


def require_answer(address: str) -> None:
    """Raises DatabaseUnavailable, saying why, unless the PostgreSQL at a given address lets us in."""
    try:
        psycopg.connect(address, connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.ProgrammingError:
        raise DatabaseUnavailable(
            "DATABASE_URL is not an address of a PostgreSQL database. It looks like "
            "postgresql://USER:PASSWORD@HOST:5432/NAME, with special characters in the password written as %XX."
        ) from None
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The database that DATABASE_URL names cannot be reached: {_reason(str(error))}."
        ) from None


def _reason(text: str) -> str:
    said = _FROM_THE_SERVER.search(text)
    if said:
        return f"it says “{said[1].strip()}”"
    for sign, reason in _LIBPQ_SAYS:
        if sign in text:
            return reason
    return "no connection to its host and port"
