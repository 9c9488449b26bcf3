"""One request to the REST core, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adapters.quickbooks.standin.envelope import asks_for_json
from adapters.quickbooks.standin.refusals import Fault

Wire = dict[str, Any]


@dataclass
class Errand:
    """The parts of a request, and what they were recognised as: `verb` is set for writes, `id` for reads."""

    realm: str
    method: str
    path: str
    rest: str
    options: dict[str, str]
    body: bytes
    accept: str
    content_type: str
    authorization: str
    # Scheme and host it was asked at.
    address: str = ""
    operation: str = ""
    metering: str = ""
    verb: str = ""
    # What is wanted of one document beside reading it: "send" or "pdf".
    action: str = ""
    id: str = ""
    tree: Wire | None = None
    unreadable: Fault | None = None

    @property
    def takes_json(self) -> bool:
        return asks_for_json(self.accept)

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def is_utf8(self) -> bool:
        try:
            self.body.decode()
        except UnicodeDecodeError:
            return False
        return True

    @property
    def statement(self) -> str:
        """The query, from the address or from the body of a POST."""
        if self.method == "POST":
            return self.body.decode(errors="replace")
        return self.options.get("query", "")

    @property
    def include(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.options.get("include", "").split(",") if part.strip())
