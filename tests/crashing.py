"""A log that dies at one of its appends, as the process would: just before the commit, or just after it; and one that
lets something else happen just before or just after an append."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from engine.domain.events import CommandHeld, Event, Recorded
from engine.log import Cause, Entry, Log, Statement
from tests.world import World

Moment = Literal["before its commit", "after its commit"]
BEFORE_AND_AFTER: tuple[Moment, ...] = ("before its commit", "after its commit")
LONG_AFTER_SECONDS = 700.0
"""Every lease of the dead process has ended by then: a command's 240 s, a signal's 120 s, a pull's 600 s."""
A_MOMENT_SECONDS = 5.0
"""A hint that QuickBooks made something is followed after two seconds."""


class Died(BaseException):
    """The process is gone. No part of the engine may catch this."""


class CrashingLog(Log):
    """Dies at its `nth` append, once; from then on every append dies, as nothing runs in a dead process."""

    nth = 0
    moment: Moment = "before its commit"
    seen = 0

    def append(self, entries: Sequence[Entry], cause: Cause, also: Sequence[Statement] = ()) -> list[Recorded]:
        self.seen += 1
        if self.seen < self.nth:
            return super().append(entries, cause, also)
        if self.seen == self.nth and self.moment == "after its commit":
            super().append(entries, cause, also)
        raise Died


class MeanwhileLog(Log):
    """Lets `meanwhile` happen between an order's decision to wait (the event `at`) and the append of it, once; or just after
    that append, before whoever made it goes on (`moment`)."""

    at: type[Event] = CommandHeld
    moment: Moment = "before its commit"
    meanwhile: Callable[[], object] | None = None

    def append(self, entries: Sequence[Entry], cause: Cause, also: Sequence[Statement] = ()) -> list[Recorded]:
        meanwhile = None
        if any(isinstance(e, self.at) for entry in entries for e in entry.events):
            meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None and self.moment == "before its commit":
            meanwhile()
        done = super().append(entries, cause, also)
        if meanwhile is not None and self.moment == "after its commit":
            meanwhile()
        return done


def dying_at(nth: int, moment: Moment) -> Callable[..., Log]:
    """Makes a log that dies at its `nth` append."""

    def make(*parts: Any) -> Log:
        log = CrashingLog(*parts)
        log.nth, log.moment = nth, moment
        return log

    return make


def crashed_at(world: World, nth: int, moment: Moment, acts: Sequence[Callable[[], object]]) -> bool:
    """People do `acts`, the loops stepped after each; the engine dies at its `nth` append and is started again.

    Answers whether it died: False once the path has no `nth` append.
    """
    if world.engine is not world.web_engine:
        world.engine.close()
    world.restarted_engine(make_log=dying_at(nth, moment))
    died = False
    for act in acts:
        act()
        try:
            world.settle()
            world.move(A_MOMENT_SECONDS)
            world.settle()
        except Died:
            died = True
            world.engine.close()  # a dead process holds no connections; what it leased it keeps
            world.restarted_engine()
            world.move(LONG_AFTER_SECONDS)
            world.settle()
    world.engine.close()
    world.restarted_engine()
    return died
