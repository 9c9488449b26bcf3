"""What a product's decision depends on, and what WizCommerce is to have of it by that. Pure."""

from decimal import Decimal

from engine.domain.choices import Choices
from engine.domain.product import Product
from engine.domain.stock import is_hidden, wanted_level, zero_policy
from engine.domain.values import CompanyFacts, StockLevel, System, Value

HERE: System = "wizcommerce"


class ProductAround(Value, frozen=True, kw_only=True):
    """What a product's decision depends on beside the product."""

    connection: str
    decides: bool = False
    """Whether a person accepted the first sync and QuickBooks' items were read whole."""
    facts: CompanyFacts = CompanyFacts(name="")
    choices: Choices = Choices()
    others: int = 0
    """Active items of QuickBooks beside this one that have its SKU."""
    taken_by: str = ""
    """The stream of another item, whose product has this SKU in WizCommerce."""
    reserved: Decimal = Decimal(0)
    """What confirmed orders take of it that is not in QuickBooks' figure yet."""

    @property
    def sku_source(self) -> str:
        return self.choices.of("sku-source")


class Wanted(Value, frozen=True, kw_only=True):
    """What WizCommerce is to have of a product: its stock record, and whether it is shown."""

    level: StockLevel | None
    shown: bool
    hidden: bool


def wanted_of(product: Product, around: ProductAround) -> Wanted:
    """The stock record that is wanted, and whether the product is to be shown, or hidden for want of stock."""
    policy = zero_policy(product, around.choices.of("zero-stock"))
    level = wanted_level(product, around.facts, around.reserved, policy)
    item = product.item
    lives = item is not None and item.active and "quickbooks" not in product.gone and not product.merged_there
    hidden = lives and is_hidden(level, policy)
    return Wanted(level=level, shown=lives and not hidden, hidden=hidden)
