"""What is sent of a customer: made anew from what both sides show at the moment of sending. Pure."""

from msgspec.structs import replace

from engine.domain.commands import Command
from engine.domain.customer import OTHER, Customer, emails
from engine.domain.customer_policies import (
    CustomerAround,
    attribute,
    currency_of,
    missing_for_create,
    term_to_make,
    wanted_updates,
    why_not_made,
)
from engine.domain.drafts import CustomerDraft, CustomerUpdate, TermDraft
from engine.domain.events import CommandAbandoned, CommandHeld, Event
from engine.domain.expressing import LONGEST_EMAIL, Expressed, express
from engine.domain.fields import SHARED, latin
from engine.domain.merging import Wanted
from engine.domain.values import NOTHING, Address, CustomerContent, Personal, System, folded

_TEXTS = ("display_name", "company_name", "given_name", "family_name")
YES = ("yes", "true", "1", "y", "exempt")


def draft_for(
    customer: Customer, command: Command, around: CustomerAround
) -> CustomerDraft | CustomerUpdate | TermDraft | list[Event]:
    """What to send for `command` now, or the events that follow because it cannot be sent."""
    if command.verb == "UpdateCustomer":
        return _update(customer, command, around)
    if command.verb == "CreateTerm":
        known = {folded(name) for name in around.lists.terms.values()}
        wanted = term_to_make(customer, around)
        if wanted is None or folded(wanted.name) in known:
            return [
                CommandAbandoned(command_id=command.command_id, why="QuickBooks has the term by now, or needs none")
            ]
        return wanted
    target = command.target
    home = OTHER[target]
    content = customer.shown_by(home)
    gone = content is None or home in customer.gone
    if target in customer.links:
        why = f"it is linked there by now, to {customer.links[target]}"
    elif gone or content is None:
        why = "the customer is not there any more"
    else:
        why = why_not_made(customer, content, target, around.choices)
    if why or content is None:
        return [CommandAbandoned(command_id=command.command_id, why=f"before anything was sent: {why}")]
    missing = missing_for_create(customer, target, around)
    if missing:
        return [CommandHeld(command_id=command.command_id, missing=missing)]
    make = _for_quickbooks if target == "quickbooks" else _for_wizcommerce
    return make(customer, content, command, around)


def _update(customer: Customer, command: Command, around: CustomerAround) -> CustomerUpdate | list[Event]:
    target = command.target
    sight = customer.sights.get(target)
    update = wanted_updates(customer, around)[1].get(target)
    if sight is None or update is None or not update.fields or customer.gone or customer.merged_there:
        return [CommandAbandoned(command_id=command.command_id, why="nothing is left to change there")]
    content = replace(update.content, email=NOTHING, mark="")
    if target == "quickbooks":
        content = _as_taken(content, around)
    return CustomerUpdate(
        target=target,
        remote_id=sight.remote_id,
        revision=sight.revision,
        fields=update.fields,
        content=content,
        mark=command.command_id,
        reference=_reference(customer, around),
    )


def _as_taken(content: CustomerContent, around: CustomerAround) -> CustomerContent:
    """What is sent to QuickBooks: a US company's texts are Latin-1."""
    if around.facts.country.upper() not in ("", "US", "USA"):
        return content
    texts = {name: Personal(latin(getattr(content, name).text or "")) for name in _TEXTS}
    places = {name: _latin_address(getattr(content, name)) for name in ("billing", "shipping")}
    return replace(content, **texts, **places)


def _latin_address(address: Address | None) -> Address | None:
    if address is None:
        return None
    lines = Personal(latin(address.lines.text or ""))
    return replace(address, lines=lines, city=latin(address.city), region=latin(address.region))


def _reference(customer: Customer, around: CustomerAround) -> str:
    """What the customer is called in WizCommerce: `QBO:acme:customer:58`. Source: A-03; the company's own id stays secret."""
    return f"QBO:{around.connection}:customer:{customer.links.get('quickbooks', '')}"


def _expressed(content: CustomerContent, home: System, target: System, around: CustomerAround) -> Expressed:
    """All that a new customer says of what the other side shows."""
    fields = {field: Wanted(source=home, content=content) for field in SHARED}
    return express(target, CustomerContent(display_name=NOTHING), fields, around.lists)


def _for_quickbooks(
    customer: Customer, content: CustomerContent, command: Command, around: CustomerAround
) -> CustomerDraft:
    said = _expressed(content, "wizcommerce", "quickbooks", around)
    made = said.content
    if "name" not in said.fields:  # refused where it is written, with the field's name
        made = replace(made, display_name=content.display_name)
    term = made.payment_term
    if "term" in said.problems:
        default = folded(around.choices.of("term"))
        term = next((one for one, name in around.lists.terms.items() if default and folded(name) == default), "")
    taxable, exemption, resale = _tax(content, around)
    made = replace(
        made,
        email=Personal(_as_many_as_fit((content.email.text or "").strip())),
        payment_term=term,
        taxable=taxable,
        exemption=exemption,
        resale_number=Personal(resale),
        currency=currency_of(customer, around.choices) if around.facts.multi_currency else "",
    )
    return CustomerDraft(content=_as_taken(made, around), mark=command.command_id, fields=said.fields)


def _tax(content: CustomerContent, around: CustomerAround) -> tuple[bool | None, str, str]:
    """(taxable, exemption reason, resale number): who is exempt by an attribute, or has a resale number, is not taxed."""
    choices = around.choices
    resale = attribute(content, choices.of("resale-attribute"))[:16]
    said = folded(attribute(content, choices.of("exempt-attribute")))
    if resale or said in YES:
        return False, choices.of("exemption") if around.facts.automated_tax else "", resale
    default = {"yes": True, "no": False}.get(choices.of("taxable"))
    reason = choices.of("exemption") if default is False and around.facts.automated_tax else ""
    return default, reason, ""


def _for_wizcommerce(
    customer: Customer, content: CustomerContent, command: Command, around: CustomerAround
) -> CustomerDraft:
    said = _expressed(content, "quickbooks", "wizcommerce", around)
    first = next(iter(emails(content)), "")
    return CustomerDraft(
        content=replace(said.content, email=Personal(first if _an_email(first) else "")),
        mark=command.command_id,
        target="wizcommerce",
        reference=_reference(customer, around),
        fields=said.fields,
        sales_rep=around.choices.of("sales-rep"),
        price_list=around.choices.of("price-list"),
    )


def _as_many_as_fit(text: str) -> str:
    """E-mail addresses as they were written, without those at the end for which QuickBooks' field has no room."""
    while len(text) > LONGEST_EMAIL:
        text = text[: max(text.rfind(","), text.rfind(";"), 0)].rstrip()
    return text


def _an_email(text: str) -> bool:
    """Whether WizCommerce may take it for one; a buyer without is better than no buyer."""
    name, at, host = text.partition("@")
    return bool(name and at and "." in host) and len(text) <= 255 and not any(c.isspace() for c in text)
