"""A customer as QuickBooks writes it becomes a customer of ours, pure; recorded replies too."""

import json
from pathlib import Path

import pytest

from adapters.quickbooks import wire
from adapters.quickbooks.translate import remote_from
from engine.domain.values import Address, CustomerContent, OtherContent, Personal

MARK = "0123456789abcdef0123456789abcdef"
EXAMPLES = Path(__file__).parents[1] / "recorded" / "quickbooks"
RECORDINGS = Path(__file__).parents[2].parent / "shared" / "fixtures" / "quickbooks"
"""Beside the checkout, and no part of it."""
REPLIES = [file for place in (EXAMPLES, RECORDINGS) if place.exists() for file in sorted(place.glob("*.json"))]


def read(**fields: object) -> CustomerContent:
    content = remote_from("customer", json.dumps({"Id": "5", "SyncToken": "1", **fields}).encode()).content
    assert isinstance(content, CustomerContent)
    return content


def test_a_customer_is_read_in_our_terms() -> None:
    seen = read(
        DisplayName="Dukes Camp (deleted)",
        FullyQualifiedName="Dukes (deleted):Dukes Camp (deleted)",
        CompanyName="Dukes",
        Active=False,
        PrimaryEmailAddr={"Address": "d@camp.example"},
        PrimaryPhone={"FreeFormNumber": "(555) 010-2000"},
        BillAddr={"Line1": "25 Court St.", "Line2": "Floor 2", "City": "Tucson", "CountrySubDivisionCode": "AZ"},
        ShipAddr={"Id": "6"},
        SalesTermRef={"value": "3"},
        CustomerTypeRef={"value": "5000000000000003466"},
        ParentRef={"value": "4", "name": "Dukes (deleted)"},
        Job=True,
        BillWithParent=True,
        IsProject=True,
        Taxable=False,
        TaxExemptionReasonId=9,
        ResaleNum="AZ-77",
        Notes=f"[wizqbo:{MARK}]",
        CurrencyRef={"value": "USD"},
    )
    assert seen == CustomerContent(
        display_name=Personal("Dukes Camp"),
        full_name=Personal("Dukes:Dukes Camp"),
        company_name=Personal("Dukes"),
        email=Personal("d@camp.example"),
        phone=Personal("(555) 010-2000"),
        billing=Address(lines=Personal("25 Court St.\nFloor 2"), city="Tucson", region="AZ"),
        payment_term="3",
        type_id="5000000000000003466",
        parent="4",
        bill_with_parent=True,
        project=True,
        taxable=False,
        exemption="9",
        resale_number=Personal("AZ-77"),
        mark=MARK,
        active=False,
        currency="USD",
    )


@pytest.mark.parametrize(
    ("name", "full_name", "is_read_as"),
    [
        ("Bloom", "Bloom", ("Bloom", "")),
        ("Bloom", None, ("Bloom", "")),
        ("Bloom (deleted)", "Bloom (deleted)", ("Bloom", "")),
        ("Bloom (deleted 2)", "Bloom (deleted 2)", ("Bloom", "")),
        ("Bloom (deletedly)", "Bloom (deletedly)", ("Bloom (deletedly)", "")),
        ("West", "Bloom:West", ("West", "Bloom:West")),
        ("West", "Bloom (deleted):West", ("West", "Bloom:West")),
    ],
)
@pytest.mark.parametrize("active", [True, False])
def test_that_it_was_made_inactive_is_never_part_of_a_name(
    name: str, full_name: str | None, is_read_as: tuple[str, str], active: bool
) -> None:
    seen = read(DisplayName=name, FullyQualifiedName=full_name, Active=active)
    assert (seen.display_name.text, seen.full_name.text or "") == is_read_as and seen.active is active


def test_what_a_customer_does_not_say_is_unknown_and_not_no() -> None:
    seen = read(DisplayName="Bloom")
    assert (seen.taxable, seen.exemption, seen.type_id, seen.parent) == (None, "", "", "")
    assert not seen.project and not seen.bill_with_parent


@pytest.mark.parametrize("file", [one for one in REPLIES if one.name.startswith("customer_")], ids=lambda one: one.stem)
def test_a_recorded_customer_is_understood(file: Path) -> None:
    body = file.read_bytes()
    customers = [one for one in [wire.entity(body, "Customer")] if one] or wire.query_rows(body).rows
    for one in customers:
        seen, tree = remote_from("customer", one).content, json.loads(one)
        assert isinstance(seen, CustomerContent)
        assert (seen.display_name.text, seen.taxable) == (tree["DisplayName"], tree["Taxable"])
        assert (seen.full_name.text, seen.billing is None, seen.exemption) == ("", False, "")


@pytest.mark.parametrize("file", [one for one in REPLIES if one.name == "customertype_query_response.json"])
def test_recorded_customer_types_are_understood(file: Path) -> None:
    for row in wire.query_rows(file.read_bytes()).rows:
        seen, tree = remote_from("customertype", row), json.loads(row)
        assert (seen.remote_id, seen.content) == (tree["Id"], OtherContent(title=tree["Name"]))
        assert len(seen.remote_id) == 19
