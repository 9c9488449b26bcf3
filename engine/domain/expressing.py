"""Fields of one side in the words of the other: what can be said there, and a sentence for what cannot.

Every rule of repair is here: a field that cannot be said is left out and named, and the rest goes on.
"""

from msgspec.structs import replace

from engine.domain.fields import CALLED, Lists, digits, e164, free_form, normal, plain_name, shown
from engine.domain.merging import Wanted
from engine.domain.values import (
    NOTHING,
    Address,
    Attribute,
    CustomerContent,
    CustomerField,
    Personal,
    System,
    Value,
    folded,
)

LONGEST_TEXT = 255
"""Characters of a text in WizCommerce. Source: WizCommerce reference, 1.5."""
LONGEST_CITY = 50
"""Source: WizCommerce reference, 1.5, "Address"."""
LONGEST_PHONE = 30
LONGEST_EMAIL = 100
"""Characters in QuickBooks. Source: QuickBooks reference, 7.1."""


class Problem(Value, frozen=True, kw_only=True):
    """Why a field cannot be said on the other side, without any personal text, and what to do."""

    sentence: str
    next_step: str


class Expressed(Value, frozen=True, kw_only=True):
    """A content for one side: `fields` of it are said, `problems` name those that are not."""

    content: CustomerContent
    fields: tuple[CustomerField, ...] = ()
    problems: dict[CustomerField, Problem] = {}


def express(target: System, now: CustomerContent, wanted: dict[CustomerField, Wanted], lists: Lists) -> Expressed:
    """`now`, as `target` shows it, with every wanted field that can be said there."""
    content, said, problems = now, [], {}
    for field, value in wanted.items():
        put = _to_quickbooks if target == "quickbooks" else _to_wizcommerce
        result = put(field, content, value, lists)
        if isinstance(result, Problem):
            problems[field] = result
        elif result is not None:
            content = result
            said.append(field)
    return Expressed(content=content, fields=tuple(said), problems=problems)


def _to_quickbooks(
    field: CustomerField, now: CustomerContent, value: Wanted, lists: Lists
) -> CustomerContent | Problem | None:
    text = " ".join(shown(value.content, field, value.source, lists).split())
    match field:
        case "name":
            if now.parent:
                return Problem(
                    sentence="it is a sub-customer in QuickBooks, whose full name is made there",
                    next_step="Rename it in QuickBooks.",
                )
            named = plain_name(text)
            if not named:
                return Problem(sentence="it has no name that QuickBooks could take", next_step="Give it a name.")
            return replace(now, display_name=Personal(named))
        case "company" | "given_name" | "family_name":
            key = "company_name" if field == "company" else field
            return replace(now, **{key: Personal(plain_name(text))})
        case "phone":
            if len(text) > LONGEST_PHONE:
                return Problem(
                    sentence=f"the phone number has {len(text)} characters; QuickBooks takes at most {LONGEST_PHONE}",
                    next_step="Shorten it in WizCommerce.",
                )
            return replace(now, phone=Personal(text))
        case "billing" | "shipping":
            address: Address | None = getattr(value.content, field)
            return None if address is None else replace(now, **{field: address})
        case "term":
            found = _id_of(field, text, lists.terms, lists)
            return _unknown_term(text) if found is None else replace(now, payment_term=found)
        case "customer_type":
            found = _id_of(field, text, lists.types, lists)
            if found is None:
                return Problem(
                    sentence="QuickBooks has no customer type of that name, and none can be made for it by a program",
                    next_step="Add the customer type in QuickBooks (Sales › Customers › Customer types); it goes by itself then.",
                )
            return replace(now, type_id=found)
        case _:
            return None


def _id_of(field: CustomerField, text: str, names: dict[str, str], lists: Lists) -> str | None:
    """The id of the entry called `text`; '' for no text, None when there is none."""
    if not text:
        return ""
    meant = normal(field, text, lists)
    return next((one for one, name in names.items() if folded(name) == meant), None)


def _unknown_term(text: str) -> Problem:
    return Problem(
        sentence=f"QuickBooks has no payment term {text[:60]!r}",
        next_step='Add the term in QuickBooks, or say which one is meant: `wizqbo set CONNECTION terms "THEIRS=OURS"`.',
    )


def _to_wizcommerce(
    field: CustomerField, now: CustomerContent, value: Wanted, lists: Lists
) -> CustomerContent | Problem | None:
    text = " ".join(shown(value.content, field, value.source, lists).split())
    if len(text) > LONGEST_TEXT and field not in ("billing", "shipping"):
        return Problem(
            sentence=f"it has {len(text)} characters; WizCommerce takes at most {LONGEST_TEXT}",
            next_step="Shorten it in QuickBooks.",
        )
    if not text and field in ("given_name", "family_name", "phone") and shown(now, field, "wizcommerce", lists):
        return Problem(
            sentence="it was emptied in QuickBooks, and WizCommerce cannot be told of an empty one",
            next_step="Remove it in WizCommerce if it should go.",
        )
    match field:
        case "name":
            return replace(now, display_name=Personal(text)) if text else None
        case "company" | "given_name" | "family_name":
            key = "company_name" if field == "company" else field
            return replace(now, **{key: Personal(text)})
        case "phone":
            return _phone(now, value.content)
        case "billing" | "shipping":
            return _address(field, now, getattr(value.content, field))
        case "term" | "customer_type" if not _listed(field, value, lists):
            return Problem(
                sentence=f"QuickBooks does not list its {CALLED[field]} as active",
                next_step="Choose another for the customer in QuickBooks, or make it active there.",
            )
        case "term":
            return replace(now, payment_term=text)
        case "customer_type":
            return replace(now, attributes=_with_type(now.attributes, text, lists.type_attribute))
        case _:
            return None


def _listed(field: CustomerField, value: Wanted, lists: Lists) -> bool:
    """Whether a term or type of QuickBooks' has a name to be said by: what is shown of others is their id."""
    chosen, names = (
        (value.content.payment_term, lists.terms) if field == "term" else (value.content.type_id, lists.types)
    )
    return value.source != "quickbooks" or not chosen or chosen in names


def _phone(now: CustomerContent, source: CustomerContent) -> CustomerContent | Problem:
    typed = source.phone.text or ""
    if not digits(typed):
        return replace(now, phone=NOTHING) if not typed.strip() else _no_phone()
    country = source.billing.country if source.billing else ""
    number = e164(typed, country)
    return replace(now, phone=Personal(number)) if number else _no_phone()


def _no_phone() -> Problem:
    return Problem(
        sentence="the phone number in QuickBooks is not one that can be written as +14155550100",
        next_step="Correct it in QuickBooks, or enter it in WizCommerce.",
    )


def _address(field: CustomerField, now: CustomerContent, address: Address | None) -> CustomerContent | Problem | None:
    """An address of QuickBooks' goes to WizCommerce only as a structure: free text never goes over one, and none is removed."""
    if address is None:
        return None
    if free_form(address):
        return Problem(
            sentence="the address in QuickBooks is free text, in which city and postal code cannot be told apart",
            next_step="Enter the address in WizCommerce, or its city and postal code in QuickBooks.",
        )
    if not address.city or not (address.lines.text or "").strip():
        what = "city" if not address.city else "street line"
        return Problem(
            sentence=f"the address in QuickBooks has no {what}, which WizCommerce requires",
            next_step=f"Add the {what} in QuickBooks.",
        )
    if len(address.city) > LONGEST_CITY:
        return Problem(
            sentence=f"the city has {len(address.city)} characters; WizCommerce takes at most {LONGEST_CITY}",
            next_step="Shorten it in QuickBooks.",
        )
    return replace(now, **{field: address})


def _with_type(attributes: tuple[Attribute, ...], text: str, name: str) -> tuple[Attribute, ...]:
    """All attributes, that of the customer type with another value: WizCommerce may replace them as one."""
    others = tuple(a for a in attributes if folded(a.name) != folded(name))
    if not text and len(others) == len(attributes):
        return attributes
    return (*others, Attribute(name=name, value=Personal(text)))
