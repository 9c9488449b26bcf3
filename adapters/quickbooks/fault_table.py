"""Every fault code QuickBooks documents: how it ends a call, what an administrator reads, and what to do next.

The sentences never repeat QuickBooks' own text: it quotes names and amounts. Source: QuickBooks reference, section 6
(its reactions: RETRY is unavailable, REFRESH is token, HUMAN and REJECT are refused unless the whole company is
concerned).
"""

from typing import Literal

import msgspec

Ending = Literal["refused", "unavailable", "token", "disconnected", "suspended", "not-there", "unknown"]
"""How a fault ends a call. `token`: the access token was not accepted. `not-there`: only for reads; a write is refused.
`unknown`: a write may have happened; a read was not answered."""


class Meaning(msgspec.Struct, frozen=True):
    """What a fault means. `wait_seconds` is the least time before it makes sense to ask again."""

    ending: Ending
    sentence: str
    next_step: str
    wait_seconds: int = 0


RECONNECT = "Connect QuickBooks again: `wizqbo connect` prints a link for the company's administrator."
OUR_BUG = "This is a fault of this program, not of your books. Report it with the trace id from the history."
OUR_DATA = "Correct the value in WizCommerce, then ask again: `wizqbo retry`."
THEN_RETRY = " Then ask again: `wizqbo retry`."
BY_ITSELF = "Nothing to do: it is tried again by itself."
WAIT_A_MINUTE = 60
WAIT_FOR_MAINTENANCE = 15 * 60


def _bug(sentence: str) -> Meaning:
    return Meaning("refused", sentence, OUR_BUG)


def _value(sentence: str) -> Meaning:
    return Meaning("refused", sentence, OUR_DATA)


def _person(sentence: str, step: str) -> Meaning:
    return Meaning("refused", sentence, step + THEN_RETRY)


def _failed(sentence: str) -> Meaning:
    return Meaning(
        "refused", sentence, "Ask again once: `wizqbo retry`. If it is refused again, look at it in QuickBooks."
    )


NEWS_OF_SALES_TAX = "Look at the sales tax settings in QuickBooks."

FAULTS: dict[str, Meaning] = {
    "100": Meaning("token", "QuickBooks did not accept our access.", RECONNECT),
    "110": Meaning("token", "QuickBooks did not accept our access.", RECONNECT),
    "120": Meaning(
        "suspended",
        "QuickBooks says that the person who connected it may not use this company, or that its plan has no access.",
        "Have an administrator of the company connect it again, or look at its QuickBooks plan.",
    ),
    "130": Meaning("unavailable", "QuickBooks has moved this company to other machines.", BY_ITSELF, WAIT_A_MINUTE),
    "140": Meaning(
        "suspended", "QuickBooks has locked this company.", "Sign in to QuickBooks and see what it asks for."
    ),
    "150": Meaning("unavailable", "QuickBooks is doing maintenance on this company.", BY_ITSELF, WAIT_FOR_MAINTENANCE),
    "500": _bug("QuickBooks does not know the operation we asked for."),
    "600": Meaning(
        "refused",
        "QuickBooks says it has received this request before.",
        "Look in QuickBooks whether the record is there." + THEN_RETRY,
    ),
    "610": Meaning(
        "not-there",
        "This record, or one it refers to, is no longer in QuickBooks or was made inactive.",
        f"Find which customer, item or payment term it is in QuickBooks, and make it active.{THEN_RETRY}",
    ),
    "620": _person("QuickBooks could not link these two records.", "Look at both in QuickBooks."),
    "630": _person("QuickBooks says this record exists already.", "Find it in QuickBooks and link it by hand."),
    "700": _bug("QuickBooks does not accept the parent of this record."),
    "800": _person("Other records in QuickBooks depend on this one.", "Remove what depends on it, or leave it."),
    "900": _bug("QuickBooks does not let a record that has parts be a part."),
    "1000": _failed("QuickBooks could not carry this out."),
    "1010": _failed("QuickBooks could not create this record."),
    "1020": _failed("QuickBooks could not change this record."),
    "1040": _bug("We asked QuickBooks for too much in one request."),
    "2000": _bug("QuickBooks does not know this kind of record."),
    "2010": _bug("QuickBooks does not know a field we sent."),
    "2020": _bug("We left out a field that QuickBooks requires."),
    "2030": _bug("QuickBooks does not accept the id we sent."),
    "2040": _value("A text has characters that QuickBooks does not accept."),
    "2050": _value("A text is longer than QuickBooks accepts."),
    "2060": _value("QuickBooks does not accept a date."),
    "2070": _value("QuickBooks does not accept a range of dates."),
    "2080": _value("QuickBooks does not accept a number."),
    "2090": _value("QuickBooks does not accept a number."),
    "2100": _value("A number is larger than QuickBooks accepts."),
    "2110": _value("A number has more decimal places than QuickBooks accepts."),
    "2120": _bug("QuickBooks does not accept the type of a field."),
    "2130": _bug("QuickBooks does not accept the form of our request id."),
    "2140": _value("QuickBooks does not accept an amount."),
    "2160": _value("QuickBooks does not accept a quantity."),
    "2170": _bug("QuickBooks does not accept one of the fixed words we sent."),
    "2210": _value("QuickBooks does not accept the e-mail address."),
    "2220": _person(
        "QuickBooks does not accept the currency.",
        "Compare the currency of the order or customer with what the company uses in QuickBooks.",
    ),
    "2250": _value("The document has no lines."),
    "2290": _value("A value is negative, which QuickBooks does not accept here."),
    "2300": _bug("QuickBooks says the document does not balance."),
    "2500": _person(
        "Something this refers to is not usable in QuickBooks: it is gone, inactive, or a category.",
        "Look in QuickBooks at the items of an order, and at the payment term and type of a customer.",
    ),
    "2600": _bug("We sent QuickBooks fields that contradict each other."),
    "3000": _person("QuickBooks does not accept a custom field.", "Look at the custom fields set up in QuickBooks."),
    "3001": Meaning("unavailable", "QuickBooks has had too many requests for now.", BY_ITSELF, WAIT_A_MINUTE),
    "3100": Meaning(
        "disconnected",
        "QuickBooks no longer allows us into this company: the person who connected it lost their rights, or the app's "
        "keys belong to another environment.",
        RECONNECT,
    ),
    "3200": Meaning("token", "QuickBooks did not accept our access.", RECONNECT),
    "4000": _bug("QuickBooks could not read our question."),
    "4001": _bug("QuickBooks does not accept our question."),
    "4002": _bug("QuickBooks could not answer our question."),
    "5000": _bug("We sent a field that QuickBooks has given up."),
    "5010": Meaning(
        "refused",
        "Someone changed this record in QuickBooks at the same time.",
        "It is read again before the next try.",
    ),
    "5020": _person(
        "QuickBooks does not permit this: the company's plan lacks the feature, or the person who connected it lacks "
        "the right.",
        "Look at the plan, or have an administrator connect QuickBooks again.",
    ),
    "5030": _person("QuickBooks does not support this feature for this company.", "Look at the company's plan."),
    "6000": _person(
        "A rule of QuickBooks does not allow this.", "Try the same by hand in QuickBooks to see its reason."
    ),
    "6070": _bug("A line's amount is not its quantity times its price."),
    "6080": _value("The customer has no name."),
    "6090": _bug("The discount has neither amount nor percentage."),
    "6100": _bug("QuickBooks does not accept the tax code of a line."),
    "6140": _person(
        "This document number is used already in QuickBooks.",
        "Find the document with this number in QuickBooks: give that one another number, or ours: "
        "`wizqbo edit-and-retry`.",
    ),
    "6150": _person("QuickBooks does not accept the tax of this document.", NEWS_OF_SALES_TAX),
    "6160": _person("QuickBooks does not accept the tax of this document.", NEWS_OF_SALES_TAX),
    "6180": _bug("QuickBooks does not allow so many levels of parts."),
    "6190": Meaning(
        "suspended",
        "The company's QuickBooks subscription has ended, or its trial is over.",
        "Renew the subscription in QuickBooks; what waits goes on when you say `wizqbo resume`.",
    ),
    "6200": _person(
        "The books are closed for this date.", "Reopen the period in QuickBooks, or give the order a later date."
    ),
    "6210": _person(
        "The books are closed for this date, and QuickBooks asks for the closing-date password.",
        "Reopen the period in QuickBooks, or give the order a later date.",
    ),
    "6220": _person(
        "The customer has a balance in QuickBooks and cannot be made inactive.",
        "Settle the balance in QuickBooks, or leave the customer active on both sides.",
    ),
    "6230": _person("QuickBooks does not accept the tax of this document.", NEWS_OF_SALES_TAX),
    "6240": _person(
        "This name is used already in QuickBooks by another customer, a vendor or an employee.",
        "If it is the same customer, link it to the one that is there; else give one of them another name.",
    ),
    "6250": _person("QuickBooks does not accept the customer of this document.", "Look at the customer in QuickBooks."),
    "6270": _person(
        "The document's date is before an inventory item's start date.",
        "Move the item's start date in QuickBooks, or give the order a later date.",
    ),
    "6280": _person(
        "The customer has unbilled charges in QuickBooks and cannot be made inactive.",
        "Bill or remove them in QuickBooks.",
    ),
    "6420": _bug("An e-mail address is needed to send this document."),
    "6430": _person("QuickBooks does not accept the account used here.", "Look at the item's accounts in QuickBooks."),
    "6450": _person("This payment has been settled and cannot be voided.", "Refund it in QuickBooks instead."),
    "6480": _person("This is matched to a bank transaction.", "Undo the match in QuickBooks."),
    "6520": _bug("A line has no quantity."),
    "6540": _person("This payment has been deposited.", "Take it out of the deposit in QuickBooks."),
    "10000": Meaning("unknown", "QuickBooks had a fault of its own.", BY_ITSELF),
    "10100": _bug("The answer would be larger than QuickBooks gives."),
    "10200": Meaning(
        "suspended",
        "The company was reset in QuickBooks: its records are not the ones we knew.",
        "Do not resume. Connect this company under a new connection name.",
    ),
}

NEEDLES: dict[str, tuple[tuple[str, Meaning], ...]] = {
    "610": (
        (
            "made inactive",
            Meaning(
                "not-there",
                "A customer, item or payment term this needs was made inactive in QuickBooks.",
                FAULTS["610"].next_step,
            ),
        ),
    ),
    "2500": (
        (
            "Names element",
            _person(
                "The customer is not in QuickBooks any more.", "Look for the customer in QuickBooks, and link it again."
            ),
        ),
        (
            "Items element",
            _person(
                "An item is not in QuickBooks any more.",
                "Look for the order's items in QuickBooks, and link them again.",
            ),
        ),
        (
            "CustomerTypes element",
            _person(
                "The customer's type is not in QuickBooks any more.",
                "Look at the customer types in QuickBooks, and give the customer one that is there.",
            ),
        ),
        (
            "Terms element",
            _person(
                "The payment term is not in QuickBooks any more.",
                "Look at the payment terms in QuickBooks, and give the customer one that is there.",
            ),
        ),
        (
            "made inactive",
            _person(
                "A customer, item or payment term this needs was made inactive in QuickBooks.",
                "Make it active in QuickBooks.",
            ),
        ),
        (
            "category instead of",
            _person("An item is a category in QuickBooks, not a product.", "Link the SKU to a product or service."),
        ),
    ),
    "6000": (
        ("-30000", _failed("QuickBooks had an internal error with this record.")),
        (
            "must set a transaction amount",
            _person("QuickBooks wants an amount on this document.", "Look at its lines."),
        ),
        ("closed", FAULTS["6200"]),
    ),
}
"""Codes that mean several things: words of QuickBooks' own text, looked for in this order, and what they mean."""

STATUSES: dict[int, Meaning] = {
    400: _bug("QuickBooks refused the request and did not say why."),
    401: FAULTS["3200"],
    403: FAULTS["3100"],
    404: _person(
        "There is no QuickBooks at this address.", "Check the address of QuickBooks in the settings: `wizqbo doctor`."
    ),
    405: _bug("QuickBooks does not know the operation we asked for."),
    413: _value("The document is larger than QuickBooks accepts."),
    415: _bug("QuickBooks does not accept the form of our request."),
    429: FAULTS["3001"],
}
"""What an HTTP status means when the body says nothing. Source: section 2.5. Every other 4xx is as 400; everything else
that is not 2xx is as 500."""

SERVER_FAULT = Meaning("unknown", "QuickBooks could not answer.", BY_ITSELF)
UNDOCUMENTED = _person(
    "QuickBooks refused this with a code it does not document.", "Try the same by hand in QuickBooks."
)
"""For a code that is in no table: its raw body is kept."""
NOT_AN_ANSWER = Meaning("unknown", "QuickBooks' answer could not be understood.", BY_ITSELF)
