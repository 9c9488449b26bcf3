"""Our own client asks either system for nothing that its reference does not document."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import documented
from tests.conftest import free_port
from tests.overhearing import Asked, OverheardWorld
from tests.telling import pass_by
from tests.world import CONNECTION

BOWLS = {"sku": "BOWL-02", "quantity": 2, "unit_price": "12.50", "note": "for the window"}
LINES: list[Any] = [("VASE-01", 4, "25.00"), BOWLS]
HOUR = 3_600


@pytest.fixture
def overheard(database: str, tmp_path: Path) -> Iterator[OverheardWorld]:
    """A world through which everything went once: connect, pulls, orders of every shape, refusals, unknowns, retries."""
    world = OverheardWorld(database, tmp_path, free_port())
    world.connect()
    world.start()
    world.settle()
    yield world
    world.close()


def everything_happens(world: OverheardWorld) -> None:
    """One of each thing that makes the engine call somebody."""
    standin = world.wizcommerce.standin
    world.engine.connecting.join_tenant(CONNECTION, "tester", email=standin.email, password=standin.password)
    address = {
        "address_line_1": "1 Harbour St",
        "address_line_2": "Ground floor",
        "city": "Portland",
        "state": "OR",
        "zip_code": "97201",
        "country": "US",
    }
    world.wizcommerce.add_customer(
        "Garden: & Co",
        company_name="Garden & Co",
        email="ap@garden.example",
        phone="+14155550100",
        contacts=[{"first_name": "Vorname", "last_name": "Nachname", "email": "ap@garden.example"}],
        addresses=[{"type": kind, **address} for kind in ("billing", "shipping")],
    )
    world.wizcommerce.confirm_order(
        "WC-1", "Bloom & Co", LINES, customer_note="Ring twice", shipping_charge=12, discount_value=5, po_number="PO-7"
    )
    world.wizcommerce.confirm_order("WC-2", "Garden: & Co", LINES)
    world.settle()
    for number, fault in (("WC-3", "reset-after"), ("WC-4", "timeout-before"), ("WC-5", "401")):
        world.quickbooks.add_fault(fault, operation="create invoice")
        world.wizcommerce.confirm_order(number, "Bloom & Co", LINES)
        world.settle()
        pass_by(world)
    world.quickbooks.add_fault("fault", operation="create invoice", code="6140", detail="TxnType=Invoice with TxnId=2")
    world.wizcommerce.confirm_order("WC-6", "Bloom & Co", LINES)
    world.settle()
    world.engine.people.retry(world.order_stream("WC-6"), "tester")
    world.settle()
    world.quickbooks.by_hand("edit-customer", Id="1", Notes="by hand")
    world.quickbooks.by_hand("edit-item", Id="2", UnitPrice=26)
    world.quickbooks.by_hand("add-term", Name="Net 10", DueDays=10)
    world.quickbooks.by_hand("add-payment", CustomerRef={"value": "1"}, TotalAmt=10)
    world.settle()
    for hours in (2, 48, 24 * 40):
        world.move(hours * HOUR)
        world.settle()


def test_our_own_client_asks_for_nothing_that_is_not_documented(overheard: OverheardWorld) -> None:
    everything_happens(overheard)
    overheard.engine.connecting.disconnect(CONNECTION, "tester")

    quickbooks, wizcommerce = overheard.asked("quickbooks"), overheard.asked("wizcommerce")
    assert undocumented("quickbooks", quickbooks) == []
    assert undocumented("wizcommerce", wizcommerce) == []
    assert {"query", "cdc", "invoice", "customer", "revoke"} <= {one.path.rpartition("/")[2] for one in quickbooks}
    assert {"Line[].Description", "BillAddr.Line2", "DisplayName"} <= {name for one in quickbooks for name in one.sent}
    assert {"token", "customers", "orders"} <= {one.path.rpartition("/")[2] for one in wizcommerce}


def undocumented(system: str, asked: Sequence[Asked]) -> list[str]:
    """Everything in these requests that the tables do not have, once each."""
    calls, bodies = {
        "quickbooks": (documented.QUICKBOOKS, documented.SENT_TO_QUICKBOOKS),
        "wizcommerce": (documented.WIZCOMMERCE, documented.SENT_TO_WIZCOMMERCE),
    }[system]
    found: list[str] = []
    for one in asked:
        what = f"{one.method} {one.path}"
        parameters = calls.get((one.method, one.path))
        if parameters is None:
            found.append(what)
            continue
        found += [f"{what} ?{name}" for name in one.query.keys() - parameters.keys()]
        found += [f"{what} {name}" for name in one.sent - bodies.get(one.path, {}).keys()]
        found += [f"{what} header {name}" for name in one.headers - documented.HEADERS[system]]
        found += [f"{what} {words}" for words in _undocumented_words(one)]
    return sorted(set(found))


def _undocumented_words(one: Asked) -> list[str]:
    """The entities and properties of a query or of change data capture that the reference does not list."""
    entities = one.query.get("entities", "")
    found = [name for name in entities.split(",") if name and name not in documented.CAPTURED_AT_QUICKBOOKS]
    statement = re.sub(r"'(?:[^'\\]|\\.)*'", "''", one.query.get("query", ""))
    if not statement:
        return found
    form = r"SELECT \* FROM (\w+)(?: WHERE (.*?))?(?: ORDERBY (\w+))?(?: STARTPOSITION \d+)?(?: MAXRESULTS \d+)?"
    read = re.fullmatch(form, statement)
    if read is None:
        return [*found, statement]
    entity, where, order = read.groups()
    used = [part.partition(" ")[0] for part in (where or "").split(" AND ") if part]
    used += [order] if order else []
    allowed = documented.FILTERED_AT_QUICKBOOKS.get(entity, frozenset())
    return [*found, *(f"{entity}.{name}" for name in used if name not in allowed)]


def test_what_nobody_documents_is_noticed() -> None:
    company, nothing = documented.COMPANY, frozenset[str]()

    def query(statement: str) -> Asked:
        return Asked("GET", f"{company}/query", {"query": statement}, nothing, nothing)

    asked = [
        query("SELECT * FROM Invoice WHERE PrivateNote = 'x AND y' ORDERBY Id"),
        query("SELECT * FROM Bill OR 1"),
        Asked("GET", f"{company}/cdc", {"entities": "Item,TaxCode", "page": "2"}, frozenset({"x-trick"}), nothing),
        Asked("POST", f"{company}/invoice", {"include": "x"}, nothing, frozenset({"Line[].Amount", "Line[].Secret"})),
        Asked("DELETE", f"{company}/invoice", {}, nothing, nothing),
    ]
    assert undocumented("quickbooks", asked) == [
        f"DELETE {company}/invoice",
        f"GET {company}/cdc ?page",
        f"GET {company}/cdc TaxCode",
        f"GET {company}/cdc header x-trick",
        f"GET {company}/query Invoice.PrivateNote",
        f"GET {company}/query SELECT * FROM Bill OR 1",
        f"POST {company}/invoice ?include",
        f"POST {company}/invoice Line[].Secret",
    ]
