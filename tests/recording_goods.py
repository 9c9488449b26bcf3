"""The recorded examples of what is about products and stock; see `tests.recording`."""

from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec.structs import replace

from engine.domain import drafts
from engine.domain import events as e
from engine.domain import values as v

AT = datetime(2026, 11, 26, 9, 30, 15, tzinfo=UTC)
GLAZED = v.Attribute(name="Finish", value=v.Personal("glazed"))
LEVEL = v.StockLevel(
    on_hand=Decimal("10.333"),
    available=Decimal("6.333"),
    reserved=Decimal(4),
    tracked=True,
    back_orders=True,
    standing="IN_STOCK",
)
WHOLE = v.ProductContent(
    sku="VASE-01",
    name="Vase",
    item_type="Inventory",
    active=True,
    unit_price=Decimal("25.0000001"),
    description="A tall vase",
    cost=Decimal("11.5"),
    full_name="Decor:Vases:Vase",
    tracked=True,
    categories=("Decor::Vases", "Handmade"),
    attributes=(GLAZED,),
    prices=(v.ListPrice(price_list="pl_01", price=Decimal("25.00")),),
    reference="QBO:acme:item:7",
)
STARTED = replace(WHOLE, starts=date(2026, 1, 15))
BUNDLE = replace(
    WHOLE,
    item_type="Group",
    sellable=False,
    tracked=False,
    parts=(v.Part(item="7", quantity=Decimal(2)), v.Part(item="8", quantity=Decimal("0.5"))),
)
NEW = drafts.ProductDraft(
    sku="VASE-01",
    name="Vase",
    group_code="QBO:acme:item:7",
    reference="QBO:acme:item:7",
    category="Decor::Vases",
    price=Decimal("25.00"),
    price_list="pl_01",
    attributes=(GLAZED,),
)
CHANGE = drafts.ProductUpdate(
    remote_id="prod_01",
    fields=("name", "sku", "category", "price", "attributes", "active"),
    sku="VASE-02",
    name="Tall vase",
    category="Decor::Tall",
    old_category="Decor::Vases",
    price=Decimal("26.00"),
    price_list="pl_01",
    attributes=(GLAZED, v.Attribute(name="Description", value=v.Personal(""))),
    active=False,
)


BEFORE_START = e.PushWithheld(
    reason="item-start",
    sentence="an invoice of 2026-01-14 is before the start in QuickBooks of VASE-01 (2026-01-15), and would be refused",
    needs_person=True,
    next_step="Give it a later date.",
    waits_for="item-shown:acme:7",
    waits_too=("item-shown:acme:8", "facts:acme"),
)


def goods() -> list[e.Event]:
    """The events that only products have."""
    return [
        e.StockObserved(
            system="quickbooks",
            remote_id="7",
            level=LEVEL,
            fetched_after=41,
            cause="schedule: stock",
            sku="vase-01",
            includes=("order-acme:0a4c1f6b-6a0c-5e0e-9c6b-6f1d0c578f10",),
        ),
        e.ZeroPolicyChosen(policy="back-order"),
    ]


RUN = e.RunFinished(
    what="stock",
    asked_by="admin",
    cursor_from="2026-11-26T09:15:00+00:00",
    cursor_to="2026-11-26T09:30:00+00:00",
    read=2500,
    changed=12,
    metered_reads=3,
    complete=True,
    started_at=AT,
    held=1,
    next_at=AT,
)
DRAFTS: dict[str, drafts.Draft] = {
    "product": NEW,
    "product-update": CHANGE,
    "stock": drafts.StockDraft(sku="VASE-01", level=LEVEL),
}
