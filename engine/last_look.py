"""Before a customer is made on a side: a look whether somebody made it there meanwhile, of which no signal has told us yet.

A signal may be late or lost for ever, and the same business is then made twice. The look is the pull that would find it in any
case, only sooner: in QuickBooks one metered read, for all creates that were decided by then.
"""

from datetime import datetime, timedelta

from engine.clock import Clock
from engine.domain.commands import Command
from engine.domain.values import System
from engine.schedule import Schedule

PULL: dict[System, str] = {"quickbooks": "changes", "wizcommerce": "customers"}
"""What shows which customers changed there."""
GOOD_FOR = timedelta(seconds=60)
"""How long one look serves for what was decided before it."""
TO_FOLLOW = timedelta(seconds=5)
"""WizCommerce's pull only names what changed: so long it may take until those records have been read. So long a create also waits
while another worker is at the pull, or while there is more of it to read."""
MOST = timedelta(seconds=60)
"""After this a create goes, whatever its looks came to."""


class LastLook:
    """Remembers when this process looked last, and how long which create waits already; after a restart it begins anew."""

    def __init__(self, schedule: Schedule, clock: Clock) -> None:
        self._schedule = schedule
        self._clock = clock
        self._looked: dict[tuple[str, System], tuple[datetime, datetime]] = {}
        """When the last look began, and until when what it named is being read. One value: workers of other threads read it."""
        self._waits_since: dict[str, datetime] = {}

    def wait(self, connection: str, command: Command) -> timedelta:
        """How long a create waits for what a look just found; nothing when it may go.

        Where the look fails, the create goes: what stands in the way of the one stands in the way of the other, which says it.
        """
        now = self._clock.now()
        since = self._waits_since.setdefault(command.command_id, now)
        left = self._left((connection, command.target), command.issued_at, now) if now - since < MOST else timedelta(0)
        if not left:
            self._waits_since.pop(command.command_id, None)
        return left

    def _left(self, place: tuple[str, System], decided_at: datetime, now: datetime) -> timedelta:
        connection, target = place
        looked, followed = self._looked.get(place, (None, now))
        if looked is None or looked < decided_at or not timedelta(0) <= now - looked < GOOD_FOR:
            ran = self._schedule.now(connection, PULL[target], "a new customer")
            if ran is None or not ran.complete:
                return TO_FOLLOW
            followed = now + TO_FOLLOW if ran.changed and target == "wizcommerce" else now
            self._looked[place] = now, followed
        return max(followed - now, timedelta(0))
