"""Invoices at random: possible and impossible ones, changed, voided and deleted, at revisions current and stale."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.adapters.asked_books import CENTS, DAYS, SOME, STALE, TODAY, UNKNOWN, Wire
from tests.adapters.names_at_random import NamesAtRandom

NUMBERS = st.sampled_from(["", "1037", "1038", "WC-1"])
LINES = st.lists(st.tuples(SOME, st.integers(1, 5), CENTS), min_size=1, max_size=3)
EXTRAS = st.tuples(st.sampled_from([0, 0, 10]), st.sampled_from([Decimal(0), Decimal(0), Decimal("7.50")]))


class InvoicesAtRandom(NamesAtRandom):
    """The rules of invoices."""

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
