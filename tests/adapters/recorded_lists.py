"""How the stand-in comes to give the recorded replies about name lists, the company, OAuth and webhooks."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from adapters.standin.wire import read_json
from tests.adapters.receiving import receiving
from tests.adapters.recorded_bench import Bench, Wire

CALLBACK = "http://localhost:8123/callback"
_SALES_TAX = {"tax": "flat"}


# Name lists


def customer_created(there: Bench, recorded: Wire) -> Any:
    """The sample's request sent no tax: both tax properties come from the company's settings."""
    there.intuit.set_switches(**_SALES_TAX)
    customer = {key: recorded["Customer"][key] for key in recorded["Customer"].keys() & _CUSTOMER_SENT}
    return there.post("/customer", customer)


def customer_read(there: Bench, recorded: Wire) -> Any:
    there.intuit.set_switches(**_SALES_TAX)
    made = there.create("Customer", recorded["Customer"])["Customer"]
    return there.get(f"/customer/{made['Id']}")


def customers_queried(there: Bench, recorded: Wire) -> Any:
    """Each with an invoice over its balance."""
    there.intuit.set_switches(**_SALES_TAX)
    for one in recorded["QueryResponse"]["Customer"]:
        made = there.create("Customer", one, Balance=None)["Customer"]
        line = {"DetailType": "SalesItemLineDetail", "Amount": one["Balance"], "SalesItemLineDetail": {}}
        there.post("/invoice", {"CustomerRef": {"value": made["Id"]}, "Line": [line]})
    return there.query("SELECT * FROM Customer")


def customers_counted(there: Bench, recorded: Wire) -> Any:
    total = recorded["QueryResponse"]["totalCount"]
    there.intuit.fill({"customers": [{"DisplayName": f"Shop {number}"} for number in range(total)]})
    return there.query("SELECT COUNT(*) FROM Customer")


def customer_types_queried(there: Bench, recorded: Wire) -> Any:
    """The types the company was founded with are made inactive first, so that they are hidden."""
    for one in there.intuit.company().all("CustomerType"):
        there.intuit.by_hand("deactivate-customer-type", Id=one.id)
    for one in recorded["QueryResponse"]["CustomerType"]:
        there.intuit.by_hand("add-customer-type", Name=one["Name"])
    return there.query("SELECT * FROM CustomerType")


def account_made_inactive(there: Bench, recorded: Wire) -> Any:
    account = recorded["Account"]
    name = account["Name"].removesuffix(" (deleted)")
    sent = {key: account[key] for key in ("AccountType", "AccountSubType")}
    made = there.intuit.by_hand("add-account", Name=name, **sent)
    there.intuit.by_hand("deactivate-account", Id=made["Id"])
    return there.get(f"/account/{made['Id']}")


def term_read(there: Bench, recorded: Wire) -> Any:
    """The company was founded with it."""
    found = there.first(f"SELECT * FROM Term WHERE Name = '{recorded['Term']['Name']}'")
    assert found is not None
    return there.get(f"/term/{found['Id']}")


def payment_method_created(there: Bench, recorded: Wire) -> Any:
    """The sample's request sent only the name: the type is the default."""
    return there.post("/paymentmethod", {"Name": recorded["PaymentMethod"]["Name"]})


# Items


def inventory_item_read(there: Bench, recorded: Wire) -> Any:
    made = there.create("Item", recorded["Item"])["Item"]
    return there.get(f"/item/{made['Id']}")


def items_queried(there: Bench, recorded: Wire) -> Any:
    """The item "Services" was there before. The recording came by name unasked; here that order is asked for."""
    for one in recorded["QueryResponse"]["Item"]:
        if one["Name"] != "Services":
            there.create("Item", one)
    return there.query("SELECT * FROM Item ORDERBY Name")


def categories_queried(there: Bench, recorded: Wire) -> Any:
    """Made parents first, as they have to be."""
    rows = recorded["QueryResponse"]["Item"]
    for one in sorted(rows, key=lambda row: "ParentRef" in row):
        there.create("Item", one)
    return there.query("SELECT * FROM Item WHERE Type = 'Category' ORDERBY FullyQualifiedName")


def bundle_queried(there: Bench, recorded: Wire) -> Any:
    [bundle] = recorded["QueryResponse"]["Item"]
    stock = there.as_new(
        {
            "Type": "Inventory",
            "TrackQtyOnHand": True,
            "QtyOnHand": 10,
            "InvStartDate": "2026-01-01",
            "IncomeAccountRef": {"value": "79"},
            "ExpenseAccountRef": {"value": "80"},
            "AssetAccountRef": {"value": "81"},
        }
    )
    for line in bundle["ItemGroupDetail"]["ItemGroupLine"]:
        if line["ItemRef"]["type"] == "Inventory":
            there.post("/item", {**stock, "Name": line["ItemRef"]["name"]})
    there.intuit.by_hand("add-item", **there.as_new(bundle))
    return there.query("SELECT * FROM Item WHERE Type = 'Group'")


# Company


def company_read(there: Bench, recorded: Wire) -> Any:
    facts = {key: value for key, value in recorded["CompanyInfo"].items() if key in _COMPANY_FACTS}
    there.intuit.fill({"company": {"realm": there.ready["realm"], **facts}})
    return there.get(f"/companyinfo/{there.ready['realm']}")


def preferences_read(there: Bench, recorded: Wire) -> Any:
    """Of a company that ships nothing and taxes its sales; what it was founded with is left as it is."""
    groups = {name: dict(value) for name, value in recorded["Preferences"].items() if name.endswith("Prefs")}
    for name in ("AccountingInfoPrefs", "ProductAndServicesPrefs", "CurrencyPrefs", "ReportPrefs"):
        del groups[name]
    for name in ("DefaultDiscountAccount", "DefaultTerms", "CustomTxnNumbers"):
        del groups["SalesFormsPrefs"][name]
    groups["SalesFormsPrefs"]["DefaultShippingAccount"] = None
    there.prefer(**groups)
    return there.get("/preferences")


_CUSTOMER_SENT = frozenset(
    {
        "DisplayName",
        "Title",
        "GivenName",
        "MiddleName",
        "FamilyName",
        "Suffix",
        "CompanyName",
        "Notes",
        "PrimaryEmailAddr",
        "PrimaryPhone",
        "BillAddr",
    }
)
_COMPANY_FACTS = frozenset(
    {
        "CompanyName",
        "LegalName",
        "CompanyAddr",
        "LegalAddr",
        "CustomerCommunicationAddr",
        "Country",
        "SupportedLanguages",
        "FiscalYearStartMonth",
        "CompanyStartDate",
        "WebAddr",
        "Email",
        "NameValue",
        "PrimaryPhone",
        "EmployerId",
    }
)


# OAuth


def discovered(there: Bench, recorded: Wire) -> Any:
    """With each address told as the path it has there."""
    document = read_json(httpx.get(there.ready["discovery"], trust_env=False).content)
    return {name: urlsplit(one).path if isinstance(one, str) else one for name, one in document.items()}


def tokens_given(there: Bench, recorded: Wire) -> Any:
    """For an app that asked for the user's identity too."""
    asked = {
        "client_id": there.ready["client_id"],
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting openid",
        "redirect_uri": CALLBACK,
        "state": "s",
    }
    answer = httpx.get(f"{there.ready['api']}/connect/oauth2", params=asked, trust_env=False)
    [code] = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
    return _token(there, 200, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)


def grant_refused(there: Bench, recorded: Wire) -> Any:
    return _token(there, 400, grant_type="refresh_token", refresh_token="AB11never-given")


def _token(there: Bench, status: int, **form: str) -> Any:
    keys = (there.ready["client_id"], there.ready["client_secret"])
    answer = httpx.post(f"{there.ready['api']}/oauth2/v1/tokens/bearer", data=form, auth=keys, trust_env=False)
    assert answer.status_code == status
    return read_json(answer.content)


# Webhooks


def account_reported(there: Bench, recorded: list[Wire]) -> Any:
    return _delivered(there, lambda: there.intuit.by_hand("add-account", Name="Fees", AccountType="Income"))


def merge_reported(there: Bench, recorded: list[Wire]) -> Any:
    kept, lost = (there.intuit.add_customer(name)["Id"] for name in ("Bloom & Co", "Bloom & Company"))
    return _delivered(there, lambda: there.intuit.by_hand("merge-customers", Id=lost, into=kept))


def old_form_reported(there: Bench, recorded: Wire) -> Any:
    there.intuit.set_switches(webhook_form="legacy")

    def act() -> None:
        there.intuit.add_customer("Bloom & Co")
        there.intuit.by_hand("add-vendor", DisplayName="Clay & Co")

    return _delivered(there, act)


def _delivered(there: Bench, act: Any) -> Any:
    with receiving() as receiver:
        there.intuit.send_webhooks_to(receiver.url)
        act()
        there.intuit.deliver()
    [body] = receiver.bodies()
    return body
