"""Walking the chain of the log: whether every event is still as it was when it was recorded, in its place.

Each row carries sha256 over the chain before it and itself (schema.sql, log_link). A row that was changed, dropped, exchanged
or put in afterwards leaves a link that does not fit. A tail that was cut off leaves a shorter chain that fits: only a head
noted elsewhere (`POSITION:HASH`) tells.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from psycopg import Connection

from engine.surroundings import Pool

BATCH = 2000
"""Rows read at once."""
GUARDS = ("log_1_lock", "log_2_chain", "log_guard_all", "log_guard_rows")
"""The triggers that keep the log append-only and chained."""


class Head(msgspec.Struct, frozen=True):
    """A place in the log and the chain up to it: `POSITION:HASH` in text."""

    position: int
    chain: str

    def __str__(self) -> str:
        return f"{self.position}:{self.chain}"


EMPTY = Head(0, "")


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """The first event that does not fit. `stream` is '' when it is one that is no longer there."""

    position: int
    stream: str
    version: int
    problem: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the walk found: `count` events that fit, `head` the last of them; `missing_guards` names triggers that are off."""

    count: int
    head: Head
    broken: Break | None
    missing_guards: tuple[str, ...] = ()

    @property
    def verified(self) -> bool:
        return self.broken is None


class _Row(msgspec.Struct, frozen=True):
    position: int
    stream: str
    version: int
    tag: str
    content: bytes
    chain: bytes

    def link(self, before: bytes) -> bytes:
        """What the chain must be at this row. The same as log_link of schema.sql."""
        place = f"{self.position} {self.stream} {self.version} {self.tag} "
        return hashlib.sha256(before + place.encode() + self.content).digest()


def head_from(text: str) -> Head:
    """`POSITION:HASH` as `verify` printed it. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip().lower())
    if not found:
        raise ValueError("a head is written POSITION:HASH, as `wizqbo verify` prints it")
    return Head(int(found[1]), found[2])


def verify_log(pool: Pool, against: Head | None = None) -> Verdict:
    """Walks the whole log in one snapshot. With `against`, that head must be in it too."""
    with pool.connection() as c, c.transaction():
        c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        missing = _missing_guards(c)
        verdict = _walk(c, against)
    return msgspec.structs.replace(verdict, missing_guards=missing)


def _walk(c: Connection[Any], against: Head | None) -> Verdict:
    count, head, before = 0, EMPTY, b""
    met = against is None or against.position == 0
    for row in _rows(c, 0):
        if not met and against is not None and row.position > against.position:
            return Verdict(count=count, head=head, broken=_gone(against, "it was dropped"))
        if row.link(before) != row.chain:
            return Verdict(count=count, head=head, broken=_break(c, row, head, before))
        count, before, head = count + 1, row.chain, Head(row.position, row.chain.hex())
        if against is not None and row.position == against.position:
            met = True
            if head != against:
                return Verdict(count=count, head=head, broken=_other(row))
    if not met and against is not None:
        problem = f"the log ends at position {head.position}: its tail was cut off"
        return Verdict(count=count, head=head, broken=_gone(against, problem))
    return Verdict(count=count, head=head, broken=None)


def _rows(c: Connection[Any], after: int, limit: int = BATCH) -> Iterator[_Row]:
    sql = (
        "SELECT notification_id, originator_id, originator_version, topic, state, chain FROM log "
        "WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
    )
    while batch := c.execute(sql, (after, limit)).fetchall():
        for position, stream, version, tag, content, chain in batch:
            yield _Row(position, stream, version, tag, bytes(content), bytes(chain))
        after = batch[-1][0]


def _break(c: Connection[Any], row: _Row, head: Head, before: bytes) -> Break:
    """What is wrong with the first row that does not fit, as far as the log can tell."""
    following = next(_rows(c, row.position, 1), None)
    if following is not None and following.link(before) == following.chain:
        problem = "it was put in afterwards: the event after it follows from the one before it"
    elif (last := _version_before(c, row)) != row.version - 1:
        problem = f"events are missing before it: its stream goes from version {last} to {row.version}"
    elif row.position > head.position + 1:
        gone = (
            f"{head.position + 1} to {row.position - 1}" if row.position > head.position + 2 else str(head.position + 1)
        )
        problem = f"it was changed, or what stood before it (position {gone}) was dropped"
    else:
        problem = "it was changed, or exchanged with another"
    return Break(position=row.position, stream=row.stream, version=row.version, problem=problem)


def _version_before(c: Connection[Any], row: _Row) -> int:
    """The version of the event that stands before this one in its stream and in the log; 0 when there is none."""
    sql = (
        "SELECT coalesce(max(originator_version), 0) FROM log WHERE originator_id = %s AND originator_version < %s "
        "AND notification_id < %s"
    )
    found = c.execute(sql, (row.stream, row.version, row.position)).fetchone()
    return int(found[0]) if found else 0


def _gone(against: Head, problem: str) -> Break:
    return Break(
        position=against.position,
        stream="",
        version=0,
        problem=f"the event of the head you noted is not there: {problem}",
    )


def _other(row: _Row) -> Break:
    problem = "the chain up to it is another than the head you noted: the log was written anew"
    return Break(position=row.position, stream=row.stream, version=row.version, problem=problem)


def _missing_guards(c: Connection[Any]) -> tuple[str, ...]:
    sql = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'log'::regclass AND tgenabled = 'A'"
    there = {row[0] for row in c.execute(sql)}
    return tuple(name for name in GUARDS if name not in there)
