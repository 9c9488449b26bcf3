"""The front desk every call of the API passes: the log, the throttle, the faults by rule, and the answer's headers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.envelope import (
    HTML,
    PLAIN_JSON,
    XML,
    asks_for_json,
    fault_body,
    fault_xml,
    gateway_body,
    gateway_page,
    gateway_xml,
    newer_gateway_body,
)
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Error, Fault, GatewayFault
from adapters.quickbooks.standin.replies import Reply
from adapters.standin.calls import FLOW_HEADER, LONGEST_FLOW
from adapters.standin.connection import Dropped
from adapters.standin.faults import FaultRule, fault_after, fault_before, outcome_of

STRUCK_INSIDE = frozenset({"stale-5010", "200-fault", "query-4002", "fault"})
ACCOUNTING_HEADERS = {
    "Qbo-Version": "1944.190",
    "Service-Time": "total=46, db=21",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Expires": "0",
}


class Visit(NamedTuple):
    """What the desk needs to know of a call before it is carried out. `realm` is empty outside the REST core."""

    operation: str
    metering: str
    realm: str = ""
    request_id: str = ""
    batch: bool = False


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
    xml = visit.realm != "" and not asks_for_json(request.headers.get("accept", ""))
    token = _noted(office, request, visit)
    if not _let_in(office, visit):
        return _ended(office, token, _throttled(office, office.switches.throttle_form, xml=xml), "refused", "outside")

    def leave() -> None:
        if visit.realm:
            office.throttle.leave(visit.realm)

    try:
        rule = office.faults.take(request.method, url.path, visit.operation)
        injected = await fault_before(rule)
        if injected is None and rule is not None:
            injected = _gateway_fault(office, rule, xml=xml)
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
    return _ending(office, token, answer(office, reply, of_the_books=visit.realm != ""), outcome, metering, leave)


def _noted(office: Office, request: Request, visit: Visit) -> int:
    """The call's number in the log. The caller may say in a header what the call is part of."""
    return office.calls.begin(
        request.method,
        request.url.path,
        request.url.query,
        visit.operation,
        visit.metering,
        visit.request_id,
        visit.realm,
        request.headers.get(FLOW_HEADER, "")[:LONGEST_FLOW],
    )


def _let_in(office: Office, visit: Visit) -> bool:
    """Counted by the throttle, or turned away; what has no company is not throttled."""
    if not visit.realm:
        return True
    return not office.allowance.refuses(visit.metering) and office.throttle.enter(visit.realm, batch=visit.batch)


def _ending(
    office: Office, token: int, response: Response, outcome: str, metering: str, leave: Callable[[], None]
) -> Response:
    def finish() -> None:
        status = None if isinstance(response, Dropped) else response.status_code
        office.calls.end(token, status, outcome, metering=metering)
        office.allowance.note(metering)
        leave()

    return _Ending(response, finish)


def _ended(office: Office, token: int, response: Response, outcome: str, metering: str) -> Response:
    office.calls.end(token, response.status_code, outcome, metering=metering)
    return response


def answer(office: Office, reply: Reply, *, of_the_books: bool = True) -> Response:
    """A reply with the headers seen on real exchanges: only successes of the accounting service carry them all.

    Source: QuickBooks reference, section 2.2, and the exchanges it was read from.
    """
    trace_id = f"1-{int(office.clock.now().timestamp()):08x}-{secrets.token_hex(12)}"
    more = ACCOUNTING_HEADERS if of_the_books and reply.status == 200 else {}
    headers = {office.switches.trace_header: trace_id, **more, **reply.headers}
    response = Response(reply.body, status_code=reply.status, headers=headers)
    # Set by hand: Starlette would add a charset to text types.
    response.headers["content-type"] = reply.content_type
    return response


def refused(office: Office, fault: Fault | GatewayFault, *, xml: bool = False) -> Reply:
    """A refusal as a reply, in the shape its origin writes."""
    now = office.clock.now()
    if isinstance(fault, Fault):
        body = fault_xml(fault, now) if xml else fault_body(fault, now)
        return Reply(fault.status, body, XML if xml else PLAIN_JSON)
    if office.switches.gateway_form == "newer":
        return Reply(fault.status, newer_gateway_body(fault), PLAIN_JSON, fault.headers)
    body = gateway_xml(fault, now) if xml else gateway_body(fault, now)
    return Reply(fault.status, body, XML if xml else PLAIN_JSON, fault.headers)


def page(title: str) -> Reply:
    """What a machine in front of the service answers in HTML; the title begins with the status."""
    return Reply(int(title.partition(" ")[0]), gateway_page(title), HTML)


def _throttled(office: Office, form: str, *, xml: bool) -> Response:
    fault = refusals.throttled(office.switches.throttle_code, office.switches.throttle_status)
    reply = refused(office, fault, xml=xml or form == "xml")
    if office.switches.retry_after:
        reply = reply._replace(headers={"Retry-After": office.switches.retry_after})
    return answer(office, reply)


def _gateway_fault(office: Office, rule: FaultRule, *, xml: bool) -> Response | None:
    """The named kinds that strike before the accounting service sees the call."""
    if rule.kind == "401":
        expired = refusals.unauthenticated(rule.detail or "Token expired: (by rule)")
        return answer(office, refused(office, expired, xml=xml))
    if rule.kind == "403":
        return answer(office, refused(office, refusals.not_authorised(), xml=xml))
    if rule.kind in ("429-json", "429-xml"):
        return _throttled(office, rule.kind.removeprefix("429-"), xml=xml)
    if rule.kind == "502-html":
        return answer(office, page("502 Bad Gateway"))
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
