"""Dispatch: a due command is claimed, recorded as attempted, sent, and its outcome recorded.

The pending-work row is a hint. The worker reads the stream and settles any race by writing `AttemptStarted` at the version
it read. A worker that was stopped and woken later finds `send_by` passed, or its outcome already recorded by another.
"""

import logging
import traceback
from datetime import timedelta

import msgspec

from engine.attempts import Attempts
from engine.domain.commands import Command
from engine.domain.events import OutcomeUnknown
from engine.log import AWAY, Cause, Entry
from engine.parking import park
from engine.records import Holder
from engine.surroundings import Pool
from engine.worker import Worker

logger = logging.getLogger(__name__)

NAME = "dispatch"
AT_ONCE = 10
"""Commands of one connection under way at the same time. Source: QuickBooks reference, section 5."""


class Claim(msgspec.Struct, frozen=True):
    """A command taken up by this worker."""

    command_id: str
    connection: str
    stream: str
    status: str


class Dispatcher:
    """Works on due commands, one a step. Any number may run, in any number of processes."""

    name = NAME

    def __init__(self, worker: Worker, pool: Pool) -> None:
        self._worker = worker
        self._records = worker.records
        self._pool = pool
        self._clock = worker.clock
        self._attempts = Attempts(worker)
        self._limits = worker.limits

    def step(self) -> bool:
        """Works on one due command; False when there is none."""
        claim = self._take()
        if claim is None:
            return False
        wait = timedelta(0)
        try:
            wait = self._work(claim)
        except AWAY:
            raise
        except Exception as error:  # a bug: this stream is parked, loudly; all others go on
            logger.error("dispatch parks %s:\n%s", claim.stream, "".join(traceback.format_exception(error)))
            park(self._records, NAME, claim.stream, self._records.log.position(), error)
        self._leave(claim, wait)
        return True

    def _work(self, claim: Claim) -> timedelta:
        """Answers how long the command is to wait, nothing having happened to it."""
        record = self._records.holder(claim.stream)
        command = record.commands.get(claim.command_id)
        if command is None or not command.unfinished:
            return timedelta(0)  # the row was a hint, and the stream has moved on
        now = self._clock.now()
        if command.status == "ready":
            return self._attempts.send(record, command)
        if command.status == "unknown" and command.due_at is not None and command.due_at <= now:
            self._attempts.look(record, command)
        elif command.status == "running" and command.due_at is not None and command.due_at <= now:
            self._gone_silent(record, command)
        return timedelta(0)

    def _gone_silent(self, record: Holder, command: Command) -> None:
        """Whoever sent it did not come back before its lease ended: whether it arrived is unknown."""
        if command.last is None:
            return
        look_at = command.last.answer_by + self._limits.look_after
        why = "whoever sent it did not come back with an answer"
        unknown = OutcomeUnknown(
            command_id=command.command_id, attempt=command.attempts, target=command.target, why=why, look_at=look_at
        )
        cause = Cause(causation_id=f"lease of {command.last.worker}", correlation_id=command.command_id)

        def build() -> list[Entry]:
            now = self._worker.reload(record.stream)
            then = now.commands[command.command_id]
            if then.status != "running" or then.attempts != command.attempts:
                return []
            return [Entry(stream=record.stream, version=now.version, events=[unknown])]

        self._records.append(build, cause)

    def _take(self) -> Claim | None:
        """The oldest due command of the first priority whose connection is open and has a place; leased to us."""
        now = self._clock.now()
        sql = "SELECT command_id, connection, stream, status FROM claim_work(%s, %s, %s, %s)"
        with self._pool.connection() as c:
            row = c.execute(sql, (self._worker.name, now, now + self._limits.lease, AT_ONCE)).fetchone()
        return Claim(*row) if row else None

    def _leave(self, claim: Claim, wait: timedelta) -> None:
        """Lets the command go: at once, or when it has waited, which takes nobody's place."""
        ours = "WHERE command_id = %s AND worker = %s"
        place = (claim.command_id, self._worker.name)
        with self._pool.connection() as c:
            if wait:
                until = self._clock.now() + wait
                c.execute(f"UPDATE work_leases SET expires_at = %s, worker = '' {ours}", (until, *place))
            else:
                c.execute(f"DELETE FROM work_leases {ours}", place)
