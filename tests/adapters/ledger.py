"""What must hold of a company's books at every moment, and from one moment to the next. Pure, over `GET state`.

Sources: QuickBooks reference, 2.7 to 2.9, 7.1, 7.4 to 7.6, 7.8, and section 11, items 5, 6, 8 and 13.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

Wire = dict[str, Any]
Records = Mapping[str, list[Wire]]

SEQUENCES = {
    "names": ("Customer", "Vendor", "Employee"),
    "transactions": ("Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt"),
}
FOLLOWED = ("Customer", "Item", "Invoice", "Payment", "CreditMemo", "RefundReceipt", "SalesReceipt")
"""What change data capture is asked for."""
_SALES = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
# Which way goods go: out, or back in.
_SYSTEM = ("SyncToken", "MetaData")
# What moves without the record being written to: it raises no revision.
_DERIVED = {
    "Customer": {"Balance", "BalanceWithJobs", "FullyQualifiedName", "Level"},
    "Item": {"QtyOnHand", "FullyQualifiedName", "Level", "ParentRef"},
}


def broken(records: Records, stock: Mapping[str, Decimal]) -> list[str]:
    """Sentences for every law the books break. `stock` is what a person put on hand of each inventory item, by id."""
    return [
        *_names_are_unique(records),
        *_ids_are_unique(records),
        *_sums_are_right(records),
        *_payments_add_up(records),
        *_balances_add_up(records),
        *_stock_moved_by_sales(records, stock),
    ]


def _names_are_unique(records: Records) -> Iterator[str]:
    people = chain.from_iterable(records.get(entity, ()) for entity in SEQUENCES["names"])
    for name, times in Counter(one["DisplayName"].casefold() for one in people).items():
        if times > 1:
            yield f"{times} customers, vendors or employees are called {name!r}"
    for entity in ("Item", "Term", "PaymentMethod", "Account"):
        names = Counter(str(one.get("FullyQualifiedName", one["Name"])).casefold() for one in records.get(entity, ()))
        yield from (f"{times} {entity}s are called {name!r}" for name, times in names.items() if times > 1)


def _ids_are_unique(records: Records) -> Iterator[str]:
    for sequence, entities in SEQUENCES.items():
        ids = Counter(one["Id"] for entity in entities for one in records.get(entity, ()))
        yield from (f"the id {id} is given {times} times among {sequence}" for id, times in ids.items() if times > 1)


def _sums_are_right(records: Records) -> Iterator[str]:
    for entity in _SALES:
        for one in records.get(entity, ()):
            items = total = Decimal(0)
            for line in one["Line"]:
                if line["DetailType"] == "SubTotalLineDetail":
                    if line["Amount"] != items:
                        yield f"{entity} {one['Id']}: the sub-total is {line['Amount']}, its lines {items}"
                elif line["DetailType"] == "DiscountLineDetail":
                    total -= line["Amount"]
                else:
                    total += line.get("Amount", 0)
                    items += line.get("Amount", 0)
            total += one.get("TxnTaxDetail", {}).get("TotalTax", 0)
            if one["TotalAmt"] != total or total < 0:
                yield f"{entity} {one['Id']}: the total is {one['TotalAmt']}, lines and tax are {total}"


def _applied(records: Records) -> dict[tuple[str, str], Decimal]:
    """What payments say they apply to each document."""
    applied: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for payment in records.get("Payment", ()):
        for line in payment["Line"]:
            for link in line["LinkedTxn"]:
                applied[link["TxnType"], link["TxnId"]] += line["Amount"]
    return applied


def _payments_add_up(records: Records) -> Iterator[str]:
    applied = _applied(records)
    for one in records.get("Payment", ()):
        used = {"Invoice": Decimal(0), "CreditMemo": Decimal(0)}
        for line in one["Line"]:
            used[line["LinkedTxn"][0]["TxnType"]] += line["Amount"]
        left = one["TotalAmt"] + used["CreditMemo"] - used["Invoice"]
        if one["UnappliedAmt"] != left or left < 0:
            yield f"Payment {one['Id']}: {one['UnappliedAmt']} is unapplied, and should be {left}"
    for one in records.get("Invoice", ()):
        open_amount = one["TotalAmt"] - one["Deposit"] - applied["Invoice", one["Id"]]
        if one["Balance"] != open_amount or open_amount < 0:
            yield f"Invoice {one['Id']}: the balance is {one['Balance']}, and should be {open_amount}"
        linked = {link["TxnId"] for link in one["LinkedTxn"] if link["TxnType"] == "Payment"}
        payers = {
            payment["Id"]
            for payment in records.get("Payment", ())
            if any(("Invoice", one["Id"]) == (link["TxnType"], link["TxnId"]) for link in _links(payment))
        }
        if linked != payers:
            yield f"Invoice {one['Id']}: it names the payments {sorted(linked)}, and {sorted(payers)} name it"
    for one in records.get("CreditMemo", ()):
        left = one["TotalAmt"] - applied["CreditMemo", one["Id"]]
        if one["RemainingCredit"] != left or left < 0:
            yield f"CreditMemo {one['Id']}: {one['RemainingCredit']} is left, and should be {left}"
    documents = {(entity, one["Id"]) for entity in ("Invoice", "CreditMemo") for one in records.get(entity, ())}
    yield from (f"a payment names the {kind} {id}, which is not there" for kind, id in applied.keys() - documents)


def _links(payment: Wire) -> Iterator[Wire]:
    return chain.from_iterable(line["LinkedTxn"] for line in payment["Line"])


def _balances_add_up(records: Records) -> Iterator[str]:
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for entity, column, sign in (
        ("Invoice", "Balance", 1),
        ("Payment", "UnappliedAmt", -1),
        ("CreditMemo", "RemainingCredit", -1),
    ):
        for one in records.get(entity, ()):
            owed[one["CustomerRef"]["value"]] += sign * one[column]
    customers = {one["Id"]: one for one in records.get("Customer", ())}
    for id in owed.keys() - customers.keys():
        yield f"a document names the customer {id}, who is not there"
    below: dict[str, Decimal] = defaultdict(Decimal)
    for one in customers.values():
        if one["Balance"] != owed[one["Id"]]:
            yield f"Customer {one['Id']}: the balance is {one['Balance']}, the documents say {owed[one['Id']]}"
        above = one
        while (parent := above.get("ParentRef", {}).get("value")) is not None:
            below[parent] += one["Balance"]
            above = customers[parent]
    for one in customers.values():
        if one["BalanceWithJobs"] != one["Balance"] + below[one["Id"]]:
            yield f"Customer {one['Id']}: {one['BalanceWithJobs']} with jobs, and should be {one['Balance'] + below[one['Id']]}"


def _stock_moved_by_sales(records: Records, stock: Mapping[str, Decimal]) -> Iterator[str]:
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for entity, sign in _SALES.items():
        for line in chain.from_iterable(one["Line"] for one in records.get(entity, ())):
            detail = line.get("SalesItemLineDetail", {})
            sold[detail.get("ItemRef", {}).get("value", "")] += sign * detail.get("Qty", 0)
    for one in records.get("Item", ()):
        if one["Type"] == "Inventory" and one["QtyOnHand"] != stock[one["Id"]] - sold[one["Id"]]:
            yield f"Item {one['Id']}: {one['QtyOnHand']} on hand of {stock[one['Id']]}, of which {sold[one['Id']]} were sold"


def moved_wrongly(before: Records, after: Records, *, merging: bool = False) -> list[str]:
    """Sentences for every way in which records may not change: revisions fall, or rise without cause; time goes back.

    While a person merges two records, documents come to name the one that stays, without a revision of their own.
    """
    renamed = {"CustomerRef", "Line"} if merging else set()
    moves = (_moved(entity, before.get(entity, ()), after[entity], renamed) for entity in after)
    return list(chain.from_iterable(moves))


def _moved(entity: str, before: Iterable[Wire], after: Iterable[Wire], renamed: set[str]) -> Iterator[str]:
    known = {one["Id"]: one for one in before}
    for new in after:
        what = f"{entity} {new['Id']}"
        old = known.get(new["Id"])
        if old is None:
            if new["SyncToken"] != "0":
                yield f"{what} begins at revision {new['SyncToken']}"
            continue
        rise = int(new["SyncToken"]) - int(old["SyncToken"])
        was, now = _own(old), _own(new)
        changed = {key for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
        written = changed - _DERIVED.get(entity, set()) - renamed
        if rise < 0 or (rise > 0 and not changed) or (rise == 0 and written):
            yield f"{what} went from revision {old['SyncToken']} to {new['SyncToken']} though {sorted(changed)} changed"
        earlier, later = (datetime.fromisoformat(one["MetaData"]["LastUpdatedTime"]) for one in (old, new))
        if later < earlier:
            yield f"{what} was last updated at {earlier} and then at {later}"
        if old["MetaData"]["CreateTime"] != new["MetaData"]["CreateTime"]:
            yield f"{what} was made at another time"


def _own(record: Wire) -> Wire:
    """A record without its system properties, and without what a payment says of its documents as they now stand."""
    own = {key: value for key, value in record.items() if key not in _SYSTEM}
    if "Line" in own:
        own["Line"] = [{key: value for key, value in line.items() if key != "LineEx"} for line in own["Line"]]
    return own


def uncaptured(records: Records, deleted: Iterable[Wire], blocks: list[Wire]) -> list[str]:
    """What change data capture since the beginning does not show as it is. `blocks` as in its reply."""
    shown = {
        entity: {row["Id"]: row for row in rows}
        for block in blocks
        for entity, rows in block.items()
        if isinstance(rows, list)
    }
    wrong = [
        f"{entity} {one['Id']} is not shown as it is"
        for entity in shown.keys() | records.keys() & set(FOLLOWED)
        for one in records.get(entity, ())
        if shown.get(entity, {}).get(one["Id"]) != one
    ]
    gone = {(one["entity"], one["id"]) for one in deleted}
    wrong += [
        f"{entity} {id} is not shown as deleted" for entity, id in gone if _status(shown, entity, id) != "Deleted"
    ]
    there = {(entity, one["Id"]) for entity, rows in records.items() for one in rows}
    return wrong + [
        f"{entity} {id} is shown and never was"
        for entity, rows in shown.items()
        for id in rows
        if (entity, id) not in there | gone
    ]


def _status(shown: Mapping[str, Mapping[str, Wire]], entity: str, id: str) -> str:
    return str(shown.get(entity, {}).get(id, {}).get("status", ""))
