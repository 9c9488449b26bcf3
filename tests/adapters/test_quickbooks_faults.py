"""Every way an answer can say no, and the one of our endings it becomes."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from adapters.http import Reply
from adapters.quickbooks.fault_table import FAULTS, NEEDLES, STATUSES
from adapters.quickbooks.faults import TokenRejected, error_from, faults_in, has_fault
from engine.ports import Disconnected, GatewayError, NotThere, Refused, Suspended, Unavailable, Unknown

NOW = datetime(2026, 2, 3, 9, 0, tzinfo=UTC)
DOCUMENTED = re.findall(
    r"\d+",
    """
    100 110 120 130 140 150 500 600 610 620 630 700 900 800 1000 1010 1020 1040 2000 2010 2020 2030 2040
    2050 2060 2070 2080 2090 2100 2110 2120 2170 2130 2140 2160 2210 2220 2250 2290 2300 2500 2600 3000
    3001 3100 3200 4000 4001 4002 5000 5010 5020 5030 6000 6070 6080 6090 6100 6140 6150 6160 6230 6180
    6190 6200 6210 6220 6240 6250 6270 6280 6420 6430 6450 6480 6520 6540 10000 10100 10200
    """,
)


def fault(code: str, detail: str = "Bloom & Co owes 1,861.07", message: str = "Said") -> bytes:
    error = {"Message": message, "Detail": detail, "code": code, "element": ""}
    return json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "x"}).encode()


def ended(status: int, body: bytes, *, write: bool = True, headers: dict[str, str] | None = None) -> GatewayError:
    reply = Reply(status=status, headers={"intuit_tid": "1-abc", **(headers or {})}, body=body)
    return error_from(reply, write=write, now=NOW, token="secret-token")


@pytest.mark.parametrize("code", DOCUMENTED)
def test_every_documented_code_has_a_sentence_and_a_next_step_and_repeats_nothing(code: str) -> None:
    error = ended(400, fault(code))
    assert error.code == code and error.trace_id == "1-abc" and error.next_step
    assert re.fullmatch(r"[A-Z].*\.", error.sentence) and "Bloom" not in error.sentence + error.next_step
    assert "Bloom" in error.raw


def test_the_table_has_the_documented_codes_and_no_other() -> None:
    assert set(FAULTS) == set(DOCUMENTED) and set(NEEDLES) <= set(FAULTS) and set(STATUSES) >= {400, 401, 403, 429}


@pytest.mark.parametrize(
    ("code", "as_write", "as_read"),
    [
        ("6240", Refused, Refused),
        ("6140", Refused, Refused),
        ("600", Refused, Refused),
        ("5010", Refused, Refused),
        ("610", Refused, NotThere),
        ("10000", Unknown, Unavailable),
        ("150", Unavailable, Unavailable),
        ("3001", Unavailable, Unavailable),
        ("6190", Suspended, Suspended),
        ("140", Suspended, Suspended),
        ("120", Suspended, Suspended),
        ("3100", Disconnected, Disconnected),
        ("3200", TokenRejected, TokenRejected),
        ("99999", Refused, Refused),
    ],
)
def test_a_code_ends_a_write_and_a_read(code: str, as_write: type, as_read: type) -> None:
    assert type(ended(400, fault(code))) is as_write and type(ended(400, fault(code), write=False)) is as_read


@pytest.mark.parametrize(
    ("status", "as_write", "as_read"),
    [
        (400, Refused, Refused),
        (401, TokenRejected, TokenRejected),
        (403, Disconnected, Disconnected),
        (404, Refused, Refused),
        (408, Unknown, Unavailable),
        (413, Refused, Refused),
        (418, Refused, Refused),
        (429, Unavailable, Unavailable),
        (302, Unknown, Unavailable),
        (500, Unknown, Unavailable),
        (502, Unknown, Unavailable),
        (503, Unknown, Unavailable),
        (504, Unknown, Unavailable),
        (200, Unknown, Unavailable),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html><h1>Bad Gateway</h1></html>", b'{"code": "x"}', b"\xff\xfe"])
def test_without_a_fault_the_status_decides(status: int, as_write: type, as_read: type, body: bytes) -> None:
    assert type(ended(status, body)) is as_write and type(ended(status, body, write=False)) is as_read


def test_a_server_error_leaves_a_write_unknown_whatever_it_says() -> None:
    error = ended(500, fault("6240"))
    assert type(error) is Unknown and error.ran


def test_an_undocumented_code_keeps_its_body() -> None:
    error = ended(400, fault("7777", "Something new"))
    assert (type(error), error.code) == (Refused, "7777") and "Something new" in error.raw


def test_the_first_known_of_several_errors_counts() -> None:
    errors = [{"Message": "m", "code": "7777"}, {"Message": "m", "code": "2050", "element": "DocNumber"}]
    assert ended(400, json.dumps({"Fault": {"Error": errors}}).encode()).code == "2050"


@pytest.mark.parametrize(
    ("detail", "word"),
    [
        ("Invalid Reference Id : Names element id 583 not found", "customer"),
        ("Invalid Reference Id : Items element id 9 not found", "item"),
        ("An item in this transaction is set up as a category instead of a product or service", "category"),
        ("Invalid Reference Id : Terms element id 9 not found", "payment term"),
        ("Invalid Reference Id : CustomerTypes element id 9 not found", "customer's type"),
        ("Something you're trying to use has been made inactive.", "inactive"),
    ],
)
def test_a_broken_reference_says_what_is_broken(detail: str, word: str) -> None:
    assert word in ended(400, fault("2500", detail)).sentence


@pytest.mark.parametrize("code", ["610", "2020", "2500", "5010", "6080", "6220", "6240", "6280"])
def test_what_refuses_a_customer_speaks_of_no_invoice(code: str) -> None:
    error = ended(400, fault(code))
    assert not re.search(r"(?i)invoice|document", error.sentence + error.next_step)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b""),
        (403, fault("003001", message="message=ThrottleExceeded; errorCode=003001; statusCode=403")),
        (
            400,
            b'<?xml version="1.0"?><IntuitResponse><Fault type="SERVICE"><Error code="3001">'
            b"<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message></Error>"
            b"</Fault></IntuitResponse>",
        ),
        (503, b"ThrottleExceeded"),
    ],
)
def test_a_throttle_is_known_in_every_form_and_waits_a_minute(status: int, body: bytes) -> None:
    error = ended(status, body)
    assert isinstance(error, Unavailable) and error.code == "3001" and not error.ran
    assert error.not_before == NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), (format_datetime(NOW + timedelta(seconds=90)), 90), ("soon", 60), ("999999999", 3600), ("-5", 60)],
)
def test_a_retry_after_is_obeyed(header: str, seconds: int) -> None:
    error = ended(429, b"", headers={"retry-after": header})
    assert isinstance(error, Unavailable) and error.not_before == NOW + timedelta(seconds=seconds)


def gateway_fault(code: str, status: int, detail: str) -> bytes:
    error = {"message": f"message=Failed; errorCode=00{code}; statusCode={status}", "detail": detail, "code": code}
    return json.dumps(
        {"warnings": None, "fault": {"error": [{**error, "element": None}]}, "time": 1601391072830}
    ).encode()


def test_the_gateways_lower_case_form_is_read_and_its_echoed_token_removed() -> None:
    error = ended(401, gateway_fault("3200", 401, "Token expired: secret-token"))
    assert (type(error), error.code) == (TokenRejected, "3200") and "secret-token" not in error.raw
    cut = ended(401, gateway_fault("3200", 401, "Token expired: AB0160somethingelse"))
    assert "AB0160" not in cut.raw and "Token expired" in cut.raw
    assert type(ended(403, gateway_fault("3100", 403, ""))) is Disconnected


def test_the_token_we_sent_is_removed_wherever_it_stands() -> None:
    assert ended(400, b'{"Fault": {"Error": []}, "seen": "secret-token"}').raw.count("secret-token") == 0


def test_a_plan_without_api_is_not_a_stale_token() -> None:
    assert type(ended(401, fault("120"))) is Suspended


def test_a_fault_inside_a_200_is_seen_and_a_text_about_faults_is_not() -> None:
    assert has_fault(fault("10000")) and type(ended(200, fault("10000"))) is Unknown
    assert type(ended(200, fault("6240"))) is Refused
    assert not has_fault(b'{"Invoice": {"PrivateNote": "\\"Fault\\"", "Id": "1"}}') and faults_in(b"<html>") == []
