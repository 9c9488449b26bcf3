"""Customers, vendors, employees and items at random: added, changed, switched on and off, counted, merged."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.adapters.asked_books import CENTS, SOME, STALE, AskedBooks, Wire

NAMES = st.sampled_from(["Bloom & Co", "BLOOM & CO", "Garden & Co", "D'Arcy", "Vase", "vase", "Bowl"])


class NamesAtRandom(AskedBooks):
    """The rules of the lists."""

    @rule(name=NAMES, parent=st.one_of(st.none(), SOME))
    def adds_a_customer(self, name: str, parent: int | None) -> None:
        above = None if parent is None else self.one("Customer", parent, Active=True)
        job = {"Job": True, "ParentRef": {"value": above["Id"]}} if above else {}
        taken = name.casefold() in self.names()
        too_deep = above is not None and above.get("Level", 0) >= 4
        self.ask("Customer", {"DisplayName": name, **job}, refused=None if too_deep and not taken else taken)

    @rule(name=NAMES, verb=st.sampled_from(["add-vendor", "add-employee"]))
    def a_person_adds_a_name(self, name: str, verb: str) -> None:
        self.by_hand(verb, {"DisplayName": name}, refused=name.casefold() in self.names())

    @rule(place=SOME, name=st.one_of(st.none(), NAMES), note=st.sampled_from(["", "a", "b"]), stale=STALE)
    def changes_a_customer(self, place: int, name: str | None, note: str, stale: bool) -> None:
        if (customer := self.one("Customer", place, Active=True)) is None:
            return
        token = str(int(customer["SyncToken"]) - 1) if stale else customer["SyncToken"]
        change = {"Notes": note, **({"DisplayName": name} if name else {})}
        taken = name is not None and name.casefold() in self.names() - {customer["DisplayName"].casefold()}
        self.ask("Customer", {"Id": customer["Id"], "SyncToken": token, "sparse": True, **change}, stale or taken)

    @rule(place=SOME, active=st.booleans())
    def switches_a_customer_on_or_off(self, place: int, active: bool) -> None:
        if (customer := self.one("Customer", place)) is None:
            return
        refused = None
        if customer["Active"] and not active and customer["Balance"] != 0:
            refused = True
        key = {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True}
        self.ask("Customer", {**key, "Active": active}, refused)

    @rule(name=NAMES, kind=st.sampled_from(["NonInventory", "Service", "Inventory"]), hand=st.integers(0, 50))
    def adds_an_item(self, name: str, kind: str, hand: int) -> None:
        taken = name.casefold() in {row["FullyQualifiedName"].casefold() for row in self.rows("Item")}
        stocked: Wire = {
            "TrackQtyOnHand": True,
            "QtyOnHand": hand,
            "InvStartDate": "2026-01-01",
            "ExpenseAccountRef": {"value": "80"},
            "AssetAccountRef": {"value": "81"},
        }
        body = {"Name": name, "Type": kind, "UnitPrice": 5, "IncomeAccountRef": {"value": "79"}}
        made = self.ask("Item", {**body, **(stocked if kind == "Inventory" else {})}, taken)
        if made and kind == "Inventory":
            self.stock[made["Id"]] = Decimal(hand)

    @rule(place=SOME, active=st.booleans(), price=CENTS)
    def changes_an_item(self, place: int, active: bool, price: Decimal) -> None:
        if (item := self.one("Item", place)) is None:
            return
        key = {"Id": item["Id"], "SyncToken": item["SyncToken"], "sparse": True}
        self.ask("Item", {**key, "Active": active, "UnitPrice": price}, None if active != item["Active"] else False)

    @rule(place=SOME, by=st.integers(-5, 20))
    def a_person_counts_stock(self, place: int, by: int) -> None:
        if (item := self.one("Item", place, Type="Inventory", Active=True)) is None:
            return
        self.stock[item["Id"]] += by
        self.by_hand("adjust-stock", {"Id": item["Id"], "by": by})

    @rule(winner=SOME, loser=SOME)
    def a_person_merges_customers(self, winner: int, loser: int) -> None:
        """Who has sub-customers stays."""
        kept, lost = (self.one("Customer", place, Active=True) for place in (winner, loser))
        if kept is None or lost is None:
            return
        above = {row.get("ParentRef", {}).get("value") for row in self.rows("Customer")}
        refused = kept["Id"] == lost["Id"] or lost["Id"] in above
        self.by_hand("merge-customers", {"Id": lost["Id"], "into": kept["Id"]}, refused, merging=True)

    @rule(winner=SOME, loser=SOME)
    def a_person_merges_items(self, winner: int, loser: int) -> None:
        kept, lost = (self.one("Item", place, Active=True) for place in (winner, loser))
        if kept is None or lost is None:
            return
        refused = kept["Id"] == lost["Id"] or kept["Type"] != lost["Type"]
        if not refused and kept["Type"] == "Inventory":
            self.stock[kept["Id"]] += self.stock[lost["Id"]]
            self.stock[lost["Id"]] = Decimal(0)
        self.by_hand("merge-items", {"Id": lost["Id"], "into": kept["Id"]}, refused, merging=True)
