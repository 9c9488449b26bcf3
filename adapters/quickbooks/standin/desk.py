"""The front desk every call of the API passes: the log, the throttle, the faults by rule, and the answer's headers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.envelope import PLAIN_JSON, XML, fault_body, fault_xml, gateway_body
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Error, Fault, GatewayFault
from adapters.quickbooks.standin.replies import Reply
from adapters.standin.connection import Dropped
from adapters.standin.faults import FaultRule, fault_after, fault_before, outcome_of

STRUCK_INSIDE = frozenset({"stale-5010", "200-fault", "query-4002", "fault"})
NO_CACHE = "max-age=0, no-cache, no-store, must-revalidate, private"


class Visit(NamedTuple):
    """What the desk needs to know of a call before it is carried out. `realm` is empty outside the REST core."""

    operation: str
    metering: str
    realm: str = ""
    request_id: str = ""


class _Ending(Response):
    """An answer that tells the desk when it has left, however that came about."""

    def __init__(self, inner: Response, finish: Callable[[], None]) -> None:
        super().__init__()
        self._inner = inner
        self._finish = finish

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._inner(scope, receive, send)
        finally:
            self._finish()


async def attend(office: Office, request: Request, visit: Visit, work: Callable[[FaultRule | None], Reply]) -> Response:
    """Carry out a call: throttled first, then faults by rule, then `work`, which gets the rule for its own use."""
    url = request.url
    token = office.calls.begin(request.method, url.path, url.query, visit.operation, visit.metering, visit.request_id)
    if visit.realm and not office.throttle.enter(visit.realm):
        return _ended(office, token, _throttled(office, office.switches.throttle_form), "refused", "outside")

    def leave() -> None:
        if visit.realm:
            office.throttle.leave(visit.realm)

    try:
        rule = office.faults.take(request.method, url.path, visit.operation)
        injected = await fault_before(rule)
        if injected is None and rule is not None:
            injected = _gateway_fault(office, rule)
        if injected is not None:
            assert rule is not None
            return _ending(office, token, injected, outcome_of(rule), "outside", leave)
        reply = work(rule)
        injected = fault_after(rule)
        metering = visit.metering if reply.status == 200 else "outside"
        if injected is not None:
            assert rule is not None
            return _ending(office, token, injected, outcome_of(rule), metering, leave)
    except BaseException:
        office.calls.end(token, None, "failed", metering="outside")
        leave()
        raise
    outcome = "done" if reply.status in (200, 302) else "refused"
    if rule is not None and rule.kind in STRUCK_INSIDE:
        outcome, metering = outcome_of(rule), "outside"
    elif rule is not None and rule.kind == "slow":
        outcome = outcome_of(rule)
    return _ending(office, token, answer(office, reply), outcome, metering, leave)


def _ending(
    office: Office, token: int, response: Response, outcome: str, metering: str, leave: Callable[[], None]
) -> Response:
    def finish() -> None:
        status = None if isinstance(response, Dropped) else response.status_code
        office.calls.end(token, status, outcome, metering=metering)
        leave()

    return _Ending(response, finish)


def _ended(office: Office, token: int, response: Response, outcome: str, metering: str) -> Response:
    office.calls.end(token, response.status_code, outcome, metering=metering)
    return response


def answer(office: Office, reply: Reply) -> Response:
    """A reply with the headers seen on real exchanges. Source: QuickBooks reference, section 2.2."""
    headers = {
        "intuit_tid": f"1-{int(office.clock.now().timestamp()):08x}-{secrets.token_hex(12)}",
        "Qbo-Version": "2014.1",
        "Service-Time": "total=4, db=1",
        "Cache-Control": NO_CACHE,
        "Expires": "0",
        **reply.headers,
    }
    response = Response(reply.body, status_code=reply.status, headers=headers)
    # Set by hand: Starlette would add a charset to text types.
    response.headers["content-type"] = reply.content_type
    return response


def refused(office: Office, fault: Fault | GatewayFault, *, xml: bool = False) -> Reply:
    """A refusal as a reply, in the shape its origin writes."""
    now = office.clock.now()
    if isinstance(fault, GatewayFault):
        headers = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'} if fault.status == 401 else {}
        return Reply(fault.status, gateway_body(fault, now), PLAIN_JSON, headers)
    if xml:
        return Reply(fault.status, fault_xml(fault, now), XML)
    return Reply(fault.status, fault_body(fault, now), PLAIN_JSON)


def _throttled(office: Office, form: str) -> Response:
    reply = refused(office, refusals.throttled(), xml=form == "xml")
    if office.switches.retry_after:
        reply = reply._replace(headers={"Retry-After": office.switches.retry_after})
    return answer(office, reply)


def _gateway_fault(office: Office, rule: FaultRule) -> Response | None:
    """The named kinds that strike before the accounting service sees the call."""
    if rule.kind == "401":
        return answer(office, refused(office, refusals.unauthenticated(rule.detail or "Token expired: (by rule)")))
    if rule.kind == "403":
        return answer(office, refused(office, refusals.not_authorised()))
    if rule.kind in ("429-json", "429-xml"):
        return _throttled(office, rule.kind.removeprefix("429-"))
    if rule.kind == "502-html":
        page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return answer(office, Reply(502, page, "text/html"))
    return None


def strike(rule: FaultRule | None) -> None:
    """The named kinds that the accounting service itself answers, nothing having been carried out. Raises Fault."""
    if rule is None:
        return
    if rule.kind == "stale-5010":
        raise refusals.stale("another user")
    if rule.kind == "200-fault":
        failure = refusals.system_failure()
        raise Fault(*failure.errors, status=200, type="SystemFault")
    if rule.kind == "query-4002":
        raise refusals.query_failed()
    if rule.kind == "fault":
        error = Error(rule.code or "6000", rule.message or "Refused by rule", rule.detail or None, rule.element)
        raise Fault(error, status=rule.status or 400)
