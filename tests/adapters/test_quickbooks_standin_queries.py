"""The query language of the QuickBooks stand-in. Source: QuickBooks reference, section 3; checklist, item 18."""

from __future__ import annotations

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.quickbooks.standin.catalogue import KINDS
from adapters.quickbooks.standin.filterable import Holds, filterable
from tests.adapters.asking import a_line, ask, ids, open_shop, refusal, rows
from tests.adapters.stand_ins import error_in


@pytest.fixture(autouse=True)
def shop(intuit: QuickBooksStandIn) -> None:
    open_shop(intuit)


LITERALS = {
    Holds.ID: "'1'",
    Holds.REFERENCE: "'1'",
    Holds.TEXT: "'x'",
    Holds.EMAIL: "'a@b.example'",
    Holds.NUMBER: "1.5",
    Holds.FLAG: "true",
    Holds.DAY: "'2026-02-03'",
    Holds.MOMENT: "'2026-02-03T00:00:00-08:00'",
}

FOUND = [
    ("SELECT * FROM Customer", ["1", "2"]),
    ("select * from Customer where Active in (true, false)", ["1", "2", "3"]),
    ("SELECT * FROM Customer WHERE Active = false", ["3"]),
    (r"SELECT * FROM Customer WHERE DisplayName = 'amy\'s bird sanctuary'", ["1"]),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '%O%'", ["2"]),
    ("SELECT * FROM Customer WHERE DisplayName LIKE 'bloom'", []),
    ("SELECT * FROM Customer WHERE DisplayName LIKE '_loom & Co'", []),
    ("SELECT * FROM Customer WHERE DisplayName IN ('BLOOM & CO', 'nobody')", ["2"]),
    ("SELECT * FROM Customer WHERE DisplayName > 'b'", ["2"]),
    ("SELECT * FROM Customer WHERE PrimaryEmailAddr = 'AMY@birds.example'", ["1"]),
    ("SELECT * FROM Customer WHERE PrimaryEmailAddr LIKE '%@birds.example'", ["1"]),
    ("SELECT * FROM Customer WHERE Id IN ('1', '2') AND Balance > 15", ["1"]),
    ("SELECT * FROM Customer WHERE Balance <= '10'", ["2"]),
    ("SELECT * FROM Customer WHERE Id = 2", ["2"]),
    ("SELECT * FROM Customer WHERE CompanyName < 'z'", []),
    ("SELECT * FROM Customer ORDERBY DisplayName DESC", ["2", "1"]),
    ("SELECT * FROM Customer WHERE Active IN (true,false) ORDERBY Active, Id DESC", ["3", "2", "1"]),
    ("SELECT * FROM Customer ORDERBY PrimaryEmailAddr DESC", ["1", "2"]),
    ("SELECT * FROM Customer ORDERBY PrimaryEmailAddr", ["2", "1"]),
    ("SELECT * FROM Customer ORDER BY Id ASC MAXRESULTS 1 STARTPOSITION 2", ["2"]),
    ("SELECT * FROM Customer STARTPOSITION 3 MAXRESULTS 10", []),
    ("SELECT * FROM Customer WHERE MetaData.LastUpdatedTime >= '2026-01-31T00:00:00-08:00'", ["1", "2"]),
    ("SELECT * FROM Customer WHERE MetaData.CreateTime < '2020-01-31'", []),
    ("SELECT\n  *\nFROM\tCustomer\n", ["1", "2"]),
    ("SELECT *, Sku FROM Item WHERE Sku = 'vase-01'", ["2"]),
    ("SELECT * FROM Item ORDERBY UnitPrice", ["1", "3", "2"]),
    ("SELECT * FROM Item", ["3", "1", "2"]),
    ("SELECT * FROM Item WHERE Type = 'service'", ["1"]),
    (
        "SELECT * FROM Item WHERE Type IN ('Inventory', 'NonInventory') AND Active IN (true, false) ORDERBY Id",
        ["2", "3"],
    ),
    ("SELECT * FROM Item WHERE Type IN ('Service', 'NONINVENTORY') ORDERBY Id DESC", ["3", "2", "1"]),
    ("SELECT * FROM Item WHERE Type IN ('Category')", []),
    ("SELECT * FROM Invoice WHERE DocNumber = 'WC-1' AND CustomerRef = '2'", ["1"]),
    ("SELECT * FROM Invoice WHERE TxnDate >= '2026-02-03' AND TxnDate <= '2026-02-03'", ["1"]),
    ("SELECT * FROM Invoice WHERE TxnDate > '2026-02-03'", []),
    ("SELECT * FROM Invoice WHERE SalesTermRef IN ('1', '2')", []),
    ("SELECT * FROM Term WHERE Name = 'Net 30'", ["3"]),
    ("SELECT * FROM Term", ["1", "2", "3", "4"]),
    ("SELECT * FROM Preferences", ["1"]),
    ("SELECT * FROM CompanyInfo WHERE MetaData.CreateTime > '2020-01-01'", ["1"]),
    ("SELECT * FROM CreditMemo", []),
]


def test_a_query_finds_what_the_documented_grammar_means(books: httpx.Client) -> None:
    assert [(statement, ids(books, statement)) for statement, _ in FOUND] == FOUND


UNPARSABLE = [
    ("SELECT * FROM", 'Encountered "<EOF>" at line 1, column 13.\nWas expecting:\n    <IDENTIFIER> ...'),
    # Word for word what was recorded.
    (
        "SELECT * FROM NULL",
        'Encountered " "null" "NULL "" at line 1, column 15.\nWas expecting:\n    <IDENTIFIER> ...\n    ',
    ),
    ("SELECT * FROM Customer WHERE Id = null", 'Encountered " "null" "null "" at line 1, column 35.'),
    ("SELECT * FROM Customer WHERE Id = '1' OR Id = '2'", 'Encountered " <OR> "OR "" at line 1, column 39.'),
    ("SELECT * FROM Customer\nWHERE NOT Active = true", 'Encountered " <NOT> "NOT "" at line 2, column 7.'),
    ("SELECT * FROM Customer WHERE Id != '1'", 'Encountered: "!" (33)'),
    ("SELECT * FROM Customer WHERE Id <> '1'", 'Encountered " ">" "> ""'),
    (
        "SELECT * FROM Customer WHERE DisplayName = 'open",
        'Lexical error at line 1, column 44.  Encountered: "\'" (39)',
    ),
    ("SELECT * FROM Customer WHERE DisplayName = 'Amy's'", '"s ""'),
    ('SELECT * FROM Customer WHERE DisplayName = "Amy"', 'Encountered: """ (34)'),
    ("SELECT * FROM Customer WHERE DisplayName IN ()", 'Encountered " ")" ") ""'),
    ("SELECT * FROM Customer WHERE", "<IDENTIFIER>"),
    ("SELECT * FROM Customer, Item", '"startposition" ...'),
    ("SELECT * FROM Customer c", '<EOF> \n    "maxresults" ...\n    "order" ...\n    "orderby" ...'),
    ("SELECT * FROM Customer WHERE Id = '1' GROUP BY Id", "<EOF> \n    <AND> ..."),
    ("SELECT * FROM Customer; DELETE FROM Customer", 'Encountered: ";" (59)'),
    ("SELECT * FROM Customer MAXRESULTS many", '"many ""'),
    ("SELECT * FROM Customer MAXRESULTS 1.5", '"1.5 ""'),
    ("SELECT * FROM Customer MAXRESULTS 1 MAXRESULTS 2", '"maxresults" "MAXRESULTS ""'),
    ("SELECT * FROM Customer STARTPOSITION 1 STARTPOSITION 2", '"startposition" "STARTPOSITION ""'),
    ("SELECT * FROM Customer MAXRESULTS 1 ORDERBY Id", '"orderby" "ORDERBY ""'),
    ("SELECT * FROM Customer ORDER DisplayName", '"by" ...'),
    ("SELECT COUNT(Id) FROM Customer", '"*" ...'),
    ("UPDATE Customer", '"select" ...'),
    (" ", "QueryParserError: The query provided was empty"),
]


def test_what_is_not_in_the_grammar_cannot_be_parsed(books: httpx.Client) -> None:
    for statement, words in UNPARSABLE:
        code, message, detail = refusal(books, statement)
        assert (code, message) == ("4000", "Error parsing query"), statement
        assert detail.startswith("QueryParserError: ") and words in detail, statement


INVALID = [
    ("SELECT * FROM Custmoer", "invalid context declaration: Custmoer"),
    ("SELECT * FROM customer", "invalid context declaration: customer"),
    ("SELECT * FROM Invoice WHERE PrivateNote = 'x'", "property 'PrivateNote' is not queryable"),
    ("SELECT * FROM Payment WHERE UnappliedAmt > 0", "property 'UnappliedAmt' is not queryable"),
    ("SELECT * FROM PaymentMethod WHERE Name = 'Visa'", "property 'Name' is not queryable"),
    ("SELECT * FROM Vendor WHERE PrimaryEmailAddr = 'a@b.example'", "property 'PrimaryEmailAddr' is not queryable"),
    (
        "SELECT * FROM Term WHERE MetaData.CreateTime > '2020-01-01'",
        "property 'MetaData.CreateTime' is not queryable",
    ),
    ("SELECT * FROM Item WHERE UnitPrice > 1", "property 'UnitPrice' is not queryable"),
    ("SELECT * FROM Preferences WHERE Id = '1'", "property 'Id' is not queryable"),
    ("SELECT * FROM Customer WHERE displayname = 'x'", "property 'displayname' is not queryable"),
    ("SELECT DisplayNam FROM Customer", "property 'DisplayNam' is not queryable"),
    ("SELECT * FROM Customer ORDERBY Notes", "property 'Notes' is not sortable"),
    ("SELECT * FROM Customer WHERE Id > '1'", "operator > is not supported for property 'Id'"),
    ("SELECT * FROM Customer WHERE Id LIKE '1%'", "operator LIKE is not supported for property 'Id'"),
    ("SELECT * FROM Customer WHERE Balance LIKE '1%'", "operator LIKE is not supported for property 'Balance'"),
    ("SELECT * FROM Invoice WHERE CustomerRef > '1'", "operator > is not supported for property 'CustomerRef'"),
    ("SELECT * FROM Customer WHERE Active > false", "operator > is not supported for property 'Active'"),
    ("SELECT * FROM Customer WHERE Active = 'true'", "'true' is not a value of property 'Active'"),
    ("SELECT * FROM Customer WHERE Balance = true", "'True' is not a value of property 'Balance'"),
    ("SELECT * FROM Customer WHERE Balance > 'much'", "'much' is not a number"),
    ("SELECT * FROM Customer WHERE Balance > 'NaN'", "'NaN' is not a number"),
    ("SELECT * FROM Invoice WHERE TxnDate > 'noon'", "'noon' is not a date or date-time"),
    ("SELECT * FROM Invoice WHERE MetaData.CreateTime > 'noon'", "'noon' is not a date or date-time"),
    ("SELECT * FROM Customer STARTPOSITION 0", "value 0 is too small. Min allowed value is 1"),
    ("SELECT * FROM Customer MAXRESULTS 0", "value 0 is too small. Min allowed value is 1"),
    ("SELECT * FROM Customer MAXRESULTS 1001", "value 1001 is too large. Max allowed value is 1000"),
    ("SELECT * FROM Preferences MAXRESULTS 1", "paging is not supported for Preferences"),
]


def test_what_the_grammar_allows_but_the_entity_does_not_is_invalid(books: httpx.Client) -> None:
    for statement, reason in INVALID:
        assert refusal(books, statement) == ("4001", "Invalid query", f"QueryValidationError: {reason}"), statement


def test_a_query_may_be_posted_as_text_and_as_nothing_else(books: httpx.Client) -> None:
    statement, text = "SELECT COUNT(*) FROM Customer", {"Content-Type": "application/text"}
    posted = books.post("/query?minorversion=75", content=statement, headers=text)
    as_json = books.post("/query", content=statement, headers={"Content-Type": "application/json"})
    broken = books.post("/query", content=b"SELECT * FROM Customer WHERE DisplayName = '\xff'", headers=text)
    assert posted.json()["QueryResponse"] == {"totalCount": 2}
    assert as_json.status_code == 415 and "application/text" in as_json.text
    assert broken.status_code == 500 and broken.json()["Fault"]["type"] == "SystemFault"
    assert error_in(books.get("/query"))["Detail"] == "QueryParserError: The query provided was empty"


def test_a_count_ignores_pages_but_not_the_filters(books: httpx.Client) -> None:
    assert ask(books, "SELECT COUNT(*) FROM Customer STARTPOSITION 2 MAXRESULTS 1") == {"totalCount": 2}
    assert ask(books, "select count ( * ) from Customer where Active IN (true, false)") == {"totalCount": 3}
    assert ask(books, "SELECT COUNT(*) FROM Customer WHERE Balance > 1000") == {"totalCount": 0}


def test_a_list_of_fields_only_trims(books: httpx.Client) -> None:
    [amy] = rows(books, "SELECT DisplayName, Balance FROM Customer WHERE Id = '1'")
    assert amy == {"DisplayName": "Amy's Bird Sanctuary", "Balance": 20, "domain": "QBO", "sparse": False, "Id": "1"}
    [invoice] = rows(books, "SELECT Id, MetaData.CreateTime FROM Invoice")
    assert set(invoice) == {"MetaData", "domain", "sparse", "Id"}
    assert rows(books, "SELECT *, Sku FROM Item") == rows(books, "SELECT * FROM Item")


def test_whatever_a_name_holds_it_finds_its_bearer_and_nobody_else(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    for name in ("' OR Id = '2", "'; SELECT * FROM Item", "\\", "\\'", "100%", "/* x */ -- y", "Ünïcode ™", "a & b+c"):
        id = intuit.add_customer(name)["Id"]
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        assert ids(books, f"SELECT * FROM Customer WHERE DisplayName = '{quoted}'") == [id], name


def test_a_statement_that_is_not_percent_encoded_breaks_at_an_ampersand_and_at_a_plus(books: httpx.Client) -> None:
    head = f"{books.base_url}query?query=SELECT%20*%20FROM%20Customer%20WHERE%20"
    cut = books.get(head + "DisplayName%20=%20'Bloom%20&%20Co'")
    shifted = books.get(head + "MetaData.CreateTime%20>%20'2020-01-01T00:00:00+00:00'")
    encoded = books.get(head + "MetaData.CreateTime%20>%20'2020-01-01T00:00:00%2B00:00'")
    whole = books.get(head + "DisplayName%20=%20'Bloom%20%26%20Co'")
    assert error_in(cut)["code"] == "4000"
    assert error_in(shifted)["Detail"] == "QueryValidationError: '2020-01-01T00:00:00 00:00' is not a date or date-time"
    assert encoded.json()["QueryResponse"]["maxResults"] == 2
    assert whole.json()["QueryResponse"]["Customer"][0]["Id"] == "2"


def test_a_page_holds_a_hundred_unless_asked_and_ids_are_ordered_as_numbers(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    intuit.fill({"customers": [{"DisplayName": f"Shop {number:03}"} for number in range(150, 0, -1)]})
    page = ask(books, "SELECT * FROM Customer")
    rest = ask(books, "SELECT * FROM Customer STARTPOSITION 101 MAXRESULTS 1000")
    assert (len(page["Customer"]), page["startPosition"], page["maxResults"]) == (100, 1, 100)
    assert (len(rest["Customer"]), rest["startPosition"], rest["maxResults"]) == (52, 101, 52)
    assert ids(books, "SELECT * FROM Customer ORDERBY Id DESC MAXRESULTS 2") == ["153", "152"]
    assert ids(books, "SELECT * FROM Customer ORDERBY Id STARTPOSITION 7 MAXRESULTS 3") == ["8", "9", "10"]


def test_a_list_comes_by_its_full_names_and_documents_as_they_were_made(
    books: httpx.Client, intuit: QuickBooksStandIn
) -> None:
    def names(order: str) -> list[str]:
        intuit.set_switches(query_order=order)
        return [row["DisplayName"] for row in rows(books, "SELECT * FROM Customer")]

    intuit.add_customer("azalea")
    intuit.by_hand("copy-invoice", Id="1", DocNumber="A-0")
    assert names("name") == ["Amy's Bird Sanctuary", "azalea", "Bloom & Co"]
    assert names("creation") == ["Amy's Bird Sanctuary", "Bloom & Co", "azalea"]
    assert ids(books, "SELECT * FROM Invoice") == ["1", "2"]


def test_with_a_switch_names_may_be_spelled_in_any_case(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.set_switches(query_names="any-case")
    found = ask(books, "SELECT displayname FROM CUSTOMER WHERE Metadata.CreateTime > '2020-01-01' ORDERBY id DESC")
    assert [row["DisplayName"] for row in found["Customer"]] == ["Bloom & Co", "Amy's Bird Sanctuary"]
    assert refusal(books, "SELECT * FROM Custmoer")[2].endswith("invalid context declaration: Custmoer")


def test_a_query_shows_at_once_what_was_written(books: httpx.Client) -> None:
    made = books.post("/customer", json={"DisplayName": "Dahlia"}).json()["Customer"]
    dahlia = "SELECT * FROM Customer WHERE DisplayName = 'Dahlia'"
    assert rows(books, dahlia) == [made]
    books.post("/customer", json={"Id": made["Id"], "SyncToken": "0", "sparse": True, "DisplayName": "Daisy"})
    assert rows(books, dahlia) == [] and ids(books, dahlia.replace("Dahlia", "Daisy")) == [made["Id"]]
    owing, count = "SELECT * FROM Customer WHERE Balance > 15", "SELECT COUNT(*) FROM Invoice"
    assert (ids(books, owing), ask(books, count)) == (["1"], {"totalCount": 1})
    books.post("/invoice", json={"CustomerRef": {"value": "2"}, "Line": [a_line("2", 10)]})
    assert (ids(books, owing), ask(books, count)) == (["1", "2"], {"totalCount": 2})
    books.post("/invoice?operation=delete", json={"Id": "2", "SyncToken": "0"})
    assert (ids(books, owing), ask(books, count)) == (["1"], {"totalCount": 1})


def test_times_are_compared_as_they_are_shown_in_whole_seconds(books: httpx.Client) -> None:
    [invoice] = rows(books, "SELECT * FROM Invoice")
    at = invoice["MetaData"]["LastUpdatedTime"]
    later = at[:19] + ".001" + at[19:]
    where = "SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime"
    assert ids(books, f"{where} = '{at}'") == ids(books, f"{where} >= '{at}'") == ["1"]
    assert ids(books, f"{where} > '{at}'") == ids(books, f"{where} >= '{later}'") == []


def test_a_query_can_fail_while_it_is_carried_out(books: httpx.Client, intuit: QuickBooksStandIn) -> None:
    intuit.add_fault("query-4002", operation="query Customer")
    code, message, detail = refusal(books, "SELECT * FROM Customer")
    assert (code, message) == ("4002", "Error processing query") and detail.startswith("QueryProcessingError: ")
    assert ids(books, "SELECT * FROM Customer") == ["1", "2"]


FILTERABLE = {
    "Customer": "Id DisplayName GivenName MiddleName FamilyName CompanyName PrintOnCheckName FullyQualifiedName Active "
    "Balance PrimaryEmailAddr MetaData.CreateTime MetaData.LastUpdatedTime",
    "Item": "Id Name Type Active FullyQualifiedName Sku MetaData.CreateTime MetaData.LastUpdatedTime",
    "Invoice": "Id CustomerRef DocNumber TxnDate DueDate Balance SalesTermRef ProjectRef MetaData.CreateTime "
    "MetaData.LastUpdatedTime",
    "Payment": "Id CustomerRef TotalAmt TxnDate PaymentRefNum ProjectRef MetaData.CreateTime MetaData.LastUpdatedTime",
    "Term": "Id Name Active",
    "PaymentMethod": "Id Active",
    "CustomerType": "Id Active MetaData.CreateTime MetaData.LastUpdatedTime",
    "Preferences": "MetaData.CreateTime MetaData.LastUpdatedTime",
}
"""Source: QuickBooks reference, section 3.4."""


def test_exactly_the_documented_properties_can_be_filtered_by(books: httpx.Client) -> None:
    assert {entity: set(filterable(entity)) for entity in FILTERABLE} == {
        entity: set(names.split()) for entity, names in FILTERABLE.items()
    }
    for entity in KINDS:
        for name, holds in filterable(entity).items():
            ask(books, f"SELECT * FROM {entity} WHERE {name} IN ({LITERALS[holds]}) ORDERBY {name}")
