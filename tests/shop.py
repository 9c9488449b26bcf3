"""A company that sells goods: items and stock in QuickBooks, what WizCommerce shows of them, and what was called for it."""

from decimal import Decimal
from typing import Any

from engine.domain.product import Product
from tests.world import CONNECTION, World

LONG_AGO = "2020-01-01"
COUNTED = {
    "Type": "Inventory",
    "TrackQtyOnHand": True,
    "InvStartDate": LONG_AGO,
    "AssetAccountRef": {"value": "81"},
    "ExpenseAccountRef": {"value": "80"},
}
"""What makes an item one that QuickBooks counts."""


class Shop:
    """Both sides of a world's goods, as a bookkeeper and a buyer see them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.quickbooks = world.quickbooks

    # ---- QuickBooks ----------------------------------------------------------------------------------------------------------

    def item(self, sku: str, on_hand: str | int | None = None, price: str = "25.00", **wire: Any) -> str:
        """A new item; one that is counted where `on_hand` says how many there are. Answers with its id."""
        counted = {} if on_hand is None else {**COUNTED, "QtyOnHand": Decimal(on_hand)}
        return str(self.quickbooks.add_item(sku, price=price, **{**counted, **wire})["Id"])

    def category(self, name: str, parent: str = "") -> str:
        """A new category. Answers with its id."""
        below = {"SubItem": True, "ParentRef": {"value": parent}} if parent else {}
        return str(self.quickbooks.by_hand("add-item", Name=name, Type="Category", **below)["Id"])

    def edit(self, item_id: str, **wire: Any) -> None:
        self.quickbooks.by_hand("edit-item", Id=item_id, **wire)

    def count(self, item_id: str, quantity: str | int) -> None:
        """Somebody counted: so many are on hand."""
        self.quickbooks.by_hand("adjust-stock", Id=item_id, to=Decimal(quantity))

    def writes_to_quickbooks(self) -> list[str]:
        """The operations that wrote to QuickBooks' items."""
        return [
            call.operation
            for call in self.quickbooks.calls.all()
            if call.operation.partition(" ")[2] == "Item" or call.operation.endswith(" item")
            if not call.operation.startswith(("query", "read", "GET"))
        ]

    # ---- what is done --------------------------------------------------------------------------------------------------------

    def pull(self, *what: str) -> None:
        """These pulls are due now, and everything follows."""
        self.world.engine.schedule.due_now(CONNECTION, *what)
        self.world.settle()

    # ---- WizCommerce ---------------------------------------------------------------------------------------------------------

    def products(self) -> dict[str, dict[str, Any]]:
        """WizCommerce's products by their SKU, from its own state."""
        records = self.world.wizcommerce.standin.state
        found: dict[str, dict[str, Any]] = self.world.wizcommerce.do(
            lambda: {one["sku"]: dict(one) for one in records.products.values()}
        )
        return found

    def shown(self, sku: str) -> dict[str, Any]:
        """A product as WizCommerce shows it."""
        return self.products()[sku]

    def price(self, sku: str) -> Decimal:
        """Its price in the list that prices go to."""
        [price] = [one["price"] for one in self.shown(sku)["price_lists"] if one["id"] == self.price_list]
        return Decimal(price)

    def stock(self, sku: str) -> tuple[Decimal, Decimal, Decimal]:
        """(in stock, reserved, available) as WizCommerce shows it."""
        stock = self.inventory(sku)
        return stock["in_stock_quantity"], stock["reserved_quantity"], stock["available_quantity"]

    def inventory(self, sku: str) -> dict[str, Any]:
        """The stock record of a SKU."""
        records = self.world.wizcommerce.standin.state
        found: dict[str, Any] = self.world.wizcommerce.do(lambda: dict(records.inventories[sku]))
        return found

    def hand(self, movement: str, **body: Any) -> Any:
        """What a seller does in WizCommerce."""
        return self.world.wizcommerce.do(lambda: self.world.wizcommerce.standin.by_hand(movement, **body))

    @property
    def price_list(self) -> str:
        records = self.world.wizcommerce.standin.state
        found: str = self.world.wizcommerce.do(records.default_price_list_id)
        return found

    def calls(self, operation: str) -> int:
        """How often WizCommerce was asked for this, by its own log."""
        return sum(call.operation == operation for call in self.world.wizcommerce.standin.calls.all())

    # ---- ours ----------------------------------------------------------------------------------------------------------------

    def logged(self, item_id: str) -> Product:
        """The product of a QuickBooks item, as the log has it."""
        stream = self.world.engine.around.stream_of(CONNECTION, "quickbooks", "product", item_id)
        assert stream, f"item {item_id} was never seen"
        return self.world.engine.records.product(stream)

    def reason(self, item_id: str) -> str:
        """Why it is held or left alone; '' when it is not."""
        withheld = self.logged(item_id).withheld
        return withheld.reason if withheld else ""

    def told(self, item_id: str) -> dict[str, str]:
        """Topic → sentence of what a person is to look at there."""
        return {topic: one.sentence for topic, one in self.logged(item_id).attention.items()}
