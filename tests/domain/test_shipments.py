"""When an order was shipped, and what WizCommerce is told of it: tables of small facts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.carriers import carried_by, tracking_numbers
from engine.domain.choices import Choices
from engine.domain.drafts import Draft, InvoiceDraft, InvoiceHead, InvoiceUpdate, ShipmentDraft, ShippedItem
from engine.domain.events import (
    AttemptStarted,
    CommandAccepted,
    CommandIssued,
    Event,
    InvoiceObserved,
    OutcomeUnknown,
    PushWithheld,
    RecordGone,
    ShipmentWanted,
)
from engine.domain.order import Order
from engine.domain.shipments import (
    keep_the_shipment,
    note_of,
    shipment_disagreements,
    shipment_stream,
    shipment_wanted,
    stands,
)
from engine.domain.told import Told, evolve_told, no_told
from engine.domain.values import InvoiceContent, InvoiceLine, Personal, ShipmentContent, Shipping
from tests.wholesale import DOVER, FACTS, NOON, RECORD, content, line, order_after, recorded
from tests.wholesale import seen as order_seen

UPS, UPS_TOO, USPS = "1Z999AA10123456784", "1Z999AA10123456795", "9400100000000000000000"
OURS, LATER = date(2026, 11, 24), date(2026, 11, 25)
KEEP, OFF = Choices(), Choices(said={"shipments": "off"})
SKUS, PRODUCTS = {"21": "VASE-01"}, {"21": "p-vase"}
SENT = Shipping(method="UPS Ground", shipped=OURS, address=DOVER)
"""What we wrote on the invoice ourselves."""
INVOICE = InvoiceContent(
    number="WC-1001",
    customer_remote_id="58",
    dated=date(2026, 11, 20),
    lines=(InvoiceLine(item="21", quantity=Decimal(4), unit_price=Decimal(25), amount=Decimal(100)),),
    total=Decimal(100),
    shipping_details=SENT,
)


def draft(head: InvoiceHead) -> InvoiceDraft:
    return InvoiceDraft(
        number="WC-1001",
        order_number="WC-1001",
        customer_remote_id="58",
        dated=date(2026, 11, 20),
        lines=INVOICE.lines,
        total=INVOICE.total,
        mark="c-1",
        head=head,
    )


HEAD = InvoiceHead(ship_date=OURS, ship_method="UPS Ground")


def sent(what: Draft, command: str = "c-1") -> list[Event]:
    """We send it; whether it arrives is another matter."""
    verb: Any = "UpdateInvoice" if isinstance(what, InvoiceUpdate) else "CreateInvoice"
    return [
        CommandIssued(command_id=command, verb=verb, target="quickbooks", generation=1, because="a test"),
        AttemptStarted(
            command_id=command, attempt=1, draft=what, body=Personal(""), worker="w", send_by=NOON, answer_by=NOON
        ),
    ]


def accepted(command: str = "c-1") -> CommandAccepted:
    return CommandAccepted(
        command_id=command,
        attempt=1,
        target="quickbooks",
        remote_id="130",
        revision="0",
        number="WC-1001",
        how="answered",
    )


def seen(shipping: Shipping | None = SENT, remote_id: str = "130", **more: Any) -> InvoiceObserved:
    return InvoiceObserved(
        system="quickbooks",
        kind="invoice",
        remote_id=remote_id,
        revision="1",
        content_hash="hash",
        fetched_after=0,
        cause="a test",
        raw=Personal(""),
        content=replace(INVOICE, shipping_details=shipping, **more),
    )


def ours(*then: Event, **order: Any) -> Order:
    """An order of WizCommerce whose invoice we made, as it was shown first; and what came then."""
    shown = content(products=(("VASE-01", "p-of-order"),), **order)
    return order_after(order_seen(shown), *sent(draft(HEAD)), accepted(), seen(), *then)


def theirs(*then: Event) -> Order:
    """An order whose invoice was there first, made by a bookkeeper."""
    return order_after(seen(), order_seen(content()), *then)


def wanted(order: Order, skus: Any = SKUS, products: Any = PRODUCTS) -> ShipmentDraft:
    found = shipment_wanted(order, skus, products, FACTS)
    assert found is not None
    return found.draft


GONE = RecordGone(system="quickbooks", kind="invoice", remote_id="130", fetched_after=0, cause="a test")
UPDATE = InvoiceUpdate(
    remote_id="130",
    revision="1",
    before=draft(HEAD),
    invoice=draft(replace(HEAD, ship_date=LATER)),
    shown=Personal(""),
)
UNKNOWN = OutcomeUnknown(command_id="c-2", attempt=1, target="quickbooks", why="no answer", look_at=NOON)


@pytest.mark.parametrize(
    ("order", "shipped"),
    [
        pytest.param(ours(), False, id="as we wrote it"),
        pytest.param(ours(seen(Shipping(tracking=UPS))), True, id="tracking only"),
        pytest.param(ours(seen(replace(SENT, tracking=" , "))), False, id="no number in the field"),
        pytest.param(ours(seen(replace(SENT, shipped=LATER))), True, id="date changed by a bookkeeper"),
        pytest.param(ours(seen(replace(SENT, method="FedEx"))), True, id="method changed by a bookkeeper"),
        pytest.param(ours(seen(replace(SENT, method=" ups ground"))), False, id="our method in other letters"),
        pytest.param(ours(seen(Shipping())), False, id="our date and method emptied"),
        pytest.param(ours(seen(replace(SENT, address=None))), False, id="another ship-to"),
        pytest.param(ours(seen(replace(SENT, tracking=UPS)), seen()), False, id="tracking taken back"),
        pytest.param(ours(seen(replace(SENT, tracking=UPS), voided=True)), False, id="voided"),
        pytest.param(ours(seen(replace(SENT, tracking=UPS)), GONE), False, id="deleted"),
        pytest.param(
            ours(*sent(UPDATE, "c-2"), accepted("c-2"), seen(replace(SENT, shipped=LATER))), False, id="our update"
        ),
        pytest.param(
            ours(*sent(UPDATE, "c-2"), UNKNOWN, seen(replace(SENT, shipped=LATER))),
            False,
            id="our update seen before we know that it arrived",
        ),
        pytest.param(
            ours(seen(replace(SENT, method="FedEx")), *sent(UPDATE, "c-2"), accepted("c-2"), seen(replace(SENT, method="FedEx"))),
            True,
            id="a bookkeeper's method stays one through our update",
        ),
        pytest.param(theirs(), False, id="theirs, as it was shown first"),
        pytest.param(theirs(seen(replace(SENT, shipped=LATER))), True, id="theirs, date changed since"),
        pytest.param(theirs(seen(replace(SENT, tracking=UPS))), True, id="theirs, tracked"),
        pytest.param(order_after(seen(None), order_seen(content()), seen()), False, id="first shown in an old log"),
        pytest.param(order_after(seen(None), order_seen(content())), False, id="not shown since an old log"),
        pytest.param(
            theirs(seen(replace(SENT, shipped=LATER), remote_id="131")), False, id="another invoice is first shown anew"
        ),
    ],
)  # fmt: skip
def test_a_shipment_is_tracking_or_a_date_or_method_that_neither_we_wrote_nor_was_there_at_first(
    order: Order, shipped: bool
) -> None:
    assert stands(order) is shipped


@pytest.mark.parametrize(
    ("order", "remarks"),
    [
        (ours(seen(replace(SENT, tracking=UPS), voided=True)), "Voided in QuickBooks."),
        (ours(seen(replace(SENT, tracking=UPS)), GONE), "Deleted in QuickBooks."),
        (ours(), "Taken back in QuickBooks."),
    ],
)
def test_a_withdrawn_shipment_says_why_and_nothing_else(order: Order, remarks: str) -> None:
    told = wanted(order)
    empty = ShipmentDraft(reference=told.reference, order="ord_01", order_reference="", number="WC-1001")
    assert told == replace(empty, remarks=remarks)


def test_a_shipment_is_of_the_whole_invoice_with_what_wizcommerce_sells() -> None:
    lines = (
        InvoiceLine(item="21", quantity=Decimal(4), unit_price=Decimal(25), amount=Decimal(100)),
        InvoiceLine(item="99", quantity=Decimal(1), unit_price=Decimal(5), amount=Decimal(5)),
        InvoiceLine(item="22", quantity=Decimal("1.5"), unit_price=Decimal(2), amount=Decimal(3)),
        InvoiceLine(item="21", quantity=Decimal(2), unit_price=Decimal(20), amount=Decimal(40)),
        InvoiceLine(item="23", quantity=Decimal(0), unit_price=Decimal(20), amount=Decimal(0)),
    )
    shown = content(line(), line("BOWL-02"), products=(("VASE-01", "p-of-order"), ("BOWL-02", "p-bowl")))
    order = order_after(order_seen(shown), seen(), seen(replace(SENT, tracking=UPS), lines=lines))
    skus = {**SKUS, "22": "BOWL-02", "23": "BOWL-02"}

    told = wanted(order, skus, {**PRODUCTS, "23": "p-lamp"})

    assert told.items == (
        ShippedItem(product="p-vase", sku="VASE-01", quantity=Decimal(6)),  # by the link of its item
        ShippedItem(product="p-bowl", sku="BOWL-02", quantity=Decimal("1.5")),  # as the order names it
    )
    assert (told.reference, told.order, told.number) == ("QBO:acme:invoice:130:shipment", "ord_01", "WC-1001")
    assert wanted(order, {}, {}).items == ()


@pytest.mark.parametrize(
    ("ordered_at", "told"),
    [(NOON, LATER), (NOON + timedelta(days=5), LATER), (NOON + timedelta(days=6), None)],
    ids=["before", "on the day itself", "order made after the ship date"],
)
def test_no_date_before_the_orders_own_day_is_told(ordered_at: Any, told: date | None) -> None:
    order = ours(seen(replace(SENT, shipped=LATER)), ordered_at=ordered_at)
    assert wanted(order).shipped == told


def test_nothing_is_told_without_an_order_there_or_an_invoice_shown() -> None:
    order = ours(seen(replace(SENT, tracking=UPS)))
    for other in (
        replace(order, sight=None),
        replace(order, gone=True),
        replace(order, merged_into="order-acme:x"),
        order_after(order_seen(content())),
        order_after(order_seen(content()), seen(None)),
    ):
        assert shipment_wanted(other, SKUS, PRODUCTS, FACTS) is None
    assert shipment_stream(order_after(order_seen(content()))) == ""
    assert shipment_stream(order) != shipment_stream(replace(order, invoice_id="131"))


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("", ()),
        (f" {UPS} ", (UPS,)),
        (f"{UPS}, {UPS_TOO}", (UPS, UPS_TOO)),
        (f"{UPS};{UPS_TOO}/{USPS}", (UPS, UPS_TOO, USPS)),
        (f"{UPS}\n{UPS_TOO}\t{UPS}", (UPS, UPS_TOO)),
        (f"{UPS} {UPS_TOO}", (UPS, UPS_TOO)),
        ("1Z 999 AA1 01 2345 6784", (UPS,)),
        ("9400 1000 0000 0000 0000 00, 1Z 999 AA1 01 2345 6795", (USPS, UPS_TOO)),
        ("1234 5678 9012", ("1234 5678 9012",)),
        ("UPS 12345678", ("UPS 12345678",)),
    ],
)
def test_several_tracking_numbers_in_one_field_are_all_kept(typed: str, numbers: tuple[str, ...]) -> None:
    assert tracking_numbers(typed) == numbers


@pytest.mark.parametrize(
    ("method", "number", "carrier", "page"),
    [
        ("", UPS, "UPS", f"https://www.ups.com/track?tracknum={UPS}"),
        ("", UPS.lower(), "UPS", f"https://www.ups.com/track?tracknum={UPS.lower()}"),
        ("Brown truck", UPS, "Brown truck", f"https://www.ups.com/track?tracknum={UPS}"),
        ("", USPS, "USPS", f"https://tools.usps.com/go/TrackConfirmAction?tLabels={USPS}"),
        ("", "EA123456789US", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels=EA123456789US"),
        ("FedEx 2Day", "123456789012", "FedEx 2Day", "https://www.fedex.com/fedextrack/?trknbr=123456789012"),
        ("fedex", "1234 5678 9012", "fedex", "https://www.fedex.com/fedextrack/?trknbr=1234%205678%209012"),
        ("FedEx 2Day", UPS, "FedEx 2Day", ""),
        ("FedEx 2Day", "", "FedEx 2Day", ""),
        ("", "123456789012", "", ""),
        ("", "9274899995548851300648", "", ""),
        ("", f"{UPS}9", "", ""),
        ("Upsala Freight", "77", "Upsala Freight", ""),
    ],
)
def test_a_carrier_is_named_by_the_method_or_by_the_written_table(
    method: str, number: str, carrier: str, page: str
) -> None:
    assert carried_by(method, number) == (carrier, page)


def test_the_note_has_what_wizcommerce_has_no_field_for() -> None:
    told = wanted(ours(seen(replace(SENT, shipped=LATER, tracking=f"{UPS}, {UPS_TOO}"))))
    assert note_of(told) == (
        f"Shipped 2026-11-25. Ship to 12 Mill Rd, Dover, DE 19901, USA. Tracking numbers {UPS}, {UPS_TOO}"
    )
    assert note_of(replace(told, tracking=(UPS,), shipped=None, ship_to=None)) == ""
    erased = replace(DOVER, lines=Personal(None))
    assert note_of(replace(told, tracking=(), shipped=None, ship_to=erased)) == "Ship to Dover, DE 19901, USA"


# ---- whether it is told --------------------------------------------------------------------------------------------


def told_after(*events: Event) -> Told:
    record = no_told(f"shipment-acme:{RECORD}")
    for event in events:
        record = evolve_told(record, recorded(record.stream, record.version + 1, event))
    return record


def want(order: Order) -> ShipmentWanted:
    found = shipment_wanted(order, SKUS, PRODUCTS, FACTS)
    assert found is not None
    return found


TRACKED = ours(seen(replace(SENT, tracking=UPS)))
AGAIN = ours(seen(replace(SENT, tracking=UPS_TOO)))


def test_each_other_content_asks_for_another_put_and_the_same_for_none() -> None:
    [first] = keep_the_shipment(told_after(want(TRACKED)), KEEP)
    assert isinstance(first, CommandIssued)
    assert (first.verb, first.target, first.priority) == ("PutShipment", "wizcommerce", 1)
    assert (
        first.because
        == f"QuickBooks shows invoice WC-1001 as shipped: tracking {UPS}, by UPS Ground, on 2026-11-24; 4 x VASE-01"
    )
    start = AttemptStarted(
        command_id=first.command_id,
        attempt=1,
        draft=want(TRACKED).draft,
        body=Personal(""),
        worker="w",
        send_by=NOON,
        answer_by=NOON,
    )
    done = [want(TRACKED), first, start, accepted(first.command_id)]
    assert keep_the_shipment(told_after(*done), KEEP) == []
    [second] = keep_the_shipment(told_after(*done, want(AGAIN)), KEEP)
    assert isinstance(second, CommandIssued) and second.command_id != first.command_id
    [third] = keep_the_shipment(told_after(*done, want(ours())), KEEP)
    assert isinstance(third, CommandIssued)
    assert third.because == "QuickBooks shows invoice WC-1001 as not shipped: taken back in QuickBooks"


def test_off_says_so_once_and_what_was_taken_back_untold_is_never_told() -> None:
    [withheld] = keep_the_shipment(told_after(want(TRACKED)), OFF)
    assert isinstance(withheld, PushWithheld) and withheld.waits_for == "shipments:acme"
    assert keep_the_shipment(told_after(want(TRACKED), withheld), OFF) == []
    [untold] = keep_the_shipment(told_after(want(TRACKED), withheld, want(ours())), KEEP)
    assert isinstance(untold, PushWithheld) and "never told of the shipment" in untold.sentence


# ---- whether it arrived --------------------------------------------------------------------------------------------


def shown_as(told: ShipmentDraft, **more: Any) -> ShipmentContent:
    """The shipment that WizCommerce shows after it took `told`."""
    found = ShipmentContent(
        reference=told.reference,
        status="created" if told.remarks else "shipped",
        tracking=told.tracking[0] if told.tracking else "",
        carrier=told.carrier,
        url=told.url,
        note=Personal(note_of(told)),
        remarks=told.remarks,
        items=tuple((one.sku, one.quantity) for one in told.items),
    )
    return replace(found, **more)


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({}, ()),
        ({"status": "fulfilled"}, ()),
        ({"items": None}, ()),
        ({"items": (("", Decimal(4)),)}, ()),
        ({"status": "created"}, ("status created",)),
        ({"tracking": ""}, (f"tracking number (none) instead of {UPS}",)),
        ({"carrier": "UPS"}, ("carrier UPS instead of UPS Ground",)),
        ({"url": ""}, ("another page",)),
        ({"remarks": "x"}, ("another remark",)),
        ({"note": Personal("x")}, ("another note",)),
        ({"items": ()}, ("other items",)),
        ({"items": (("BOWL-02", Decimal(4)),)}, ("other items",)),
        ({"active": False}, ("it is inactive",)),
    ],
)
def test_where_the_shipment_differs_is_told(differs: dict[str, Any], said: tuple[str, ...]) -> None:
    told = wanted(TRACKED)
    assert shipment_disagreements(told, shown_as(told, **differs)) == said


def test_of_a_withdrawn_shipment_a_deleted_one_will_do() -> None:
    told = wanted(ours())
    assert shipment_disagreements(told, shown_as(told)) == ()
    assert shipment_disagreements(told, shown_as(told, status="shipped")) == ("status shipped",)
    assert shipment_disagreements(told, shown_as(told, status="shipped", active=False)) == ()
