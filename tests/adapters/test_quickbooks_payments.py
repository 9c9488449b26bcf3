"""A payment, written to the strict stand-in and read back: what is sent, what is looked for, what cannot be said."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from adapters.quickbooks.drafts import request_body
from adapters.quickbooks.translate import remote_from
from engine.domain.drafts import PaymentDraft
from engine.domain.values import Applied, PaymentContent
from engine.ports import Refused
from tests.adapters.quickbooks_world import CLOCK, MARK, World, a_world


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        yield world


def draft(**changes: Any) -> PaymentDraft:
    plain = PaymentDraft(
        reference="WC-1001/1",
        order_number="WC-1001",
        customer_remote_id="1",
        invoice="1",
        dated=date(2026, 11, 27),
        amount=Decimal("40.00"),
        mark=MARK,
    )
    return replace(plain, **changes)


def of_invoice(world: World, **changes: Any) -> PaymentDraft:
    """A payment of an invoice that was just made."""
    invoice = world.send(world.draft(), command_id="a" * 32)
    customer = invoice.content.customer_remote_id  # type: ignore[union-attr]
    return draft(invoice=invoice.remote_id, customer_remote_id=customer, **changes)


def test_a_payment_is_sent_and_comes_back_as_it_was_sent(world: World) -> None:
    sent = of_invoice(world)

    remote = world.send(sent)

    assert remote.kind == "payment"
    assert remote.content == PaymentContent(
        reference="WC-1001/1",
        customer_remote_id=sent.customer_remote_id,
        dated=date(2026, 11, 27),
        total=Decimal("40.00"),
        unapplied=Decimal(0),
        applied=(Applied(invoice=sent.invoice, amount=Decimal("40.00")),),
        mark=MARK,
    )
    assert world.metered() == 0


def test_its_invoice_shows_the_payment_and_what_is_left(world: World) -> None:
    sent = of_invoice(world)
    payment = world.send(sent)

    invoice: Any = world.gateway.fetch("acme", "invoice", sent.invoice).content

    assert (invoice.balance, invoice.payments) == (Decimal("60.00"), (payment.remote_id,))


@pytest.mark.parametrize("changed", ["", "4711"])
def test_a_payment_is_looked_for_by_its_reference_and_else_by_customer_and_time(world: World, changed: str) -> None:
    since = CLOCK.now() - timedelta(seconds=5)
    sent = of_invoice(world)
    made = world.send(sent)
    if changed:
        world.stand_in.by_hand("edit-payment", Id=made.remote_id, PaymentRefNum=changed)

    found = world.gateway.look("acme", sent, since)

    assert [one.remote_id for one in found] == [made.remote_id]
    assert world.metered() == (2 if changed else 1)


def test_the_body_says_everything_and_nothing_else() -> None:
    body = msgspec.json.decode(request_body(draft(method="7", account="35")))

    assert body == {
        "CustomerRef": {"value": "1"},
        "TotalAmt": 40.0,
        "TxnDate": "2026-11-27",
        "PaymentRefNum": "WC-1001/1",
        "PrivateNote": f"WizCommerce order WC-1001 [wizqbo:{MARK}]",
        "Line": [{"Amount": 40.0, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}],
        "PaymentMethodRef": {"value": "7"},
        "DepositToAccountRef": {"value": "35"},
    }
    assert not {"PaymentMethodRef", "DepositToAccountRef"} & msgspec.json.decode(request_body(draft())).keys()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Decimal(0)}, "2290"),
        ({"amount": Decimal("-1.00")}, "2290"),
        ({"amount": Decimal("1.005")}, "2290"),
        ({"reference": "W" * 22}, "2050"),
    ],
)
def test_what_quickbooks_would_not_take_costs_no_call(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        request_body(draft(**changes))

    assert refusal.value.code == code and refusal.value.next_step


RECEIVED = {
    "Id": "158",
    "SyncToken": "0",
    "CustomerRef": {"value": "58", "name": "Bloom & Co"},
    "TotalAmt": 65.00,
    "UnappliedAmt": 10.00,
    "TxnDate": "2026-02-06",
    "PaymentRefNum": "4711",
    "Line": [
        {"Amount": 40.00, "LinkedTxn": [{"TxnId": "130", "TxnType": "Invoice"}]},
        {"Amount": 15.00, "LinkedTxn": [{"TxnId": "131", "TxnType": "Invoice"}]},
        {"Amount": 5.00, "LinkedTxn": [{"TxnId": "99", "TxnType": "CreditMemo"}]},
    ],
}
"""As QuickBooks documents it. Source: QuickBooks reference, 7.6."""


def read(**changes: Any) -> PaymentContent:
    content = remote_from("payment", msgspec.json.encode({**RECEIVED, **changes})).content
    assert isinstance(content, PaymentContent)
    return content


def test_a_payment_of_several_invoices_is_read_with_what_goes_to_each() -> None:
    content = read()

    assert [(one.invoice, one.amount) for one in content.applied] == [("130", Decimal(40)), ("131", Decimal(15))]
    assert (content.reference, content.unapplied, content.mark) == ("4711", Decimal(10), "")
    assert not content.deposited and not content.voided


@pytest.mark.parametrize(
    ("changes", "deposited", "voided"),
    [
        ({"LinkedTxn": [{"TxnId": "200", "TxnType": "Deposit"}]}, True, False),
        ({"TotalAmt": 0, "PrivateNote": "Voided"}, False, True),
        ({"TotalAmt": 0}, False, False),
        ({"PrivateNote": "Voided"}, False, False),
    ],
)
def test_deposited_and_voided_payments_are_told_apart(changes: dict[str, Any], deposited: bool, voided: bool) -> None:
    content = read(**changes)

    assert (content.deposited, content.voided) == (deposited, voided)


def test_a_payment_without_an_amount_is_kept_as_it_came() -> None:
    body = {name: value for name, value in RECEIVED.items() if name != "TotalAmt"}

    remote = remote_from("payment", msgspec.json.encode(body))

    assert remote.content is None and "TotalAmt" in remote.problem and remote.raw
