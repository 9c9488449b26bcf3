"""From an answer that is not a success to the way the call ended, by one table (`fault_table`).

The HTTP status is looked at first and the body second: gateways answer in XML, in HTML, in lower case, and an HTTP
200 can carry a fault. Source: QuickBooks reference, sections 1.7, 2.4, 2.5, 5 and 6.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from adapters.http import Reply
from adapters.quickbooks import wire
from adapters.quickbooks.fault_table import (
    BY_ITSELF,
    FAULTS,
    NEEDLES,
    NOT_AN_ANSWER,
    RECONNECT,
    SERVER_FAULT,
    STATUSES,
    UNDOCUMENTED,
    Ending,
    Meaning,
)
from engine.ports import Disconnected, GatewayError, NotThere, Refused, Suspended, Unavailable, Unknown

RAW_CHARACTERS = 32_768
"""How much of a refusal's body is kept."""
LONGEST_WAIT_SECONDS = 3600
BEFORE_THE_STATUS = frozenset({"120", "140", "5020", "6190", "3001"})
"""Codes that say more than the 401 or 403 they may come with."""

_XML_CODE = re.compile(r"<Error[^>]*\bcode=[\"'](\d+)[\"']")
_THROTTLED = re.compile(r"ThrottleExceeded|errorCode=0*3001\b")
_TOKEN_ECHO = re.compile(r"(?i)\b(token[^:\"<>]{0,40}:\s*|bearer\s+)([^\s\"<,]+)")


class TokenRejected(Disconnected):
    """The access token was not accepted. The client refreshes once; if it recurs, it stays what it is: disconnected."""


class Fault(msgspec.Struct, frozen=True):
    """One error as QuickBooks wrote it; `text` quotes values and is never shown."""

    code: str
    text: str


def faults_in(body: bytes) -> list[Fault]:
    """The errors an answer's body names, in whichever of its forms; [] when it names none."""
    found = _json_faults(body)
    if found or not body.lstrip().startswith(b"<"):
        return found
    text = body.decode("utf-8", "replace")
    return [Fault(_plain_code(code), text) for code in _XML_CODE.findall(text)]


def has_fault(body: bytes) -> bool:
    """Whether a 2xx answer carries a fault all the same."""
    return (b'"Fault"' in body or b'"fault"' in body) and bool(_json_faults(body))


def error_from(reply: Reply, *, write: bool, now: datetime, token: str = "") -> GatewayError:
    """How the call ended. `write`: a fault that leaves open what happened is Unknown, for a read it is Unavailable.
    `token` is what was sent as bearer: it is taken out of the body that is kept."""
    faults = faults_in(reply.body)
    code, meaning = _judge(reply.status, reply.body, faults)
    return _raised(
        meaning, code, write=write, now=now, trace_id=trace_id(reply), raw=scrubbed(reply.body, token), reply=reply
    )


def not_understood(reply: Reply, *, write: bool, now: datetime, token: str = "") -> GatewayError:
    """A 2xx answer without what was asked for: a write may have happened."""
    return _raised(
        NOT_AN_ANSWER, "not-understood", write=write, now=now, trace_id=trace_id(reply), raw=scrubbed(reply.body, token)
    )


def unsent(reason: str) -> Unavailable:
    """No byte left: certainly not carried out."""
    return Unavailable(
        f"QuickBooks could not be reached: {reason}.", code="unreachable", next_step=BY_ITSELF_OR_NETWORK
    )


def too_late(reason: str) -> Unavailable:
    """No byte left, for want of time: this machine slept, or leave was long in coming."""
    return Unavailable(f"It was not sent: {reason}.", code="too-late", next_step=BY_ITSELF)


def unanswered(reason: str, *, write: bool) -> GatewayError:
    """The request may have left, and no answer came."""
    sentence = f"QuickBooks did not answer: {reason}."
    if write:
        return Unknown(
            sentence, code="no-answer", next_step="It is looked for before anything is sent again.", ran=True
        )
    return Unavailable(sentence, code="no-answer", next_step=BY_ITSELF_OR_NETWORK)


BY_ITSELF_OR_NETWORK = "Nothing to do: it is tried again by itself. If it lasts, look at the network of this machine."


def trace_id(reply: Reply) -> str:
    """QuickBooks' id of the call, which its support asks for. Source: section 2.2."""
    return reply.headers.get("intuit_tid") or reply.headers.get("intuit-tid") or ""


def scrubbed(body: bytes, token: str = "") -> str:
    """The body as text, cut to what is kept, without any token. A 401 quotes the token it refuses. Source: section
    1.7."""
    text = body[: 2 * RAW_CHARACTERS].decode("utf-8", "replace")
    if token:
        text = text.replace(token, "(removed)")
    return _TOKEN_ECHO.sub(r"\1(removed)", text)[:RAW_CHARACTERS]


def _plain_code(code: str | int | None) -> str:
    """`003001` and `3001` are one code."""
    text = "" if code is None else str(code).strip()
    return text.lstrip("0") or text


def _json_faults(body: bytes) -> list[Fault]:
    try:
        listed = msgspec.json.decode(body, type=wire.FaultEnvelope).fault.error
        return [Fault(_plain_code(e.code), f"{e.message or ''} {e.detail or ''}") for e in listed]
    except msgspec.DecodeError:
        pass
    try:
        gateway = msgspec.json.decode(body, type=wire.GatewayEnvelope).fault.error or []
        return [Fault(_plain_code(e.code), f"{e.message or ''} {e.detail or ''}") for e in gateway]
    except msgspec.DecodeError:
        return []


def _judge(status: int, body: bytes, faults: list[Fault]) -> tuple[str, Meaning]:
    """The code that counts and what it means."""
    if status == 429 or _THROTTLED.search(body[:4096].decode("utf-8", "replace")):
        return "3001", FAULTS["3001"]
    known = next((f for f in faults if f.code in FAULTS), None)
    if known is not None and known.code in BEFORE_THE_STATUS:
        return known.code, FAULTS[known.code]
    if status in (401, 403):
        return (known.code if known else str(status)), STATUSES[status]
    if status >= 500 or status < 200 or 300 <= status < 400 or status == 408:
        return (known.code if known else str(status)), SERVER_FAULT
    if known is not None:
        return known.code, _closer(known)
    if faults:
        return faults[0].code, UNDOCUMENTED
    if 200 <= status < 300:
        return "not-understood", NOT_AN_ANSWER
    return str(status), STATUSES.get(status, STATUSES[400])


def _closer(fault: Fault) -> Meaning:
    for needle, meaning in NEEDLES.get(fault.code, ()):
        if needle.lower() in fault.text.lower():
            return meaning
    return FAULTS[fault.code]


_ENDINGS: dict[Ending, type[GatewayError]] = {
    "refused": Refused,
    "unavailable": Unavailable,
    "token": TokenRejected,
    "disconnected": Disconnected,
    "suspended": Suspended,
    "not-there": NotThere,
    "unknown": Unknown,
}


def _raised(
    meaning: Meaning, code: str, *, write: bool, now: datetime, trace_id: str, raw: str, reply: Reply | None = None
) -> GatewayError:
    ending: Ending = meaning.ending
    if ending == "unknown" and not write:
        ending = "unavailable"
    if ending == "not-there" and write:
        ending = "refused"
    next_step = RECONNECT if ending == "token" else meaning.next_step
    error = _ENDINGS[ending](
        meaning.sentence, code=code, next_step=next_step, trace_id=trace_id, raw=raw, ran=ending == "unknown"
    )
    if isinstance(error, Unavailable):
        wait = _asked_to_wait(reply, now) or meaning.wait_seconds
        if wait:
            error.not_before = now + timedelta(seconds=wait)
    return error


def _asked_to_wait(reply: Reply | None, now: datetime) -> float:
    """Seconds that a Retry-After header asks for (a number or a date), at most an hour; 0 without one."""
    text = (reply.headers.get("retry-after") or "").strip() if reply is not None else ""
    if not text:
        return 0
    if text.isascii() and text.isdigit():
        return min(max(1, int(text[:6])), LONGEST_WAIT_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(1.0, (at - now).total_seconds()), LONGEST_WAIT_SECONDS)
