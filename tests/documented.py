"""What the references document of what our own client may ask for, each with the section that says so."""

from __future__ import annotations

COMPANY = "/v3/company/{realm}"
_VERSION = {"minorversion": "2.1"}
_WRITE = {**_VERSION, "requestid": "2.6"}

Parameters = dict[str, str]

QUICKBOOKS: dict[tuple[str, str], Parameters] = {
    ("GET", "/.well-known/openid_configuration"): {},
    ("GET", "/connect/oauth2"): {
        "client_id": "1.2",
        "response_type": "1.2",
        "scope": "1.2",
        "redirect_uri": "1.2",
        "state": "1.2",
    },
    ("POST", "/oauth2/v1/tokens/bearer"): {},
    ("POST", "/v2/oauth2/tokens/revoke"): {},
    ("GET", f"{COMPANY}/query"): {**_VERSION, "query": "2.1"},
    ("GET", f"{COMPANY}/cdc"): {**_VERSION, "entities": "4.1", "changedSince": "4.1"},
    ("GET", f"{COMPANY}/companyinfo/{{realm}}"): _VERSION,
    ("GET", f"{COMPANY}/preferences"): _VERSION,
    **{
        ("GET", f"{COMPANY}/{entity}/{{id}}"): _VERSION
        for entity in ("customer", "item", "invoice", "payment", "creditmemo", "term", "customertype")
    },
    ("POST", f"{COMPANY}/customer"): _WRITE,
    ("POST", f"{COMPANY}/invoice"): _WRITE,
    ("POST", f"{COMPANY}/payment"): _WRITE,
}
"""Method and path, and the query parameters. Sources: QuickBooks reference, 1.1 to 1.6, 2.1 and 4.1."""

_ADDRESS = (*(f"Line{place}" for place in range(1, 6)), "City", "CountrySubDivisionCode", "PostalCode", "Country")


def _address(name: str, section: str) -> Parameters:
    return {f"{name}.{part}": section for part in _ADDRESS}


SENT_TO_QUICKBOOKS: dict[str, Parameters] = {
    "/oauth2/v1/tokens/bearer": {
        "grant_type": "1.3",
        "code": "1.3",
        "redirect_uri": "1.3",
        "refresh_token": "1.3",
    },
    "/v2/oauth2/tokens/revoke": {"token": "1.6"},
    f"{COMPANY}/customer": {
        "DisplayName": "7.1",
        "CompanyName": "7.1",
        "GivenName": "7.1",
        "FamilyName": "7.1",
        "PrimaryEmailAddr.Address": "7.1",
        "PrimaryPhone.FreeFormNumber": "7.1",
        "Notes": "7.1",
        "SalesTermRef.value": "7.1",
        "CustomerTypeRef.value": "7.1",
        "CurrencyRef.value": "7.1",
        "Taxable": "7.1",
        "TaxExemptionReasonId": "7.1",
        "ResaleNum": "7.1",
        "Id": "2.8",
        "SyncToken": "2.8",
        "sparse": "2.7",
        "Active": "2.9",
        **_address("BillAddr", "7.1"),
        **_address("ShipAddr", "7.5"),
    },
    f"{COMPANY}/invoice": {
        "CustomerRef.value": "7.5",
        "TxnDate": "7.5",
        "DocNumber": "7.5",
        "SalesTermRef.value": "7.5",
        "AllowOnlineCreditCardPayment": "7.5",
        "AllowOnlineACHPayment": "7.5",
        "PrivateNote": "7.5",
        "CustomerMemo.value": "7.5",
        "BillEmail.Address": "7.5",
        "Line[].DetailType": "7.5",
        "Line[].Amount": "7.5",
        "Line[].Description": "7.5",
        "Line[].SalesItemLineDetail.ItemRef.value": "7.5",
        "Line[].SalesItemLineDetail.Qty": "7.5",
        "Line[].SalesItemLineDetail.UnitPrice": "7.5",
        "Line[].SalesItemLineDetail.TaxCodeRef.value": "7.5",
        "Line[].DiscountLineDetail.PercentBased": "7.5",
        **_address("BillAddr", "7.5"),
        **_address("ShipAddr", "7.5"),
    },
    f"{COMPANY}/payment": {
        "CustomerRef.value": "7.6",
        "TotalAmt": "7.6",
        "TxnDate": "7.6",
        "CurrencyRef.value": "7.6",
        "PaymentMethodRef.value": "7.6",
        "PaymentRefNum": "7.6",
        "DepositToAccountRef.value": "7.6",
        "PrivateNote": "7.6",
        "Line[].Amount": "7.6",
        "Line[].LinkedTxn[].TxnId": "7.6",
        "Line[].LinkedTxn[].TxnType": "7.6",
    },
}
"""The properties of each body. Sources: QuickBooks reference, 1.3, 1.6, 2.7 to 2.9, 7.1, 7.5 and 7.6."""

_TIMES = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")
FILTERED_AT_QUICKBOOKS: dict[str, frozenset[str]] = {
    "Customer": frozenset({"Id", "DisplayName", "Active", *_TIMES}),
    "Item": frozenset({"Id", "Active", *_TIMES}),
    "Invoice": frozenset({"Id", "CustomerRef", "DocNumber", *_TIMES}),
    "Payment": frozenset({"Id", "CustomerRef", "PaymentRefNum", *_TIMES}),
    "Term": frozenset({"Id", "Name", "Active"}),
    "CustomerType": frozenset({"Id", "Active", *_TIMES}),
    "Vendor": frozenset({"DisplayName", "Active"}),
    "Employee": frozenset({"DisplayName", "Active"}),
    "Preferences": frozenset(_TIMES),
    "CreditMemo": frozenset({"Id", *_TIMES}),
}
"""What a statement may filter and order by. Sources: QuickBooks reference, 3.4; 7.1 for the names that vendors and employees
share with customers; 4.1 for what change data capture cuts off."""

CAPTURED_AT_QUICKBOOKS = frozenset({"Customer", "Item", "Invoice", "Payment", "CreditMemo", "Term", "Preferences"})
"""Entities of section 7 that section 4.1 does not except from change data capture."""

_PAGES = {"page": "1.3", "page_size": "1.3", "sort": "1.3", "sort_by": "1.3"}
_SINCE = {"updated_after": "1.3", "reference_ids": "1.3"}
WIZCOMMERCE: dict[tuple[str, str], Parameters] = {
    ("POST", "/auth/token"): {},
    ("GET", "/v1/customers"): {**_PAGES, **_SINCE, "status": "1.3"},
    ("GET", "/v1/customers/{id}"): {},
    ("POST", "/v1/customers"): {},
    ("PATCH", "/v1/customers/{id}"): {},
    ("GET", "/v1/sales-reps"): {"page": "1.3", "page_size": "1.3"},
    ("GET", "/v1/price-lists"): {"page": "1.3", "page_size": "1.3"},
    ("GET", "/v1/attributes"): {"page": "1.3", "page_size": "1.3", "entity": "1.3"},
    ("POST", "/v1/attributes"): {},
    ("GET", "/v1/products"): _PAGES,
    ("GET", "/v1/products/{id}"): {},
    ("GET", "/v1/invoices"): {"page": "1.3", "page_size": "1.3", "reference_ids": "1.3"},
    ("POST", "/v1/invoices"): {},
    ("PATCH", "/v1/invoices/{id}"): {},
    ("GET", "/v1/shipments"): {"page": "1.3", "page_size": "1.3", "reference_ids": "1.3"},
    ("POST", "/v1/shipments"): {},
    ("PATCH", "/v1/shipments/{id}"): {},
    ("GET", "/v2/orders"): {**_PAGES, **_SINCE, "order_status": "1.3"},
    ("GET", "/v2/orders/{id}"): {},
}
"""Method and path, and the query parameters. Sources: WizCommerce reference, 1.2, 1.3 and 1.4."""

_CUSTOMER = {
    name: "1.5"
    for name in (
        *("company_name", "display_name", "first_name", "last_name", "phone", "payment_term"),
        *(f"attributes[].{part}" for part in ("name", "value")),
        *(
            f"addresses[].{part}"
            for part in (
                *("reference_id", "type", "is_default", "address_line_1", "address_line_2"),
                *("city", "state", "zip_code", "country"),
            )
        ),
    )
}
_INVOICE = {
    name: "1.5"
    for name in (
        *("invoice_number", "total_amount", "paid_amount", "status", "due_date", "remarks"),
        *(f"items[].{part}" for part in ("sku", "name", "quantity", "amount")),
    )
}
_SHIPMENT = {
    name: "1.5"
    for name in (
        *("name", "shipment_status", "note", "remark"),
        *(f"tracking_info.{part}" for part in ("tracking_number", "tracking_url", "delivery_partner")),
        *(f"shipment_items[].{part}" for part in ("product_id", "quantity")),
    )
}
SENT_TO_WIZCOMMERCE: dict[str, Parameters] = {
    "/auth/token": {"email": "1.2", "password": "1.2"},
    "/v1/customers": {
        **_CUSTOMER,
        "reference_id": "1.5",
        "email": "1.5",
        "assigned_sales_rep_ids[]": "1.5",
        "assigned_price_list_id": "1.5",
    },
    "/v1/customers/{id}": {
        **_CUSTOMER,
        "addresses[].id": "1.5",
        **{f"contacts[].{part}": "1.5" for part in ("id", "first_name", "last_name", "phone")},
        "status": "part 2, A-28",
    },
    "/v1/invoices": {**_INVOICE, "reference_id": "1.5", "order_id": "1.5"},
    "/v1/invoices/{id}": _INVOICE,
    "/v1/shipments": {**_SHIPMENT, "reference_id": "1.5", "order_id": "1.5"},
    "/v1/shipments/{id}": _SHIPMENT,
    "/v1/attributes": {"entity": "1.5", "name": "1.5", "data_type": "1.5"},
}
"""The properties of each body. Sources: WizCommerce reference, 1.2 and 1.5. `status` alone is in no documented body: it is
what A-28 tries, and only in a change of status."""

# What every HTTP client sends, and what the references name beside it (QuickBooks 1.3 and 2.2, WizCommerce 1.2).
_ANY = {"host", "user-agent", "connection", "content-length", "accept", "accept-encoding", "content-type"}
HEADERS = {
    "quickbooks": frozenset({*_ANY, "authorization", "x-include-refresh-token-hard-expires-in"}),
    "wizcommerce": frozenset({*_ANY, "x-api-key"}),
}
