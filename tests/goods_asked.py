"""How tests read what is said of a product."""

from typing import Any

from tests.adapters.command_line import told
from tests.shop import Shop


def why(shop: Shop, ident: str) -> dict[str, Any]:
    """`why product` as JSON has it."""
    found: dict[str, Any] = told(shop.world, "why", "product", ident)
    return found


def in_order(text: str, *words: str) -> None:
    """All of them stand in the text, one after the other."""
    place = 0
    for one in words:
        found = text.find(one, place)
        assert found >= 0, f"{one!r} does not follow in:\n{text[place:]}"
        place = found + len(one)
