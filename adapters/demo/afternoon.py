"""The afternoon: an order is edited after its invoice went, another is cancelled, and one is paid in two parts."""

from decimal import Decimal

from adapters.demo.morning import Morning

EDITED, CANCELLED, PAID = "WC-1003", "WC-1005", "WC-1001"
PARTS = (Decimal("40.00"), Decimal("60.00"))


class Afternoon:
    """Goes on where the morning ended, on the same stage."""

    def __init__(self, morning: Morning) -> None:
        self._day = morning

    def play(self) -> None:
        """Each act is told when QuickBooks shows what follows from it."""
        self._an_edit()
        self._a_cancellation()
        self._two_payments()

    def _an_edit(self) -> None:
        self._day.sell("edit_order", EDITED, "", [("VASE-01", 1, "25.00"), ("BOWL-02", 8, "11.75")])
        self._day.wait(lambda: self._day.invoice(EDITED).total == Decimal("119.00"))
        total = self._day.invoice(EDITED).total
        self._day.tell(f"{EDITED} is edited in WizCommerce: its invoice follows, now {total:.2f}, the same document.")

    def _a_cancellation(self) -> None:
        self._day.sell("cancel_order", CANCELLED)
        self._day.wait(lambda: self._day.invoice(CANCELLED).total == 0)
        self._day.tell(f"{CANCELLED} is cancelled: its invoice, unpaid and of this month, is voided.")

    def _two_payments(self) -> None:
        for part in PARTS:
            before = self._day.invoice(PAID).balance
            self._day.sell("by_hand", "take-payment", display_id=PAID, amount=part)
            self._day.wait(lambda left=before - part: self._day.invoice(PAID).balance == left)  # type: ignore[misc]
            left = self._day.invoice(PAID).balance
            self._day.tell(
                f"{part:.2f} is taken for {PAID} in WizCommerce: a payment in QuickBooks, {left:.2f} left to pay."
            )
