"""Makes the recorded example of each event that has none yet: `python -m tests.recording`.

An example is the state of a row as the log held it, kept for ever as tests/recorded/<tag>.json: a release that cannot read it
cannot read somebody's log. A file that is there is never written again; a new event gets an example here and a file.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
from msgspec.structs import replace

from engine.domain import drafts
from engine.domain import events as e
from engine.domain import values as v
from engine.domain.overrides import Override
from engine.log.mapper import EventMapper
from tests.recording_born import BORN
from tests.recording_born import INVOICE as BORN_INVOICE
from tests.recording_goods import BEFORE_START, BUNDLE, DRAFTS, RUN, STARTED, goods
from tests.recording_goods import WHOLE as PRODUCT
from tests.recording_payments import DRAFT as PAYMENT_DRAFT
from tests.recording_payments import RECORD, SHIPMENT, SHIPMENT_WANTED, SHIPPING, SHOWN, TAKEN, WANTED
from tests.sealing import Turner

FOLDER = Path(__file__).parent / "recorded"
STREAM = "order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10"
AT = datetime(2026, 11, 20, 9, 30, 15, 250_000, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 9, 32, 45, tzinfo=UTC)
COMMAND = "1c9e4f5a0b7d5c2e8f3a6b1d4e7c0a92"
RAW = v.Personal('{"Id": "7", "total": 1861.08}')

ADDRESS = v.Address(
    lines=v.Personal("1 Harbour Street\nGround floor"), city="Portland", region="OR", postal_code="97201", country="US"
)
CUSTOMER = v.CustomerContent(
    display_name=v.Personal("Bloom & Co"),
    company_name=v.Personal("Bloom & Co"),
    given_name=v.Personal("Givenname"),
    family_name=v.Personal("Fämilyname"),
    email=v.Personal("books@bloom.example"),
    phone=v.Personal("+1 415 555 0100"),
    billing=ADDRESS,
    shipping=v.Address(city="Salem"),
    payment_term="Net 30",
    reference="QBO-CUST-58",
    active=True,
    currency="USD",
    mark=COMMAND,
)
INVOICE_LINE = v.InvoiceLine(
    item="21",
    quantity=Decimal("128.350"),
    unit_price=Decimal("14.50"),
    amount=Decimal("1861.08"),
    description=v.Personal("for the shop window"),
)
ORDER = v.OrderContent(
    number="WC-1001",
    customer_remote_id="cust_01",
    status="confirmed",
    lines=(
        v.OrderLine(
            sku="VASE-01",
            quantity=Decimal("128.350"),
            unit_price=Decimal("14.50"),
            discount=Decimal("2.5"),
            discount_is_percentage=True,
            note=v.Personal("for the shop window"),
            is_adhoc=False,
        ),
    ),
    ordered_at=AT,
    amount=Decimal("1861.075"),
    discount=Decimal("10"),
    tax=Decimal("0.00"),
    shipping_charge=Decimal("12.00"),
    other_charges=Decimal("3.10"),
    currency="USD",
    po_number="PO-7",
    payment_term="Net 30",
    customer_note=v.Personal("ring twice"),
    billing=ADDRESS,
    shipping=ADDRESS,
    reference="QBO-INV-12",
)
PAID = replace(ORDER, paid=Decimal("105.00"), payment_status="PARTIALLY_PAID", payment_method="card")
INVOICE = v.InvoiceContent(
    number="WC-1001",
    customer_remote_id="58",
    dated=date(2026, 11, 20),
    lines=(INVOICE_LINE,),
    total=Decimal("1861.08"),
    balance=Decimal("861.08"),
    tax=Decimal("0"),
    discount=Decimal("5.00"),
    shipping_charge=Decimal("5.00"),
    mark=COMMAND,
    created_at=AT,
    voided=False,
)
FACTS = v.CompanyFacts(
    name="Green Wholesale",
    country="US",
    plan="Plus",
    subscription="active",
    custom_numbers=True,
    allow_shipping=True,
    allow_discount=True,
    sales_tax=True,
    automated_tax=True,
    multi_currency=True,
    home_currency="USD",
    books_closed_until=date(2026, 9, 30),
    tracks_inventory=True,
    time_zone="America/Los_Angeles",
)
DRAFT = drafts.InvoiceDraft(
    number="WC-1001",
    order_number="WC-1001",
    customer_remote_id="58",
    dated=date(2026, 11, 20),
    lines=(INVOICE_LINE,),
    total=Decimal("1861.08"),
    mark=COMMAND,
    discount=Decimal("5.00"),
    shipping_charge=Decimal("5.00"),
    po_number="PO-7",
    customer_note=v.Personal("ring twice"),
    billing=ADDRESS,
    shipping=ADDRESS,
    tax_code="NON",
)
WITH_BUNDLE = replace(
    DRAFT,
    lines=(
        replace(
            INVOICE_LINE,
            bundle=v.InBundle(item="50", quantity=Decimal(2), place=0, description=v.Personal("oak, not pine")),
        ),
    ),
)
DUE = date(2026, 12, 20)
CHOSEN = Override(number="WC-1001-B", dated=date(2026, 12, 1), term="3", items={"glass-9": "VASE-01"})
CHANGED = drafts.InvoiceUpdate(
    remote_id="145", revision="2", before=DRAFT, invoice=replace(DRAFT, total=Decimal("1856.08")), shown=RAW
)
VOIDED = drafts.InvoiceVoid(remote_id="145", revision="3", number="WC-1001", total=Decimal("1861.08"))
WHOLE = replace(
    CUSTOMER,
    full_name=v.Personal("Garden Group:Bloom & Co"),
    parent="12",
    bill_with_parent=True,
    project=True,
    type_id="5000",
    taxable=False,
    exemption="3",
    resale_number=v.Personal("R-77"),
    attributes=(v.Attribute(name="Customer Type", value=v.Personal("Florist")),),
    billing_id="addr_01",
    shipping_id="addr_02",
    contact_id="cont_01",
    sales_reps=("rep_01",),
    price_list="list_01",
)
THERE = drafts.CustomerDraft(
    content=WHOLE,
    mark=COMMAND,
    target="wizcommerce",
    reference="QBO:4620816365:customer:58",
    fields=("name", "phone"),
    sales_rep="rep_01",
    price_list="list_01",
)
UPDATE = drafts.CustomerUpdate(
    target="wizcommerce",
    remote_id="cust_01",
    revision="2026-11-20T09:30:15Z",
    fields=("phone", "shipping"),
    content=CUSTOMER,
    mark=COMMAND,
    reference="QBO:4620816365:customer:58",
)
CANDIDATE = e.Candidate(remote_id="58", strength="weak", because="same name, nothing else to tell them apart by")


def _connection() -> list[e.Event]:
    return [
        e.ConnectionOpened(),
        e.TenantJoined(tenant="5f1c", expires_at=LATER),
        e.TenantTokenLapsing(expires_at=LATER),
        e.TenantAccessEnded(reason="WizCommerce does not accept the token"),
        e.ConsentGranted(company="Green Wholesale", refresh_expires_at=LATER),
        e.ConsentRefused(reason="The consent was declined in QuickBooks."),
        e.ConsentLapsing(expires_at=LATER),
        e.ConsentEnded(reason="QuickBooks no longer accepts the consent", trace_id="1-5f"),
        e.ConsentRegained(company="Green Wholesale", refresh_expires_at=LATER),
        e.CompanyObserved(facts=FACTS, content_hash="9b2e", cause="schedule: facts"),
        e.PushStarted(push_from=AT),
        e.PushPaused(reason="stocktaking"),
        e.PushResumed(),
        e.RunFinished(
            what="changes",
            asked_by="schedule",
            cursor_from="2026-11-20T09:00:00Z",
            cursor_to="2026-11-20T09:15:00Z",
            read=12,
            changed=3,
            metered_reads=1,
            complete=False,
            problem="QuickBooks did not answer",
        ),
        e.StepParked(step="react", stream=STREAM, position=77, problem="KeyError: a step failed"),
        e.StepUnparked(step="react", stream=STREAM),
        e.SettingChosen(name="owner-phone", value="quickbooks"),
        e.FirstSyncAccepted(plan={"customers created in quickbooks": 12, "customers updated in wizcommerce": 3}),
        e.FirstSyncReported(
            counts={"customers in quickbooks": 40, "linked": 37, "differences": 0},
            held={"a person says who it is: same name": 2},
            settings={"owner-phone": "quickbooks"},
        ),
    ]


def _sight(kind: str, system: v.System, revision: str) -> dict[str, object]:
    return {
        "system": system,
        "kind": kind,
        "remote_id": "7",
        "revision": revision,
        "content_hash": "c0ffee",
        "fetched_after": 41,
        "cause": "webhook 3 update",
        "raw": RAW,
    }


def _sights() -> list[e.Event]:
    product = v.ProductContent(
        sku="VASE-01", name="Vase", item_type="NonInventory", active=False, unit_price=Decimal("25.00"), sellable=False
    )
    moved = {"system": "quickbooks", "kind": "customer", "remote_id": "7", "fetched_after": 41, "cause": "webhook 3"}
    return [
        e.CustomerObserved(content=CUSTOMER, **_sight("customer", "wizcommerce", "2026-11-20T09:30:15Z")),  # type: ignore[arg-type]
        e.ProductObserved(content=product, **_sight("product", "quickbooks", "2")),  # type: ignore[arg-type]
        e.OrderObserved(content=ORDER, **_sight("order", "wizcommerce", "2026-11-20T09:30:15Z")),  # type: ignore[arg-type]
        e.InvoiceObserved(content=INVOICE, **_sight("invoice", "quickbooks", "0")),  # type: ignore[arg-type]
        e.PaymentObserved(content=SHOWN, **_sight("payment", "quickbooks", "1")),  # type: ignore[arg-type]
        e.OtherObserved(content=v.OtherContent(title="Net 30"), **_sight("term", "quickbooks", "1")),  # type: ignore[arg-type]
        e.RevisionMoved(revision="3", **moved),  # type: ignore[arg-type]
        e.RecordGone(**moved),  # type: ignore[arg-type]
        e.RecordNotUnderstood(
            system="quickbooks", kind="invoice", remote_id="7", problem="Expected `str`, got `int`", raw=RAW
        ),
    ]


def _matches() -> list[e.Event]:
    return [
        e.RemoteClaimed(record=STREAM),
        e.ClaimMoved(record=STREAM),
        e.RecordLinked(system="quickbooks", kind="customer", remote_id="58", how="same name and email", revision="4"),
        e.MatchProposed(system="quickbooks", candidates=(CANDIDATE,)),
        e.MatchChosen(system="quickbooks", remote_id="58"),
        e.MatchRejected(system="quickbooks"),
        e.RecordMergedInto(record=STREAM),
        e.RecordMergedThere(system="quickbooks", kind="customer", remote_id="7", into="58"),
        e.NeededBy(stream=STREAM, number="WC-1001"),
    ]


def _merges() -> list[e.Event]:
    return [
        e.FieldsAgreed(fields=("name", "phone")),
        e.ConflictSettled(
            field="phone",
            base=v.Personal("+1 415 555 0100"),
            quickbooks=v.Personal("+1 415 555 0101"),
            wizcommerce=v.Personal("+1 415 555 0102"),
            winner="wizcommerce",
            rule="changed on both sides since they agreed; WizCommerce owns the phone on this connection",
        ),
        e.ConflictUndone(field="phone", value_of="quickbooks", settled=7),
    ]


def _orders() -> list[e.Event]:
    return [
        e.PushWithheld(
            reason="books-closed",
            sentence="the books are closed until 2026-09-30",
            needs_person=True,
            next_step="Reopen the books in QuickBooks; the order then goes by itself.",
            waits_for="facts:acme",
        ),
        e.PushAskedFor(),
        e.InvoiceOverridden(override=CHOSEN),
        e.InvoiceAttached(
            order="order-acme:6e1c7f6e-52a4-5d7c-9a55-0d3b6a1f7f10",
            order_number="WC-1001",
            record="order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10",
            invoice_number="1042",
            why="split for the back order",
        ),
        e.AttentionNeeded(topic="after-the-invoice", sentence="the order changed", next_step="Change it by hand."),
        e.AttentionCleared(topic="after-the-invoice", because="order and invoice agree again"),
        TAKEN,
        WANTED,
        SHIPMENT_WANTED,
        e.PersonalFieldsErased(),
        e.Reconsidered(because="orders are pushed from 2026-11-01 00:00 UTC"),
    ]


def _commands() -> list[e.Event]:
    missing = e.Missing(key="sku:acme:vase-01", sentence="QuickBooks has no active item with SKU VASE-01")
    return [
        e.CommandIssued(
            command_id=COMMAND,
            verb="CreateInvoice",
            target="quickbooks",
            generation=2,
            because="order WC-1001 is confirmed",
            priority=1,
        ),
        e.CommandHeld(command_id=COMMAND, missing=(missing,)),
        e.CommandReleased(command_id=COMMAND, because="QuickBooks has an active item with SKU VASE-01"),
        e.AttemptStarted(
            command_id=COMMAND,
            attempt=1,
            draft=DRAFT,
            body=v.Personal('{"DocNumber": "WC-1001"}'),
            worker="4f0c",
            send_by=AT,
            answer_by=LATER,
        ),
        e.CommandRetried(command_id=COMMAND),
        e.CommandAbandoned(command_id=COMMAND, why="a person asked for it anew"),
    ]


def _outcomes() -> list[e.Event]:
    return [
        e.CommandAccepted(
            command_id=COMMAND,
            attempt=1,
            remote_id="145",
            revision="0",
            number="WC-1001",
            how="answered",
            total="1861.08",
            trace_id="1-5f",
        ),
        e.CommandRefused(
            command_id=COMMAND,
            attempt=1,
            code="6140",
            sentence="Number WC-1001 is taken",
            next_step="Look at it",
            trace_id="1-5f",
            raw=RAW,
        ),
        e.AttemptFailed(
            command_id=COMMAND,
            attempt=1,
            code="429",
            sentence="QuickBooks asks us to slow down",
            next_step="It is tried again by itself.",
            again_at=LATER,
            may_have_run=True,
            trace_id="1-5f",
        ),
        e.OutcomeUnknown(
            command_id=COMMAND, attempt=1, why="the answer was cut off", look_at=LATER, trace_id="1-5f", burned=True
        ),
        e.LookedAndAbsent(command_id=COMMAND, looked_for="number WC-1001", then="new-generation"),
        e.LookPostponed(command_id=COMMAND, why="QuickBooks could not be asked", look_at=LATER),
        e.AnswerDisagreed(
            command_id=COMMAND,
            attempt=1,
            remote_id="145",
            differences=("total 1861.07 instead of 1861.08",),
            trace_id="1-5f",
        ),
        e.UpdateOutdated(command_id=COMMAND, attempt=1, why="it is at revision 4 now", trace_id="1-5f"),
        e.LateOutcome(command_id=COMMAND, attempt=1, said="accepted", remote_id="145", trace_id="1-5f"),
    ]


def examples() -> dict[str, e.Recorded]:
    """File name → one event in which every field says something; a second one of a tag is called `<tag>.<what>`."""
    made = [*_connection(), *_sights(), *_matches(), *_merges(), *_orders(), *_commands(), *_outcomes(), *goods()]
    named = {e.TAG_OF[type(event)]: event for event in made} | {
        "attempt-started.customer": _customer_attempt(drafts.CustomerDraft(content=CUSTOMER, mark=COMMAND)),
        "attempt-started.customer-update": _customer_attempt(UPDATE),
        "attempt-started.customer-there": _customer_attempt(THERE),
        "attempt-started.invoice-update": _customer_attempt(CHANGED),
        "attempt-started.invoice-void": _customer_attempt(VOIDED),
        "attempt-started.term": _customer_attempt(drafts.TermDraft(name="Net 45", due_days=45)),
        **{f"attempt-started.{what}": _customer_attempt(draft) for what, draft in (DRAFTS | BORN).items()},
        "attempt-started.payment": _customer_attempt(PAYMENT_DRAFT),
        "attempt-started.invoice-record": _customer_attempt(RECORD),
        "attempt-started.shipment": _customer_attempt(SHIPMENT),
        "order-observed.paid": e.OrderObserved(content=PAID, **_sight("order", "wizcommerce", "2026-11-20T09:30:15Z")),  # type: ignore[arg-type]
        "invoice-observed.paid": e.InvoiceObserved(
            content=replace(INVOICE, payments=("144", "145")),
            **_sight("invoice", "quickbooks", "2"),  # type: ignore[arg-type]
        ),
        "invoice-observed.born": e.InvoiceObserved(
            content=BORN_INVOICE,
            **_sight("invoice", "quickbooks", "0"),  # type: ignore[arg-type]
        ),
        "invoice-observed.due": e.InvoiceObserved(
            content=replace(INVOICE, due=DUE),
            **_sight("invoice", "quickbooks", "3"),  # type: ignore[arg-type]
        ),
        "invoice-observed.shipped": e.InvoiceObserved(
            content=replace(INVOICE, shipping_details=SHIPPING),
            **_sight("invoice", "quickbooks", "4"),  # type: ignore[arg-type]
        ),
        "order-observed.products": e.OrderObserved(
            content=replace(PAID, products=(("VASE-01", "8f1c7f6e-52a4-4d7c-9a55-0d3b6a1f7f11"),)),
            **_sight("order", "wizcommerce", "2026-11-20T09:30:16Z"),  # type: ignore[arg-type]
        ),
        "product-observed.whole": e.ProductObserved(content=PRODUCT, **_sight("product", "quickbooks", "2")),  # type: ignore[arg-type]
        "product-observed.starts": e.ProductObserved(content=STARTED, **_sight("product", "quickbooks", "3")),  # type: ignore[arg-type]
        "push-withheld.items": BEFORE_START,
        "product-observed.bundle": e.ProductObserved(content=BUNDLE, **_sight("product", "quickbooks", "4")),  # type: ignore[arg-type]
        "attempt-started.bundle": _customer_attempt(WITH_BUNDLE),
        "run-finished.whole": RUN,
        "customer-observed.whole": e.CustomerObserved(content=WHOLE, **_sight("customer", "quickbooks", "4")),  # type: ignore[arg-type]
    }
    return {name: _recorded(name, event) for name, event in named.items()}


def _customer_attempt(draft: drafts.Draft) -> e.Event:
    return e.AttemptStarted(
        command_id=COMMAND,
        attempt=2,
        draft=draft,
        body=v.Personal('{"DisplayName": "Bloom & Co"}'),
        worker="4f0c",
        send_by=AT,
        answer_by=LATER,
    )


def _recorded(name: str, event: e.Event) -> e.Recorded:
    return e.Recorded(
        stream=STREAM,
        version=1,
        event_id=uuid5(UUID(int=0), name),
        recorded_at=AT,
        causation_id="webhook 3 update",
        correlation_id="9b2e4f5a",
        who="bookkeeper",
        event=event,
    )


def write_missing() -> list[str]:
    """Writes a file for each example that has none; answers with their names."""
    mapper = EventMapper(Turner())
    written = []
    for name, recorded in examples().items():
        file = FOLDER / f"{name}.json"
        if not file.exists():
            state = msgspec.json.format(mapper.to_stored_event(recorded).state, indent=2)
            file.write_bytes(state + b"\n")
            written.append(name)
    return written


if __name__ == "__main__":
    print("written:", ", ".join(write_missing()) or "none")
