"""The gateway of the QuickBooks stand-in: 401 and 403, headers, statuses. Source: reference, 1.7 and 2.1 to 2.5."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.authorizing import connect, read_company
from tests.adapters.stand_ins import error_in

RECORDED_KEYS = [
    "warnings",
    "intuitObject",
    "fault",
    "report",
    "queryResponse",
    "batchItemResponse",
    "attachableResponse",
    "syncErrorResponse",
    "requestId",
    "time",
    "status",
    "cdcresponse",
]


def test_a_401_has_the_recorded_shape_and_echoes_the_token(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    access = connect(web, intuit)["access_token"]
    intuit.clock.move(3601)
    answer = read_company(web, intuit, access)
    body = answer.json()
    assert answer.status_code == 401 and answer.headers["content-type"] == "application/json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    assert list(body) == RECORDED_KEYS and isinstance(body["time"], int) and body["time"] > 1_600_000_000_000
    assert body["fault"] == {
        "error": [
            {
                "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                "detail": f"Token expired: {access}",
                "code": "3200",
                "element": None,
            }
        ],
        "type": "AUTHENTICATION",
    }
    assert all(body[key] in (None, []) for key in RECORDED_KEYS if key not in ("fault", "time"))


def test_every_way_of_not_being_authenticated_is_a_401_of_that_shape(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    realm = next(iter(intuit.companies))
    revoked = connect(web, intuit)["access_token"]
    connect(web, intuit)
    malformed = "Malformed bearer token: too short or too long"
    said = {
        "Bearer short": malformed,
        "Bearer " + "x" * 4097: malformed,
        "Bearer": malformed,
        "Bearer " + "x" * 40: "Token invalid: " + "x" * 40,
        f"bearer {revoked}": f"Token revoked: {revoked}",
        "Basic QWxhZGRpbg==": "Missing bearer token",
    }
    for header, detail in said.items():
        headers = {"Authorization": header, "Accept": "application/json"}
        answer = web.get(f"/v3/company/{realm}/preferences", headers=headers)
        assert answer.status_code == 401, header
        assert answer.json()["fault"]["error"][0]["detail"] == detail
    missing = web.get(f"/v3/company/{realm}/preferences", headers={"Accept": "application/json"})
    assert missing.json()["fault"]["error"][0]["code"] == "3200"


def test_a_403_is_of_another_company_or_of_lost_rights_and_says_no_more(
    web: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    access = connect(web, intuit)["access_token"]
    other = intuit.by_hand("add-company")["realm"]
    foreign, nowhere = read_company(web, intuit, access, other), read_company(web, intuit, access, "42")
    intuit.by_hand("take-admin-rights")
    demoted = read_company(web, intuit, access)
    intuit.by_hand("give-admin-rights")
    for answer in (foreign, nowhere, demoted):
        assert answer.status_code == 403 and list(answer.json()) == RECORDED_KEYS
        assert answer.json()["fault"] == {
            "error": [
                {
                    "message": "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
                    "detail": None,
                    "code": "3100",
                    "element": None,
                }
            ],
            "type": "SERVICE",
        }
        assert "www-authenticate" not in answer.headers
    assert read_company(web, intuit, access).status_code == 200


def test_newer_gateways_write_another_body(web: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(gateway_form="newer")
    answer = read_company(web, intuit, "short")
    assert (answer.status_code, answer.json()) == (
        401,
        {
            "code": "AuthenticationFailed",
            "type": "INPUT",
            "message": None,
            "detail": "Malformed bearer token: too short or too long",
            "moreInfo": None,
        },
    )
    intuit.add_fault("403")
    assert read_company(web, intuit, "short").json()["code"] == "ApplicationAuthorizationFailed"


def test_successes_carry_the_accounting_services_headers_and_faults_only_the_trace_id(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    done, refused = books.get("/preferences"), books.get("/customer/77")
    assert done.headers["content-type"] == "application/json;charset=utf-8"
    assert refused.headers["content-type"] == "application/json"
    assert done.headers["service-time"].startswith("total=") and done.headers["qbo-version"]
    assert done.headers["cache-control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert done.headers["expires"] == "0"
    assert not {"service-time", "qbo-version", "cache-control", "expires"} & set(refused.headers)
    assert done.headers["intuit_tid"] != refused.headers["intuit_tid"]
    intuit.set_switches(trace_header="Intuit-Tid")
    assert "intuit-tid" in books.get("/preferences").headers and "intuit_tid" not in books.get("/term/99").headers
    quotas = [name for name in done.headers if "limit" in name or "remaining" in name]
    assert quotas == []


def test_the_minor_version_and_unknown_parameters_are_ignored(books: httpx.Client) -> None:
    plain = books.get("/term/3").json()["Term"]
    for query in ("minorversion=75", "minorversion=1", "minorversion=soon", "minorversion=", "verbose=1&x=y"):
        assert books.get(f"/term/3?{query}").json()["Term"] == plain
    made = books.post("/customer?minorversion=4&colour=red", json={"DisplayName": "Bloom & Co"})
    assert made.status_code == 200


def test_a_path_that_is_not_there_is_quoted_in_the_refusal(books: httpx.Client) -> None:
    base = str(books.base_url).rstrip("/")
    path = httpx.URL(base).path
    for wrong in ("/customer/1/5", "/nonsense", "/query/1", "", "/"):
        answer = books.get(base + wrong)
        assert answer.status_code == 400 and answer.json()["Fault"]["type"] == "ValidationFault"
        [error] = answer.json()["Fault"]["Error"]
        assert error == {
            "Message": "Unsupported Operation",
            "Detail": f"Operation Could not find resource for relative : {path}{wrong} "
            f"of full path: {base}{wrong} is not supported.",
            "code": "500",
        }
        assert "time" in answer.json()


def test_an_id_that_is_no_number_is_refused_without_a_time(books: httpx.Client) -> None:
    answer = books.get("/customer/1.5")
    detail = "Id should be a valid number. Supplied value:1.5"
    error = {"Message": "Invalid ID", "Detail": detail, "code": "2030", "element": "Id"}
    assert (answer.status_code, answer.json()) == (400, {"Fault": {"Error": [error], "type": "ValidationFault"}})


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_there_is_reading_and_posting_and_nothing_else(books: httpx.Client, method: str) -> None:
    assert error_in(books.request(method, "/customer/1"))["code"] == "500"


def test_outside_the_accounting_service_there_is_nothing(web: httpx.Client) -> None:
    for path in ("/", "/v3", "/v4/company/1/customer/1", "/customer/1", "/v3/compani/1/customer"):
        answer = web.get(path)
        assert answer.status_code == 404 and answer.headers["intuit_tid"], path
        assert answer.headers["content-type"] == "text/html"
    assert web.put("/oauth2/v1/tokens/bearer").status_code == 404
    calls = web.get("/_standin/calls").json()["calls"]
    assert {(one["operation"], one["outcome"], one["metering"]) for one in calls} == {("nowhere", "refused", "outside")}


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415, "500"),
        ({"Content-Type": "application/xml"}, b"<Customer/>", 415, "500"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"a=b", 415, "500"),
        ({"Content-Type": "application/json; charset=UTF-8"}, b'{"DisplayName": "A"}', 200, ""),
        ({"Content-Type": "application/json"}, b'{"DisplayName": "\xff"}', 500, "10000"),
        ({"Content-Type": "application/json"}, b"{", 400, "2010"),
        ({"Content-Type": "application/json"}, b"", 400, "2010"),
    ],
)
def test_a_body_of_a_wrong_kind_has_its_own_status(
    books: httpx.Client, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    answer = books.post("/customer", content=content, headers=headers)
    assert answer.status_code == status
    faults: list[dict[str, Any]] = answer.json().get("Fault", {}).get("Error", [])
    assert [each["code"] for each in faults] == ([code] if code else [])


def test_a_body_that_is_too_large_is_refused_in_front_of_the_service(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(largest_body_bytes=100)
    answer = books.post("/customer", json={"DisplayName": "Bloom & Co", "Notes": "n" * 100})
    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html")
    assert books.post("/customer", json={"DisplayName": "Bloom & Co"}).status_code == 200


def test_a_company_that_is_locked_maintained_or_reset_says_so_to_every_call(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    books.post("/customer", json={"DisplayName": "Bloom & Co"})
    for begin, end, code in (
        ("lock-company", "unlock-company", "140"),
        ("begin-maintenance", "end-maintenance", "150"),
        ("reset-company", "end-reset", "10200"),
    ):
        intuit.by_hand(begin)
        assert error_in(books.get("/preferences"))["code"] == code
        assert error_in(books.post("/customer", json={"DisplayName": "Fern Ltd"}))["code"] == code
        intuit.by_hand(end)
        assert books.get("/preferences").status_code == 200
    assert intuit.customers() == [] and books.get("/customer/1").status_code == 400
    assert books.post("/customer", json={"DisplayName": "Fern Ltd"}).json()["Customer"]["Id"] == "1"


def test_a_plan_without_the_api_says_so_in_the_form_of_the_switch(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.by_hand("drop-api-plan")
    seen = []
    for form in ("120-401", "120-403", "5020"):
        intuit.set_switches(plan_refusal=form)
        answer = books.get("/preferences")
        seen.append((answer.status_code, answer.json()["Fault"]["Error"][0]["code"], answer.json()["Fault"]["type"]))
    assert seen == [
        (401, "120", "AuthorizatonFault"),
        (403, "120", "AuthorizatonFault"),
        (400, "5020", "ValidationFault"),
    ]
