"""The company's facts, which the API reads, and its preferences, which it may change within limits.

Source: QuickBooks reference, section 7.7.
"""

from __future__ import annotations

from typing import Any

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record
from adapters.quickbooks.standin.kinds import Kind, Write
from adapters.quickbooks.standin.parts import SYSTEM
from adapters.quickbooks.standin.shapes import Field, Shape, nested, shown

Wire = dict[str, Any]

PREFERENCES: dict[str, tuple[str, ...]] = {
    "AccountingInfoPrefs": (
        "TrackDepartments",
        "ClassTrackingPerTxn",
        "ClassTrackingPerTxnLine",
        "CustomerTerminology",
        "DepartmentTerminology",
        "FirstMonthOfFiscalYear",
        "TaxYearMonth",
        "UseAccountNumbers",
        "BookCloseDate",
    ),
    "ProductAndServicesPrefs": ("ForSales", "ForPurchase", "QuantityWithPriceAndRate", "QuantityOnHand"),
    "SalesFormsPrefs": (
        "CustomField",
        "CustomTxnNumbers",
        "AllowDeposit",
        "AllowDiscount",
        "DefaultDiscountAccount",
        "AllowEstimates",
        "ETransactionEnabledStatus",
        "ETransactionAttachPDF",
        "ETransactionPaymentEnabled",
        "IPNSupportEnabled",
        "AllowServiceDate",
        "AllowShipping",
        "DefaultShippingAccount",
        "DefaultTerms",
        "UsingPriceLevels",
        "UsingProgressInvoicing",
        "AutoApplyCredit",
        "AutoApplyPayments",
        "DefaultCustomerMessage",
    ),
    "EmailMessagesPrefs": ("InvoiceMessage", "EstimateMessage", "SalesReceiptMessage", "StatementMessage"),
    "VendorAndPurchasesPrefs": ("TrackingByCustomer", "BillableExpenseTracking", "POCustomField"),
    "TimeTrackingPrefs": (
        "UseServices",
        "BillCustomers",
        "ShowBillRateToAll",
        "WorkWeekStartDate",
        "MarkTimeEntriesBillable",
    ),
    "TaxPrefs": ("UsingSalesTax", "PartnerTaxEnabled", "TaxGroupCodeRef"),
    "CurrencyPrefs": ("MultiCurrencyEnabled", "HomeCurrency"),
    "ReportPrefs": ("ReportBasis", "CalcAgingReportFromTxnDate"),
    "OtherPrefs": ("NameValue",),
}
"""The groups of preferences, and the names in each."""

# Set in the browser only: what they change cannot be taken back, or is somebody else's to decide.
BROWSER_ONLY = {
    "TaxPrefs": frozenset(PREFERENCES["TaxPrefs"]),
    "CurrencyPrefs": frozenset(PREFERENCES["CurrencyPrefs"]),
    "AccountingInfoPrefs": frozenset({"BookCloseDate"}),
}


class SettingsKind(Kind):
    """A record there is one of: it is neither made nor deleted."""

    def __init__(self, shape: Shape) -> None:
        self.entity = shape.java
        self.shape = shape


class PreferencesKind(SettingsKind):
    """An update lays the preferences that were sent over those there are; a null changes nothing."""

    can_update = True

    def __init__(self) -> None:
        groups = {
            group: nested(Shape(group, {name: Field("any") for name in names})) for group, names in PREFERENCES.items()
        }
        super().__init__(Shape("Preferences", {**groups, **SYSTEM}))

    def update(self, write: Write, body: Wire) -> Record:
        record = self.live(write.company, {"Id": "1", **body})
        write.must_be_subscribed()
        wire = dict(record.wire)
        for group, names in PREFERENCES.items():
            sent = {
                name: value for name, value in (body.get(group) or {}).items() if value is not None and name in names
            }
            kept: Wire = wire.get(group, {})
            fixed = [name for name in BROWSER_ONLY.get(group, ()) if name in sent and sent[name] != kept.get(name)]
            if fixed:
                raise refusals.business(f"{group}.{fixed[0]} can be changed in QuickBooks only")
            if sent:
                wire[group] = {**kept, **sent}
        write.company.amend(record, wire)
        return record


COMPANY_FACTS = Shape("CompanyInfo", {"CompanyName": shown(), "Country": shown(), "NameValue": shown(), **SYSTEM})
SETTINGS_KINDS: tuple[Kind, ...] = (SettingsKind(COMPANY_FACTS), PreferencesKind())
