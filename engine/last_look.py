"""Before a customer is made on a side: a look whether somebody made it there meanwhile, of which no signal has told us yet.

A signal may be late or lost for ever, and the same business is then made twice. The look is the pull that would find it in any
case, only sooner: in QuickBooks one metered read, for all customers that are made there within a minute.
"""

from datetime import datetime, timedelta

from engine.clock import Clock
from engine.domain.values import System
from engine.schedule import Schedule

PULL: dict[System, str] = {"quickbooks": "changes", "wizcommerce": "customers"}
"""What shows which customers changed there."""
GOOD_FOR = timedelta(seconds=60)
"""How long one look serves for what was decided before it."""
TO_FOLLOW = timedelta(seconds=5)
"""WizCommerce's pull only names what changed: so long it may take until those records have been read."""


class LastLook:
    """Remembers when this process looked last; after a restart it looks once more."""

    def __init__(self, schedule: Schedule, clock: Clock) -> None:
        self._schedule = schedule
        self._clock = clock
        self._looked: dict[tuple[str, System], datetime] = {}
        self._follow_until: dict[tuple[str, System], datetime] = {}

    def wait(self, connection: str, target: System, decided_at: datetime) -> timedelta:
        """How long a create that was decided at `decided_at` waits for what a look just found; nothing when it may go.

        Where the look fails, the create goes: what stands in the way of the one stands in the way of the other, which says it.
        """
        place, now = (connection, target), self._clock.now()
        looked = self._looked.get(place)
        if looked is None or looked < decided_at or not timedelta(0) <= now - looked < GOOD_FOR:
            told = self._schedule.now(connection, PULL[target], "a new customer")
            self._looked[place] = now
            self._follow_until[place] = now + TO_FOLLOW if told and target == "wizcommerce" else now
        return max(self._follow_until[place] - now, timedelta(0))
