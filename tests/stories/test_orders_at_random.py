"""Orders and their invoices at random on both sides, with signals and answers lost, doubled and reordered.

What is expected is kept by the test itself, from what its people did; what is there, from the stand-ins' own state.
"""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.payments import by_bookkeeper, invoiced
from tests.telling import attention, pass_by
from tests.world import World

ORDERS = ("WC-1", "WC-2", "WC-3", "WC-4")
LATER = 7_200.0
"""By then a poll has seen what no signal told."""
SKUS = ("VASE-01", "BOWL-02")


class Paper:
    """What people did with one order and its invoice, and what must have come of it."""

    def __init__(self, world: World, number: str) -> None:
        self.world, self.number = world, number
        self.total = Decimal("100.00")
        self.cancelled = False
        self.voided = False
        self.frozen: Decimal | None = None
        """What the invoice came to when the bookkeeper made it his own: nothing of ours may change it after that."""
        self.gone = False

    @property
    def mine(self) -> bool:
        return self.frozen is None and not self.voided

    def edit(self, chance: random.Random) -> None:
        lines = [
            (sku, chance.randint(1, 9), str(chance.randint(100, 4000) / 100)) for sku in SKUS[: chance.randint(1, 2)]
        ]
        if self.cancelled:
            return
        self.world.wizcommerce.edit_order(self.number, lines, po_number=f"PO-{chance.randint(1, 99)}")
        self.total = sum((Decimal(price) * quantity for _, quantity, price in lines), Decimal(0))

    def cancel(self) -> None:
        if not self.cancelled:
            self.world.wizcommerce.cancel_order(self.number)
            self.cancelled = True
            self.voided = self.voided or self.mine

    def confirm_again(self) -> None:
        if self.cancelled and self.voided:
            self.world.wizcommerce.confirm_order(self.number, "", [])
            self.cancelled = False

    def touch(self, chance: random.Random) -> None:
        """The bookkeeper pays a part, changes money, voids, deletes, or only writes a memo."""
        if not self.mine or self.cancelled:
            return
        invoice = next(one for one in self.world.invoices() if one.doc_number == self.number)
        match chance.choice(["pays", "edits", "voids", "deletes", "writes a memo", "copies"]):
            case "pays":
                by_bookkeeper(self.world, "receive-payment", invoices=[invoice.id], TotalAmt="0.50")
                self.frozen = invoice.total
            case "edits":
                line = next(one for one in invoice.wire["Line"] if "Id" in one)
                detail = {**line["SalesItemLineDetail"], "Qty": 1, "UnitPrice": 7}
                by_bookkeeper(
                    self.world,
                    "edit-invoice",
                    Id=invoice.id,
                    Line=[{**line, "Amount": 7, "SalesItemLineDetail": detail}],
                )
                self.frozen = Decimal(7)
            case "voids":
                by_bookkeeper(self.world, "void-invoice", Id=invoice.id)
                self.frozen = Decimal(0)
            case "deletes":
                by_bookkeeper(self.world, "delete-invoice", Id=invoice.id)
                self.frozen, self.gone = Decimal(0), True
            case "writes a memo":
                by_bookkeeper(self.world, "edit-invoice", Id=invoice.id, CustomerMemo={"value": "Thank you"})
            case _:
                by_bookkeeper(self.world, "copy-invoice", Id=invoice.id)
        pass_by(self.world, LATER)

    def expected(self) -> Decimal:
        if self.frozen is not None:
            return self.frozen
        return Decimal(0) if self.voided else self.total

    def listed(self) -> bool:
        """Whether a person must be told of it."""
        if self.frozen is not None:
            ended = self.gone or self.frozen == 0
            return not (ended and self.cancelled) and (self.cancelled or self.total != self.frozen or ended)
        return self.voided and not self.cancelled


def act(chance: random.Random, paper: Paper) -> None:
    """One or two things in a row, before anybody has looked; then time passes, or hardly any."""
    match chance.choice(["edits", "edits", "edits twice", "cancels", "comes back", "bookkeeper", "bookkeeper"]):
        case "edits":
            paper.edit(chance)
        case "edits twice":
            paper.edit(chance)
            paper.edit(chance)
        case "cancels":
            paper.cancel()
        case "comes back":
            paper.confirm_again()
        case _:
            pass_by(paper.world, LATER)
            paper.touch(chance)
    pass_by(paper.world, LATER)


def _is_near_the_end_of_a_month(world: World) -> bool:
    now = world.clock.now().astimezone(ZoneInfo("America/Los_Angeles"))
    return (now + timedelta(days=4)).month != (now - timedelta(days=1)).month


@pytest.mark.parametrize("seed", range(2))
def test_each_order_has_one_invoice_as_it_says_or_the_bookkeepers_own_and_a_person_is_told(
    world: World, seed: int
) -> None:
    if _is_near_the_end_of_a_month(world):
        world.move(6 * 86_400.0)  # a void is of its invoice's own month, which is another story
        world.connect()
    chance = random.Random(seed)
    papers = [Paper(world, number) for number in ORDERS]
    for paper in papers:
        invoiced(world, paper.number)
    world.quickbooks.set_switches(
        webhooks_on=chance.random() < 0.7,
        webhook_duplicates=chance.randint(0, 2),
        webhook_disorder=chance.random() < 0.5,
    )
    world.wizcommerce.switch(webhook_duplicates=chance.random() < 0.5)
    for operation in ("update invoice", "void invoice"):
        for kind in ("reset-after", "429-json", "reset-before"):
            world.quickbooks.add_fault(kind, operation=operation)

    for _ in range(16):
        act(chance, chance.choice(papers))
    for _ in range(3):
        pass_by(world, LATER)

    found: dict[str, list[Any]] = {number: [] for number in ORDERS}
    for invoice in world.invoices():
        if invoice.doc_number in found:
            found[invoice.doc_number].append(invoice)
    for paper in papers:
        assert len(found[paper.number]) == (0 if paper.gone else 1), paper.number
        assert [i.total for i in found[paper.number]] == ([] if paper.gone else [paper.expected()]), paper.number
        assert bool(attention(world, paper.number)) == paper.listed(), (paper.number, attention(world, paper.number))
    assert world.rows("SELECT * FROM pending_work") == []
    assert [call.operation for call in world.quickbooks.calls.all()].count("create invoice") == len(ORDERS)
