"""Carrying out one admitted request against a company: write, read, query, change data capture."""

from __future__ import annotations

from adapters.quickbooks.standin import mailing, refusals
from adapters.quickbooks.standin.changes import changed
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.desk import strike
from adapters.quickbooks.standin.envelope import count_body, entity_body, query_body, to_bytes
from adapters.quickbooks.standin.errand import Errand
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.query import parse
from adapters.quickbooks.standin.replies import Reply
from adapters.quickbooks.standin.select import select
from adapters.quickbooks.standin.times import to_the_millisecond
from adapters.standin.faults import FaultRule


def carried_out(office: Office, company: Company, errand: Errand, kind: Kind | None, rule: FaultRule | None) -> Reply:
    """The answer. Raises Fault for every refusal of the accounting service."""
    strike(rule)
    if errand.rest == "query":
        return _queried(office, company, errand)
    if errand.rest == "cdc":
        blocks = changed(
            company, errand.options.get("entities", ""), errand.options.get("changedSince", ""), office.switches
        )
        body = {"CDCResponse": [{"QueryResponse": blocks}], "time": to_the_millisecond(company.clock.now())}
        return Reply(200, to_bytes(body))
    assert kind is not None
    if errand.action:
        return mailing.carried(Write(company, office.switches), errand, kind)
    if errand.verb:
        return _written(office, company, errand, kind)
    return _read(company, errand, kind)


def _queried(office: Office, company: Company, errand: Errand) -> Reply:
    if errand.method == "POST" and errand.media_type != "application/text":
        raise refusals.unsupported_media(errand.content_type, "application/text")
    if not errand.is_utf8:
        raise refusals.system_failure()
    query = parse(errand.statement)
    entity, total, rows = select(company, query, office.switches)
    now = company.clock.now()
    return Reply(200, count_body(total, now) if query.counting else query_body(entity, rows, query.start, now))


def _read(company: Company, errand: Errand, kind: Kind) -> Reply:
    id = errand.id
    if kind.entity == "Preferences" or (kind.entity == "CompanyInfo" and id == company.realm):
        id = "1"
    record = kind.read(company, id)
    return Reply(200, entity_body(kind.entity, kind.view(company, record, errand.include), company.clock.now()))


def _written(office: Office, company: Company, errand: Errand, kind: Kind) -> Reply:
    write = Write(company, office.switches, errand.include)
    assert errand.tree is not None
    now = company.clock.now()
    if errand.verb == "delete":
        record = kind.delete(write, errand.tree)
        return Reply(200, entity_body(kind.entity, {"domain": "QBO", "status": "Deleted", "Id": record.id}, now))
    act = {"create": kind.create, "update": kind.update, "void": kind.void}[errand.verb]
    record = act(write, errand.tree)
    return Reply(200, entity_body(kind.entity, kind.view(company, record, errand.include), now))
