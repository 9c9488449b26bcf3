"""What a person chose for an order's invoice, in words."""

from engine.domain.fields import Lists
from engine.domain.overrides import Override


def override_words(override: Override, lists: Lists) -> str:
    """`number WC-1001-B, dated 2026-12-01, term Net 60, glass-9 as VASE-01`; '' when it is as the order says."""
    said = [
        f"number {override.number}" if override.number else "",
        f"dated {override.dated}" if override.dated else "",
        f"term {lists.terms.get(override.term, override.term)}" if override.term else "",
        *(f"SKU {sku} goes to item {item}" for sku, item in override.items.items()),
    ]
    return ", ".join(part for part in said if part)
