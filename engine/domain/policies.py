"""What follows from what an order's stream adds up to. Pure, repeatable, explained.

A policy is given the record and its circumstances (what other streams say at this moment) and answers with the events that
follow, none when nothing does. Asked twice, it answers the second time with nothing.
"""

from decimal import Decimal

from engine.domain.commands import command_id, latest, next_generation, unfinished
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    CommandReleased,
    Event,
    Missing,
)
from engine.domain.order import Order, invoice_from_order, item_skus, net_price, without_personal
from engine.domain.values import InvoiceDraft, OrderContent
from engine.domain.withholding import Circumstances, why_not


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
    if before is not None and before.status == "abandoned" and not (before.may_have_run or before.remote_id):
        before = None  # withdrawn, and nothing of it was ever carried out
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
    elif around.customer.inactive:
        sentence = "the customer is inactive in QuickBooks, or not there any more"
        missing.append(
            Missing(key=f"customer-active:{around.customer.shown_in or around.customer.stream}", sentence=sentence)
        )
    for key, shown in item_skus(order.content, around.choices).items():
        found = around.items.get(key, ())
        if len(found) == 1:
            continue
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
    """Before anything was carried out an order may still be withdrawn or need other things; afterwards only its state
    changes."""
    command = unfinished(order.commands)
    if command is None or command.may_have_run or command.status not in ("held", "ready"):
        return []
    reason = why_not(order, content, around)
    if reason is not None:
        return [
            CommandAbandoned(command_id=command.command_id, why=f"before anything was sent: {reason.sentence}"),
            reason,
        ]
    missing = _with_known_reasons(missing_for(order, around), command.missing)
    if missing and missing != command.missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    if command.status == "held" and not missing:
        because = "the order changed, and nothing it needs is missing now"
        return [CommandReleased(command_id=command.command_id, because=because)]
    return []


def _with_known_reasons(missing: tuple[Missing, ...], before: tuple[Missing, ...]) -> tuple[Missing, ...]:
    """Why the customer is not linked was told by its own stream (a match to decide, a refusal): that reason stays."""
    known = {m.key: m for m in before if m.key.startswith("customer-linked:")}
    return tuple(known.get(m.key, m) for m in missing)


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
    if order.sight is not None and order.sight.content_hash in _invoiced_contents(order):
        return ""  # what QuickBooks' items have become since is no change of the order
    items = {key: found[0] for key, found in around.items.items() if len(found) == 1}
    if any(net_price(line) is None for line in content.lines):
        return "the order changed after its invoice was made: the discount of a line leaves no price for it"
    skus = item_skus(content, around.choices)
    unknown = [sku or "something without an item of QuickBooks" for key, sku in skus.items() if key not in items]
    if unknown:
        return f"the order changed after its invoice was made and now names {', '.join(unknown)}, unknown to QuickBooks"
    wanted = invoice_from_order(
        content, sent.customer_remote_id, items, around.facts, sent.mark, around.choices, around.lists
    )
    wanted, was = without_personal(wanted), without_personal(sent)
    if wanted.total == was.total and _amounts(wanted) == _amounts(was):
        return ""
    lines = f"lines {len(was.lines)} → {len(wanted.lines)}"
    return f"the order changed after its invoice was made: total {was.total} → {wanted.total}, {lines}"


def _invoiced_contents(order: Order) -> set[str]:
    """The content hashes of the order that its accepted invoice was made for."""
    return {c.made_for for c in order.commands.values() if c.status == "accepted"}


def _amounts(draft: InvoiceDraft) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """What the lines come to, in any order; 4 and 4.0 are the same quantity."""
    return sorted((x.item, x.quantity, x.unit_price, x.amount) for x in draft.lines)
