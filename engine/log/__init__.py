"""The log: every fact, once, in order. The only room, with the projections' tracking, that touches `eventsourcing`."""

from engine.log.mapper import LogNotUnderstood
from engine.log.store import AWAY, AnotherLeader, Cause, Entry, Inline, Log, Statement, VersionConflict

__all__ = [
    "AWAY",
    "AnotherLeader",
    "Cause",
    "Entry",
    "Inline",
    "Log",
    "LogNotUnderstood",
    "Statement",
    "VersionConflict",
]
