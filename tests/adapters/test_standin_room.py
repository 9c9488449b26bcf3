"""What the shared room promises every stand-in, tried with a very small stand-in over real HTTP."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.standin.calls import CallLog
from adapters.standin.clock import StandInClock
from adapters.standin.control import ControlRefused, control_mount
from adapters.standin.delivery import DeliveryMode, Outbox, lifespan_of
from adapters.standin.faults import FaultRules, fault_after, fault_before, outcome_of
from adapters.standin.server import RunningStandIn
from adapters.standin.wire import json_response, read_json, write_json


class Switches(msgspec.Struct):
    louder: bool = False
    pause_seconds: float = 0.0


class Counter:
    """A stand-in for a system that can only count."""

    def __init__(self, delivery: DeliveryMode = "manual", blocking: bool = False) -> None:
        self.clock = StandInClock()
        self.calls = CallLog(self.clock)
        self.faults = FaultRules({"sulk"})
        self.outbox = Outbox(self.clock, delivery, retry_after_seconds=[30, 60], timeout_seconds=2, blocking=blocking)
        self.switches = Switches()
        self.counted = 0
        self.app = Starlette(
            routes=[Route("/count", self.count, methods=["POST"]), control_mount(self)],
            lifespan=lifespan_of(self.outbox),
        )

    async def count(self, request: Request) -> Response:
        rule = self.faults.take(request.method, request.url.path, "count")
        token = self.calls.begin(request.method, request.url.path, request.url.query, "count", "call")
        answer = await fault_before(rule)
        if answer is None:
            await asyncio.sleep(self.switches.pause_seconds)
            self.counted += 1
            answer = fault_after(rule) or json_response({"counted": self.counted})
        self.calls.end(token, answer.status_code, outcome_of(rule) if rule else "done")
        return answer

    def reset(self) -> None:
        self.counted = 0

    def seed(self, entities: dict[str, Any]) -> dict[str, Any]:
        self.counted = entities["counted"]
        return entities

    def state(self) -> dict[str, Any]:
        return {"counted": self.counted}

    def hands(self, verb: str, body: dict[str, Any]) -> Any:
        if verb != "count":
            raise ControlRefused(f"There is no hand movement {verb!r}; known is count.")
        self.counted += body.get("by", 1)
        return {"counted": self.counted}

    def webhooks(self, settings: dict[str, Any]) -> dict[str, Any]:
        return settings


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def running(counter: Counter) -> Iterator[RunningStandIn]:
    with RunningStandIn(counter.app) as running:
        yield running


@pytest.fixture
def client(running: RunningStandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=running.address, timeout=5, trust_env=False) as client:
        yield client


def test_a_call_is_answered_over_http_and_stands_in_the_log(client: httpx.Client, counter: Counter) -> None:
    assert client.post("/count", params={"token": "very-secret", "page": "2"}).json() == {"counted": 1}

    [call] = counter.calls.all()

    assert (call.method, call.path, call.operation, call.status, call.outcome) == (
        "POST",
        "/count",
        "count",
        200,
        "done",
    )
    assert call.query == "token=***&page=2"
    assert call.ended > call.started
    assert counter.calls.totals() == {"call": 1}


def test_calls_at_once_and_in_a_window_are_counted(client: httpx.Client, counter: Counter) -> None:
    client.post("/_standin/switches", json={"pause_seconds": 0.2}).raise_for_status()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.post("/count"), range(4)))
    client.post("/count")

    assert counter.calls.most_at_once() == 4
    assert counter.calls.most_in_window(10) == 5
    assert counter.calls.most_in_window(0.1) == 4


@pytest.mark.parametrize(
    ("kind", "committed", "fault"),
    [
        ("reset-before", 0, httpx.ReadError),
        ("reset-after", 1, httpx.ReadError),
        ("timeout-before", 0, httpx.RemoteProtocolError),
        ("timeout-after", 1, httpx.RemoteProtocolError),
    ],
)
def test_a_lost_answer_leaves_the_call_committed_or_not(
    client: httpx.Client, counter: Counter, kind: str, committed: int, fault: type[Exception]
) -> None:
    client.post("/_standin/faults", json={"kind": kind, "seconds": 0.05}).raise_for_status()

    with pytest.raises(fault):
        client.post("/count")

    assert counter.counted == committed
    assert client.post("/count").json() == {"counted": committed + 1}


def test_a_caller_who_gives_up_first_meets_a_time_out(client: httpx.Client, counter: Counter) -> None:
    client.post("/_standin/faults", json={"kind": "timeout-after", "seconds": 60}).raise_for_status()

    with pytest.raises(httpx.ReadTimeout):
        client.post("/count", timeout=0.1)

    assert counter.counted == 1


def test_a_stated_answer_comes_back_word_for_word(client: httpx.Client, counter: Counter) -> None:
    rule = {"kind": "status", "status": 502, "body": "<html>sorry</html>", "content_type": "text/html"}
    client.post("/_standin/faults", json=[rule, {"kind": "status-after", "status": 503}]).raise_for_status()

    first, second = client.post("/count"), client.post("/count")

    assert (first.status_code, first.text) == (502, "<html>sorry</html>")
    assert first.headers["content-type"].startswith("text/html")
    assert (second.status_code, counter.counted) == (503, 1)


def test_a_rule_skips_strikes_and_is_spent(client: httpx.Client, counter: Counter) -> None:
    rule = {"kind": "status", "status": 500, "after": 1, "times": 2, "method": "POST", "path": "^/count$"}
    client.post("/_standin/faults", json=rule).raise_for_status()

    assert [client.post("/count").status_code for _ in range(4)] == [200, 500, 500, 200]
    assert [one.outcome for one in counter.calls.all()] == ["done", "fault:status", "fault:status", "done"]


def test_a_rule_without_end_strikes_until_it_is_removed(client: httpx.Client) -> None:
    rule = {"kind": "status", "status": 500, "times": 0, "operation": "count"}
    client.post("/_standin/faults", json=rule).raise_for_status()
    assert [client.post("/count").status_code for _ in range(3)] == [500, 500, 500]

    client.delete("/_standin/faults").raise_for_status()

    assert client.post("/count").status_code == 200


def test_a_slow_answer_is_still_the_true_answer(client: httpx.Client) -> None:
    client.post("/_standin/faults", json={"kind": "slow", "seconds": 0.15}).raise_for_status()

    begun = time.monotonic()

    assert client.post("/count").json() == {"counted": 1}
    assert time.monotonic() - begun >= 0.15


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        ("POST", "faults", {"kind": "nonsense"}, "no fault kind 'nonsense'"),
        ("POST", "faults", {"kind": "slow", "colour": 1}, "colour"),
        ("POST", "faults", {"kind": "slow", "path": "("}, "not a regular expression"),
        ("POST", "switches", {"nonsense": True}, "no switch 'nonsense'"),
        ("POST", "switches", {"louder": "yes"}, "cannot take"),
        ("POST", "clock", {"move": 1}, "move_seconds"),
        ("POST", "hands/wave", {}, "no hand movement 'wave'"),
        ("POST", "seed", [1], "JSON object"),
        ("GET", "nonsense", None, "no GET /_standin/nonsense"),
        ("DELETE", "calls", None, "no DELETE /_standin/calls"),
    ],
)
def test_an_unknown_name_on_the_control_address_gets_a_sentence(
    client: httpx.Client, method: str, path: str, body: Any, sentence: str
) -> None:
    answer = client.request(method, f"/_standin/{path}", json=body)

    assert answer.status_code == 400
    assert sentence in answer.json()["error"]


def test_control_seeds_steers_and_resets(client: httpx.Client, counter: Counter) -> None:
    client.post("/_standin/seed", json={"counted": 7}).raise_for_status()
    client.post("/_standin/switches", json={"louder": True, "pause_seconds": 0.5}).raise_for_status()
    client.post("/_standin/clock", json={"move_seconds": 3600.5}).raise_for_status()
    assert client.post("/_standin/hands/count", json={"by": 2}).json() == {"counted": 9}
    assert (counter.clock.now() - datetime.now(UTC)).total_seconds() > 3600
    assert client.get("/_standin/state").json()["counted"] == 9

    client.post("/_standin/reset").raise_for_status()

    assert client.get("/_standin/state").json()["counted"] == 0
    assert client.get("/_standin/switches").json() == {"louder": False, "pause_seconds": 0.0}
    assert abs((counter.clock.now() - datetime.now(UTC)).total_seconds()) < 1


def test_a_direct_call_runs_on_the_loop_thread_and_brings_back_what_it_raises(
    counter: Counter, running: RunningStandIn
) -> None:
    assert running.call_in_loop(threading.current_thread) is not threading.current_thread()

    with pytest.raises(ControlRefused, match="wave"):
        running.call_in_loop(counter.hands, "wave", {})

    running.stop()
    with pytest.raises(RuntimeError, match="stopped"):
        running.call_in_loop(counter.state)


def test_a_stopped_stand_in_can_be_served_again_on_its_port(counter: Counter) -> None:
    with RunningStandIn(counter.app) as first, httpx.Client(base_url=first.address, trust_env=False) as client:
        client.post("/count").raise_for_status()
        port = first.port
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"http://127.0.0.1:{port}/count", trust_env=False)

    with RunningStandIn(counter.app, port) as again:
        assert httpx.post(f"{again.address}/count", trust_env=False).json() == {"counted": 2}
        with pytest.raises(OSError, match="in use"):
            RunningStandIn(counter.app, port)


def test_a_stop_does_not_wait_for_a_held_answer(counter: Counter, running: RunningStandIn) -> None:
    httpx.post(f"{running.address}/_standin/faults", json={"kind": "slow", "seconds": 60}, trust_env=False)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(httpx.post, f"{running.address}/count", timeout=30, trust_env=False)
        while not running.call_in_loop(counter.calls.all):
            pass

        begun = time.monotonic()
        running.stop()

        assert time.monotonic() - begun < 5
        assert isinstance(held.exception(), httpx.TransportError)


def test_in_the_foreground_one_ready_line_is_printed_and_a_signal_ends_it() -> None:
    script = (
        "from starlette.applications import Starlette\n"
        "from adapters.standin.server import serve_foreground\n"
        "serve_foreground(Starlette(), 0, lambda address: {'api': address})\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        line = read_json(served.stdout.readline())

        assert httpx.get(line["api"], trust_env=False).status_code == 404
        served.terminate()
        assert served.wait(timeout=5) == 0


def test_money_goes_from_text_to_text_without_a_float() -> None:
    text = b'{"amount":0.1,"whole":3,"large":100}'

    assert read_json(text)["amount"] == Decimal("0.1")
    assert write_json(read_json(text)) == text
    assert write_json({"large": Decimal("1E+2"), "small": Decimal("1E-7")}) == b'{"large":100,"small":0.0000001}'
