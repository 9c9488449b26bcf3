"""The REST core under `/v3/company/{realm}/`: which operation a request is, and the checks before it is carried out.

Source: QuickBooks reference, sections 2.1 to 2.6; the order of the checks is that of section 6.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.quickbooks.standin import mailing, refusals
from adapters.quickbooks.standin.batch import BATCH, batched
from adapters.quickbooks.standin.carry_out import carried_out
from adapters.quickbooks.standin.catalogue import BY_PATH, LISTS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.desk import Visit, attend, refused, strike
from adapters.quickbooks.standin.envelope import read_json_object
from adapters.quickbooks.standin.errand import Errand
from adapters.quickbooks.standin.kinds import Kind
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Fault, GatewayFault
from adapters.quickbooks.standin.replies import Reply
from adapters.quickbooks.standin.shapes import check_properties
from adapters.standin.faults import FaultRule

Wire = dict[str, Any]

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)


def rest_routes(office: Office) -> list[Route]:
    """One route: paths are told apart here, so that a wrong one gets QuickBooks' own refusal."""

    async def core(request: Request) -> Response:
        errand = Errand(
            realm=request.path_params["realm"],
            method=request.method,
            path=request.url.path,
            rest=request.path_params["rest"],
            options=dict(request.query_params),
            body=await request.body(),
            accept=request.headers.get("accept", ""),
            content_type=request.headers.get("content-type", ""),
            authorization=request.headers.get("authorization", ""),
        )
        kind = _recognise(errand)
        visit = Visit(errand.operation, errand.metering, errand.realm, errand.options.get("requestid", ""))
        return await attend(office, request, visit, lambda rule: _answered(office, errand, kind, rule))

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [Route("/v3/company/{realm}/{rest:path}", core, methods=methods)]


def _recognise(errand: Errand) -> Kind | None:
    """Name the operation for the call log; the kind of entity when the path has one."""
    head, _, tail = errand.rest.partition("/")
    if errand.rest in ("query", "cdc"):
        errand.metering = "coreplus"
        found = _FROM.search(errand.statement)
        errand.operation = "cdc" if head == "cdc" else f"query {found.group(1) if found else '?'}"
        return None
    kind = BY_PATH.get(head)
    if kind is not None and mailing.recognised(errand, head, tail):
        return kind
    if errand.method == "GET":
        errand.metering = "coreplus"
        errand.id = tail
        errand.operation = f"read {head}"
    else:
        errand.metering = "core"
        try:
            errand.tree = read_json_object(errand.body)
        except Fault as fault:
            errand.unreadable = fault
        asked = errand.options.get("operation", "")
        named = "update" if (errand.tree or {}).get("Id") is not None else "create"
        errand.verb = named if asked in ("", "create") else asked
        if asked == "update" and "void" in errand.include:
            errand.verb = "void"
        errand.operation = f"{errand.verb} {head}"
    if errand.rest == "batch" and errand.method == "POST":
        # Metered also when it only writes. Source: QuickBooks reference, section 9.
        errand.verb, errand.operation, errand.metering = "", BATCH, "coreplus"
    return kind


def _answered(office: Office, errand: Errand, kind: Kind | None, rule: FaultRule | None) -> Reply:
    try:
        company = _admitted(office, errand)
        office.follow_switches(company)
        return _carried(office, company, errand, kind, rule)
    except (Fault, GatewayFault) as fault:
        return refused(office, fault, xml=not errand.takes_json)


def _carried(office: Office, company: Company, errand: Errand, kind: Kind | None, rule: FaultRule | None) -> Reply:
    """One request, or one item of a batch, whose caller was let in. Raises Fault."""
    _path_exists(errand, kind)
    if errand.operation == BATCH:
        _must_be_readable(errand)
        strike(rule)
        return batched(office, company, errand, lambda each, kind, rule: _carried(office, company, each, kind, rule))
    if errand.verb:
        assert kind is not None
        return _written(office, company, errand, kind, rule)
    return carried_out(office, company, errand, kind, rule)


def _admitted(office: Office, errand: Errand) -> Company:
    """Who calls, and whether the company lets this app in. Raises GatewayFault 401 or 403, Fault 120 or 5020."""
    scheme, _, token = errand.authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise refusals.unauthenticated("Missing bearer token")
    realm = office.grants.realm_of(token.strip(), refusals.unauthenticated)
    company = office.companies.get(errand.realm)
    if realm != errand.realm or company is None or not company.standing.administrator:
        raise refusals.not_authorised()
    if not company.standing.has_api_plan:
        code, _, status = office.switches.plan_refusal.partition("-")
        raise refusals.no_access(code, int(status or 400))
    return company


def _path_exists(errand: Errand, kind: Kind | None) -> None:
    """Raises Fault 500 for what there is no operation for, 415 for a body that is not JSON."""
    if errand.method not in ("GET", "POST"):
        raise refusals.no_such_path(errand.path)
    if errand.action and kind is not None:
        return mailing.must_be_possible(errand, kind)
    if not errand.takes_json:
        raise refusals.unsupported_operation("Only JSON is spoken here: send Accept: application/json")
    if errand.rest == "query":
        return
    if errand.rest == "cdc" and errand.method == "GET":
        return
    if errand.operation == BATCH:
        return _must_be_json(errand)
    if kind is None:
        raise refusals.no_such_path(errand.path)
    if not errand.verb:
        if "/" in errand.id or (not errand.id and kind.entity != "Preferences"):
            raise refusals.no_such_path(errand.path)
        return
    if "/" in errand.rest:
        raise refusals.no_such_path(errand.path)
    can = {
        "create": kind.can_create,
        "update": kind.can_update,
        "delete": kind.can_delete,
        "void": kind.can_void,
    }
    other_way = errand.verb == "void" and errand.options.get("operation") == (
        "void" if kind.void_by_update else "update"
    )
    if not can.get(errand.verb) or other_way:
        raise refusals.unsupported_operation(f"Operation {errand.verb} is not supported.")
    _must_be_json(errand)


def _must_be_json(errand: Errand) -> None:
    if errand.media_type != "application/json":
        raise refusals.unsupported_media(errand.content_type)


def _must_be_readable(errand: Errand) -> Wire:
    """The body as a tree. Raises Fault 10000 for what is not UTF-8, 2010 for what is not a JSON object."""
    if errand.tree is None:
        if not errand.is_utf8:
            raise refusals.system_failure()
        assert errand.unreadable is not None
        raise errand.unreadable
    return errand.tree


def _written(office: Office, company: Company, errand: Errand, kind: Kind, rule: FaultRule | None) -> Reply:
    """A write behind its request id: the stored answer, or carried out and remembered."""
    check_properties(_must_be_readable(errand), kind.shape)
    request_id = errand.options.get("requestid", "")
    mode = office.switches.requestid
    if kind.entity in LISTS and not office.switches.requestid_for_lists:
        mode = "ignore"
    if rule is not None and rule.kind.startswith("request-id-"):
        mode = "ignore" if rule.kind == "request-id-ignored" else "expired"
    target = f"{errand.verb} {kind.path}"
    if request_id:
        stored = office.replies.recall(company.realm, request_id, target, errand.body, mode)
        if stored is not None:
            return stored
    try:
        reply = carried_out(office, company, errand, kind, rule)
    except Fault as fault:
        reply = refused(office, fault)
    if request_id and mode != "ignore":
        office.replies.remember(company.realm, request_id, target, errand.body, reply)
    return reply
