"""The table of orders in `tests/stories/orders.txt`: read, placed in WizCommerce, and told as the invoices they became."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.domain.events import AttemptStarted
from tests.telling import pass_by
from tests.world import World

FILE = Path(__file__).parent / "stories" / "orders.txt"
LINE = re.compile(
    r"(?P<quantity>-?[\d.]+) (?P<sku>\S+) at (?P<price>-?[\d.]+)(?P<adhoc> outside)?(?: less (?P<less>\S+))?"
)
FIELDS = {"discount": "discount_value", "shipping": "shipping_charge", "tax": "tax_value", "stated": "amount"}
BLOOM = "Bloom & Co"
AUSTIN = {"address_line_1": "1 Elm St", "city": "Austin", "state": "TX", "zipcode": "73301", "country": "US"}


def table() -> dict[str, list[tuple[str, str]]]:
    """Company → (order, the invoice it is to become) of each row."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in FILE.read_text().splitlines():
        if row.startswith("=="):
            rows = found.setdefault(row.removeprefix("== ").partition(":")[0], [])
        elif row and not row.startswith("#"):
            order, _, invoice = (part.strip() for part in row.partition("->"))
            rows.append((order, invoice))
    return found


def set_up(world: World, company: str) -> None:
    """The company of the table: its preferences, items and what was chosen for it."""
    sales_tax = company in ("taxed", "stated", "line", "canada")
    for sku in ("CUSTOM-01", "FREIGHT-01", "TAX-01", "ROUND-01"):
        world.quickbooks.add_item(sku, price="0", Name=sku)
    prefs: dict[str, Any] = {"SalesFormsPrefs": {"AllowShipping": True, "AllowDiscount": True}}
    if sales_tax:
        prefs["TaxPrefs"] = {"UsingSalesTax": True, "PartnerTaxEnabled": company == "stated"}
    if company == "canada":
        world.quickbooks.company().all("CompanyInfo")[0].wire["Country"] = "CA"
    if company == "euro":
        prefs["CurrencyPrefs"] = {"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "USD"}}
    world.quickbooks.by_hand("set-preferences", **prefs)
    world.choose(adhoc_item="CUSTOM-01", charges_item="FREIGHT-01", **CHOSEN.get(company, {}))
    pass_by(world, 5)
    if company == "euro":
        world.quickbooks.add_customer(
            "Fleur", PrimaryEmailAddr={"Address": "a@fleur.example"}, CurrencyRef={"value": "EUR"}
        )
        world.wizcommerce.add_customer("Fleur", email="a@fleur.example")
        pass_by(world, 5)


CHOSEN = {
    "rounded": {"rounding_item": "ROUND-01"},
    "stated": {"tax": "order", "tax_after_discount": "yes", "shipping_tax": "none"},
    "line": {"tax": "line", "tax_item": "TAX-01"},
    "canada": {"tax_code": "5", "tax_free_code": "6"},
}


def place(world: World, company: str, number: str, order: str) -> None:
    """Confirms the order of a row in WizCommerce."""
    lines, *extras = order.split("; ")
    placed = [_line(one) for one in lines.split(", ")]
    more: dict[str, Any] = {"billing_address": AUSTIN, "shipping_address": AUSTIN}
    for name, value in (extra.split(" ") for extra in extras):
        if name == "charges":
            more["charges"] = [{"name": "Freight", "type": "freight", "value_type": "value", "amount": value}]
        else:
            more[FIELDS.get(name, name)] = value
    world.wizcommerce.confirm_order(number, "Fleur" if company == "euro" else BLOOM, placed, **more)


def _line(text: str) -> Any:
    found = LINE.fullmatch(text)
    assert found is not None, text
    line: dict[str, Any] = {"sku": found["sku"], "quantity": found["quantity"], "unit_price": found["price"]}
    if less := found["less"]:
        kind = "percentage" if less.endswith("%") else "value"
        line |= {"discount": less.rstrip("%"), "discount_type": kind}
    return {**line, "is_adhoc": bool(found["adhoc"])}


def invoice_in_words(world: World, number: str) -> str:
    """What became of an order: the lines of the body that was sent and the total QuickBooks came to; or why it waits."""
    stream = world.order_stream(number)
    sent = [e.event for e in world.engine.log.story(stream) if isinstance(e.event, AttemptStarted)]
    invoice = next((one for one in world.invoices() if one.doc_number == number), None)
    if invoice is None or not sent:
        return f"held: {world.where(number).partition(': ')[2]}"
    body = json.loads(str(sent[-1].body), parse_float=Decimal)
    names = {item["Id"]: item["Name"] for item in world.quickbooks.items()}
    told = [*_lines_in_words(body, names)]
    detail = body.get("TxnTaxDetail", {})
    told += [f"tax {detail['TotalTax']} stated"] if "TotalTax" in detail else []
    tax = invoice.wire["TxnTaxDetail"]["TotalTax"]
    told += [f"tax {tax:.2f}"] if tax else []
    apart = world.where(number).partition(", differs by ")[2]
    currency = body.get("CurrencyRef", {}).get("value", "")
    total = f"{'; '.join(told)} = {invoice.total:.2f}{f' {currency}' if currency else ''}"
    return f"{total}, differs by {apart}" if apart else total


def _lines_in_words(body: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    for line in body["Line"]:
        detail, amount = line.get("SalesItemLineDetail"), Decimal(line["Amount"])
        if detail is None:
            yield f"discount {amount:.2f}"
            continue
        code = detail.get("TaxCodeRef", {}).get("value", "")
        marked = f" [{code}]" if code else ""
        if detail["ItemRef"]["value"] == "SHIPPING_ITEM_ID":
            yield f"shipping {amount:.2f}{marked}"
            continue
        quantity, price = Decimal(detail["Qty"]), Decimal(detail["UnitPrice"])
        yield f"{quantity:f} {names[detail['ItemRef']['value']]} at {price:f} is {amount:.2f}{marked}"
    after = body.get("ApplyTaxAfterDiscount")
    if after is not None:
        yield f"tax {'after' if after else 'before'} discount"


def became(world: World, company: str, orders: list[str]) -> list[str]:
    """Places the orders of a company's rows, and tells what each became."""
    set_up(world, company)
    for place_no, order in enumerate(orders, 1):
        place(world, company, f"{company}-{place_no:02}", order)
    pass_by(world, 5)
    return [invoice_in_words(world, f"{company}-{place_no:02}") for place_no in range(1, len(orders) + 1)]
