"""The first sights of many records at once: a page is saved in a few appends instead of one a record.

What is known already, may be our own write, or cannot be understood goes the usual way, one by one. Nothing is matched here:
before both sides were read whole, nobody can say which match is the only one.
"""

from collections.abc import Sequence

from engine.domain.events import Sight
from engine.domain.values import record_stream
from engine.log import Cause, Entry, VersionConflict
from engine.ports import Remote
from engine.records import Records
from engine.sights import Sights
from engine.surroundings import Pool

AT_ONCE = 200
"""Records of one append: it stays well below the five seconds after which a standing transaction ends."""


class FirstSights:
    """Records pages."""

    def __init__(self, records: Records, sights: Sights, pool: Pool) -> None:
        self._records = records
        self._sights = sights
        self._pool = pool

    def page(
        self, connection: str, remotes: Sequence[Remote], fetched_after: int, cause: Cause
    ) -> tuple[int, list[Remote]]:
        """Records what was read after log position `fetched_after`: how many records told something new, and those that may be
        the outcome of a request under way, which are to be looked at again."""
        changed = 0
        again: list[Remote] = []
        for start in range(0, len(remotes), AT_ONCE):
            told, waiting = self._stretch(connection, remotes[start : start + AT_ONCE], fetched_after, cause)
            changed += told
            again += waiting
        return changed, again

    def _stretch(
        self, connection: str, remotes: Sequence[Remote], fetched_after: int, cause: Cause
    ) -> tuple[int, list[Remote]]:
        gate = self._records.around.gate(connection)
        one_by_one = list(remotes)
        saved = 0
        if remotes and gate is not None and not gate.decides:
            with self._records.matching(connection, remotes[0].kind):
                new, one_by_one = self._sorted(connection, remotes)
                entries = [e for remote in new for e in self._first(connection, remote, fetched_after, cause)]
                try:
                    if entries:
                        self._records.log.append(entries, cause)
                    saved = len(new)
                except VersionConflict:  # seen by another way in between: each is looked at by itself
                    one_by_one = list(remotes)
        results = [self._sights.record(connection, remote, fetched_after, cause) for remote in one_by_one]
        waiting = [remote for remote, result in zip(one_by_one, results, strict=True) if result == "waiting"]
        return saved + results.count("recorded"), waiting

    def _sorted(self, connection: str, remotes: Sequence[Remote]) -> tuple[list[Remote], list[Remote]]:
        """(new and plain, all others). A create of ours that is open may be any of them: then all are looked at singly."""
        system, kind = remotes[0].system, remotes[0].kind
        known = (
            "SELECT remote_id FROM claims WHERE connection = %s AND system = %s AND kind = %s AND remote_id = ANY(%s)"
        )
        ours = "SELECT 1 FROM open_creates WHERE connection = %s AND target = %s AND kind = %s LIMIT 1"
        with self._pool.connection() as c:
            if c.execute(ours, (connection, system, kind)).fetchone():
                return [], list(remotes)
            claimed = {r[0] for r in c.execute(known, (connection, system, kind, [r.remote_id for r in remotes]))}
        new: dict[str, Remote] = {}
        others: list[Remote] = []
        for remote in remotes:
            plain = remote.content is not None and not remote.problem and "\\u0000" not in remote.raw
            if plain and remote.remote_id not in claimed and remote.remote_id not in new:
                new[remote.remote_id] = remote
            else:
                others.append(remote)
        return list(new.values()), others

    def _first(self, connection: str, remote: Remote, fetched_after: int, cause: Cause) -> list[Entry]:
        stream = record_stream(connection, remote.system, remote.kind, remote.remote_id)
        sight = self._sights.sight(remote, fetched_after, cause.causation_id)
        if not isinstance(sight, Sight):
            return []
        entry = Entry(stream=stream, version=0, events=[sight])
        return [entry, *self._records.claim(remote.system, remote.kind, remote.remote_id, stream)]
