"""Importing any of our packages is silent: no warning, no word, no connection."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = sorted(
    ".".join(file.parent.relative_to(ROOT).parts)
    for room in ("engine", "adapters", "projections")
    for file in (ROOT / room).rglob("__init__.py")
)
MODULES = sorted(
    ".".join(file.with_suffix("").relative_to(ROOT).parts)
    for room in ("engine", "adapters", "projections")
    for file in (ROOT / room).rglob("*.py")
    if not file.name.startswith("__")
)


def silent(program: str) -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("package", ["adapters.wiring", "engine.log", "projections", "adapters.quickbooks.standin"])
def test_a_package_is_imported_first_without_a_word(package: str) -> None:
    silent(f"import {package}")


def test_all_packages_and_all_modules_are_imported_without_a_word() -> None:
    silent("; ".join(f"import {name}" for name in (*PACKAGES, *MODULES)))


def test_the_domain_needs_nothing_but_itself() -> None:
    silent(
        "import sys, engine.domain.policies, engine.domain.matching, engine.domain.connection, engine.domain.product\n"
        "for name in ('psycopg', 'httpx', 'eventsourcing', 'starlette', 'click', 'cryptography'):\n"
        "    assert name not in sys.modules, name\n"
    )
