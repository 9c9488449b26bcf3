"""Payment terms that can be made in QuickBooks from their name alone."""

import pytest

from engine.domain.drafts import TermDraft
from engine.domain.terms import AT_ONCE, LONGEST_NAME, term_disagreements, term_from
from engine.domain.values import OtherContent


@pytest.mark.parametrize(
    ("written", "name", "days"),
    [
        ("Net 30", "Net 30", 30),
        ("NET30", "NET30", 30),
        ("net-45", "net-45", 45),
        ("Net - 45", "Net - 45", 45),
        ("  Net \n 30 ", "Net 30", 30),
        ("N30", "N30", 30),
        ("n 7", "n 7", 7),
        ("Due in 10 days", "Due in 10 days", 10),
        ("due in 1 Day", "due in 1 Day", 1),
        ("30", "30", 30),
        ("30 days", "30 days", 30),
        ("60days", "60days", 60),
        ("Net 0", "Net 0", 0),
        ("Net 999", "Net 999", 999),
        ("Net 30" + " " * 40, "Net 30", 30),
        ("COD", "COD", 0),
        ("c.o.d.", "c.o.d.", 0),
        ("Cash on Delivery", "Cash on Delivery", 0),
        ("Cash", "Cash", 0),
        ("PREPAID", "PREPAID", 0),
        ("Due on receipt", "Due on receipt", 0),
    ],
)
def test_a_term_that_says_when_it_is_due_can_be_made(written: str, name: str, days: int) -> None:
    assert term_from(written) == TermDraft(name=name, due_days=days)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " \n ",
        "Net",
        "days",
        "Net 30 EOM",
        "2/10 Net 30",
        "Net 30/60",
        "Net 1000",
        "Net 30.5",
        "Net -30-",
        "15th of the month",
        "COD or Net 30",
        "on account",
    ],
)
def test_a_term_that_does_not_say_when_is_made_by_a_person(written: str) -> None:
    assert term_from(written) is None


def test_a_term_may_be_as_long_as_quickbooks_takes() -> None:
    longest = "C.O.D".ljust(LONGEST_NAME, ".")

    assert term_from(longest) == TermDraft(name=longest, due_days=0)
    assert term_from(longest + ".") is None


def test_what_is_due_at_once_is_known_by_its_letters() -> None:
    assert {"cod", "cash", "cashondelivery", "dueonreceipt", "prepaid"} == AT_ONCE
    assert LONGEST_NAME == 31


@pytest.mark.parametrize(
    ("title", "active", "differs"),
    [
        ("Net 30", True, ()),
        ("NET-30", True, ()),
        ("Net 60", True, ("another name",)),
        ("Net 30", False, ("not active",)),
        ("Net 60", False, ("another name", "not active")),
    ],
)
def test_a_term_is_its_name_while_it_is_active(title: str, active: bool, differs: tuple[str, ...]) -> None:
    draft = TermDraft(name="Net 30", due_days=30)

    assert term_disagreements(draft, OtherContent(title=title, active=active)) == differs
