"""What the shared room promises about webhooks on their way out, with a real receiver."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.control import control_mount
from adapters.standin.delivery import DeliveryMode, Outbox, lifespan_of
from adapters.standin.faults import FaultRules
from adapters.standin.server import RunningStandIn


class Switches(msgspec.Struct):
    """There is nothing to switch."""


class Post:
    """A stand-in for a system that does nothing but send."""

    def __init__(self, delivery: DeliveryMode = "manual", blocking: bool = False) -> None:
        self.clock = StandInClock()
        self.calls = CallLog(self.clock)
        self.faults = FaultRules()
        self.outbox = Outbox(self.clock, delivery, retry_after_seconds=[30, 60], timeout_seconds=0.3, blocking=blocking)
        self.switches = Switches()
        self.app = Starlette(routes=[control_mount(self)], lifespan=lifespan_of(self.outbox))

    def reset(self) -> None:
        pass

    def seed(self, entities: dict[str, Any]) -> dict[str, Any]:
        return entities

    def state(self) -> dict[str, Any]:
        return {}

    def hands(self, verb: str, body: dict[str, Any]) -> Any:
        return body

    def webhooks(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def running(post: Post) -> Iterator[RunningStandIn]:
    with RunningStandIn(post.app) as running:
        yield running


@pytest.fixture
def client(running: RunningStandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.address, timeout=5, trust_env=False) as client:
        yield client


class Receiver:
    """A real HTTP server that answers webhooks as it is told and remembers what came."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.received: list[str] = []
        self.arrived = threading.Condition()
        receiver = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with receiver.arrived:
                    receiver.received.append(body)
                    status = receiver.answers.pop(0) if receiver.answers else 204
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


def test_a_failed_delivery_is_tried_again_by_the_schedule_and_then_lost(
    client: httpx.Client, post: Post, running: RunningStandIn
) -> None:
    with receiving() as receiver:
        receiver.answers = [500, 500, 500]
        running.call_in_loop(post.outbox.put, receiver.url, b"news", {})

        assert client.post("/_standin/deliver").json() == {"sent": 1, "delivered": 0, "failed": 1, "waiting": 1}
        assert client.post("/_standin/deliver").json()["sent"] == 0
        client.post("/_standin/clock", json={"move_seconds": 31})
        assert client.post("/_standin/deliver").json()["waiting"] == 1
        client.post("/_standin/clock", json={"move_seconds": 61})
        assert client.post("/_standin/deliver").json() == {"sent": 1, "delivered": 0, "failed": 1, "waiting": 0}

        assert receiver.received == ["news"] * 3
    assert client.get("/_standin/state").json()["webhooks"] == {"waiting": [], "delivered": 0, "lost": 1}


def test_with_head_of_line_blocking_nothing_overtakes() -> None:
    post = Post(blocking=True)
    with receiving() as receiver, RunningStandIn(post.app) as running:
        receiver.answers = [503]
        for text in (b"first", b"second"):
            running.call_in_loop(post.outbox.put, receiver.url, text, {}, lane="one")
        running.call_in_loop(post.outbox.put, receiver.url, b"other", {}, lane="two")

        running.call_in_loop(post.outbox.deliver_due)
        assert receiver.received == ["first", "other"]
        post.clock.move(31)
        running.call_in_loop(post.outbox.deliver_due)

        assert receiver.received == ["first", "other", "first", "second"]


def test_in_the_background_news_goes_out_by_itself_and_again_when_the_clock_moves() -> None:
    post = Post(delivery="background")
    with receiving() as receiver, RunningStandIn(post.app) as running:
        receiver.answers = [500]
        running.call_in_loop(post.outbox.put, receiver.url, b"news", {})
        with receiver.arrived:
            assert receiver.arrived.wait_for(lambda: len(receiver.received) == 1, timeout=5)
        while running.call_in_loop(lambda: post.outbox.waiting[0].attempts) == 0:
            pass

        httpx.post(f"{running.address}/_standin/clock", json={"move_seconds": 31}, trust_env=False)

        with receiver.arrived:
            assert receiver.arrived.wait_for(lambda: receiver.received == ["news", "news"], timeout=5)


def test_a_receiver_that_is_not_there_counts_as_a_failure(post: Post, running: RunningStandIn) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        running.call_in_loop(post.outbox.put, f"http://127.0.0.1:{nobody.getsockname()[1]}/", b"x", {})

        answer = running.call_in_loop(post.outbox.deliver_due)

    assert answer == {"sent": 1, "delivered": 0, "failed": 1, "waiting": 1}


def test_a_receiver_that_does_not_answer_in_time_counts_as_a_failure(post: Post, running: RunningStandIn) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        running.call_in_loop(post.outbox.put, f"http://127.0.0.1:{silent.getsockname()[1]}/", b"x", {})

        assert running.call_in_loop(post.outbox.deliver_due)["failed"] == 1
        assert running.call_in_loop(lambda: post.outbox.waiting[0].last_answer) in ("ReadTimeout", "TimeoutError")


def test_what_was_cleared_while_under_way_does_not_come_back(post: Post, running: RunningStandIn) -> None:
    with socket.socket() as silent, ThreadPoolExecutor(1) as pool:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        sent = running.call_in_loop(post.outbox.put, f"http://127.0.0.1:{silent.getsockname()[1]}/", b"x", {})
        under_way = pool.submit(running.call_in_loop, post.outbox.deliver_due)
        while not running.call_in_loop(lambda: sent.in_flight):
            pass

        running.call_in_loop(post.outbox.clear)

        under_way.result()
        assert (post.outbox.waiting, post.outbox.lost) == ([], [])
