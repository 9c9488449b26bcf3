"""JSON as the stand-ins read and write it: money stays Decimal from text to text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from starlette.responses import Response

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def read_json(text: bytes | str) -> Any:
    """Read JSON; a number with a point or an exponent becomes a Decimal, a whole number an int.

    Raises ValueError when the text is not JSON.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise ValueError(f"The text is not JSON: {fault}.") from fault


def write_json(value: Any) -> bytes:
    """Write a value as JSON bytes; a Decimal becomes a JSON number without an exponent."""
    return _encoder.encode(_plain(value))


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An HTTP answer with `value` as its JSON body."""
    return Response(write_json(value), status_code=status, headers=headers, media_type="application/json")


def _plain(value: Any) -> Any:
    """The same value with every Decimal written out (1E+2 and 1E-7 would be legal but surprising numbers)."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("Only a finite number can be written as JSON.")
        return msgspec.Raw(format(value, "f").encode())
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
