"""The name lists of the QuickBooks stand-in over HTTP: hierarchies, short lists, preferences. Reference: 7.1-7.4, 7.7."""

from typing import Any

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from tests.adapters.stand_ins import error_in

Wire = dict[str, Any]


def post(books: httpx.Client, entity: str, **body: Any) -> httpx.Response:
    return books.post(f"/{entity.lower()}", json=body)


def made(books: httpx.Client, entity: str, **body: Any) -> Wire:
    answer = post(books, entity, **body)
    assert answer.status_code == 200, answer.text
    wire: Wire = answer.json()[entity]
    return wire


def changed(books: httpx.Client, entity: str, wire: Wire, **body: Any) -> Wire:
    return made(books, entity, Id=wire["Id"], SyncToken=wire["SyncToken"], sparse=True, **body)


def read(books: httpx.Client, entity: str, id: str) -> Wire:
    wire: Wire = books.get(f"/{entity.lower()}/{id}").json()[entity]
    return wire


def code(answer: httpx.Response) -> str:
    return str(error_in(answer)["code"])


# ---- customers ---------------------------------------------------------------------------------------------------------------


def test_a_renamed_or_moved_customer_renames_those_below_it_and_takes_its_balance_along(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    top = made(books, "Customer", DisplayName="Bloom & Co")
    shop = made(books, "Customer", DisplayName="North", Job=True, ParentRef={"value": top["Id"]}, Balance=10)
    till = made(books, "Customer", DisplayName="Till", Job=True, ParentRef={"value": shop["Id"]})
    assert (till["FullyQualifiedName"], till["Level"]) == ("Bloom & Co:North:Till", 2)
    assert read(books, "Customer", top["Id"])["BalanceWithJobs"] == 10

    intuit.clock.move(60)
    changed(books, "Customer", top, DisplayName="Bloom Ltd")
    below = read(books, "Customer", till["Id"])
    assert (below["FullyQualifiedName"], below["SyncToken"]) == ("Bloom Ltd:North:Till", "0")
    assert below["MetaData"]["LastUpdatedTime"] > till["MetaData"]["LastUpdatedTime"]

    other = made(books, "Customer", DisplayName="Dune")
    moved = changed(books, "Customer", shop, ParentRef={"value": other["Id"]}, Job=True)
    assert moved["FullyQualifiedName"] == "Dune:North"
    assert read(books, "Customer", till["Id"])["FullyQualifiedName"] == "Dune:North:Till"
    balances = [read(books, "Customer", one["Id"])["BalanceWithJobs"] for one in (top, other)]
    assert balances == [0, 10]

    intuit.set_switches(renamed_parent_moves="revision")
    changed(books, "Customer", other, DisplayName="Dunes")
    assert read(books, "Customer", till["Id"])["SyncToken"] == "1"


def test_a_hierarchy_of_customers_has_four_levels_below_the_top_and_no_circle(books: httpx.Client) -> None:
    chain = [made(books, "Customer", DisplayName="0")]
    for level in range(1, 5):
        chain.append(made(books, "Customer", DisplayName=str(level), Job=True, ParentRef={"value": chain[-1]["Id"]}))
    under = {"Job": True, "ParentRef": {"value": chain[4]["Id"]}}
    assert code(post(books, "Customer", DisplayName="5", **under)) == "6180"
    above = made(books, "Customer", DisplayName="above")
    into = {"Id": chain[0]["Id"], "SyncToken": "0", "sparse": True, "Job": True, "ParentRef": {"value": above["Id"]}}
    assert code(post(books, "Customer", **into)) == "6180"
    assert code(post(books, "Customer", **{**into, "ParentRef": {"value": chain[1]["Id"]}})) == "900"
    assert code(post(books, "Customer", DisplayName="lost", Job=True)) == "2020"


def test_what_a_customer_refers_to_must_be_there(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    good = made(
        books,
        "Customer",
        DisplayName="Bloom & Co",
        CustomerTypeRef={"value": "5000000000000003466"},
        PaymentMethodRef={"value": "1"},
        SalesTermRef={"value": "3"},
        TaxExemptionReasonId="15",
    )
    assert good["CustomerTypeRef"] == {"value": "5000000000000003466"}
    assert "CustomerTypeRef" not in made(books, "Customer", DisplayName="plain")
    for field in ("CustomerTypeRef", "PaymentMethodRef", "SalesTermRef", "DefaultTaxCodeRef"):
        assert code(post(books, "Customer", DisplayName="x", **{field: {"value": "77"}})) == "2500"
    assert code(post(books, "Customer", DisplayName="x", TaxExemptionReasonId="16")) == "2170"
    intuit.by_hand("set-preferences", CurrencyPrefs={"MultiCurrencyEnabled": True})
    assert code(post(books, "Customer", DisplayName="x", CurrencyRef={"value": "XXX"})) == "2220"


def test_a_company_that_taxes_makes_taxable_customers(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert made(books, "Customer", DisplayName="before")["Taxable"] is False
    intuit.by_hand("set-preferences", TaxPrefs={"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}})
    after = made(books, "Customer", DisplayName="after")
    assert (after["Taxable"], after["DefaultTaxCodeRef"]) == (True, {"value": "2"})
    assert made(books, "Customer", DisplayName="exempt", Taxable=False)["Taxable"] is False


def test_a_customer_with_unbilled_charges_or_a_balance_stays_active(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    owing, working = (
        made(books, "Customer", DisplayName="owing", Balance=1),
        made(books, "Customer", DisplayName="working"),
    )
    intuit.by_hand("leave-unbilled", Id=working["Id"])
    for wire, expected in ((owing, "6220"), (working, "6280")):
        ending = {"Id": wire["Id"], "SyncToken": "0", "sparse": True, "Active": False}
        assert code(post(books, "Customer", **ending)) == expected


def test_characters_a_us_company_does_not_have_are_taken_replaced_or_refused(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    assert made(books, "Customer", DisplayName="Łódź")["DisplayName"] == "Łódź"
    intuit.set_switches(us_characters="substitute")
    assert made(books, "Customer", DisplayName="Łódź Café")["DisplayName"] == "?ód? Café"
    intuit.set_switches(us_characters="2040")
    assert code(post(books, "Customer", DisplayName="Ł")) == "2040"
    made(books, "Customer", DisplayName="Café")


def test_an_address_written_anew_in_the_browser_is_free_form_and_elsewhere_on_no_map(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.set_switches(countries_as_iso3=True)
    address = {"Line1": "12 Mill Rd", "City": "Dover", "CountrySubDivisionCode": "DE", "PostalCode": "19901"}
    wire = made(books, "Customer", DisplayName="Bloom & Co", GivenName="D", BillAddr={**address, "Country": "US"})
    assert wire["BillAddr"]["Country"] == "USA"
    seen = intuit.by_hand("reformat-customer", Id=wire["Id"])
    lines = {key: value for key, value in seen["BillAddr"].items() if key.startswith("Line")}
    assert lines == {"Line1": "D", "Line2": "Bloom & Co", "Line3": "12 Mill Rd", "Line4": "Dover, DE  19901"}
    assert (seen["BillAddr"]["Lat"], seen["SyncToken"]) == ("INVALID", "1")
    assert seen["BillAddr"]["Id"] != wire["BillAddr"]["Id"] and "City" not in seen["BillAddr"]


@pytest.mark.parametrize("entity", ["Vendor", "Employee"])
def test_vendors_and_employees_are_made_changed_and_ended_by_the_api(books: httpx.Client, entity: str) -> None:
    made(books, "Customer", DisplayName="Bloom & Co")
    assert code(post(books, entity, DisplayName="BLOOM & CO")) == "6240"
    wire = made(books, entity, GivenName="Dana", FamilyName="Reed")
    assert (wire["DisplayName"], wire["PrintOnCheckName"]) == ("Dana Reed", "Dana Reed")
    gone = changed(books, entity, wire, Active=False)
    assert (gone["DisplayName"], gone["PrintOnCheckName"]) == ("Dana Reed (deleted)", "Dana Reed")
    made(books, "Customer", DisplayName="Dana Reed")


# ---- short lists -----------------------------------------------------------------------------------------------------------


def test_a_term_is_due_after_days_or_on_a_day_of_the_month(books: httpx.Client) -> None:
    standard = made(books, "Term", Name="Net 90", DueDays="90")
    assert (standard["DueDays"], standard["Type"], standard["DiscountPercent"]) == (90, "STANDARD", 0)
    driven = made(books, "Term", Name="Tenth", DayOfMonthDue=10, DueNextMonthDays=5)
    assert (driven["Type"], "DueDays" in driven) == ("DATE_DRIVEN", False)
    assert changed(books, "Term", standard, DueDays=91)["DueDays"] == 91
    refused = [
        ({"Name": "NET 90", "DueDays": 1}, "6240"),
        ({"Name": "n" * 32, "DueDays": 1}, "2050"),
        ({"Name": "no days"}, "2020"),
        ({"DueDays": 1}, "2020"),
        ({"Name": "late", "DueDays": 1000}, "2090"),
        ({"Name": "early", "DueDays": -1}, "2290"),
        ({"Name": "never", "DayOfMonthDue": 32}, "2090"),
    ]
    assert [code(post(books, "Term", **body)) for body, _ in refused] == [expected for _, expected in refused]
    ended = changed(books, "Term", driven, Active=False)
    assert ended["Name"] == "Tenth (deleted)"
    made(books, "Term", Name="Tenth", DueDays=1)


def test_a_payment_method_is_no_credit_card_unless_it_says_so(books: httpx.Client) -> None:
    wire = made(books, "PaymentMethod", Name="Business Check")
    assert wire["Type"] == "NON_CREDIT_CARD"
    assert changed(books, "PaymentMethod", wire, Type="CREDIT_CARD")["Type"] == "CREDIT_CARD"
    assert code(post(books, "PaymentMethod", Name="business check")) == "6240"
    assert code(post(books, "PaymentMethod", Name="Barter", Type="BARTER")) == "2170"


def test_customer_types_have_long_ids_and_are_made_by_people_only(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    third = intuit.by_hand("add-customer-type", Name="Trade")
    assert third["Id"] == "5000000000000003468"
    assert read(books, "CustomerType", third["Id"])["Name"] == "Trade"
    assert code(post(books, "CustomerType", Name="Ours")) == "500"
    intuit.by_hand("deactivate-customer-type", Id=third["Id"])
    found = books.get("/query", params={"query": "SELECT * FROM CustomerType"}).json()["QueryResponse"]
    assert [one["Name"] for one in found["CustomerType"]] == ["Retail", "Wholesale"]


def test_an_account_shows_what_it_counts_as_and_keeps_its_name_in_a_suffix_when_ended(books: httpx.Client) -> None:
    wire = made(books, "Account", Name="Fees Billed", AccountType="Income", AccountSubType="ServiceFeeIncome")
    ended = changed(books, "Account", wire, Active=False)
    assert ended["Name"] == ended["FullyQualifiedName"] == "Fees Billed (deleted)"
    assert set(ended) == {
        *("Name", "SubAccount", "FullyQualifiedName", "Active", "Classification", "AccountType", "AccountSubType"),
        *("CurrentBalance", "CurrentBalanceWithSubAccounts", "CurrencyRef", "domain", "sparse", "Id", "SyncToken"),
        "MetaData",
    }
    assert ended["Classification"] == "Revenue"
    assert code(post(books, "Account", Name="Odd", AccountType="Odd")) == "2170"
    assert code(post(books, "Account", Name="Odd")) == "2020"
    below = made(books, "Account", Name="Petty", AccountType="Bank", SubAccount=True, ParentRef={"value": "35"})
    assert below["FullyQualifiedName"] == "Checking:Petty"
    item = {"Name": "Odd", "Type": "Service", "IncomeAccountRef": {"value": "35"}}
    assert code(post(books, "Item", **item)) == "6430"


def test_classes_and_locations_have_places_in_a_tree(books: httpx.Client) -> None:
    for entity in ("Class", "Department"):
        top = made(books, entity, Name="East")
        below = made(books, entity, Name="Shop", **{f"Sub{entity}": True}, ParentRef={"value": top["Id"]})
        assert below["FullyQualifiedName"] == "East:Shop"
        assert code(post(books, entity, Name="EAST")) == "6240"


def test_tax_codes_can_be_read_by_their_words(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    assert read(books, "TaxCode", "NON")["Taxable"] is False
    assert code(post(books, "TaxCode", Name="mine")) == "500"
    rate = intuit.by_hand("add-tax-rate", Name="State", RateValue=8)
    assert read(books, "TaxRate", rate["Id"])["RateValue"] == 8


# ---- settings --------------------------------------------------------------------------------------------------------------


def test_preferences_are_changed_within_limits_and_with_their_revision(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    before = books.get("/preferences").json()["Preferences"]
    change = {"Id": "1", "SyncToken": before["SyncToken"], "SalesFormsPrefs": {"CustomTxnNumbers": True}}
    after = made(books, "Preferences", **change)
    assert after["SalesFormsPrefs"] == {**before["SalesFormsPrefs"], "CustomTxnNumbers": True}
    assert after["SyncToken"] == "1"
    assert code(post(books, "Preferences", **change)) == "5010"
    now = {"Id": "1", "SyncToken": "1"}
    assert code(post(books, "Preferences", **now, CurrencyPrefs={"MultiCurrencyEnabled": True})) == "6000"
    assert code(post(books, "Preferences", **now, SalesFormsPrefs={"Colour": "red"})) == "2010"
    assert code(post(books, "Preferences", **now, Colours={})) == "2010"
    assert made(books, "Preferences", **now, CurrencyPrefs={"MultiCurrencyEnabled": False})["SyncToken"] == "1"
    assert code(post(books, "Preferences", SalesFormsPrefs={"CustomTxnNumbers": False})) == "500"
