"""Their words to ours and back, pure."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from adapters.quickbooks.drafts import request_body
from adapters.quickbooks.marks import mark_in
from adapters.quickbooks.translate import company_facts, remote_from
from engine.domain.drafts import InvoiceDraft
from engine.domain.values import Address, InvoiceContent, InvoiceLine, OtherContent, Personal, ProductContent, Shipping
from engine.ports import Refused

MARK = "0123456789abcdef0123456789abcdef"
INVOICE = {
    "Id": "130",
    "SyncToken": "2",
    "DocNumber": "WC-1001",
    "TxnDate": "2026-02-03",
    "CustomerRef": {"value": "24", "name": "Bloom"},
    "PrivateNote": f"WizCommerce order WC-1001 [wizqbo:{MARK}]",
    "MetaData": {"CreateTime": "2026-02-03T09:15:27-08:00"},
    "TotalAmt": 104.30,
    "Balance": 4.3,
    "TxnTaxDetail": {"TotalTax": 5},
    "Line": [
        {
            "Id": "1",
            "DetailType": "SalesItemLineDetail",
            "Amount": 97,
            "Description": "Oak stool",
            "SalesItemLineDetail": {"ItemRef": {"value": "41"}, "Qty": 2, "UnitPrice": 48.5},
        },
        {"DetailType": "SubTotalLineDetail", "Amount": 97, "SubTotalLineDetail": {}},
        {"DetailType": "DiscountLineDetail", "Amount": 9.7, "DiscountLineDetail": {"PercentBased": True}},
        {
            "DetailType": "SalesItemLineDetail",
            "Amount": 12,
            "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
        },
    ],
}


def raw(tree: object) -> bytes:
    return json.dumps(tree).encode()


def seen_invoice(**changes: object) -> InvoiceContent:
    content = remote_from("invoice", raw({**INVOICE, **changes})).content
    assert isinstance(content, InvoiceContent)
    return content


# ---- read ------------------------------------------------------------------------------------------------------------


def test_an_invoice_is_read_in_our_terms() -> None:
    content = seen_invoice()
    assert replace(content, kept_digest="") == InvoiceContent(
        number="WC-1001",
        customer_remote_id="24",
        dated=date(2026, 2, 3),
        lines=(
            InvoiceLine(
                item="41",
                quantity=Decimal(2),
                unit_price=Decimal("48.5"),
                amount=Decimal(97),
                description=Personal("Oak stool"),
            ),
        ),
        total=Decimal("104.30"),
        balance=Decimal("4.3"),
        tax=Decimal(5),
        discount=Decimal("9.7"),
        shipping_charge=Decimal(12),
        mark=MARK,
        created_at=datetime(2026, 2, 3, 17, 15, 27, tzinfo=UTC),
        private_note=Personal(f"WizCommerce order WC-1001 [wizqbo:{MARK}]"),
        shipping_details=Shipping(),
    )


@pytest.mark.parametrize("method", [{"value": "UPS Ground", "name": "UPS Ground"}, {"value": "UPS Ground"}])
def test_how_an_invoice_was_shipped_is_read(method: dict[str, str]) -> None:
    address = {"Line1": "12 Mill Rd", "City": "Dover", "CountrySubDivisionCode": "DE", "PostalCode": "19901"}
    seen = seen_invoice(TrackingNum=" 1Z9 ", ShipMethodRef=method, ShipDate="2026-02-05", ShipAddr=address)
    dover = Address(lines=Personal("12 Mill Rd"), city="Dover", region="DE", postal_code="19901")
    assert seen.shipping_details == Shipping(
        tracking="1Z9", method="UPS Ground", shipped=date(2026, 2, 5), address=dover
    )


def test_what_an_order_takes_from_an_invoice_beside_its_money_is_read() -> None:
    street = {"Line1": "1 Quay St", "Line2": "Unit 4", "City": "Dover", "CountrySubDivisionCode": "DE"}
    content = seen_invoice(
        BillAddr=street,
        ShipAddr={},
        SalesTermRef={"value": "3"},
        CustomerMemo={"value": "Thank you"},
        CurrencyRef={"value": "EUR", "name": "Euro"},
        CustomField=[
            {"DefinitionId": "1", "Type": "StringType", "Name": "PO"},
            {"DefinitionId": "2", "Type": "StringType", "StringValue": "PO-7"},
        ],
    )

    assert content.billing == Address(lines=Personal("1 Quay St\nUnit 4"), city="Dover", region="DE")
    assert content.shipping is None and (content.term, content.currency) == ("3", "EUR")
    assert (content.note, content.form_fields) == (Personal("Thank you"), (("2", Personal("PO-7")),))
    assert seen_invoice(CustomField=None).form_fields == ()


def test_lines_that_only_say_something_are_notes_of_the_line_they_stand_at() -> None:
    def sold(item: str) -> dict[str, Any]:
        return {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": {"ItemRef": {"value": item}}}

    def said(text: str) -> dict[str, Any]:
        return {"DetailType": "DescriptionOnly", "Description": text, "DescriptionLineDetail": {}}

    bundle = {
        "DetailType": "GroupLineDetail",
        "Description": "Terrace set",
        "GroupLineDetail": {"Line": [sold("7"), sold("8")]},
    }
    empty = {"DetailType": "GroupLineDetail", "Description": "Empty set", "GroupLineDetail": {"Line": []}}
    lines = [
        said("For the fair"),
        sold("41"),
        said("Wrap it"),
        said("Subtotal: 5.00"),
        bundle,
        said("Both of them"),
        sold("SHIPPING_ITEM_ID"),
        empty,
        {"DetailType": "DiscountLineDetail", "Amount": 1, "Description": "10% off", "DiscountLineDetail": {}},
        {"DetailType": "SubTotalLineDetail", "Amount": 15, "SubTotalLineDetail": {}},
    ]
    content = seen_invoice(Line=lines)

    assert [line.item for line in content.lines] == ["41", "7", "8"]
    assert [(one.line, str(one.text)) for one in content.notes] == [
        (-1, "For the fair"),
        (0, "Wrap it"),
        (0, "Subtotal: 5.00"),
        (1, "Terrace set"),
        (2, "Both of them"),
        (2, "Empty set"),
    ]


def test_whatever_stands_on_a_line_is_seen_to_change_however_it_is_written() -> None:
    def digest(**detail: Any) -> str:
        line = {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": detail}
        return seen_invoice(Line=[line]).kept_digest

    plain = digest(Qty=1, UnitPrice=5)
    assert plain == digest(UnitPrice=5, Qty=1)
    assert plain != digest(Qty=1, UnitPrice=5, ClassRef={"value": "7"})
    noted = seen_invoice(PrivateNote="Call first").kept_digest
    fielded = seen_invoice(CustomField=[{"DefinitionId": "1", "StringValue": "x"}]).kept_digest
    assert len({seen_invoice().kept_digest, noted, fielded}) == 3


def test_a_voided_invoice_is_told_from_one_of_nothing() -> None:
    assert seen_invoice(TotalAmt=0, PrivateNote="Voided - order").voided
    assert not seen_invoice(TotalAmt=0).voided and not seen_invoice(PrivateNote="Voided?").voided


def test_the_lines_inside_a_bundle_count_as_lines() -> None:
    inner = {"DetailType": "SalesItemLineDetail", "Amount": 5, "SalesItemLineDetail": {"ItemRef": {"value": "7"}}}
    bundle = {"DetailType": "GroupLineDetail", "Amount": 0, "GroupLineDetail": {"Line": [inner]}}
    [line] = seen_invoice(Line=[bundle]).lines
    assert (line.item, line.quantity, line.unit_price, line.amount) == ("7", Decimal(1), Decimal(5), Decimal(5))


def test_the_last_mark_counts() -> None:
    assert mark_in(f"order [wizqbo:{'f' * 32}] [wizqbo:{MARK}]") == MARK
    assert mark_in(None) == mark_in("wizqbo") == mark_in("[wizqbo:]") == ""


@pytest.mark.parametrize(
    ("kind", "sellable"), [("Service", True), ("Inventory", True), ("Category", False), ("Group", False)]
)
def test_a_product_says_whether_it_can_stand_on_a_line(kind: str, sellable: bool) -> None:
    tree = {"Id": "41", "SyncToken": "0", "Name": "Oak", "Sku": " OS-100 ", "Type": kind, "UnitPrice": 48.5}
    content = remote_from("product", raw(tree)).content
    assert content == ProductContent(
        sku="OS-100", name="Oak", item_type=kind, unit_price=Decimal("48.5"), sellable=sellable
    )


def test_a_stub_is_a_tombstone_and_what_waits_has_a_title() -> None:
    stub = remote_from("payment", raw({"domain": "QBO", "status": "Deleted", "Id": "150"}))
    assert (stub.content, stub.remote_id, stub.problem) == (None, "150", "")
    assert remote_from("creditmemo", raw({"Id": "3", "DocNumber": "C-7"})).content == OtherContent(title="C-7")


@pytest.mark.parametrize("kind", ["term", "customertype"])
def test_an_entry_of_a_short_list_has_a_name_and_says_whether_it_is_in_use(kind: str) -> None:
    entry = remote_from(kind, raw({"Id": "5000000000000003466", "Name": "Net 30", "Active": True}))
    assert (entry.remote_id, entry.content) == ("5000000000000003466", OtherContent(title="Net 30"))
    inactive = remote_from(kind, raw({"Id": "4", "Name": "Net 30 (deleted)", "Active": False}))
    assert inactive.content == OtherContent(title="Net 30", active=False)


@pytest.mark.parametrize(
    "tree",
    [
        {**INVOICE, "TotalAmt": "lots"},
        {**INVOICE, "TotalAmt": None},
        {**INVOICE, "TxnDate": "soon"},
        {"SyncToken": "1"},
        7,
    ],
)
def test_what_cannot_be_understood_is_kept_and_said(tree: object) -> None:
    remote = remote_from("invoice", raw(tree))
    assert remote.content is None and remote.problem and json.loads(remote.raw) == tree


def test_a_companys_facts_are_read_with_absent_keys_as_off() -> None:
    pairs = [
        {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
        {"Name": "SubscriptionStatus", "Value": "PAID"},
    ]
    company = {"Id": "1", "CompanyName": "Larry's", "Country": "US", "NameValue": pairs, "DefaultTimeZone": "UTC"}
    preferences = {
        "SalesFormsPrefs": {"CustomTxnNumbers": True, "DefaultDiscountAccount": "86"},
        "AccountingInfoPrefs": {"BookCloseDate": "2025-12-31"},
        "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}},
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": True},
    }
    facts = company_facts(raw(company), raw(preferences))
    assert (facts.plan, facts.subscription, facts.time_zone) == ("QuickBooks Online Plus", "PAID", "UTC")
    assert facts.custom_numbers and facts.automated_tax and not facts.allow_shipping and not facts.tracks_inventory
    assert facts.books_closed_until == date(2025, 12, 31) and facts.home_currency == "USD"


# ---- written ---------------------------------------------------------------------------------------------------------


def line(quantity: str = "2", price: str = "48.5", amount: str = "97.00", item: str = "41") -> InvoiceLine:
    return InvoiceLine(item=item, quantity=Decimal(quantity), unit_price=Decimal(price), amount=Decimal(amount))


def draft(**changes: object) -> InvoiceDraft:
    lines = (line(),)
    plain = InvoiceDraft(
        number="WC-1001",
        order_number="WC-1001",
        customer_remote_id="24",
        dated=date(2026, 2, 3),
        lines=lines,
        total=Decimal("97.00"),
        mark=MARK,
    )
    return msgspec.structs.replace(plain, **changes)


def sent(one: InvoiceDraft) -> dict[str, object]:
    tree: dict[str, object] = json.loads(request_body(one), parse_float=Decimal)
    return tree


def test_an_invoice_is_written_with_its_discount_shipping_and_mark() -> None:
    body = sent(
        draft(
            total=Decimal("99.30"),
            discount=Decimal("9.7"),
            shipping_charge=Decimal("1.2E+1"),
            po_number="4711",
            customer_note=Personal("Thank you"),
            shipping=Address(lines=Personal("a\nb\nc\nd\ne\nf"), postal_code="19901"),
        )
    )
    assert body == {
        "CustomerRef": {"value": "24"},
        "TxnDate": "2026-02-03",
        "DocNumber": "WC-1001",
        "PrivateNote": f"WizCommerce order WC-1001, PO 4711 [wizqbo:{MARK}]",
        "CustomerMemo": {"value": "Thank you"},
        "ShipAddr": {"Line1": "a", "Line2": "b", "Line3": "c", "Line4": "d", "Line5": "e, f", "PostalCode": "19901"},
        "Line": [
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": Decimal("97.00"),
                "SalesItemLineDetail": {"ItemRef": {"value": "41"}, "Qty": 2, "UnitPrice": Decimal("48.5")},
            },
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": 12,
                "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
            },
            {
                "DetailType": "DiscountLineDetail",
                "Amount": Decimal("9.7"),
                "DiscountLineDetail": {"PercentBased": False},
            },
        ],
    }


def test_numbers_are_written_without_an_exponent() -> None:
    one = line("1E+2", "1E+1", "1E+3")
    text = request_body(draft(lines=(one,), total=Decimal(1000)))
    assert '"Amount":1000' in text and '"Qty":100' in text and "E" not in text[text.index('"Amount"') :][:60]


def test_a_line_of_cents_of_rounding_may_be_below_zero() -> None:
    lines = (line(), line("1", "-0.05", "-0.05", "40"))
    body: Any = sent(draft(lines=lines, total=Decimal("96.95")))
    assert body["Line"][1] == {
        "DetailType": "SalesItemLineDetail",
        "Amount": Decimal("-0.05"),
        "SalesItemLineDetail": {"ItemRef": {"value": "40"}, "Qty": 1, "UnitPrice": Decimal("-0.05")},
    }


def test_an_unnumbered_invoice_sends_no_number() -> None:
    assert "DocNumber" not in sent(draft(number=""))


def test_an_amount_is_rounded_half_up() -> None:
    for one in (line("128.350", "14.50", "1861.08"), line("1", "0.125", "0.13")):
        assert sent(draft(lines=(one,), total=one.amount))["Line"]
    short = line("128.350", "14.50", "1861.07")
    with pytest.raises(Refused) as ended:
        request_body(draft(lines=(short,), total=short.amount))
    assert ended.value.code == "6070"


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"lines": (), "total": Decimal(0)}, "2250", "no lines"),
        ({"number": "N" * 22}, "2050", "document number"),
        ({"customer_note": Personal("x" * 1001)}, "2050", "note to the customer"),
        ({"po_number": "x" * 4000}, "2050", "private note"),
        ({"billing": Address(lines=Personal("x" * 501))}, "2050", "billing address"),
        ({"shipping": Address(postal_code="1" * 31)}, "2050", "PostalCode"),
        ({"total": Decimal("97.01")}, "total", "add up"),
        ({"lines": (line("-2", "48.5", "-97.00"),), "total": Decimal("-97.00")}, "2290", "negative"),
        ({"lines": (line("1", "-0.06", "-0.06"),), "total": Decimal("-0.06")}, "2290", "negative"),
        ({"lines": (line("2", "-0.01", "-0.02"),), "total": Decimal("-0.02")}, "2290", "negative"),
        ({"lines": (line("1", "48.5", "NaN"),), "total": Decimal("NaN")}, "total", "add up"),
        ({"lines": (line("NaN", "48.5"),)}, "2080", "quantity of line 1"),
        ({"lines": (line("2.00000001", "48.5"),)}, "2110", "quantity of line 1"),
        ({"lines": (line(item=""),)}, "2500", "line 1"),
        ({"lines": (line("1", "0", "0"),) * 10_001, "total": Decimal(0)}, "lines", "10001"),
    ],
)
def test_what_cannot_be_expressed_is_refused_before_it_is_sent(
    changes: dict[str, object], code: str, word: str
) -> None:
    with pytest.raises(Refused) as ended:
        request_body(draft(**changes))
    assert ended.value.code == code and word.lower() in ended.value.sentence.lower() and ended.value.next_step
