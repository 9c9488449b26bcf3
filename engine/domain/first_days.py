"""Whether each item of an order was there on the day of its invoice: QuickBooks refuses one that is dated before the start of an
item it counts (fault 6270). The start is in the item as it was read, so it is known without a call.

Source: QuickBooks reference, 6 and 7.4.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import TYPE_CHECKING

from engine.domain.events import PushWithheld
from engine.domain.invoice_from_order import item_skus
from engine.domain.overrides import Override
from engine.domain.values import OrderContent

if TYPE_CHECKING:
    from engine.domain.withholding import Circumstances

MOST_NAMED = 5


def waits_for_item(connection: str, item: str) -> str:
    """The key that arrives whenever QuickBooks shows that item anew."""
    return f"item-shown:{connection}:{item}"


def _named(content: OrderContent, around: "Circumstances", override: Override) -> Iterator[tuple[str, str]]:
    """(what people call it, QuickBooks' id) of each item on the invoice, those inside bundles too."""
    for key, sku in item_skus(content, around.choices, override).items():
        if key in around.bundles:
            yield from ((part.called, part.item) for part in around.bundles[key].parts)
        elif len(around.items.get(key, ())) == 1:
            yield sku, around.items[key][0]


def start_problem(
    content: OrderContent, around: "Circumstances", day: date, override: Override, but: Collection[str] = ()
) -> PushWithheld | None:
    """Why an invoice of `day` would be refused for its items, those in `but` left aside; None when it would not."""
    late = [
        (around.starts[item], sku, item)
        for sku, item in _named(content, around, override)
        if item not in but and day < around.starts.get(item, day)
    ]
    if not late:
        return None
    named = ", ".join(f"{sku} ({start})" for start, sku, _ in late[:MOST_NAMED])
    more = f" and {len(late) - MOST_NAMED} others" if len(late) > MOST_NAMED else ""
    keys = [waits_for_item(around.connection, item) for _, _, item in late]
    return PushWithheld(
        reason="item-start",
        sentence=f"an invoice of {day} is before the start in QuickBooks of {named}{more}, and would be refused",
        needs_person=True,
        next_step=f"Give it a later date: `wizqbo edit-and-retry order {content.number} --date {max(late)[0]}`; or change the "
        "start of the item in QuickBooks, and it goes by itself.",
        waits_for=keys[0],
        waits_too=(*keys[1:], f"facts:{around.connection}"),
    )
