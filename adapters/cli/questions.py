"""Open questions about who is who: customers with candidates on the other side, about whom a person decides."""

from adapters.cli.session import Session
from engine.domain.customer import OTHER, Customer
from engine.domain.customer_policies import NAMED
from engine.domain.values import System, connection_of


def home_of(customer: Customer) -> System:
    """The side that has the customer; WizCommerce where both have it."""
    return "wizcommerce" if "wizcommerce" in customer.links else "quickbooks"


def open_questions(session: Session, names: list[str]) -> list[Customer]:
    """Every open question, once, the oldest first: two customers of which each may be the other are asked about as
    WizCommerce's."""
    asked = session.rows("SELECT stream FROM attention WHERE topic = 'match' ORDER BY raised_at")
    customers = [session.engine.records.customer(stream) for (stream,) in asked if connection_of(stream) in names]
    waiting = [customer for customer in customers if customer.decision == "waiting"]
    pairs = {
        (connection_of(customer.stream), customer.links.get("wizcommerce", ""), candidate.remote_id)
        for customer in waiting
        for candidate in customer.proposed
        if home_of(customer) == "wizcommerce"
    }
    return [c for c in waiting if home_of(c) == "wizcommerce" or not _asked_from_there(c, pairs)]


def _asked_from_there(customer: Customer, pairs: set[tuple[str, str, str]]) -> bool:
    connection, own_id = connection_of(customer.stream), customer.links.get("quickbooks", "")
    return all((connection, candidate.remote_id, own_id) in pairs for candidate in customer.proposed)


def may_be(customer: Customer) -> str:
    """Who it may be: `may be QuickBooks customer 58 (same name, …)`."""
    each = ", ".join(f"{c.remote_id} ({c.because})" for c in customer.proposed)
    return f"may be {NAMED[OTHER[home_of(customer)]]} customer {each}"


def question(customer: Customer) -> str:
    """What a person types to say who a customer is on the other side."""
    ids = " or ".join(c.remote_id for c in customer.proposed)
    ident = customer.stream.partition(":")[2]
    return f"say which it is: `wizqbo match choose {ident} {ids}`, or `wizqbo match reject {ident}` to create it."
