"""Both stand-ins, served over real HTTP, and a client of each. A file that needs another one names its own."""

from collections.abc import Iterator

import httpx
import pytest
from quickbooks import QuickBooks
from quickbooks.objects import Customer, Invoice, Item

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import BLOOM, VASE
from tests.adapters.strangers import a_customer, a_line, an_invoice, an_item, books_client, may_speak_plain_http


@pytest.fixture
def intuit() -> Iterator[QuickBooksStandIn]:
    stand_in = QuickBooksStandIn()
    stand_in.set_switches(throttle=False)
    with stand_in.start():
        yield stand_in


@pytest.fixture
def books(intuit: QuickBooksStandIn) -> Iterator[httpx.Client]:
    assert intuit.running is not None
    line = intuit.ready_line(intuit.running.address)
    headers = {"Authorization": f"Bearer {line['access_token']}", "Accept": "application/json"}
    with httpx.Client(base_url=f"{line['api']}/v3/company/{line['realm']}", headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def web(intuit: QuickBooksStandIn) -> Iterator[httpx.Client]:
    """A browser, or an app that is not connected yet, at the QuickBooks stand-in's own address."""
    assert intuit.running is not None
    with httpx.Client(base_url=intuit.running.address, trust_env=False) as client:
        yield client


@pytest.fixture
def standin() -> WizCommerceStandIn:
    standin = WizCommerceStandIn()
    standin.seed({"products": [VASE], "customers": [BLOOM]})
    return standin


@pytest.fixture
def running(standin: WizCommerceStandIn) -> Iterator[RunningStandIn]:
    with standin.start() as running:
        yield running


@pytest.fixture
def client(standin: WizCommerceStandIn, running: RunningStandIn) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": standin.token}
    with httpx.Client(base_url=running.address, headers=headers, timeout=5, trust_env=False) as client:
        yield client


@pytest.fixture
def qb(intuit: QuickBooksStandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[QuickBooks]:
    """A stranger's client of the stand-in's books."""
    may_speak_plain_http(monkeypatch)
    with books_client(intuit) as client:
        yield client


@pytest.fixture
def bloom(qb: QuickBooks) -> Customer:
    """A customer the stranger made."""
    return a_customer().save(qb=qb)


@pytest.fixture
def vase(qb: QuickBooks) -> Item:
    """A product the stranger made."""
    return an_item().save(qb=qb)


@pytest.fixture
def hundred(qb: QuickBooks, bloom: Customer, vase: Item) -> Invoice:
    """An invoice of 100.00, as read back."""
    return Invoice.get(an_invoice(bloom, a_line(vase, 4, "25.00")).save(qb=qb).Id, qb=qb)
