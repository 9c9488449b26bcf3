"""Invoices made in QuickBooks at random, with signals and answers lost, doubled and late: each has one order, or its reason.

What is expected is kept by the test itself, from what its people did; what is there, from the stand-ins' own state.
"""

import random
from decimal import Decimal

import pytest

from adapters.standin.faults import FaultRule
from tests.born import order_of, orders, sold, vase, where, write_invoice
from tests.payments import by_bookkeeper, by_seller
from tests.shop import Shop
from tests.telling import pass_by
from tests.world import CONNECTION

LATER = 2_000.0
"""By then a poll has seen what no signal told."""
EACH = Decimal("25.00")


class Paper:
    """What people did with one invoice, and what must have come of it."""

    def __init__(self, shop: Shop, number: str, chance: random.Random) -> None:
        self.shop, self.world, self.number = shop, shop.world, number
        self.quantity = chance.randint(1, 9)
        self.reason = chance.choice(["", "", "", "baseline", "customer"])
        """Why it is no order, '' where it is one."""
        customer = "1" if self.reason != "customer" else str(shop.quickbooks.add_customer(f"Nobody {number}")["Id"])
        if self.reason == "baseline":
            self.world.their_clock.move(-3 * 86_400)
        self.invoice = write_invoice(shop, number, [sold(vase(shop), self.quantity)], customer=customer)
        if self.reason == "baseline":
            self.world.their_clock.move(3 * 86_400)
        self.ended = False
        self.told = False
        """Whether somebody changed the order in WizCommerce, and the invoice was not edited since."""
        self.paid_there: list[Decimal] = []
        self.received: list[Decimal] = []

    @property
    def total(self) -> Decimal:
        return self.quantity * EACH

    def act(self, chance: random.Random) -> None:
        """One thing that a person does on either side, once the last one was seen."""
        left = self.total - sum([*self.paid_there, *self.received], Decimal(0))
        match chance.choice(["edits", "edits", "pays", "is paid", "ends", "is edited there"]):
            case "edits" if not self.ended and left == self.total:
                self.quantity = self.quantity % 9 + 1
                by_bookkeeper(self.world, "edit-invoice", Id=self.invoice, Line=[sold(vase(self.shop), self.quantity)])
                self.told = False
            case "pays" if not self.ended and left > 3:
                by_bookkeeper(self.world, "receive-payment", invoices=[self.invoice], TotalAmt="1.10")
                self.received.append(Decimal("1.10"))
            case "is paid" if not (self.ended or self.reason) and left > 3:
                by_seller(self.world, "take-payment", display_id=self.number, amount="2.30")
                self.paid_there.append(Decimal("2.30"))
            case "ends" if not self.ended and left == self.total:
                by_bookkeeper(self.world, chance.choice(["void-invoice", "delete-invoice"]), Id=self.invoice)
                self.ended, self.told = True, False
            case "is edited there" if not (self.ended or self.reason):
                self.world.wizcommerce.edit_order(self.number, [("VASE-01", 99, "1.00")])
                self.told = True
            case _:
                pass
        pass_by(self.world, LATER)


@pytest.mark.parametrize("seed", range(2))
def test_each_invoice_of_quickbooks_has_exactly_one_order_or_its_reason(shop: Shop, seed: int) -> None:
    chance, world = random.Random(seed), shop.world
    world.choose(new_customers_in_wizcommerce="none")
    shop.quickbooks.set_switches(
        webhooks_on=chance.random() < 0.7,
        webhook_duplicates=chance.randint(0, 2),
        webhook_disorder=chance.random() < 0.5,
    )
    world.wizcommerce.switch(webhooks=chance.random() < 0.7, webhook_duplicates=chance.random() < 0.5)
    for method in ("POST", "PUT", "PATCH"):
        for kind in ("reset-after", "429", "reset-before"):
            rule = FaultRule(kind, method=method, path="/orders")
            world.wizcommerce.do(world.wizcommerce.standin.faults.add, rule)
    world.wizcommerce.confirm_order("WC-1001", "Bloom & Co", [("VASE-01", 1, "25.00")])
    papers = [Paper(shop, f"B-{place}", chance) for place in range(4)]
    pass_by(world, LATER)
    by_bookkeeper(world, "copy-invoice", Id=next(one.id for one in world.invoices() if one.doc_number == "WC-1001"))

    for _ in range(12):
        chance.choice(papers).act(chance)
    for _ in range(2):
        pass_by(world, LATER)

    there = {one["reference_id"]: one for one in orders(world) if one["reference_id"]}
    assert len(there) == len(orders(world)) - 1  # the one that was made there, and never another
    for paper in papers:
        order = there.pop(f"QBO:acme:invoice:{paper.invoice}", None)
        assert (order is None) == bool(paper.reason), paper.number
        if order is None:
            expected = {"baseline": "baseline", "customer": "is not in WizCommerce"}[paper.reason]
            # What is older than our first look, and of which no signal came, was never seen.
            seen = world.engine.around.stream_of(CONNECTION, "quickbooks", "invoice", paper.invoice)
            assert seen or paper.reason == "baseline"
            assert paper.ended or not seen or expected in where(world, paper.invoice)
            continue
        assert order["status"] == ("cancelled" if paper.ended else "confirmed"), paper.number
        amount = Decimal(99) if paper.told else paper.total
        assert paper.ended or order["amount"] == amount, paper.number
        assert order["amount_paid"] == sum(paper.paid_there), paper.number
        attention = order_of(world, paper.invoice).attention
        assert ("order-there" in attention) == paper.told, (paper.number, attention)
        if not paper.ended:
            [invoice] = [one for one in world.invoices() if one.id == paper.invoice]
            assert invoice.balance == paper.total - sum([*paper.paid_there, *paper.received]), paper.number
    assert there == {}
    ours = [one for one in shop.quickbooks.calls.all() if one.operation == "create invoice"]
    assert len(ours) == 1 and world.rows("SELECT * FROM pending_work") == []
