"""Our products and stock to their words, pure: what is sent, and how a change is laid over what stands there.

A new product and a stock record are sent as their text says. The text of a change is what we decided; what is sent of it is
made of that and of the product as it is at that moment, since WizCommerce takes categories and attributes only as a whole:

- A category of ours takes the place of the one it replaces; those put there by hand stay, in their order. Where WizCommerce
  shows only the last element of a path, that counts as ours too (A-37).
- An attribute of ours takes the place of those of its name, an empty one removes them; all others go back as they were.
- What stands there already is not sent. Media, collections and minimum quantities are never sent on our own account.

Source: WizCommerce reference, sections 1.3 and 1.5.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from adapters.wizcommerce.client import not_understood
from adapters.wizcommerce.drafts import fits, not_sent
from adapters.wizcommerce.wire import One
from engine.domain.drafts import ProductDraft, ProductUpdate, StockDraft
from engine.domain.values import Attribute

Json = dict[str, Any]
NULL = Raw(b"null")

PRICE_FIELDS = (
    *("price", "min_order_quantity", "max_order_quantity", "step_increment"),
    *("sale_price", "default_order_quantity", "volume_tiers"),
)
"""Of a price in v2: what is taken again as it was shown."""
TIER_FIELDS = ("price", "start_quantity", "step_increment")


class ValueWire(msgspec.Struct, frozen=True):
    """The value of an attribute, as it is."""

    name: str | None = None
    value: Raw = NULL


class PriceSentWire(msgspec.Struct, frozen=True):
    """A price of ours in one list."""

    price_list_id: str
    price: Decimal


class ChangeWire(msgspec.Struct, frozen=True):
    """What was decided of a change, read from its text; what is not to change is UNSET."""

    name: str | UnsetType = UNSET
    categories: list[str] | UnsetType = UNSET
    attributes: list[ValueWire] | UnsetType = UNSET
    status: str | UnsetType = UNSET
    product_prices: list[PriceSentWire] | UnsetType = UNSET
    sku_id: str | UnsetType = UNSET


class PriceShownWire(msgspec.Struct, frozen=True):
    """A price as a product shows it; `id` is the price list's."""

    id: str | None = None
    price: Decimal | None = None


class ShownWire(msgspec.Struct, frozen=True):
    """Of a product that stands there: what a change is laid over. What is null is empty; UNSET is not shown at all."""

    sku: str | None = None
    name: str | None = None
    status: str | None = None
    categories: list[str] | UnsetType | None = UNSET
    attributes: list[ValueWire] | UnsetType | None = UNSET
    price_lists: list[PriceShownWire] | None = None


class PricesWire(msgspec.Struct, frozen=True):
    """Every price of a product in v2, whole."""

    price_lists: list[dict[str, Raw]] | None = None


_CHANGE = msgspec.json.Decoder(ChangeWire)
_SHOWN = msgspec.json.Decoder(One[ShownWire])
_PRICES = msgspec.json.Decoder(One[PricesWire])
_TIERS = msgspec.json.Decoder(list[dict[str, Raw]])


def request_body(draft: ProductDraft | ProductUpdate | StockDraft) -> str:
    """The exact JSON text that is kept and, of all but a change, sent. Raises Refused when it cannot be expressed."""
    match draft:
        case ProductDraft():
            tree = _product(draft)
        case ProductUpdate():
            tree = _change(draft)
        case StockDraft():
            tree = _stock(draft)
    return text_of(tree)


def text_of(tree: Json) -> str:
    """A body as JSON text."""
    return msgspec.json.encode(tree).decode()


def change_in(body: str) -> ChangeWire:
    """What `request_body` made of a change."""
    return _CHANGE.decode(body)


def shown_in(raw: str) -> ShownWire:
    """A product as its detail showed it. Raises Refused when that cannot be read."""
    try:
        return _SHOWN.decode(raw).data
    except (msgspec.DecodeError, RecursionError) as fault:
        raise not_understood("product", raw.encode(), fault) from None


def is_shown(change: ChangeWire, shown: ShownWire) -> bool:
    """Whether the product shows all that a change sends as a whole. Categories are documented only for v2's answers."""
    return not (
        (change.categories is not UNSET and shown.categories is UNSET)
        or (change.attributes is not UNSET and shown.attributes is UNSET)
    )


def laid_over(change: ChangeWire, old_category: str, shown: ShownWire) -> Json:
    """What a PATCH of the product is to say: {} when all of it stands there. Prices, a SKU and `active` are none of it."""
    body: Json = {}
    if change.name is not UNSET and change.name != shown.name:
        body["name"] = change.name
    if change.categories is not UNSET:
        there = shown.categories or []
        categories = _categories(there, old_category, next(iter(change.categories), ""))
        if categories != there:
            body["categories"] = categories
    if change.attributes is not UNSET:
        standing = [one for one in shown.attributes or [] if one.name and bytes(one.value) != b"null"]
        attributes = _attributes(standing, change.attributes)
        if attributes != standing:
            body["attributes"] = [{"name": one.name, "value": one.value} for one in attributes]
    if change.status == "inactive" and shown.status != "inactive":
        body["status"] = "inactive"
    return body


def standing_price(shown: ShownWire, price_list: str) -> Decimal | None:
    """What the product costs in a price list; None when it has no price there."""
    return next((one.price for one in shown.price_lists or [] if one.id == price_list), None)


def price_sent(price: PriceSentWire) -> Json:
    """One price, as a PATCH of it says it."""
    return {"price_list_id": price.price_list_id, "price": _number(price.price)}


def whole_prices(body: bytes, ours: PriceSentWire) -> Json:
    """A PATCH in v2 of every price in `body`, an answer of v2, as it was shown there, with ours among them.

    Raises msgspec.DecodeError when `body` is no such answer."""
    prices = [_whole(one) for one in _PRICES.decode(body).data.price_lists or []]
    mine = [one for one in prices if one["price_list_id"] == ours.price_list_id]
    for one in mine:
        one.update(price_sent(ours))
    return {"product_prices": prices if mine else [*prices, price_sent(ours)]}


def _whole(shown: dict[str, Raw]) -> Json:
    """A price as it was shown: what is null there is left out."""
    price: Json = {"price_list_id": msgspec.json.decode(shown.get("id", NULL))}
    price.update({name: shown[name] for name in PRICE_FIELDS if bytes(shown.get(name, NULL)) != b"null"})
    if "volume_tiers" in price:
        tiers = _TIERS.decode(price["volume_tiers"])
        price["volume_tiers"] = [{name: one[name] for name in TIER_FIELDS if name in one} for one in tiers]
    return price


def _categories(there: list[str], old: str, new: str) -> list[str]:
    ours = {one for path in (old, new) if path for one in (path, path.rpartition("::")[2])}
    place = next((place for place, one in enumerate(there) if one in ours), len(there))
    before, after = ([one for one in part if one not in ours] for part in (there[:place], there[place:]))
    return [*before, *([new] if new else []), *after]


def _attributes(there: list[ValueWire], changes: list[ValueWire]) -> list[ValueWire]:
    """Each change in the place of the first of its name, else at the end."""
    wanted = {one.name: one for one in changes}
    merged: list[ValueWire] = []
    for one in there:
        mine = wanted.get(one.name)
        if mine is None:
            merged.append(one)
        elif one.name not in _names(merged):
            merged.append(one if _same(one, mine) else mine)
    new = [one for one in changes if one.name not in _names(merged)]
    return [one for one in (*merged, *new) if one.name not in wanted or not _is_empty(wanted[one.name])]


def _names(values: list[ValueWire]) -> set[str | None]:
    return {one.name for one in values}


def _is_empty(value: ValueWire) -> bool:
    return bytes(value.value) == b'""'


def _same(shown: ValueWire, ours: ValueWire) -> bool:
    """Whether a value is the text of ours: what is no text there is shown as its JSON text."""
    text = bytes(shown.value)
    if not text.startswith(b'"'):
        text = msgspec.json.encode(msgspec.json.format(text, indent=-1).decode())
    return bool(msgspec.json.decode(text) == msgspec.json.decode(ours.value))


def _product(draft: ProductDraft) -> Json:
    variant: Json = {
        "sku_id": _sku(draft.sku),
        "reference_id": fits(draft.reference, "reference"),
        "name": _name(draft.name),
    }
    if draft.category:
        variant["categories"] = [draft.category]
    if attributes := [*_values(draft.attributes)]:
        variant["attributes"] = attributes
    if draft.price is not None:
        variant["product_prices"] = [_price(draft.price, draft.price_list)]
    return {"group_code": draft.group_code, "variants": [{**variant, "is_primary": True}]}


def _change(draft: ProductUpdate) -> Json:
    """Only what `fields` names."""
    fields = draft.fields
    body: Json = {}
    if "name" in fields:
        body["name"] = _name(draft.name)
    if "category" in fields:
        body["categories"] = [draft.category] if draft.category else []
    if "attributes" in fields:
        body["attributes"] = [*_values(draft.attributes)]
    if "active" in fields:
        body["status"] = "active" if draft.active else "inactive"
    if "price" in fields and draft.price is not None:
        body["product_prices"] = [_price(draft.price, draft.price_list)]
    if "sku" in fields:
        body["sku_id"] = _sku(draft.sku)
    return body


def _stock(draft: StockDraft) -> Json:
    """The whole record, with the four fields of A-30 among them."""
    level = draft.level
    if not level.standing:
        raise not_sent("inventory_status", "The stock record does not say whether the product is in stock.")
    return {
        "sku": _sku(draft.sku),
        "available_quantity": _number(level.available),
        "reserved_quantity": _number(level.reserved),
        "in_stock_quantity": _number(level.on_hand),
        "back_order_allowed": level.back_orders,
        "out_of_stock_threshold": 0,
        "inventory_status": level.standing,
        "track_inventory": level.tracked,
        "on_order_details": [],
        "in_transit_details": [],
    }


def _sku(sku: str) -> str:
    if not sku.strip():
        raise not_sent("sku_id", "The product has no SKU.")
    return sku


def _name(name: str) -> str:
    if not name.strip():
        raise not_sent("name", "The product has no name.")
    return fits(name, "name")


def _price(price: Decimal, price_list: str) -> Json:
    if not price_list:
        raise not_sent("price_list_id", "It is not said into which price list of WizCommerce the price goes.")
    return price_sent(PriceSentWire(price_list, price))


def _values(attributes: tuple[Attribute, ...]) -> Iterator[Json]:
    """Those that were not erased."""
    return ({"name": one.name, "value": one.value.text} for one in attributes if one.value.text is not None)


def _number(value: Decimal) -> Raw:
    """A JSON number as it is, without an exponent."""
    return Raw(format(value, "f").encode())
