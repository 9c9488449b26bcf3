"""What follows for an order that began as an invoice in QuickBooks: it is made in WizCommerce once, and kept as the invoice is.

It is one stream with its invoice, as every order is. Its money is QuickBooks' here: what is edited there is laid over what stands
in WizCommerce, a void or a deletion cancels the order; what people edit of it in WizCommerce goes nowhere, and a person is told.
What is paid for it in WizCommerce pays the invoice, as of every order (`engine.domain.paid`), so that amount is never written
after the order was made. Pure, repeatable, explained.
"""

from decimal import Decimal

from msgspec.structs import replace

from engine.domain.after_invoice import listed
from engine.domain.born_withholding import (
    OFF,
    BornAround,
    content_problem,
    missing_for_order,
    number_of,
    why_not_ordered,
)
from engine.domain.commands import Command, issue, latest, unfinished
from engine.domain.drafts import OrderDraft, OrderUpdate
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CommandReleased,
    Event,
    Missing,
    Verb,
)
from engine.domain.order import Order, invoice_state
from engine.domain.order_from_invoice import (
    as_meant,
    changed_words,
    kept_from,
    order_disagreements,
    order_from_invoice,
)
from engine.domain.values import System, Value, cents

HERE: System = "wizcommerce"
CREATE: Verb = "CreateOrder"
UPDATE: Verb = "UpdateOrder"
PUTS: tuple[Verb, ...] = (CREATE, UPDATE)
AFTER, THERE = "after-the-order", "order-there"
"""What a person must look at: the invoice changed and its order did not follow; the order is otherwise in WizCommerce."""
TOPICS = (AFTER, THERE)
MOST_TRIES = 3
"""Changes for one content of the invoice that come to nothing, until a person is told."""


# ---- before WizCommerce has it ---------------------------------------------------------------------------------------------


def order_of_each_invoice(order: Order, around: BornAround) -> list[Event]:
    """An invoice made in QuickBooks becomes one order of WizCommerce, and its later edits change that.

    Asked again for the same invoice it answers with the same command id, so replaying its events cannot make a second order.
    """
    if order.invoice is None or order.born is None or order.merged_into:
        return []
    if order.sight is not None or order.born.put is not None:
        return keep_order_true(order, around)
    if order.never or order.attached_to:
        return []
    open_ = unfinished(order.commands)
    if open_ is not None:
        return _while_a_command_is_open(order, open_, around)
    reason = why_not_ordered(order, around)
    if reason is not None:
        unsaid = reason.reason == OFF and order.withheld is None and not order.commands
        return [] if reason == order.withheld or unsaid else [reason]
    before = latest(order.commands, CREATE)
    if before is not None and before.status == "abandoned" and not (before.may_have_run or before.remote_id):
        before = None  # withdrawn, and nothing of it was ever carried out
    if before is not None and before.made_for == invoice_state(order):
        return []  # settled for this very content: only a person's retry or another content begins anew
    return issue_order(order, around, because=f"invoice {number_of(order)} was made in QuickBooks")


def issue_order(order: Order, around: BornAround, because: str) -> list[Event]:
    """The next generation of `CreateOrder`, held at once if something is missing."""
    return _issue(order, CREATE, because, missing_for_order(around))


def _issue(order: Order, verb: Verb, because: str, missing: tuple[Missing, ...]) -> list[Event]:
    caused_at = 0 if verb == CREATE else max(1, order.version)
    return issue(order.record, order.commands, verb, because, missing, caused_at, HERE)


def _while_a_command_is_open(order: Order, command: Command, around: BornAround) -> list[Event]:
    """Before anything was carried out the order may still be withdrawn or need other things; afterwards only its state
    changes."""
    if command.may_have_run or command.status not in ("held", "ready"):
        return []
    reason = why_not_ordered(order, around)
    if reason is not None:
        why = f"before anything was sent: {reason.sentence}"
        return [CommandAbandoned(command_id=command.command_id, why=why), reason]
    return _as_it_stands(command, missing_for_order(around))


def _as_it_stands(command: Command, missing: tuple[Missing, ...]) -> list[Event]:
    if missing and missing != command.missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    if command.status == "held" and not missing:
        return [CommandReleased(command_id=command.command_id, because="nothing it needs is missing now")]
    return []


# ---- once WizCommerce has it -----------------------------------------------------------------------------------------------


class Followup(Value, frozen=True, kw_only=True):
    """What is to be done about the order: a change of it (`draft`), once nothing is `missing`; or what a person is told."""

    draft: OrderUpdate | None = None
    missing: tuple[Missing, ...] = ()
    because: str = ""
    topic: str = ""
    sentence: str = ""
    next_step: str = ""

    @property
    def is_due(self) -> bool:
        """Whether WizCommerce is to be asked for a change."""
        return self.draft is not None or bool(self.missing)


NOTHING = Followup()


def order_follows(order: Order, around: BornAround, asked: bool = False) -> Followup:
    """What the invoice and its order, as both are now, ask for; once more where a person `asked`, whatever was given up."""
    if order.invoice is None or order.sight is None or order.born is None:
        return NOTHING
    if asked:
        kept = {key: c for key, c in order.commands.items() if c.verb != UPDATE or c.status != "outdated"}
        order = replace(order, never=False, commands=kept)
    assert order.invoice is not None and order.sight is not None and order.born is not None
    invoice, there, put = order.invoice.content, order.sight.content, order.born.put
    ended = "deleted" if order.invoice_gone else "voided" if invoice.voided else ""
    if order.gone:
        return NOTHING if ended else _told(THERE, f"order {there.number} is no longer in WizCommerce", STANDS)
    cancelled = there.status.casefold() == "cancelled"
    if ended:
        return NOTHING if cancelled else _cancel(order, ended)
    if cancelled:
        return _told(THERE, f"order {there.number} is cancelled in WizCommerce, and its invoice stands", STANDS)
    if put is None or order.born.put_of is None or as_meant(invoice) != as_meant(order.born.put_of):
        follow = _update(order, around)
        if follow != NOTHING:
            return follow
    differs = order_disagreements(put, there) if put is not None else ()
    sentence = f"order {there.number} was changed in WizCommerce: {'; '.join(differs)}"
    return _told(THERE, sentence, PUT_BACK) if differs else NOTHING


STANDS = "Nothing goes to QuickBooks: void the invoice there if it is not to be, or let both stand: `wizqbo dismiss`."
PUT_BACK = "Nothing goes to QuickBooks: edit the invoice there, or let both stand: `wizqbo dismiss`."
LEFT = "Change the order in WizCommerce by hand, or let both stand: `wizqbo dismiss`."


def _update(order: Order, around: BornAround) -> Followup:
    """The invoice says something else than what its order was made of."""
    assert order.invoice is not None and order.sight is not None and order.born is not None
    changed = "the invoice changed after its order was made"
    problem, missing = content_problem(order, around), missing_for_order(around)
    if problem is not None and problem.reason != "currency":
        return _told(AFTER, f"{changed}, and cannot be an order so: {problem.sentence}", LEFT)
    if why_not := _why_left_alone(order):
        return _told(AFTER, f"{changed}; the order is left as it is because {why_not}", LEFT)
    if missing:
        return Followup(missing=missing, because=changed)
    put, there = order.born.put, order.sight.content
    wanted = wanted_order(order, around)
    wanted = kept_from(put, wanted) if put is not None else replace(wanted, paid=cents(there.paid))
    if wanted == put or (put is None and not order_disagreements(wanted, there)):
        return NOTHING
    words = changed_words(put, wanted) if put is not None else "; ".join(order_disagreements(wanted, there))
    draft = OrderUpdate(remote_id=order.sight.remote_id, revision=order.sight.revision, order=wanted, before=put)
    return Followup(draft=draft, because=f"{changed}: {words}")


def wanted_order(order: Order, around: BornAround) -> OrderDraft:
    """The order as the invoice says it now."""
    assert order.invoice is not None
    return order_from_invoice(
        order.invoice.content,
        order.invoice_id,
        around.connection,
        around.customer,
        around.items,
        around.choices,
        around.lists,
    )


def _cancel(order: Order, ended: str) -> Followup:
    assert order.sight is not None and order.born is not None
    because = f"the invoice was {ended} in QuickBooks"
    if why_not := _why_left_alone(order):
        return _told(AFTER, f"{because}; the order is left as it is because {why_not}", LEFT)
    there, put = order.sight.content, order.born.put
    nothing = OrderDraft(
        reference=there.reference,
        number=there.number,
        customer=there.customer_remote_id,
        made_at=there.ordered_at,
        lines=(),
        amount=Decimal(0),
        total=Decimal(0),
        paid=there.paid,
    )
    draft = OrderUpdate(
        remote_id=order.sight.remote_id,
        revision=order.sight.revision,
        order=put if put is not None else nothing,
        before=put,
        cancelled=True,
    )
    return Followup(draft=draft, because=because)


def _why_left_alone(order: Order) -> str:
    """Why the order is not ours to change, in words; '' when it is."""
    if order.never:
        return "a person decided that nothing more is sent for it"
    assert order.invoice is not None
    if order.invoice.raw.erased:
        return "the personal fields of this order were erased here"
    seen = invoice_state(order)
    tries = sum(c.verb == UPDATE and c.status == "outdated" and c.made_for == seen for c in order.commands.values())
    if tries >= MOST_TRIES:
        return f"it could not be changed in {MOST_TRIES} tries: it changed there each time, or no answer came"
    return ""


def _told(topic: str, sentence: str, next_step: str) -> Followup:
    return Followup(topic=topic, sentence=sentence, next_step=next_step)


def keep_order_true(order: Order, around: BornAround) -> list[Event]:
    """The events that follow for an order that WizCommerce has. While what became of a request is open, none."""
    open_ = unfinished(order.commands)
    if open_ is not None and (open_.may_have_run or open_.status not in ("held", "ready")):
        return []
    follow = order_follows(order, around)
    events: list[Event] = []
    if open_ is not None and (open_.verb != UPDATE or not follow.is_due):
        why = "before anything was sent: there is nothing to change any more"
        events.append(CommandAbandoned(command_id=open_.command_id, why=why))
        open_ = None
    if open_ is not None:
        events += _as_it_stands(open_, follow.missing)
    elif follow.is_due and not _settled(order):
        events += issue_change(order, follow, follow.because)
    return [*events, *listed(order, TOPICS, follow.topic, follow.sentence, follow.next_step)]


def issue_change(order: Order, follow: Followup, because: str) -> list[Event]:
    """The next change of the order, held at once if something is missing."""
    return _issue(order, UPDATE, because, follow.missing)


def _settled(order: Order) -> bool:
    """Whether that was refused for this very content: only a person's retry or another content begins anew."""
    last = latest(order.commands, UPDATE)
    return last is not None and last.status == "refused" and last.made_for == invoice_state(order)


# ---- what is sent ----------------------------------------------------------------------------------------------------------


def draft_of_order(order: Order, command: Command, around: BornAround) -> OrderDraft | OrderUpdate | list[Event]:
    """What is sent for a command about the order, as the invoice is now; or the events that follow instead."""
    if command.verb == UPDATE:
        follow = order_follows(order, around)
        if follow.draft is not None:
            return follow.draft
        gone = CommandAbandoned(
            command_id=command.command_id, why="before anything was sent: there is nothing to change"
        )
        return keep_order_true(order, around) or [gone]
    if order.invoice is None:
        return [CommandAbandoned(command_id=command.command_id, why="QuickBooks no longer shows the invoice")]
    withheld = why_not_ordered(order, around)
    if withheld is not None:
        why = f"before anything was sent: {withheld.sentence}"
        return [CommandAbandoned(command_id=command.command_id, why=why), withheld]
    missing = missing_for_order(around)
    if missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    return wanted_order(order, around)
