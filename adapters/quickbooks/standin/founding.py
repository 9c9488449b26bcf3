"""A new company as QuickBooks makes it: its facts, its settings, its first terms, accounts and item."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adapters.quickbooks.standin.company import Change, Company
from adapters.quickbooks.standin.items import ItemKind
from adapters.quickbooks.standin.kinds import Write
from adapters.quickbooks.standin.small_lists import AccountKind, PaymentMethodKind, TermKind
from adapters.quickbooks.standin.switches import Switches
from adapters.standin.clock import StandInClock

Wire = dict[str, Any]

FIRST_REALM = "9130350000000001"

ACCOUNTS = {
    "1": ("Services", "Income", "ServiceFeeIncome"),
    "4": ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    "35": ("Checking", "Bank", "Checking"),
    "79": ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    "80": ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    "81": ("Inventory Asset", "Other Current Asset", "Inventory"),
    "84": ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "86": ("Discounts given", "Income", "DiscountsRefundsGiven"),
    "87": ("Shipping Income", "Income", "OtherPrimaryIncome"),
    "89": ("Sales Tax Payable", "Other Current Liability", "SalesTaxPayable"),
}
"""The chart of accounts: id → name, type, kind within the type."""
TAX_CODES = {"TAX": True, "NON": False, "2": True, "5": True, "6": False}
TYPES = ("Retail", "Wholesale")
FIRST_CUSTOMER_TYPE = "5000000000000003466"
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
METHODS = ("Cash", "Check", "Visa", "MasterCard")


def found_company(
    realm: str,
    clock: StandInClock,
    report: Callable[[Change], None],
    name: str = "Sandbox Company",
    country: str = "US",
) -> Company:
    """A company with four terms, a chart of accounts, payment methods, two customer types and the item "Services" with Id 1."""
    company = Company(realm, clock, report)
    company.add("CompanyInfo", _facts(name, country))
    company.add("Preferences", _settings())
    write = Write(company, Switches())
    for id, (account, kind, detail) in ACCOUNTS.items():
        company.jump_to("Account", id)
        AccountKind().create(write, {"Name": account, "AccountType": kind, "AccountSubType": detail})
    for term, days in TERMS:
        TermKind().create(write, {"Name": term, "DueDays": days})
    for method in METHODS:
        kind = "NON_CREDIT_CARD" if method in ("Cash", "Check") else "CREDIT_CARD"
        PaymentMethodKind().create(write, {"Name": method, "Type": kind})
    company.jump_to("CustomerType", FIRST_CUSTOMER_TYPE)
    for customer_type in TYPES:
        company.add("CustomerType", {"Name": customer_type, "Active": True})
    for code, taxable in TAX_CODES.items():
        company.add("TaxCode", {"Name": code, "Active": True, "Taxable": taxable, "TaxGroup": True}, code)
    ItemKind().create(write, {"Name": "Services", "Type": "Service", "IncomeAccountRef": {"value": "1"}})
    company.muted = False
    return company


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
        "EmailMessagesPrefs": {
            f"{document}Message": {"Subject": f"{document} from us", "Message": "Thank you for your business."}
            for document in ("Invoice", "Estimate", "SalesReceipt", "Statement")
        },
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True, "POCustomField": []},
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "TaxPrefs": {"UsingSalesTax": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"}]},
    }
