"""Payments on both sides at random, with signals lost, doubled and reordered: each rise is one payment.

What is expected is counted by the test itself, from what its people did; what is there, from the stand-ins' own state.
"""

import random
from decimal import Decimal

import pytest

from tests.payments import balance, by_bookkeeper, by_seller, invoiced, payment
from tests.telling import pass_by
from tests.world import World

ORDERS = ("WC-1", "WC-2", "WC-3")
A_NIGHT = 86_400.0


class Till:
    """What people did with the money of one order of 100.00, and what must come of it."""

    def __init__(self) -> None:
        self.rises: list[Decimal] = []
        self.theirs: list[Decimal] = []
        self.went_back = False

    def left(self) -> Decimal:
        """What QuickBooks must have left to pay."""
        return Decimal(100) - sum([*self.theirs, *self.rises], Decimal(0))


def act(world: World, chance: random.Random, number: str, till: Till) -> None:
    """One thing that a person does with the order's money, on either side."""
    amount = Decimal(chance.randint(1, 3000)) / 100
    if till.left() < amount:
        return
    match chance.choice(["pays", "pays", "pays", "a cheque", "gets some back"]):
        case "pays" if not till.went_back:
            by_seller(world, "take-payment", display_id=number, amount=str(amount))
            pass_by(
                world, A_NIGHT
            )  # by then the rise was seen, whatever became of its signal: two at once would be one
            till.rises.append(amount)
        case "a cheque":
            [invoice] = [one.id for one in world.invoices() if one.doc_number == number]
            by_bookkeeper(world, "receive-payment", invoices=[invoice], TotalAmt=str(amount))
            till.theirs.append(amount)
            pass_by(world, A_NIGHT)
        case "gets some back" if till.rises and not till.went_back:
            by_seller(world, "refund", display_id=number, amount="0.01")
            till.went_back = True
        case _:
            pass_by(world, chance.choice([1.0, 70.0, 2_000.0]))


@pytest.mark.parametrize("seed", range(2))
def test_each_rise_is_one_payment_whatever_happens_on_both_sides(world: World, seed: int) -> None:
    chance = random.Random(seed)
    tills = {number: Till() for number in ORDERS}
    for number in ORDERS:
        invoiced(world, number)
    world.quickbooks.set_switches(
        webhooks_on=chance.random() < 0.7,
        webhook_duplicates=chance.randint(0, 2),
        requestid=chance.choice(["honour", "ignore"]),
    )
    world.wizcommerce.switch(webhook_duplicates=chance.random() < 0.5)
    for kind in ("reset-after", "reset-before", "429-json", "timeout-after"):
        world.quickbooks.add_fault(kind, operation="create payment", seconds=0.05)

    for _ in range(18):
        number = chance.choice(ORDERS)
        act(world, chance, number, tills[number])
    for _ in range(3):
        pass_by(world, A_NIGHT)

    ours: dict[str, list[Decimal]] = {number: [] for number in ORDERS}
    for wire in world.quickbooks.payments():
        if "[wizqbo:" in wire.get("PrivateNote", ""):
            ours[wire["PaymentRefNum"].partition("/")[0]].append(Decimal(wire["TotalAmt"]))
    assert ours == {number: till.rises for number, till in tills.items()}
    assert {number: balance(world, number) for number in ORDERS} == {n: till.left() for n, till in tills.items()}
    [bloom] = [one for one in world.quickbooks.customers() if one["DisplayName"] == "Bloom & Co"]
    assert bloom["Balance"] == sum(till.left() for till in tills.values())
    assert sum(len(till.rises) for till in tills.values()) >= 5
    for number, till in tills.items():
        assert ("money-back" in world.order(number).attention) == till.went_back
        assert all(payment(world, place, number).payment_id for place in range(1, len(till.rises) + 1))
    assert world.rows("SELECT * FROM pending_work") == []
