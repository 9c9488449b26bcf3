"""Ways in which WizCommerce is told of something, for the standard sets: a record made, or changed."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from adapters.standin.faults import FaultRule
from engine.domain.told import Told
from tests.telling import NOT_YET, pass_by
from tests.world import CONNECTION, World

DAYS = 3 * 86_400.0
LOOK_DUE = 115.0
"""Seconds after `NOT_YET` by which it is looked for: 60 for an answer, 120 of a request's own and 30 of margin have passed."""
A_MINUTE = 65.0
"""Seconds after which WizCommerce was asked again: a webhook that a busy machine took too slowly is lost, and comes by that."""


class Way(ABC):
    """One way: how it begins, and how WizCommerce's own state shows that it arrived."""

    path: ClassVar[str]

    def __init__(self, world: World, change: bool) -> None:
        self.world, self.change = world, change
        self.prepare()
        self.before = len(self.writes)

    @abstractmethod
    def prepare(self) -> None:
        """What is there before."""

    @abstractmethod
    def begin(self) -> None:
        """Somebody does it; the loops have not moved."""

    @property
    @abstractmethod
    def record(self) -> Told:
        """The aggregate."""

    @property
    @abstractmethod
    def shows(self) -> bool:
        """Whether there is one record in WizCommerce, as it is to be."""

    def run(self) -> None:
        self.begin()
        self.world.settle()

    def fault(self, kind: str, **rule: Any) -> None:
        """WizCommerce gets the write wrong, once."""
        method = "PATCH" if self.change else "POST"
        rules = self.world.wizcommerce.standin.faults
        self.world.wizcommerce.do(rules.add, FaultRule(kind, method=method, path=self.path, **rule))

    @property
    def writes(self) -> list[str]:
        return written(self.world, self.path)

    @property
    def tries(self) -> int:
        return len(self.writes) - self.before

    @property
    def stands(self) -> str:
        """Where it stands, in a person's words."""
        return self.world.engine.people.where(self.record.stream)

    @property
    def arrived(self) -> bool:
        """Whether there is one record, as it is to be, and ours says so."""
        return self.shows and self.stands.startswith("sent: ")

    def is_done_by_two(self) -> None:
        """Two dispatchers send it, step by step beside each other."""
        self.begin()
        self.world.settle(sending=False)
        other = self.world.web_engine.dispatcher()
        while any([self.world.dispatcher.step(), other.step(), self.world.step(sending=False)]):
            pass

        assert self.arrived and self.tries == 1

    def is_done_once(self) -> None:
        """Once, whatever is stepped, signalled and rebuilt afterwards."""
        self.world.quickbooks.set_switches(webhook_duplicates=1)
        self.world.wizcommerce.switch(webhook_duplicates=True)
        self.run()
        assert self.arrived and self.tries == 1

        for projection in (*self.world.engine.followers, *self.world.engine.inline):
            rebuild: Callable[[], object] = getattr(
                projection, "rebuild", partial(self.world.engine.log.rebuild, projection)
            )
            rebuild()
        self.world.restarted_engine()
        self.world.engine.schedule.due_now(CONNECTION)
        for seconds in (0, 1_000, DAYS):
            pass_by(self.world, seconds)

        assert self.arrived and self.tries == 1
        assert self.world.rows("SELECT * FROM pending_work") == []

    def waits_as_long_as_was_asked(self) -> None:
        """What cannot be taken now, for so many seconds."""
        self.fault("429", seconds=200)
        self.run()
        assert self.stands.startswith("waiting: ")
        pass_by(self.world, 190)
        assert self.tries == 1
        pass_by(self.world, 12)

        assert self.arrived and self.tries == 2

    def is_looked_for(self, lost: str) -> None:
        """Its answer was lost, after it was carried out or before: there is one record in the end."""
        self.fault(lost)
        self.run()
        assert self.stands.startswith("checking whether it arrived")
        pass_by(self.world, NOT_YET)
        assert self.tries == 1
        pass_by(self.world, LOOK_DUE)

        assert self.arrived and self.tries == (1 if lost == "reset-after" else 2)
        assert max(self.record.commands.values(), key=lambda one: one.issued_at).attempts == self.tries
        assert self.world.rows("SELECT * FROM pending_work") == []

    def waits_until_asked(self) -> None:
        """A no: days later it is still a no, tried once, with its next step; a person's retry brings it there."""
        self.fault("403")
        self.run()
        pass_by(self.world, DAYS)
        [(next_step,)] = self.world.rows("SELECT next_step FROM pending_work")
        assert self.stands.startswith("WizCommerce said no: ") and next_step and self.tries == 1
        assert self.world.where("WC-1001") == "sent: invoice WC-1001"

        self.world.engine.people.retry(self.record.stream, "admin")
        self.world.settle()

        assert self.arrived and self.tries == 2
        assert self.world.rows("SELECT * FROM pending_work") == []


def written(world: World, path: str) -> list[str]:
    """Method and outcome of every call that wrote below `path`, in WizCommerce's own log."""
    calls = world.wizcommerce.do(lambda: list(world.wizcommerce.standin.calls.all()))
    return [f"{call.method} {call.outcome}" for call in calls if path in call.path and call.method != "GET"]
