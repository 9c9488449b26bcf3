"""`python-quickbooks`, unchanged, does its ordinary work against the stand-in. Sources: QuickBooks reference, 2 to 7."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from quickbooks import QuickBooks
from quickbooks.exceptions import (
    ObjectNotFoundException,
    QuickbooksException,
    UnsupportedException,
)
from quickbooks.objects import (
    Account,
    CompanyInfo,
    Customer,
    Invoice,
    Item,
    Payment,
    PaymentMethod,
    Preferences,
    Term,
)
from quickbooks.objects.base import Address, EmailAddress
from quickbooks.objects.customertype import CustomerType
from quickbooks.objects.detailline import DiscountLine, DiscountLineDetail

from tests.adapters.strangers import (
    a_customer,
    a_line,
    a_payment,
    an_invoice,
    an_item,
    reference,
)

# Name lists


def test_a_customer_is_created_read_changed_whole_and_in_part_and_made_inactive(qb: QuickBooks) -> None:
    made = a_customer("Amy's Shop", GivenName="Vorname", Notes="old", CompanyName="Amy's", BillAddr=Address())
    made.BillAddr.Line1, made.BillAddr.City, made.PrimaryEmailAddr = "1 Main St", "Austin", EmailAddress()
    made.PrimaryEmailAddr.Address = "ap@amy.example"
    first = made.save(qb=qb)
    assert (made.Id, first.SyncToken, first.PrintOnCheckName, first.FullyQualifiedName) == (
        first.Id,
        "0",
        "Amy's",
        "Amy's Shop",
    )
    assert first.BillAddr.Line1 == "1 Main St" and first.PreferredDeliveryMethod == "Print"

    read = Customer.get(first.Id, qb=qb)
    assert read.to_dict() == first.to_dict()
    assert read.save(qb=qb).SyncToken == "0"  # nothing changed

    read.Notes = ""
    whole = read.save(qb=qb)
    assert (whole.SyncToken, whole.Notes, whole.GivenName) == ("1", "", "Vorname")
    whole.sparse, whole.GivenName = True, "Other"
    part = whole.save(qb=qb)
    assert (part.SyncToken, part.GivenName, part.PrimaryEmailAddr.Address) == ("2", "Other", "ap@amy.example")

    part.Active = False
    assert part.save(qb=qb).DisplayName == "Amy's Shop (deleted)"
    assert Customer.filter(DisplayName="Amy's Shop", qb=qb) == []
    assert a_customer("Amy's Shop").save(qb=qb).Id != first.Id


def test_items_are_created_read_and_changed(qb: QuickBooks) -> None:
    stocked: dict[str, Any] = {
        "Type": "Inventory",
        "TrackQtyOnHand": True,
        "QtyOnHand": 10,
        "InvStartDate": "2026-01-01",
        "ExpenseAccountRef": reference("80"),
        "AssetAccountRef": reference("81"),
    }
    vase, service = an_item(Sku="VASE-01").save(qb=qb), an_item("Advice", Type="Service").save(qb=qb)
    bowl = an_item("Bowl", **stocked).save(qb=qb)
    assert (vase.UnitPrice, service.Type, bowl.QtyOnHand, bowl.TrackQtyOnHand) == (25, "Service", 10, True)

    read = Item.get(vase.Id, qb=qb)
    read.UnitPrice = Decimal("26.50")
    whole = read.save(qb=qb)
    assert (whole.UnitPrice, whole.SyncToken, whole.Sku) == (Decimal("26.50"), "1", "VASE-01")
    whole.sparse, whole.Description = True, "A vase"
    assert whole.save(qb=qb).Description == "A vase"
    assert [one.Sku for one in Item.all(order_by="Name", qb=qb) if one.Type == "NonInventory"] == ["VASE-01"]
    with pytest.raises(QuickbooksException) as refused:
        an_item("vase").save(qb=qb)
    assert refused.value.error_code == 6240


@pytest.mark.parametrize(
    ("kind", "fields", "change"),
    [
        (Term, {"Name": "Net 10", "DueDays": 10}, {"DueDays": 12}),
        (PaymentMethod, {"Name": "Wire", "Type": "NON_CREDIT_CARD"}, {"Type": "CREDIT_CARD"}),
    ],
)
def test_a_term_and_a_payment_method_are_created_read_and_changed(
    qb: QuickBooks, kind: type[Any], fields: dict[str, Any], change: dict[str, Any]
) -> None:
    before = kind.count(qb=qb)
    made = kind()
    vars(made).update(fields)
    made.save(qb=qb)

    read = kind.get(made.Id, qb=qb)
    assert vars(read).items() >= fields.items() and read.SyncToken == "0" and read.Active is True
    vars(read).update(change)
    assert vars(read.save(qb=qb)).items() >= {**change, "SyncToken": "1"}.items()
    part = kind.get(made.Id, qb=qb)
    part.sparse, part.Active = True, False
    assert part.save(qb=qb).Name.startswith(fields["Name"])
    assert kind.count(qb=qb) == before and made.Id not in [one.Id for one in kind.all(qb=qb)]
    assert made.Id in [one.Id for one in kind.where("Active IN (true, false)", qb=qb)]


def test_what_can_only_be_read_is_read(qb: QuickBooks) -> None:
    company = CompanyInfo.get(qb.company_id, qb=qb)
    assert company.Country == "US" and company.CompanyName
    assert Preferences.get(qb=qb).CurrencyPrefs.HomeCurrency.value == "USD"
    assert "Undeposited Funds" in [one.Name for one in Account.all(qb=qb)]
    assert all(len(one.Id) == 19 for one in CustomerType.all(qb=qb))
    with pytest.raises(UnsupportedException):
        qb.create_object("CustomerType", '{"Name": "Wholesale"}')


# Documents


def test_an_invoice_is_created_read_changed_whole_and_in_part(
    qb: QuickBooks, bloom: Customer, vase: Item, hundred: Invoice
) -> None:
    assert (hundred.TotalAmt, hundred.Balance, hundred.SyncToken) == (100, 100, "0")
    assert [one.DetailType for one in hundred.Line] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert hundred.CustomerRef.name == "Bloom & Co" and hundred.Line[0].SalesItemLineDetail.ItemRef.name == "Vase"
    assert Customer.get(bloom.Id, qb=qb).Balance == 100
    assert hundred.save(qb=qb).SyncToken == "0"  # nothing changed

    discount = DiscountLine()
    discount.DiscountLineDetail = DiscountLineDetail()
    discount.DiscountLineDetail.PercentBased, discount.DiscountLineDetail.DiscountPercent = True, 10
    hundred.Line, hundred.PrivateNote = [hundred.Line[0], a_line(vase, 2, "25.00"), discount], "Ring twice"
    whole = hundred.save(qb=qb)
    assert (whole.TotalAmt, whole.SyncToken, whole.PrivateNote) == (135, "1", "Ring twice")
    assert whole.Line[0].Id == "1" and whole.Line[1].Id == "2"

    whole.sparse, whole.DocNumber, whole.CustomerMemo = True, "WC-1001", None
    part = whole.save(qb=qb)
    assert (part.DocNumber, part.TotalAmt, part.PrivateNote) == ("WC-1001", 135, "Ring twice")
    assert Customer.get(bloom.Id, qb=qb).Balance == 135 and Customer.get(bloom.Id, qb=qb).SyncToken == "0"


def test_an_invoice_is_sent_printed_voided_and_deleted(qb: QuickBooks, bloom: Customer, hundred: Invoice) -> None:
    hundred.BillEmail = EmailAddress()
    hundred.BillEmail.Address = "ap@bloom.example"
    kept = hundred.save(qb=qb)
    sent = Invoice.from_json(kept.send(qb=qb)["Invoice"])
    assert sent.email_sent and sent.DeliveryInfo.DeliveryType == "Email" and sent.SyncToken == kept.SyncToken
    elsewhere = Invoice.from_json(sent.send(qb=qb, send_to="books+new@bloom.example")["Invoice"])
    assert elsewhere.BillEmail.Address == "books+new@bloom.example"
    assert elsewhere.download_pdf(qb=qb).startswith(b"%PDF-")

    voided = Invoice.from_json(Invoice.get(hundred.Id, qb=qb).void(qb=qb)["Invoice"])
    assert (voided.TotalAmt, voided.Balance) == (0, 0) and voided.PrivateNote.startswith("Voided")
    assert Customer.get(bloom.Id, qb=qb).Balance == 0

    gone = voided.delete(qb=qb)
    assert gone["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": hundred.Id}
    for act in (lambda: Invoice.get(hundred.Id, qb=qb), lambda: voided.delete(qb=qb)):
        with pytest.raises(ObjectNotFoundException) as refused:
            act()
        assert refused.value.error_code == 610


def test_a_payment_is_applied_changed_voided_and_deleted(qb: QuickBooks, bloom: Customer, hundred: Invoice) -> None:
    made = a_payment(bloom, "70.00", (hundred, "60.00")).save(qb=qb)
    assert (made.TotalAmt, made.UnappliedAmt) == (70, 10)
    paid = Invoice.get(hundred.Id, qb=qb)
    assert (paid.Balance, paid.SyncToken) == (40, "1") and [one.TxnType for one in paid.LinkedTxn] == ["Payment"]
    assert Customer.get(bloom.Id, qb=qb).Balance == 30

    read = Payment.get(made.Id, qb=qb)
    read.PrivateNote = "By post"
    noted = read.save(qb=qb)
    assert (noted.SyncToken, noted.PrivateNote, noted.UnappliedAmt) == ("1", "By post", 10)
    noted.Line = []
    freed = noted.save(qb=qb)
    assert freed.UnappliedAmt == 70 and Invoice.get(hundred.Id, qb=qb).Balance == 100
    freed.Line = a_payment(bloom, "70.00", (hundred, "70.00")).Line
    assert freed.save(qb=qb).UnappliedAmt == 0 and Invoice.get(hundred.Id, qb=qb).Balance == 30

    voided = Payment.from_json(Payment.get(made.Id, qb=qb).void(qb=qb)["Payment"])
    assert voided.TotalAmt == 0 and voided.PrivateNote.startswith("Voided")
    assert Invoice.get(hundred.Id, qb=qb).Balance == 100 and Customer.get(bloom.Id, qb=qb).Balance == 100
    assert voided.delete(qb=qb)["Payment"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        Payment.get(made.Id, qb=qb)


def test_a_repeated_request_id_creates_once(qb: QuickBooks, bloom: Customer, vase: Item) -> None:
    invoice = an_invoice(bloom, a_line(vase, 1, "25.00"))
    first = invoice.save(qb=qb, request_id="order-1001-create-1")
    invoice.Id = None
    again = invoice.save(qb=qb, request_id="order-1001-create-1")

    assert again.to_dict() == first.to_dict() and Invoice.count(qb=qb) == 1
