"""Answers in the documented shapes: `data`, `data` with `pagination`, and the error body."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from adapters.standin.wire import json_response
from adapters.wizcommerce.standin.moments import write_moment
from adapters.wizcommerce.standin.switches import Switches

Problem = dict[str, str]

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    422: "unprocessable",
    429: "too_many_requests",
}


class Refusal(Exception):
    """A call that is refused. Becomes the documented error body; the values of `code` are not published (A-05)."""

    def __init__(self, status: int, message: str, details: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = list(details)

    def answer(self, switches: Switches, headers: dict[str, str] | None = None) -> Response:
        """The error body `{code, message, details?}`. Source: reference, section 1.3."""
        status = int(switches.a05_invalid_status) if self.status == 400 else self.status
        word = CODES.get(status, "error")
        body: dict[str, Any] = {
            "code": word if switches.a05_error_codes == "words" else str(status),
            "message": self.message,
        }
        if self.details and switches.a05_details:
            body["details"] = self.details
        return json_response(body, status, headers)


def bad_request(problems: Sequence[Problem]) -> Refusal:
    """The refusal of a request whose named fields are wrong."""
    return Refusal(400, "The request is not valid.", problems)


def not_found(what: str) -> Refusal:
    """The refusal of a call for something that is not there."""
    return Refusal(404, f"The {what} was not found.")


def no_such_operation() -> Refusal:
    """The refusal of a method and path that mean nothing."""
    return Refusal(404, "There is no such operation.")


def problem(field: str, reason: str) -> Problem:
    """One element of an error body's `details`."""
    return {"field": field, "reason": reason}


def wire(value: Any, digits: int) -> Any:
    """A record as it goes over the wire: moments as text, numbers without trailing zeros, everything copied."""
    if isinstance(value, datetime):
        return write_moment(value, digits)
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    if isinstance(value, dict):
        return {name: wire(one, digits) for name, one in value.items()}
    if isinstance(value, list):
        return [wire(one, digits) for one in value]
    return value
