"""Both stand-ins, served over real HTTP, and a client of each. A file that needs another one names its own."""

from collections.abc import Iterator

import httpx
import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.server import RunningStandIn
from adapters.wizcommerce.standin import WizCommerceStandIn
from tests.adapters.stand_ins import BLOOM, VASE


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
