"""A catalogue that people edit at random, and what WizCommerce is to show of it: foretold from QuickBooks' own state alone.

What was shown once and cannot be kept equal any more stays as it was, with its reason; what was never shown is not there.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.shop import Shop
from tests.telling import pass_by

TYPES = ("Inventory", "Inventory", "NonInventory", "Service")
PULLS = ("changes", "products", "categories", "stock", "shop-products", "shop-stock")


@dataclass
class Catalogue:
    """A shop whose items and categories are edited by `seed`."""

    shop: Shop
    seed: int
    items: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        world = self.shop.world
        world.wizcommerce.switch(a29_patched_status="accepted", patched_sku="accepted")
        self.categories = [self.shop.category("Decor"), self.shop.category("Garden")]
        for _ in range(8):
            self.number += 1
            self.items.append(self.shop.item(f"SKU-{self.number:03}", 5, "9.00", Name=f"Thing {self.number}"))
        world.settle()

    # ---- people --------------------------------------------------------------------------------------------------------------

    def edit(self) -> None:
        """One edit of somebody's."""
        acts = [self._add, self._add, self._rename, self._price, self._price, self._count, self._move]
        acts += [
            self._rename_category,
            self._deactivate,
            self._reactivate,
            self._reactivate,
            self._new_sku,
            self._spoil,
        ]
        self.random.choice(acts)()

    def _add(self) -> None:
        self.number += 1
        kind = self.random.choice(TYPES)
        sku = self.random.choice([f"SKU-{self.number:03}"] * 8 + ["", f"SKU-{max(1, self.number - 1):03}"])
        on_hand = str(self.random.choice([0, 1, 7, "0.333", -2])) if kind == "Inventory" else None
        wire: dict[str, Any] = {} if kind == "Inventory" else {"Type": kind}
        if self.random.random() < 0.4:
            wire |= {"SubItem": True, "ParentRef": {"value": self.random.choice(self.categories)}}
        price = self.random.choice(["25.00", "12.50", "0", "7.1234567"])
        self.items.append(self.shop.item(sku, on_hand, price, Name=f"Thing {self.number}", **wire))

    def _any(self) -> str | None:
        return self.random.choice(self.items) if self.items else None

    def _rename(self) -> None:
        if item := self._any():
            self.number += 1
            self._try(item, Name=f"Thing {self.number}")

    def _price(self) -> None:
        if item := self._any():
            self._try(item, UnitPrice=Decimal(self.random.choice(["25.00", "30.00", "0.01"])))

    def _spoil(self) -> None:
        if item := self._any():
            self._try(item, UnitPrice=Decimal(0))

    def _new_sku(self) -> None:
        if item := self._any():
            self.number += 1
            self._try(item, Sku=f"SKU-{self.number:03}")

    def _count(self) -> None:
        counted = [one for one in self.items if self._wire(one)["Type"] == "Inventory"]
        if counted:
            self.shop.count(self.random.choice(counted), self.random.choice([0, 3, "2.5", -1, 40]))

    def _move(self) -> None:
        if item := self._any():
            parent = {"SubItem": True, "ParentRef": {"value": self.random.choice(self.categories)}}
            self._try(item, **parent)

    def _rename_category(self) -> None:
        self.number += 1
        self.shop.edit(self.random.choice(self.categories), Name=f"Category {self.number}")

    def _deactivate(self) -> None:
        if (item := self._any()) and self._wire(item)["Active"]:
            self.shop.quickbooks.by_hand("deactivate-item", Id=item)

    def _reactivate(self) -> None:
        if (item := self._any()) and not self._wire(item)["Active"]:
            self.shop.quickbooks.by_hand("reactivate-item", Id=item)

    def _try(self, item: str, **wire: Any) -> None:
        """Inactive items are left alone: their names carry a suffix."""
        if self._wire(item)["Active"]:
            self.shop.edit(item, **wire)

    # ---- what is foretold ----------------------------------------------------------------------------------------------------

    def _wire(self, item: str) -> dict[str, Any]:
        return self._wires()[item]

    def _wires(self) -> dict[str, dict[str, Any]]:
        [company] = self.shop.quickbooks.companies.values()
        found: dict[str, dict[str, Any]] = self.shop.world.quickbooks_running.call_in_loop(
            lambda: {one.id: dict(one.wire) for one in company.all("Item")}
        )
        return found

    def foretold(self) -> dict[str, str]:
        """Item → '' when WizCommerce is to show it as it is now, else the reason why not."""
        wires = self._wires()
        shared = Counter(
            one.get("Sku", "").strip().casefold()
            for one in wires.values()
            if one["Active"] and one["Type"] != "Category" and one.get("Sku", "").strip()
        )
        reasons = {}
        for item in self.items:
            one = wires[item]
            sku = one.get("Sku", "").strip()
            reasons[item] = (
                "inactive"
                if not one["Active"]
                else "no-sku"
                if not sku
                else "duplicate-sku"
                if shared[sku.casefold()] > 1
                else "no-price"
                if not one["UnitPrice"]
                else ""
            )
        return reasons

    def settle(self) -> None:
        """Everything that was missed is pulled, and everything follows."""
        for _ in range(3):
            pass_by(self.shop.world, 400)
            self.shop.pull(*PULLS)
        pass_by(self.shop.world, 400)

    def disagreements(self) -> list[str]:
        """Where WizCommerce, or the reason we give, is not as foretold."""
        wires, products = self._wires(), self.shop.products()
        found = []
        for item, reason in self.foretold().items():
            logged = self.shop.logged(item)
            there = next((p for p in products.values() if p["id"] == logged.links.get("wizcommerce")), None)
            if reason == "":
                found += self._wrong(item, wires[item], there)
            elif reason == "inactive":
                if there is not None and there["status"] == "active":
                    found.append(f"{item} is inactive and shown")
            elif there is None and self.shop.reason(item) != reason:
                found.append(f"{item}: {self.shop.reason(item) or '(no reason)'} instead of {reason}")
        spare = {p["id"] for p in products.values()} - {
            self.shop.logged(item).links.get("wizcommerce") for item in [*self.items, *self._first()]
        }
        return found + [f"nobody's product {one}" for one in spare]

    def _first(self) -> list[str]:
        """The items that were there from the beginning."""
        return [one for one, wire in self._wires().items() if one not in self.items and wire["Type"] != "Category"]

    def _wrong(self, item: str, wire: dict[str, Any], there: dict[str, Any] | None) -> list[str]:
        if there is None or there["status"] != "active":
            return [f"{item} is not shown: {self.shop.logged(item).withheld}"]
        path = "::".join(wire["FullyQualifiedName"].split(":")[:-1])
        name = wire["Name"].removesuffix(" (deleted)")  # what was made active again may still carry it
        price = next((p["price"] for p in there["price_lists"] if p["id"] == self.shop.price_list), None)
        told = {
            "name": (there["name"], name),
            "sku": (there["sku"], wire["Sku"]),
            "category": (there["categories"], [path] if path else []),
            "price": (price, wire["UnitPrice"]),
        }
        if wire["Type"] == "Inventory":
            on_hand = max(Decimal(0), Decimal(str(wire["QtyOnHand"])))
            told["stock"] = (self.shop.stock(there["sku"]), (on_hand, 0, on_hand))
        return [f"{item}: {what} {a} instead of {b}" for what, (a, b) in told.items() if a != b]
