"""A document that was voided: a live object whose note begins with `Voided`. Source: QuickBooks reference, section 2.9."""

from __future__ import annotations

from typing import Any

Wire = dict[str, Any]


def is_void(wire: Wire) -> bool:
    return bool(wire["TotalAmt"] == 0) and str(wire.get("PrivateNote", "")).startswith("Voided")


def void_note(wire: Wire) -> str:
    note = wire.get("PrivateNote")
    return f"Voided - {note}" if note else "Voided"
