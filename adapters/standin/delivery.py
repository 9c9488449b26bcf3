"""Webhooks on their way out: what waits, what is due, what was delivered and what is lost for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import httpx

from adapters.standin.clock import StandInClock

DeliveryMode = Literal["manual", "background"]


@dataclass
class Delivery:
    """One message on its way: tried `attempts` times so far, due at `due_at` by the stand-in's clock."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    due_at: datetime
    lane: str = ""
    attempts: int = 0
    first_tried_at: datetime | None = None
    last_answer: str = ""
    in_flight: bool = field(default=False, repr=False)


class Outbox:
    """Pending deliveries with their retries.

    In "background" mode a task sends what is due by itself; in "manual" mode only `deliver_due` does. With `blocking`
    a delivery waits until every earlier one of its lane is delivered or lost (head-of-line blocking).
    """

    def __init__(
        self,
        clock: StandInClock,
        mode: DeliveryMode = "manual",
        *,
        success: Iterable[int] = (200, 201, 202, 204),
        timeout_seconds: float = 30.0,
        retry_after_seconds: Sequence[float] = (30, 60, 120, 240, 480),
        blocking: bool = False,
    ) -> None:
        self.clock = clock
        self.mode: DeliveryMode = mode
        self.success = frozenset(success)
        self.timeout_seconds = timeout_seconds
        self.retry_after_seconds = list(retry_after_seconds)
        self.blocking = blocking
        self.waiting: list[Delivery] = []
        self.delivered: list[Delivery] = []
        self.lost: list[Delivery] = []
        self._client: httpx.AsyncClient | None = None
        self._woken: asyncio.Event | None = None
        self._under_way: set[asyncio.Task[bool]] = set()

    def put(
        self, url: str, body: bytes, headers: Mapping[str, str], *, delay_seconds: float = 0.0, lane: str = ""
    ) -> Delivery:
        """Add a message that becomes due `delay_seconds` from now. Call it on the loop thread."""
        delivery = Delivery(url, body, headers, self.clock.now() + timedelta(seconds=delay_seconds), lane)
        self.waiting.append(delivery)
        self.wake()
        return delivery

    def due(self) -> list[Delivery]:
        """What can be sent now, oldest first."""
        now = self.clock.now()
        found: list[Delivery] = []
        held_lanes: set[str] = set()
        for one in self.waiting:
            if one.lane in held_lanes:
                continue
            if one.due_at <= now and not one.in_flight:
                found.append(one)
            if self.blocking:
                held_lanes.add(one.lane)
        return found

    def retry_in(self, one: Delivery) -> float | None:
        """Seconds until a delivery that failed is tried again; None when it is lost for good."""
        if one.attempts > len(self.retry_after_seconds):
            return None
        return self.retry_after_seconds[one.attempts - 1]

    def gave_up(self, one: Delivery) -> None:
        """A delivery was lost for good; a particular stand-in may have more to do then."""

    async def deliver_due(self) -> dict[str, int]:
        """Send everything that is due now, once each and in order; count what became of it.

        A message that becomes due while this runs is left for the next time, except that with `blocking` the next
        one of a lane follows as soon as the one before it is delivered.
        """
        sent = delivered = 0
        tried: set[int] = set()
        while batch := [one for one in self.due() if id(one) not in tried]:
            for one in batch:
                tried.add(id(one))
                sent += 1
                delivered += await self._attempt(one)
            if not self.blocking:
                break
        return {"sent": sent, "delivered": delivered, "failed": sent - delivered, "waiting": len(self.waiting)}

    def wake(self) -> None:
        """Let the background task look again: something was added, or the clock was moved."""
        if self._woken is not None:
            self._woken.set()

    def clear(self) -> None:
        """Forget everything that waits, was delivered or was lost."""
        self.waiting = []
        self.delivered = []
        self.lost = []

    def shown(self) -> dict[str, Any]:
        """Counts, and the waiting deliveries without headers (they carry credentials), for people."""
        waiting = [
            {"url": one.url, "body": one.body.decode(), "attempts": one.attempts, "due_at": one.due_at}
            for one in self.waiting
        ]
        return {"waiting": waiting, "delivered": len(self.delivered), "lost": len(self.lost)}

    @asynccontextmanager
    async def running(self) -> Any:
        """While this is entered, deliveries can go out (and do so by themselves in background mode)."""
        self._woken = asyncio.Event()
        sender = asyncio.ensure_future(self._send_forever()) if self.mode == "background" else None
        try:
            yield
        finally:
            for task in [sender, *self._under_way]:
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            if self._client is not None:
                await self._client.aclose()
            self._client = self._woken = None

    async def _send_forever(self) -> bool:
        while self._woken is not None:
            self._woken.clear()
            for one in self.due():
                one.in_flight = True
                task = asyncio.ensure_future(self._attempt(one))
                self._under_way.add(task)
                task.add_done_callback(self._landed)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._seconds_to_next())
        return True

    def _landed(self, task: asyncio.Task[bool]) -> None:
        self._under_way.discard(task)
        self.wake()

    def _seconds_to_next(self) -> float | None:
        ahead = [one.due_at for one in self.waiting if not one.in_flight]
        now = self.clock.now()
        later = [(at - now).total_seconds() for at in ahead if at > now]
        return min(later) if later else None

    async def _attempt(self, one: Delivery) -> bool:
        """Send once; True when the receiver took it. Files the delivery under delivered, waiting or lost."""
        one.in_flight = True
        one.first_tried_at = one.first_tried_at or self.clock.now()
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        try:
            answer = await asyncio.wait_for(
                self._client.post(one.url, content=one.body, headers=dict(one.headers), timeout=self.timeout_seconds),
                self.timeout_seconds,
            )
            one.last_answer = str(answer.status_code)
            taken = answer.status_code in self.success
        except (TimeoutError, httpx.HTTPError) as fault:
            one.last_answer = type(fault).__name__
            taken = False
        finally:
            one.in_flight = False
            one.attempts += 1
        self._file(one, taken)
        return taken

    def _file(self, one: Delivery, taken: bool) -> None:
        if not any(one is other for other in self.waiting):
            return  # cleared while it was under way
        wait = None if taken else self.retry_in(one)
        if wait is not None:
            one.due_at = self.clock.now() + timedelta(seconds=wait)
            return
        self.waiting = [other for other in self.waiting if other is not one]
        (self.delivered if taken else self.lost).append(one)
        if not taken:
            self.gave_up(one)


def lifespan_of(outbox: Outbox) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """What a Starlette application takes as its `lifespan` so that the outbox runs while it is served."""

    @asynccontextmanager
    async def lifespan(_: Any) -> Any:
        async with outbox.running():
            yield

    return lifespan
