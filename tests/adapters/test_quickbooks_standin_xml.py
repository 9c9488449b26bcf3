"""XML from the QuickBooks stand-in, for whoever does not ask for JSON by name. Source: reference, section 2.2."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.standin.in_xml import to_xml

XML = {"Accept": "application/xml"}
NAMESPACE = "{http://schema.intuit.com/finance/v3}"


def tree(answer: httpx.Response) -> ElementTree.Element:
    """The content of an XML answer: the one element in its IntuitResponse."""
    assert answer.headers["content-type"] == "application/xml"
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{NAMESPACE}IntuitResponse"
    [content] = root
    for each in root.iter():
        each.tag = each.tag.removeprefix(NAMESPACE)
    return content


def words(element: ElementTree.Element, path: str) -> str | None:
    return element.findtext(path)


@pytest.mark.parametrize("accept", ["", "*/*", "application/xml", "text/html", "application/pdf"])
def test_without_json_in_accept_a_fault_comes_as_xml(books: httpx.Client, accept: str) -> None:
    answer = books.post("/customer", json={"DisplayName": "x" * 501, "Title": "<&\v>" * 9}, headers={"Accept": accept})
    fault = tree(answer)
    assert answer.status_code == 400 and fault.tag == "Fault" and fault.get("type") == "ValidationFault"
    assert [(error.get("code"), error.get("element")) for error in fault] == [
        ("2050", "DisplayName"),
        ("2050", "Title"),
    ]
    assert words(fault, "Error/Message") and "Max:500" in str(words(fault, "Error/Detail"))


def test_without_json_in_accept_the_gateways_refusals_come_as_xml_too(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    stranger = books.get("/preferences", headers={**XML, "Authorization": "Bearer short"})
    fault = tree(stranger)
    assert stranger.status_code == 401 and stranger.headers["www-authenticate"]
    assert fault.get("type") == "AUTHENTICATION" and fault[0].get("code") == "3200"
    assert "too short" in str(words(fault, "Error/Detail"))
    for kind, code in (("403", "3100"), ("429-json", "3001"), ("401", "3200")):
        intuit.add_fault(kind)
        assert tree(books.get("/preferences", headers=XML))[0].get("code") == code
    nothing_said = books.get("/nonsense", headers=XML)
    assert tree(nothing_said)[0].get("element") is None and "1/5" not in nothing_said.text


def test_without_json_in_accept_answers_come_as_xml(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    item = intuit.add_item("VASE-01", price="25.50")["Id"]
    body = {"DisplayName": "Bloom & <Co>", "BillAddr": {"Line1": "1 Mill Rd"}, "SalesTermRef": {"value": "3"}}
    customer = tree(books.post("/customer", json=body, headers=XML))
    assert (customer.tag, customer.get("domain"), customer.get("sparse")) == ("Customer", "QBO", "false")
    assert [each.tag for each in customer][:3] == ["Id", "SyncToken", "MetaData"]
    assert words(customer, "DisplayName") == "Bloom & <Co>" and words(customer, "BillAddr/Line1") == "1 Mill Rd"
    currency = customer.find("CurrencyRef")
    assert currency is not None and (currency.text, currency.get("name")) == ("USD", "United States Dollar")
    assert words(customer, "SalesTermRef") == "3" and words(customer, "Active") == "true"
    sold = {"ItemRef": {"value": item}, "Qty": 2, "UnitPrice": 25.5}
    line = {"DetailType": "SalesItemLineDetail", "Amount": 51, "SalesItemLineDetail": sold}
    invoice = tree(books.post("/invoice", json={"CustomerRef": {"value": "1"}, "Line": [line]}, headers=XML))
    assert words(invoice, "Line/DetailType") == "SalesItemLineDetail"
    assert words(invoice, "Line/SalesItemLineDetail/ItemRef") == item
    assert words(invoice, "Line/SalesItemLineDetail/UnitPrice") == "25.5"
    assert Decimal(words(invoice, "TotalAmt") or 0) == 51
    named = {"Id": words(invoice, "Id"), "SyncToken": words(invoice, "SyncToken")}
    gone = tree(books.post("/invoice?operation=delete", json=named, headers=XML))
    assert (gone.tag, gone.get("status"), words(gone, "Id")) == ("Invoice", "Deleted", named["Id"])


def test_queries_and_changes_come_as_xml_with_counters_as_attributes(books: httpx.Client) -> None:
    def asked(statement: str) -> ElementTree.Element:
        return tree(books.get("/query", params={"query": statement}, headers=XML))

    terms = asked("SELECT * FROM Term MAXRESULTS 2")
    assert (terms.tag, terms.get("startPosition"), terms.get("maxResults")) == ("QueryResponse", "1", "2")
    assert [each.tag for each in terms] == ["Term", "Term"] and words(terms, "Term/Id")
    assert asked("SELECT COUNT(*) FROM Term").attrib == {"totalCount": "4"}
    nobody = asked("SELECT * FROM Customer")
    assert nobody.attrib == {} and len(nobody) == 0
    since = {"entities": "Term,Customer", "changedSince": "2020-01-01"}
    changes = tree(books.get("/cdc", params=since, headers=XML))
    assert changes.tag == "CDCResponse" and [each.tag for each in changes] == ["QueryResponse"] * 2
    assert [len(each) for each in changes] == [4, 0] and changes[0].get("maxResults") == "4"


def test_a_stored_answer_comes_in_the_form_each_caller_asked_for(books: httpx.Client) -> None:
    body = {"DisplayName": "Bloom & Co"}
    made = books.post("/customer?requestid=r", json=body, headers=XML)
    again = books.post("/customer?requestid=r", json=body)
    assert again.json()["Customer"]["Id"] == words(tree(made), "Id") == "1"
    assert books.post("/customer?requestid=r", json=body, headers=XML).content == made.content


def test_extensions_and_faults_in_a_batch_have_the_elements_of_intuits_schema() -> None:
    extended = {"name": "{http://schema.intuit.com/finance/v3}NameValue", "value": {"Name": "txnId", "Value": "70"}}
    payment = {"domain": "QBO", "Line": [{"Amount": Decimal("55.00"), "LineEx": {"any": [extended]}, "LinkedTxn": []}]}
    payment |= {"PrivateNote": "a\v\x00b\n", "PaymentRefNum": None}
    error = {"Message": "Stale", "code": "5010", "element": ""}
    items = [{"bId": "b1", "Payment": payment}, {"bId": "b2", "Fault": {"type": "ValidationFault", "Error": [error]}}]
    assert to_xml({"BatchItemResponse": items, "time": "2026-02-03T09:15:27.082-08:00"}).decode() == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3" time="2026-02-03T09:15:27.082-08:00">'
        '<BatchItemResponse bId="b1"><Payment domain="QBO"><Line><Amount>55.00</Amount>'
        "<LineEx><NameValue><Name>txnId</Name><Value>70</Value></NameValue></LineEx></Line>"
        "<PrivateNote>ab\n</PrivateNote></Payment></BatchItemResponse>"
        '<BatchItemResponse bId="b2"><Fault type="ValidationFault"><Error code="5010"><Message>Stale</Message></Error>'
        "</Fault></BatchItemResponse></IntuitResponse>"
    )
