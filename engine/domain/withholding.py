"""Why an order is not pushed: its status, its date, or what it holds. Each reason comes with a sentence and a next step."""

from datetime import date, datetime

from engine.domain.bundle_reasons import bundle_problem
from engine.domain.bundles import Bundle
from engine.domain.choices import Choices
from engine.domain.events import Missing, PushWithheld
from engine.domain.fields import Lists
from engine.domain.first_days import start_problem
from engine.domain.invoice_from_order import (
    LONGEST_NUMBER,
    chosen_skus,
    document_number,
    invoice_day,
    item_sku,
    item_skus,
    net_price,
    order_total,
    sku_key,
)
from engine.domain.order import Order
from engine.domain.order_from_invoice import is_ours
from engine.domain.overrides import AS_ORDERED, Override
from engine.domain.rounding import ITEM, MOST, adds_up, lines_sum, may_be_rounding, rounding
from engine.domain.taxing import is_line, tax_problem
from engine.domain.values import CompanyFacts, OrderContent, Value

MOST_LINES = 10_000
"""Lines of one transaction. Source: QuickBooks reference, section 5."""
MOST_TAXED_LINES = 750
"""Lines of a taxable invoice. Source: QuickBooks reference, section 5."""


class Standing(Value, frozen=True, kw_only=True):
    """Where the order's customer stands: our stream of it, its QuickBooks id, and why there is none."""

    stream: str = ""
    quickbooks_id: str = ""
    inactive: bool = False
    """QuickBooks shows it inactive, or not at all any more: an invoice for it would be refused."""
    shown_in: str = ""
    """The stream that tells when an inactive one is active again: another than `stream` when QuickBooks merged it into another
    customer's record."""
    sentence: str = ""
    currency: str = ""
    """The one QuickBooks keeps this customer in, where the company keeps several; '' where nobody asks."""


class Circumstances(Value, frozen=True, kw_only=True):
    """What an order's decision depends on beside the order: read from tables written in the append's own transaction."""

    connection: str
    push_from: datetime | None
    pulled: bool
    """Whether both sides were read whole and matched: before that nothing is made."""
    accepted: bool
    """Whether a person accepted the first sync: before that nothing is written."""
    facts: CompanyFacts
    customer: Standing
    items: dict[str, tuple[str, ...]]
    """SKU key → QuickBooks ids of the active items that carry it."""
    bundles: dict[str, Bundle] = {}
    """SKU key → the bundle it means, where bundles are sold and no item of its own carries it."""
    starts: dict[str, date] = {}
    """QuickBooks' id of an item it counts → the first day on which it takes a sale of it."""
    choices: Choices = Choices()
    lists: Lists = Lists()
    today: date | None = None
    """In the company's own time zone; None where nobody asks."""


def why_not(order: Order, content: OrderContent, around: Circumstances) -> PushWithheld | None:
    """Why this order is not pushed now; None when it may go."""
    return (
        _by_status(order, content)
        or _by_start(order, content, around)
        or _by_first_pull(around)
        or _by_origin(order, content)
        or _by_erasure(order, content)
        or _by_content(order, content, around)
    )


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
    chosen = {sku_key(sku) for sku in chosen_skus(order.content, around.choices)}
    for key, shown in item_skus(order.content, around.choices, order.override).items():
        found = around.items.get(key, ())
        if len(found) == 1 or (key in around.bundles and key not in chosen):
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


def _by_origin(order: Order, content: OrderContent) -> PushWithheld | None:
    """An order that was made of an invoice is never invoiced by itself, whichever connection made it, and though we know of no
    such invoice."""
    if order.push_asked or not is_ours(content.reference):
        return None
    return PushWithheld(
        reason="from-quickbooks",
        sentence=f"its reference {content.reference} says that it was made of an invoice of QuickBooks",
        needs_person=True,
        next_step=f"`wizqbo push order {content.number}` invoices it all the same; `wizqbo never-send order {content.number} "
        "--because TEXT` leaves it.",
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


def _by_erasure(order: Order, content: OrderContent) -> PushWithheld | None:
    """Without its personal fields an invoice would have no addresses and notes: nobody is sent such a one unasked."""
    if order.push_asked or order.sight is None or not order.sight.raw.erased:
        return None
    return PushWithheld(
        reason="erased",
        sentence="the personal fields of the order were erased here",
        needs_person=True,
        next_step=f"`wizqbo push order {content.number}` sends it without them; or `wizqbo never-send order {content.number}`.",
    )


def _by_first_pull(around: Circumstances) -> PushWithheld | None:
    if not around.pulled:
        return PushWithheld(
            reason="first-pull",
            sentence="the first reading of both sides is not finished",
            waits_for=f"facts:{around.connection}",
        )
    if not around.accepted:
        return PushWithheld(
            reason="first-sync",
            sentence="nobody has accepted the first sync of this connection yet",
            next_step=f"wizqbo first-sync {around.connection}",
            waits_for=f"facts:{around.connection}",
        )
    return None


def _by_content(order: Order, content: OrderContent, around: Circumstances) -> PushWithheld | None:
    facts, override = around.facts, order.override
    day = invoice_day(content, facts, around.choices, override, order.confirmed_at)
    closed = facts.books_closed_until
    if closed is not None and day <= closed:
        return PushWithheld(
            reason="books-closed",
            sentence=f"the books are closed until {closed}; an invoice of {day} would be refused",
            needs_person=True,
            next_step="Reopen the books in QuickBooks, and it goes by itself; or give it another date: `wizqbo "
            f"edit-and-retry order {content.number} --date DATE`; or have all such orders invoiced under the first open day: "
            f"`wizqbo set {around.connection} closed-books first-open-day`.",
            waits_for=f"facts:{around.connection}",
        )
    return content_problem(content, around, override) or start_problem(content, around, day, override)


def content_problem(
    content: OrderContent, around: Circumstances, override: Override = AS_ORDERED
) -> PushWithheld | None:
    """What makes an order none that an invoice can be made of as it is, with what a person chose for it; None when it is
    sound."""
    problem = (
        _content_problem(content, around, override)
        or tax_problem(content, around.facts, around.choices, around.connection)
        or _unplaced(content, around, override)
    )
    if problem is None:
        return bundle_problem(content, around, override)
    reason, sentence, next_step, waits_for = problem
    return PushWithheld(
        reason=reason,
        sentence=sentence,
        needs_person=True,
        next_step=next_step,
        waits_for=waits_for,
    )


def _unplaced(content: OrderContent, around: Circumstances, override: Override) -> tuple[str, str, str, str] | None:
    """What the order has and no item of QuickBooks was chosen for."""
    name, choices = around.connection, around.choices
    outside = next((line for line in content.lines if not item_sku(line, choices, override)), None)
    step = "`wizqbo set {} {} SKU` says which item of QuickBooks it goes to; the order then goes by itself."
    if outside is not None:
        what = f"a line is for something outside the catalogue ({outside.sku or 'without a SKU'})"
        return ("adhoc", what, step.format(name, "adhoc-item"), f"choice:{name}:adhoc-item")
    if content.other_charges and not choices.of("charges-item"):
        what = f"the order carries other charges of {content.other_charges}"
        return ("charges", what, step.format(name, "charges-item"), f"choice:{name}:charges-item")
    return None


def _content_problem(
    content: OrderContent, around: Circumstances, override: Override
) -> tuple[str, str, str, str] | None:
    """(reason, sentence, next step, the key of what could cure it beside an edit); None when the order is sound."""
    facts, by_facts = around.facts, f"facts:{around.connection}"
    edit = "Correct the order in WizCommerce; it is looked at again by itself."
    settings = "Change the setting in QuickBooks; the order then goes by itself."
    most = MOST_TAXED_LINES if facts.sales_tax else MOST_LINES
    checks: list[tuple[bool, tuple[str, str, str, str]]] = [
        (not content.lines, ("no-lines", "the order has no lines", edit, "")),
        (
            len(content.lines) + _lines_beside(content, around, override) > most,
            ("too-many-lines", f"{len(content.lines)} lines; QuickBooks takes at most {most} here", edit, by_facts),
        ),
        (
            any(not x.sku.strip() for x in content.lines if not x.is_adhoc),
            ("no-sku", "a line has no SKU", edit, ""),
        ),
        (any(x.quantity < 0 for x in content.lines), ("quantity", "a line's quantity is below zero", edit, "")),
        (
            not any(x.quantity for x in content.lines),
            ("quantity", "the order has nothing in it: every line's quantity is zero", edit, ""),
        ),
        (any(x.unit_price < 0 for x in content.lines), ("price", "a line's price is negative", edit, "")),
        (
            not adds_up(content, around.choices),
            _wrong_total(content, around, edit),
        ),
        (
            not facts.multi_currency and content.currency not in ("", facts.home_currency or content.currency),
            ("currency", f"the order is in {content.currency}, the books are in {facts.home_currency}", edit, ""),
        ),
        (
            facts.multi_currency
            and _currency(content, facts) != (around.customer.currency or _currency(content, facts)),
            (
                "currency",
                f"the order is in {_currency(content, facts)}, its customer in {around.customer.currency}",
                edit,
                "",
            ),
        ),
        (
            content.other_charges < 0,
            ("charges", f"the order's other charges are negative: {content.other_charges}", edit, ""),
        ),
        (
            content.shipping_charge != 0 and not facts.allow_shipping,
            (
                "shipping",
                "the order has a shipping charge, and shipping is switched off in QuickBooks",
                settings,
                by_facts,
            ),
        ),
        (
            any(x.discount_amount() < 0 or x.discount_amount() > x.amount() for x in content.lines),
            ("line-discount", "a line's discount is negative, or larger than the line", edit, ""),
        ),
        (
            (unpriced := next((x for x in content.lines if net_price(x) is None), None)) is not None,
            (
                "line-discount",
                f"no unit price comes to the line of {unpriced.sku if unpriced else ''} less its discount",
                edit,
                "",
            ),
        ),
        (
            content.discount != 0 and not facts.allow_discount,
            ("discount", "the order has a discount, and discounts are switched off in QuickBooks", settings, by_facts),
        ),
        (
            (total := order_total(content, around.choices)) < 0,
            ("discount", f"the order comes to less than nothing: {total}", edit, ""),
        ),
        (
            facts.custom_numbers and len(document_number(content, around.choices, override)) > LONGEST_NUMBER,
            (
                "number",
                f"order number longer than QuickBooks' {LONGEST_NUMBER} characters",
                f"`wizqbo edit-and-retry order {content.number} --number NUMBER` gives its invoice a shorter one; `wizqbo set "
                f"{around.connection} long-numbers shorten` takes the end of all such.",
                by_facts,
            ),
        ),
    ]
    return next((problem for wrong, problem in checks if wrong), None)


def _lines_beside(content: OrderContent, around: Circumstances, override: Override) -> int:
    """How many lines the invoice has that are none of the order's: those inside its bundles among them."""
    choices = around.choices
    beside = (content.other_charges, is_line(content, choices), rounding(content, choices))
    named = (around.bundles.get(sku_key(item_sku(line, choices, override))) for line in content.lines)
    return sum(map(bool, beside)) + sum(len(bundle.parts) for bundle in named if bundle is not None)


def _wrong_total(content: OrderContent, around: Circumstances, edit: str) -> tuple[str, str, str, str]:
    """Both figures. Where the difference may be cents of rounding, a choice can let a line say so."""
    what = f"the lines add up to {lines_sum(content)}, the order says {content.amount}"
    if not may_be_rounding(content):
        return ("total", what, edit, "")
    step = f"Or let a line say such cents, of at most {MOST}: `wizqbo set {around.connection} {ITEM} SKU`."
    return ("total", what, f"{edit} {step}", f"choice:{around.connection}:{ITEM}")


def _currency(content: OrderContent, facts: CompanyFacts) -> str:
    """The order's currency; the company's own where the order names none. Source: WizCommerce reference, A-20."""
    return content.currency or facts.home_currency
