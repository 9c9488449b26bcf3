"""A stand-in made to give a recorded reply: the requests that lead to it are read off the recording itself."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.wire import read_json, write_json

Wire = dict[str, Any]

# What QuickBooks gives, and what a company with one currency must not be sent.
_NOT_SENT = ("Id", "SyncToken", "MetaData", "CurrencyRef")


class Bench:
    """One company behind the REST address, and the means to bring it where a recording was made."""

    def __init__(self, intuit: QuickBooksStandIn, books: httpx.Client) -> None:
        self.intuit = intuit
        self.books = books
        self.ready = intuit.ready_line(str(books.base_url).partition("/v3")[0])

    def get(self, path: str, status: int = 200, **options: str) -> Any:
        return _tree(self.books.get(path, params=options), status)

    def post(self, path: str, body: Any, status: int = 200, **options: str) -> Any:
        headers = {"Content-Type": "application/json"}
        return _tree(self.books.post(path, content=write_json(body), params=options, headers=headers), status)

    def query(self, statement: str, status: int = 200) -> Any:
        return self.get("/query", status, query=statement)

    def first(self, statement: str) -> Wire | None:
        """The first row of a query."""
        rows = [rows for rows in self.query(statement)["QueryResponse"].values() if isinstance(rows, list)]
        found: Wire | None = rows[0][0] if rows else None
        return found

    def create(self, entity: str, recorded: Wire, **changes: Any) -> Any:
        """What is answered to a recorded entity sent as new; its references go to records of the same name here."""
        return self.post(f"/{entity.lower()}", self.as_new(recorded, **changes))

    def as_new(self, recorded: Wire, **changes: Any) -> Wire:
        """A recorded entity as the request it may have come from."""
        body = {key: value for key, value in recorded.items() if key not in _NOT_SENT}
        found: Wire = self._pointing_here({**body, **changes})
        return found

    def _pointing_here(self, tree: Any, name: str = "") -> Any:
        if isinstance(tree, list):
            return [self._pointing_here(one) for one in tree]
        if not isinstance(tree, dict):
            return tree
        if name in _REFERENCES and "name" in tree:
            entity, more = _REFERENCES[name]
            return {**tree, "value": self.named(entity, tree["name"], **more)}
        return {key: self._pointing_here(value, key) for key, value in tree.items()}

    def named(self, entity: str, name: str, **more: Any) -> str:
        """The id of the record with this name, made by a person, with more properties, when there is none."""
        column = "DisplayName" if entity == "Customer" else "Name"
        records = self.intuit.company().all(entity)
        ids = [one.id for one in records if name in (one.wire[column], one.wire["FullyQualifiedName"])]
        if ids:
            return ids[0]
        above, _, last = name.rpartition(":") if entity == "Account" else ("", "", name)
        under = {"SubAccount": True, "ParentRef": {"value": self.named(entity, above, **more)}} if above else {}
        made = self.intuit.by_hand(f"add-{entity.lower()}", **{column: last, **more, **under})
        return str(made["Id"])

    def prefer(self, **groups: Wire) -> None:
        self.intuit.by_hand("set-preferences", **groups)


_INCOME = ("Account", {"AccountType": "Income", "AccountSubType": "ServiceFeeIncome"})
# Which record a reference means, and what one that has to be made must have.
_REFERENCES: dict[str, tuple[str, Wire]] = {
    "CustomerRef": ("Customer", {}),
    "ItemRef": ("Item", {"Type": "Service", "IncomeAccountRef": {"value": "1"}}),
    "ParentRef": ("Item", {}),
    "ClassRef": ("Class", {}),
    "DepartmentRef": ("Department", {}),
    "IncomeAccountRef": _INCOME,
    "ExpenseAccountRef": ("Account", {"AccountType": "Cost of Goods Sold"}),
    "AssetAccountRef": ("Account", {"AccountType": "Other Current Asset"}),
    "DiscountAccountRef": _INCOME,
    "DepositToAccountRef": ("Account", {"AccountType": "Bank"}),
}


def _tree(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    return read_json(answer.content)
