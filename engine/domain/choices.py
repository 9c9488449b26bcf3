"""What a person may choose for a connection, with the defaults, written down in this one place.

A choice is an event in the connection's stream; `wizqbo policy` shows them all.
"""

import re
from typing import get_args

from engine.domain.fields import CALLED, SHARED
from engine.domain.timetable import parse
from engine.domain.values import CustomerField, System, Value, folded

OWNERS: dict[CustomerField, System] = {
    "name": "quickbooks",
    "company": "quickbooks",
    "given_name": "wizcommerce",
    "family_name": "wizcommerce",
    "phone": "wizcommerce",
    "billing": "quickbooks",
    "shipping": "wizcommerce",
    "term": "quickbooks",
    "customer_type": "wizcommerce",
}
"""Who wins a field that was changed on both sides: the books own what they bill by, the shop whom it talks and ships to."""


ITEM_TYPES = ("Inventory", "NonInventory", "Service")
"""Types of QuickBooks items that stand for one thing that is sold. Source: QuickBooks reference, 7.4."""


TIMETABLE = {
    "stock": ("the stock of every counted item is read in QuickBooks", "15m"),
    "products": ("changed items are read in QuickBooks", "30m"),
    "categories": ("changed categories are read in QuickBooks", "30m"),
    "changes": ("all that changed in QuickBooks is looked at", "15m"),
    "everything": ("everything is read in QuickBooks, to find what is gone", "daily 02:00"),
    "facts": ("the company's settings are read in QuickBooks", "24h"),
    "shop-stock": ("stock records that changed are read in WizCommerce", "15m"),
    "shop-products": ("products that changed are read in WizCommerce", "30m"),
    "orders": ("orders that changed are looked for in WizCommerce", "1m"),
    "customers": ("customers that changed are looked for in WizCommerce", "5m"),
}
"""What a connection may pull at other times than by default: what it is, and the default."""
ALWAYS = frozenset({"changes", "orders", "facts", "everything"})
"""Pulls that guarantee what signals only shorten: never off."""


class Choice(Value, frozen=True, kw_only=True):
    """Something to choose: what it does, the default, and the words it takes (none: any text)."""

    about: str
    default: str = ""
    words: tuple[str, ...] = ()


CHOICES: dict[str, Choice] = {
    "strong-matches": Choice(
        about="customers whose name and e-mail, phone or postal code agree: link them, or ask a person first",
        default="link",
        words=("link", "ask"),
    ),
    "new-customers-in-quickbooks": Choice(
        about="WizCommerce customers that QuickBooks does not have: make all of them there, or those that have ordered",
        default="all",
        words=("all", "ordered"),
    ),
    "new-customers-in-wizcommerce": Choice(
        about="QuickBooks customers that WizCommerce does not have: make all of them there, or none",
        default="all",
        words=("all", "none"),
    ),
    "sub-customers": Choice(
        about="QuickBooks' sub-customers: customers of their own in WizCommerce, under their full name, or skipped",
        default="separate",
        words=("separate", "skip"),
    ),
    "sales-rep": Choice(about="id of the WizCommerce sales rep of customers made there; `wizqbo policy` lists them"),
    "price-list": Choice(about="id of the WizCommerce price list of customers made there; `wizqbo policy` lists them"),
    "term": Choice(about="name of the QuickBooks term of new customers whose own term QuickBooks does not have"),
    "terms": Choice(
        about="what WizCommerce's terms are called in QuickBooks, as `NET30 EOM=Net 30; COD=Due on receipt`"
    ),
    "missing-terms": Choice(
        about="terms of WizCommerce that QuickBooks does not have: say so, or make those that name their days",
        default="notice",
        words=("notice", "create"),
    ),
    "customer-type-attribute": Choice(about="WizCommerce's attribute of the customer type", default="Customer Type"),
    "taxable": Choice(
        about="whether new QuickBooks customers are taxable; '' leaves it to the company", words=("yes", "no")
    ),
    "exempt-attribute": Choice(about="WizCommerce's attribute that says `yes` of a customer who is not to be taxed"),
    "exemption": Choice(about="QuickBooks' reason, 1 to 15, why a customer is not taxed"),
    "resale-attribute": Choice(about="WizCommerce's attribute of the resale number; who has one is not taxed"),
    "products": Choice(
        about="products, categories and stock: pulled from QuickBooks into WizCommerce, or left alone",
        default="pull",
        words=("pull", "off"),
    ),
    "item-types": Choice(
        about="types of QuickBooks items that become products, of Inventory, NonInventory and Service",
        default="Inventory, NonInventory, Service",
    ),
    "bundles": Choice(
        about="QuickBooks' bundles: skipped, or products without stock", default="skip", words=("skip", "product")
    ),
    "sku-source": Choice(
        about="where a product's SKU comes from: the item's SKU, its name, or its name with those above it",
        default="sku",
        words=("sku", "name", "full-name"),
    ),
    "prices": Choice(
        about="prices of the price list `price-list`: pulled always, when a product is made, or never",
        default="always",
        words=("always", "creation", "never"),
    ),
    "zero-prices": Choice(
        about="an item with no price, or zero: held, or published at 0.00",
        default="hold",
        words=("hold", "publish"),
    ),
    "zero-stock": Choice(
        about="a counted product of which nothing is available: not sold (block), sold all the same (back-order), or made "
        "inactive (hide), which WizCommerce may not let us undo",
        default="block",
        words=("block", "back-order", "hide"),
    ),
    "description-attribute": Choice(
        about="WizCommerce's attribute of a product's description; `none` sends none", default="Description"
    ),
    "cost-attribute": Choice(about="WizCommerce's attribute of a product's cost, which buyers may see; '' sends none"),
    "adhoc-item": Choice(
        about="SKU of the QuickBooks item that lines outside the catalogue go to; '' holds orders that have one"
    ),
    "charges-item": Choice(
        about="SKU of the QuickBooks item that other charges of an order go to; '' holds orders that have some"
    ),
    "rounding-item": Choice(
        about="SKU of the QuickBooks item that takes the cents, at most 0.05, by which an order's stated amount differs from its "
        "lines; '' holds what differs by more than 0.01"
    ),
    "closed-books": Choice(
        about="an order of a day at which the books are closed: held, or invoiced under the first open day, with its own in the "
        "private note",
        default="hold",
        words=("hold", "first-open-day"),
    ),
    "online-payments": Choice(
        about="QuickBooks' own means of payment on our invoices: off, so that a buyer has no second way to pay, or as the "
        "company has it",
        default="off",
        words=("off", "company"),
    ),
    "invoice-date": Choice(
        about="the day of an invoice: that of the order, that on which it was first seen confirmed, or that on which it ships, "
        "where the order says so",
        default="order",
        words=("order", "confirmation", "ship"),
    ),
    "long-numbers": Choice(
        about="an order's number of more than the 21 characters QuickBooks takes: the order is held, or its last 21 are the "
        "invoice's",
        default="hold",
        words=("hold", "shorten"),
    ),
    "number-field": Choice(about="id (1 to 3) of the field of QuickBooks' sales forms that shows the order's number"),
    "po-field": Choice(about="id (1 to 3) of the field of QuickBooks' sales forms that shows the buyer's PO number"),
    "class": Choice(about="id of QuickBooks' class of new invoices, where the company tracks classes"),
    "location": Choice(about="id of QuickBooks' location of new invoices, where the company tracks locations"),
    "cancelled-orders": Choice(
        about="the invoice of an order that is cancelled later, unpaid and of this month: voided, or left to a person",
        default="void",
        words=("void", "ask"),
    ),
    "tax": Choice(
        about="tax of an order: QuickBooks computes it, and what differs is told; the order's own total is sent; or it is a line "
        "of the item `tax-item`, which should post to a liability account",
        default="quickbooks",
        words=("quickbooks", "order", "line"),
    ),
    "tax-item": Choice(
        about="SKU of the QuickBooks item that tax goes to where it is a line; '' holds orders with tax"
    ),
    "tax-code": Choice(
        about="id of QuickBooks' tax code of what is taxed: it picks the rate in the US ('' leaves that to QuickBooks), and "
        "stands on every line elsewhere ('' holds orders with tax)"
    ),
    "tax-free-code": Choice(
        about="id of QuickBooks' tax code of what is not taxed, outside the US; '' holds such orders"
    ),
    "shipping-tax": Choice(
        about="the shipping charge of an order with tax: taxed as its lines are, or not taxed",
        default="as-lines",
        words=("as-lines", "none"),
    ),
    "tax-after-discount": Choice(
        about="whether tax is on what is left after an order's discount; '' leaves it to QuickBooks",
        words=("yes", "no"),
    ),
    "payment-methods": Choice(
        about="what WizCommerce's payment methods are in QuickBooks, by the id there, as `card=3; cheque=2`; others name none"
    ),
    "deposit-account": Choice(about="id of the QuickBooks account that payments go into; '' is Undeposited Funds"),
    "invoice-records": Choice(
        about="WizCommerce's record of each invoice (number, total, paid, due date): kept as QuickBooks has it, or left alone",
        default="keep",
        words=("keep", "off"),
    ),
    "pull-invoices": Choice(
        about="invoices made in QuickBooks: none becomes an order of WizCommerce, those of linked customers do, or all",
        default="linked",
        words=("none", "linked", "all"),
    ),
    "shipments": Choice(
        about="WizCommerce's shipment of each order whose invoice was shipped (tracking, carrier, items): kept as QuickBooks has "
        "it, or left alone",
        default="keep",
        words=("keep", "off"),
    ),
    "currency": Choice(about="currency of new customers in a company that keeps several, as USD"),
    "currency-attribute": Choice(about="WizCommerce's attribute of a customer's currency"),
    **{
        f"schedule-{what}": Choice(
            about=f"when {said}: `15m`, `2h`, `daily 02:00`, each with ` quiet 22:00-06:00`", default=at
        )
        for what, (said, at) in TIMETABLE.items()
    },
    **{
        f"owner-{field}": Choice(
            about=f"who wins when the {CALLED[field]} was changed on both sides",
            default=owner,
            words=get_args(System),
        )
        for field, owner in OWNERS.items()
    },
}


ID = re.compile("[0-9]{1,20}")
WRITTEN_IN_PAIRS = {
    "terms": "`NET30 EOM=Net 30; COD=Due on receipt`",
    "payment-methods": "`card=3; cheque=2`",
}


class Choices(Value, frozen=True, kw_only=True):
    """What was chosen for one connection."""

    said: dict[str, str] = {}

    def of(self, name: str) -> str:
        """What holds for `name`: chosen, or the default."""
        return self.said.get(name, "") or CHOICES[name].default

    @property
    def owners(self) -> dict[CustomerField, System]:
        """Who owns each field."""
        return {field: self._owner(field) for field in SHARED}

    def _owner(self, field: CustomerField) -> System:
        return "wizcommerce" if self.of(f"owner-{field}") == "wizcommerce" else "quickbooks"

    @property
    def item_types(self) -> frozenset[str]:
        """The types of items that become products; bundles among them when they do."""
        named = frozenset(one.strip() for one in self.of("item-types").split(",") if one.strip())
        return named | {"Group"} if self.of("bundles") == "product" else named

    @property
    def term_names(self) -> dict[str, str]:
        """Folded text in WizCommerce → name of the term in QuickBooks."""
        return _pairs(self.of("terms"))

    @property
    def payment_methods(self) -> dict[str, str]:
        """Folded text in WizCommerce → QuickBooks' id of the payment method."""
        return _pairs(self.of("payment-methods"))


def _pairs(text: str) -> dict[str, str]:
    """`NET30 EOM=Net 30; COD=Due on receipt`, the left sides folded."""
    pairs = (pair.partition("=") for pair in text.split(";"))
    return {folded(theirs): ours.strip() for theirs, _, ours in pairs if folded(theirs) and ours.strip()}


def problem_with(name: str, value: str) -> str:
    """Why `value` cannot be chosen for `name`, as a sentence; '' when it can. '' takes the default again."""
    choice = CHOICES.get(name)
    if choice is None:
        return f"There is no choice {name!r}. There are: {', '.join(CHOICES)}."
    if value and choice.words and value not in choice.words:
        return f"{name} takes {' or '.join(choice.words)}, not {value!r}."
    if name.startswith("schedule-") and value:
        return _problem_with_time(name.removeprefix("schedule-"), value)
    if name == "item-types" and not Choices(said={name: value}).item_types <= frozenset(ITEM_TYPES):
        return f"item-types takes some of {', '.join(ITEM_TYPES)}, with commas between."
    written_as = WRITTEN_IN_PAIRS.get(name)
    if written_as and value and len(_pairs(value)) != len(value.strip("; ").split(";")):
        return f"{name} are written as {written_as}."
    if name == "payment-methods" and not all(ID.fullmatch(one) for one in _pairs(value).values()):
        return "payment-methods names QuickBooks' methods by their ids, which are numbers."
    if name == "deposit-account" and value and not ID.fullmatch(value):
        return "deposit-account is the id of an account in QuickBooks, which is a number."
    if name == "exemption" and value and value not in map(str, range(1, 16)):
        return "exemption is a number from 1 to 15."
    if name in ("number-field", "po-field") and value not in ("", "1", "2", "3"):
        return f"{name} is 1, 2 or 3."
    if name == "currency" and value and not re.fullmatch("[A-Z]{3}", value):
        return "currency is three capital letters, as USD."
    return ""


def _problem_with_time(what: str, value: str) -> str:
    """Why a pull cannot be run at those times; '' when it can."""
    try:
        spec = parse(value)
    except ValueError as problem:
        return str(problem)
    if spec.off:
        return f"{what} is never off: what signals miss comes by it." if what in ALWAYS else ""
    least = 60 if what in ("orders", "customers", "shop-stock", "shop-products") else 300
    if spec.daily is None and spec.every_seconds < least:
        return f"{what} is run every {least // 60} minutes at most."
    return ""
