"""Writing products and stock: a product is made once, and a change is laid over what stands there when it is sent.

WizCommerce has no idempotency key and no concurrency control. So a create looks for its SKU before it is sent (A-03) and when
it is refused (A-04), and a change reads the product first (A-16). A change may take several calls. What WizCommerce may not
take by its interface, being made active again (A-29) and a new SKU, goes last and in calls of its own, so that a no to it
costs nothing else. Each call can be repeated, and what stands there already is not sent: whatever was interrupted is sent
again whole. Between the read and the writes somebody may still change the same product; what can be lost then is the same
field, or another category or attribute, since those are sent as a whole.
"""

from urllib.parse import quote

import msgspec
from msgspec import UNSET

from adapters.wizcommerce.assumptions import Assumptions
from adapters.wizcommerce.client import WizCommerceClient, not_understood, unknown
from adapters.wizcommerce.goods_drafts import (
    ChangeWire,
    Json,
    ShownWire,
    change_in,
    is_shown,
    laid_over,
    price_sent,
    shown_in,
    standing_price,
    text_of,
    whole_prices,
)
from adapters.wizcommerce.lists import INVENTORIES, PRODUCTS, Lists
from adapters.wizcommerce.translate_goods import product_remote, stock_remote
from adapters.wizcommerce.wire import WRITTEN, One
from adapters.wizcommerce.writes import Read, answer, fields_named, gone, nothing_was_sent, posted, read_back
from engine.domain.drafts import ProductDraft, ProductUpdate, StockDraft
from engine.domain.values import ProductContent
from engine.ports import Answer, GatewayError, NotThere, Refused, Remote

NOT_THERE_STEP = "Look for the product in WizCommerce, and link it again."
SEEN_BY_ITSELF = "That is seen by itself."
V2 = "/v2/products"
PRICINGS = "/v1/product-pricings"


class SkuWire(msgspec.Struct, frozen=True):
    """The two names of a product, or of its stock record."""

    id: str = ""
    sku: str | None = None


_ROW = msgspec.json.Decoder(SkuWire)
_WRITTEN_STOCK = msgspec.json.Decoder(One[SkuWire])
_VARIANTS = msgspec.json.Decoder(One[list[msgspec.Raw]])


class Goods:
    """Creates and changes products and writes stock; keeps nothing. `send_by` and `answer_by` are seconds on the clock's
    boottime; what is read before a write ends by `send_by`, since after it nothing would be sent."""

    def __init__(self, client: WizCommerceClient, lists: Lists, read: Read, assumed: Assumptions) -> None:
        self._client = client
        self._lists = lists
        self.read = read
        self._assumed = assumed

    def create(self, connection: str, draft: ProductDraft, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The product of this SKU as it stands, or made now. Raises Unknown only when it may have been made now."""
        with nothing_was_sent():
            found = self.with_sku(connection, draft.sku, send_by)
        if found:
            return answer(found[0])
        try:
            written = posted(self._client, connection, PRODUCTS, body, send_by, answer_by)
        except Refused as refusal:
            if refusal.code in ("403", "404"):
                raise
            with nothing_was_sent():
                found = self.with_sku(connection, draft.sku, answer_by)
            if not found:
                raise
            return answer(found[0])
        return answer(self._made(written, draft.sku))

    def update(self, connection: str, draft: ProductUpdate, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The product as it stands after everything that `body` wants and it did not show was written.

        Raises Refused when it is gone, or, when all else was written, with `status-refused`, `status-ignored` (A-29),
        `sku-refused` or `sku-ignored`. `ran` of whatever is raised is True when something was written already."""
        with nothing_was_sent():
            current = self.read(connection, draft.remote_id, send_by)
            if current.content is None and not current.problem:
                raise gone("product", NOT_THERE_STEP)
            if current.problem:  # it may be another product's body: nothing is laid over that
                raise not_understood("product", current.raw.encode(), current.problem)
            shown = shown_in(current.raw)
        calls = _Calls(self._client, connection, draft.remote_id, send_by, answer_by)
        change = change_in(body)
        try:
            if not is_shown(change, shown):
                shown = _shown_in_v2(calls)
            if tree := laid_over(change, draft.old_category, shown):
                calls.patch(PRODUCTS.path, tree)
            _put_prices(calls, change, shown)
            refusal = _put_alone(calls, change, shown)
        except NotThere as fault:
            raise gone("product", NOT_THERE_STEP, fault.raw, calls.made > 0) from None
        if refusal is not None:
            raise refusal
        if not calls.made:
            return answer(current)
        remote = read_back(self.read, connection, draft.remote_id, answer_by, gone("product", NOT_THERE_STEP, ran=True))
        _see_what_was_taken(change, remote)
        return answer(remote)

    def put_stock(self, connection: str, draft: StockDraft, body: str, *, send_by: float, answer_by: float) -> Answer:
        """The stock record as written: made or changed under its SKU, so that repeating it is safe."""
        written = posted(self._client, connection, INVENTORIES, body, send_by, answer_by)
        try:
            sku = _WRITTEN_STOCK.decode(written).data.sku
        except (msgspec.DecodeError, RecursionError) as fault:
            raise unknown(not_understood("answer", written, fault)) from None
        if sku != draft.sku:
            raise unknown(not_understood("answer", written, "it is not the stock that was written."))
        return answer(stock_remote(written))

    def with_sku(self, connection: str, sku: str, until: float | None = None) -> list[Remote]:
        """The products of exactly this SKU as they are, active and inactive ones."""
        rows = self._lists.as_received(connection, PRODUCTS, {"sku_id": sku}, until)
        named = [one for one in map(_row, rows) if one.sku == sku and one.id]
        found = [self.read(connection, one.id, until) for one in named]
        return [one for one in found if one.content is not None or one.problem]

    def stock_of(self, connection: str, sku: str) -> list[Remote]:
        """The stock record of exactly this SKU: at most one."""
        rows = self._lists.as_received(connection, INVENTORIES, {"sku": sku})
        return [stock_remote(_enveloped(one)) for one in rows if _row(one).sku == sku]

    def _made(self, body: bytes, sku: str) -> Remote:
        """The variant of this SKU in the answer to a create, which is a list. Raises Unknown when it is not in it."""
        try:
            variants = _VARIANTS.decode(body).data
            made = next((one for one in variants if _ROW.decode(one).sku == sku), None)
        except (msgspec.DecodeError, RecursionError) as fault:
            raise unknown(not_understood("answer", body, fault)) from None
        body = _enveloped(made or msgspec.Raw(b"{}"))
        remote = product_remote(_id_in(body), body, self._assumed)
        if remote.content is None and not remote.problem:
            raise unknown(not_understood("answer", body, "the product that was made is deleted."))
        return remote


class _Calls:
    """The calls of one change: the first leaves by `send_by`, the later ones, which end what was begun, by `answer_by`."""

    def __init__(
        self, client: WizCommerceClient, connection: str, remote_id: str, send_by: float, answer_by: float
    ) -> None:
        self._client = client
        self._connection = connection
        self._remote_id = remote_id
        self._send_by = send_by
        self._answer_by = answer_by
        self.made = 0
        """How many were carried out."""

    def patch(self, path: str, tree: Json) -> bytes:
        """The answer to a PATCH of the product's record below `path`. Raises as `WizCommerceClient.write`."""
        leave_by = self._answer_by if self.made else self._send_by
        try:
            body = self._client.write(
                self._connection,
                "PATCH",
                f"{path}/{quote(self._remote_id, safe='')}",
                text_of(tree),
                send_by=leave_by,
                until=self._answer_by,
            )
        except GatewayError as fault:
            fault.ran = fault.ran or self.made > 0
            raise
        found = _id_in(body)
        if path != PRICINGS and found != self._remote_id:
            raise unknown(not_understood("answer", body, "it is not the product that was written."))
        self.made += 1
        return body


def _put_prices(calls: _Calls, change: ChangeWire, shown: ShownWire) -> None:
    """By its price list, which leaves quantities and all other lists alone. A price that does not exist yet, or is not named
    by its product (A-27), is put among all prices of the product, each of them whole."""
    for price in change.product_prices or ():
        if standing_price(shown, price.price_list_id) == price.price:
            continue
        try:
            calls.patch(PRICINGS, price_sent(price))
        except NotThere:
            whole = _in_v2(calls, {})
            try:
                tree = whole_prices(whole, price)
            except (msgspec.DecodeError, RecursionError) as fault:
                raise not_understood("product", whole, fault) from None
            _in_v2(calls, tree)


def _shown_in_v2(calls: _Calls) -> ShownWire:
    return shown_in(_in_v2(calls, {}).decode("utf-8", "backslashreplace"))


def _in_v2(calls: _Calls, tree: Json) -> bytes:
    """The product whole, as v2 shows it in the answer to a PATCH: one that says nothing changes nothing."""
    try:
        return calls.patch(V2, tree)
    except NotThere as fault:  # the product is there, since it was read just now: so it is v2 that is not
        raise Refused(
            "WizCommerce does not show this product whole, so what was to be changed could not be put beside the rest of it.",
            code="no-v2",
            next_step=f"In WizCommerce, open Products, choose this product and change it by hand. {SEEN_BY_ITSELF}",
            raw=fault.raw,
            ran=calls.made > 0,
        ) from None


def _put_alone(calls: _Calls, change: ChangeWire, shown: ShownWire) -> Refused | None:
    """What may be refused by itself: each in a call of its own. Answers with the first such refusal."""
    alone: dict[str, str] = {}
    if change.status == "active" and shown.status == "inactive":
        alone["status"] = "active"
    if change.sku_id is not UNSET and change.sku_id != shown.sku:
        alone["sku_id"] = change.sku_id
    first: Refused | None = None
    for field, value in alone.items():
        try:
            calls.patch(PRODUCTS.path, {field: value})
        except Refused as refusal:
            named = fields_named(refusal)
            if refusal.code == "403" or (named and field not in named):
                raise
            first = first or _not_taken(field, "refused", value, refusal.raw, calls.made > 0)
    return first


def _see_what_was_taken(change: ChangeWire, remote: Remote) -> None:
    """Raises Refused when the product does not show what may be ignored."""
    content = remote.content
    if not isinstance(content, ProductContent):
        return
    if change.status == "active" and not content.active:
        raise _not_taken("status", "ignored", "active", remote.raw, True)
    if change.sku_id is not UNSET and content.sku != change.sku_id:
        raise _not_taken("sku_id", "ignored", change.sku_id, remote.raw, True)


def _not_taken(field: str, how: str, value: str, raw: str, ran: bool) -> Refused:
    what, step = {
        "status": ("to make the product active", "make it active"),
        "sku_id": ("the new SKU of the product", f"change its SKU to {value}"),
    }[field]
    return Refused(
        f"WizCommerce did not take the change: {what}.",
        code=f"{field.removesuffix('_id')}-{how}",
        next_step=f"In WizCommerce, open Products, choose this product and {step}. {SEEN_BY_ITSELF}",
        raw=raw,
        ran=ran,
    )


def _id_in(body: bytes) -> str:
    """The id in the answer to a write. Raises Unknown when there is none: then it is not WizCommerce that answered."""
    try:
        found = WRITTEN.decode(body).data.id
    except (msgspec.DecodeError, RecursionError) as fault:
        raise unknown(not_understood("answer", body, fault)) from None
    if not found:
        raise unknown(not_understood("answer", body, "its id is empty."))
    return found


def _row(row: msgspec.Raw) -> SkuWire:
    """The names in a row of a list. Raises Refused when it cannot be read."""
    try:
        return _ROW.decode(row)
    except (msgspec.DecodeError, RecursionError) as fault:
        raise not_understood("row", bytes(row), fault) from None


def _enveloped(row: msgspec.Raw) -> bytes:
    """A row of a list as the detail of it would come."""
    return b'{"data":' + bytes(row) + b"}"
