"""What many orders come to, currency by currency."""

from collections.abc import Iterable
from decimal import Decimal


def totals_of(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Currency ('' where none is named) → sum."""
    totals: dict[str, Decimal] = {}
    for currency, amount in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return totals


def money(totals: dict[str, Decimal]) -> str:
    """`285.00 USD, 12.00 EUR`; `0` for nothing."""
    return ", ".join(f"{total:f} {currency}".strip() for currency, total in totals.items()) or "0"
