"""Products and circumstances for the tests of the domain: sound unless a test says otherwise."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from engine.domain.choices import Choices
from engine.domain.drafts import Draft
from engine.domain.events import (
    AttemptStarted,
    CommandAccepted,
    CommandIssued,
    CommandRefused,
    Event,
    ProductObserved,
    RecordLinked,
    StockObserved,
)
from engine.domain.product import Product, evolve_product, no_product
from engine.domain.product_around import ProductAround
from engine.domain.product_drafts import draft_of
from engine.domain.values import CompanyFacts, ListPrice, Personal, ProductContent, StockLevel
from tests.wholesale import NOON, recorded

RECORD = UUID("0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10")
PRODUCT = f"product-acme:{RECORD}"
FACTS = CompanyFacts(name="Green Wholesale", country="US", tracks_inventory=True, categories=True)
PRICED = {"price-list": "pl_01"}
VASE = ProductContent(
    sku="VASE-01",
    name="Vase",
    item_type="Inventory",
    unit_price=Decimal("25.00"),
    full_name="Decor:Vases:Vase",
    tracked=True,
)
"""As QuickBooks shows it."""
THERE = ProductContent(
    sku="VASE-01",
    name="Vase",
    categories=("Decor::Vases",),
    prices=(ListPrice(price_list="pl_01", price=Decimal("25.00")),),
)
"""As WizCommerce shows it when everything was put there."""
LINKED = RecordLinked(system="wizcommerce", kind="product", remote_id="prod_01", how="put by us")


def around(**more: Any) -> ProductAround:
    """Everything decides, the price list is chosen, nobody shares the SKU, nothing is on order."""
    said = more.pop("said", {})
    plain: dict[str, Any] = {
        "connection": "acme",
        "decides": True,
        "facts": FACTS,
        "choices": Choices(said={**PRICED, **said}),
    }
    return ProductAround(**{**plain, **more})


def item(content: ProductContent = VASE, content_hash: str = "hash-1", **more: Any) -> ProductObserved:
    """QuickBooks shows an item; `more` changes the content."""
    return _seen("quickbooks", "7", replace(content, **more), content_hash)


def there(content: ProductContent = THERE, content_hash: str = "hash-a", **more: Any) -> ProductObserved:
    """WizCommerce shows the product."""
    return _seen("wizcommerce", "prod_01", replace(content, **more), content_hash)


def _seen(system: Any, remote_id: str, content: ProductContent, content_hash: str) -> ProductObserved:
    return ProductObserved(
        system=system,
        kind="product",
        remote_id=remote_id,
        revision="1",
        content_hash=content_hash,
        fetched_after=0,
        cause="a test",
        raw=Personal(""),
        content=content,
    )


def on_hand(quantity: str, fetched_after: int = 50) -> StockObserved:
    """QuickBooks says how much of it there is."""
    level = StockLevel(on_hand=Decimal(quantity))
    return StockObserved(system="quickbooks", remote_id="7", level=level, fetched_after=fetched_after, cause="a test")


def in_shop(on_hand: str, available: str, reserved: str = "0", **more: Any) -> StockObserved:
    """WizCommerce's stock record says so."""
    plain: dict[str, Any] = {"standing": "IN_STOCK" if Decimal(available) > 0 else "OUT_OF_STOCK"}
    level = StockLevel(
        on_hand=Decimal(on_hand), available=Decimal(available), reserved=Decimal(reserved), **{**plain, **more}
    )
    return StockObserved(system="wizcommerce", remote_id="prod_01", level=level, fetched_after=50, cause="a test")


def product_after(*events: Event, product: Product | None = None, who: str = "system") -> Product:
    """A product after `events`, begun anew or gone on with."""
    product = product or no_product(PRODUCT)
    for event in events:
        product = evolve_product(product, recorded(PRODUCT, product.version + 1, event, who))
    return product


def issued(events: list[Event]) -> CommandIssued:
    """The one command among `events`."""
    [found] = [event for event in events if isinstance(event, CommandIssued)]
    return found


def sent(product: Product, beside: ProductAround, command: CommandIssued) -> tuple[Product, Draft]:
    """The product once `command` was issued and its attempt began, and what it sent."""
    product = product_after(command, product=product)
    draft = draft_of(product, command.verb, beside)
    assert draft is not None
    attempt = AttemptStarted(
        command_id=command.command_id,
        attempt=1,
        draft=draft,
        body=Personal("{}"),
        worker="a test",
        send_by=NOON,
        answer_by=NOON,
    )
    return product_after(attempt, product=product), draft


def accepted(command: CommandIssued) -> CommandAccepted:
    return CommandAccepted(
        command_id=command.command_id,
        attempt=1,
        target="wizcommerce",
        remote_id="prod_01",
        revision="2",
        number="",
        how="answered",
    )


def refused(command: CommandIssued, code: str = "400") -> CommandRefused:
    return CommandRefused(
        command_id=command.command_id,
        attempt=1,
        target="wizcommerce",
        code=code,
        sentence="WizCommerce did not accept the request.",
        next_step="Look.",
    )
