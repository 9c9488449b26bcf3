"""What is sent of a customer: a new one and a change, in either direction, as it is at the moment of sending."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.domain.customer import Customer
from engine.domain.customer_drafts import draft_for
from engine.domain.customer_policies import CustomerAround
from engine.domain.drafts import CustomerDraft, CustomerUpdate, TermDraft
from engine.domain.events import (
    CommandAbandoned,
    CommandHeld,
    CommandIssued,
    Event,
    RecordGone,
    RecordLinked,
    RecordMergedThere,
    Verb,
)
from engine.domain.fields import SHARED
from engine.domain.values import Attribute, CompanyFacts, CustomerField, Personal, System
from tests.two_sides import agreed, around, said, shows, street
from tests.wholesale import customer_after, customer_seen

MARK = "1" * 32
SAID = {"sales_rep": "rep_1", "price_list": "list_1"}
TAXED = CompanyFacts(name="Green Wholesale", automated_tax=True)
FULL: dict[str, Any] = {
    "name": "Bloom & Co",
    "company": "Bloom",
    "given_name": "Ann",
    "family_name": "Lee",
    "phone": "+14155550100",
    "billing": street(),
    "shipping": street("2 Dock Rd"),
    "term": "Net 30",
    "customer_type": "Florist",
}


def to_send(
    customer: Customer, target: System, circumstances: CustomerAround, verb: Verb = "CreateCustomer"
) -> CustomerDraft | CustomerUpdate | TermDraft | list[Event]:
    issued = CommandIssued(command_id=MARK, verb=verb, target=target, generation=1, because="a test")
    customer = customer_after(issued, customer=customer)
    return draft_for(customer, customer.commands[MARK], circumstances)


def made_in_quickbooks(
    facts: CompanyFacts | None = None, choices: dict[str, str] | None = None, **shown: Any
) -> CustomerDraft:
    """The draft of a WizCommerce customer for QuickBooks."""
    customer = customer_after(customer_seen(**shown))
    draft = to_send(customer, "quickbooks", around(facts, **choices or {}))
    assert isinstance(draft, CustomerDraft)
    return draft


def made_in_wizcommerce(**shown: Any) -> CustomerDraft:
    """The draft of a QuickBooks customer for WizCommerce."""
    draft = to_send(customer_after(customer_seen("quickbooks", "58", **shown)), "wizcommerce", around(**SAID))
    assert isinstance(draft, CustomerDraft)
    return draft


def changed(customer: Customer, target: System) -> CustomerUpdate:
    draft = to_send(customer, target, around(**SAID), "UpdateCustomer")
    assert isinstance(draft, CustomerUpdate)
    return draft


def why(draft: Any) -> str:
    """Why nothing is sent."""
    [event] = draft
    assert isinstance(event, CommandAbandoned) and event.command_id == MARK
    return event.why


# ---- a new customer --------------------------------------------------------------------------------------------------


def test_a_new_quickbooks_customer_says_all_that_wizcommerce_shows() -> None:
    draft = made_in_quickbooks(**said("wizcommerce", **FULL))

    expected = {**said("quickbooks", **FULL), "email": Personal("books@bloom.example")}
    assert {key: getattr(draft.content, key) for key in expected} == expected
    assert (draft.target, draft.mark, draft.fields) == ("quickbooks", MARK, SHARED)
    assert (draft.sales_rep, draft.price_list, draft.content.attributes) == ("", "", ())


def test_a_new_wizcommerce_customer_says_all_that_quickbooks_shows() -> None:
    draft = made_in_wizcommerce(**said("quickbooks", **FULL))

    expected = {**said("wizcommerce", **FULL), "email": Personal("books@bloom.example")}
    assert {key: getattr(draft.content, key) for key in expected} == expected
    assert (draft.target, draft.mark, draft.fields) == ("wizcommerce", MARK, SHARED)
    assert (draft.sales_rep, draft.price_list) == ("rep_1", "list_1")
    assert draft.reference == "QBO:acme:customer:58"


def test_a_sub_customer_is_one_of_its_own_in_wizcommerce_under_its_full_name() -> None:
    draft = made_in_wizcommerce(display_name=Personal("North"), full_name=Personal("Bloom:North"), parent="7")

    assert draft.content.display_name == Personal("Bloom:North")
    assert (draft.content.full_name, draft.content.parent) == (Personal(""), "")


@pytest.mark.parametrize(
    ("shown", "unsaid"),
    [
        ({"phone": Personal("call Ann")}, ["phone"]),
        ({"billing": street(city="")}, ["billing"]),
        ({"shipping": None, "billing": None}, ["billing", "shipping"]),
    ],
)
def test_what_cannot_be_said_of_a_new_customer_is_none_of_its_fields(shown: dict[str, Any], unsaid: list[str]) -> None:
    draft = made_in_wizcommerce(**{**said("quickbooks", **FULL), **shown})

    assert [f for f in SHARED if f not in draft.fields] == unsaid
    assert not any(getattr(draft.content, field) for field in unsaid)


def test_a_name_quickbooks_cannot_take_is_sent_as_it_is_and_is_none_of_its_fields() -> None:
    draft = made_in_quickbooks(display_name=Personal(":"))

    assert draft.content.display_name == Personal(":") and "name" not in draft.fields


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        (" books@bloom.example ", "books@bloom.example"),
        ("A@bloom.example; b@bloom.example", "A@bloom.example; b@bloom.example"),
        ("a" * 88 + "@bloom.examp", "a" * 88 + "@bloom.examp"),
        ("a" * 89 + "@bloom.examp", ""),
        ("", ""),
    ],
)
def test_the_e_mail_of_a_new_quickbooks_customer(shown: str, sent: str) -> None:
    assert made_in_quickbooks(email=Personal(shown)).content.email == Personal(sent)


@pytest.mark.parametrize("shown", ["a@bloom.example," * 20, "a@bloom.example, " + "b" * 100 + "@bloom.example"])
def test_of_several_addresses_too_long_together_only_those_that_fit_are_sent(shown: str) -> None:
    sent = made_in_quickbooks(email=Personal(shown)).content.email.text or ""

    assert sent.startswith("a@bloom.example") and len(sent) <= 100


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        ("books@bloom.example", "books@bloom.example"),
        ("Ann@bloom.example, b@bloom.example", "ann@bloom.example"),
        ("nobody", ""),
        ("ann@bloom", ""),
        ("@bloom.example", ""),
        ("ann lee@bloom.example", ""),
        ("a" * 242 + "@bloom.example", ""),
        ("a" * 241 + "@bloom.example", "a" * 241 + "@bloom.example"),
        ("", ""),
    ],
)
def test_the_login_of_a_new_wizcommerce_customer_is_the_first_address_that_is_one(shown: str, sent: str) -> None:
    assert made_in_wizcommerce(email=Personal(shown)).content.email == Personal(sent)


@pytest.mark.parametrize(
    ("term", "default", "sent", "is_said"),
    [
        ("net 30", "Net 60", "3", True),
        ("Net 45", "net 60", "4", False),
        ("Net 45", "", "", False),
        ("Net 45", "Net 90", "", False),
        ("", "Net 60", "", True),
    ],
)
def test_a_term_that_quickbooks_lacks_gives_way_to_the_default(
    term: str, default: str, sent: str, is_said: bool
) -> None:
    draft = made_in_quickbooks(choices={"term": default}, payment_term=term)

    assert (draft.content.payment_term, "term" in draft.fields) == (sent, is_said)


RESALE = (Attribute(name="Resale no", value=Personal("R-12345678901234567")),)
EXEMPT = (Attribute(name="tax exempt", value=Personal("Yes")),)
ASKED = {"resale_attribute": "Resale No", "exempt_attribute": "Tax Exempt", "exemption": "3"}


@pytest.mark.parametrize(
    ("attributes", "taxable", "expected"),
    [
        ((), "", (None, "", "")),
        ((), "yes", (True, "", "")),
        ((), "no", (False, "3", "")),
        (EXEMPT, "yes", (False, "3", "")),
        ((Attribute(name="Tax Exempt", value=Personal("no")),), "", (None, "", "")),
        ((Attribute(name="Tax Exempt", value=Personal("no")),), "yes", (True, "", "")),
        (RESALE, "yes", (False, "3", "R-12345678901234")),
        ((*RESALE, *EXEMPT), "", (False, "3", "R-12345678901234")),
    ],
)
@pytest.mark.parametrize("automated", [True, False])
def test_who_is_exempt_or_sells_on_is_not_taxed(
    attributes: Any, taxable: str, expected: tuple[bool | None, str, str], automated: bool
) -> None:
    facts = TAXED if automated else CompanyFacts(name="")

    content = made_in_quickbooks(facts, {**ASKED, "taxable": taxable}, attributes=attributes).content

    is_taxed, reason, resale = expected
    assert (content.taxable, content.exemption) == (is_taxed, reason if automated else "")
    assert content.resale_number == Personal(resale)


def test_attributes_nobody_named_say_nothing_of_tax() -> None:
    content = made_in_quickbooks(TAXED, {"exemption": "3"}, attributes=(*RESALE, *EXEMPT)).content

    assert (content.taxable, content.exemption, content.resale_number) == (None, "", Personal(""))


@pytest.mark.parametrize(("several", "sent"), [(True, "EUR"), (False, "")])
def test_a_currency_is_sent_only_where_there_are_several(several: bool, sent: str) -> None:
    facts = CompanyFacts(name="", multi_currency=several)

    assert made_in_quickbooks(facts, {"currency": "EUR"}).content.currency == sent


# ---- a change --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["quickbooks", "wizcommerce"])
@pytest.mark.parametrize("field", ["given_name", "phone", "billing", "term", "customer_type"])
def test_a_change_says_its_field_and_leaves_all_else_as_it_is_there(field: CustomerField, target: System) -> None:
    edits: dict[str, Any] = {
        "given_name": "Bea",
        "phone": "+14155550111",
        "billing": street("9 Quay St"),
        "term": "Net 60",
        "customer_type": "Hotel",
    }
    other: System = "wizcommerce" if target == "quickbooks" else "quickbooks"
    there = (
        {"billing_id": "ba_1", "contact_id": "ct_1"} if target == "wizcommerce" else {"resale_number": Personal("R")}
    )
    customer = shows(shows(agreed(**FULL), target, **there), other, **{field: edits[field]})

    draft = changed(customer, target)

    assert (draft.target, draft.fields, draft.mark) == (target, (field,), MARK)
    sight = customer.sights[target]
    assert (draft.remote_id, draft.revision) == (sight.remote_id, sight.revision)
    wanted = replace(sight.content, **said(target, **{field: edits[field]}))
    assert draft.content == replace(wanted, email=Personal(""))
    assert draft.reference == "QBO:acme:customer:58"


@pytest.mark.parametrize("target", ["quickbooks", "wizcommerce"])
def test_a_change_never_says_the_e_mail_or_another_s_mark(target: System) -> None:
    customer = shows(agreed(**FULL), target, mark="2" * 32, email=Personal("there@bloom.example"))
    other: System = "wizcommerce" if target == "quickbooks" else "quickbooks"

    draft = changed(shows(customer, other, given_name="Bea", email=Personal("new@bloom.example")), target)

    assert (draft.content.email, draft.content.mark) == (Personal(""), "")


def test_a_change_has_neither_sales_rep_nor_price_list() -> None:
    customer = shows(agreed(**FULL), "wizcommerce", sales_reps=("rep_9",), price_list="list_9")

    draft = changed(shows(customer, "quickbooks", given_name="Bea"), "wizcommerce")

    assert not hasattr(draft, "sales_rep") and not hasattr(draft, "price_list")
    assert (draft.content.sales_reps, draft.content.price_list) == (("rep_9",), "list_9")  # its own, as it shows them


def test_a_changed_type_keeps_every_other_attribute() -> None:
    others = (Attribute(name="Region", value=Personal("West")),)
    mine = Attribute(name="customer type", value=Personal("Florist"))
    customer = shows(agreed(**FULL), "wizcommerce", attributes=(mine, *others))

    draft = changed(shows(customer, "quickbooks", customer_type="Hotel"), "wizcommerce")

    assert draft.content.attributes == (*others, Attribute(name="Customer Type", value=Personal("Hotel")))


GONE = RecordGone(system="wizcommerce", kind="customer", remote_id="cust_01", fetched_after=1, cause="a test")
MERGED = RecordMergedThere(system="quickbooks", kind="customer", remote_id="58", into="77")


@pytest.mark.parametrize("events", [[], [GONE], [MERGED]])
def test_a_change_that_has_nothing_to_say_any_more_is_not_sent(events: list[Event]) -> None:
    customer = agreed() if not events else shows(agreed(), "wizcommerce", given_name="Bea")

    draft = to_send(customer_after(*events, customer=customer), "quickbooks", around(), "UpdateCustomer")

    assert why(draft) == "nothing is left to change there"


# ---- not sent after all ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (
            [RecordLinked(system="quickbooks", kind="customer", remote_id="77", how="a test")],
            "linked there by now, to 77",
        ),
        ([GONE], "not there any more"),
        ([customer_seen(active=False)], "it is inactive"),
    ],
)
def test_a_new_customer_is_not_made_when_it_is_not_to_be_any_more(events: list[Event], says: str) -> None:
    draft = to_send(customer_after(customer_seen(), *events), "quickbooks", around())

    assert says in why(draft) and why(draft).startswith("before anything was sent: ")


def test_a_new_customer_nobody_ever_saw_is_not_made() -> None:
    assert "not there any more" in why(to_send(customer_after(), "quickbooks", around()))


def test_a_new_customer_waits_when_a_choice_is_missing_after_all() -> None:
    draft = to_send(customer_after(customer_seen("quickbooks", "58")), "wizcommerce", around(sales_rep="rep_1"))

    assert isinstance(draft, list)
    [held] = draft
    assert isinstance(held, CommandHeld) and [m.key for m in held.missing] == ["choice:acme:price-list"]


@pytest.mark.parametrize(
    ("term", "choice", "made"),
    [("Net 45", "create", True), ("Net 45", "notice", False), ("NET30", "create", False), ("", "create", False)],
)
def test_a_term_is_sent_only_while_it_is_wanted_and_not_there(term: str, choice: str, made: bool) -> None:
    customer = shows(agreed(), "wizcommerce", term=term)

    draft = to_send(customer, "quickbooks", around(missing_terms=choice), "CreateTerm")

    if made:
        assert draft == TermDraft(name="Net 45", due_days=45)
    else:
        assert why(draft) == "QuickBooks has the term by now, or needs none"
