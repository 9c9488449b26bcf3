"""A new company as QuickBooks makes it: its facts, its settings, its first terms, accounts and item."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from adapters.quickbooks.standin.company import Change, Company
from adapters.standin.clock import StandInClock

Wire = dict[str, Any]

FIRST_REALM = "9130350000000001"

ACCOUNTS = {
    "1": "Services",
    "4": "Undeposited Funds",
    "79": "Sales of Product Income",
    "80": "Cost of Goods Sold",
    "81": "Inventory Asset",
    "86": "Discounts given",
    "87": "Shipping Income",
}
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
METHODS = ("Cash", "Check", "Visa", "MasterCard")


def found_company(
    realm: str,
    clock: StandInClock,
    report: Callable[[Change], None],
    name: str = "Sandbox Company",
    country: str = "US",
) -> Company:
    """A company with four terms, seven accounts, four payment methods and the item "Services" with Id 1."""
    company = Company(realm, clock, report)
    company.add("CompanyInfo", _facts(name, country))
    company.add("Preferences", _settings())
    for id, account in ACCOUNTS.items():
        company.add("Account", {"Name": account, "FullyQualifiedName": account, "Active": True}, id)
    for term, days in TERMS:
        company.add("Term", standard_term(term, days))
    for method in METHODS:
        kind = "NON_CREDIT_CARD" if method in ("Cash", "Check") else "CREDIT_CARD"
        company.add("PaymentMethod", {"Name": method, "Active": True, "Type": kind})
    company.add(
        "Item",
        {
            "Name": "Services",
            "FullyQualifiedName": "Services",
            "Active": True,
            "Taxable": False,
            "UnitPrice": Decimal(0),
            "Type": "Service",
            "IncomeAccountRef": {"value": "1", "name": ACCOUNTS["1"]},
            "PurchaseCost": Decimal(0),
            "TrackQtyOnHand": False,
        },
    )
    company.muted = False
    return company


def standard_term(name: str, days: int) -> Wire:
    """A term that is due a number of days after the document's date."""
    return {"Name": name, "Active": True, "Type": "STANDARD", "DiscountPercent": 0, "DiscountDays": 0, "DueDays": days}


def _facts(name: str, country: str) -> Wire:
    address = {"Id": "1", "Line1": "1 Main Street", "City": "Dover", "CountrySubDivisionCode": "DE", "Country": country}
    values = {
        "NeoEnabled": "true",
        "SubscriptionStatus": "PAID",
        "OfferingSku": "QuickBooks Online Plus",
        "ItemCategoriesFeature": "true",
    }
    return {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "Country": country,
        "SupportedLanguages": "en",
        "FiscalYearStartMonth": "January",
        "CompanyStartDate": "2020-01-01",
        "DefaultTimeZone": "America/Los_Angeles",
        "WebAddr": {},
        "Email": {"Address": "books@company.example"},
        "NameValue": [{"Name": key, "Value": value} for key, value in values.items()],
    }


def _settings() -> Wire:
    return {
        "AccountingInfoPrefs": {
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "SalesFormsPrefs": {
            "CustomField": [],
            "CustomTxnNumbers": False,
            "AllowDeposit": False,
            "AllowDiscount": True,
            "DefaultDiscountAccount": "86",
            "AllowEstimates": True,
            "ETransactionEnabledStatus": "NotApplicable",
            "ETransactionAttachPDF": False,
            "ETransactionPaymentEnabled": False,
            "IPNSupportEnabled": False,
            "AllowServiceDate": False,
            "AllowShipping": True,
            "DefaultShippingAccount": "87",
            "DefaultTerms": {"value": "3"},
            "UsingPriceLevels": False,
            "DefaultCustomerMessage": "Thank you for your business and have a great day!",
        },
        "TaxPrefs": {"UsingSalesTax": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"}]},
    }
