"""External ids: one of a kind per tenant and resource, unless a switch says otherwise (A-04)."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.wizcommerce.standin.answers import Refusal, problem
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.records import Record


def refuse_taken_reference(desk: Desk, store: Mapping[str, Record], reference_id: str) -> None:
    """Raise the refusal, 400 or 409 by the switch, when a record of the store has this reference already."""
    answer = desk.switches.a04_duplicate_references
    if answer == "accepted" or all(one["reference_id"] != reference_id for one in store.values()):
        return
    raise Refusal(int(answer), "The request is not valid.", [problem("reference_id", "is taken already")])
