"""A product: what QuickBooks and WizCommerce show of it, how much of it each says is there, and what we put into WizCommerce.

QuickBooks is the source. A stream begins with QuickBooks' item; the WizCommerce product is linked to it when it is made or found.
"""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from engine.domain.commands import Command, Commands, evolve_commands
from engine.domain.drafts import ProductDraft, ProductField, ProductUpdate, StockDraft
from engine.domain.events import (
    AttentionCleared,
    AttentionNeeded,
    CommandAccepted,
    CommandEvent,
    CommandRefused,
    CommandRetried,
    Event,
    ProductObserved,
    PushAskedFor,
    PushWithheld,
    Recorded,
    RecordGone,
    RecordLinked,
    RecordMergedInto,
    RecordMergedThere,
    RevisionMoved,
    StockObserved,
    ZeroPolicyChosen,
    decided_against,
)
from engine.domain.invoice_from_order import sku_key
from engine.domain.values import NAMESPACE, ProductContent, StockLevel, System, Value

NOT_BY_API: dict[str, ProductField] = {
    "status-ignored": "active",
    "status-refused": "active",
    "sku-ignored": "sku",
    "sku-refused": "sku",
}
"""Code of a refusal → what WizCommerce does not take by its interface, so that a person does it there (A-29)."""


class Product(Value, frozen=True, kw_only=True):
    """What the events of one product stream add up to."""

    stream: str
    version: int = 0
    record: UUID = NAMESPACE
    sights: dict[str, ProductObserved] = {}
    sight_after: dict[str, int] = {}
    gone: frozenset[str] = frozenset()
    links: dict[str, str] = {}
    """System → remote id of this product there."""
    merged_there: dict[str, str] = {}
    """System → id of the record there that ours was merged into."""
    stock: dict[str, StockObserved] = {}
    """System → the last figure it showed."""
    stock_after: dict[str, int] = {}
    commands: Commands = {}
    attention: dict[str, AttentionNeeded] = {}
    withheld: PushWithheld | None = None
    never: bool = False
    """A person decided that it is never sent."""
    zero_policy: str = ""
    put_category: str = ""
    """The category of ours that was last put there."""
    put_attributes: tuple[str, ...] = ()
    """Names of the attributes of ours that were last put there."""
    put_at: datetime | None = None
    stocked: StockDraft | None = None
    """The stock record WizCommerce has: the last one it took from us, or as it showed it since."""
    stocked_at: datetime | None = None
    stocked_after: int = 0
    """Log position of that answer: what was read before it shows the record before."""
    former_sku: str = ""
    """The SKU, as SKUs are compared, that WizCommerce showed before this one: orders placed under it are still on their way."""
    not_taken: dict[ProductField, str] = {}
    """What WizCommerce does not take by its interface → the value it did not take."""
    merged_into: str = ""

    def shown_by(self, system: System) -> ProductContent | None:
        """As that side shows it; None when it was never seen there."""
        sight = self.sights.get(system)
        return sight.content if sight else None

    @property
    def item(self) -> ProductContent | None:
        """As QuickBooks shows it."""
        return self.shown_by("quickbooks")

    @property
    def both_hash(self) -> str:
        """What both sides show, in one text: the same as long as neither changes."""
        return ":".join(s.content_hash if (s := self.sights.get(one)) else "" for one in ("quickbooks", "wizcommerce"))


NEVER = "never"
"""The reason of what a person decided never to send."""


def no_product(stream: str) -> Product:
    """A product before its first event."""
    return Product(stream=stream, record=UUID(stream.partition(":")[2]))


def evolve_product(product: Product, recorded: Recorded) -> Product:
    """The product after one more event."""
    product = replace(product, version=recorded.version)
    event = recorded.event
    if is_decided_against(event, recorded.who):
        product = replace(product, never=True)
    if isinstance(event, CommandRetried | PushAskedFor):
        decided = product.withheld is not None and product.withheld.reason == NEVER
        product = replace(product, never=False, not_taken={}, withheld=None if decided else product.withheld)
    if isinstance(event, CommandEvent):
        return _evolve_command(product, event, recorded.recorded_at, recorded.position)
    match event:
        case ProductObserved() | RevisionMoved() | RecordGone() | RecordMergedThere() | RecordLinked():
            return _evolve_sight(product, event, recorded.position)
        case StockObserved():
            return _evolve_stock(product, event, recorded)
        case PushWithheld():
            return replace(product, withheld=event)
        case RecordMergedInto():
            return replace(product, merged_into=event.record)
        case PushAskedFor() if "wizcommerce" in product.gone:  # it is made anew there
            return _without_wizcommerce(product)
        case ZeroPolicyChosen(policy=policy):
            return replace(product, zero_policy=policy)
        case AttentionNeeded():
            return replace(product, attention={**product.attention, event.topic: event})
        case AttentionCleared():
            return replace(product, attention={k: v for k, v in product.attention.items() if k != event.topic})
        case _:
            return product


def is_decided_against(event: Event, who: str) -> bool:
    """Whether a person decides with it that the product is never sent: something was to be sent, or nothing was on its way."""
    if isinstance(event, PushWithheld):
        return event.reason == NEVER
    return decided_against(event, who)


def _evolve_sight(
    product: Product,
    event: ProductObserved | RevisionMoved | RecordGone | RecordMergedThere | RecordLinked,
    position: int,
) -> Product:
    after = {**product.sight_after, event.system: position}
    match event:
        case ProductObserved(system=system):
            return replace(
                product,
                sights={**product.sights, system: event},
                sight_after=after,
                gone=product.gone - {system},
                links={system: event.remote_id, **product.links},
                former_sku=_former_sku(product, event),
                not_taken=_still_not_taken(product, event.content) if system == "wizcommerce" else product.not_taken,
            )
        case RevisionMoved(system=system) if system in product.sights:
            moved = replace(
                product.sights[system], revision=event.revision, fetched_after=event.fetched_after, changed_at=None
            )
            return replace(product, sights={**product.sights, system: moved}, sight_after=after)
        case RecordGone(system=system):
            return replace(product, gone=product.gone | {system}, sight_after=after)
        case RecordMergedThere(system=system, into=into):
            return replace(product, merged_there={**product.merged_there, system: into})
        case RecordLinked(system=system, remote_id=remote_id):
            return replace(product, links={**product.links, system: remote_id}, gone=product.gone - {system})
        case _:
            return product


def _former_sku(product: Product, event: ProductObserved) -> str:
    before = product.shown_by("wizcommerce")
    if event.system != "wizcommerce" or before is None or sku_key(before.sku) == sku_key(event.content.sku):
        return product.former_sku
    return sku_key(before.sku)


def _still_not_taken(product: Product, shown: ProductContent) -> dict[ProductField, str]:
    """What a person did over there meanwhile is none of it any more."""
    done = {"active": "yes" if shown.active else "", "sku": shown.sku}
    return {field: value for field, value in product.not_taken.items() if done[field] != value}


def _evolve_stock(product: Product, event: StockObserved, recorded: Recorded) -> Product:
    seen = replace(
        product,
        stock={**product.stock, event.system: event},
        stock_after={**product.stock_after, event.system: recorded.position},
    )
    if event.system == "quickbooks":
        return seen
    there = product.shown_by("wizcommerce")
    sku = product.stocked.sku if product.stocked else there.sku if there else ""
    return replace(seen, stocked=StockDraft(sku=sku, level=event.level))


def _without_wizcommerce(product: Product) -> Product:
    """As if WizCommerce had never had it."""

    def others(known: dict[str, object]) -> dict[str, object]:
        return {system: one for system, one in known.items() if system != "wizcommerce"}

    return replace(
        product,
        links=others(dict(product.links)),
        sights=others(dict(product.sights)),
        stock=others(dict(product.stock)),
        gone=product.gone - {"wizcommerce"},
        former_sku="",
        put_category="",
        put_attributes=(),
        stocked=None,
    )


def _evolve_command(product: Product, event: CommandEvent, at: datetime, position: int) -> Product:
    known = evolve_commands(product.commands, event, at, product.both_hash)
    product = replace(product, commands=known, withheld=None)
    command = known.get(event.command_id)
    draft = command.first.draft if command is not None and command.first is not None else None
    if isinstance(event, CommandAccepted):
        return replace(_acknowledged(product, draft, at), stocked_after=_at(product, draft, position))
    if isinstance(event, CommandRefused) and event.code in NOT_BY_API and isinstance(draft, ProductUpdate):
        field = NOT_BY_API[event.code]
        written = _acknowledged(product, replace(draft, fields=tuple(f for f in draft.fields if f != field)), at)
        value = draft.sku if field == "sku" else "yes" if draft.active else ""
        return replace(written, not_taken={**product.not_taken, field: value})
    return product


def _at(product: Product, draft: object, position: int) -> int:
    return position if isinstance(draft, StockDraft) else product.stocked_after


def _acknowledged(product: Product, draft: object, at: datetime) -> Product:
    match draft:
        case ProductDraft():
            return replace(product, put_category=draft.category, put_attributes=_named(draft), put_at=at)
        case ProductUpdate(fields=fields):
            category = draft.category if "category" in fields else product.put_category
            named = _named(draft) if "attributes" in fields else product.put_attributes
            return replace(product, put_category=category, put_attributes=named, put_at=at)
        case StockDraft():
            return replace(product, stocked=draft, stocked_at=at)
        case _:
            return product


def _named(draft: ProductDraft | ProductUpdate) -> tuple[str, ...]:
    return tuple(one.name for one in draft.attributes if one.value)


def effective_sku(content: ProductContent, source: str) -> str:
    """The SKU of a QuickBooks item as a connection takes it: from its field, its name or its full name; '' for none."""
    chosen = {"name": content.name, "full-name": content.full_name or content.name}.get(source, content.sku)
    return chosen.strip()


def order_key(product: Product, source: str) -> str:
    """The SKU under which orders name the product, as SKUs are compared: WizCommerce's where it has the product, since what
    was renamed in QuickBooks is sold under its old SKU there; else the item's own. '' for none."""
    there = product.shown_by("wizcommerce")
    if there is not None and "wizcommerce" not in product.gone:
        return sku_key(there.sku)
    return sku_key(effective_sku(product.item, source)) if product.item else ""


def shown_sku(product: Product) -> str:
    """The SKU people know it by: WizCommerce's, else the item's own field, else its name."""
    there, item = product.shown_by("wizcommerce"), product.item
    return (there.sku if there else "") or (item.sku or item.name if item else "")


def usable(content: ProductContent) -> bool:
    """Whether an invoice line may name it: active and sellable. By which SKU it is found is another question."""
    return content.active and content.sellable


def is_category(content: ProductContent) -> bool:
    """Whether an item is a category of QuickBooks, and no product."""
    return content.item_type == "Category"


def path_of(content: ProductContent) -> str:
    """The category of an item as WizCommerce writes it: `Decor::Vases`; '' for none. Source: WizCommerce reference, A-37."""
    return "::".join(content.full_name.split(":")[:-1])


def last_refused(product: Product, verb: str) -> Command | None:
    """The newest command of `verb`, if it was refused."""
    last = max((c for c in product.commands.values() if c.verb == verb), key=lambda c: c.issued_at, default=None)
    return last if last is not None and last.status == "refused" else None


def level_there(product: Product) -> StockLevel | None:
    """The stock record that WizCommerce has, as far as we know."""
    return product.stocked.level if product.stocked else None
