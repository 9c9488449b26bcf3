"""`python-quickbooks`, unchanged: queries, change data capture, batches and refusals. Sources: reference, 2 to 6 and 8."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
    ValidationException,
)
from quickbooks.objects import (
    Customer,
    Invoice,
    Item,
    Payment,
)

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.receiving import receiving
from tests.adapters.strangers import (
    a_customer,
    a_line,
    an_invoice,
)

# Queries, change data capture, batch


def test_queries_filter_order_page_and_count(intuit: QuickBooksStandIn, qb: QuickBooks) -> None:
    names = [f"Shop {number:03}" for number in range(250)]
    intuit.fill({"customers": [{"DisplayName": name} for name in names]})
    a_customer("D'Arcy & Sons").save(qb=qb)

    assert [one.DisplayName for one in Customer.filter(DisplayName="D'Arcy & Sons", Active=True, qb=qb)] == [
        "D'Arcy & Sons"
    ]
    assert len(Customer.all(qb=qb)) == 100 and len(Customer.all(max_results=1000, qb=qb)) == 251
    pages: list[Customer] = []
    while page := Customer.where(
        "DisplayName LIKE 'Shop%'", order_by="Id", start_position=len(pages) + 1, max_results=100, qb=qb
    ):
        pages += page
    assert [one.DisplayName for one in pages] == names
    assert Customer.count(qb=qb) == 251 and Customer.count("DisplayName LIKE '%9'", qb=qb) == 25
    assert [one.DisplayName for one in Customer.choose([names[3], names[7]], field="DisplayName", qb=qb)] == [
        "Shop 003",
        "Shop 007",
    ]
    last = Customer.query("select * from Customer where Active = true orderby DisplayName desc maxresults 2", qb=qb)
    assert [one.DisplayName for one in last] == ["Shop 249", "Shop 248"]
    with pytest.raises(ValidationException) as refused:
        Invoice.where("PrivateNote = 'x'", qb=qb)
    assert refused.value.error_code == 4001 and "not queryable" in refused.value.detail
    with pytest.raises(ValidationException) as refused:
        Invoice.query("SELECT * FROM", qb=qb)
    assert refused.value.error_code == 4000


def test_change_data_capture_shows_what_changed_and_what_went(
    intuit: QuickBooksStandIn, qb: QuickBooks, bloom: Customer, vase: Item, hundred: Invoice
) -> None:
    kept = an_invoice(bloom, a_line(vase, 1, "25.00")).save(qb=qb)
    hundred.delete(qb=qb)
    since = intuit.clock.now() - timedelta(minutes=5)

    found = change_data_capture([Customer, Invoice, Payment], since.isoformat(timespec="seconds"), qb=qb)

    assert [(one.Id, one.Balance) for one in found.Customer] == [(bloom.Id, 25)]
    assert [(one.Id, getattr(one, "status", "live")) for one in found.Invoice] == [
        (kept.Id, "live"),
        (hundred.Id, "Deleted"),
    ]
    assert not hasattr(found, "Payment")


def test_batches_create_change_and_delete_and_report_each_refusal(qb: QuickBooks, bloom: Customer, vase: Item) -> None:
    made = batch_create([a_customer(f"Shop {number:02}") for number in range(34)] + [a_customer()], qb=qb)
    assert len(made.successes) == 34 and {one.SyncToken for one in made.successes} == {"0"}
    [fault] = made.faults
    assert (fault.Error[0].code, fault.original_object.DisplayName) == ("6240", "Bloom & Co")

    for one in made.successes:
        one.Notes = "changed"
    changed = batch_update([*made.successes[:3]], qb=qb)
    assert {one.SyncToken for one in changed.successes} == {"1"} and not changed.faults
    stale = batch_update([made.successes[0]], qb=qb)
    assert [one.Error[0].code for one in stale.faults] == ["5010"]

    invoices = batch_create([an_invoice(bloom, a_line(vase, 1, "25.00")) for _ in range(3)], qb=qb).successes
    gone = batch_delete(invoices, qb=qb)
    assert {one.status for one in gone.successes} == {"Deleted"} and Invoice.count(qb=qb) == 0


# Refusals


def test_refusals_come_as_its_exceptions(
    intuit: QuickBooksStandIn, qb: QuickBooks, bloom: Customer, vase: Item
) -> None:
    intuit.by_hand("set-preferences", SalesFormsPrefs={"CustomTxnNumbers": True})
    invoice = an_invoice(bloom, a_line(vase, 1, "25.00"), DocNumber="1037").save(qb=qb)
    intuit.by_hand("edit-customer", Id=bloom.Id, Notes="by hand")
    bloom.Notes = "stale"
    mispriced, stranger = a_line(vase, 2, "25.00"), a_customer("Nobody", Id="583")
    mispriced.Amount = Decimal("50.01")
    acts = {
        5010: lambda: bloom.save(qb=qb),
        6240: lambda: a_customer("BLOOM & CO").save(qb=qb),
        6140: lambda: an_invoice(bloom, a_line(vase, 1, "25.00"), DocNumber="1037").save(qb=qb),
        6070: lambda: an_invoice(bloom, mispriced).save(qb=qb),
        2500: lambda: an_invoice(stranger, a_line(vase, 1, "25.00")).save(qb=qb),
        2010: lambda: qb.create_object("Customer", '{"BadJson": 1}'),
        2020: lambda: qb.create_object("Item", '{"Type": "Category"}'),
        2050: lambda: an_invoice(bloom, a_line(vase, 1, "25.00"), DocNumber="9" * 22).save(qb=qb),
        610: lambda: Invoice.get("583", qb=qb),
        500: lambda: qb.get(f"{qb.api_url}/company/{qb.company_id}/nonsense"),
    }
    kinds = {range(500, 501): UnsupportedException, range(610, 611): ObjectNotFoundException}
    kinds |= {range(2000, 5000): ValidationException, range(5000, 10_000): QuickbooksException}
    for code, act in acts.items():
        [kind] = [kind for codes, kind in kinds.items() if code in codes]
        with pytest.raises(kind) as refused:
            act()
        assert refused.value.error_code == code and refused.value.detail, code
        assert code != 6140 or f"TxnType=Invoice with TxnId={invoice.Id}" in refused.value.detail
    assert (Customer.count(qb=qb), Invoice.count(qb=qb)) == (1, 1)


def test_the_gateways_own_refusals_come_as_its_exceptions(intuit: QuickBooksStandIn, qb: QuickBooks) -> None:
    intuit.add_fault("429-json")
    with pytest.raises(ValidationException) as throttled:
        Customer.all(qb=qb)
    assert throttled.value.error_code == 3001 and "ThrottleExceeded" in throttled.value.message
    for kind in ("429-xml", "502-html"):
        intuit.add_fault(kind)
        with pytest.raises(QuickbooksException, match="reading json response"):
            Customer.all(qb=qb)

    intuit.by_hand("disconnect")

    with pytest.raises(AuthorizationException) as closed:
        Customer.all(qb=qb)
    assert closed.value.error_code == 401
    assert '"code":"3200"' in closed.value.detail.replace(" ", "") and "AuthenticationFailed" in closed.value.detail


def test_its_check_of_a_webhooks_signature_agrees(intuit: QuickBooksStandIn, qb: QuickBooks) -> None:
    with receiving() as receiver:
        intuit.send_webhooks_to(receiver.url)
        a_customer().save(qb=qb)
        intuit.deliver()

    [(headers, body)] = receiver.received
    signature = headers["intuit-signature"]
    assert qb.validate_webhook_signature(body.decode(), signature, intuit.verifier_token)
    assert not qb.validate_webhook_signature(body.decode() + " ", signature, intuit.verifier_token)
