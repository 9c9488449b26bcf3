"""What kinds of account may be used for what, where an account says its type. Source: QuickBooks reference, code 6430."""

from __future__ import annotations

from adapters.quickbooks.standin import refusals
from adapters.quickbooks.standin.company import Record

DEPOSIT_ACCOUNTS = frozenset({"Bank", "Other Current Asset"})
DISCOUNT_ACCOUNTS = frozenset({"Income", "Other Income", "Expense", "Other Expense", "Cost of Goods Sold"})
# For each reference of an item. Source: QuickBooks reference, sections 6 (6430) and 7.4.
ACCOUNTS_FOR = {
    "IncomeAccountRef": frozenset({"Income", "Other Income"}),
    "ExpenseAccountRef": frozenset({"Expense", "Other Expense", "Cost of Goods Sold"}),
    "AssetAccountRef": frozenset({"Other Current Asset"}),
}


def must_be_of_type(account: Record, allowed: frozenset[str]) -> None:
    """Raises Fault 6430 for an account of another type."""
    kind = account.wire.get("AccountType")
    if kind is not None and kind not in allowed:
        raise refusals.invalid_account_type(account.wire["Name"])
