"""A product: which QuickBooks item stands for a SKU."""

from msgspec.structs import replace

from engine.domain.events import ProductObserved, Recorded, RecordGone, RevisionMoved
from engine.domain.values import ProductContent, Value


class Product(Value, frozen=True, kw_only=True):
    """What the events of one product stream add up to."""

    stream: str
    version: int = 0
    sight: ProductObserved | None = None
    sight_after: int = 0
    gone: bool = False


def no_product(stream: str) -> Product:
    """A product before its first event."""
    return Product(stream=stream)


def evolve_product(product: Product, recorded: Recorded) -> Product:
    """The product after one more event."""
    product = replace(product, version=recorded.version)
    match recorded.event:
        case ProductObserved() as event:
            return replace(product, sight=event, sight_after=recorded.position, gone=False)
        case RevisionMoved() as event if product.sight:
            moved = replace(product.sight, revision=event.revision, fetched_after=event.fetched_after)
            return replace(product, sight=moved, sight_after=recorded.position)
        case RecordGone():
            return replace(product, gone=True, sight_after=recorded.position)
        case _:
            return product


def usable(content: ProductContent) -> bool:
    """Whether an invoice line may name it: active, sellable, with a SKU to be found by."""
    return content.active and content.sellable and bool(content.sku.strip())
