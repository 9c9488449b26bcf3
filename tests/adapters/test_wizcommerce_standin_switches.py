"""What the WizCommerce stand-in promises about its switches: each carries the number of the assumption it turns."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import msgspec
import pytest

from adapters.standin.control import names_of
from adapters.wizcommerce.standin import Switches, WizCommerceStandIn

WITHOUT_A_NUMBER = {
    *("fractional_digits", "mandatory_attributes", "patched_attributes", "patched_sku"),
    *("webhooks", "webhook_duplicates", "webhook_delay_seconds", "documents_move_counters"),
}


def test_every_switch_carries_the_number_of_its_assumption_or_is_known_to_have_none() -> None:
    fields = [one.name for one in msgspec.structs.fields(Switches)]
    numbers = Counter(one[1:3] for one in fields if re.match(r"a\d\d_", one))

    assert {one for one in fields if not re.match(r"a\d\d_", one)} <= WITHOUT_A_NUMBER
    assert all(1 <= int(number) <= 51 for number in numbers)
    plain = {name for name in names_of(Switches()) if name not in fields}
    assert plain == {f"A-{number}" for number, count in numbers.items() if count == 1}


def test_a_switch_is_set_by_its_name_or_by_the_plain_number_of_its_assumption(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    shown = client.post("/_standin/switches", json={"A-04": "409", "a28_patched_status": "refused"}).json()

    assert (shown["a04_duplicate_references"], shown["a28_patched_status"]) == ("409", "refused")
    assert standin.switches.a04_duplicate_references == "409"
    for changes in ({"A-04": "maybe"}, {"A-02": 3}, {"A-99": True}, {"a04": "409"}):
        refused = client.post("/_standin/switches", json={"A-28": "accepted", **changes})
        assert refused.status_code == 400
    assert "a02_calls_per_second" in client.post("/_standin/switches", json={"A-02": 3}).json()["error"]
    assert standin.switches.a28_patched_status == "refused"


def test_an_error_body_can_have_numbers_for_words_no_details_and_another_status(client: httpx.Client) -> None:
    def refused(**switches: object) -> tuple[int, dict[str, object]]:
        client.post("/_standin/switches", json=switches).raise_for_status()
        answer = client.get("/v1/customers?page=0")
        return answer.status_code, answer.json()

    details = [{"field": "page", "reason": "must be at least 1"}]
    said = {"message": "The request is not valid."}
    assert refused() == (400, {"code": "bad_request", **said, "details": details})
    assert refused(a05_error_codes="status") == (400, {"code": "400", **said, "details": details})
    assert refused(a05_details=False) == (400, {"code": "400", **said})
    assert refused(a05_invalid_status="422", a05_error_codes="words") == (422, {"code": "unprocessable", **said})


@pytest.mark.parametrize(("form", "seconds"), [("absent", None), ("seconds", 1), ("date", 2)])
def test_a_limit_may_say_in_either_form_when_to_come_back(client: httpx.Client, form: str, seconds: int | None) -> None:
    client.post("/_standin/switches", json={"a02_calls_per_second": 1, "a02_retry_after": form}).raise_for_status()

    answers = [client.get("/v1/orders"), client.get("/v1/orders")]

    assert [one.status_code for one in answers] == [200, 429]
    header = answers[1].headers.get("Retry-After")
    if form == "date":
        assert timedelta(0) < parsedate_to_datetime(header or "") - datetime.now(UTC) <= timedelta(seconds=2)
    else:
        assert header == (None if seconds is None else str(seconds))


def test_a_new_token_leaves_the_old_ones_alone_unless_the_switch_says_otherwise(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    credentials = {"email": standin.email, "password": standin.password}

    second = client.post("/auth/token", json=credentials).json()["access_token"]
    assert client.get("/v1/orders").status_code == 200
    client.post("/_standin/switches", json={"A-40": True}).raise_for_status()
    third = client.post("/auth/token", json=credentials).json()["access_token"]

    for token, status in ((standin.token, 401), (second, 401), (third, 200)):
        assert client.get("/v1/orders", headers={"X-API-Key": token}).status_code == status
    assert {standin.token, second, third} <= standin.issued_secrets()


def test_v2_can_be_missing(client: httpx.Client) -> None:
    client.post("/_standin/switches", json={"A-42": False}).raise_for_status()

    assert client.get("/v2/orders").status_code == 404
    assert client.get("/v1/orders").status_code == 200


def test_a_list_without_time_filters_can_ignore_or_honour_them(
    standin: WizCommerceStandIn, client: httpx.Client
) -> None:
    standin.seed({"price_lists": [{"name": "Trade", "created_at": "2026-01-01T00:00:00Z"}]})

    def found(path: str, **switches: object) -> list[str]:
        client.post("/_standin/switches", json=switches).raise_for_status()
        answer = client.get(path, params={"updated_before": "2026-02-01T00:00:00Z"})
        return [one["name"] for one in answer.json()["data"]] if answer.is_success else ["refused"]

    assert found("/v1/price-lists") == found("/v1/products") == ["refused"]
    assert found("/v1/price-lists", **{"A-07": "ignored"}) == ["Wholesale", "Trade"]
    assert found("/v1/price-lists", **{"A-07": "honoured"}) == ["Trade"]
    assert found("/v1/products") == []


def test_the_end_of_a_list_can_look_in_several_ways(client: httpx.Client) -> None:
    def ends(**switches: object) -> list[object]:
        client.post("/_standin/switches", json=switches).raise_for_status()
        full, empty = client.get("/v1/customers").json(), client.get("/v1/customers?page=3").json()
        return [len(full["data"]), full["pagination"]["next_page"], empty["data"], empty["pagination"]["next_page"]]

    assert ends() == [1, 0, [], 0]
    assert ends(a08_next_page_at_end="null") == [1, None, [], None]
    assert ends(a08_next_page_at_end="current", a08_empty_data="null") == [1, 1, None, 3]
