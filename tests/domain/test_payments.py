"""What was paid, as sights show it, and what a payment decides: tables of small facts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandAccepted,
    CommandHeld,
    CommandIssued,
    CommandRefused,
    CommandReleased,
    Event,
    InvoiceObserved,
    OrderObserved,
    PaymentObserved,
    PaymentTaken,
    PushAskedFor,
    PushWithheld,
    Recorded,
)
from engine.domain.order import Order, evolve_order, no_order
from engine.domain.payment_policies import PaymentAround, pay_each_rise
from engine.domain.payments import (
    Payment,
    evolve_payment,
    known_balance,
    no_payment,
    payment_from_rise,
    reference_of,
    take_each_rise,
)
from engine.domain.values import (
    NAMESPACE,
    Applied,
    CompanyFacts,
    InvoiceContent,
    OrderContent,
    PaymentContent,
    Personal,
)

AT = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
STREAM = f"order-acme:{NAMESPACE}"
FACTS = CompanyFacts(name="Green Wholesale", time_zone="America/Los_Angeles")


def recorded(event: Event, version: int, who: str = "system") -> Recorded:
    """An event in its place; its position in the log is ten times its version."""
    return Recorded(
        stream=STREAM,
        version=version,
        event_id=NAMESPACE,
        recorded_at=AT,
        causation_id="",
        correlation_id="",
        who=who,
        event=event,
        position=version * 10,
    )


def order_of(*events: Event) -> Order:
    order = no_order(STREAM)
    for version, event in enumerate(events, 1):
        order = evolve_order(order, recorded(event, version))
    return order


def payment_of(*events: Event, stream: str = "", who: str = "system") -> Payment:
    taken = next((one for one in events if isinstance(one, PaymentTaken)), None)
    payment = no_payment(stream or (taken.payment if taken else f"payment-acme:{NAMESPACE}"))
    for version, event in enumerate(events, 1):
        payment = evolve_payment(payment, recorded(event, version, who))
    return payment


def sight(kind: str) -> dict[str, Any]:
    here = {"revision": "1", "content_hash": "c", "fetched_after": 5, "cause": "", "raw": Personal("")}
    return {**here, "system": "wizcommerce" if kind == "order" else "quickbooks", "kind": kind, "remote_id": "130"}


def paid(amount: str, status: str = "", method: str = "") -> OrderObserved:
    """WizCommerce shows the order with so much paid."""
    content = OrderContent(
        number="WC-1001",
        customer_remote_id="cust_01",
        status="confirmed",
        lines=(),
        ordered_at=AT,
        amount=Decimal("100.00"),
        paid=Decimal(amount),
        payment_status=status,
        payment_method=method,
    )
    return OrderObserved(content=content, **sight("order"))


def invoice(balance: str = "100.00", payments: tuple[str, ...] = (), **more: Any) -> InvoiceObserved:
    """QuickBooks shows the order's invoice, its id 130."""
    content = InvoiceContent(
        number="WC-1001",
        customer_remote_id="58",
        dated=date(2026, 11, 20),
        lines=(),
        total=Decimal("100.00"),
        balance=Decimal(balance),
        payments=payments,
    )
    return replace(InvoiceObserved(content=content, **sight("invoice")), **more)


ISSUED = CommandIssued(command_id="c1", verb="CreateInvoice", target="quickbooks", generation=1, because="confirmed")
ACCEPTED = CommandAccepted(command_id="c1", attempt=1, remote_id="130", revision="0", number="WC-1001", how="answered")


def taken(amount: str = "100.00", place: int = 1, caused_at: int = 4) -> PaymentTaken:
    """What was taken for the order, as its payment's stream begins with."""
    order = order_of(paid("0"), ISSUED, ACCEPTED, invoice(), paid(amount))
    [one] = [event for event in take_each_rise(order) if isinstance(event, PaymentTaken)]
    return replace(one, place=place, caused_at=caused_at)


# ---- what was paid, as sights show it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What the sights showed, one after the other, and the amounts that are taken of it once the order has an invoice."""

    what: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    amounts: tuple[str, ...]


CASES = [
    Case("nothing is paid", ("0",), ("0",), ()),
    Case("all at once", ("0",), ("100",), ("100.00",)),
    Case("in parts", ("0",), ("30", "50", "100"), ("30.00", "20.00", "50.00")),
    Case("a deposit before there is an invoice", ("40",), (), ("40.00",)),
    Case("two deposits", ("10", "40"), ("100",), ("10.00", "30.00", "60.00")),
    Case("a deposit that went back before anything was taken", ("40", "0"), ("100",), ("100.00",)),
    Case("part of a deposit that went back before that", ("40", "70", "50"), (), ("40.00", "10.00")),
    Case("all of one deposit and part of another", ("40", "70", "20"), (), ("20.00",)),
    Case("a hundred, nothing, a hundred, before that", ("100", "0", "100"), (), ("100.00",)),
    Case("the same sight twice", ("0",), ("30", "30"), ("30.00",)),
    Case("fractions of a cent are rounded", ("0",), ("33.335",), ("33.34",)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_each_rise_is_taken_once_when_the_order_has_an_invoice(case: Case) -> None:
    order = order_of(*map(paid, case.before))
    assert take_each_rise(order) == []
    found: list[PaymentTaken] = []
    for event in (ISSUED, ACCEPTED, *map(paid, case.after)):
        order = evolve_order(order, recorded(event, order.version + 1))
        for rise in take_each_rise(order):
            assert isinstance(rise, PaymentTaken)
            found.append(rise)
            order = evolve_order(order, recorded(rise, order.version + 1))
        assert take_each_rise(order) == []

    assert [str(one.amount) for one in found] == list(case.amounts)
    assert [one.place for one in found] == list(range(1, len(found) + 1))
    assert len({one.payment for one in found}) == len(found)


def test_an_order_that_waits_for_a_person_after_a_refusal_has_nothing_taken() -> None:
    refused = CommandRefused(command_id="c1", attempt=1, code="6000", sentence="no", next_step="")

    assert take_each_rise(order_of(paid("40"), ISSUED, refused)) == []


def test_what_is_paid_already_when_an_order_born_in_quickbooks_is_first_shown_was_paid_there() -> None:
    order = order_of(invoice(), paid("100"))

    assert take_each_rise(order) == []
    assert [e.amount for e in take_each_rise(evolve_order(order, recorded(paid("120"), 3)))] == [Decimal("20.00")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        ([paid("40")], "paid 100.00 → 40.00"),
        ([paid("40", "REFUNDED")], "paid 100.00 → 40.00, refunded"),
        ([paid("0", "VOIDED")], "paid 100.00 → 0.00, voided"),
        ([paid("100", "REFUNDED")], "paid refunded"),
        ([paid("40"), paid("10")], "paid 100.00 → 10.00"),
    ],
)
def test_a_fall_is_a_task_and_holds_later_rises(shown: list[Event], sentence: str) -> None:
    order = order_of(paid("0"), ISSUED, ACCEPTED, invoice(), paid("100"), taken(caused_at=5), *shown)

    [task] = take_each_rise(order)
    assert isinstance(task, AttentionNeeded) and task.topic == "money-back"
    assert task.sentence == f"money of the order went back in WizCommerce: {sentence}"

    told = evolve_order(order, recorded(task, 20))
    risen = evolve_order(told, recorded(paid("200"), 21))
    assert take_each_rise(told) == take_each_rise(risen) == []
    assert amounts(risen) == [200 - order.paid.level]


def amounts(order: Order) -> list[Decimal]:
    """What is taken once a person has dismissed the task."""
    seen = evolve_order(order, recorded(AttentionCleared(topic="money-back", because="seen by admin"), 99))
    return [one.amount for one in take_each_rise(seen) if isinstance(one, PaymentTaken)]


@pytest.mark.parametrize(
    ("later", "taken_after"),
    [
        (("0", "60"), ["60.00"]),
        (("0", "60", "0"), []),
        (("0", "60", "20"), ["20.00"]),
        (("40", "100"), ["60.00"]),
        (("40", "100", "20"), []),
    ],
)
def test_what_was_paid_after_money_went_back_and_went_back_too_is_never_taken(
    later: tuple[str, ...], taken_after: list[str]
) -> None:
    order = order_of(paid("0"), ISSUED, ACCEPTED, invoice(), paid("100"), taken(caused_at=5), *map(paid, later))

    assert [str(one) for one in amounts(order)] == taken_after


# ---- what the payment looks like -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "place", "reference"),
    [
        ("WC-1001", 1, "WC-1001/1"),
        ("WC-1001", 12, "WC-1001/12"),
        ("A" * 19, 1, f"{'A' * 19}/1"),
        (f"X{'A' * 19}", 1, f"{'A' * 19}/1"),
        (f"2026-November-{'9' * 15}", 10, f"er-{'9' * 15}/10"),
    ],
)
def test_a_reference_is_at_most_21_characters_and_keeps_the_end_of_the_number(
    number: str, place: int, reference: str
) -> None:
    found = reference_of(replace(taken(), order_number=number, place=place))

    assert (found, len(found) <= 21) == (reference, True)


@pytest.mark.parametrize(
    ("seen_at", "day"),
    [
        (datetime(2026, 11, 27, 7, 59, tzinfo=UTC), date(2026, 11, 26)),
        (datetime(2026, 11, 27, 8, 0, tzinfo=UTC), date(2026, 11, 27)),
    ],
)
def test_a_payment_is_dated_the_day_it_was_seen_in_the_companys_time_zone(seen_at: datetime, day: date) -> None:
    order = order_of(paid("0"), ISSUED, ACCEPTED, invoice())
    draft = payment_from_rise(replace(taken(), seen_at=seen_at), order, FACTS, Choices(), "mark")

    assert (draft.dated, draft.customer_remote_id, draft.invoice) == (day, "58", "130")


# ---- what it decides ---------------------------------------------------------------------------------------------------------


def around(order: Order | None = None, **more: Any) -> PaymentAround:
    """An invoice with 100.00 left to pay, unless `order` says otherwise."""
    there = order or order_of(paid("0"), ISSUED, ACCEPTED, invoice())
    return PaymentAround(**{"connection": "acme", "facts": FACTS, "choices": Choices(), "order": there, **more})


def test_a_payment_is_issued_once_with_the_same_id_whenever_it_is_asked() -> None:
    payment = payment_of(taken())

    [issued] = pay_each_rise(payment, around())

    assert isinstance(issued, CommandIssued) and issued.verb == "CreatePayment"
    assert pay_each_rise(payment, around()) == [issued]
    assert pay_each_rise(evolve_payment(payment, recorded(issued, 2)), around()) == []


def test_two_payments_of_the_same_amount_have_ids_of_their_own() -> None:
    again = replace(taken(), payment="payment-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10", place=2)

    [one], [other] = (pay_each_rise(payment_of(each), around()) for each in (taken(), again))

    assert isinstance(one, CommandIssued) and isinstance(other, CommandIssued)
    assert one.command_id != other.command_id


def test_without_an_invoice_it_is_held_and_says_why_the_invoice_is_not_there() -> None:
    waiting = order_of(paid("40"), ISSUED)
    held = evolve_order(
        waiting, recorded(CommandRefused(command_id="c1", attempt=1, code="", sentence="closed", next_step=""), 9)
    )

    [issued, first] = pay_each_rise(payment_of(taken()), around(waiting))
    assert isinstance(issued, CommandIssued) and isinstance(first, CommandHeld)
    payment = payment_of(taken(), issued, first)
    [again] = pay_each_rise(payment, around(held))
    assert isinstance(again, CommandHeld)
    [released] = pay_each_rise(evolve_payment(payment, recorded(again, 4)), around())

    assert first.missing[0].sentence == "the invoice of order WC-1001 is not in QuickBooks yet"
    assert again.missing[0].sentence == f"{first.missing[0].sentence}: QuickBooks said no: closed"
    assert isinstance(released, CommandReleased)


def before(*events: Event) -> Payment:
    """The payment of 30.00 before it, after `events`."""
    first = replace(taken("30.00"), payment="payment-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10", place=1)
    return payment_of(first, *events)


PAY = CommandIssued(command_id="p1", verb="CreatePayment", target="quickbooks", generation=1, because="30.00 was paid")
ARRIVED = CommandAccepted(command_id="p1", attempt=1, remote_id="131", revision="0", number="", how="answered")


@pytest.mark.parametrize(
    ("first", "goes"),
    [
        (before(PAY), False),
        (before(PAY, CommandRefused(command_id="p1", attempt=1, code="", sentence="no", next_step="")), False),
        (before(PushWithheld(reason="balance", sentence="too much", needs_person=True)), False),
        (before(PAY, ARRIVED), True),
        (before(PushWithheld(reason="never-send", sentence="cash", needs_person=False)), True),
    ],
    ids=["on its way", "refused", "held for a person", "arrived", "never sent"],
)
def test_payments_of_one_order_go_one_after_the_other(first: Payment, goes: bool) -> None:
    found = pay_each_rise(payment_of(taken("40.00", place=2)), around(of_order=(first,)))

    assert [type(one) for one in found] == ([CommandIssued] if goes else [CommandIssued, CommandHeld])


@pytest.mark.parametrize(
    ("shown", "others", "left"),
    [
        (invoice("100.00"), (), "100.00"),
        (invoice("100.00"), (before(PAY, ARRIVED),), "70.00"),
        (invoice("70.00", ("131",)), (before(PAY, ARRIVED),), "70.00"),
        (invoice("100.00", fetched_after=99), (before(PAY, ARRIVED),), "100.00"),
        (invoice("100.00"), (before(PAY),), "100.00"),
    ],
    ids=[
        "as shown",
        "less what arrived since",
        "which it shows already",
        "or had lost again by then",
        "not what is on its way",
    ],
)
def test_what_is_known_to_be_left_to_pay(shown: InvoiceObserved, others: tuple[Payment, ...], left: str) -> None:
    assert str(known_balance(order_of(paid("0"), ISSUED, ACCEPTED, shown), others)) == left


def test_nothing_is_known_of_an_invoice_that_was_not_shown() -> None:
    assert known_balance(order_of(paid("0"), ISSUED, ACCEPTED), ()) is None


CHEQUE = PaymentContent(
    reference="4711", customer_remote_id="58", dated=date(2026, 11, 20), total=Decimal("100"), applied=()
)
CLOSED = replace(FACTS, books_closed_until=date(2026, 11, 27))
VOIDED = invoice("0.00")
HALF = replace(VOIDED, content=replace(VOIDED.content, total=Decimal("200.00"), balance=Decimal("100.00")))
"""Half of it is paid there."""
REASONS: list[tuple[str, PaymentAround, str]] = [
    (
        "balance",
        around(order_of(paid("0"), ISSUED, ACCEPTED, invoice("99.99"))),
        "invoice WC-1001 has 99.99 left to pay, less",
    ),
    (
        "balance",
        around(order_of(paid("0"), ISSUED, ACCEPTED, invoice("0")), theirs=(("7", CHEQUE),)),
        "invoice WC-1001 has 0.00 left to pay, less than the 100.00 taken; QuickBooks has payment 4711 of 2026-11-20, "
        "100.00 (its id 7) for it, which may be the same money",
    ),
    (
        "balance",
        around(order_of(paid("0"), ISSUED, ACCEPTED, HALF), theirs=(("7", CHEQUE),)),
        "100.00 was taken, with which order WC-1001 shows 100.00 as paid, as invoice WC-1001 does without it; QuickBooks has "
        "payment 4711 of 2026-11-20, 100.00 (its id 7) for it, which may be the same money",
    ),
    (
        "books-closed",
        around(facts=CLOSED),
        "the books are closed until 2026-11-27; a payment of 2026-11-27 would be refused",
    ),
    (
        "no-invoice",
        around(order_of(paid("0"), ISSUED, ACCEPTED, replace(VOIDED, content=replace(VOIDED.content, voided=True)))),
        "invoice WC-1001, which it would pay, was voided in QuickBooks",
    ),
    (
        "money-back",
        around(
            order_of(
                paid("0"), AttentionNeeded(topic="money-back", sentence="money went back", next_step=""), invoice()
            )
        ),
        "money went back, while this payment had not been sent",
    ),
]


@pytest.mark.parametrize(("reason", "circumstances", "sentence"), REASONS)
def test_what_a_person_must_see_first_is_withheld_with_its_reason(
    reason: str, circumstances: PaymentAround, sentence: str
) -> None:
    payment = payment_of(taken())

    [withheld] = pay_each_rise(payment, circumstances)

    assert isinstance(withheld, PushWithheld) and withheld.needs_person and withheld.next_step
    assert (withheld.reason, withheld.sentence[: len(sentence)]) == (reason, sentence)
    assert pay_each_rise(evolve_payment(payment, recorded(withheld, 2)), circumstances) == []
    on_its_way = payment_of(taken(), PAY)
    ended, again = pay_each_rise(on_its_way, circumstances)
    assert isinstance(ended, CommandAbandoned) and again == withheld


def test_a_person_may_have_more_sent_than_the_invoice_asks_for_and_nothing_else() -> None:
    payment = payment_of(taken(), PushAskedFor())
    low = order_of(paid("0"), ISSUED, ACCEPTED, invoice("0.00"))

    assert [type(one) for one in pay_each_rise(payment, around(low))] == [CommandIssued]
    assert [type(one) for one in pay_each_rise(payment, around(low, facts=CLOSED))] == [PushWithheld]


@pytest.mark.parametrize(
    ("total", "left", "others", "goes"),
    [
        ("200.00", "100.00", (), False),
        ("200.00", "100.01", (), True),
        ("200.00", "100.00", (before(PAY, ARRIVED),), False),
        ("130.00", "100.00", (before(PAY, ARRIVED),), True),
    ],
    ids=["as much is paid there", "other money is", "some of it by us", "all of it by us"],
)
def test_money_that_quickbooks_may_have_already_is_not_sent_again(
    total: str, left: str, others: tuple[Payment, ...], goes: bool
) -> None:
    """WizCommerce shows 100.00 as paid with this payment (130.00 and 30.00 of it by us, in the last case after money went
    back)."""
    shown = invoice(left, ("131",))
    order = order_of(paid("0"), ISSUED, ACCEPTED, replace(shown, content=replace(shown.content, total=Decimal(total))))
    rise = taken(place=2)
    rise = rise if total != "130.00" else replace(rise, amount=Decimal("30.00"), paid_after=Decimal("30.00"))

    found = pay_each_rise(payment_of(rise), around(order, of_order=others))

    assert [type(one) for one in found] == ([CommandIssued] if goes else [PushWithheld])


def test_what_quickbooks_said_no_to_is_not_repeated_by_itself() -> None:
    refused = CommandRefused(command_id="p1", attempt=1, code="6000", sentence="no", next_step="")

    assert pay_each_rise(payment_of(taken(), PAY, refused), around()) == []


def test_a_payment_made_in_quickbooks_decides_nothing() -> None:
    shown = PaymentObserved(content=CHEQUE, **sight("payment"))

    assert pay_each_rise(payment_of(shown), around()) == []


@pytest.mark.parametrize(
    ("content", "topics"),
    [
        (CHEQUE, []),
        (replace(CHEQUE, applied=(Applied(invoice="130", amount=Decimal(90)),), unapplied=Decimal(10)), ["unapplied"]),
        (replace(CHEQUE, total=Decimal(0), voided=True), ["ended-there"]),
        (replace(CHEQUE, total=Decimal(0), unapplied=Decimal(1), voided=True), ["ended-there"]),
    ],
)
def test_what_became_of_a_payment_is_told_once(content: PaymentContent, topics: list[str]) -> None:
    payment = payment_of(taken(), PAY, ARRIVED, PaymentObserved(content=content, **sight("payment")))

    told = pay_each_rise(payment, around())

    assert [one.topic for one in told if isinstance(one, AttentionNeeded)] == topics
    for event in told:
        payment = evolve_payment(payment, recorded(event, payment.version + 1))
    assert pay_each_rise(payment, around()) == []
    for topic in topics:
        payment = evolve_payment(payment, recorded(AttentionCleared(topic=topic, because="seen by admin"), 9))
    assert pay_each_rise(payment, around()) == []


def test_a_notice_is_taken_back_when_quickbooks_shows_it_otherwise() -> None:
    left = replace(CHEQUE, unapplied=Decimal(10))
    payment = payment_of(taken(), PAY, ARRIVED, PaymentObserved(content=left, **sight("payment")))
    [told] = pay_each_rise(payment, around())
    payment = evolve_payment(payment, recorded(told, 5))
    mended = evolve_payment(payment, recorded(PaymentObserved(content=CHEQUE, **sight("payment")), 6))

    assert [type(one) for one in pay_each_rise(mended, around())] == [AttentionCleared]


def test_the_time_of_a_rise_is_when_its_sight_was_recorded() -> None:
    assert taken().seen_at == AT
