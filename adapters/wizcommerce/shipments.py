"""The shipments WizCommerce has of orders, in its words.

One that is withdrawn stays under its reference: `created`, so not shipped, without items and tracking, with a remark that says
why (see `engine.domain.shipments`).

WizCommerce is assumed to count by itself what its shipments hold, and the reference does not say so: the order's own
`shipped_quantity` and `fulfillment_status` are never written by us, as a PUT replaces the whole order, what was paid for it
meanwhile included (A-44). Source: WizCommerce reference, 1.5 "Shipment".
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from adapters.wizcommerce.documents import Documents, Json, Wording, id_in, text_of
from adapters.wizcommerce.drafts import LENGTH, fits
from adapters.wizcommerce.lists import SHIPMENTS
from adapters.wizcommerce.translate import in_our_terms
from adapters.wizcommerce.wire import SHIPMENT, ShipmentWire
from engine.domain.drafts import ShipmentDraft
from engine.domain.shipments import SHIPPED, first_number, note_of, same_items, same_note
from engine.domain.values import Personal, ShipmentContent
from engine.ports import Refused, Remote

_TREE = msgspec.json.Decoder(float_hook=Decimal)


class Shipments(Documents[ShipmentDraft]):
    """Puts shipments."""

    listed = SHIPMENTS

    def record(self, body: bytes) -> Remote:
        """`{"data": {…shipment…}}` as a Remote; one that cannot be read has a `problem`."""

        def read() -> tuple[str, str, str, ShipmentContent | None]:
            snake = text_of(_renamed(_TREE.decode(body), _to_snake)).encode() if self._camel else body
            seen = SHIPMENT.decode(snake).data
            return seen.id, seen.updated_at, "", _content(seen)

        return in_our_terms("shipment", id_in(body), body, read)

    def reference(self, remote: Remote) -> str:
        return remote.content.reference if isinstance(remote.content, ShipmentContent) else ""

    def differing(self, tree: Json, draft: ShipmentDraft, found: Remote) -> Json:
        shown = found.content
        assert isinstance(shown, ShipmentContent)  # it has a reference
        if not shown.active and not draft.remarks:
            raise Refused(
                "WizCommerce has this shipment as inactive: somebody deleted it there.",
                code="inactive",
                next_step="Make it active in WizCommerce, then `wizqbo retry`; or `wizqbo never-send`.",
            )
        followed = (first_number(draft), draft.url, draft.carrier)
        new = {
            "shipment_status": (shown.status in SHIPPED) == bool(draft.remarks),
            "tracking_info": followed != (shown.tracking, shown.url, shown.carrier),
            "shipment_items": not same_items(draft, shown),
            "note": not same_note(draft, shown),
            "remark": draft.remarks != shown.remarks,
        }
        changed = {name: tree[name] for name, differs in new.items() if differs}
        return {"name": tree["name"], **changed} if changed and shown.active else {}

    def in_words(self, tree: Json, draft: ShipmentDraft, wording: Wording) -> Json:
        return tree

    def otherwise(self, tree: Json, named: list[str], wording: Wording, refusal: Refused) -> Wording | None:
        return None

    def spelled(self, tree: Json) -> Json:
        """The same with its fields as this tenant writes them (A-45)."""
        return _renamed(tree, _to_camel) if self._camel else tree

    @property
    def _camel(self) -> bool:
        return self._assumed.a45_shipment_names == "camel"


def shipment_body(draft: ShipmentDraft) -> str:
    """The exact JSON text of a new shipment, by the order's id. Raises Refused when a text is too long."""
    tree: Json = {
        "reference_id": fits(draft.reference, "reference"),
        "order_id": draft.order,
        "name": fits(f"Invoice {draft.number}", "name"),
        "shipment_status": "created" if draft.remarks else "shipped",
        "tracking_info": {
            "tracking_number": fits(first_number(draft), "tracking number"),
            "tracking_url": draft.url,
            "delivery_partner": fits(draft.carrier, "carrier"),
        },
        "shipment_items": [{"product_id": one.product, "quantity": one.quantity} for one in draft.items],
        "note": note_of(draft),
        "remark": draft.remarks[:LENGTH],
    }
    return text_of(tree)


def _content(seen: ShipmentWire) -> ShipmentContent:
    followed, items = seen.tracking_info, seen.shipment_items
    return ShipmentContent(
        reference=seen.reference_id,
        status=seen.shipment_status or "",
        tracking=(followed.tracking_number if followed else None) or "",
        carrier=(followed.delivery_partner if followed else None) or "",
        url=(followed.tracking_url if followed else None) or "",
        note=Personal(seen.note or ""),
        remarks=seen.remark or "",
        items=None if items is None else tuple((one.sku_id or "", one.quantity or Decimal(0)) for one in items),
        active=seen.status != "inactive",
    )


def _renamed(tree: Any, rename: Callable[[str], str]) -> Any:
    if isinstance(tree, dict):
        return {rename(name): _renamed(value, rename) for name, value in tree.items()}
    return [_renamed(one, rename) for one in tree] if isinstance(tree, list) else tree


def _to_camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), name)


def _to_snake(name: str) -> str:
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", name)
