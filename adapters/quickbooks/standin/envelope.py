"""Bodies as bytes: entity and query envelopes, faults as JSON and XML, the gateway's lower-case form.

Source: QuickBooks reference, sections 1.7, 2.3, 2.4, 5.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from adapters.quickbooks.standin.refusals import Error, Fault, GatewayFault, unreadable
from adapters.quickbooks.standin.times import to_the_millisecond
from adapters.standin.wire import read_json

Wire = dict[str, Any]

_encode = msgspec.json.Encoder(decimal_format="number").encode

JSON = "application/json;charset=utf-8"
PLAIN_JSON = "application/json"
XML = "application/xml"


def to_bytes(tree: Any) -> bytes:
    """JSON text; a Decimal becomes a JSON number with exactly its digits (`fields` has removed exponents)."""
    return _encode(tree)


def read_json_object(body: bytes) -> Wire:
    """The body as a tree with Decimal for every number with a point. Raises Fault 2010 for anything but an object."""
    try:
        tree = read_json(body)
    except (ValueError, RecursionError) as problem:
        raise unreadable(f"Unreadable JSON ({str(problem)[:80]})") from problem
    if not isinstance(tree, dict):
        raise unreadable("The body is not a JSON object")
    return tree


def entity_body(entity: str, wire: Wire, at: datetime) -> bytes:
    return to_bytes({entity: wire, "time": to_the_millisecond(at)})


def query_body(entity: str, rows: list[Wire], start: int, at: datetime) -> bytes:
    """An empty answer has neither array nor counters."""
    response: Wire = {entity: rows, "startPosition": start, "maxResults": len(rows)} if rows else {}
    return to_bytes({"QueryResponse": response, "time": to_the_millisecond(at)})


def count_body(total: int, at: datetime) -> bytes:
    return to_bytes({"QueryResponse": {"totalCount": total}, "time": to_the_millisecond(at)})


def _error(error: Error) -> Wire:
    shown: Wire = {"Message": error.message}
    if error.detail is not None:
        shown["Detail"] = error.detail
    shown["code"] = error.code
    if error.element is not None:
        shown["element"] = error.element
    return shown


def fault_body(fault: Fault, at: datetime) -> bytes:
    body: Wire = {"Fault": {"Error": [_error(error) for error in fault.errors], "type": fault.type}}
    if fault.with_time:
        time = {"time": to_the_millisecond(at)}
        # First or last: a recorded 5010 has it first. Source: QuickBooks reference, section 2.3.
        body = {**time, **body} if fault.errors[0].code == "5010" else {**body, **time}
    return to_bytes(body)


def fault_xml(fault: Fault, at: datetime) -> bytes:
    """The same fault for a caller that asked for XML, or whose gateway forgot that it asked for JSON."""
    errors = "".join(
        f"<Error code={quoteattr(error.code)}><Message>{escape(error.message)}</Message>"
        f"<Detail>{escape(error.detail or '')}</Detail></Error>"
        for error in fault.errors
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse time="{to_the_millisecond(at)}" xmlns="http://schema.intuit.com/finance/v3">'
        f"<Fault type={quoteattr(fault.type)}>{errors}</Fault></IntuitResponse>"
    ).encode()


def gateway_body(fault: GatewayFault, at: datetime) -> bytes:
    """The form with lower-case keys and a numeric time, in milliseconds since 1970."""
    error = {"message": fault.message, "detail": fault.detail, "code": fault.code, "element": None}
    return to_bytes(
        {
            "warnings": None,
            "intuitObject": None,
            "fault": {"error": [error], "type": fault.type},
            "report": None,
            "queryResponse": None,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": None,
            "requestId": None,
            "time": int(at.timestamp() * 1000),
            "status": None,
            "cdcresponse": [],
        }
    )
