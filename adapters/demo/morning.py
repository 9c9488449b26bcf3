"""The morning: five orders, a customer nobody knows, one that both sides change at once, a missing item, and a consent that is
taken away and given again."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from adapters.demo.stage import CONNECTION, Stage
from engine.domain.customer_policies import NAMED
from engine.domain.events import ConflictSettled
from engine.domain.fields import CALLED

ACTOR = "demo"
ORDERS = ("WC-1001", "WC-1002", "WC-1003", "WC-1004", "WC-1005")
WAITED = "WC-1002"
"""The order whose item is missing at first: its history is the one that is shown."""
MISSING_SKU = "LAMP-03"
NEW_SKU = "TALL-04"
PATIENCE_SECONDS = 30.0
"""How long anything is waited for; it takes a fraction of that, or something is wrong and the end of the demo says so."""
LOOK_SECONDS = 0.02

Say = Callable[[str], None]


class Morning:
    """The play. `say` is told what happens, a line each."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self._stage = stage
        self._say = say
        self._begun = time.monotonic()
        self.customers_before = 0
        """Customers QuickBooks had before anything was pushed."""

    def play(self) -> None:
        """From an empty log to five orders, each of which should have its invoice."""
        self._stock_both_systems()
        self._connect()
        self._three_orders()
        self._two_edits_at_once()
        self._consent_goes_and_comes()
        self._item_is_added()
        self._product_arrives_and_sells_out()

    # ---- the acts --------------------------------------------------------------------------------------------------------------

    def _stock_both_systems(self) -> None:
        books = self._stage.quickbooks
        books.fill(
            {
                "company": {"CompanyName": "Bloom Wholesale", "LegalName": "Bloom Wholesale"},
                "preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": True}},
            }
        )
        books.add_customer("Garden & Co", PrimaryEmailAddr={"Address": "books@garden.example"})
        books.add_item("VASE-01", price="25.00")
        books.add_item("BOWL-02", price="12.50")
        self.customers_before = len(books.customers())
        self.sell("add_customer", "Garden & Co", email="books@garden.example")

    def _connect(self) -> None:
        engine = self._stage.engine
        engine.connecting.join_tenant(CONNECTION, ACTOR, token=self._stage.wizcommerce.token)
        self._consent()
        self.wait(lambda: not engine.first_sync.reading(CONNECTION))
        price_list = engine.commerce.price_lists(CONNECTION)[0][0]
        engine.decisions.choose_setting(CONNECTION, "price-list", price_list, ACTOR)
        plan, _ = engine.first_sync.counts(CONNECTION)
        engine.decisions.accept_first_sync(CONNECTION, plan, ACTOR)
        self.tell(
            f"Both sides are read, {plan['linked']} customer is the same on both, and the first sync is accepted."
        )
        engine.people.start(CONNECTION, engine.clock.now() - timedelta(hours=1), ACTOR)
        self.tell("Bloom Wholesale is connected through QuickBooks' consent page; orders are pushed from now on.")

    def _three_orders(self) -> None:
        self._confirm("WC-1001", "Garden & Co", [("VASE-01", 4, "25.00")])
        self._confirm("WC-1002", "Garden & Co", [("BOWL-02", 10, "12.50"), (MISSING_SKU, 2, "80.00")])
        self.sell("add_customer", "Pot Luck", email="orders@potluck.example")
        self._confirm("WC-1003", "Pot Luck", [("VASE-01", 1, "25.00"), ("BOWL-02", 6, "11.75")])
        self.tell(f"WC-1001, WC-1002 and WC-1003 are confirmed. QuickBooks knows neither {MISSING_SKU} nor Pot Luck.")
        self._wait_for_invoices("WC-1001", "WC-1003")
        self.tell(
            f"WC-1001: {self.where('WC-1001')}. WC-1003, whose customer is created first: {self.where('WC-1003')}."
        )
        self.wait(lambda: self.where(WAITED).startswith("waiting: "))
        self.tell(f"WC-1002: {self.where(WAITED)}.")

    def _two_edits_at_once(self) -> None:
        [garden] = [one for one in self._stage.quickbooks.customers() if one["DisplayName"] == "Garden & Co"]
        [buyer] = [one for one in self._customers() if one["display_name"] == "Garden & Co"]
        self.sell("edit_customer", buyer["id"], phone="+14155550111")
        self._stage.quickbooks.by_hand(
            "edit-customer", Id=garden["Id"], PrimaryPhone={"FreeFormNumber": "(415) 555-0122"}
        )
        self.wait(lambda: bool(self.conflicts()) and self._phones(garden["Id"]) == {"+14155550111"})
        for settled in self.conflicts():
            self.tell(
                f"Garden & Co gets another {CALLED[settled.field]} on both sides at once: {settled.wizcommerce} in WizCommerce, "
                f"{settled.quickbooks} in QuickBooks. {NAMED[settled.winner]} wins: {settled.rule}. "
                "`wizqbo conflicts undo` would put the other one back."
            )

    def _customers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._stage.seller.call_in_loop(self._stage.wizcommerce.customers)
        return found

    def _phones(self, quickbooks_id: str) -> set[str]:
        """Garden & Co's phone as both systems have it."""
        [garden] = [one for one in self._stage.quickbooks.customers() if one["Id"] == quickbooks_id]
        [buyer] = [one for one in self._customers() if one["display_name"] == "Garden & Co"]
        return {garden.get("PrimaryPhone", {}).get("FreeFormNumber", ""), buyer["phone"] or ""}

    def conflicts(self) -> list[ConflictSettled]:
        """Every conflict that was settled."""
        streams = self._stage.engine.around.customer_streams(CONNECTION, "")
        return [c.event for s in streams for c in self._stage.engine.records.customer(s).conflicts]

    def _consent_goes_and_comes(self) -> None:
        self._stage.quickbooks.by_hand("disconnect")
        self.tell("An administrator revokes the consent in QuickBooks.")
        self._confirm("WC-1004", "Garden & Co", [("VASE-01", 2, "25.00")])
        self.wait(lambda: self._gate() == "ended")
        self._confirm("WC-1005", "Pot Luck", [("BOWL-02", 3, "11.75")])
        self.wait(lambda: all(self.where(number).startswith("waiting") for number in ("WC-1004", "WC-1005")))
        self.tell("WC-1004 and WC-1005 are confirmed meanwhile: they wait at the connection's gate, nothing is lost.")
        self._consent()
        self._wait_for_invoices("WC-1004", "WC-1005")
        self.tell(
            "The consent is given again through our link, and they go by themselves. "
            f"WC-1004: {self.where('WC-1004')}. WC-1005: {self.where('WC-1005')}."
        )

    def _item_is_added(self) -> None:
        self._stage.quickbooks.add_item(MISSING_SKU, price="80.00")
        self.tell(f"The bookkeeper adds the item {MISSING_SKU} in QuickBooks.")
        self._wait_for_invoices(WAITED)
        self.tell(f"WC-1002: {self.where(WAITED)}.")

    def _product_arrives_and_sells_out(self) -> None:
        counted: dict[str, Any] = {
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 5,
            "InvStartDate": "2020-01-01",
            "AssetAccountRef": {"value": "81"},
            "ExpenseAccountRef": {"value": "80"},
        }
        item = self._stage.quickbooks.add_item(NEW_SKU, "Tall vase", "45.00", **counted)
        self.tell(f"The bookkeeper adds a new product, {NEW_SKU}, with 5 on hand.")
        self.wait(lambda: self.stock(NEW_SKU).get("available_quantity") == 5)
        self.tell(f"WizCommerce shows it: {self._stocked(NEW_SKU)}.")
        self._stage.quickbooks.by_hand("adjust-stock", Id=item["Id"], to=0)
        self._stage.engine.schedule.due_now(CONNECTION, "stock")
        self.wait(lambda: self.stock(NEW_SKU).get("inventory_status") == "OUT_OF_STOCK")
        self.tell(f"The last ones are gone, and the next look at the stock blocks it: {self._stocked(NEW_SKU)}.")

    def stock(self, sku: str) -> dict[str, Any]:
        """WizCommerce's stock record of a SKU; {} while it has none."""
        records = self._stage.wizcommerce.state
        found: dict[str, Any] = self._stage.seller.call_in_loop(lambda: dict(records.inventories.get(sku) or {}))
        return found

    def _stocked(self, sku: str) -> str:
        stock = self.stock(sku)
        standing = str(stock.get("inventory_status", "no stock record")).replace("_", " ").lower()
        return f"{stock.get('available_quantity', 0):f} available of {stock.get('in_stock_quantity', 0):f}, {standing}"

    # ---- how it is done --------------------------------------------------------------------------------------------------------

    def _consent(self) -> None:
        """An administrator opens our link: our page, QuickBooks' consent page, our callback."""
        link = self._stage.engine.connecting.make_link(CONNECTION, ACTOR)
        with httpx.Client(follow_redirects=True, trust_env=False, timeout=PATIENCE_SECONDS) as browser:
            browser.get(link).raise_for_status()

    def sell(self, act: str, *what: object, **more: object) -> None:
        """Somebody does something in WizCommerce."""
        self._stage.seller.call_in_loop(getattr(self._stage.wizcommerce, act), *what, **more)

    def bill(self, number: str, customer: str, sku: str, quantity: int, price: str) -> None:
        """A bookkeeper makes an invoice in QuickBooks itself."""
        books = self._stage.quickbooks
        [buyer] = [one for one in books.customers() if one["DisplayName"] == customer]
        [item] = [one for one in books.items() if one.get("Sku") == sku]
        detail = {"ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": Decimal(price)}
        line = {
            "DetailType": "SalesItemLineDetail",
            "Amount": quantity * Decimal(price),
            "SalesItemLineDetail": detail,
        }
        books.by_hand("add-invoice", CustomerRef={"value": buyer["Id"]}, DocNumber=number, Line=[line])

    def _confirm(self, number: str, customer: str, lines: list[tuple[str, int, str]]) -> None:
        self.sell("confirm_order", number, customer, lines)

    def _gate(self) -> str:
        gate = self._stage.engine.around.gate(CONNECTION)
        return gate.quickbooks if gate else "new"

    def money(self, number: str) -> tuple[Decimal, Decimal]:
        """What the invoices of that number come to in QuickBooks, and what is left to pay of them; -1 while there is none."""
        made = [one for one in self._stage.quickbooks.invoices() if one.doc_number == number]
        if not made:
            return Decimal(-1), Decimal(-1)
        return sum((one.total for one in made), Decimal(0)), sum((one.balance for one in made), Decimal(0))

    def edit_invoice(self, number: str, **wire: Any) -> None:
        """A bookkeeper changes the invoice of that number in QuickBooks."""
        [made] = [one for one in self._stage.quickbooks.invoices() if one.doc_number == number]
        self._stage.quickbooks.by_hand("edit-invoice", Id=made.id, **wire)

    def order(self, number: str) -> dict[str, Any]:
        """An order as WizCommerce shows it."""
        found: list[dict[str, Any]] = self._stage.seller.call_in_loop(self._stage.wizcommerce.orders)
        return next(one for one in found if one["display_id"] == number)

    def where(self, number: str) -> str:
        """Where an order stands, in a sentence; '' while nobody has seen it."""
        stream = stream_of(self._stage, number)
        return self._stage.engine.people.where(stream) if stream else ""

    def _wait_for_invoices(self, *numbers: str) -> None:
        """Until QuickBooks has them and we know."""
        self.wait(lambda: all(self.where(number).startswith("sent") for number in numbers))

    def wait(self, there: Callable[[], bool]) -> None:
        """At most so long: it is said, and what has not happened by then shows in the figures at the end."""
        until = time.monotonic() + PATIENCE_SECONDS
        never = threading.Event()
        while not there():
            if time.monotonic() > until:
                self.tell(f"Something that should happen now has not happened within {PATIENCE_SECONDS:.0f} s.")
                return
            never.wait(LOOK_SECONDS)

    def tell(self, text: str) -> None:
        """Says what happened, and when."""
        self._say(f"{time.monotonic() - self._begun:5.1f} s  {text}")


def stream_of(stage: Stage, number: str) -> str:
    """The stream of the order with this number; '' while nobody has seen it."""
    remote = next(
        (o["id"] for o in stage.seller.call_in_loop(stage.wizcommerce.orders) if o["display_id"] == number), ""
    )
    return stage.engine.around.stream_of(CONNECTION, "wizcommerce", "order", remote) if remote else ""
