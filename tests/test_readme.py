"""What the README says of the stand-ins is there: its tests, the hands, the control calls and the fields of the ready lines."""

import re
from pathlib import Path

import pytest

from adapters.quickbooks.standin import QuickBooksStandIn
from adapters.standin.control import ControlRefused
from adapters.wizcommerce.standin import WizCommerceStandIn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README[README.index("## The stand-ins") : README.index("## What may go wrong")]
HONOURED = SECTION[SECTION.index("### What they honour") : SECTION.index("Each of the 25 points")]
FAMILIES = {"add", "edit", "deactivate", "reactivate"}
VERB = re.compile(r"[a-z]+(?:-[a-z]+)*")


def verbs_of(standin: QuickBooksStandIn | WizCommerceStandIn, mark: str) -> list[str]:
    with pytest.raises(ControlRefused) as told:
        standin.by_hand("nothing")
    return VERB.findall(str(told.value).split(mark)[1])


def test_every_test_the_readme_names_is_there() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+[a-z0-9])`", SECTION))
    assert len(named) >= 25
    assert [one for one in named if f"def {one}(" not in written] == []


def test_all_25_points_of_the_checklist_have_a_test() -> None:
    points = re.findall(r"\| (\d+) \| `test_\w+`", SECTION)
    assert sorted(map(int, points)) == list(range(1, 26))


@pytest.mark.parametrize(
    ("head", "prefix"), [("QuickBooks reference", "quickbooks_standin"), ("WizCommerce reference", "wizcommerce")]
)
def test_every_file_of_tests_the_readme_names_is_there(head: str, prefix: str) -> None:
    table = HONOURED[HONOURED.index(f"| {head} |") :].split("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.rsplit("|", 2)[1])}
    assert len(named) >= 8
    files = {path.name for path in (ROOT / "tests" / "adapters").iterdir()}
    assert {f"test_{prefix}_{name}.py" for name in named} - files == set()


def test_every_hand_is_in_the_readme_and_every_hand_there_is_one() -> None:
    tables = SECTION[SECTION.index("| a bookkeeper's hands") : SECTION.index("### What they honour")]
    theirs, sellers = tables.split("| a seller's hands")
    for table, standin, mark in (
        (theirs, QuickBooksStandIn(), "they can "),
        (sellers, WizCommerceStandIn(), "known are "),
    ):
        rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("|")]
        named = {verb for row in rows for verb in re.findall(r"`([a-z]+(?:-[a-z]+)*)`", row)}
        lists = next((row for row in rows if "`add-…`" in row), "")
        families = {f"{verb}-{word}" for verb in FAMILIES for word in VERB.findall(lists.partition(" with ")[2])}
        assert named | families == set(verbs_of(standin, mark))


def test_the_ready_lines_hold_what_the_readme_says() -> None:
    for name, standin in (("QuickBooks", QuickBooksStandIn()), ("WizCommerce", WizCommerceStandIn())):
        said = re.search(rf"{name}'s? (?:line has )?(`api`[^;.]*)[;.]", SECTION)
        assert said is not None
        assert set(re.findall(r"`(\w+)`", said[1])) == set(standin.ready_line("http://127.0.0.1:1"))
