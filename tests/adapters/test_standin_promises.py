"""What any stand-in promises at its control address, asked of both over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.standin.faults import ROOM_KINDS
from tests.adapters.receiving import receiving
from tests.adapters.rooms import ROOMS, Room

Wire = dict[str, Any]


@pytest.fixture(params=ROOMS)
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    with ExitStack() as stack:
        yield ROOMS[request.param](stack)


def test_the_ready_line_has_exactly_the_promised_keys_and_they_work(room: Room) -> None:
    keys = {
        "quickbooks": "api discovery realm client_id client_secret access_token refresh_token verifier_token control",
        "wizcommerce": "api token email password webhook_secret control",
    }
    assert " ".join(room.ready) in keys.values() and all(room.ready.values())
    assert room.ready["control"] == f"{room.ready['api']}/_standin"
    assert httpx.get(f"{room.ready['control']}/calls", trust_env=False).json()["calls"] == []
    assert room.client.get(room.read).status_code == 200


def test_a_seed_is_stored_quietly_under_ids_in_the_order_given(room: Room) -> None:
    with receiving() as receiver:
        room.told("webhooks", {"url": receiver.url})
        given = room.told("seed", {"customers": [room.customer("Bloom & Co"), room.customer("Garden & Co")]})
        assert room.told("deliver") == {"sent": 0, "delivered": 0, "failed": 0, "waiting": 0}

    assert len(set(given["customers"])) == 2 and all(isinstance(id, str) for id in given["customers"])
    assert room.customers() == ["Bloom & Co", "Garden & Co"]


def test_the_state_shows_everything_and_no_secret(room: Room) -> None:
    room.call("Bloom & Co")

    state = room.tell("state", method="GET")

    assert room.customers() == ["Bloom & Co"]
    assert datetime.fromisoformat(state.json()["now"]).utcoffset() == timedelta(0)
    assert set(state.json()["webhooks"]) >= {"waiting", "delivered", "lost"}
    assert not [secret for secret in room.issued() if secret in state.text]


def test_a_reset_is_a_fresh_start(room: Room) -> None:
    fresh, defaults = _without_times(room.asked("state")), room.asked("switches")
    room.call("Bloom & Co")
    room.told("webhooks", {"url": "http://127.0.0.1:9/hook"})
    room.told("hands/add-customer", room.customer("Garden & Co"))
    room.told("switches", dict([room.switch]))
    room.told("clock", {"move_seconds": 86_400})
    room.told("faults", {"kind": "slow", "times": 0})

    assert room.told("reset") == {"reset": True}

    state = room.asked("state")
    assert _without_times(state) == fresh
    assert _seconds_from_now(state["now"]) < 60
    assert room.asked("switches") == defaults and room.asked("faults") == {"faults": []}
    nothing = {"calls": [], "totals": {}, "by_realm": {}, "by_flow": {}, "by_operation": {}, "most_at_once": 0}
    assert room.asked("calls") == nothing


def _without_times(state: Wire) -> Any:
    """A state without the moments and ids that differ from one start to the next."""
    return {name: _shape(value) for name, value in state.items() if name != "now"}


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        moving = ("MetaData", "created_at", "updated_at", "connected", "id")
        return {name: _shape(one) for name, one in value.items() if name not in moving}
    return [_shape(one) for one in value] if isinstance(value, list) else value


def _seconds_from_now(moment: str) -> float:
    away = datetime.fromisoformat(moment) - datetime.now().astimezone()
    return abs(away.total_seconds())


@pytest.mark.parametrize("kind", sorted(ROOM_KINDS))
def test_a_fault_strikes_where_it_says_and_commits_or_not(room: Room, kind: str) -> None:
    rule = {"kind": kind, "status": 503, "body": "sorry", "operation": room.operation, "method": "POST", "after": 1}
    shown = room.told("faults", {**rule, "path": room.create[1:], "times": 1})
    assert [one["kind"] for one in shown["faults"]] == [kind] and room.asked("faults") == shown
    assert room.client.get(room.read).status_code == 200
    assert room.call("Bloom & Co").is_success

    if kind.startswith(("reset", "timeout")):
        with pytest.raises(httpx.TransportError):
            room.call("Garden & Co")
    else:
        answer = room.call("Garden & Co")
        assert answer.is_success if kind == "slow" else (answer.status_code, answer.text) == (503, "sorry")

    committed = kind == "slow" or kind.endswith("-after")
    assert room.customers() == ["Bloom & Co", *(["Garden & Co"] if committed else [])]
    outcome = "reset" if kind.startswith("reset") else f"fault:{kind}"
    assert [one["outcome"] for one in room.asked("calls")["calls"]] == ["done", "done", outcome]
    assert room.call("Third & Co").is_success and room.asked("faults") == {"faults": []}


def test_faults_can_be_given_together_and_taken_back(room: Room) -> None:
    room.told("faults", [{"kind": "status", "status": 500, "times": 0}, {"kind": "reset-before"}])
    assert room.call("Bloom & Co").status_code == room.call("Bloom & Co").status_code == 500

    assert room.told("faults", method="DELETE") == {"faults": []}

    assert room.call("Bloom & Co").is_success


def test_the_clock_moves_everything_the_stand_in_says_of_time(room: Room) -> None:
    moved = room.told("clock", {"move_seconds": 1_800.5})
    room.call("Bloom & Co")
    assert 1_790 < _seconds_from_now(moved["now"]) < 1_860

    assert 1_790 < _seconds_from_now(room.born(room.asked("state"))) < 1_860
    assert 1_790 < _seconds_from_now(room.asked("calls")["calls"][-1]["at"]) < 1_860
    room.told("clock", {"move_seconds": -1_800.5})
    assert _seconds_from_now(room.asked("state")["now"]) < 60


def test_every_call_is_logged_with_its_class_and_outcome_and_no_secret(room: Room) -> None:
    room.call("Bloom & Co")
    room.client.get(room.read)
    assert room.refused().status_code == 400
    room.told("faults", {"kind": "status", "status": 500})
    room.call("Garden & Co")

    log = room.asked("calls")

    write, read = room.classes
    seen = [(one["metering"], one["status"], one["outcome"]) for one in log["calls"]]
    assert seen[0][0] == write and seen[0][1] in (200, 201) and seen[0][2] == "done"
    assert seen[1] == (read, 200, "done")
    assert [one[1:] for one in seen[2:]] == [(400, "refused"), (500, "fault:status")]
    assert sum(log["totals"].values()) == 4 and log["most_at_once"] == 1
    keys = "at method path query operation metering status outcome request_id started ended realm flow"
    assert [" ".join(one) for one in log["calls"]] == [keys] * 4
    text = room.tell("calls", method="GET").text
    assert "very-secret" not in text and not [secret for secret in room.issued() if secret in text]


def test_switches_are_shown_changed_by_name_and_all_or_nothing(room: Room) -> None:
    defaults = room.asked("switches")
    name, value = room.switch

    assert room.told("switches", {name: value}) == {**defaults, name: value} == room.asked("switches")

    for wrong in ({name: defaults[name], "no_such_switch": True}, {name: ["x"]}, {name: "nonsense"}):
        assert room.tell("switches", wrong).status_code == 400
    assert room.asked("switches")[name] == value
    assert name in room.tell("switches", {"no_such_switch": True}).json()["error"]


def test_hands_do_what_a_person_does_and_say_what_they_can(room: Room) -> None:
    added = room.told("hands/add-customer", room.customer("Bloom & Co"))
    assert added.get("DisplayName", added.get("display_name")) == "Bloom & Co"
    assert room.customers() == ["Bloom & Co"]
    assert room.asked("calls")["calls"] == []

    unknown = room.tell("hands/juggle", {})

    assert unknown.status_code == 400
    assert "juggle" in unknown.json()["error"] and "add-customer" in unknown.json()["error"]


def test_a_change_by_hand_goes_out_as_a_webhook_once_there_is_an_address(room: Room) -> None:
    room.told("hands/add-customer", room.customer("Nobody listens & Co"))
    with receiving() as receiver:
        settings = room.told("webhooks", {"url": receiver.url})
        room.told("hands/add-customer", room.customer("Bloom & Co"))
        receiver.answers = [500]
        assert room.told("deliver") == {"sent": 1, "delivered": 0, "failed": 1, "waiting": 1}
        room.told("clock", {"move_seconds": 31})
        assert room.told("deliver") == {"sent": 1, "delivered": 1, "failed": 0, "waiting": 0}
        assert len(receiver.received) == 2 and len({body for _, body in receiver.received}) == 1

    assert settings["url"] == receiver.url
    assert not [secret for secret in room.issued() if secret in str(settings)]
    waiting = room.asked("state")["webhooks"]
    assert (waiting["waiting"], waiting["delivered"], waiting["lost"]) == ([], 1, 0)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "seed", {"no_such_list": []}),
        ("POST", "seed", [1]),
        ("POST", "seed", {"customers": [{}]}),
        ("POST", "seed", {"customers": [{"no_such_field": 1}]}),
        ("POST", "faults", {"kind": "gremlin"}),
        ("POST", "faults", {"kind": "slow", "colour": "red"}),
        ("POST", "faults", {"kind": "slow", "path": "("}),
        ("POST", "faults", {"kind": "slow", "times": -1}),
        ("POST", "clock", {"move": 1}),
        ("POST", "clock", {"move_seconds": "soon"}),
        ("POST", "clock", {"move_seconds": True}),
        ("POST", "webhooks", {"address": "x"}),
        ("POST", "webhooks", {"url": 7}),
        ("POST", "hands/add-customer", {"no_such_field": 1}),
        ("POST", "hands/add-customer", {}),
        ("GET", "hands/add-customer", None),
        ("GET", "nonsense", None),
        ("DELETE", "calls", None),
        ("PUT", "state", None),
    ],
)
def test_what_the_control_address_cannot_do_gets_a_sentence_and_changes_nothing(
    room: Room, method: str, path: str, body: Any
) -> None:
    answer = room.tell(path, body, method)

    assert answer.status_code == 400
    assert set(answer.json()) == {"error"} and answer.json()["error"].strip() and answer.json()["error"][0].isupper()
    assert room.customers() == [] and room.asked("faults") == {"faults": []}
    assert room.asked("calls")["calls"] == []


def test_a_body_that_is_no_json_gets_a_sentence_too(room: Room) -> None:
    for path in ("seed", "faults", "clock", "switches", "webhooks", "hands/add-customer"):
        answer = room.client.post(f"/_standin/{path}", content=b"{not json")
        assert answer.status_code == 400 and answer.json()["error"], path
