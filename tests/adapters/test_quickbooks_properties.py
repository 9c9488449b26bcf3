"""The QuickBooks stand-in under random operations, valid and invalid: its books keep the laws of `ledger` throughout.

The same examples run every time. `PROPERTY_EXAMPLES=500` runs that many others instead.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from adapters.standin.wire import read_json
from tests.adapters import ledger
from tests.adapters.asked_books import CLOSED_TO, TODAY, AskedBooks

Wire = dict[str, Any]

MORE_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES", "")
NAMES = st.sampled_from(["Bloom & Co", "BLOOM & CO", "Garden & Co", "D'Arcy", "Vase", "vase", "Bowl"])
NUMBERS = st.sampled_from(["", "1037", "1038", "WC-1"])
SOME = st.integers(0, 999)
CENTS = st.integers(0, 30_000).map(lambda cents: Decimal(cents) / 100)
DAYS = st.sampled_from(["2026-01-15", TODAY])
UNKNOWN = "987654"
# One in four.
STALE = st.sampled_from([False, False, False, True])


class Books(AskedBooks):
    """One company. Every rule asks one thing, and knows when it must be refused."""

    @initialize(tax=st.sampled_from(["none", "flat"]), own_numbers=st.booleans())
    def is_set_up(self, tax: str, own_numbers: bool) -> None:
        self.http.post("/_standin/switches", json={"tax": tax}).raise_for_status()
        self.own_numbers = own_numbers
        self.http.get(f"{self.path}/preferences").raise_for_status()
        self.company = self.as_they_are()
        self.by_hand("set-preferences", {"SalesFormsPrefs": {"CustomTxnNumbers": own_numbers, "AllowDeposit": True}})
        self.adds_a_customer(name="Bloom & Co", parent=None)
        self.adds_a_customer(name="Garden & Co", parent=0)
        self.adds_an_item(name="Vase", kind="Inventory", hand=50)
        self.adds_an_invoice(
            place=0, parts=[(1, 4, Decimal(25))], extras=(0, Decimal(0)), number="1037", day=TODAY, deposit=0
        )
        self.receives_a_payment(place=0, share=40, more=Decimal(7), day=TODAY)

    # Names

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

    # Documents

    def lines(self, parts: list[tuple[int, int, Decimal]], discount: int, shipping: Decimal) -> list[Wire]:
        lines: list[Wire] = []
        for place, quantity, price in parts:
            item = self.one("Item", place, Active=True) or {"Id": UNKNOWN}
            detail = {
                "ItemRef": {"value": item["Id"]},
                "Qty": quantity,
                "UnitPrice": price,
                "TaxCodeRef": {"value": "TAX"},
            }
            amount = quantity * price
            lines.append({"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail})
        if discount:
            detail = {"PercentBased": True, "DiscountPercent": discount}
            lines.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
        if shipping:
            detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
            lines.append({"DetailType": "SalesItemLineDetail", "Amount": shipping, "SalesItemLineDetail": detail})
        return lines

    LINES = st.lists(st.tuples(SOME, st.integers(1, 5), CENTS), min_size=1, max_size=3)
    EXTRAS = st.tuples(st.sampled_from([0, 0, 10]), st.sampled_from([Decimal(0), Decimal(0), Decimal("7.50")]))

    @rule(place=SOME, parts=LINES, extras=EXTRAS, number=NUMBERS, day=DAYS, deposit=st.sampled_from([0, 0, 1]))
    def adds_an_invoice(
        self, place: int, parts: Any, extras: tuple[int, Decimal], number: str, day: str, deposit: int
    ) -> None:
        if (customer := self.one("Customer", place, Active=True)) is None or not self.rows("Item", Active=True):
            return
        body = {
            "CustomerRef": {"value": customer["Id"]},
            "TxnDate": day,
            "Line": self.lines(parts, *extras),
            **({"DocNumber": number} if number else {}),
            **({"Deposit": deposit} if deposit else {}),
        }
        taken = bool(number) and self.own_numbers and bool(self.rows("Invoice", DocNumber=number))
        refused: bool | None = taken or self.written_too_early(day)
        self.ask("Invoice", body, None if deposit and not refused else refused)

    @rule(
        place=SOME,
        parts=LINES,
        flaw=st.sampled_from(["amount", "customer", "item", "empty", "number", "day", "property"]),
    )
    def asks_for_an_impossible_invoice(self, place: int, parts: Any, flaw: str) -> None:
        customer = self.one("Customer", place, Active=True) or {"Id": UNKNOWN}
        lines = self.lines(parts, 0, Decimal(0))
        body: Wire = {"CustomerRef": {"value": customer["Id"]}, "TxnDate": TODAY, "Line": lines}
        if flaw == "amount":
            lines[0]["Amount"] += Decimal("0.01")
        elif flaw == "item":
            lines[-1]["SalesItemLineDetail"]["ItemRef"]["value"] = UNKNOWN
        else:
            body |= {
                "customer": {"CustomerRef": {"value": UNKNOWN}},
                "empty": {"Line": []},
                "number": {"DocNumber": "9" * 22},
                "day": {"TxnDate": "2026-02-30"},
                "property": {"Colour": "red"},
            }[flaw]
        self.ask("Invoice", body, refused=True)

    @rule(
        place=SOME,
        parts=st.one_of(st.none(), LINES),
        extras=EXTRAS,
        stale=STALE,
        note=st.sampled_from(["", "x"]),
    )
    def changes_an_invoice(self, place: int, parts: Any, extras: tuple[int, Decimal], stale: bool, note: str) -> None:
        if (invoice := self.one("Invoice", place)) is None:
            return
        token = str(int(invoice["SyncToken"]) - 1) if stale else invoice["SyncToken"]
        change: Wire = {"PrivateNote": note}
        if parts:
            change["Line"] = self.lines(parts, *extras)
        refused: bool | None = stale or self.written_too_early(invoice["TxnDate"])
        self.ask(
            "Invoice",
            {"Id": invoice["Id"], "SyncToken": token, "sparse": True, **change},
            refused or None,
        )

    @precondition(lambda self: self.rows("Invoice"))
    @rule(place=SOME, ending=st.sampled_from(["void", "delete"]), stale=STALE)
    def ends_an_invoice(self, place: int, ending: str, stale: bool) -> None:
        if (invoice := self.one("Invoice", place)) is None:
            return
        token = str(int(invoice["SyncToken"]) - 1) if stale else invoice["SyncToken"]
        refused = stale or self.written_too_early(invoice["TxnDate"])
        paid = bool(invoice["LinkedTxn"])
        self.ask(
            "Invoice", {"Id": invoice["Id"], "SyncToken": token}, refused or (None if paid else False), operation=ending
        )

    @rule(place=SOME, share=st.sampled_from([0, 40, 100, 150]), more=CENTS, day=DAYS)
    def receives_a_payment(self, place: int, share: int, more: Decimal, day: str) -> None:
        """Of nothing, a part, the whole or too much of an invoice, and some more."""
        invoice = self.one("Invoice", place)
        customer = (
            invoice["CustomerRef"]["value"] if invoice else (self.one("Customer", place) or {"Id": UNKNOWN})["Id"]
        )
        part = (Decimal(invoice["Balance"]) * share / 100).quantize(Decimal("0.01")) if invoice else Decimal(0)
        lines = (
            [{"Amount": part, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}]
            if invoice and part
            else []
        )
        early = self.written_too_early(day)
        active = bool(self.rows("Customer", Id=customer, Active=True))
        refused = True if early or not active else (False if share <= 100 else None)
        body = {"CustomerRef": {"value": customer}, "TotalAmt": part + more, "TxnDate": day, "Line": lines}
        self.ask("Payment", body, refused)

    @rule(place=SOME, other=SOME)
    def pays_what_is_not_there(self, place: int, other: int) -> None:
        if (customer := self.one("Customer", place, Active=True)) is None:
            return
        gone = [one["id"] for one in self.company["deleted"] if one["entity"] == "Invoice"]
        id = gone[other % len(gone)] if gone else UNKNOWN
        lines = [{"Amount": 1, "LinkedTxn": [{"TxnId": id, "TxnType": "Invoice"}]}]
        self.ask("Payment", {"CustomerRef": {"value": customer["Id"]}, "TotalAmt": 1, "Line": lines}, refused=True)

    @precondition(lambda self: self.rows("Payment"))
    @rule(place=SOME, stale=STALE, act=st.sampled_from(["unapply", "note", "more", "void", "delete"]))
    def changes_a_payment(self, place: int, stale: bool, act: str) -> None:
        if (payment := self.one("Payment", place)) is None:
            return
        token = str(int(payment["SyncToken"]) - 1) if stale else payment["SyncToken"]
        key = {"Id": payment["Id"], "SyncToken": token}
        refused = stale or self.written_too_early(payment["TxnDate"]) or None
        if act == "delete":
            self.ask("Payment", key, refused or False, operation="delete")
        elif act == "void":
            self.ask("Payment", {**key, "sparse": True}, refused, operation="update", include="void")
        else:
            changes: dict[str, Wire] = {
                "unapply": {"Line": []},
                "note": {"PrivateNote": "by post"},
                "more": {"TotalAmt": payment["TotalAmt"] + 5},
            }
            self.ask("Payment", {**payment, **key, **changes[act]}, refused)

    # Everything else

    @precondition(lambda self: self.sent)
    @rule(place=SOME)
    def sends_something_again(self, place: int) -> None:
        """The same request id brings the same answer, byte for byte, and nothing happens again."""
        first = self.sent[place % len(self.sent)]

        again = self.post(first.path, first.query, first.body)

        assert again.content == first.answer
        self.look(moved=False, said=f"again {first}")

    @rule(closed=st.booleans())
    def closes_or_reopens_the_books(self, closed: bool) -> None:
        self.closed = closed
        self.by_hand(*(("close-books", {"date": CLOSED_TO}) if closed else ("reopen-books", {})))

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self.http.post("/_standin/clock", json={"move_seconds": seconds}).raise_for_status()

    @invariant()
    def the_books_keep_the_laws(self) -> None:
        assert ledger.broken(self.company["records"], self.stock) == []

    @invariant()
    def changes_since_the_beginning_are_all_there(self) -> None:
        asked = {"entities": "Customer,Item,Invoice,Payment,CreditMemo", "changedSince": self.began}
        answer = self.http.get(f"{self.path}/cdc", params=asked)
        [capture] = read_json(answer.content)["CDCResponse"]
        records, deleted = self.company["records"], self.company["deleted"]
        assert ledger.uncaptured(records, deleted, capture["QueryResponse"]) == []


def test_random_operations_never_break_the_books(tmp_path: Path) -> None:
    set_hypothesis_home_dir(tmp_path)  # it leaves nothing in the project
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=int(MORE_EXAMPLES or 40),
            stateful_step_count=60 if MORE_EXAMPLES else 35,
            derandomize=not MORE_EXAMPLES,
            database=None,
            deadline=None,
            # A failure is shown as it was found; with more examples it is made smaller first, which takes minutes.
            phases=[Phase.generate, *([Phase.shrink] if MORE_EXAMPLES else [])],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
