"""Money over the wire: what the tests of payments, credits and refunds share, and the laws their books must keep."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.wire import read_json, write_json

Wire = dict[str, Any]

CUSTOMER = {"value": "1"}


def link(document: Wire, amount: Any, kind: str = "Invoice") -> Wire:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": document["Id"], "TxnType": kind}]}


def send(books: httpx.Client, entity: str, body: Wire, **query: str) -> httpx.Response:
    """A write; numbers travel with their exact digits."""
    headers = {"Content-Type": "application/json"}
    return books.post(f"/{entity.lower()}", params=query, content=write_json(body), headers=headers)


def taken(answer: httpx.Response) -> Wire:
    """The entity in an answer that is no refusal."""
    assert answer.status_code == 200, answer.text
    [found] = [value for key, value in read_json(answer.content).items() if key != "time"]
    return dict(found)


def pay(books: httpx.Client, total: Any, *lines: Wire, **more: Any) -> Wire:
    return taken(send(books, "Payment", {"CustomerRef": CUSTOMER, "TotalAmt": total, "Line": list(lines), **more}))


def change(books: httpx.Client, entity: str, wire: Wire, **more: Any) -> httpx.Response:
    """A sparse update at the revision of `wire`; a payment names customer and total, as it must."""
    named = {name: wire[name] for name in ("CustomerRef", "TotalAmt")} if entity == "Payment" else {}
    key = {"Id": wire["Id"], "SyncToken": wire["SyncToken"], "sparse": True}
    return send(books, entity, {**named, **key, **more})


def see(books: httpx.Client, entity: str, id: str) -> Wire:
    return taken(books.get(f"/{entity.lower()}/{id}"))


def void(books: httpx.Client, entity: str, wire: Wire, **more: Any) -> httpx.Response:
    body = {"Id": wire["Id"], "SyncToken": wire["SyncToken"], "sparse": True, **more}
    return send(books, entity, body, operation="update", include="void")


def delete(books: httpx.Client, entity: str, wire: Wire) -> httpx.Response:
    return send(books, entity, {"Id": wire["Id"], "SyncToken": wire["SyncToken"]}, operation="delete")


def balance(books: httpx.Client, id: str = "1") -> Decimal:
    return Decimal(see(books, "Customer", id)["Balance"])


def facts(entity: Wire, line: int = 0) -> Wire:
    """What a line of a payment says of its document."""
    return {one["value"]["Name"]: one["value"]["Value"] for one in entity["Line"][line]["LineEx"]["any"]}


def must_add_up(intuit: QuickBooksStandIn) -> None:
    """Every balance follows from the documents, and links agree on both sides."""
    assert intuit.running is not None
    rows: dict[str, list[Wire]] = intuit.running.call_in_loop(
        lambda: {
            entity: [copy.deepcopy(one.wire) for one in records.values()]
            for entity, records in intuit.company().records.items()
        }
    )
    owed: dict[str, Decimal] = {}
    settled: dict[tuple[str, str], Decimal] = {}
    linked = set()
    for payment in rows.get("Payment", ()):
        left = payment["TotalAmt"]
        for line in payment["Line"]:
            one = line["LinkedTxn"][0]
            settled[one["TxnType"], one["TxnId"]] = settled.get((one["TxnType"], one["TxnId"]), 0) + line["Amount"]
            linked.add((one["TxnType"], one["TxnId"], payment["Id"]))
            left += line["Amount"] if one["TxnType"] == "CreditMemo" else -line["Amount"]
        assert payment["UnappliedAmt"] == left >= 0, payment
        owe(owed, payment, -left)
    shown = set()
    for entity, sign in (("Invoice", 1), ("CreditMemo", -1)):
        for one in rows.get(entity, ()):
            left = one["TotalAmt"] - one.get("Deposit", 0) - settled.pop((entity, one["Id"]), Decimal(0))
            assert one["Balance"] == one.get("RemainingCredit", left) == left >= 0, one
            owe(owed, one, sign * left)
            shown |= {(entity, one["Id"], each["TxnId"]) for each in one["LinkedTxn"] if each["TxnType"] == "Payment"}
    assert shown == linked and not settled
    customers = {one["Id"]: one for one in rows.get("Customer", ())}
    for one in customers.values():
        assert one["Balance"] == owed.get(one["Id"], 0), one
        below = [child for child in customers.values() if child.get("ParentRef", {}).get("value") == one["Id"]]
        assert one["BalanceWithJobs"] == one["Balance"] + sum(child["BalanceWithJobs"] for child in below), one


def owe(owed: dict[str, Decimal], document: Wire, amount: Decimal) -> None:
    id = document["CustomerRef"]["value"]
    owed[id] = owed.get(id, Decimal(0)) + amount
