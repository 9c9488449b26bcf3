"""Bodies as bytes: entity and query envelopes, faults as JSON and XML, the gateway's lower-case form.

Source: QuickBooks reference, sections 1.7, 2.3, 2.4, 5.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from adapters.quickbooks.standin.in_xml import to_xml
from adapters.quickbooks.standin.refusals import Error, Fault, GatewayFault, unreadable
from adapters.quickbooks.standin.times import to_the_millisecond
from adapters.standin.wire import read_json

Wire = dict[str, Any]

_encode = msgspec.json.Encoder(decimal_format="number").encode

JSON = "application/json;charset=utf-8"
PLAIN_JSON = "application/json"
XML = "application/xml"
HTML = "text/html"


def asks_for_json(accept: str) -> bool:
    """QuickBooks answers in XML unless JSON is asked for by name. Source: QuickBooks reference, section 2.2."""
    return PLAIN_JSON in accept.lower()


def in_xml(body: bytes) -> bytes:
    """An answer's JSON body as XML."""
    return to_xml(read_json(body))


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
    return to_bytes(_fault(fault, at))


def fault_xml(fault: Fault, at: datetime) -> bytes:
    """The same fault for a caller that asked for XML, or whose gateway forgot that it asked for JSON."""
    return to_xml(_fault(fault, at))


def _fault(fault: Fault, at: datetime) -> Wire:
    body: Wire = {"Fault": {"Error": [_error(error) for error in fault.errors], "type": fault.type}}
    if not fault.with_time:
        return body
    time = {"time": to_the_millisecond(at)}
    # First or last: a recorded 5010 has it first. Source: QuickBooks reference, section 2.3.
    return {**time, **body} if fault.errors[0].code == "5010" else {**body, **time}


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


def newer_gateway_body(fault: GatewayFault) -> bytes:
    """What some newer gateways write instead, without the code. Source: QuickBooks reference, section 1.7."""
    return to_bytes({"code": fault.name, "type": "INPUT", "message": None, "detail": fault.detail, "moreInfo": None})


def gateway_xml(fault: GatewayFault, at: datetime) -> bytes:
    """The gateway's refusal for a caller that did not ask for JSON: a fault like any other."""
    return fault_xml(Fault(Error(fault.code, fault.message, fault.detail, None), type=fault.type), at)


def gateway_page(title: str) -> bytes:
    """What a machine in front of the service writes, whatever was asked for: "502 Bad Gateway"."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
