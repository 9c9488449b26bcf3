"""Why an invoice made in QuickBooks does not become an order of WizCommerce, or what the order still needs: as
`engine.domain.withholding`, the other way round. Each reason comes with a sentence and a next step."""

from datetime import datetime

from engine.domain.choices import Choices
from engine.domain.events import Missing, PushWithheld
from engine.domain.fields import Lists
from engine.domain.order import Order
from engine.domain.order_from_invoice import Sold, invoice_problem
from engine.domain.values import CompanyFacts, InvoiceContent, Value

OFF, ENDED, COPY, UNLINKED, ATTACHED = "not-pulled", "invoice-ended", "copy", "customer-not-linked", "attached"
ERASED = "erased"
"""Reasons for which an invoice does not become an order."""


class BornAround(Value, frozen=True, kw_only=True):
    """What the decision depends on beside the order: read from tables written in the append's own transaction, and from the
    streams of the customer and the items."""

    connection: str
    push_from: datetime | None
    pulled: bool
    accepted: bool
    facts: CompanyFacts
    choices: Choices = Choices()
    lists: Lists = Lists()
    customer: str = ""
    """WizCommerce's id of the invoice's customer; '' where there is none."""
    waits_for_customer: Missing | None = None
    items: dict[str, Sold] = {}
    """QuickBooks' id of an item → what it is sold as."""
    waits_for_items: tuple[Missing, ...] = ()
    copy_of: str = ""
    """Whose invoice it may be a copy of, as a sentence; '' when there is nothing of that kind."""


def missing_for_order(around: BornAround) -> tuple[Missing, ...]:
    """Everything the order still needs, not just the first thing found."""
    customer = (around.waits_for_customer,) if around.waits_for_customer is not None else ()
    return (*customer, *around.waits_for_items)


def why_not_ordered(order: Order, around: BornAround) -> PushWithheld | None:
    """Why the invoice does not become an order now; None when it does."""
    assert order.invoice is not None
    return (
        why_not_at_all(order, around)
        or (None if order.push_asked else _by_erasure(order) or _by_copy(order, around) or _by_customer(around))
        or content_problem(order, around)
    )


def why_not_at_all(order: Order, around: BornAround) -> PushWithheld | None:
    """The same as far as it depends on nothing but the invoice and the connection: of what is older than the start, or ended, it
    does not matter whose it is or what is on it."""
    assert order.invoice is not None
    invoice = order.invoice.content
    by_itself = None if order.push_asked else _by_choice(around) or _by_start(order, invoice, around)
    return _by_end(order, invoice) or by_itself or _by_first_pull(around)


def _by_end(order: Order, invoice: InvoiceContent) -> PushWithheld | None:
    ended = "deleted" if order.invoice_gone else "voided" if invoice.voided else ""
    if not ended and (invoice.total or order.push_asked):
        return None
    what = f"the invoice was {ended} in QuickBooks" if ended else "the invoice comes to nothing"
    return PushWithheld(
        reason=ENDED, sentence=f"{what}, and WizCommerce has no order of it", next_step="Nothing to do."
    )


def _by_choice(around: BornAround) -> PushWithheld | None:
    if around.choices.of("pull-invoices") != "none":
        return None
    return PushWithheld(
        reason=OFF,
        sentence="invoices made in QuickBooks do not become orders on this connection",
        next_step=f"`wizqbo set {around.connection} pull-invoices linked` makes them orders; `wizqbo push` this one.",
    )


def _by_start(order: Order, invoice: InvoiceContent, around: BornAround) -> PushWithheld | None:
    key = f"start:{around.connection}"
    if around.push_from is None:
        return PushWithheld(
            reason="not-started",
            sentence="nobody has said yet from when orders are pushed on this connection, and invoices pulled",
            next_step=f"wizqbo start {around.connection} --from DATE",
            waits_for=key,
        )
    if invoice.created_at is None or invoice.created_at < around.push_from:
        return PushWithheld(
            reason="baseline",
            sentence=f"made before {around.push_from:%Y-%m-%d %H:%M} UTC, from when invoices become orders: it is the baseline",
            next_step=f"wizqbo push order {number_of(order)} if it should become one all the same",
            waits_for=key,
        )
    return None


def _by_first_pull(around: BornAround) -> PushWithheld | None:
    if around.pulled and around.accepted:
        return None
    key = f"facts:{around.connection}"
    if not around.pulled:
        return PushWithheld(
            reason="first-pull", sentence="the first reading of both sides is not finished", waits_for=key
        )
    return PushWithheld(
        reason="first-sync",
        sentence="nobody has accepted the first sync of this connection yet",
        next_step=f"wizqbo first-sync {around.connection}",
        waits_for=key,
    )


def _by_erasure(order: Order) -> PushWithheld | None:
    """Without its personal fields an order would have no addresses and notes: nobody is sent such a one unasked."""
    if order.invoice is None or not order.invoice.raw.erased:
        return None
    number = number_of(order)
    return PushWithheld(
        reason=ERASED,
        sentence="the personal fields of the invoice were erased here",
        needs_person=True,
        next_step=f"`wizqbo push order {number}` makes it an order without them; or `wizqbo never-send order {number}`.",
    )


def _by_copy(order: Order, around: BornAround) -> PushWithheld | None:
    if not around.copy_of:
        return None
    number = number_of(order)
    return PushWithheld(
        reason=COPY,
        sentence=around.copy_of,
        needs_person=True,
        next_step=f"`wizqbo attach order {number} --to ORDER --because TEXT` says which order it belongs to; `wizqbo push order "
        f"{number}` makes it an order of its own; `wizqbo never-send order {number} --because TEXT` leaves it as it is.",
    )


def _by_customer(around: BornAround) -> PushWithheld | None:
    waits = around.waits_for_customer
    if waits is None or around.choices.of("pull-invoices") == "all":
        return None
    return PushWithheld(
        reason=UNLINKED,
        sentence=f"{waits.sentence}, and only invoices of linked customers become orders",
        next_step="It goes by itself once the customer is linked.",
        waits_for=waits.key,
    )


def content_problem(order: Order, around: BornAround) -> PushWithheld | None:
    """What makes the invoice none that an order can be made of as it is; None when it is sound."""
    assert order.invoice is not None
    invoice, home = order.invoice.content, around.facts.home_currency
    problem = invoice_problem(invoice)
    foreign = around.facts.multi_currency and invoice.currency not in ("", home)
    if problem is None and foreign and not order.push_asked:
        problem = ("currency", f"the invoice is in {invoice.currency}, and an order of WizCommerce names no currency")
    if problem is None:
        return None
    reason, sentence = problem
    number = number_of(order)
    step = f"Correct the invoice in QuickBooks; it is looked at again by itself. `wizqbo never-send order {number}` leaves it."
    if reason == "currency":
        step = f"`wizqbo push order {number}` if that customer's price list is in {invoice.currency}; or `wizqbo never-send`."
    return PushWithheld(reason=reason, sentence=sentence, needs_person=True, next_step=step)


def number_of(order: Order) -> str:
    """What people call the invoice."""
    return order.invoice_number or order.invoice_id
