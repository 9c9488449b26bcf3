"""The afternoon: an order is edited after its invoice went, another is cancelled, one is shipped, and paid in two parts, and an
invoice is made in QuickBooks, becomes an order, and is paid in part too."""

from decimal import Decimal

from adapters.demo.counting import FULFILLED
from adapters.demo.morning import Morning

EDITED, CANCELLED, PAID = "WC-1003", "WC-1005", "WC-1001"
SHIPPED, TRACKING, METHOD = PAID, "1Z999AA10123456784", "UPS Ground"
PARTS = (Decimal("40.00"), Decimal("60.00"))
BY_THE_BOOKKEEPER = "B-2001"
"""The number of the invoice that begins in QuickBooks: three vases."""


class Afternoon:
    """Goes on where the morning ended, on the same stage."""

    def __init__(self, morning: Morning) -> None:
        self._day = morning

    def play(self) -> None:
        """Each act is told when QuickBooks shows what follows from it."""
        self._an_edit()
        self._a_cancellation()
        self._a_shipment()
        self._two_payments()
        self._an_invoice_becomes_an_order()

    def _an_edit(self) -> None:
        self._day.sell("edit_order", EDITED, "", [("VASE-01", 1, "25.00"), ("BOWL-02", 8, "11.75")])
        self._day.wait(lambda: self._day.money(EDITED)[0] == Decimal("119.00"))
        total, _ = self._day.money(EDITED)
        self._day.tell(f"{EDITED} is edited in WizCommerce: its invoice follows, now {total:.2f}, the same document.")

    def _a_cancellation(self) -> None:
        self._day.sell("cancel_order", CANCELLED)
        self._day.wait(lambda: self._day.money(CANCELLED)[0] == 0)
        self._day.tell(f"{CANCELLED} is cancelled: its invoice, unpaid and of this month, is voided.")

    def _a_shipment(self) -> None:
        self._day.edit_invoice(SHIPPED, TrackingNum=TRACKING, ShipMethodRef={"value": METHOD})
        self._day.wait(lambda: self._day.order(SHIPPED)["fulfillment_status"] == FULFILLED)
        standing = self._day.order(SHIPPED)["fulfillment_status"].lower()
        self._day.tell(
            f"The bookkeeper types the tracking number {TRACKING} on invoice {SHIPPED}: WizCommerce has a shipment by {METHOD}, "
            f"and the order is {standing}."
        )

    def _two_payments(self) -> None:
        left = sum(PARTS, Decimal(0))
        for part in PARTS:
            left -= part
            self._day.sell("by_hand", "take-payment", display_id=PAID, amount=part)
            self._wait_for_balance(PAID, left)
            _, there = self._day.money(PAID)
            self._day.tell(
                f"{part:.2f} is taken for {PAID} in WizCommerce: a payment in QuickBooks, {there:.2f} left to pay."
            )

    def _an_invoice_becomes_an_order(self) -> None:
        self._day.bill(BY_THE_BOOKKEEPER, "Garden & Co", "VASE-01", 3, "25.00")
        self._day.wait(lambda: self._day.where(BY_THE_BOOKKEEPER).startswith("sent"))
        self._day.tell(
            f"The bookkeeper makes invoice {BY_THE_BOOKKEEPER} in QuickBooks for Garden & Co, who rang up. "
            f"{BY_THE_BOOKKEEPER}: {self._day.where(BY_THE_BOOKKEEPER)}."
        )
        self._day.sell("by_hand", "take-payment", display_id=BY_THE_BOOKKEEPER, amount=Decimal("25.00"))
        self._wait_for_balance(BY_THE_BOOKKEEPER, Decimal("50.00"))
        _, left = self._day.money(BY_THE_BOOKKEEPER)
        self._day.tell(f"25.00 is taken for it in WizCommerce: that pays the same invoice, {left:.2f} left to pay.")

    def _wait_for_balance(self, number: str, left: Decimal) -> None:
        self._day.wait(lambda: self._day.money(number)[1] == left)
