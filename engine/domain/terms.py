"""Payment terms that QuickBooks does not have: which of them can be made, from their name alone. Pure."""

import re

from engine.domain.drafts import TermDraft
from engine.domain.values import OtherContent, folded

LONGEST_NAME = 31
"""Source: QuickBooks reference, 7.3."""
AT_ONCE = frozenset({"cod", "prepaid", "dueonreceipt", "cashondelivery", "cash"})
"""Terms that are due at once, as people write them."""

_DAYS = re.compile(r"(?:net|n|due in)?\s*-?\s*(\d{1,3})\s*(?:days?)?", re.IGNORECASE)
"""At most 999 days: QuickBooks reference, 7.3."""


def term_from(text: str) -> TermDraft | None:
    """The term a text of WizCommerce's names: `Net 30` and `NET30` are due in 30 days, `COD` at once. None when the text does not
    say when, or is longer than QuickBooks takes: then a person makes it."""
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        return None
    if folded(name) in AT_ONCE:
        return TermDraft(name=name, due_days=0)
    found = _DAYS.fullmatch(name)
    return TermDraft(name=name, due_days=int(found.group(1))) if found else None


def term_disagreements(draft: TermDraft, found: OtherContent) -> tuple[str, ...]:
    """Where a term differs from what we sent; empty when it agrees."""
    name = () if folded(draft.name) == folded(found.title) else ("another name",)
    return name if found.active else (*name, "not active")
