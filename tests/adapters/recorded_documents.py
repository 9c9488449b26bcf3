"""How the stand-in comes to give the recorded replies about documents, changes, batches and refusals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from tests.adapters.recorded_bench import Bench, Wire

# Documents


def invoice_taxed(there: Bench, recorded: Wire) -> Any:
    """Made from an estimate, with a custom field in use; a person then touched the billing address in the browser."""
    invoice = recorded["Invoice"]
    there.intuit.set_switches(tax="flat", tax_percent=8)
    _use_custom_fields(there, invoice)
    customer = _customer_at(there, invoice)
    estimate = there.intuit.by_hand("add-estimate", CustomerRef={"value": customer})
    made = there.create(
        "Invoice", invoice, BillAddr=None, LinkedTxn=[{"TxnId": estimate["Id"], "TxnType": "Estimate"}], ProjectRef=None
    )["Invoice"]
    there.intuit.by_hand("reformat-addresses", Id=made["Id"])
    return there.get(f"/invoice/{made['Id']}")


def _customer_at(there: Bench, invoice: Wire) -> str:
    """The customer of an invoice whose billing address is free-form: person, company, street, town."""
    person, business, street, town = (invoice["BillAddr"][f"Line{place}"] for place in range(1, 5))
    given, _, family = person.partition(" ")
    city, _, region = town.partition(", ")
    state, _, code = region.partition("  ")
    address = {"Line1": street, "City": city, "CountrySubDivisionCode": state, "PostalCode": code}
    names = {"GivenName": given, "FamilyName": family, "CompanyName": business}
    return str(there.intuit.add_customer(invoice["CustomerRef"]["name"], BillAddr=address, **names)["Id"])


def invoice_sent(there: Bench, recorded: Wire) -> Any:
    """With class, location, shipping, discount, deposit, and a tax of ten per cent."""
    invoice = recorded["Invoice"]
    there.intuit.set_switches(tax="flat", currency_shown=True)
    there.prefer(
        SalesFormsPrefs={"AllowDeposit": True, "AllowShipping": True, "AllowDiscount": True, **_fields_of(invoice)},
        AccountingInfoPrefs={"ClassTrackingPerTxn": True, "TrackDepartments": True},
    )
    fields = [{**field, "DefinitionId": str(place)} for place, field in enumerate(invoice["CustomField"], start=1)]
    made = there.create("Invoice", invoice, CustomField=fields, ProjectRef=None, EmailStatus="NotSet")
    path = f"/invoice/{made['Invoice']['Id']}/send"
    answer = there.books.post(path, headers={"Content-Type": "application/octet-stream"})
    assert answer.status_code == 200, answer.text
    return there.get(path.removesuffix("/send"))


def invoice_changed_in_part(there: Bench, recorded: Wire) -> Any:
    """The due date is what the sparse update moved."""
    invoice = recorded["Invoice"]
    _use_custom_fields(there, invoice)
    made = there.create("Invoice", invoice, DueDate=None, ProjectRef=None)["Invoice"]
    change = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "DueDate": invoice["DueDate"]}
    answer = there.post("/invoice", change)
    assert answer["Invoice"]["SyncToken"] == invoice["SyncToken"]
    return answer


def _use_custom_fields(there: Bench, invoice: Wire) -> None:
    there.prefer(SalesFormsPrefs=_fields_of(invoice))


def _fields_of(invoice: Wire) -> Wire:
    uses, names = [], []
    for place, field in enumerate(invoice["CustomField"], start=1):
        uses.append({"Name": f"SalesFormsPrefs.UseSalesCustom{place}", "Type": "BooleanType", "BooleanValue": True})
        name = {"Name": f"SalesFormsPrefs.SalesCustomName{place}", "Type": "StringType", "StringValue": field["Name"]}
        names.append(name)
    return {"CustomField": [{"CustomField": uses}, {"CustomField": names}]}


def payment_read(there: Bench, recorded: Wire) -> Any:
    """On an invoice whose number and open balance the recording tells."""
    payment = recorded["Payment"]
    [line] = payment["Line"]
    facts = {one["value"]["Name"]: one["value"]["Value"] for one in line["LineEx"]["any"]}
    customer = there.named("Customer", payment["CustomerRef"]["name"])
    sold = Decimal(facts["txnOpenBalance"])
    invoice = there.post(
        "/invoice",
        {
            "CustomerRef": {"value": customer},
            "DocNumber": facts["txnReferenceNumber"],
            "Line": [{"DetailType": "SalesItemLineDetail", "Amount": str(sold), "SalesItemLineDetail": {}}],
        },
    )["Invoice"]
    lines = [{"Amount": line["Amount"], "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}]
    made = there.create("Payment", payment, Line=lines, ProjectRef=None)["Payment"]
    return there.get(f"/payment/{made['Id']}")


def payment_deleted(there: Bench, recorded: Wire) -> Any:
    customer = there.named("Customer", "Bloom & Co")
    made = there.post("/payment", {"CustomerRef": {"value": customer}, "TotalAmt": 10})["Payment"]
    return there.post("/payment", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")


# Changes and batches


def changes_with_a_stub(there: Bench, recorded: Wire) -> Any:
    """Two customers; two estimates there, two invoices here, and one that was deleted."""
    since = there.intuit.clock.now().isoformat(timespec="seconds")
    first, _ = (there.named("Customer", name) for name in ("Bloom & Co", "Garden & Co"))
    line = {"DetailType": "SalesItemLineDetail", "Amount": 10, "SalesItemLineDetail": {}}
    for _ in range(3):
        made = there.post("/invoice", {"CustomerRef": {"value": first}, "Line": [line]})["Invoice"]
    there.post("/invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    found = there.get("/cdc", entities="Customer,Invoice", changedSince=since)
    customers, invoices = found["CDCResponse"][0]["QueryResponse"]
    invoices["Estimate"] = invoices.pop("Invoice")
    for one in (*customers["Customer"], *invoices["Estimate"][:2]):
        # The sample shows live objects by their ids only.
        for name in set(one) - {"Id"}:
            del one[name]
    return found


def batch_with_refusals(there: Bench, recorded: Wire) -> Any:
    """A name that is taken, something that is not there, a stale revision, and a query; told in the order asked."""
    there.intuit.set_switches(currency_shown=True)
    [*_, queried] = recorded["BatchItemResponse"]
    for one in queried["QueryResponse"].get("SalesReceipt", ()):
        _use_custom_fields(there, one)
        there.create("SalesReceipt", one)
    taken = there.intuit.add_customer("Bloom & Co")
    there.intuit.by_hand("edit-customer", Id=taken["Id"], Notes="by hand")
    asked = [
        {"operation": "create", "Customer": {"DisplayName": "bloom & co"}},
        {"operation": "update", "Customer": {"Id": "583", "SyncToken": "0", "sparse": True, "Notes": "x"}},
        {"operation": "update", "Customer": {"Id": taken["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"}},
        {"Query": "SELECT * FROM SalesReceipt"},
    ]
    items = [{"bId": f"bid{place}", **one} for place, one in enumerate(asked, start=1)]
    answer = there.post("/batch", {"BatchItemRequest": items})
    answer["BatchItemResponse"].sort(key=lambda one: one["bId"])
    return answer


# Refusals


def nothing_there(there: Bench, recorded: Wire) -> Any:
    return there.get("/item/583", 400)


def nothing_named(there: Bench, recorded: Wire) -> Any:
    return there.post("/item", {"Type": "Service", "IncomeAccountRef": {"value": "79"}}, 400)


def query_unread(there: Bench, recorded: Wire) -> Any:
    return there.query("SELECT * FROM NULL", 400)


def stale(there: Bench, recorded: Wire) -> Any:
    made = there.intuit.add_customer("Bloom & Co")
    there.intuit.by_hand("edit-customer", Id=made["Id"], Notes="by hand")
    return there.post("/customer", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"}, 400)


def name_taken(there: Bench, recorded: Wire) -> Any:
    there.intuit.set_switches(duplicate_name_detail="null")
    there.intuit.add_customer("Bloom & Co")
    return there.post("/customer", {"DisplayName": "Bloom & Co"}, 400)


def token_expired(there: Bench, recorded: Wire) -> Any:
    there.intuit.clock.move(3_601)
    answer = there.get("/customer/1", 401)
    [error] = answer["fault"]["error"]
    # The token itself is told, as the recording's was before somebody blacked it out.
    error["detail"] = error["detail"].replace(there.ready["access_token"], "REDACTED")
    return answer


def throttled_in_json(there: Bench, recorded: Wire) -> Any:
    _one_a_minute(there, "json")
    return there.get("/term/1", 429)


def throttled_in_xml(there: Bench, recorded: ElementTree.Element) -> Any:
    _one_a_minute(there, "xml")
    answer = there.books.get("/term/1")
    assert answer.status_code == 429 and answer.headers["content-type"].startswith("application/xml")
    return tree_of(ElementTree.fromstring(answer.content))


def _one_a_minute(there: Bench, form: str) -> None:
    there.intuit.set_switches(throttle=True, per_minute=1, throttle_form=form)
    there.get("/term/1")


def tree_of(element: ElementTree.Element) -> Wire:
    """An XML element as a tree, its text without the white space around."""
    return {
        "tag": element.tag,
        **element.attrib,
        "text": (element.text or "").strip(),
        "inside": [tree_of(one) for one in element],
    }
