"""WizCommerce's products and stock records into ours. Pure; a body that cannot be read is a `Remote` with a `problem`.

List rows of products are whole, so a row is read as a detail is. Source: WizCommerce reference, 1.5 and A-37.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from adapters.wizcommerce.assumptions import ASSUMED, Assumptions
from adapters.wizcommerce.translate import attributes_shown, in_our_terms, moment, number
from adapters.wizcommerce.wire import One, ProductWire, StockWire
from engine.domain.values import ListPrice, ProductContent, StockLevel
from engine.ports import Remote

_ROW = msgspec.json.Decoder(ProductWire)
_STOCK = msgspec.json.Decoder(StockWire)
_ONE = msgspec.json.Decoder(One[msgspec.Raw])
_ID = msgspec.json.Decoder(dict[str, msgspec.Raw])


def product_remote(remote_id: str, body: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """`{"data": {…variant…}}` as a Remote. An inactive product is a product with `active` False; a deleted one a tombstone
    (A-43)."""

    def read() -> tuple[str, str, str, ProductContent | None]:
        return _product(bytes(_ONE.decode(body).data), assumed)

    return in_our_terms("product", remote_id, body, read)


def product_row(row: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """A row of the list of products."""
    return in_our_terms("product", _named(row, "id"), row, lambda: _product(row, assumed))


def stock_remote(body: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """`{"data": {…stock record…}}` as a Remote of kind `stock`, by the id of its product."""
    try:
        row = bytes(_ONE.decode(body).data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        return _unreadable(body, f"The stock record WizCommerce sent cannot be read: {fault}")
    return stock_row(row, assumed)


def stock_row(row: bytes, assumed: Assumptions = ASSUMED) -> Remote:
    """A row of the list of stock records."""
    try:
        seen = _STOCK.decode(row)
        if seen.updated_at:
            moment(seen.updated_at, "updated_at")
        level = StockLevel(
            on_hand=_quantity(seen.in_stock_quantity, "in_stock_quantity", assumed),
            available=_quantity(seen.available_quantity, "available_quantity", assumed),
            reserved=_quantity(seen.reserved_quantity, "reserved_quantity", assumed),
            tracked=seen.track_inventory is not False,
            back_orders=bool(seen.back_order_allowed),
            standing=seen.inventory_status or "",
        )
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as fault:
        return _unreadable(row, f"The stock record WizCommerce sent cannot be read: {fault}")
    if not seen.product_id:
        return _unreadable(row, "The stock record WizCommerce sent has no product_id.")
    return Remote(
        system="wizcommerce",
        kind="stock",
        remote_id=seen.product_id,
        revision=seen.updated_at or "",
        content=None,
        raw=row.decode("utf-8", "backslashreplace"),
        stock=level,
    )


def _product(row: bytes, assumed: Assumptions) -> tuple[str, str, str, ProductContent | None]:
    """Id, updated_at, created_at, content (None: deleted)."""
    seen = _ROW.decode(row)
    gone = seen.status in assumed.a43_gone
    return seen.id, seen.updated_at, seen.created_at or "", None if gone else _content(seen, assumed)


def _content(seen: ProductWire, assumed: Assumptions) -> ProductContent:
    """`unit_price` only where every price list agrees: which list counts is the customer's, not the product's."""
    prices = tuple(sorted(_prices(seen, assumed), key=lambda one: one.price_list))
    different = {one.price for one in prices}
    return ProductContent(
        sku=seen.sku or "",
        name=seen.name or "",
        active=seen.status != "inactive",
        unit_price=different.pop() if len(different) == 1 else None,
        categories=tuple(seen.categories or ()),
        attributes=tuple(attributes_shown(seen.attributes or ())),
        prices=prices,
        reference=seen.reference_id or "",
    )


def _prices(seen: ProductWire, assumed: Assumptions) -> Iterator[ListPrice]:
    for place, one in enumerate(seen.price_lists or []):
        if one.price is not None:
            price = number(one.price, f"price_lists[{place}].price", assumed)
            yield ListPrice(price_list=one.id or "", price=_plain(price))


def _quantity(value: Decimal | None, field: str, assumed: Assumptions) -> Decimal:
    return _plain(number(value, field, assumed))


def _plain(value: Decimal) -> Decimal:
    """10, 10.0 and 1E+1 are one figure, and so are 0 and -0. Exact: `normalize` would round to 28 digits."""
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "what is not finite was refused"
    if not value:
        return Decimal(0)
    while exponent < 0 and digits[-1] == 0:
        digits, exponent = digits[:-1], exponent + 1
    return Decimal((sign, digits + (0,) * exponent, min(exponent, 0)))


def _named(row: bytes, field: str) -> str:
    """The text of a field of a row; '' when it has none that can be read."""
    try:
        return str(msgspec.json.decode(_ID.decode(row).get(field, msgspec.Raw(b'""')), type=str))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _unreadable(row: bytes, problem: str) -> Remote:
    return Remote(
        system="wizcommerce",
        kind="stock",
        remote_id=_named(row, "product_id"),
        revision="",
        content=None,
        raw=row.decode("utf-8", "backslashreplace"),
        problem=problem,
    )
