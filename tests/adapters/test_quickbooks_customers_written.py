"""A customer of ours becomes the body that creates it or changes it, pure."""

import json

import msgspec
import pytest

from adapters.quickbooks.drafts import request_body
from adapters.quickbooks.marks import mark_in
from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.fields import plain_name
from engine.domain.values import Address, CustomerContent, CustomerField, Personal
from engine.ports import Refused

MARK = "0123456789abcdef0123456789abcdef"
EMPTY = {
    **{f"Line{place}": "" for place in range(1, 6)},
    "City": "",
    "CountrySubDivisionCode": "",
    "PostalCode": "",
    "Country": "",
}


def sent(draft: CustomerDraft | CustomerUpdate) -> dict[str, object]:
    tree: dict[str, object] = json.loads(request_body(draft))
    return tree


def content(**changes: object) -> CustomerContent:
    return msgspec.structs.replace(CustomerContent(display_name=Personal("Juniper Home LLC")), **changes)


def customer(**changes: object) -> CustomerDraft:
    return CustomerDraft(content=content(**changes), mark=MARK)


def update(*fields: CustomerField, **changes: object) -> CustomerUpdate:
    return CustomerUpdate(
        target="quickbooks", remote_id="58", revision="3", fields=fields, content=content(**changes), mark=MARK
    )


# ---- created ---------------------------------------------------------------------------------------------------------


def test_a_customer_is_written_with_our_mark() -> None:
    body = sent(
        customer(
            given_name=Personal("Firstname"),
            email=Personal(" ap@juniper.example "),
            phone=Personal("(555) 010-2000"),
            billing=Address(city="Dover"),
            shipping=Address(),
        )
    )
    assert body == {
        "DisplayName": "Juniper Home LLC",
        "GivenName": "Firstname",
        "PrimaryEmailAddr": {"Address": "ap@juniper.example"},
        "PrimaryPhone": {"FreeFormNumber": "(555) 010-2000"},
        "BillAddr": {"City": "Dover"},
        "Notes": f"[wizqbo:{MARK}]",
    }


def test_a_customer_is_written_with_its_term_type_currency_and_tax() -> None:
    said = customer(
        payment_term="3",
        type_id="5000000000000003466",
        currency="CAD",
        taxable=False,
        exemption="15",
        resale_number=Personal(" AZ-77 "),
    )
    assert sent(said) == {
        "DisplayName": "Juniper Home LLC",
        "SalesTermRef": {"value": "3"},
        "CustomerTypeRef": {"value": "5000000000000003466"},
        "CurrencyRef": {"value": "CAD"},
        "Taxable": False,
        "TaxExemptionReasonId": "15",
        "ResaleNum": "AZ-77",
        "Notes": f"[wizqbo:{MARK}]",
    }


def test_a_name_quickbooks_cannot_take_is_kept_in_full_in_the_notes() -> None:
    name = "Bloom:\tWest " + "x" * 120
    body = sent(customer(display_name=Personal(name)))
    assert body["DisplayName"] == plain_name(name) and len(plain_name(name)) == 100 and ":" not in plain_name(name)
    assert f"Name in WizCommerce: Bloom: West {'x' * 120}\n" in str(body["Notes"])
    assert mark_in(str(body["Notes"])) == MARK


# ---- changed ---------------------------------------------------------------------------------------------------------

FULL = {
    "company_name": Personal("Juniper: Home"),
    "given_name": Personal("Vorname"),
    "family_name": Personal(" Nachname "),
    "phone": Personal(" 555 "),
    "billing": Address(lines=Personal("1 Pier"), city="Dover", region="DE", postal_code="19901", country="USA"),
    "shipping": Address(city="Dover"),
    "payment_term": "3",
    "type_id": "5000000000000003466",
}
WRITTEN: dict[CustomerField, dict[str, object]] = {
    "name": {"DisplayName": "Juniper Home LLC"},
    "company": {"CompanyName": "Juniper Home"},
    "given_name": {"GivenName": "Vorname"},
    "family_name": {"FamilyName": "Nachname"},
    "phone": {"PrimaryPhone": {"FreeFormNumber": "555"}},
    "billing": {
        "BillAddr": {
            **EMPTY,
            "Line1": "1 Pier",
            "City": "Dover",
            "CountrySubDivisionCode": "DE",
            "PostalCode": "19901",
            "Country": "USA",
        }
    },
    "shipping": {"ShipAddr": {**EMPTY, "City": "Dover"}},
    "term": {"SalesTermRef": {"value": "3"}},
    "customer_type": {"CustomerTypeRef": {"value": "5000000000000003466"}},
    "active": {"Active": True, "DisplayName": "Juniper Home LLC"},
}
EMPTIED: dict[CustomerField, dict[str, object]] = {
    "company": {"CompanyName": ""},
    "given_name": {"GivenName": ""},
    "family_name": {"FamilyName": ""},
    "phone": {"PrimaryPhone": {"FreeFormNumber": ""}},
    "billing": {"BillAddr": EMPTY},
    "shipping": {"ShipAddr": EMPTY},
    "term": {"SalesTermRef": {"value": ""}},
    "customer_type": {"CustomerTypeRef": {"value": ""}},
}
KEY = {"Id": "58", "SyncToken": "3", "sparse": True}


@pytest.mark.parametrize("field", WRITTEN)
def test_an_update_says_the_one_field_and_nothing_else(field: CustomerField) -> None:
    assert sent(update(field, **FULL)) == {**KEY, **WRITTEN[field]}


@pytest.mark.parametrize("field", EMPTIED)
def test_an_update_says_that_a_field_is_empty(field: CustomerField) -> None:
    assert sent(update(field)) == {**KEY, **EMPTIED[field]}


def test_whoever_is_made_inactive_keeps_the_name() -> None:
    assert sent(update("active", active=False)) == {**KEY, "Active": False}


def test_an_update_says_nothing_of_what_is_not_its_own() -> None:
    private = content(
        email=Personal("a@b.example"), sales_reps=("r",), price_list="p", taxable=True, resale_number=Personal("x")
    )
    both = msgspec.structs.replace(update("name", "phone"), content=private)
    assert set(sent(both)) == {*KEY, "DisplayName", "PrimaryPhone"}


REFUSED = [
    ({"display_name": Personal(" : ")}, "name", "6080"),
    ({"display_name": Personal("")}, "active", "6080"),
    ({"phone": Personal("5" * 31)}, "phone", "2050"),
    ({"billing": Address(lines=Personal("x" * 501))}, "billing", "2050"),
    ({"shipping": Address(postal_code="1" * 31)}, "shipping", "2050"),
    ({"given_name": Personal(None)}, "given_name", "erased"),
    ({"billing": Address(lines=Personal(None), city="Dover")}, "billing", "erased"),
]


@pytest.mark.parametrize(("changes", "field", "code"), REFUSED)
def test_what_cannot_be_expressed_is_refused_in_an_update_as_in_a_create(
    changes: dict[str, object], field: CustomerField, code: str
) -> None:
    for draft in (update(field, **changes), customer(**changes)):
        with pytest.raises(Refused) as ended:
            request_body(draft)
        assert ended.value.code == code and ended.value.next_step


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": Personal("nobody")}, "2210"),
        ({"email": Personal("x" * 100 + "@bloom.example")}, "2050"),
        ({"resale_number": Personal("5" * 17)}, "2050"),
        ({"exemption": "16"}, "exemption"),
        ({"exemption": "03"}, "exemption"),
    ],
)
def test_a_customer_that_cannot_be_expressed_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as ended:
        request_body(customer(**changes))
    assert ended.value.code == code and ended.value.next_step
