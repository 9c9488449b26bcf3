"""The documents of books that have a past: orders in WizCommerce and invoices in QuickBooks, older than the connection.

Half of the invoices are those that a previous connector made of the orders, under their numbers; the others have nothing to do
with any order, nor has every order an invoice. None of them may ever be pushed by itself.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.bench.population import Population
from adapters.bench.spelling import Wire

OLDEST_DAYS = 400
NEWEST_DAYS = 40
SKU = "VASE-01"
ITEM = "9001"
INCOME_ACCOUNT = "79"
"""Of every company the stand-in founds."""
PRICE = 25


def past(found: Population, documents: int, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what to seed QuickBooks with, what to seed WizCommerce with): `documents` invoices and as many orders."""
    if not documents:
        return {}, {}
    invoices = [_invoice(found, place, now) for place in range(documents)]
    orders = [_order(found, place, now) for place in range(documents)]
    item = {
        "Id": ITEM,
        "Name": SKU,
        "Sku": SKU,
        "Type": "NonInventory",
        "UnitPrice": PRICE,
        "IncomeAccountRef": {"value": INCOME_ACCOUNT},
    }
    return {"items": [item], "invoices": invoices}, {"orders": orders}


def _made_at(place: int, now: datetime) -> datetime:
    days = NEWEST_DAYS + place * 37 % (OLDEST_DAYS - NEWEST_DAYS)
    return now.astimezone(UTC).replace(microsecond=0) - timedelta(days=days)


def _number(place: int) -> str:
    return f"OLD-{place:05d}"


def _invoice(found: Population, place: int, now: datetime) -> Wire:
    active = [one for one in found.quickbooks[:200] if one.wire.get("Active", True)]
    quantity = place % 9 + 1
    line = {
        "DetailType": "SalesItemLineDetail",
        "Amount": PRICE * quantity,
        "SalesItemLineDetail": {"ItemRef": {"value": ITEM}, "Qty": quantity, "UnitPrice": PRICE},
    }
    by_connector = place % 2 == 0
    return {
        "CustomerRef": {"value": active[place % len(active)].wire["Id"]},
        "TxnDate": f"{_made_at(place, now):%Y-%m-%d}",
        "DocNumber": _number(place) if by_connector else f"HAND-{place:05d}",
        "PrivateNote": f"Imported by another connector: {_number(place)}" if by_connector else "",
        "Line": [line],
    }


def _order(found: Population, place: int, now: datetime) -> Wire:
    active = [one for one in found.wizcommerce[:200] if one.wire.get("status") != "inactive"]
    quantity = place % 9 + 1
    at = f"{_made_at(place, now):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "display_id": _number(place),
        "customer_id": active[place % len(active)].wire["id"],
        "status": "confirmed",
        "amount": PRICE * quantity,
        "created_at": at,
        "line_items": [{"sku": SKU, "quantity": quantity, "unit_price": PRICE}],
    }
