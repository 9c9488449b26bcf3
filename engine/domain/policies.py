"""What follows from what a record's stream adds up to. Pure, repeatable, explained.

A policy is given the record and its circumstances (what other streams say at this moment) and answers with the events that
follow, none when nothing does. Asked twice, it answers the second time with nothing.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from engine.domain.commands import command_id, latest, next_generation, unfinished
from engine.domain.customer import Customer, customer_disagreements
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    Candidate,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    Event,
    MatchProposed,
    Missing,
    PushWithheld,
    RecordLinked,
)
from engine.domain.order import ZERO, Order, dated, disagreements, invoice_from_order, sku_key, without_personal
from engine.domain.values import (
    CENT,
    CompanyFacts,
    Content,
    CustomerContent,
    CustomerDraft,
    Draft,
    InvoiceContent,
    InvoiceDraft,
    OrderContent,
    Value,
)

MOST_LINES = 10_000
"""Lines of one transaction. Source: QuickBooks reference, section 5."""
MOST_TAXED_LINES = 750
"""Lines of a taxable invoice. Source: QuickBooks reference, section 5."""
LONGEST_NUMBER = 21
"""Characters of a document number. Source: QuickBooks reference, 7.5."""


class Standing(Value, frozen=True, kw_only=True):
    """Where the order's customer stands: our stream of it, its QuickBooks id, and why there is none."""

    stream: str = ""
    quickbooks_id: str = ""
    sentence: str = ""


class Circumstances(Value, frozen=True, kw_only=True):
    """What an order's decision depends on beside the order: read from tables written in the append's own transaction."""

    connection: str
    push_from: datetime | None
    facts: CompanyFacts
    customer: Standing
    items: dict[str, tuple[str, ...]]
    """SKU key → QuickBooks ids of the active items that carry it."""


# ---- orders ------------------------------------------------------------------------------------------------------------


def invoice_each_confirmed_order(order: Order, around: Circumstances) -> list[Event]:
    """A confirmed WizCommerce order becomes one QuickBooks invoice.

    Asked again for the same order it answers with the same command id, so replaying its events cannot raise a second
    invoice. Source: WizCommerce reference, 3.1, "Orders".
    """
    content = order.content
    if content is None or order.merged_into or order.never:
        return []
    if order.acknowledged is not None or order.invoice_id:
        return say_what_changed_after_the_invoice(order, around)
    open_command = unfinished(order.commands)
    if open_command is not None:
        return _while_a_command_is_open(order, content, around)
    reason = why_not(order, content, around)
    if reason is not None:
        return [] if reason == order.withheld else [reason]
    before = latest(order.commands, "CreateInvoice")
    if before is not None and order.sight is not None and before.made_for == order.sight.content_hash:
        return []  # settled for this very content: only a person's retry or another content begins anew
    return issue_invoice(order, around, because=f"order {content.number} is confirmed")


def issue_invoice(order: Order, around: Circumstances, because: str) -> list[Event]:
    """The next generation of `CreateInvoice`, held at once if something is missing."""
    generation = next_generation(order.commands, "CreateInvoice")
    new_id = command_id(order.record, "CreateInvoice", generation)
    issued = CommandIssued(
        command_id=new_id, verb="CreateInvoice", target="quickbooks", generation=generation, because=because
    )
    missing = missing_for(order, around)
    return [issued, CommandHeld(command_id=new_id, missing=missing)] if missing else [issued]


def missing_for(order: Order, around: Circumstances) -> tuple[Missing, ...]:
    """Everything the invoice still needs, not just the first thing found."""
    if order.content is None:
        return ()
    missing = []
    if not around.customer.quickbooks_id:
        missing.append(_missing_customer(order.content, around))
    for key in dict.fromkeys(sku_key(line.sku) for line in order.content.lines):
        found = around.items.get(key, ())
        if len(found) == 1:
            continue
        shown = next(line.sku for line in order.content.lines if sku_key(line.sku) == key)
        many = f"QuickBooks has {len(found)} active items with SKU {shown}: make it one"
        none = f"QuickBooks has no active item with SKU {shown}"
        missing.append(Missing(key=f"sku:{around.connection}:{key}", sentence=many if found else none))
    return tuple(missing)


def _missing_customer(content: OrderContent, around: Circumstances) -> Missing:
    if around.customer.stream:
        sentence = around.customer.sentence or "the customer is not in QuickBooks yet"
        return Missing(key=f"customer-linked:{around.customer.stream}", sentence=sentence)
    remote = content.customer_remote_id
    return Missing(
        key=f"customer-seen:{around.connection}:{remote}",
        sentence=f"WizCommerce does not show customer {remote or '(none named)'} of this order",
    )


def _while_a_command_is_open(order: Order, content: OrderContent, around: Circumstances) -> list[Event]:
    """Before anything was sent an order may still be withdrawn or need other things; afterwards only its state changes."""
    command = unfinished(order.commands)
    if command is None or command.attempts or command.status not in ("held", "ready"):
        return []
    reason = why_not(order, content, around)
    if reason is not None:
        return [
            CommandAbandoned(command_id=command.command_id, why=f"before anything was sent: {reason.sentence}"),
            reason,
        ]
    missing = missing_for(order, around)
    if missing and missing != command.missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    return []


def why_not(order: Order, content: OrderContent, around: Circumstances) -> PushWithheld | None:
    """Why this order is not pushed now; None when it may go."""
    return _by_status(order, content) or _by_start(order, content, around) or _by_content(content, around)


def _by_status(order: Order, content: OrderContent) -> PushWithheld | None:
    if order.gone:
        return PushWithheld(reason="gone", sentence="the order is no longer in WizCommerce")
    match content.status.casefold():
        case "confirmed":
            return None
        case "draft":
            return PushWithheld(reason="draft", sentence="waiting for approval: the order is a draft in WizCommerce")
        case "cancelled":
            return PushWithheld(reason="cancelled", sentence="the order was cancelled in WizCommerce")
        case _:
            return PushWithheld(
                reason="status", sentence=f"waiting for approval: WizCommerce shows the order as {content.status!r}"
            )


def _by_start(order: Order, content: OrderContent, around: Circumstances) -> PushWithheld | None:
    if order.push_asked:
        return None
    if around.push_from is None:
        return PushWithheld(
            reason="not-started",
            sentence="nobody has said yet from when orders are pushed on this connection",
            next_step=f"wizqbo start {around.connection} --from DATE",
            waits_for=f"start:{around.connection}",
        )
    if content.ordered_at < around.push_from:
        return PushWithheld(
            reason="baseline",
            sentence=f"made before {around.push_from:%Y-%m-%d %H:%M} UTC, from when orders are pushed: it is the baseline",
            next_step=f"wizqbo push order {content.number} if it should go all the same",
            waits_for=f"start:{around.connection}",
        )
    return None


def _by_content(content: OrderContent, around: Circumstances) -> PushWithheld | None:
    facts = around.facts
    closed = facts.books_closed_until
    if closed is not None and dated(content, facts).date() <= closed:
        return PushWithheld(
            reason="books-closed",
            sentence=f"the books are closed until {closed}; an invoice of {dated(content, facts).date()} would be refused",
            needs_person=True,
            next_step="Reopen the books in QuickBooks; the order then goes by itself.",
            waits_for=f"facts:{around.connection}",
        )
    problem = _content_problem(content, facts)
    if problem is None:
        return None
    reason, sentence, next_step, by_facts = problem
    return PushWithheld(
        reason=reason,
        sentence=sentence,
        needs_person=True,
        next_step=next_step,
        waits_for=f"facts:{around.connection}" if by_facts else "",
    )


def _content_problem(content: OrderContent, facts: CompanyFacts) -> tuple[str, str, str, bool] | None:
    """(reason, sentence, next step, whether the company's settings could cure it); None when the order is sound."""
    edit = "Correct the order in WizCommerce; it is looked at again by itself."
    settings = "Change the setting in QuickBooks; the order then goes by itself."
    most = MOST_TAXED_LINES if facts.sales_tax else MOST_LINES
    lines_total = sum((line.amount() for line in content.lines), ZERO)
    checks: list[tuple[bool, tuple[str, str, str, bool]]] = [
        (not content.lines, ("no-lines", "the order has no lines", edit, False)),
        (
            len(content.lines) > most,
            ("too-many-lines", f"{len(content.lines)} lines; QuickBooks takes at most {most} here", edit, False),
        ),
        (
            any(x.is_adhoc for x in content.lines),
            ("adhoc", "a line is for something outside the catalogue", edit, False),
        ),
        (any(not x.sku.strip() for x in content.lines), ("no-sku", "a line has no SKU", edit, False)),
        (any(x.quantity <= 0 for x in content.lines), ("quantity", "a line's quantity is not above zero", edit, False)),
        (any(x.unit_price < 0 for x in content.lines), ("price", "a line's price is negative", edit, False)),
        (
            abs(lines_total - content.amount) > CENT,
            ("total", f"the lines add up to {lines_total}, the order says {content.amount}", edit, False),
        ),
        (
            bool(content.currency) and bool(facts.home_currency) and content.currency != facts.home_currency,
            ("currency", f"the order is in {content.currency}, the books are in {facts.home_currency}", edit, False),
        ),
        (content.tax != 0, ("tax", f"the order carries {content.tax} of tax, which is not pushed yet", edit, False)),
        (
            content.other_charges != 0,
            (
                "charges",
                f"the order carries other charges of {content.other_charges}, which are not pushed yet",
                edit,
                False,
            ),
        ),
        (
            content.shipping_charge != 0 and not facts.allow_shipping,
            ("shipping", "the order has a shipping charge, and shipping is switched off in QuickBooks", settings, True),
        ),
        (
            _discounted(content) and not facts.allow_discount,
            ("discount", "the order has a discount, and discounts are switched off in QuickBooks", settings, True),
        ),
        (
            facts.custom_numbers and len(content.number) > LONGEST_NUMBER,
            ("number", f"order number longer than QuickBooks' {LONGEST_NUMBER} characters", edit, False),
        ),
    ]
    return next((problem for wrong, problem in checks if wrong), None)


def _discounted(content: OrderContent) -> bool:
    return content.discount != 0 or any(line.discount_amount() != Decimal(0) for line in content.lines)


AFTER = "after-the-invoice"


def say_what_changed_after_the_invoice(order: Order, around: Circumstances) -> list[Event]:
    """An order that changed after its invoice went is shown to a person; the invoice is left alone."""
    content = order.content
    if content is None or order.acknowledged is None:
        return []
    sentence = _changed(order, content, order.acknowledged, around)
    shown = order.attention.get(AFTER)
    if sentence and (shown is None or shown.sentence != sentence):
        step = f"Change invoice {order.invoice_number or order.invoice_id} in QuickBooks by hand."
        return [AttentionNeeded(topic=AFTER, sentence=sentence, next_step=step)]
    if not sentence and shown is not None:
        return [AttentionCleared(topic=AFTER, because="order and invoice agree again")]
    return []


def _changed(order: Order, content: OrderContent, sent: InvoiceDraft, around: Circumstances) -> str:
    if order.gone or content.status.casefold() != "confirmed":
        state = "is gone from" if order.gone else f"became {content.status} in"
        return f"the order {state} WizCommerce after its invoice was made"
    items = {key: found[0] for key, found in around.items.items() if len(found) == 1}
    unknown = [line.sku for line in content.lines if sku_key(line.sku) not in items]
    if unknown:
        return f"the order changed after its invoice was made and now names {', '.join(unknown)}, unknown to QuickBooks"
    wanted = invoice_from_order(content, sent.customer_remote_id, items, around.facts, sent.mark)
    wanted, was = without_personal(wanted), without_personal(sent)
    if (wanted.total, sorted(map(str, wanted.lines))) == (was.total, sorted(map(str, was.lines))):
        return ""
    return f"the order changed after its invoice was made: total {was.total} → {wanted.total}, lines {len(was.lines)} → {len(wanted.lines)}"


# ---- customers ---------------------------------------------------------------------------------------------------------


def link_or_create_needed_customer(customer: Customer, candidates: tuple[Candidate, ...]) -> list[Event]:
    """A customer an order needs is linked to the one certain or strong match, created when there is none; a weak match
    (name alone, or several candidates) waits for a person and is never created."""
    if "quickbooks" in customer.links or not customer.needed or customer.here is None or customer.merged_into:
        return []
    if unfinished(customer.commands) is not None:
        return []
    if customer.decision == "rejected" or not candidates:
        before = latest(customer.commands, "CreateCustomer")
        sight = customer.sights["wizcommerce"]
        if before is not None and before.made_for == sight.content_hash and before.status != "accepted":
            return []
        return issue_customer(customer, because="no customer in QuickBooks matches")
    best = surest(candidates)
    if best is not None:
        return [RecordLinked(system="quickbooks", kind="customer", remote_id=best.remote_id, how=best.because)]
    if customer.decision == "waiting" and customer.proposed == candidates:
        return []
    return [MatchProposed(system="quickbooks", candidates=candidates)]


def issue_customer(customer: Customer, because: str) -> list[Event]:
    """The next generation of `CreateCustomer`."""
    generation = next_generation(customer.commands, "CreateCustomer")
    new_id = command_id(customer.record, "CreateCustomer", generation)
    return [
        CommandIssued(
            command_id=new_id, verb="CreateCustomer", target="quickbooks", generation=generation, because=because
        )
    ]


def surest(candidates: tuple[Candidate, ...]) -> Candidate | None:
    """The one candidate that may be linked without asking; None when a person must decide."""
    order: tuple[Literal["certain", "strong"], ...] = ("certain", "strong")
    for strength in order:
        found = [c for c in candidates if c.strength == strength]
        if found:
            return found[0] if len(found) == 1 else None
    return None


# ---- what a remote record is to an open create ---------------------------------------------------------------------------


def whose(draft: Draft, marks: frozenset[str], found: Content) -> Literal["ours", "maybe", "no"]:
    """Whether a remote record nobody has claimed is the outcome of sending `draft`.

    Ours: it carries one of our `marks` (the command ids of the record). Maybe: no mark, but number or name, and content,
    agree; a person decides, since nothing proves it. QuickBooks' "Copy" duplicates marks, so two with one mark are two maybes.
    """
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        if found.mark in marks:
            return "ours"
        if found.mark:
            return "no"
        same_number = bool(draft.number) and found.number == draft.number
        return "maybe" if same_number or not disagreements(draft, found) else "no"
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        if found.mark in marks:
            return "ours"
        return "maybe" if not found.mark and not customer_disagreements(draft, found) else "no"
    return "no"


def differences(draft: Draft, found: Content) -> tuple[str, ...]:
    """Where a remote record differs from what we sent; empty when it agrees."""
    if isinstance(draft, InvoiceDraft) and isinstance(found, InvoiceContent):
        return disagreements(draft, found)
    if isinstance(draft, CustomerDraft) and isinstance(found, CustomerContent):
        return customer_disagreements(draft, found)
    return ("another kind of record came back",)
