"""What follows from what an order's stream adds up to. Pure, repeatable, explained.

A policy is given the record and its circumstances (what other streams say at this moment) and answers with the events that
follow, none when nothing does. Asked twice, it answers the second time with nothing.
"""

from engine.domain.after_invoice import keep_invoice_true
from engine.domain.commands import issue, latest, unfinished
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CommandReleased,
    Event,
    Missing,
)
from engine.domain.order import Order
from engine.domain.values import OrderContent
from engine.domain.withholding import Circumstances, missing_for, why_not


def invoice_each_confirmed_order(order: Order, around: Circumstances) -> list[Event]:
    """A confirmed WizCommerce order becomes one QuickBooks invoice.

    Asked again for the same order it answers with the same command id, so replaying its events cannot raise a second
    invoice. Source: WizCommerce reference, 3.1, "Orders".
    """
    content = order.content
    if content is None or order.merged_into:
        return []
    if order.acknowledged is not None or order.invoice_id:
        return keep_invoice_true(order, around)
    if order.never:
        return []
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
    return issue(order.record, order.commands, "CreateInvoice", because, missing_for(order, around))


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
        because = "nothing it needs is missing now"
        return [CommandReleased(command_id=command.command_id, because=because)]
    return []


def _with_known_reasons(missing: tuple[Missing, ...], before: tuple[Missing, ...]) -> tuple[Missing, ...]:
    """Why the customer is not linked was told by its own stream (a match to decide, a refusal): that reason stays."""
    known = {m.key: m for m in before if m.key.startswith("customer-linked:")}
    return tuple(known.get(m.key, m) for m in missing)
