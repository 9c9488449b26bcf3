"""The order of the other side's own versions: never a clock of ours (DESIGN, law 8)."""

from engine.clock import instant
from engine.domain.values import System


def revision_order(system: System, one: str, other: str) -> int:
    """-1, 0 or 1: QuickBooks counts, WizCommerce states a time. '' says nothing, and is neither older nor newer."""
    if not one or not other or one == other:
        return 0
    if system == "quickbooks":
        return (int(one) > int(other)) - (int(one) < int(other))
    return (instant(one) > instant(other)) - (instant(one) < instant(other))
