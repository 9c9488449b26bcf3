"""External ids: one of a kind per tenant and resource, unless a switch says otherwise (A-04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.wizcommerce.standin.answers import Problem, Refusal, problem
from adapters.wizcommerce.standin.desk import Desk
from adapters.wizcommerce.standin.records import Record


def refuse_taken_reference(desk: Desk, store: Mapping[str, Record], reference_id: str) -> None:
    """Raise the refusal, 400 or 409 by the switch, when a record of the store has this reference already."""
    refuse_taken_references(desk, store.values(), [("reference_id", reference_id)])


def refuse_taken_references(desk: Desk, others: Iterable[Record], wanted: Sequence[tuple[str, str]]) -> None:
    """Raise the refusal when another record has one of the wanted references, or two of them are equal.

    `wanted` pairs the name of the field with the reference.
    """
    answer = desk.switches.a04_duplicate_references
    if answer == "accepted":
        return
    taken = {one["reference_id"] for one in others}
    problems: list[Problem] = []
    for field, reference_id in wanted:
        if reference_id in taken:
            problems.append(problem(field, "is taken already"))
        taken.add(reference_id)
    if problems:
        raise Refusal(int(answer), "The request is not valid.", problems)
