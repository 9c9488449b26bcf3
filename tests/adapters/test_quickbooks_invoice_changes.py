"""What a change of an invoice is in QuickBooks' words: what differs, with line ids and everything that is not ours kept."""

import json
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from adapters.quickbooks.drafts import request_body
from engine.domain.bundles import Bundle, BundlePart
from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, InvoiceUpdate, InvoiceVoid
from engine.domain.invoice_from_order import invoice_from_order
from engine.domain.values import Personal
from engine.ports import Refused
from tests.wholesale import DOVER, FACTS, content, line

ITEMS = {"vase-01": "21", "bowl-02": "22"}
BEFORE = invoice_from_order(content(line(), line("BOWL-02", "2", "12.50")), "58", ITEMS, FACTS, "m1")
CLASS = {"ClassRef": {"value": "7"}}


def shown_line(line_id: str, item: str, quantity: object, price: object, **more: Any) -> dict[str, Any]:
    detail = {"ItemRef": {"value": item, "name": "X"}, "Qty": quantity, "UnitPrice": price, **more.pop("detail", {})}
    return {"Id": line_id, "LineNum": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail, **more}


LINES = [
    shown_line("1", "21", 4, 25, detail=CLASS, Description="Blue"),
    {"Id": "9", "DetailType": "DescriptionOnly", "Description": "Fragile"},
    shown_line("2", "22", 2, 12.5),
    {"DetailType": "SubTotalLineDetail", "Amount": 125},
]


def body(after: InvoiceDraft, before: InvoiceDraft = BEFORE, lines: list[Any] = LINES, **shown: Any) -> dict[str, Any]:
    told = {"Line": lines, "PrivateNote": "WizCommerce order WC-1001 [wizqbo:m1]", **shown}
    update = InvoiceUpdate(
        remote_id="145", revision="3", before=before, invoice=after, shown=Personal(json.dumps(told))
    )
    found: dict[str, Any] = json.loads(request_body(update))
    return found


def drafted(*lines: Any, **more: Any) -> InvoiceDraft:
    return invoice_from_order(content(*lines, **more), "58", ITEMS, FACTS, "m1")


def ids(written: dict[str, Any]) -> list[str | None]:
    return [one.get("Id") for one in written["Line"]]


def test_only_what_differs_is_written_and_lines_keep_their_ids_and_what_is_not_ours() -> None:
    written = body(drafted(line(quantity="6"), line("BOWL-02", "2", "12.50"), line("BOWL-02", "1", "10")))

    assert set(written) == {"Id", "SyncToken", "sparse", "CustomerRef", "Line"}
    assert (written["Id"], written["SyncToken"], written["sparse"]) == ("145", "3", True)
    assert ids(written) == ["1", "9", "2", None]
    first = written["Line"][0]
    assert first["SalesItemLineDetail"] == {"ItemRef": {"value": "21"}, "Qty": 6, "UnitPrice": 25, **CLASS}
    assert (first["Amount"], first["Description"], "LineNum" in first) == (150, "Blue", False)


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        ([line()], ["1", "9"]),
        ([line("BOWL-02", "2", "12.50"), line()], ["1", "9", "2"]),
        ([line("BOWL-02", "5", "1")], ["9", "2"]),
        ([line(), line(), line()], ["1", "9", None, None]),
    ],
)
def test_a_line_that_went_goes_and_one_that_stays_keeps_its_place(lines: list[Any], kept: list[str | None]) -> None:
    assert ids(body(drafted(*lines))) == kept


def test_of_two_lines_of_one_item_each_keeps_the_id_of_its_price() -> None:
    before = drafted(line(price="25"), line(price="20"))
    twice = [shown_line("1", "21", 4, 25), shown_line("2", "21", 4, 20)]

    written = body(drafted(line(price="20", quantity="9"), line(price="30")), before, twice)

    prices = {one["Id"]: one["SalesItemLineDetail"]["UnitPrice"] for one in written["Line"]}
    assert prices == {"2": 20, "1": 30}


def test_a_line_that_did_not_change_keeps_its_id_before_one_that_did_takes_it() -> None:
    written = body(drafted(line(quantity="5"), line(quantity="4")), drafted(line()), [LINES[0]])

    kept = {one.get("Id"): one["SalesItemLineDetail"]["Qty"] for one in written["Line"]}
    assert kept == {"1": 4, None: 5}


def test_our_own_words_about_a_discount_go_with_it_and_nobody_elses() -> None:
    before = drafted(line(discount=Decimal(10), discount_is_percentage=True))
    ours = shown_line("1", "21", 4, 22.5, Description="Price 25, less 10%")

    assert body(drafted(line()), before, [ours])["Line"][0]["Description"] == ""
    assert body(drafted(line()), before, [{**ours, "Description": "Blue"}])["Line"][0]["Description"] == "Blue"


def test_fields_of_the_form_that_are_not_ours_stay() -> None:
    chosen = Choices(said={"po-field": "2"})
    before, after = (
        invoice_from_order(content(po_number=po), "58", ITEMS, FACTS, "m1", chosen) for po in ("PO-1", "PO-2")
    )
    fields = [
        {"DefinitionId": "1", "StringValue": "theirs"},
        {"DefinitionId": "2", "StringValue": "PO-1"},
        {"DefinitionId": "3"},
    ]

    written = body(after, before, [LINES[0]], CustomField=fields)["CustomField"]

    assert [(one["DefinitionId"], one["StringValue"]) for one in written] == [("1", "theirs"), ("2", "PO-2")]


def test_shipping_and_discount_are_written_over_what_was_there() -> None:
    charges = {"shipping_charge": Decimal(5), "discount": Decimal(3)}
    facts = replace(FACTS, allow_shipping=True, allow_discount=True)
    before = invoice_from_order(content(**charges), "58", ITEMS, facts, "m1")
    shipping = {
        "Amount": 5,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}, **CLASS},
    }
    discount = {
        "Amount": 3,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 3, "DiscountAccountRef": {"value": "86"}},
    }
    after = invoice_from_order(content(**{**charges, "discount": Decimal(4)}), "58", ITEMS, facts, "m1")

    _, sent_shipping, sent_discount = body(after, before, [LINES[0], shipping, discount])["Line"]

    assert sent_shipping == shipping
    assert sent_discount["Amount"] == 4
    assert sent_discount["DiscountLineDetail"] == {"PercentBased": False, "DiscountAccountRef": {"value": "86"}}
    assert len(body(drafted(line()), before, [LINES[0], shipping, discount])["Line"]) == 1


def test_a_head_is_written_where_it_differs_and_a_note_only_over_our_own_words() -> None:
    more = {"po_number": "PO-7", "customer_note": Personal("Ring twice"), "shipping": DOVER}
    after = drafted(line(), line("BOWL-02", "2", "12.50"), **more)

    written = body(after, PrivateNote="Call first. WizCommerce order WC-1001 [wizqbo:m1]")

    assert written["PrivateNote"] == "Call first. WizCommerce order WC-1001, PO PO-7 [wizqbo:m1]"
    assert written["CustomerMemo"] == {"value": "Ring twice"} and written["ShipAddr"]["City"] == "Dover"
    assert "Line" not in written and "BillAddr" not in written
    assert "PrivateNote" not in body(after, PrivateNote="rewritten by hand")


def test_what_was_erased_or_cannot_be_expressed_is_refused_before_it_is_sent() -> None:
    erased = InvoiceUpdate(remote_id="145", revision="3", before=BEFORE, invoice=BEFORE, shown=Personal(None))
    wrong = replace(BEFORE, total=Decimal(1))

    with pytest.raises(Refused, match="were erased here"):
        request_body(erased)
    with pytest.raises(Refused, match="do not add up"):
        body(wrong)


def test_a_void_names_the_revision_it_was_decided_at() -> None:
    void = InvoiceVoid(remote_id="145", revision="3", number="WC-1001", total=Decimal(100))

    assert json.loads(request_body(void)) == {"Id": "145", "SyncToken": "3"}


SET = Bundle(
    item="50",
    parts=(
        BundlePart(item="21", quantity=Decimal(1), called="VASE-01", price=Decimal(100)),
        BundlePart(item="22", quantity=Decimal(2), called="BOWL-02", price=Decimal("25.5")),
    ),
)


def with_bundle(quantity: str, *others: Any, note: str = "Oak") -> InvoiceDraft:
    sold = line("SET-01", quantity, "151", note=Personal(note))
    return invoice_from_order(content(sold, *others), "58", ITEMS, FACTS, "m1", bundles={"set-01": SET})


def group_shown(quantity: int, **more: Any) -> dict[str, Any]:
    inside = [shown_line("3", "21", quantity, 100, detail=CLASS), shown_line("4", "22", 2 * quantity, 25.5)]
    detail = {"GroupItemRef": {"value": "50", "name": "Set"}, "Quantity": quantity, "Line": inside}
    return {"Id": "1", "LineNum": 1, "DetailType": "GroupLineDetail", "Amount": 0, "GroupLineDetail": detail, **more}


def test_a_bundle_is_written_as_one_line_of_nothing_with_its_parts_in_it() -> None:
    [group, plain] = json.loads(request_body(with_bundle("2", line())))["Line"]

    assert group == {
        "DetailType": "GroupLineDetail",
        "Amount": 0,
        "Description": "Oak",
        "GroupLineDetail": {
            "GroupItemRef": {"value": "50"},
            "Quantity": 2,
            "Line": [
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 200,
                    "SalesItemLineDetail": {"ItemRef": {"value": "21"}, "Qty": 2, "UnitPrice": 100},
                },
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": 102,
                    "SalesItemLineDetail": {"ItemRef": {"value": "22"}, "Qty": 4, "UnitPrice": 25.5},
                },
            ],
        },
    }
    assert plain["DetailType"] == "SalesItemLineDetail"


def test_two_bundles_of_one_item_are_two_lines() -> None:
    twice = with_bundle("2", line("SET-01", "2", "151", note=Personal("Oak")))

    assert [one["GroupLineDetail"]["Quantity"] for one in json.loads(request_body(twice))["Line"]] == [2, 2]


def test_a_bundle_that_changes_keeps_its_id_and_those_inside_with_what_is_on_them() -> None:
    loose = shown_line("2", "21", 4, 25)
    written = body(with_bundle("3", line()), with_bundle("2", line()), [group_shown(2), loose])
    group, plain = written["Line"]
    first, second = group["GroupLineDetail"]["Line"]

    assert (group["Id"], first["Id"], second["Id"], plain["Id"]) == ("1", "3", "4", "2")
    assert group["GroupLineDetail"]["Quantity"] == 3 and "LineNum" not in group
    assert first["SalesItemLineDetail"] == {"ItemRef": {"value": "21"}, "Qty": 3, "UnitPrice": 100, **CLASS}
    assert (second["SalesItemLineDetail"]["Qty"], second["Amount"]) == (6, 153)


def test_a_bundle_that_left_the_order_goes_and_its_words_with_it() -> None:
    there = [group_shown(2, Description="Oak"), shown_line("2", "21", 4, 25)]

    assert ids(body(drafted(line()), with_bundle("2", line()), there)) == ["2"]
    assert body(with_bundle("2", note=""), with_bundle("2"), there)["Line"][0]["Description"] == ""
