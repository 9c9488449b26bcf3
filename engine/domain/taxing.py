"""How an order's tax stands on its invoice: QuickBooks computes it, the order's own total is sent, or it is a line.

An order of WizCommerce carries one total of tax, and none on its lines (WizCommerce reference, A-19). In the United States
a line is taxed or not (`TAX`, `NON`), and a code of the document may pick the rate; elsewhere every line names a tax code. What
QuickBooks makes of it is compared with the order, and told where it differs. Source: QuickBooks reference, 7.5, "Tax".
"""

from decimal import Decimal

from engine.domain.choices import Choices
from engine.domain.drafts import InvoiceDraft, TaxDraft
from engine.domain.values import CompanyFacts, OrderContent, cents

TOLD_ABOVE = Decimal("0.02")
"""What QuickBooks' tax may differ by until a person is told of it. Source: WizCommerce reference, A-19."""


def in_the_us(facts: CompanyFacts) -> bool:
    """Whether lines are taxed or not, instead of naming a code."""
    return facts.country.upper() in ("", "US", "USA")


def is_line(content: OrderContent, choices: Choices) -> bool:
    """Whether the order's tax is a line of its own."""
    return content.tax != 0 and choices.of("tax") == "line"


def line_code(content: OrderContent, facts: CompanyFacts, choices: Choices) -> str:
    """The tax code of every line; '' where the company uses no sales tax."""
    if not facts.sales_tax:
        return ""
    taxed = content.tax != 0 and not is_line(content, choices)
    if in_the_us(facts):
        return "TAX" if taxed else "NON"
    return choices.of("tax-code") if taxed else choices.of("tax-free-code")


def tax_draft(content: OrderContent, facts: CompanyFacts, choices: Choices) -> TaxDraft:
    """What the invoice says about tax beside the code of its lines."""
    elsewhere = facts.sales_tax and not in_the_us(facts)
    calculation = "TaxExcluded" if elsewhere else ""
    if content.tax == 0 or is_line(content, choices) or not facts.sales_tax:
        return TaxDraft(calculation=calculation)
    lines, shipping_free = line_code(content, facts, choices), choices.of("shipping-tax") == "none"
    free = choices.of("tax-free-code") if elsewhere else "NON"
    after = choices.of("tax-after-discount")
    return TaxDraft(
        amount=cents(content.tax),
        document_code="" if elsewhere else choices.of("tax-code"),
        shipping_code=free if shipping_free else lines,
        stated=choices.of("tax") == "order",
        calculation=calculation,
        after_discount=None if not after else after == "yes",
    )


def tax_problem(
    content: OrderContent, facts: CompanyFacts, choices: Choices, connection: str
) -> tuple[str, str, str, str] | None:
    """(reason, sentence, next step, the key of what could cure it) of a tax that cannot be put on an invoice."""
    edit = "Correct the order in WizCommerce; it is looked at again by itself."
    if content.tax < 0:
        return ("tax", f"the order's tax is negative: {content.tax}", edit, "")
    elsewhere = facts.sales_tax and not in_the_us(facts)
    if is_line(content, choices):
        unset = "" if choices.of("tax-item") else "tax-item"
        unset = unset or ("tax-free-code" if elsewhere and not choices.of("tax-free-code") else "")
        value = "SKU" if unset == "tax-item" else "ID"
        return _unchosen(connection, unset, value, f"{content.tax} of tax, as a line") if unset else None
    if content.tax and not facts.sales_tax:
        what = f"the order carries {content.tax} of tax, and sales tax is switched off in QuickBooks"
        step = f"Switch it on there; or `wizqbo set {connection} tax line` makes it a line of the item `tax-item`."
        return ("tax", what, f"{step} The order then goes by itself.", f"facts:{connection}")
    if not elsewhere:
        return None
    shipping_free = bool(content.shipping_charge) and choices.of("shipping-tax") == "none"
    needed = ["tax-code"] if content.tax else []
    needed += ["tax-free-code"] if not content.tax or shipping_free else []
    unset = next((name for name in needed if not choices.of(name)), "")
    what = f"{content.tax} of tax" if unset == "tax-code" else "something without tax"
    return _unchosen(connection, unset, "ID", f"{what}, in {facts.country}") if unset else None


def _unchosen(connection: str, name: str, value: str, what: str) -> tuple[str, str, str, str]:
    step = f"`wizqbo set {connection} {name} {value}` says how QuickBooks is to have it; the order then goes by itself."
    return ("tax", f"the order has {what}, and `{name}` is not chosen", step, f"choice:{connection}:{name}")


def difference(sent: InvoiceDraft, tax: Decimal) -> Decimal:
    """What QuickBooks' tax is above, or below, what was left to it."""
    return tax - sent.taxes.amount
