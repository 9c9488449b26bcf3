"""What the README says is there: the commands and their examples; of the stand-ins the tests, the hands and the ready lines."""

import re
import shlex
from pathlib import Path

import click
import pytest

from adapters.cli.program import COMMANDS
from adapters.cli.session import Session
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


def test_every_test_that_shows_a_promise_is_there() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    table = README.partition("## What is promised")[2].partition("\n## ")[0]
    kept = [row for row in table.splitlines() if "| yes |" in row]
    assert len(kept) >= 18 and all("`test_" in row for row in kept)
    assert [one for one in re.findall(r"`(test_\w+)`", table) if f"def {one}(" not in written] == []


def test_each_of_the_22_questions_is_answered_by_a_test() -> None:
    table = README.partition("### What administrators ask")[2].partition("\n## ")[0]
    rows = [row.split("|")[1:-1] for row in table.splitlines() if re.match(r"\| \d+ \|", row)]
    assert [int(number) for number, _, _ in rows] == list(range(1, 23))
    assert [int(number) for number, _, answer in rows if "`test_" not in answer] == []


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


COMMAND_TABLE = README[README.index("| command | what it does | example |") :].split("\n\n")[0]


def test_every_command_has_a_row_and_every_row_a_command() -> None:
    rows = [row.split("|")[1] for row in COMMAND_TABLE.splitlines()[2:]]
    named = {name for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == {command.name for command in COMMANDS}


@pytest.mark.parametrize("example", re.findall(r"`[^`]*bin/wizqbo ([^`]+)` \|", COMMAND_TABLE))
def test_every_example_of_the_table_is_typed_as_the_command_takes_it(example: str) -> None:
    session = Session()
    words = shlex.split(example)
    if words[0] == "--as":
        session.actor, words = words[1], words[2:]
    command = next(one for one in COMMANDS if one.name == words[0])
    rest = words[1:]
    if isinstance(command, click.Group):
        verb, rest = (rest[0], rest[1:]) if rest[0] in command.commands else ("list", rest)
        command = command.commands[verb]
    if command.name != "demo":  # it is loaded only when it is run
        command.make_context(words[0], rest, obj=session)
