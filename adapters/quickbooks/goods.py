"""Paging the items of some types, with a cursor.

A cursor is opaque to everybody else: '' for all there are, an ISO 8601 time for those changed since then (less an overlap,
since clocks and answers are not that exact), and JSON on the way. The way ends with a time: that of its first answer on
QuickBooks' own clock, since what changes later may have been passed already.

While we page, an item that is changed may be shown twice. One that vanishes altogether (a merge can do that to the loser)
moves those after it up by one place: one of them may be passed over, until it changes or everything is asked for again.
Source: QuickBooks reference, sections 3.5 and 2.9.
"""

from datetime import datetime
from typing import Annotated

import msgspec

from adapters.quickbooks.changes import OVERLAP
from adapters.quickbooks.statements import ROWS_AT_MOST
from engine.clock import instant

_Aware = Annotated[datetime, msgspec.Meta(tz=True)]


class Way(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far we are: `start` is where the next page begins, `rows` how long it is, `since` None for everything."""

    since: _Aware | None
    start: Annotated[int, msgspec.Meta(ge=1)]
    rows: Annotated[int, msgspec.Meta(ge=1, le=ROWS_AT_MOST)]
    reached_at: _Aware | None = None

    def smaller(self) -> "Way":
        """The same page with half the rows."""
        return msgspec.structs.replace(self, rows=max(1, self.rows // 2))

    def after(self, found: int, answered_at: datetime) -> "Way":
        """The way when this page had `found` rows and was answered at `answered_at`."""
        return msgspec.structs.replace(self, start=self.start + found, reached_at=self.reached_at or answered_at)

    def cursor(self) -> str:
        return msgspec.json.encode(self).decode()


def way_from(cursor: str) -> Way:
    """Where a cursor goes on. Raises ValueError when it is none of ours."""
    if cursor.startswith("{"):
        return msgspec.json.decode(cursor, type=Way)
    since = instant(cursor) - OVERLAP if cursor else None
    return Way(since=since, start=1, rows=ROWS_AT_MOST)
