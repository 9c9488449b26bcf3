"""Our own client asks either system for nothing that its reference does not document."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from engine.domain.drafts import CustomerDraft, CustomerUpdate
from engine.domain.values import Address, Attribute, CustomerField, Personal
from tests import documented
from tests.adapters.quickbooks_world import LONG_AGO, MARK, a_customer, a_world
from tests.adapters.wizcommerce_world import World as WizCommerceWorld
from tests.adapters.wizcommerce_world import a_change, an_address
from tests.conftest import free_port
from tests.overhearing import Asked, Listener, OverheardWorld
from tests.payments import invoice_id
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
    world.quickbooks.add_fault("reset-before", operation="create payment")
    world.wizcommerce.do(standin.by_hand, "take-payment", display_id="WC-2", amount=40)
    world.settle()
    pass_by(world)
    world.quickbooks.by_hand("edit-invoice", Id=invoice_id(world, "WC-1"), TrackingNum="1Z999AA10123456784")
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
    assert {"query", "cdc", "invoice", "payment", "customer", "revoke"} <= {
        one.path.rpartition("/")[2] for one in quickbooks
    }
    assert {"Line[].Description", "BillAddr.Line2", "DisplayName"} <= {name for one in quickbooks for name in one.sent}
    assert {"token", "customers", "orders", "shipments"} <= {one.path.rpartition("/")[2] for one in wizcommerce}


def test_the_customers_that_we_write_and_ask_for_are_documented_too() -> None:
    with a_world() as here:
        listener = Listener(here.address)
        here.gateway = here.gateway_at(listener.running.address)
        term = here.stand_in.by_hand("add-term", Name="Net 10", DueDays=10)["Id"]
        kind = here.stand_in.by_hand("add-customer-type", Name="Florist")["Id"]
        address = Address(lines=Personal("1 Pier\nRear"), city="Dover", region="DE", postal_code="19901", country="USA")
        content = msgspec.structs.replace(
            a_customer().content,
            payment_term=term,
            type_id=kind,
            taxable=False,
            exemption="9",
            resale_number=Personal("DE-77"),
            billing=address,
            shipping=address,
        )
        made = here.send(CustomerDraft(content=content, mark=MARK))
        update = CustomerUpdate(
            target="quickbooks",
            remote_id=made.remote_id,
            revision=made.revision,
            fields=get_args(CustomerField),
            content=content,
            mark=MARK,
        )
        here.send(update, command_id="1" * 32)
        here.gateway.look("acme", update, LONG_AGO)
        here.gateway.holders_of_name("acme", "Nobody")
        for listed in ("term", "customertype"):
            list(here.everything(listed))
        here.gateway.fetch("acme", "customertype", kind)
        listener.running.stop()
    asked = listener.heard(here.access.realm("acme"))
    assert undocumented("quickbooks", asked) == []
    sent = {name for one in asked for name in one.sent}
    assert {"sparse", "SyncToken", "Active", "SalesTermRef.value", "CustomerTypeRef.value", "ResaleNum"} <= sent
    paths = {one.path.removeprefix(documented.COMPANY) for one in asked}
    assert paths == {"/customer", "/customer/{id}", "/customertype/{id}", "/query"}


def test_customers_are_written_to_wizcommerce_only_as_documented() -> None:
    world = WizCommerceWorld()
    listener = Listener(world.running.address)
    world.gateway = world.gateway_with(address=listener.running.address)
    with world.running, listener.running, world.http:
        world.gateway.sales_reps("acme")
        world.gateway.price_lists("acme")
        world.gateway.ensure_attribute("acme", "Customer Type")
        for draft in _everything_written(world):
            world.send(draft)
    asked = listener.heard("none")
    assert undocumented("wizcommerce", asked) == []
    for path in ("/v1/customers", "/v1/customers/{id}", "/v1/attributes"):
        sent = {name for one in asked if one.path == path and one.method != "GET" for name in one.sent}
        assert sent == documented.SENT_TO_WIZCOMMERCE[path].keys()


def _everything_written(world: WizCommerceWorld) -> Iterator[CustomerDraft | CustomerUpdate]:
    """A customer and changes of it with every field there is."""
    address = an_address("1 Harbour St", "Gate 2", region="OR", postal_code="97201", country="US")
    person = {"given_name": Personal("Vorname"), "family_name": Personal("Nachname"), "phone": Personal("4155550100")}
    kept: dict[str, Any] = {**person, "attributes": (Attribute(name="Customer Type", value=Personal("Florist")),)}
    yield world.new_customer(email=Personal("ap@juniper.example"), payment_term="Net 30", billing=address, **kept)
    [made] = world.do(world.standin.customers)
    world.do(world.standin.by_hand, "add-contact", customer=made["id"], first_name="Erste", is_default=True)
    [made] = world.do(world.standin.customers)
    yield a_change(
        *("name", "company", "given_name", "family_name", "phone", "billing", "shipping", "term", "customer_type"),
        remote_id=made["id"],
        revision=made["updated_at"],
        billing=address,
        billing_id=made["addresses"][0]["id"],
        shipping=address,
        contact_id=made["contacts"][0]["id"],
        **kept,
    )
    [made] = world.do(world.standin.customers)
    yield a_change("active", remote_id=made["id"], revision=made["updated_at"])


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
