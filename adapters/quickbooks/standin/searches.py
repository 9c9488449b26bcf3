"""The last searches of a company, so that the pages of one sweep are cut from one search."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

R = TypeVar("R")

MOST_KEPT = 8


class Searches(Generic[R]):
    """What was found, by what was searched for; forgotten as soon as anything in the company has changed."""

    def __init__(self) -> None:
        self._found: dict[Hashable, list[R]] = {}

    def forget(self) -> None:
        self._found.clear()

    def found(self, wanted: Hashable, search: Callable[[], list[R]]) -> list[R]:
        """What `search` finds, or found the last time; not to be changed by whoever gets it."""
        rows = self._found.get(wanted)
        if rows is None:
            rows = search()
            if len(self._found) >= MOST_KEPT:
                self._found.pop(next(iter(self._found)))
            self._found[wanted] = rows
        return rows
