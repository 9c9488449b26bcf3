"""The QuickBooks stand-in under random operations, valid and invalid: its books keep the laws of `ledger` throughout.

The same examples run every time. `PROPERTY_EXAMPLES=500` runs that many others instead.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from adapters.standin.wire import read_json
from tests.adapters import ledger
from tests.adapters.asked_books import CLOSED_TO, SOME, TODAY
from tests.adapters.money_at_random import MoneyAtRandom

MORE_EXAMPLES = os.environ.get("PROPERTY_EXAMPLES", "")


class Books(MoneyAtRandom):
    """One company, all its rules, and the laws that hold after each of them."""

    @initialize(tax=st.sampled_from(["none", "flat"]), own_numbers=st.booleans(), settled=st.booleans())
    def is_set_up(self, tax: str, own_numbers: bool, settled: bool) -> None:
        """`settled`: the payment is in the bank, and the books of last month are closed."""
        self.http.post("/_standin/switches", json={"tax": tax}).raise_for_status()
        self.own_numbers = own_numbers
        self.http.get(f"{self.path}/preferences").raise_for_status()
        self.company = self.as_they_are()
        self.by_hand("set-preferences", {"SalesFormsPrefs": {"CustomTxnNumbers": own_numbers, "AllowDeposit": True}})
        self.adds_a_customer(name="Bloom & Co", parent=None)
        self.adds_a_customer(name="Garden & Co", parent=0)
        self.adds_an_item(name="Vase", kind="Inventory", hand=50)
        self.adds_an_invoice(
            place=0, parts=[(1, 4, Decimal(25))], extras=(0, Decimal(0)), number="1037", day=TODAY, deposit=1
        )
        self.receives_a_payment(place=0, share=40, more=Decimal(7), day=TODAY)
        if settled:
            self.changes_a_payment(place=0, stale=False, act="bank")
            self.closes_or_reopens_the_books(closed=True)

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
        asked = {"entities": ",".join(ledger.FOLLOWED), "changedSince": self.began}
        answer = self.http.get(f"{self.path}/cdc", params=asked)
        [capture] = read_json(answer.content)["CDCResponse"]
        records, deleted = self.company["records"], self.company["deleted"]
        assert ledger.uncaptured(records, deleted, capture["QueryResponse"]) == []


def test_random_operations_never_break_the_books(tmp_path: Path) -> None:
    set_hypothesis_home_dir(tmp_path)  # it leaves nothing in the project
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=int(MORE_EXAMPLES or 30),
            stateful_step_count=60 if MORE_EXAMPLES else 25,
            derandomize=not MORE_EXAMPLES,
            database=None,
            deadline=None,
            # A failure is shown as it was found; with more examples it is made smaller first, which takes minutes.
            phases=[Phase.generate, *([Phase.shrink] if MORE_EXAMPLES else [])],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
