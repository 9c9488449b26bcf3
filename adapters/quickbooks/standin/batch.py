"""`POST /batch`: up to thirty operations in one call, each for itself. Source: QuickBooks reference, section 4.3.

An item is carried out as the request it stands for: same checks, same refusals, same stored answers. They are carried out
and answered in an order of their own, since none is promised.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.company import Company
from adapters.quickbooks.standin.desk import STRUCK_INSIDE, refused
from adapters.quickbooks.standin.envelope import JSON, to_bytes
from adapters.quickbooks.standin.errand import Errand
from adapters.quickbooks.standin.kinds import Kind
from adapters.quickbooks.standin.office import Office
from adapters.quickbooks.standin.refusals import Fault
from adapters.quickbooks.standin.replies import Reply
from adapters.quickbooks.standin.switches import Switches
from adapters.quickbooks.standin.times import to_the_millisecond
from adapters.standin.faults import FaultRule

Wire = dict[str, Any]
Carry = Callable[[Errand, Kind | None, FaultRule | None], Reply]
"""Carries out one request that was admitted. Raises Fault."""

BATCH = "batch"
"""The name of the operation. An item's own name is this, its verb, and its path: `batch create invoice`."""
MOST_ITEMS = 30
MOST_OBJECTS = 1000
LONGEST_REQUEST_ID = 36
LONGEST_ITEM_ID = 10
# The faults by rule that can strike one item.
_ITEM_FAULTS = STRUCK_INSIDE | {"429-json", "429-xml", "request-id-ignored", "request-id-expired"}
_OPERATIONS = ("create", "update", "delete")
_WORDS = ("bId", "operation", "optionsData")
# In the published schema, but not in the reference of the API.
_UNDOCUMENTED = ("CDCQuery", "ReportQuery")


class _Returned(msgspec.Struct):
    """How many rows an answer to a query has."""

    rows: int = msgspec.field(name="maxResults", default=0)


def batched(office: Office, company: Company, errand: Errand, carry: Carry) -> Reply:
    """The answers of all items. Raises Fault for a batch that cannot be told apart into items, or is too large."""
    items = _items(errand)
    room = MOST_OBJECTS - sum("Query" not in item for item in items)
    answers = []
    for place, item in enumerate(_in_no_order(items, office.switches)):
        parts = _parts(_answer(office, errand, item, place, carry))
        rows = _rows(parts)
        if rows > room:
            parts, rows = _parts(refused(office, refusals.result_too_large(rows, room))), 0
        room -= rows
        answers.append({**parts, "bId": item["bId"]})
    return Reply(200, to_bytes({"BatchItemResponse": answers, "time": to_the_millisecond(company.clock.now())}))


def _parts(reply: Reply) -> dict[str, msgspec.Raw]:
    """What an answer has beside its time."""
    parts = msgspec.json.decode(reply.body, type=dict[str, msgspec.Raw])
    return {name: part for name, part in parts.items() if name != "time"}


def _rows(parts: dict[str, msgspec.Raw]) -> int:
    """How many rows were found; 0 for an answer that is not a query's."""
    return msgspec.json.decode(parts.get("QueryResponse", b"{}"), type=_Returned).rows


def _items(errand: Errand) -> list[Wire]:
    """The items, each with a `bId` of its own."""
    assert errand.tree is not None
    unknown = next((name for name in errand.tree if name != "BatchItemRequest"), None)
    if unknown is not None:
        raise refusals.unknown_property(unknown, "IntuitBatchRequest", ["BatchItemRequest"])
    items = errand.tree.get("BatchItemRequest")
    if not items:
        raise refusals.missing("BatchItemRequest")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refusals.unreadable('"BatchItemRequest" must be an array of objects')
    if len(items) > MOST_ITEMS:
        raise refusals.batch_too_large(len(items), MOST_ITEMS)
    request_id = errand.options.get("requestid", "")
    if len(request_id) > LONGEST_REQUEST_ID:
        raise refusals.bad_request_id(len(request_id), LONGEST_REQUEST_ID)
    if not all(isinstance(item.get("bId"), str) and item["bId"] for item in items):
        raise refusals.missing("bId")
    twice = [id for id, times in Counter(item["bId"] for item in items).items() if times > 1]
    if twice:
        raise refusals.conflicting(f"bId {twice[0]} was given to more than one item")
    return items


def _in_no_order(items: list[Wire], switches: Switches) -> list[Wire]:
    """The items in the order that the switch says; shuffled, two or more never stay as they were sent."""
    if switches.batch_order == "as-sent":
        return items
    mixed = list(items)
    random.Random(switches.batch_seed).shuffle(mixed)
    return mixed if mixed != items else mixed[::-1]


def _answer(office: Office, batch: Errand, item: Wire, place: int, carry: Carry) -> Reply:
    try:
        if 0 < office.switches.batch_throttled_after <= place:
            raise refusals.throttled()
        errand, kind = _errand_of(item, batch)
        rule = office.faults.take("POST", batch.path, errand.operation, _ITEM_FAULTS)
        if rule is not None and rule.kind in ("429-json", "429-xml"):
            raise refusals.throttled()
        return carry(errand, kind, rule)
    except Fault as fault:
        return refused(office, fault)


def _errand_of(item: Wire, batch: Errand) -> tuple[Errand, Kind | None]:
    """The request an item stands for. Raises Fault for one that says nothing, two things, or something unknown."""
    named = [name for name in item if name not in _WORDS]
    for name in named:
        if name in _UNDOCUMENTED:
            raise refusals.unsupported_operation(f"Operation {name} is not supported.")
        if name != "Query" and name not in KINDS:
            raise refusals.unknown_property(name, "BatchItemRequest", [*_WORDS, "Query", *KINDS])
    if not named:
        raise refusals.missing("Query")
    if len(named) > 1:
        raise refusals.conflicting(f"An item has {' and '.join(named)}; it takes one of them")
    [name] = named
    return (_query(item, batch), None) if name == "Query" else (_change(item, KINDS[name], batch), KINDS[name])


def _query(item: Wire, batch: Errand) -> Errand:
    if not isinstance(item["Query"], str):
        raise refusals.unreadable('"Query" must be a plain value')
    if item.get("operation", "query") != "query":
        raise refusals.conflicting("A Query takes no operation")
    return _request(batch, "GET", "query", {"query": item["Query"]}, operation=f"{BATCH} query")


def _change(item: Wire, kind: Kind, batch: Errand) -> Errand:
    verb = item.get("operation")
    if not verb:
        raise refusals.missing("operation")
    if verb not in _OPERATIONS:
        raise refusals.unsupported_operation(f"Operation {verb} is not supported.")
    if not isinstance(item[kind.entity], dict):
        raise refusals.unreadable(f'"{kind.entity}" must be an object')
    wanted = item.get("optionsData")
    if wanted not in (None, "") and (verb, wanted) != ("update", "void"):
        raise refusals.unsupported_operation(f"Operation {verb} with optionsData {wanted} is not supported.")
    options = {"include": "void"} if wanted else {}
    if wanted and kind.can_void:
        verb = "void"
    request_id = batch.options.get("requestid")
    if request_id:
        if len(item["bId"]) > LONGEST_ITEM_ID:
            raise refusals.bad_request_id(len(item["bId"]), LONGEST_ITEM_ID)
        options["requestid"] = f"{request_id}:{item['bId']}"
    errand = _request(batch, "POST", kind.path, options, operation=f"{BATCH} {verb} {kind.path}")
    errand.verb = verb
    errand.tree = item[kind.entity]
    errand.body = to_bytes(errand.tree)
    return errand


def _request(batch: Errand, method: str, rest: str, options: dict[str, str], operation: str) -> Errand:
    return Errand(
        realm=batch.realm,
        method=method,
        path=batch.path.removesuffix("batch") + rest,
        rest=rest,
        options=options,
        body=b"",
        accept=JSON,
        content_type=JSON,
        authorization=batch.authorization,
        operation=operation,
    )
